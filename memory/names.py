"""Whether two names mean the same character or place, and what a name looks like."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from reelgraph.video_tools.film import Bible, Character, Place
from reelgraph.video_tools.nouns import ascii_words

E = TypeVar("E", Character, Place)


def find(entries: Sequence[E], entry: E) -> E | None:
    """Find the same character or place among others: by id and name, or by a name or an alias."""
    same = next((e for e in entries if e.id == entry.id and _agree(e, entry)), None)
    return same or next((e for e in entries if _names(e) & _names(entry)), None)


def mentioned(bible: Bible, text: str) -> Bible:
    """Return the part of a bible that a brief leans on: whom and what it names, and the style.

    A name counts whole, in any case; or by one word of it written as it is there ("Voss" for Captain Mara Voss), unless
    another name has that word too. So does an id, by which a written storyboard names people and places.
    """
    said = f" {' '.join(WORDS.findall(fold(text)))} "
    written = set(WORDS.findall(unicodedata.normalize("NFKC", text)))
    ids = set(re.findall(r"[a-z0-9][a-z0-9_-]*", text))
    parts = Counter(part for entries in (bible.characters, bible.places) for entry in entries for part in _parts(entry))

    def named(entry: Character | Place) -> bool:
        names = [" ".join(WORDS.findall(name)) for name in _names(entry)]
        # Scripts without spaces do not part a name from the words around it.
        whole = any(name and (f" {name} " in said or (_unspaced(name) and name in said)) for name in names)
        return whole or entry.id in ids or any(part in written and parts[part] == 1 for part in _parts(entry))

    return Bible(
        characters=[c for c in bible.characters if named(c)],
        places=[p for p in bible.places if named(p)],
        style=bible.style,
    )


def entry_id(name: str) -> str:
    """Make an id of a name: ASCII letters and digits joined by dashes; a hash where the name has none of those."""
    return "-".join(ascii_words(name))[:40].strip("-") or f"c-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _names(entry: Character | Place) -> set[str]:
    aliases = entry.aliases if isinstance(entry, Character) else []
    return {fold(name) for name in (entry.name, *aliases)}


def _agree(one: Character | Place, other: Character | Place) -> bool:
    """Tell whether two entries of one id are the same: a name in common, or one name that is part of the other."""
    mine, theirs = set(WORDS.findall(fold(one.name))), set(WORDS.findall(fold(other.name)))
    return bool(_names(one) & _names(other)) or mine <= theirs or theirs <= mine


def fold(name: str) -> str:
    """Level case, width and composition, and nothing else: é stays é."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


# Letters of other scripts that look like Latin ones in most fonts. Source: Unicode UTS #39, confusables.txt: the
# lower-case letters of Cyrillic and Greek whose prototype there is one Latin letter, or nearly so.
_DOUBLES = str.maketrans("аеоріѕсухјһԁԛԝѵοιναρυγκτηχωӏ", "aeopiscyxjhdqwvoivapuyktnxwl")


def looks(name: str) -> str:
    """Return a name as the eye sees it: letters of other scripts as the Latin ones that they resemble."""
    return fold(name).translate(_DOUBLES)


WORDS = re.compile(r"[^\W_]+")

# Words of names that name nobody: titles, and what is said of age and size.
_TITLES = re.compile(
    "the|mr|mrs|ms|miss|dr|doctor|sir|lady|lord|saint|captain|old|young|little|big|uncle|aunt|king|queen|prince"
)


def _parts(entry: Character | Place) -> set[str]:
    """Return the capitalised words of a name that may stand for the whole."""
    words = WORDS.findall(unicodedata.normalize("NFKC", entry.name))
    return {w for w in words if len(w) > 2 and w[0].isupper() and not _TITLES.fullmatch(w.lower())}


def _unspaced(name: str) -> bool:
    return any("\u0e00" <= c <= "\u0eff" or "\u1000" <= c <= "\u109f" or "\u3040" <= c <= "\u9fff" for c in name)
