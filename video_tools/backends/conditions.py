"""The pictures and clips a request leans on: read, fitted to the take, handed over as each pipeline expects."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image, UnidentifiedImageError

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.editing.media import decode, probe
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
        steps: Denoising steps of the take.
        latent: Frames that one latent frame stands for.
        first: What the take begins on.
        last: What it ends on.
        pinned: All pictures that must appear at a frame, first and last too, as (frame, picture, strength).
        references: Who or what must look the same, in their own sizes.
        video: A source clip, a picture for each frame.
        draft: The same clip as it came, where it is half as wide and high as the take.
        latents: That clip as a pipeline has it within, of the take's size, where it was made of the draft.
        mask: White where the source clip may change, a picture for each frame.
        strength: How closely the source clip is followed, 0 to 1.
        substitutions: What had to be fitted.
    """

    width: int
    height: int
    frames: int
    steps: int = 1
    latent: int = 1
    first: Image.Image | None = None
    last: Image.Image | None = None
    pinned: list[tuple[int, Image.Image, float]] = field(default_factory=list)
    references: list[Image.Image] = field(default_factory=list)
    video: list[Image.Image] = field(default_factory=list)
    draft: list[Image.Image] = field(default_factory=list)
    latents: Any = None
    mask: list[Image.Image] = field(default_factory=list)
    strength: float = 1.0
    substitutions: list[Substitution] = field(default_factory=list)

    def on(self, canvas: tuple[int, int] | None) -> "Conditions":
        """Return the same pictures in the middle of a canvas, their edges drawn on to its own."""
        if canvas is None:
            return self
        pad = partial(_padded, margins=margins(canvas, (self.width, self.height)), canvas=canvas)
        return replace(
            self, width=canvas[0], height=canvas[1], first=self.first and pad(self.first),
            last=self.last and pad(self.last), pinned=[(frame, pad(p), strength) for frame, p, strength in self.pinned],
            video=[pad(p) for p in self.video], draft=[], mask=[pad(p) for p in self.mask],
        )  # fmt: skip


