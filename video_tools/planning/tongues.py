"""Find who a brief in another language than English is about: by small lists of everyday words, names, and pronouns."""

import re
from collections.abc import Iterator
from functools import cache

from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.nouns import named_gender
from reelgraph.video_tools.planning.outline import Beat, Outline
from reelgraph.video_tools.planning.persons import Person

# Which script tells the language; the scripts that several of ours use are told by their small words.
_SCRIPTS = {
    "ja": r"[\u3040-\u30ff]", "zh": r"[\u4e00-\u9fff]", "ko": r"[\uac00-\ud7af]", "ar": r"[\u0600-\u06ff]",
    "he": r"[\u0590-\u05ff]", "hi": r"[\u0900-\u097f]", "ru": r"[\u0400-\u04ff]",
}  # fmt: skip
# Nouns for somebody old that are as often an adjective.
_OLD = frozenset(["viejo", "vieja", "anciano", "anciana", "velho", "velha", "vecchio", "vecchia", "vieille"])
_UNSPACED = frozenset({"zh", "ja"})
_ENGLISH = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "of",
        "to",
        "in",
        "is",
        "on",
        "with",
        "his",
        "her",
        "it",
        "he",
        "she",
        "they",
        "at",
        "for",
        "from",
        "into",
        "as",
        "then",
        "by",
    ]
)
# What these languages write onto the front of a noun: Arabic "the", "and"; Hebrew "the", "and", "in", "to".
_PREFIXES = {"ar": ("وال", "بال", "ال", "و"), "he": ("וה", "ה", "ו", "ב", "ל")}
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


def tongue_of(text: str) -> str:
    """Return the language of a text (`es`, `zh`, ...), or nothing where it is English or one that is not known here."""
    sample = text[:4000]
    letters = len(re.findall(r"[^\W\d_]", sample)) or 1
    for tongue, script in _SCRIPTS.items():
        if len(re.findall(script, sample)) * (6 if tongue == "ja" else 3) > letters:
            return tongue
    found = re.findall(r"[^\W\d_]+", sample.lower())
    scores = {tongue: sum(word in listed for word in found) for tongue, listed in _small_words().items()}
    best = max(scores, key=lambda tongue: scores[tongue])
    return best if scores[best] > max(1, 1.2 * sum(word in _ENGLISH for word in found)) else ""


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {tongue: frozenset(table["words"].split()) for tongue, table in words("tongues").items() if table["words"]}


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
        self.names = (
            {}
            if tongue in _UNSPACED
            else {name: Person(name, names={name.lower()}) for name in _names(outline, tongue)}
        )
        for cue in outline.cues:
            self.names.setdefault(cue, Person(cue, names={cue.lower()}))
        table = words("tongues")[tongue]
        self.pronouns = {form: gender for gender in ("she", "he") for form in table[f"pronouns_{gender}"].split()}

    def mentions(self, beat: Beat, recent: list[Person]) -> Iterator[Person]:
        """Yield who is named, described or meant by a pronoun in a beat, in order."""
        if self.tongue in _UNSPACED:
            yield from self._in_signs(beat.text, recent)
            return
        # by what parts words, since the vowel signs of some scripts are no letters to `\w`
        found = list(re.finditer(r"[^\s.,;:!?…।،؟؛«»“”\"()\[\]–—―¿¡]+", beat.text))
        for at, match in enumerate(found):
            word = match[0]
            beside = (
                found[at + 1][0] if beat.text[match.end() : match.end() + 2].strip() and at + 1 < len(found) else ""
            )
            if word in self.names:
                yield self.names[word]
            elif entry := self._noun_of(word.lower()):
                start = match.start()
                for earlier in (at - 1, at - 2):  # the words right before it, as far as no sign parts them
                    if earlier < 0 or beat.text[found[earlier].end() : start] != " ":
                        break
                    start = found[earlier].start()
                said = beat.text[start : match.end()] if at < 3 else word
                if beside in self.names:  # "the old fisherman Ivan" is one
                    self._call(self.names[beside], entry, said)
                elif not (word.lower() in _OLD and self._noun_of(beside.lower())):  # nor are "el viejo marinero" two
                    yield self._person(entry, said)
            elif (gender := self.pronouns.get(word.lower())) and (person := _last(recent, gender)):
                yield person

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
            if name:
                yield self.names[name]
                at += len(name)
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

    def _noun_of(self, word: str) -> tuple[str, str, str] | None:
        """Find a noun by one of its forms: itself, with a short ending, or behind an article written onto it."""
        forms = [
            word,
            *(word.removeprefix(prefix) for prefix in _PREFIXES.get(self.tongue, ()) if word.startswith(prefix)),
        ]
        for entry in _nouns(self.tongue):
            noun = entry[0]
            stem = noun[:-1] if len(noun) > 4 and noun[-1] in "aeoаяьйе" else noun
            for form in forms:
                if form == noun or (len(stem) > 3 and form.startswith(stem) and len(form) - len(stem) <= 2):
                    return entry
        return None

    def _person(self, entry: tuple[str, str, str], said: str) -> Person:
        noun, kind, gender = entry
        if noun not in self.by_noun:
            name = noun[:1].upper() + noun[1:]
            person = Person(name, heads={noun}, words=[said.strip()], gender=gender if kind == "person" else "")
            person.kind = "animal" if kind == "animal" else "person"
            self.by_noun[noun] = person
        return self.by_noun[noun]


def _last(recent: list[Person], gender: str) -> Person | None:
    people = [person for person in recent if person.kind == "person" and person.gender in ("", gender)]
    return next((p for p in people if p.gender == gender), next(iter(people), None))


def _names_of_german(outline: Outline) -> set[str]:
    """Find given names where all nouns have a capital: well-known ones, and what acts twice at a sentence's head."""
    whole = "\n".join(beat.text for scene in outline.scenes for beat in scene.beats if not beat.title)
    acting = re.findall(
        r"(?:^|[.!?\n“”\"] )([A-ZÄÖÜ][a-zäöüß]+) [a-zäöüß]+t\b|(?:sagt|fragt|ruft|sagte|fragte|rief) ([A-ZÄÖÜ]\w+)",
        whole,
        re.M,
    )
    found = [one or other for one, other in acting]
    small = _small_words()["de"]
    return {
        name for name in found
        if name.lower() not in small and (named_gender(name.lower()) or found.count(name) > 1)
    }  # fmt: skip


def _names(outline: Outline, tongue: str) -> set[str]:
    """Find words with a capital inside a sentence, not after a preposition: names, in languages that write nouns
    small."""
    if tongue == "de":
        return _names_of_german(outline)
    found: set[str] = set()
    for scene in outline.scenes:
        for beat in scene.beats:
            for match in re.finditer(r"(?<=[^\W\d_] )(?:[^\W\d_]+)", "" if beat.title else beat.text):
                before = beat.text[: match.start()].split()[-1].lower() if match.start() else ""
                if match[0][0].isupper() and len(match[0]) > 2 and before not in _BEFORE_PLACE:
                    found.add(match[0])
    return found
