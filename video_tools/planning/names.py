"""Find the proper names of somebody in a brief."""

import re
import unicodedata

from reelgraph.video_tools.nouns import ascii_words
from reelgraph.video_tools.planning.labels import label_of
from reelgraph.video_tools.planning.lexicon import grammar, inflected, known_verbs, people, words
from reelgraph.video_tools.planning.nouns import head_kind, named_gender
from reelgraph.video_tools.planning.outline import Outline
from reelgraph.video_tools.planning.verbs import adverb

_NAME = re.compile(
    r"(?<![\w-])(?:(?:Dr|Mr|Mrs|Ms|Prof|St|Capt)\.?\s+)?(?![a-zß-öø-ÿα-ώа-џ])[^\W\d_][\w'’-]*"
    r"(?:[ \t]+(?:(?![a-zß-öø-ÿα-ώа-џ])[^\W\d_][\w'’-]*|[A-Z0-9]\b))*"
)
# What stands between two names: "Inge in a red coat and Marlies in a blue dress".
_DRESSED = (
    r"\s+(?:in|wearing)\s+an?\s+(?:[^\W\d_]+\s+){0,3}?(?:coat|raincoat|jacket|dress|gown|robe|suit|uniform|cloak|shirt|sweater"
    r"|jumper|cardigan|hoodie|vest|apron|skirt|hat|cap|scarf|helmet|costume)\b"
)
_AFTER_PLACE = re.compile(r"\b(?:in|at|to|from|of|near|through|across|over|around|into|the|a|an)\s*$", re.I)


def name_key(name: str) -> str:
    """Return what a name is compared by."""
    name = re.sub(r"['’]s$", "", unicodedata.normalize("NFC", name))
    return " ".join(name.replace(".", "").lower().split())


def shown(name: str) -> str:
    """Write a cue's capitals as a name: `MARA` becomes Mara; mixed case stays."""
    name = re.sub(r"['’]s$", "", " ".join(name.split()))
    if name.isupper() and len(name) > 1:
        return " ".join(part if len(part) <= 2 and not part.isalpha() else part.capitalize() for part in name.split())
    return name[:1].upper() + name[1:] if name.islower() else name


def free_id(name: str, taken: set[str], kind: str = "character") -> str:
    """Return an id made of a name, or of a kind where the name has no Latin letters; numbered where it is taken."""
    base = "-".join(ascii_words(name))[:40].strip("-") or kind
    id_, n = base, 2
    while id_ in taken:
        id_, n = f"{base}-{n}", n + 1
    return id_


def part_of(key: str, known: str) -> bool:
    """Tell whether one name is the other's first or last part; numbered names (`Character A`) never are."""
    a, b = key.split(), known.split()
    if len(a) == len(b) or len(a[-1]) == 1 or len(b[-1]) == 1:
        return False
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if short[0] in grammar("cast", "titles") and len(short) == 1:
        return False
    return short == long[: len(short)] or short == long[-len(short) :]


def proper_names(outline: Outline) -> set[str]:
    """Collect the names of somebody in a brief, as keys.

    A capitalised word inside a sentence is a name if it acts, owns or is called so somewhere; a script's capitals are
    one where they introduce (`MARA (60s)`) or speak.
    """
    found = {name_key(name) for name in (*outline.cues, *outline.definitions)}
    whole = "\n".join(beat.text for scene in outline.scenes for beat in scene.beats if not beat.title)
    for match in _NAME.finditer(whole):
        parts = match[0].split()
        idle = grammar("cast", "not_names") | grammar("cast", "determiners")
        while parts and ("-year-old" in parts[0].lower() or parts[0].lower().rstrip(".") in idle):
            parts.pop(0)
        if not parts or not parts[0][0].isupper():
            continue
        if (label := label_of(whole[match.start() : match.start() + 60])) and label.pictures:
            continue  # "Product shot: a shoe on a rock." names nobody
        key = name_key(" ".join(parts))
        if len(key) > 1 and key not in found and _names_somebody(whole, match, parts, key):
            found.add(key)
    for pair in re.finditer(rf"\b([A-Z][\w'’-]*)(?P<dressed>{_DRESSED})? and ([A-Z][\w'’-]*)\b", whole):
        names = {name_key(pair[1]), name_key(pair[3])}  # who is beside somebody is one too
        after = whole[pair.end() : pair.end() + 60]
        acts = not pair["dressed"] or re.match(_DRESSED, after) or _acts(after) or _acts_with_others(after)
        if acts and names & found and not names & (grammar("cast", "not_names") | grammar("cast", "mass")):
            found |= names
    return found


