"""Find who a film is about, once each, and follow them through later mentions and pronouns."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from reelgraph.video_tools.film import Bible, Character
from reelgraph.video_tools.planning.lexicon import people, stems, verbs, words
from reelgraph.video_tools.planning.outline import Beat, Outline
from reelgraph.video_tools.planning.palette import cast_palette

_TOKEN = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*\.?(?=[\s,;:!?)\"”’']|$)|[^\W_]+(?:['’.\-][^\W_]+)*|[^\w\s]")
_DETERMINERS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "his",
        "her",
        "its",
        "their",
        "my",
        "our",
        "your",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "another",
        "some",
        "several",
        "both",
        "each",
        "every",
    ]
)
_INDEFINITE = frozenset(["a", "an", "another", "one", "some", "several", "two", "three", "four", "five", "six"])
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "professor",
        "captain",
        "capt",
        "king",
        "queen",
        "prince",
        "princess",
        "lord",
        "lady",
        "sir",
        "saint",
        "st",
        "aunt",
        "uncle",
        "old",
        "young",
        "little",
        "sergeant",
        "colonel",
        "general",
        "detective",
        "officer",
        "inspector",
        "father",
        "mother",
        "sister",
        "brother",
        "grandma",
        "grandpa",
        "granny",
        "team",
        "player",
        "character",
        "scientist",
    ]
)
_BREAKERS = frozenset(
    [
        "of",
        "in",
        "on",
        "at",
        "by",
        "to",
        "from",
        "with",
        "and",
        "or",
        "but",
        "as",
        "into",
        "onto",
        "over",
        "under",
        "near",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "who",
        "which",
        "that",
        "then",
        "while",
        "when",
        "for",
    ]
)
_NOT_NAMES = frozenset(
    ["i", "i'm", "i'll", "the", "a", "an", "and", "but", "then", "finally", "next", "after", "before", "when", "while", "as", "in", "on", "at", "it", "he", "she", "they", "we", "you", "his", "her", "their", "its", "this", "that", "these", "those", "there", "here", "suddenly", "meanwhile", "later", "soon", "now", "once", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "first", "second", "third", "fourth", "fifth", "last", "another", "some", "all", "both", "each", "every", "no", "not", "with", "without", "from", "for", "to", "of", "by", "under", "over", "between", "inside", "outside", "through", "across", "along", "near", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "god", "english", "french", "german", "italian", "spanish", "chinese", "japanese", "american", "british", "european", "victorian", "if", "so", "or", "how", "why", "what", "who", "where", "our", "my", "your", "let", "please", "every", "everyone", "everything", "someone", "something", "nothing", "nobody", "people", "music", "camera", "shot", "wide", "close", "medium"]
)  # fmt: skip
_MASS = frozenset(
    ["rain", "snow", "wind", "fog", "mist", "smoke", "steam", "dust", "light", "sunlight", "moonlight", "darkness", "silence", "music", "thunder", "lightning", "water", "fire", "night", "day", "dawn", "dusk", "morning", "evening", "traffic", "applause", "laughter", "lava", "sand", "time", "winter", "summer", "spring", "autumn", "titles", "credits", "credit", "fade", "cut", "dissolve", "interior", "exterior"]
)  # fmt: skip


@dataclass
class Person:
    """Somebody as they are found.

    Attributes:
        name: What they are called in the film.
        heads: Common nouns that mean them (`keeper`).
        names: Proper names that mean them, in lower case.
        words: The words that describe them.
        gender: `he`, `she`, `it`, `they`, or nothing where not known.
        kind: Person, animal or object.
        plural: Whether they are a group.
        last: The beat they were last seen in.
    """

    name: str
    kind: str = "person"
    heads: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    gender: str = ""
    plural: bool = False
    last: int = -1
    seen: int = 0
    id: str = ""


@dataclass
class Cast:
    """Everybody found, and who is in which beat."""

    characters: list[Character]
    ids: dict[int, list[str]]  # by id(beat)
    speakers: dict[tuple[int, str], str]  # (id(beat), name as written) -> character id
    why: dict[int, list[str]]


def find_cast(outline: Outline, bible: Bible | None = None) -> Cast:
    """Find the characters of a brief.

    Args:
        outline: The brief, read.
        bible: Characters already known to the project, who keep their ids, words and colours.
    """
    return _Casting(outline, bible or Bible()).cast()


class _Casting:
    def __init__(self, outline: Outline, bible: Bible) -> None:
        self.outline = outline
        self.beats = [beat for scene in outline.scenes for beat in scene.beats]
        self.known = {character.id: character for character in bible.characters}
        self.people: list[Person] = [_from_bible(character) for character in bible.characters]
        self.proper = _proper_names(outline)
        self.why: dict[int, list[str]] = {}

    def cast(self) -> Cast:
        for cue in self.outline.cues:
            self._named(cue)
        ids: dict[int, list[Person]] = {}
        speakers: dict[tuple[int, str], Person] = {}
        for number, beat in enumerate(self.beats):
            here: list[Person] = []
            if not beat.title:
                for person in self._mentions(beat, number, here):
                    if person not in here:
                        here.append(person)
                    person.last = number
                    person.seen += 1
            for said in beat.said:
                if said.speaker and (person := self._speaker(said.speaker, number)):
                    speakers[id(beat), said.speaker] = person
            if beat.speaking and (person := self._speaker(beat.speaking, number)) and person not in here:
                here.insert(0, person)
                person.last, person.seen = number, person.seen + 1
            ids[id(beat)] = here
        kept = [person for person in self.people if person.seen or any(p is person for p in speakers.values())]
        characters = self._characters(kept)
        return Cast(
            characters,
            {beat: [p.id for p in found if p in kept] for beat, found in ids.items()},
            {key: person.id for key, person in speakers.items()},
            self.why,
        )

    # --- finding -----------------------------------------------------------------------------------------------------

    def _mentions(self, beat: Beat, number: int, here: list[Person]) -> Iterator[Person]:
        tokens = [(m[0].rstrip("."), m.start()) for m in _TOKEN.finditer(beat.text)]
        at = 0
        while at < len(tokens):
            word, _ = tokens[at]
            low = word.lower()
            taken = 0
            if length := self._name_at(tokens, at):
                person = self._named(" ".join(w for w, _ in tokens[at : at + length]))
                self._describe_name(person, beat, tokens, at, length)
                yield person
                taken = length
            elif found := self._noun_at(tokens, at, beat, number):
                person, taken = found
                yield person
            elif referred := self._pronoun(low, number, here):
                self.why.setdefault(id(beat), []).append(f"{word!r} is {referred.name}")
                yield referred
            at += max(1, taken)

    def _name_at(self, tokens: list[tuple[str, int]], at: int) -> int:
        """Return how many tokens of a proper name begin here."""
        for length in (4, 3, 2, 1):
            part = [w for w, _ in tokens[at : at + length]]
            if len(part) == length and _name_key(" ".join(part)) in self.proper:
                return length
        return 0

    def _named(self, name: str) -> Person:
        key = _name_key(name)
        for person in self.people:
            if key in person.names:
                return person
        for person in self.people:  # "Mara" for "Mara Ellison", "Ellison" for "Dr. Mara Ellison"
            if any(_part_of(key, known) for known in person.names):
                person.names.add(key)
                if len(name) > len(person.name) and not person.id:
                    person.name = _shown(name)
                return person
        heads = {part for part in key.split() if part in people("person") | people("animal")}
        for person in self.people:  # a script's KEEPER is prose's "the old keeper"
            if heads and len(key.split()) == 1 and heads & person.heads and not person.names:
                person.names.add(key)
                return person
        person = Person(_shown(name), names={key})
        for head in heads:
            person.heads.add(head)
            person.kind = "animal" if head in people("animal") and head not in people("person") else "person"
            person.gender = _gender(head)
        self.people.append(person)
        return person

    def _noun_at(self, tokens: list[tuple[str, int]], at: int, beat: Beat, number: int) -> tuple[Person, int] | None:
        """Read a noun phrase for somebody that begins with a token: `an old lighthouse keeper`."""
        low = tokens[at][0].lower()
        bare = low not in _DETERMINERS
        if bare and not (_head_kind(low) and low.endswith("s")) and low not in ("someone", "somebody", "people"):
            return None
        end = at + (not bare)
        head = -1
        while end < len(tokens) and end - at < 9:
            word = tokens[end][0].lower()
            if word in _BREAKERS or not (word[0].isalnum() or word == ","):
                break
            if word == "," and not (
                end > at + 1 and end + 1 < len(tokens) and tokens[end - 1][0].lower() in people("describing")
            ):
                break
            if _head_kind(word) and not self._compound(tokens, end):
                head = end
                break
            if bare and end > at:
                break
            end += 1
        if head < 0:
            return None
        noun = tokens[head][0].lower()
        phrase = beat.text[tokens[at][1] : tokens[head][1] + len(tokens[head][0])]
        return self._noun(
            noun, phrase, low in _INDEFINITE or (bare and noun.endswith("s")), beat, tokens, head, number
        ), head - at + 1

    def _compound(self, tokens: list[tuple[str, int]], at: int) -> bool:
        """Tell whether a noun only qualifies the next word: `chef jacket`, `dog bowl`."""
        if at + 1 >= len(tokens):
            return False
        word, after = tokens[at][0].lower(), tokens[at + 1][0].lower()
        if after in ("'", "’") or word.endswith(("'s", "’s")):
            return False
        if _head_kind(after) and not after.endswith("s"):
            return True
        if not after[0].isalpha() or after in _BREAKERS or after in _DETERMINERS or after.endswith(("ly", "ed", "ing")):
            return False
        if after in words("verbs")["irregular"] or any(s in verbs("only") or s in verbs("both") for s in stems(after)):
            return False
        return (
            not tokens[at + 1][0][0].isupper()
            and after not in people("describing")
            and after not in _PARTICLES
            and not after.endswith("s")
        )

    def _noun(
        self,
        noun: str,
        phrase: str,
        indefinite: bool,
        beat: Beat,
        tokens: list[tuple[str, int]],
        head: int,
        number: int,
    ) -> Person:
        key = _singular(noun.removesuffix("'s").removesuffix("’s"))
        plural = noun != key and not noun.endswith(("'s", "’s"))
        qualifiers = [w for w in re.findall(r"[\w'’-]+", phrase.lower())[:-1] if w not in _DETERMINERS]
        matches = [p for p in self.people if key in p.heads and p.plural == plural]
        own = [p for p in matches if not qualifiers or _agrees(p, qualifiers)]
        fresh = indefinite and not (phrase.lower().startswith(("one", "two", "three", "four", "five", "six")) and own)
        if own and (not fresh or any(p.seen == 0 for p in own)):
            return max(own, key=lambda p: (p.last, p.seen))
        if matches and not indefinite and not _telling(qualifiers):
            return max(matches, key=lambda p: (p.last, p.seen))
        if not indefinite and (near := self._kind_of(key, number)):
            near.heads.add(key)
            return near
        description = _described(beat.text, tokens, head, phrase)
        person = Person(
            _noun_name(phrase, plural), heads={key}, words=[description], gender=_gender(key), plural=plural
        )
        person.kind = _head_kind(noun) or "person"
        self.people.append(person)
        return person

    def _kind_of(self, key: str, number: int) -> Person | None:
        """Find whom a wider word means: `the bird` after `a sparrow`, `the woman` after `Mara`."""
        wide = {
            "animal": "animal",
            "creature": "animal",
            "bird": "animal",
            "man": "he",
            "woman": "she",
            "boy": "he",
            "girl": "she",
            "person": "person",
        }
        if key not in wide:
            return None
        for person in sorted(self.people, key=lambda p: -p.last):
            if person.last < 0 or number - person.last > 6 or person.plural:
                continue
            if wide[key] == "animal" and person.kind == "animal" and key in ("animal", "creature"):
                return person
            if (
                wide[key] in ("he", "she")
                and person.kind == "person"
                and person.gender in ("", wide[key])
                and person.names
            ):
                person.gender = wide[key]
                return person
        return None

    def _pronoun(self, low: str, number: int, here: list[Person]) -> Person | None:
        """Find whom a pronoun means: the last who can be meant, of this beat or one shortly before."""
        for gender in ("he", "she", "it", "they"):
            if low in people(f"pronouns_{gender}"):
                break
        else:
            return None
        for person in sorted(self.people, key=lambda p: (-(p in here), -p.last, -p.seen)):
            if person.last < 0 or number - person.last > 8:
                continue
            if gender == "they" and person.plural:
                return person
            if (
                gender == "it"
                and person.kind in ("animal", "object")
                and person.gender in ("", "it")
                and not person.plural
            ):
                return person
            if (
                gender in ("he", "she")
                and not person.plural
                and person.gender in ("", gender)
                and person.kind != "object"
            ):
                if person.kind == "person" or person.gender == gender:
                    person.gender = gender
                return person
        return None

    def _speaker(self, name: str, number: int) -> Person | None:
        low = name.lower()
        if referred := self._pronoun(low, number, []):
            return referred
        bare = re.sub(r"^(?:the|an?|his|her|their)\s+", "", low)
        if bare != low:
            noun = bare.split()[-1]
            return next((p for p in self.people if _singular(noun) in p.heads), None) or (
                self._named(bare) if _head_kind(noun) else None
            )
        return self._named(name)

    # --- describing --------------------------------------------------------------------------------------------------

    def _describe_name(self, person: Person, beat: Beat, tokens: list[tuple[str, int]], at: int, length: int) -> None:
        """Take in what follows a name the first time: `MARA (60s, grey coat)`, `Mara, an old keeper with a lamp,`."""
        if person.words or person.id:
            return
        end = tokens[at + length - 1][1] + len(tokens[at + length - 1][0])
        rest = beat.text[end:]
        if match := re.match(r"\.?\s*\(([^)]+)\)", rest):
            person.words.append(match[1].strip())
        elif match := re.match(
            r",\s*((?:an?|the|his|her|their|in|with|wearing|aged|\d{1,3})\b[^.;:!?]*?)(?:,\s+(?!and\b|with\b|in\b|wearing\b)|[.;:!?]|$)",
            rest,
        ):
            described = match[1].strip(" ,")
            if len(described.split()) <= 18:
                person.words.append(described)
        before = re.search(r"((?:\b[\w'’-]+\s+){0,4})$", beat.text[: tokens[at][1]])
        if before and not person.words:
            lead = [w for w in before[1].split() if w.lower() in people("describing")]
            if lead:
                person.words.append(" ".join(lead))
        for word in re.findall(r"[^\W\d_]+", " ".join(person.words).lower()):
            if kind := _head_kind(word):
                person.heads.add(_singular(word))
                person.gender = person.gender or _gender(_singular(word))
                person.kind = kind if not person.seen else person.kind

    def _characters(self, kept: list[Person]) -> list[Character]:
        taken: set[str] = {c.palette[0] for c in self.known.values() if c.palette}
        ids: set[str] = set(self.known)
        out: list[Character] = []
        for person in kept:
            if person.id:
                out.append(self.known[person.id])
                continue
            person.id = _free_id(person.name, ids)
            ids.add(person.id)
            description = "; ".join(dict.fromkeys(w for w in person.words if w))
            aliases = sorted({_shown(n) for n in person.names} - {person.name})
            out.append(
                Character(
                    id=person.id,
                    name=person.name[:80],
                    description=description[:2000],
                    palette=cast_palette(description, taken),
                    aliases=aliases,
                    kind=person.kind,  # type: ignore[arg-type] # one of the noun's three, by construction
                )
            )
        return out


_PARTICLES = frozenset(
    [
        "up",
        "down",
        "away",
        "out",
        "off",
        "back",
        "forward",
        "around",
        "aside",
        "together",
        "too",
        "again",
        "here",
        "there",
        "now",
        "then",
        "home",
        "inside",
        "outside",
        "alone",
        "first",
        "next",
        "just",
        "still",
        "also",
        "almost",
        "always",
        "never",
    ]
)


def _from_bible(character: Character) -> Person:
    person = Person(
        character.name,
        kind=character.kind,
        id=character.id,
        words=[character.description] if character.description else [],
    )
    for name in [character.name, *character.aliases]:
        if name[:1].isupper() and not _head_kind(name.split()[-1].lower()):
            person.names.add(_name_key(name))
    for word in re.findall(r"[^\W\d_]+", " ".join([character.name, *character.aliases]).lower()):
        if _head_kind(word):
            person.heads.add(_singular(word))
            person.gender = person.gender or _gender(_singular(word))
            person.plural = person.plural or _singular(word) != word
    if not person.names and not person.heads:
        person.names.add(_name_key(character.name))
    return person


@cache
def _head_kind(word: str) -> str:
    """Return which kind of somebody a common noun is, or nothing."""
    word = word.removesuffix("'s").removesuffix("’s")
    forms = [word, _singular(word)]
    for kind in ("person", "animal"):
        if any(form in people(kind) for form in forms):
            return kind
    for form in forms:  # "skateboarder", "violist", "fisherwoman"; not "flower" or "center", which -er alone would take
        if len(form) > 5 and form.endswith(
            ("woman", "man", "keeper", "maker", "ologist", "grapher", "player", "dancer", "rider", "fighter")
        ):
            return "person"
    return ""


@cache
def _singular(word: str) -> str:
    irregular = {"men": "man", "women": "woman", "children": "child", "mice": "mouse", "geese": "goose", "wolves": "wolf", "people": "people",
                 "thieves": "thief", "calves": "calf", "wives": "wife", "elves": "elf", "dwarves": "dwarf", "oxen": "ox", "leaves": "leaf"}  # fmt: skip
    for plural, single in irregular.items():
        if word == plural or (
            word.endswith(plural) and word not in ("people",) and plural in ("men", "women", "children")
        ):
            return word[: len(word) - len(plural)] + single
    known = people("person") | people("animal")
    if word in known:
        return word
    for stem in stems(word)[1:]:
        if stem in known:
            return stem
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _gender(head: str) -> str:
    for gender in ("he", "she"):
        if head in people(gender) or (
            head.endswith({"he": "man", "she": "woman"}[gender]) and not (gender == "he" and head.endswith("woman"))
        ):
            return gender
    return ""


def _name_key(name: str) -> str:
    name = re.sub(r"['’]s$", "", unicodedata.normalize("NFC", name))
    return " ".join(name.replace(".", "").lower().split())


def _part_of(key: str, known: str) -> bool:
    """Tell whether one name is the other's first or last part; numbered names (`Character A`) never are."""
    a, b = key.split(), known.split()
    if len(a) == len(b) or len(a[-1]) == 1 or len(b[-1]) == 1:
        return False
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if short[0] in _TITLES and len(short) == 1:
        return False
    return short == long[: len(short)] or short == long[-len(short) :]


