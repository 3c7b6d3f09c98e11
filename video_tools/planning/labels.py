"""Know what a line is by the label before its colon: speech, a picture, a title card, the look, or a note to us."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from reelgraph.video_tools.planning.directions import directions
from reelgraph.video_tools.planning.lexicon import grammar, people, settings, words
from reelgraph.video_tools.planning.nouns import head_kind, named_gender, singular
from reelgraph.video_tools.planning.orders import placed_in
from reelgraph.video_tools.planning.phrases import noun_of_somebody
from reelgraph.video_tools.planning.tokens import tokens_of
from reelgraph.video_tools.planning.verbs import adverb, find_verb

_KINDS = {kind: re.compile(pattern, re.I) for kind, pattern in words("labels")["kinds"].items()}
_LABELLED = re.compile(
    r"(?P<name>[^\W\d_][\w.'’ -]{0,30}?)\s*(?P<number>\d{1,3})?\s*(?:\((?P<manner>[^)]*)\))?\s*:\s+(?P<rest>\S.*)$",
    re.S,
)
# "Hero: a fox" tells who the hero is; what somebody says begins with a capital, mostly.
_DESCRIBES = re.compile(r"an? [^.;:!?]{2,120}\.?")
# "Kitchen: a pot boils" is a picture of it; a river may say something.
_TOLD = re.compile(r"(?:[Aa]n?|[Tt]he)\s|[a-zà-ÿ]")
# What opens a quotation.
QUOTES = '"“„«»「『'
# "LIA, silver jacket, cropped black hair."
_DESCRIBED = re.compile(
    r"(?P<who>[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z][\w'’-]*){0,2})(?:,\s+|\s+\()(?P<what>[^.;:!?)]{3,160})\)?\.?"
)
# Whoever speaks says these.
_SPOKEN = re.compile(r"\b(?:I|me|my|mine|we|us|our|you|your|please|yes|no|ok(?:ay)?)\b|['’](?:m|ll|ve)\b", re.I)

_CARDS, _LOOKS = words("labels")["cards"], words("labels")["looks"]
_ENDS = re.compile(_CARDS["ends"], re.I)
_CLOSING = re.compile(_CARDS["closing"], re.I)
_PEOPLE, _ROLES = (re.compile(words("labels")["people"][key], re.I) for key in ("crew", "roles"))
_AT_LENGTH = re.compile(words("labels")["notes"]["at_length"], re.I)
_QUOTED = r"[\"“«„]([^\"“”«»]+)[\"”»“]"
_ALL_QUOTED = re.compile(rf"{_QUOTED}(?:\s*{_CARDS['between']}\s*{_QUOTED})*[.!?]?", re.I)
_SHOWN = re.compile(rf"{_CARDS['shown']}\s*[:,]?\s*(?=[\"“«„])", re.I)
_ON_PLAIN = re.compile(
    r"\s*,?\s*(?:on|over|against) (?:an? )?(?:plain )?(?:black|white)(?: background| screen)?[.!]?\s*$", re.I
)
_ORDERED, _ON_SCREEN = (re.compile(words("labels")["ordered"][key], re.I) for key in ("forms", "on_screen"))
_STYLED = re.compile(
    rf"\b(?:in|with) (?:an? |the )?(?P<look>(?:[\w'’-]+,? ){{0,4}}?[\w'’-]+ (?:{_LOOKS['kinds']}))\b", re.I
)
_STYLED_AT_END = re.compile(
    rf"\bin (?:an? |the )?(?P<look>(?:[\w-]+ )?(?:{_LOOKS['media']}) (?:{_LOOKS['kinds']}))\.?$", re.I
)
_MEDIUM = re.compile(rf"\b(?P<look>(?:[\w-]+ )?(?:{_LOOKS['media']}))\b", re.I)
_LOOK_ALONE = re.compile(
    rf"(?:(?:all |everything (?:is )?|it is |it's )?(?:shot |drawn |painted |filmed |animated )?(?:in |as )?"
    rf"(?:an? |the )?)?(?P<look>(?:(?!in\b)[\w'’-]+,? ){{0,5}}?(?:[\w'’-]+ (?:{_LOOKS['kinds']})|{_LOOKS['media']})"
    rf"(?:, [\w'’ -]{{3,40}})*)\.?",
    re.I,
)


@dataclass(frozen=True)
class Label:
    """A labelled line.

    Attributes:
        kind: What the label says the line is.
        name: The label, without its number.
        manner: What stands in parentheses after it.
        rest: The line's own words.
    """

    kind: Literal["look", "title", "note", "narration", "cast", "direction", "seen", "filmed", "speech"]
    name: str
    manner: str
    rest: str

    @property
    def pictures(self) -> bool:
        """Whether what follows is a picture."""
        return self.kind in ("seen", "filmed")

    @property
    def closes(self) -> bool:
        """Whether it names a film's last words, which may be several short sentences."""
        return _CLOSING.fullmatch(self.name) is not None

    @property
    def at_length(self) -> bool:
        """Whether what it says may be several sentences: a card, what is said without quotation marks, a logline."""
        if self.kind in ("speech", "narration", "title"):
            return self.rest[0] not in QUOTES
        return _AT_LENGTH.fullmatch(self.name) is not None


