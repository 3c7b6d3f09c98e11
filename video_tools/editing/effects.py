"""Effects: small frozen dataclasses with one method, found by name; any MoviePy effect is one too, as `moviepy:NAME`.

An effect sees one picture at a time and its place in the clip. One that does the same at every place says so
(`timed = False`), and trimming its clip then makes none of its frames anew. One that does not may say what it is in the
halves of a split clip, by a method `halves`; a clip with one that does not is not split. What another package brings is
named where it breaks; once it has another `version`, or without one another source, its frames are made anew.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from reelgraph.video_tools import registry
from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Effect, first_fault
from reelgraph.video_tools.origin import is_ours, written

if TYPE_CHECKING:
    from reelgraph.video_tools.editing.conform import TakeFiles


class PictureEffect(Protocol):
    """What changes pictures; a dataclass, whose fields are its arguments."""

    timed: ClassVar[bool]

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Change one picture.

        Args:
            image: `(height, width, 3) uint8 RGB`; not to be written to.
            at: Which frame of the clip it is.
            frames: How many the clip has.

        Returns:
            A picture of the same shape.
        """


def effect_of(effect: Effect, rate: Fraction) -> PictureEffect:
    """Make an effect from its name and arguments.

    Raises:
        InvalidRequest: There is no such effect, or it has no such argument or value (the message says what there is),
            or it is another package's and breaks or is none.
    """
    if effect.name.startswith("moviepy:"):
        from reelgraph.video_tools.editing.moviepy_effects import MoviepyEffect

        return MoviepyEffect(effect.name.removeprefix("moviepy:"), tuple(sorted(effect.arguments.items())), rate)
    from pydantic import TypeAdapter, ValidationError

    kind = _kind(effect.name)
    known = [f.name for f in fields(kind)]
    unknown = sorted(set(effect.arguments) - set(known))
    if unknown:
        raise InvalidRequest(f"effect {effect.name} has no {unknown[0]!r}: it has {', '.join(known) or 'no arguments'}")
    with _blamed(effect.name, kind, "made"):
        try:
            made: PictureEffect = TypeAdapter(kind).validate_python(dict(effect.arguments))
        except ValidationError as error:
            raise InvalidRequest(f"effect {effect.name}: {first_fault(error)}") from error
    return made


def _kind(name: str) -> Any:
    """Load an effect's class.

    Raises:
        InvalidRequest: There is none of that name, or what is registered under it is no effect.
    """
    kind = registry.load("reelgraph.effects", name)
    with _blamed(name, kind, "used"):
        lacks = [what for what in ("timed", "apply") if not hasattr(kind, what)]
        if not isinstance(kind, type) or not is_dataclass(kind) or lacks:
            said = f"it has no `{lacks[0]}`" if lacks else "it is no dataclass"
            raise InvalidRequest(f"{registry.told('reelgraph.effects', name)} is no effect, since {said}: mend it")
    return kind


def _blamed(name: str, kind: type, done: str) -> AbstractContextManager[None]:
    """Name an effect of another package where it breaks; a fault of ours is not foreseen."""
    if is_ours((kind if isinstance(kind, type) else type(kind)).__module__):
        return nullcontext()
    return registry.blamed(registry.told("reelgraph.effects", name), done)


def halves(effect: Effect, at: int, frames: int) -> tuple[list[Effect], list[Effect]]:
    """Return what an effect of a clip becomes in its two halves, so that both together show what the clip showed.

    Args:
        effect: Of the clip.
        at: Which frame of it the later half begins with.
        frames: How many it has.

    Raises:
        InvalidRequest: The effect cannot be divided there.
    """
    if effect.name.startswith("moviepy:"):
        from reelgraph.video_tools.editing.moviepy_effects import STEADY

        timed, divides = effect.name.removeprefix("moviepy:") not in STEADY, False
    else:
        kind = _kind(effect.name)
        timed, divides = kind.timed, hasattr(kind, "halves")
    if not timed:
        return [effect], [effect]
    if not divides:
        raise InvalidRequest(
            f"effect {effect.name} depends on its place in the clip and cannot be divided: take it off (`effects`), "
            "and give it to the halves"
        )
    made: Any = effect_of(effect, Fraction(1))  # only MoviePy's have a rate
    parts = []
    with _blamed(effect.name, type(made), "divided"):
        for half in made.halves(at, frames):
            changed = {k: v for k, v in asdict(half).items() if v != getattr(made, k)} if half else {}
            parts.append([effect.model_copy(update={"arguments": {**effect.arguments, **changed}})] if half else [])
        return parts[0], parts[1]


