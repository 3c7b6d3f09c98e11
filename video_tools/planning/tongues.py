"""Find who a brief in another language than English is about: by small lists of everyday words, names, and pronouns."""

import re
from collections.abc import Iterator
from functools import cache

from reelgraph.video_tools.planning.languages import small_words
from reelgraph.video_tools.planning.lexicon import people, words
from reelgraph.video_tools.planning.nouns import named_gender
from reelgraph.video_tools.planning.outline import Beat, Outline
from reelgraph.video_tools.planning.persons import Person

# Nouns for somebody old that are as often an adjective.
_OLD = frozenset(["viejo", "vieja", "anciano", "anciana", "velho", "velha", "vecchio", "vecchia", "vieille", "عجوز"])
# "A", where it tells what somebody is.
_AN = frozenset(["ein", "eine", "un", "une", "una", "uno", "um", "uma", "en", "ett", "een", "één"])
# A shorter word is a small one: a preposition, an article, "and".
_WORD = 4
_UNSPACED = frozenset({"zh", "ja"})
# What these languages write onto the front of a noun: Arabic "the", "and"; Hebrew "the", "and", "in", "to".
_PREFIXES = {"ar": ("وال", "بال", "ال", "و"), "he": ("וה", "ה", "ו", "ב", "ל")}
# What French and Italian write onto it: "l'homme", "un'amica".
_ELIDED = re.compile(r"(?:l|d|un|(?:d|n)ell|[asd]?all|quell|sull)['’](?=[^\W\d_])")
# What Korean writes onto the end of a noun, by what it does.
_PARTICLE = re.compile("이|가|은|는|을|를|와|과|의|도|에게|들이|들은")
_BEFORE_PLACE = frozenset(
    [
        "en",
        "a",
        "de",
        "à",
        "dans",
        "au",
        "in",
        "im",
        "nach",
        "zu",
        "di",
        "da",
        "em",
        "no",
        "na",
        "в",
        "на",
        "из",
        "к",
        "из",
        "до",
    ]
)


@cache
def _nouns(tongue: str) -> list[tuple[str, str, str]]:
    """Return (noun, kind, gender), the longest first."""
    table = words("tongues")[tongue]
    found = [
        (noun, "animal" if key == "animal" else "person", key if key in ("he", "she") else "")
        for key in ("animal", "he", "she", "any")
        for noun in table[key].split()
    ]
    return sorted(found, key=lambda entry: -len(entry[0]))