def label_of(line: str) -> Label | None:
    """Read `Mara (softly): Not tonight.`, `VO: ...`, `Style: ink and wash`; None where a colon is only a colon."""
    match = _LABELLED.match(line)
    if not match:
        return None
    name, manner, rest = match["name"].strip(), match["manner"] or "", match["rest"]
    if _ORDERED.fullmatch(name):  # "Teaser: a glacier breaks." orders what begins right after it
        return Label("title", name, manner, rest) if _entitles(rest) else None
    if _ON_SCREEN.fullmatch(name):
        return Label("title" if rest[0] in QUOTES else "seen", name, manner, rest)
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(name):
            says = kind == "note" and _PEOPLE.fullmatch(name) and _uttered(rest)
            return Label("speech" if says else kind, name, manner, rest)
    if name.upper() in words()["size_letters"] or directions(f"{name}:").why:
        return Label("filmed", name, manner, rest)
    if name.lower() in settings("places") and _TOLD.match(rest):
        return Label("seen", name, manner, rest)
    if name.split()[-1] in grammar("quotes", "says") and rest[0].isalnum():  # "Mara said: Come here."
        name = name.rpartition(" ")[0]
    if not name or match["number"] or not _is_name(name):
        return None
    return Label("cast" if _describes(name, rest) else "speech", name, manner, rest)


def label_in(text: str, line: str) -> Label | None:
    """Read the label of a line of a brief; a word that stands once in it, and before words that tell of somebody else
    in small letters, names a picture: `Overture: curtains part.`"""
    label = label_of(line)
    if label is None or label.kind != "speech" or not label.rest[0].islower() or label.rest[-1] in "?!":
        return label
    somebody = named_gender(label.name.lower()) or head_kind(label.name.split()[-1])
    speaks = _SPOKEN.search(label.rest) or not _acts(label.rest)
    once = len(re.findall(rf"\b{re.escape(label.name)}\b", text, re.I)) == 1
    return replace(label, kind="seen") if once and not somebody and not speaks else label


def described(label: Label) -> tuple[str, str]:
    """Return whom a label of the cast names and what is said of them; nothing where it only lists names."""
    if not _KINDS["cast"].fullmatch(label.name):
        return label.name, label.rest.rstrip(". ")
    match = _DESCRIBED.fullmatch(label.rest.strip())
    what = match["what"].strip() if match else ""
    return (match["who"], what) if match and not what[0].isupper() else ("", "")  # "Starring: Ida, Tom"


def card_of(sentence: str) -> str:
    """Return the words of a card that a whole sentence is: `The End.`, `The title reads "Home".`; nothing if none."""
    return "\n".join(cards_of(sentence))