def stretch(effects: Sequence[Effect], first: int, end: int, frames: int) -> list[Effect]:
    """Return what the effects of a clip of so many frames become in the stretch of it from `first` to `end`.

    Raises:
        InvalidRequest: One of them cannot be divided there.
    """
    later = [kept for effect in effects for kept in (halves(effect, first, frames)[1] if first else [effect])]
    length = frames - first
    return [kept for e in later for kept in (halves(e, end - first, length)[0] if end < frames else [e])]


def in_place(cut: Cut, takes: "TakeFiles") -> Cut:
    """Return a cut whose effects name files by where they are, as `effect_of` wants them."""
    if not any("file" in effect.arguments for clip in cut.clips for effect in clip.effects):
        return cut

    def placed(effect: Effect) -> Effect:
        if "file" not in effect.arguments:
            return effect
        there = str(takes.file(str(effect.arguments["file"])))
        return effect.model_copy(update={"arguments": {**effect.arguments, "file": there}})

    clips = [clip.model_copy(update={"effects": [placed(effect) for effect in clip.effects]}) for clip in cut.clips]
    return cut.model_copy(update={"clips": clips})


def recipe_of(effect: Effect) -> list[object]:
    """Return all that decides what an effect does, as plain data; of a file, what is in it.

    Of an effect of another package, that is its version or its source too. Ours do not change under one name.
    """
    named = {k: sha256_of(Path(str(v))) if k == "file" else v for k, v in effect.arguments.items()}
    if effect.name.startswith("moviepy:") or is_ours((kind := _kind(effect.name)).__module__):
        return [effect.name, named]
    version = getattr(kind, "version", None)
    return [effect.name, named, written(kind) if version is None else str(version)]


def applied(effects: Sequence[tuple[str, PictureEffect]], image: np.ndarray, at: int, frames: int) -> np.ndarray:
    """Apply effects in order.

    Args:
        effects: Each behind its name.
        image: As `PictureEffect.apply` takes it.
        at: The same.
        frames: The same.

    Raises:
        InvalidRequest: One that another package brings breaks, or gives no picture of the same size.
    """
    for name, effect in effects:
        with _blamed(name, type(effect), "applied"):
            made = effect.apply(image, at, frames)
        if not isinstance(made, np.ndarray) or made.shape != image.shape or made.dtype != np.uint8:
            gives = f"{made.dtype} {made.shape}" if isinstance(made, np.ndarray) else type(made).__name__
            raise InvalidRequest(
                f"{registry.told('reelgraph.effects', name)} gives {gives} for a picture of uint8 {image.shape}: "
                "one of the same size and kind is needed"
            )
        image = made
    return image


def within(effect: str, name: str, value: float, least: float, most: float) -> None:
    """Refuse an argument that is out of range.

    Raises:
        InvalidRequest: It is; the message quotes the range.
    """
    if not least <= value <= most:
        raise InvalidRequest(f"effect {effect}: {name} {value:g} is outside {least:g} to {most:g}")


def curve(table: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Look every value up in a table of 256."""
    import cv2

    return cv2.LUT(image, table)


def matrixed(matrix: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Multiply every pixel by a 3x3 matrix."""
    import cv2

    return cv2.transform(image, matrix)


def rounded(values: np.ndarray) -> np.ndarray:
    """Round to uint8, cutting off what is outside."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
