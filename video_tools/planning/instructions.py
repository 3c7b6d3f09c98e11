"""Understand what a person wants changed: sentences become changes of shots and edits of the cut.

A small grammar is read, one instruction a sentence; what it does not understand is refused, with what it does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Shot, Storyboard
from reelgraph.video_tools.planning.said import (
    A_SHOT,
    ANY_KIND,
    KINDS,
    NUMBER,
    SECONDS,
    check_shows,
    readings,
    sentences,
)
from reelgraph.video_tools.timebase import frames_of

_SHOT = f"({A_SHOT})"
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}

UNDERSTOOD = (
    "shoot shot 2 again",
    "make shot 2 longer by 1 second",
    "make shot 2 4 seconds long",
    "shot 2: a fox crosses the road",
    "delete shot 2",
    "move shot 3 before shot 1",
    "move shot 1 to the end",
    "trim 0.5 seconds off the end of shot 2",
    "crossfade into shot 2 for 0.5 seconds",
    "hard cut into shot 2",
    "play shot 2 at half speed",
    "mute shot 2",
    "make shot 2 louder by 3 dB",
)


@dataclass(frozen=True)
class Lasting:
    """How long a shot is to be seen.

    Attributes:
        seconds: Its length in the film, whatever edits take off what is planned.
        behind: How many of the edits asked for with it come before it.
    """

    seconds: float
    behind: int = 0


@dataclass(frozen=True)
class Revision:
    """What a person asked for.

    Attributes:
        shots: Shots with another plan, to be shot as they now are.
        again: Ids of shots to be shot once more by another seed.
        edits: Edits of the cut, as plain data.
        lengths: By shot id, how long it is to be seen; its plan is that long where no edit takes from it.
    """

    shots: list[Shot] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    lengths: dict[str, Lasting] = field(default_factory=dict)


def shots_seen(cut: Cut) -> list[str]:
    """List the shots of a cut in the order in which a person sees them, which is how they count them."""
    return list(dict.fromkeys(clip.shot for clip in cut.clips))


def read_instructions(text: str, board: Storyboard, cut: Cut) -> Revision:
    """Read instructions by the grammar, one a sentence or line.

    Args:
        text: What a person wrote.
        board: The storyboard, whose shots are named by id.
        cut: The film as it is seen, or will be: shots are counted as it shows them.

    Raises:
        InvalidRequest: A sentence is not understood, or names a shot that there is not, or that the film does not show.
    """
    revision = Revision()
    changed: dict[str, Shot] = {}
    if not (said := sentences(text)):
        raise InvalidRequest("say what to change, such as: " + "; ".join(UNDERSTOOD[:3]))
    for sentence in said:
        planned = {**{shot.id: shot for shot in board.shots}, **changed}
        made = _read_one(_Reader(board, cut, planned, revision), sentence)
        changed.update({shot.id: shot for shot in made.shots})
        revision.again.extend(made.again)
        revision.edits.extend(made.edits)
        revision.lengths.update(made.lengths)
    return Revision(list(changed.values()), revision.again, revision.edits, revision.lengths)


def _read_one(reader: "_Reader", sentence: str) -> Revision:
    for reading in readings(sentence.rstrip(".;!")):
        for pattern, act in _RULES:
            if match := re.fullmatch(pattern, reading, re.IGNORECASE):
                return act(reader, match)
    raise InvalidRequest(
        f"{sentence!r} is not understood, and nothing was changed: write such as {'; '.join(UNDERSTOOD)}"
    )


@dataclass(frozen=True)
class _Reader:
    board: Storyboard
    cut: Cut
    shots: dict[str, Shot]
    before: Revision

    def shown(self, words: str) -> str:
        """Find the id of the shot that words name, counting those that the film shows."""
        order = shots_seen(self.cut)
        plain = words.lower().removeprefix("shot ").removeprefix("scene ").strip()
        if plain in self.shots or plain in order:
            return plain
        ordinal = next((n for name, n in _ORDINALS.items() if f"the {name} shot" == plain), None)
        counted = int(plain) if plain.isdecimal() else 0
        number = counted - 1 if counted else ordinal
        if number is None or number >= len(order):
            raise InvalidRequest(f"there is no {words!r}: the shots are {', '.join(order)}")
        return order[number]

    def shot(self, words: str) -> Shot:
        """Find the plan of the shot that words name, which the film shows."""
        id = self.shown(words)
        self.clips(id)
        if id not in self.shots:
            raise InvalidRequest(
                f"{id} was put into the cut, and no plan says what it shows: `reelgraph edit` changes it, "
                f"or name one of {', '.join(self.shots)}"
            )
        return self.shots[id]

    def lasts(self, shot: Shot) -> float:
        """Say how long a shot is seen, with what is asked for so far."""
        if shot.id in self.before.lengths:
            return self.before.lengths[shot.id].seconds
        frames = sum(self.cut.clips[i].frames for i in self.clips(shot.id))
        as_planned = not self.cut.edits or frames == frames_of(Fraction(str(shot.seconds)), self.cut.rate)
        return shot.seconds if as_planned else float(frames / self.cut.rate)

    def clips(self, shot: str) -> list[int]:
        """Find the clips of the cut that show a shot, which are several where an edit split it."""
        clips = [i for i, clip in enumerate(self.cut.clips) if clip.shot == shot]
        if not clips:
            raise InvalidRequest(f"{shot} is not in the cut: the clips are {', '.join(clip_names(self.cut.clips))}")
        return clips

    def names(self, words: str) -> list[str]:
        """Name the clips that show the shot that words name, as edits do."""
        names = clip_names(self.cut.clips)
        return [names[i] for i in self.clips(self.shown(words))]

    def frames(self, seconds: str) -> int:
        """Count a length in the film's frames."""
        return frames_of(Fraction(seconds), self.cut.rate)