def _names_somebody(whole: str, match: re.Match[str], parts: list[str], key: str) -> bool:
    unnamed = grammar("cast", "not_names") | grammar("cast", "mass")
    if all(word in unnamed for word in key.split()):
        return False
    start = match.end() - len(" ".join(parts))
    before, after = whole[:start].rstrip(" ")[-14:], whole[match.end() : match.end() + 60]
    if re.search(r"\b(?:named|called|name is)\s*$", before):
        return True
    if match[0].isupper() and len(key) > 2:
        return bool(re.match(r"\s*\(|,\s+an?\s+[^,.;:!?()]{1,50}[,.;]", after))  # MARA (60s), or PIP, a red ball,
    first = parts[0].lower().rstrip(".")
    if len(parts) > 1 and first in grammar("cast", "titles") and (len(parts[1]) == 1 or parts[1][0].isupper()):
        return True
    if _AFTER_PLACE.search(before) and not re.match(r"['’]s\b", after):
        return False
    if adverb(first) and after.startswith(","):
        return False
    if re.match(r"\s+(?:shot|view|angle|footage)s?(?:\s+of\b|\s*[,:])", after):  # "Cinematic shot of a fox"
        return False
    initial = not before or before[-1] in '.!?…\n"“' or before.endswith(":")
    if named_gender(first) and (not initial or re.match(r"\s+(?:and|in|with|from)\b|,", after)):
        return True
    return _acts(after) and not _common(key, initial) and not (initial and _colours(first, after))


def _colours(first: str, after: str) -> bool:
    """Tell the colour in `Green stars fall` and `Red leaves drift` from whoever is called so."""
    told = re.match(r"\s+[^\W\d_]+s\s+([^\W\d_]+)", after)
    verb = told is not None and told[1] in known_verbs(told[1]) and told[1] not in grammar("cast", "particles")
    return verb and first in words("colours")["words"]


def _acts(after: str) -> bool:
    """Tell whether what follows a word makes it somebody: a verb, a possessive, an age, a list of names."""
    if re.match(rf"['’]s\b|(?:{_DRESSED})?\s+and\s+[A-Z]|,\s*\d{{1,3}}\b|\s*\(", after):
        return True
    if (match := re.match(r",\s+(?:an?|the|his|her|their)\s+([^,.;:!?()]*)", after)) and any(
        map(head_kind, match[1].split())
    ):
        return True
    if re.match(r",\s+an?\s+[^,.;:!?()]{1,50}[,.;]", after):  # "Pip, a red ball, rolls"
        return True
    if (match := re.match(r"\s+the((?:\s+[^\W\d_]+){1,4})", after)) and any(  # "Bo the blue box", "Tom the baker"
        head_kind(word) or word in words("colours")["words"] for word in match[1].split()
    ):
        return True
    match = re.match(r",?\s+(?:\w+ly\s+)?([^\W\d_]+)", after)
    if not match:
        return False
    word = match[1].lower()
    return word in words("verbs")["irregular"] or (word.endswith(("s", "ed")) and inflected(word))


def _acts_with_others(after: str) -> bool:
    """Tell the verb of several: `Mia in a red coat and Tom walk`."""
    match = re.match(r"\s+([^\W\d_]+)", after)
    return match is not None and match[1] in known_verbs(match[1])


def _common(key: str, initial: bool) -> bool:
    """Tell whether a capitalised word is an ordinary word after all, as at the head of a sentence."""
    if not initial:
        return key in grammar("cast", "mass")
    first, *others = key.split()
    if others and key not in people("never"):
        return first in grammar("cast", "not_names")
    if first in people("never"):
        return True
    if first in people("kin") or named_gender(first):
        return False
    if first in grammar("cast", "mass") or first in grammar("cast", "not_names") or head_kind(first):
        return True
    if first in people("object") or known_verbs(first):
        return True
    return first.endswith(("ness", "ing", "tion", "ment", "ity", "s"))