def _shown(name: str) -> str:
    """Write a cue's capitals as a name: `MARA` becomes Mara; mixed case stays."""
    name = re.sub(r"['’]s$", "", " ".join(name.split()))
    if name.isupper() and len(name) > 1:
        return " ".join(part if len(part) <= 2 and not part.isalpha() else part.capitalize() for part in name.split())
    return name[:1].upper() + name[1:] if name.islower() else name


def _noun_name(phrase: str, plural: bool) -> str:
    tokens = [
        w
        for w in re.sub(r"['’]s$", "", phrase).split()
        if w.lower().strip(",") not in _DETERMINERS or (plural and w.lower() in ("two", "three", "four", "five", "six"))
    ]
    while len(tokens) > 2:
        tokens.pop(0)
    while len(tokens) > 1 and tokens[0].lower().strip(",") in people("describing") and not plural:
        tokens.pop(0)
    name = " ".join(tokens).strip(" ,")
    return name[:1].upper() + name[1:]


def _agrees(person: Person, qualifiers: list[str]) -> bool:
    """Tell whether a qualified mention may be somebody: what tells two of a kind apart must be in their words."""
    told = [q for q in qualifiers if _telling([q])]
    known = " ".join([*person.words, person.name, *person.names]).lower()
    return all(q in known for q in told)