def _again(reader: _Reader, m: re.Match[str]) -> Revision:
    return Revision(again=[reader.shot(m[1]).id])


def _longer(reader: _Reader, m: re.Match[str]) -> Revision:
    shot = reader.shot(m[1])
    by = float(m[3]) * (1 if m[2].lower() == "longer" else -1)
    behind = reader.before.lengths.get(shot.id, Lasting(0)).behind
    return _lasting(shot, shot.seconds + by, Lasting(reader.lasts(shot) + by, behind))


def _long(reader: _Reader, m: re.Match[str]) -> Revision:
    seconds = float(m[2])
    return _lasting(reader.shot(m[1]), seconds, Lasting(seconds, len(reader.before.edits)))


def _lasting(shot: Shot, planned: float, asked: Lasting) -> Revision:
    if not 0 < asked.seconds <= 600:
        raise InvalidRequest(f"{shot.id} cannot last {asked.seconds:g} s: more than 0 and at most 600")
    return Revision(shots=[shot.model_copy(update={"seconds": round(planned, 3)})], lengths={shot.id: asked})


def _prompt(reader: _Reader, m: re.Match[str]) -> Revision:
    check_shows(m[1], m[2].strip())
    return Revision(shots=[reader.shot(m[1]).model_copy(update={"prompt": m[2].strip()})])


def _delete(reader: _Reader, m: re.Match[str]) -> Revision:
    # From the last on: a clip is named by how many of its shot are before it.
    return Revision(edits=[{"op": "delete", "clip": name} for name in reversed(reader.names(m[1]))])


def _move(reader: _Reader, m: re.Match[str]) -> Revision:
    moved, other = reader.shown(m[1]), reader.shown(m[3])
    if moved == other:
        raise InvalidRequest(f"{moved} cannot be put {m[2].lower()} itself: name another shot")
    place = reader.clips(other)[-1] + 1 if m[2].lower() == "after" else reader.clips(other)[0]
    return _put(reader, moved, place)


def _move_to(reader: _Reader, m: re.Match[str]) -> Revision:
    return _put(reader, reader.shown(m[1]), len(reader.cut.clips) if m[2].lower() == "end" else 0)


