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
from reelgraph.video_tools.timebase import frames_of

_NUMBER = r"(\d+(?:\.\d+)?)"
_SECONDS = rf"{_NUMBER}\s*(?:s|sec|seconds?)\b"
_SHOT = (
    r"((?:shot\s+|scene\s+)?s\d{2,4}-\d{2,4}[a-z]?|shot\s+\d+|the\s+(?:first|last|second|third|fourth|fifth)\s+shot)"
)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
_KINDS = {
    "crossfade": "crossfade", "dissolve": "crossfade", "dip to black": "dip_black", "fade to black": "dip_black",
    "dip to white": "dip_white", "wipe": "wipe", "push": "push", "hard cut": "cut", "straight cut": "cut",
}  # fmt: skip

_ANY_KIND = "|".join(kind.replace(" ", r"\s+") for kind in _KINDS)

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
class Revision:
    """What a person asked for.

    Attributes:
        shots: Shots with another plan, to be shot as they now are.
        again: Ids of shots to be shot once more by another seed.
        edits: Edits of the cut, as plain data.
    """

    shots: list[Shot] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)


def read_instructions(text: str, board: Storyboard, cut: Cut) -> Revision:
    """Read instructions by the grammar, one a sentence or line.

    Args:
        text: What a person wrote.
        board: The storyboard that shots are named in, by id or by their place in it.
        cut: The newest cut.

    Raises:
        InvalidRequest: A sentence is not understood, or names a shot that there is not.
    """
    shots: dict[str, Shot] = {shot.id: shot for shot in board.shots}
    revision = Revision()
    changed: dict[str, Shot] = {}
    sentences = [s.strip() for s in re.split(r"(?<=[.;!])\s+(?=[A-Z0-9])|\n+", text.strip()) if s.strip()]
    if not sentences:
        raise InvalidRequest("say what to change, such as: " + "; ".join(UNDERSTOOD[:3]))
    for sentence in sentences:
        for pattern, act in _RULES:
            match = re.fullmatch(pattern, sentence.rstrip(".;!"), re.IGNORECASE)
            if match:
                reader = _Reader(board, cut, {**shots, **changed})
                made = act(reader, match)
                changed.update({shot.id: shot for shot in made.shots})
                revision.again.extend(made.again)
                revision.edits.extend(made.edits)
                break
        else:
            raise InvalidRequest(
                f"{sentence!r} is not understood, and nothing was changed: write such as {'; '.join(UNDERSTOOD)}"
            )
    return Revision(list(changed.values()), revision.again, revision.edits)


@dataclass(frozen=True)
class _Reader:
    board: Storyboard
    cut: Cut
    shots: dict[str, Shot]

    def shot(self, words: str) -> Shot:
        """Find the shot that words name."""
        order = [shot.id for shot in self.board.shots]
        plain = words.lower().removeprefix("shot ").removeprefix("scene ").strip()
        if plain in self.shots:
            return self.shots[plain]
        ordinal = next((n for name, n in _ORDINALS.items() if f"the {name} shot" == plain), None)
        counted = int(plain) if plain.isdecimal() else 0
        number = counted - 1 if counted else ordinal
        if number is None or number >= len(order):
            raise InvalidRequest(f"there is no {words!r}: the shots are {', '.join(order)}")
        return self.shots[order[number]]

    def clips(self, shot: Shot) -> list[int]:
        """Find the clips of the cut that show a shot, which are several where an edit split it."""
        clips = [i for i, clip in enumerate(self.cut.clips) if clip.shot == shot.id]
        if not clips:
            raise InvalidRequest(f"{shot.id} is not in the cut: the clips are {', '.join(clip_names(self.cut.clips))}")
        return clips

    def names(self, words: str) -> list[str]:
        """Name the clips that show the shot that words name, as edits do."""
        names = clip_names(self.cut.clips)
        return [names[i] for i in self.clips(self.shot(words))]

    def frames(self, seconds: str) -> int:
        """Count a length in the film's frames."""
        return frames_of(Fraction(seconds), self.cut.rate)