class Foreigners:
    """The people of a brief in one language, found as it is read."""

    def __init__(self, tongue: str, outline: Outline) -> None:
        self.tongue = tongue
        self.by_noun: dict[str, Person] = {}
        self.names = {} if tongue in _UNSPACED else {name: _called(name) for name in _names(outline, tongue)}
        for cue in outline.cues:
            self.names.setdefault(cue, _called(cue))
        table = words("tongues")[tongue]
        self.they = table["pronouns_they"].split()
        self.clitics = table.get("clitics", "").split()
        self.clitics_first = table.get("clitics_first", "").split()
        self.called = _called_in(tongue)
        she, he = table["pronouns_she"].split(), table["pronouns_he"].split()
        self.pronouns = dict.fromkeys(she, "she") | {form: "" if form in she else "he" for form in he}

    def mentions(self, beat: Beat, recent: list[Person]) -> Iterator[Person]:
        """Yield who is named, described or meant by a pronoun in a beat, in order."""
        if self.tongue in _UNSPACED:
            yield from self._in_signs(beat.text, recent)
            return
        # by what parts words, since the vowel signs of some scripts are no letters to `\w`
        found = list(re.finditer(r"[^\s.,;:!?…।،؟؛«»“”\"()\[\]–—―¿¡]+", beat.text))
        for at, match in enumerate(found):
            word = match[0]
            beside = self._beside(beat.text, found, at)
            if word in self.names:
                yield self.names[word]
            elif entry := _noun_of(word.lower(), self.tongue):
                start = match.start()
                old = word.lower() in _OLD and any(  # "el viejo marinero" is one, and so is his like in Arabic
                    _noun_of(near.lower(), self.tongue) for near in (beside, found[at - 1][0] if at else "") if near
                )
                for earlier in () if self.tongue in _PREFIXES else (at - 1, at - 2):  # right before it, no sign between
                    if earlier < 0 or beat.text[found[earlier].end() : start] != " ":
                        break
                    start = found[earlier].start()
                said = beat.text[start : match.end()] if at < 3 else word
                if name := self._apposed(beat.text, start, match):
                    self._call(self.names[name], entry, said)
                elif beside in self.names:  # "the old fisherman Ivan" is one
                    self._call(self.names[beside], entry, said)
                elif not old:
                    yield self._person(entry, said)
            elif word.lower() in self.they:
                yield from _those(recent)
            elif (gender := self.pronouns.get(word.lower())) is not None:
                others = recent
                if word.lower() in self.clitics:  # "la lluvia" is the rain, and "Lucía la ve" is somebody else
                    others = recent[1:] if at and self._is_somebody(found[at - 1][0]) else []
                    if not at and self._before_verb([match[0].lower() for match in found[:3]]):
                        others = recent
                if person := _last(others, gender):
                    yield person

    def _is_somebody(self, word: str) -> bool:
        return word in self.names or _noun_of(word.lower(), self.tongue) is not None

    def _before_verb(self, head: list[str]) -> bool:
        """Tell a pronoun at the head of a sentence, `Lo besa.`, `Lo lleva a casa.`, from what `Lo bueno llega.` has."""
        return head[0] in self.clitics_first and (len(head) == 2 or len(head[-1]) < _WORD)

    def _beside(self, text: str, found: list[re.Match[str]], at: int) -> str:
        """Return the word right after one, or the name that is given to it: `una niña pequeña llamada Lucía`."""
        after = found[at].end()
        if self.called and (given := self.called.match(text, after)):
            after = given.end() - 1
            at = next((n for n in range(at, len(found)) if found[n].start() > after), len(found)) - 1
        return found[at + 1][0] if text[after : after + 2].strip() and at + 1 < len(found) else ""

    def _apposed(self, text: str, start: int, noun: re.Match[str]) -> str:
        """Return the name that a phrase with an article between two commas describes: `Anton, ein dicker Mann,`."""
        name = re.search(r"([^\W\d_]+), $", text[:start])
        phrase = text[start : noun.start()].split()
        closed = re.match(r"(?: [^\W\d_]+){0,2}[,.;!?]", text[noun.end() :])
        told = name and closed and phrase[:1] and phrase[0].lower() in _AN
        return name[1] if name and told and name[1] in self.names else ""

    def _call(self, person: Person, entry: tuple[str, str, str], said: str) -> None:
        """Take a noun for somebody with a name."""
        noun, kind, gender = entry
        person.heads.add(noun)
        person.kind = "animal" if kind == "animal" else "person"
        person.gender = person.gender or (gender if kind == "person" else "")
        person.words = person.words or [said.strip()]
        self.by_noun[noun] = person

    def _in_signs(self, text: str, recent: list[Person]) -> Iterator[Person]:
        """Read a script without spaces: the longest noun at each place, with the sign for small, old or a colour
        before it."""
        at = 0
        while at < len(text):
            name = next((name for name in self.names if text.startswith(name, at)), "")
            entry = next((entry for entry in _nouns(self.tongue) if text.startswith(entry[0], at)), None)
            pronoun = next((p for p in sorted(self.pronouns, key=len, reverse=True) if text.startswith(p, at)), "")
            they = next((form for form in self.they if text.startswith(form, at)), "")
            if name:
                yield self.names[name]
                at += len(name)
            elif they:
                yield from _those(recent)
                at += len(they)
            elif entry:
                start = at - 1 if at and text[at - 1] in "小老大黑白红赤青" else at
                after = text[at + len(entry[0]) :]
                if after[:1] in "の的" and any(after[1:].startswith(noun) for noun, _, _ in _nouns(self.tongue)):
                    at += len(entry[0])  # "灯台守の老人" is one
                    continue
                yield self._person(entry, text[start : at + len(entry[0])])
                at += len(entry[0])
            elif pronoun:
                if person := _last(recent, self.pronouns[pronoun]):
                    yield person
                at += len(pronoun)
            else:
                at += 1

    def _person(self, entry: tuple[str, str, str], said: str) -> Person:
        noun, kind, gender = entry
        if noun not in self.by_noun:
            name = noun[:1].upper() + noun[1:]
            person = Person(name, heads={noun}, words=[said.strip()], gender=gender if kind == "person" else "")
            person.kind = "animal" if kind == "animal" else "person"
            self.by_noun[noun] = person
        return self.by_noun[noun]


@cache
def _called_in(tongue: str) -> re.Pattern[str] | None:
    """Return what finds that a noun is given a name, after it and an adjective or two."""
    called = words("tongues")[tongue].get("called")
    return re.compile(rf"(?: [^\W\d_]+){{0,2}}? (?:{called}) (?=[^\W\d_])") if called else None


def _called(name: str) -> Person:
    return Person(name, names={name.lower()}, gender=named_gender(name.lower()))


@cache
def _noun_of(word: str, tongue: str) -> tuple[str, str, str] | None:
    """Find a noun by one of its forms: itself, with a short ending, or behind an article written onto it."""
    forms, nouns = forms_of(word, tongue), _nouns(tongue)
    exact = next((entry for entry in nouns if entry[0] in forms), None)
    return exact or next((entry for entry in nouns if any(same_word(form, entry[0]) for form in forms)), None)