def _put(reader: _Reader, shot: str, place: int) -> Revision:
    """Move all clips that show a shot, as they follow each other, before the first other one from a place on."""
    clips, moved = reader.cut.clips, reader.clips(shot)
    before = next((i for i in range(place, len(clips)) if i not in moved), None)
    order, edits = list(range(len(clips))), list[dict[str, Any]]()
    for i in moved:  # each by the name that it has after those before it
        names = dict(zip(order, clip_names([clips[j] for j in order]), strict=True))
        edits.append({"op": "move", "clip": names[i], "before": None if before is None else names[before]})
        order.remove(i)
        order.insert(len(order) if before is None else order.index(before), i)
    return Revision(edits=edits)


def _trim(reader: _Reader, m: re.Match[str]) -> Revision:
    names, head = reader.names(m[3]), m[2].lower() in ("beginning", "start", "head")
    clip, end = (names[0], "head") if head else (names[-1], "tail")
    return Revision(edits=[{"op": "trim", "clip": clip, end: reader.frames(m[1])}])


def _join(reader: _Reader, m: re.Match[str]) -> Revision:
    kind = KINDS[" ".join(m[1].lower().split())]
    frames = 0 if kind == "cut" else reader.frames(m[3] or "0.5")
    joint = {"kind": kind, "frames": frames}
    return Revision(edits=[{"op": "transition", "clip": reader.names(m[2])[0], "transition": joint}])


def _speed(reader: _Reader, m: re.Match[str]) -> Revision:
    said = m[2].lower()
    rate = {"half": Fraction(1, 2), "double": Fraction(2), "normal": Fraction(1)}.get(said) or Fraction(said)
    return Revision(edits=[{"op": "speed", "clip": name, "speed": str(rate)} for name in reader.names(m[1])])


def _mute(reader: _Reader, m: re.Match[str]) -> Revision:
    return Revision(edits=[{"op": "volume", "clip": name, "gain_db": -120.0} for name in reader.names(m[1])])


def _louder(reader: _Reader, m: re.Match[str]) -> Revision:
    by = float(m[3] or 3) * (1 if m[2].lower() == "louder" else -1)
    names = clip_names(reader.cut.clips)
    return Revision(
        edits=[
            {"op": "volume", "clip": names[i], "gain_db": reader.cut.clips[i].gain_db + by}
            for i in reader.clips(reader.shown(m[1]))
        ]
    )


_RULES: Sequence[tuple[str, Callable[[_Reader, re.Match[str]], Revision]]] = (
    (rf"(?:shoot|film|make|do)\s+{_SHOT}\s+again", _again),
    (rf"(?:make\s+)?{_SHOT}\s+(longer|shorter)\s+by\s+{SECONDS}", _longer),
    (rf"(?:make\s+)?{_SHOT}\s+(?:lasts?\s+)?{SECONDS}(?:\s+long)?", _long),
    (rf"{_SHOT}\s*:\s*(.+)", _prompt),
    (rf"(?:delete|remove|cut\s+out|drop)\s+{_SHOT}", _delete),
    (rf"(?:move|put)\s+{_SHOT}\s+(before|after)\s+{_SHOT}", _move),
    (rf"(?:move|put)\s+{_SHOT}\s+(?:to|at)\s+the\s+(end|beginning|start)", _move_to),
    (rf"(?:trim|cut)\s+{SECONDS}\s+(?:off|from)\s+the\s+(beginning|start|head|end|tail)\s+of\s+{_SHOT}", _trim),
    (rf"({ANY_KIND})\s+into\s+{_SHOT}(?:\s+(?:for|of|over)\s+{SECONDS})?", _join),
    (
        rf"(?:play|run)\s+{_SHOT}\s+at\s+(half|double|normal|\d+(?:\.\d+)?)\s*x?(?:\s*times)?(?:\s+(?:the\s+)?speed)?",
        _speed,
    ),
    (rf"(?:mute|silence)\s+{_SHOT}", _mute),
    (rf"(?:make\s+)?{_SHOT}\s+(louder|quieter)(?:\s+by\s+({NUMBER})\s*db)?", _louder),
)