def _again(reader: _Reader, m: re.Match[str]) -> Revision:
    return Revision(again=[reader.shot(m[1]).id])


def _longer(reader: _Reader, m: re.Match[str]) -> Revision:
    shot = reader.shot(m[1])
    by = float(m[3]) * (1 if m[2].lower() == "longer" else -1)
    return _lasting(shot, shot.seconds + by)


def _long(reader: _Reader, m: re.Match[str]) -> Revision:
    return _lasting(reader.shot(m[1]), float(m[2]))


def _lasting(shot: Shot, seconds: float) -> Revision:
    if not 0 < seconds <= 600:
        raise InvalidRequest(f"{shot.id} cannot last {seconds:g} s: more than 0 and at most 600")
    return Revision(shots=[shot.model_copy(update={"seconds": round(seconds, 3)})])


def _prompt(reader: _Reader, m: re.Match[str]) -> Revision:
    return Revision(shots=[reader.shot(m[1]).model_copy(update={"prompt": m[2].strip()})])


def _delete(reader: _Reader, m: re.Match[str]) -> Revision:
    # From the last on: a clip is named by how many of its shot are before it.
    return Revision(edits=[{"op": "delete", "clip": name} for name in reversed(reader.names(m[1]))])


def _move(reader: _Reader, m: re.Match[str]) -> Revision:
    moved, other = reader.shot(m[1]), reader.shot(m[3])
    if moved.id == other.id:
        raise InvalidRequest(f"{moved.id} cannot be put {m[2].lower()} itself: name another shot")
    place = reader.clips(other)[-1] + 1 if m[2].lower() == "after" else reader.clips(other)[0]
    return _put(reader, moved, place)


def _move_to(reader: _Reader, m: re.Match[str]) -> Revision:
    return _put(reader, reader.shot(m[1]), len(reader.cut.clips) if m[2].lower() == "end" else 0)


def _put(reader: _Reader, shot: Shot, place: int) -> Revision:
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
    kind = _KINDS[" ".join(m[1].lower().split())]
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
            for i in reader.clips(reader.shot(m[1]))
        ]
    )


_RULES: Sequence[tuple[str, Callable[[_Reader, re.Match[str]], Revision]]] = (
    (rf"(?:shoot|film|make|do)\s+{_SHOT}\s+again", _again),
    (rf"(?:make\s+)?{_SHOT}\s+(longer|shorter)\s+by\s+{_SECONDS}", _longer),
    (rf"(?:make\s+)?{_SHOT}\s+(?:last\s+)?{_SECONDS}(?:\s+long)?", _long),
    (rf"{_SHOT}:\s*(.+)", _prompt),
    (rf"(?:delete|remove|cut\s+out|drop)\s+{_SHOT}", _delete),
    (rf"(?:move|put)\s+{_SHOT}\s+(before|after)\s+{_SHOT}", _move),
    (rf"(?:move|put)\s+{_SHOT}\s+(?:to|at)\s+the\s+(end|beginning|start)", _move_to),
    (rf"(?:trim|cut)\s+{_SECONDS}\s+(?:off|from)\s+the\s+(beginning|start|head|end|tail)\s+of\s+{_SHOT}", _trim),
    (rf"({_ANY_KIND})\s+into\s+{_SHOT}(?:\s+(?:for|of|over)\s+{_SECONDS})?", _join),
    (
        rf"(?:play|run)\s+{_SHOT}\s+at\s+(half|double|normal|\d+(?:\.\d+)?)\s*x?(?:\s*times)?(?:\s+(?:the\s+)?speed)?",
        _speed,
    ),
    (rf"(?:mute|silence)\s+{_SHOT}", _mute),
    (rf"(?:make\s+)?{_SHOT}\s+(louder|quieter)(?:\s+by\s+{_NUMBER}\s*db)?", _louder),
)
