"""The pictures and clips a request leans on: read, fitted to the take, handed over as each pipeline expects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from PIL import Image, UnidentifiedImageError

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Reference, Substitution

Role: TypeAlias = Literal["first_frame", "last_frame", "keyframe", "reference", "video", "mask"]


@dataclass
class Conditions:
    """A request's references as RGB pictures of the take's size.

    Attributes:
        width: Of the take.
        height: Of the take.
        frames: Of the take.
        first: What the take begins on.
        last: What it ends on.
        keyframes: Pictures that must appear at a frame, as (frame, picture, strength).
        references: Who or what must look the same, in their own sizes.
        video: A source clip, a picture for each frame.
        mask: White where the source clip may change, a picture for each frame.
        strength: How far the source clip may be left, 0 to 1.
        substitutions: What had to be fitted.
    """

    width: int
    height: int
    frames: int
    first: Image.Image | None = None
    last: Image.Image | None = None
    keyframes: list[tuple[int, Image.Image, float]] = field(default_factory=list)
    references: list[Image.Image] = field(default_factory=list)
    video: list[Image.Image] = field(default_factory=list)
    mask: list[Image.Image] = field(default_factory=list)
    strength: float = 1.0
    substitutions: list[Substitution] = field(default_factory=list)


def read_conditions(call: Call) -> Conditions:
    """Read a call's reference files.

    A clip given as the first frame lends its last frame (the take goes on where that clip ended), and one given as the
    last frame lends its first.

    Raises:
        InvalidRequest: A file is missing or is no picture or clip, or a key frame lies outside the take.
    """
    request = call.request
    got = Conditions(width=request.width, height=request.height, frames=request.frames)
    for reference in request.references:
        path = call.references.get(reference.content)
        if path is None:
            raise InvalidRequest(f"the {reference.role} reference {reference.content[:12]} came without its file")
        pictures = _pictures(path)
        match reference.role:
            case "first_frame":
                got.first = _fit(pictures[-1], got, reference)
            case "last_frame":
                got.last = _fit(pictures[0], got, reference)
            case "keyframe":
                if not 0 <= reference.frame < request.frames:
                    raise InvalidRequest(
                        f"a key frame at {reference.frame} is outside the take: choose 0 to {request.frames - 1}"
                    )
                got.keyframes.append((reference.frame, _fit(pictures[0], got, reference), reference.strength))
            case "reference":
                got.references.append(pictures[0])
            case "video":
                got.video = [_fit(p, got, reference) for p in _as_long(pictures, got, reference)]
                got.strength = reference.strength
            case "mask":
                got.mask = [_fit(p, got, reference).convert("L") for p in _as_long(pictures, got, reference)]
    return got


def _pictures(path: Path) -> list[Image.Image]:
    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as picture:
            return [picture.convert("RGB")]
    except UnidentifiedImageError:
        return [Image.fromarray(frame) for frame in decode(path)]
    except OSError as error:
        raise InvalidRequest(f"the reference {path.name} cannot be read: {error}") from error


def _fit(picture: Image.Image, take: Conditions, reference: Reference) -> Image.Image:
    """Scale a picture to the take's size, cutting what overhangs: never stretched, and a cut is said."""
    width, height = picture.size
    if (width, height) == (take.width, take.height):
        return picture
    scale = max(take.width / width, take.height / height)
    wide, high = round(width * scale), round(height * scale)
    if abs(wide - take.width) > 1 or abs(high - take.height) > 1:
        note = Substitution(
            what="references", asked=f"{reference.role} {reference.content[:12]}, {width}x{height}",
            made=f"its middle, {take.width}x{take.height}", why="the picture's shape is not the take's",
        )  # fmt: skip
        if note not in take.substitutions:
            take.substitutions.append(note)
    scaled = picture.resize((max(wide, take.width), max(high, take.height)), Image.Resampling.LANCZOS)
    left, top = (scaled.width - take.width) // 2, (scaled.height - take.height) // 2
    return scaled.crop((left, top, left + take.width, top + take.height))


def _as_long(pictures: list[Image.Image], take: Conditions, reference: Reference) -> list[Image.Image]:
    """Give the source clip one picture for each frame of the take: a longer one is trimmed, a still one is held."""
    if len(pictures) == 1:
        return pictures * take.frames
    if len(pictures) < take.frames:
        raise InvalidRequest(
            f"the {reference.role} reference has {len(pictures)} frames: give one of at least the take's {take.frames}"
        )
    if len(pictures) > take.frames:
        take.substitutions.append(
            Substitution(
                what="references",
                asked=f"{reference.role} {reference.content[:12]}, {len(pictures)} frames",
                made=f"its first {take.frames} frames",
                why="the take is shorter than the clip",
            )
        )
    return pictures[: take.frames]


# --- builders: one for each way of handing them over ----------------------------------------------------------------

Builder: TypeAlias = Callable[[Conditions], dict[str, Any]]


def source_video(conditions: Conditions) -> dict[str, Any]:
    """Hand over a source clip and how far it may be left."""
    return {"video": conditions.video, "strength": conditions.strength}