def margins(canvas: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Return how far from the left and the top of a canvas its middle of some size begins."""
    return (canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2


def _padded(picture: Image.Image, *, margins: tuple[int, int], canvas: tuple[int, int]) -> Image.Image:
    left, top = margins
    pixels = np.asarray(picture)
    sides = [(top, canvas[1] - top - pixels.shape[0]), (left, canvas[0] - left - pixels.shape[1])]
    return Image.fromarray(np.pad(pixels, [*sides, *[(0, 0)] * (pixels.ndim - 2)], mode="edge"))


def read_conditions(call: Call, *, steps: int = 1, latent: int = 1) -> Conditions:
    """Read a call's reference files.

    A clip given as the first frame lends the frame that is named, its last where none is (the take goes on where that
    clip ended), and one given as the last frame lends its first.

    Raises:
        InvalidRequest: A file is missing or is no picture or clip, or a key frame lies outside the take.
    """
    request = call.request
    got = Conditions(width=request.width, height=request.height, frames=request.frames, steps=steps, latent=latent)
    for reference in request.references:
        path = call.references.get(reference.content)
        if path is None:
            raise InvalidRequest(f"the {reference.role} reference {reference.content[:12]} came without its file")
        pictures = _pictures(path)
        match reference.role:
            case "first_frame":
                got.first = _fit(_begun(pictures, reference), got, reference)
                got.pinned.append((0, got.first, reference.strength))
            case "last_frame":
                got.last = _fit(next(pictures), got, reference)
                got.pinned.append((request.frames - 1, got.last, reference.strength))
            case "keyframe":
                if not 0 <= reference.frame < request.frames:
                    raise InvalidRequest(
                        f"a key frame at {reference.frame} is outside the take: choose 0 to {request.frames - 1}"
                    )
                got.pinned.append((reference.frame, _fit(next(pictures), got, reference), reference.strength))
            case "reference":
                got.references.append(next(pictures))
            case "video":
                clip = _as_long(path, request.rate, got, reference)
                got.video = [_fit(p, got, reference) for p in clip]
                got.draft = clip if all((2 * p.width, 2 * p.height) == (got.width, got.height) for p in clip) else []
                got.strength = reference.strength
            case "mask":
                clip = _as_long(path, request.rate, got, reference)
                got.mask = [_fit(p, got, reference).convert("L") for p in clip]
    return got


def wholly(references: Iterable[Reference], who: str) -> list[Substitution]:
    """Say of references that are followed wholly by somebody though less of them was asked for."""
    return [
        Substitution(what="references", asked=f"{r.role} at {r.strength:g}", made=f"{r.role} at 1",
                     why=f"{who} follows it wholly")
        for r in references if r.strength != 1
    ]  # fmt: skip


def _begun(pictures: Iterator[Image.Image], reference: Reference) -> Image.Image:
    """Find the picture of a clip that a take begins on."""
    count = 0
    for picture in pictures:
        if count == reference.frame > 0:
            return picture
        count += 1
    if reference.frame:
        raise InvalidRequest(f"the first_frame reference has {count} frames, and no frame {reference.frame}")
    return picture  # the last, on which the take goes on


def _pictures(path: Path) -> Iterator[Image.Image]:
    """Read a picture, or those of a clip, at least one; each is made when it is asked for."""
    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as picture:
            yield picture.convert("RGB")
    except UnidentifiedImageError:
        yield from map(Image.fromarray, decode(path))
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


def _as_long(path: Path, rate: Fraction, take: Conditions, reference: Reference) -> list[Image.Image]:
    """Give the source clip one picture for each frame of the take, that of the same moment; a still one is held.

    Takes are often one frame longer than whole seconds: where that one begins as the clip ends, it is the clip's last.
    """
    clip, pictures = probe(path), _pictures(path)
    if clip.frames == 1:
        return [next(pictures)] * take.frames
    step = clip.rate / rate
    moments = [int(frame * step) for frame in range(take.frames)]
    held = (take.frames - 1) * step == clip.frames
    moments[-1] -= held
    times, needed = Counter(moments), moments[-1] + 1
    shown = [p for number, picture in enumerate(islice(pictures, needed)) for p in [picture] * times[number]]
    if len(shown) < take.frames:
        raise InvalidRequest(
            f"the {reference.role} reference has {clip.frames} frames: give one of at least the {needed} that the "
            f"take's {take.frames} follow"
        )
    differences = [
        (step != 1, f"{clip.rate} frames a second", f"the {rate} of them that are shown at the take's frames",
         "the take's rate is not the clip's"),
        (held, f"{clip.frames} frames", "its last frame as the take's last", "the take is one frame longer"),
        (clip.frames > take.frames * step, f"{clip.frames} frames", f"its first {needed} frames",
         "the take is shorter than the clip"),
    ]  # fmt: skip
    take.substitutions += [
        Substitution(
            what="references", asked=f"{reference.role} {reference.content[:12]}, {asked}", made=made, why=why
        )
        for said, asked, made, why in differences if said
    ]  # fmt: skip
    return shown


# --- builders: one for each way of handing them over ----------------------------------------------------------------

Builder: TypeAlias = Callable[[Conditions], dict[str, Any]]


def first_only(conditions: Conditions) -> dict[str, Any]:
    """Hand over the picture that the take begins on."""
    return {"image": conditions.first}


def first_and_last(conditions: Conditions) -> dict[str, Any]:
    """Hand over the pictures that the take begins and, if asked for, ends on."""
    return {"image": conditions.first, "last_image": conditions.last}


def source_video(conditions: Conditions) -> dict[str, Any]:
    """Hand over a source clip, and the share of the noise that it is buried in."""
    return {"video": conditions.video, "strength": noise_share(conditions)}


def noise_share(conditions: Conditions) -> float:
    """Return the share of the noise in which what is followed is buried: none of it is followed at 1, all at 0.

    At least one step is always denoised; pipelines round the number of steps down, hence the hair above it.
    """
    denoised = max(1, round((1 - conditions.strength) * conditions.steps))
    return min(1.0, (denoised + 0.001) / conditions.steps)


def ltx_pinned(conditions: Conditions) -> dict[str, Any]:
    """Hand over pictures at their frames, and a source clip from the first frame on or, enlarged, its latents."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    items = [LTXVideoCondition(image=p, frame_index=f, strength=s) for f, p, s in conditions.pinned]
    clip: dict[str, Any] = {}
    if conditions.latents is not None:
        clip = {"latents": conditions.latents, "denoise_strength": noise_share(conditions)}
    elif conditions.video:
        items.append(LTXVideoCondition(video=conditions.video, frame_index=0, strength=conditions.strength))
    return clip | ({"conditions": items} if items else {})


def ltx2_pinned(conditions: Conditions) -> dict[str, Any]:
    """Hand over pictures where the nearest latent frame begins, and a source clip from the first frame on."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    begins = [0, *range(1, conditions.frames, conditions.latent)]
    items = []
    for frame, picture, strength in conditions.pinned:
        index = min(range(len(begins)), key=lambda latent: abs(begins[latent] - frame))
        items.append(LTX2VideoCondition(frames=picture, index=index, strength=strength))
        if begins[index] != frame:
            conditions.substitutions.append(
                Substitution(
                    what="references", asked=f"a picture at frame {frame}", made=f"at frame {begins[index]}",
                    why="LTX-2 pins pictures only where a latent frame begins",
                )
            )  # fmt: skip
    if conditions.video:
        items.append(LTX2VideoCondition(frames=conditions.video, index=0, strength=conditions.strength))
    return {"conditions": items or None}


def animate(conditions: Conditions) -> dict[str, Any]:
    """Hand over who is to move and the clip of poses that they follow.

    What their face does would be another clip, cut out of the source by a face detector; a black one leaves it to the
    prompt. Source: Wan-Animate (arXiv 2509.14055), which is trained with the face left out as well.
    """
    black = Image.new("RGB", (512, 512))
    return {
        "image": conditions.references[0],
        "pose_video": conditions.video,
        "face_video": [black] * conditions.frames,
    }


def control_video(conditions: Conditions) -> dict[str, Any]:
    """Hand over a clip of edges, depths or poses that the take follows picture by picture."""
    return {"control_video": conditions.video}


def edited_video(conditions: Conditions) -> dict[str, Any]:
    """Hand over a source clip of which all is kept that the prompt does not change."""
    return {"video": conditions.video}


def vace(conditions: Conditions) -> dict[str, Any]:
    """Hand over a source clip with what of it may change, who must look the same, or a grey clip with pictures pinned.

    Source: VACE (arXiv 2503.07598): what is to be made is grey and masked white, what is to be kept is masked black.
    """
    grey = Image.new("RGB", (conditions.width, conditions.height), (128, 128, 128))
    white, black = (Image.new("L", grey.size, level) for level in (255, 0))
    video, mask = list(conditions.video), list(conditions.mask)
    if conditions.pinned:
        video = video or [grey] * conditions.frames
        mask = mask or [white] * conditions.frames
        for frame, picture, _ in conditions.pinned:
            video[frame], mask[frame] = picture, black
    return {
        "video": video or None,
        "mask": mask or None,
        "reference_images": conditions.references or None,
        "conditioning_scale": conditions.strength,
    }
