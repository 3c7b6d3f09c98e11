"""Fit a shot to the closed world of a small model: say it in the model's words, and name whatever it cannot draw.

The model's own lists decide (`Capabilities.world`): a word that stands in the lists of one entry alone means that
entry.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.film import Character, Shot, Storyboard, Substitution, digest


@dataclass(frozen=True)
class _Actor:
    """Who a shot shows, in the world's words."""

    colour: str
    thing: str
    motion: str


def in_world(board: Storyboard, shot: Shot, world: World, backend: str) -> tuple[str, list[Substitution]]:
    """Say a shot in the words of a world.

    Args:
        board: The plan, for its bible.
        shot: The shot.
        world: What the model draws.
        backend: Its name, for what is said.

    Returns:
        The prompt, and everything that was replaced.
    """
    changes: list[Substitution] = []

    def replaced(what: str, asked: str, made: str) -> str:
        changes.append(Substitution(what=what, asked=asked, made=made, why=f"{backend} can't draw {asked}"))
        return made

    motions, places, things = _meanings(world.motions), _meanings(world.places), _meanings(world.things)
    cast = [who for id in shot.characters if (who := board.bible.character(id)) is not None]
    for who in cast[world.most_things :]:
        changes.append(
            Substitution(what="character", asked=who.name, made="", why=f"{backend} draws {world.most_things} at most")
        )
    spans = _mentions(shot.prompt, cast, things)
    actors: list[_Actor] = []
    for who, said in spans[: world.most_things]:
        words = f"{who.description} {who.name}" if who else said
        thing = _first(words, things) or _first(said, things)
        colour = _first(words, {c: c for c in world.colours}) or _first(said, {c: c for c in world.colours})
        if colour is None:
            colour = _nearest(who.palette[0], world.colours) if who and who.palette else _any(words, world.colours)
        if thing is None:
            thing = _any(words, world.things)
            replaced("character", who.name if who else said.strip() or shot.prompt, f"{colour} {thing}")
        motion = _phrase(said, world.motions) or _first(said, motions)
        if motion is None:
            motion = "still" if "still" in world.motions else next(iter(world.motions))
            verb = said.strip().rstrip(".")
            if who is not None or not actors:
                replaced("action", verb or shot.prompt, world.motions[motion][0])
        actors.append(_Actor(colour, thing, motion))
    where = " ".join([shot.prompt, shot.place.replace("-", " "), shot.time])
    place = _phrase(where, world.places) or _first(where, places)
    if place is None:
        place = _any(shot.place or board.title, world.places)
        named = board.bible.place(shot.place)
        if named is not None:
            replaced("place", named.name, world.places[place][0])
    known = {
        word
        for entries in (world.things, world.motions, world.places)
        for entry, phrases in entries.items()
        for phrase in (entry, *phrases)
        for word in _split(phrase)
    }
    known |= set(world.colours) | _SMALL | {w for who in cast for n in (who.name, *who.aliases) for w in _split(n)}
    unknown = [word for word in dict.fromkeys(_split(shot.prompt)) if word not in known]
    if unknown and not any(change.what == "action" for change in changes):  # which quotes them already
        replaced("words", ", ".join(unknown), "")
    said = " and ".join(f"a {a.colour} {a.thing} {world.motions[a.motion][0]}" for a in actors)
    return f"{said} {world.places[place][0]}", changes


def _mentions(prompt: str, cast: Sequence[Character], things: Mapping[str, str]) -> list[tuple[Character | None, str]]:
    """Divide a prompt among those it shows: each with the words from its mention to the next one's."""
    found: list[tuple[int, Character | None]] = []
    for who in cast:
        names = [who.name, *who.aliases]
        places = [m.start() for n in names if (m := re.search(rf"\b{re.escape(n)}\b", prompt, re.IGNORECASE))]
        found.append((min(places, default=0), who))
    if not cast:
        for match in re.finditer(r"[^\W_]+", prompt.lower()):
            if match[0] in things:
                found.append((match.start(), None))
    if not found:
        return [(None, prompt)]
    found.sort(key=lambda item: item[0])
    starts = [0, *(at for at, _ in found[1:]), len(prompt)]
    if not cast:  # a colour stands before the thing it belongs to
        starts = [0, *(prompt.rfind(" and ", 0, at) + 1 or at for at, _ in found[1:]), len(prompt)]
    return [(who, prompt[starts[i] : starts[i + 1]]) for i, (_, who) in enumerate(found)]


def _meanings(entries: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Map each word that only one entry's phrases hold to that entry."""
    seen: dict[str, set[str]] = {}
    for entry, phrases in entries.items():
        for phrase in (entry, *phrases):
            for word in _split(phrase):
                seen.setdefault(word, set()).add(entry)
    meant = {word: next(iter(of)) for word, of in seen.items() if len(of) == 1 and word not in _SMALL}
    return meant | {entry: entry for entry in entries}  # an entry's own name means it, whatever phrases hold it too


# Words that say nothing by themselves, and which a short list may hold only once.
_SMALL = frozenset(
    (
        "a",
        "an",
        "the",
        "to",
        "in",
        "on",
        "at",
        "of",
        "over",
        "under",
        "by",
        "from",
        "with",
        "and",
        "is",
        "it",
        "its",
        "not",
        "does",
        "day",
        "against",
        "while",
        "then",
    )
)


def _split(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _phrase(text: str, entries: Mapping[str, Sequence[str]]) -> str | None:
    """Return the entry whose longest phrase stands in a text: `from right to left` is more than `right`."""
    plain = f" {' '.join(_split(text))} "
    found = [(len(phrase), entry) for entry, phrases in entries.items() for phrase in phrases
             if f" {' '.join(_split(phrase))} " in plain]  # fmt: skip
    return max(found)[1] if found else None


def _first(text: str, meanings: Mapping[str, str]) -> str | None:
    return next((meanings[word] for word in _split(text) if word in meanings), None)


def _any(text: str, choices: Mapping[str, object]) -> str:
    """Choose by the text, the same everywhere: who is always called so is always drawn so."""
    names = sorted(choices)
    return names[int(digest(text.lower())[:8], 16) % len(names)]


def _nearest(colour: str, colours: Mapping[str, str]) -> str:
    def rgb(text: str) -> tuple[int, ...]:
        return tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))

    mine = rgb(colour)
    # Weighted distance of RGB. Source: the "redmean" approximation's low-cost form (2, 4, 3).
    return min(
        colours, key=lambda c: sum(w * (a - b) ** 2 for w, a, b in zip((2, 4, 3), mine, rgb(colours[c]), strict=True))
    )