def _telling(qualifiers: list[str]) -> bool:
    return any(q not in ("same", "whole", "now", "very", "own", "poor", "dear", "good") for q in qualifiers)


def _described(text: str, tokens: list[tuple[str, int]], head: int, phrase: str) -> str:
    """Return the words that introduce somebody: the noun phrase and what is said of them right after."""
    end = tokens[head][1] + len(tokens[head][0])
    tail = re.match(
        r"\s+((?:in|with|wearing|dressed in|of)\s+(?:an?|the|his|her|their|two|[a-z-]+)\b[^.,;:!?]*)", text[end:]
    )
    if tail and len(tail[1].split()) <= 9:
        stop = re.search(
            r"\s(?:"
            + "|".join(["who", "which", "that", "and then", "as", "while", "into", "onto", "through", "from"])
            + r")\b",
            tail[1],
        )
        extra = tail[1][: stop.start()] if stop else tail[1]
        if not _holds_verb(extra):
            return f"{phrase} {extra}".strip()
    return phrase


def _holds_verb(extra: str) -> bool:
    found = re.findall(r"[^\W\d_]+", extra.lower())[2:]
    irregular = words("verbs")["irregular"]
    return any(w in irregular or (w.endswith("s") and any(s in verbs("only") for s in stems(w)[1:])) for w in found)