def forms_of(word: str, tongue: str) -> list[str]:
    """Return a word, and what it is without an article or preposition that is written onto it."""
    bare = [word.removeprefix(prefix) for prefix in _PREFIXES.get(tongue, ()) if word.startswith(prefix)]
    bare += [word[elided.end() :]] if (elided := _ELIDED.match(word)) else []
    # Arabic's article takes the first letter off some nouns: المرأة is امرأة
    return [word, *bare, *(f"ا{form}" for form in bare if tongue == "ar")]


def same_word(form: str, noun: str) -> bool:
    """Tell whether a word is a noun, itself or with another short ending."""
    stem = noun[:-1] if len(noun) > 4 and noun[-1] in "aeoаяьйе" else noun
    ending = form.removeprefix(stem)
    if form == noun or ending == form or len(ending) > 2:
        return form == noun
    if _PARTICLE.fullmatch(ending):
        return len(stem) > 1
    if ending == "ei":  # where a Bäcker works is nobody
        return False
    # a short word may begin a longer one, Wal and Wald, unless cases alone follow: лес, лесу
    return len(stem) > 3 or (len(stem) > 2 and bool(re.fullmatch("[ауеоыи]м?", ending)))


def _those(recent: list[Person]) -> list[Person]:
    """Return whom `they` means: those of the last beat, or of the last two where it shows one alone."""
    last = max((person.last for person in recent), default=-1)
    now = [person for person in recent if person.last == last]
    return (now if len(now) > 1 else [person for person in recent if person.last >= last - 1])[::-1]


def _last(recent: list[Person], gender: str) -> Person | None:
    if not gender:  # "su" and "son" are of whoever acts
        return next(iter(recent), None)
    some = [person for person in recent if person.kind == "person" and person.gender in ("", gender)]
    return next((p for p in some if p.gender == gender), next(iter(some or recent), None))


def _names_of_german(outline: Outline) -> set[str]:
    """Find given names where all nouns have a capital: well-known ones, and what acts without an article."""
    whole = "\n".join(beat.text for scene in outline.scenes for beat in scene.beats if not beat.title)
    found = {name for name in re.findall(r"\b[A-ZÄÖÜ][a-zäöüß]+", whole) if named_gender(name.lower())}
    # "öffnet Jürgen die Tür": a verb has one object, so who stands before an article there acts
    acts_later = re.findall(
        r" [a-zäöüß]{2,}te? ([A-ZÄÖÜ][a-zäöüß]+) (?:die|den|das|ein|eine|einen|ihn|sie|ihm|ihr)\b", whole
    )
    said = re.findall(r"(?:sagt|fragt|ruft|sagte|fragte|rief) ([A-ZÄÖÜ][a-zäöüß]+)", whole)
    verb = rf"(?:[a-zäöüß]{{2,}}te?|{_german('strong').replace(' ', '|')})\b"
    acts = re.findall(rf"(?:^|[.!?„“”\"] )([A-ZÄÖÜ][a-zäöüß]+) {verb}", whole, re.M)
    nobody = {*_german("nobody").split(), *small_words()["de"], *(noun for noun, _, _ in _nouns("de"))}
    given = re.findall(rf"\b(?:{_german('called')}) ([A-ZÄÖÜ][a-zäöüß]+)", whole)
    titled = re.findall(rf"\b(?:{_german('titles').replace(' ', '|')}) ([A-ZÄÖÜ][a-zäöüß]+)", whole)
    for name in {*said, *acts, *acts_later, *titled, *given}:
        low = name.lower()
        if low not in nobody and not low.endswith(("lich", "weise", "mal", "ung", "heit", "keit", "nen", "ends")):
            found.add(name)
    return found


def _german(key: str) -> str:
    return str(words("tongues")["de"][key])


def _names(outline: Outline, tongue: str) -> set[str]:
    """Find words with a capital inside a sentence, not after a preposition: names, in languages that write nouns
    small."""
    if tongue == "de":
        return _names_of_german(outline)
    found: set[str] = set()
    table = words("tongues")[tongue]
    small = {word for key in ("words", "pronouns_he", "pronouns_she", "pronouns_they") for word in table[key].split()}
    small |= people("words_elsewhere")
    whole = "\n".join(beat.text for scene in outline.scenes for beat in scene.beats if not beat.title)
    for scene in outline.scenes:
        for beat in scene.beats:
            for match in re.finditer(r"(?<=[^\W\d_] )(?:[^\W\d_]+)", "" if beat.title else beat.text):
                before = beat.text[: match.start()].split()[-1].lower() if match.start() else ""
                if match[0][0].isupper() and len(match[0]) > 2 and before not in _BEFORE_PLACE:
                    found.add(match[0])
            # "Pierre sourit.", where he is named again or beside somebody: most first words are none
            for first in re.findall(r"(?:^|[.!?…] )([^\W\d_]+)", "" if beat.title else beat.text):
                known = first[0].isupper() and named_gender(first.lower()) and first.lower() not in small
                if known and re.search(rf"\b{first}\b(?:,| et | e | y | und |.*\b{first}\b)", whole, re.S):
                    found.add(first)
    return found