def cards_of(sentence: str) -> list[str]:
    """Return the words of each card that a whole sentence is: `Text on screen: "One" then "Two".`"""
    bare = sentence.strip().strip("\"“”«»„‘’'*_ ").rstrip('.!。！ "”')
    if _ENDS.fullmatch(bare):
        return [bare]
    words_shown = sentence.strip()[len(placed_in(sentence.strip())) :]
    shown = _SHOWN.match(words_shown)
    return quoted_in(_ON_PLAIN.sub("", words_shown[shown.end() :])) if shown else []


def quoted_in(words: str) -> list[str]:
    """Return each quotation of words that are nothing but quotations, one after another; none of any other words."""
    return [words.strip() for words in re.findall(_QUOTED, words)] if _ALL_QUOTED.fullmatch(words.strip()) else []


def look_in(text: str) -> str:
    """Return the look that a text asks for: `in a bright watercolour style`, `black and white`; nothing if none."""
    match = _STYLED.search(text) or _MEDIUM.search(text)
    if not match:  # "Trailer for a thriller, cold blue colour palette."
        parts = [part.strip(" .") for part in text.split(",")[1:]]
        match = next((found for part in parts if (found := _LOOK_ALONE.fullmatch(part))), None)
    return " ".join(match["look"].split()) if match else ""


def look_of(sentence: str) -> str:
    """Return the look that a whole sentence only says: `Watercolour style.`, `Shot in black and white.`"""
    match = _LOOK_ALONE.fullmatch(sentence.strip())
    return " ".join(match["look"].split()).rstrip(".") if match and not _shows(sentence) else ""


def look_beside(sentence: str) -> str:
    """Return the look of the film that a sentence names after what it shows: `A boat sails in a watercolour style.`"""
    match = _STYLED_AT_END.search(sentence.strip())
    return match["look"] if match else ""


def _is_name(name: str) -> bool:
    """Tell a speaker from another label: a few words, each with a capital where the script has them, or `Old man`."""
    parts = name.split()
    if len(parts) > 3:
        return False
    named = all(not part[0].islower() for part in parts) and not adverb(parts[0].lower())
    return named or bool(head_kind(parts[-1]) and parts[0][:1].isupper())


def _entitles(rest: str) -> bool:
    """Tell the title in `TRAILER: THE SALT LINE (45 seconds)` from what happens: its words of weight have capitals."""
    title = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", rest)
    weighty = [word for word in re.findall(r"[^\W_][\w'’-]*", title) if len(word) > 3]
    return bool(weighty) and len(title) < 80 and title[-1] != "." and not any(word[0].islower() for word in weighty)


def _shows(sentence: str) -> bool:
    """Tell `A child mixes colours.` and `In an ink style, a boat sails.` from what says a look alone."""
    told = [part for part in sentence.split(", ")[1:] if part.startswith(("a ", "an ", "the "))]
    return noun_of_somebody(tokens_of(sentence), 0) >= 0 or any(map(_acts, told))


def _acts(words: str) -> bool:
    tokens = tokens_of(words)
    return find_verb(tokens, 0, len(tokens)) is not None


def _uttered(rest: str) -> bool:
    """Tell `Director: From the top, please!` from `Director: Jane Doe` and `Contact: info@example.org`."""
    if rest[0] in QUOTES or rest[-1] in "!?":
        return True
    told = any(word[0].islower() and word != "and" for word in rest.split())  # or all of it is names
    return told and rest[0].isupper() and rest[-1] in ".…" and not re.search(r"[\d@]", rest)


def _describes(name: str, rest: str) -> bool:
    """Tell `Mara: an old keeper` and `Hero: a teapot` from `Tom: a coffee, please.`"""
    if not _DESCRIBES.fullmatch(rest) or _acts(rest):
        return False
    tokens = tokens_of(rest.rstrip("."))
    thing = singular(tokens[-1].low) in people("object")
    return noun_of_somebody(tokens, 0) >= 0 or thing or _ROLES.fullmatch(name) is not None