def _free_id(name: str, taken: set[str]) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:40] or "character"
    id, n = base, 2
    while id in taken:
        id, n = f"{base}-{n}", n + 1
    return id


def _proper_names(outline: Outline) -> set[str]:
    """Collect the names of somebody in a brief, as keys.

    A capitalised word inside a sentence is a name if it acts, owns or is called so somewhere; a script's capitals are one where they
    introduce (`MARA (60s)`), or speak.
    """
    found = {_name_key(cue) for cue in outline.cues}
    texts = [beat.text for scene in outline.scenes for beat in scene.beats if not beat.title]
    whole = "\n".join(texts)
    name = r"(?:(?:Dr|Mr|Mrs|Ms|Prof|St|Capt)\.?\s+)?[^\W\d_][\w'’-]*(?:\s+(?:[^\W\d_a-z][\w'’-]*|[A-Z0-9]\b))*"
    for match in re.finditer(rf"(?<![\w-]){name}", whole):
        words_ = match[0].split()
        while words_ and (words_[0].lower().rstrip(".") in _NOT_NAMES):
            words_.pop(0)
        if not words_ or not words_[0][0].isupper() or len(_name_key(words_[0])) < 2:
            continue
        key = _name_key(" ".join(words_))
        if all(w in _NOT_NAMES or w in _MASS for w in key.split()) or key in found:
            continue
        start = match.end() - len(" ".join(words_))
        before = whole[:start].rstrip(" ")[-14:]
        initial = not before or before[-1] in '.!?…\n"“' or before.endswith(": ")
        after = whole[match.end() : match.end() + 24]
        upper = match[0].isupper() and len(key) > 2
        if (
            (upper and re.match(r"\s*\(", after))
            or re.search(r"\b(?:named|called|name is)\s*$", before)
            or (
                len(words_) > 1
                and words_[0].lower().rstrip(".") in _TITLES
                and words_[0][0].isupper()
                and (len(words_[1]) == 1 or words_[1][0].isupper())
            )
        ):
            found.add(key)
        elif re.search(
            r"\b(?:in|at|to|from|of|near|through|across|over|around|into|the|a|an)\s*$", before, re.I
        ) and not re.match(r"['’]s\b", after):
            continue
        elif _acts(after) and not _common(key, initial):
            found.add(key)
    return {key for key in found if key}


def _acts(after: str) -> bool:
    """Tell whether what follows a word makes it somebody: a verb, a possessive, an age, a list of names."""
    if re.match(r"['’]s\b|\s+and\s+[A-Z]|,\s*\d{1,3}\b|\s*\(", after):
        return True
    match = re.match(r",?\s+(?:\w+ly\s+)?([^\W\d_]+)", after)
    if not match:
        return False
    word = match[1].lower()
    return word in words("verbs")["irregular"] or (
        any(s in verbs("only") or s in verbs("both") for s in stems(word)[1:]) and word.endswith(("s", "ed"))
    )


def _common(key: str, initial: bool) -> bool:
    """Tell whether a capitalised word is an ordinary word after all, as at the head of a sentence."""
    if not initial:
        return key in _MASS
    first = key.split()[0]
    if first in _MASS or first in _NOT_NAMES or _head_kind(first) or first in people("object"):
        return True
    if any(s in verbs("only") or s in verbs("both") for s in stems(first)):
        return True
    return len(key.split()) == 1 and first.endswith(("ness", "ing", "tion", "ment", "ity", "s"))
