"""What lies over the picture: titles, lower thirds, burnt-in captions and insets, blended in YUV only where they are.

Text is drawn, never passed to a filter as syntax, so a percent sign or a quote is only a sign.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import av
import numpy as np

from reelgraph.video_tools.editing.footage import planes
from reelgraph.video_tools.editing.profile import BT709, LIMITED
from reelgraph.video_tools.editing.segments import Segment
from reelgraph.video_tools.film import Caption, Cut, Title

if TYPE_CHECKING:  # Pillow and fonts cost time that a film without words need not spend
    from PIL import Image


class Layer(Protocol):
    """Something over the picture for a while.

    Attributes:
        start: The film frame at which it appears.
        frames: For how many it is there.
    """

    @property
    def start(self) -> int: ...  # noqa: D102

    @property
    def frames(self) -> int: ...  # noqa: D102

    def recipe(self) -> list[object]:
        """Return all that decides how it looks, as plain data; not when it appears."""

    def over(self, pictures: Iterator[av.VideoFrame], first: int, frames: int) -> Iterator[av.VideoFrame]:
        """Draw it on pictures, which begin with its own frame `first`: yuv420p, and nobody else's."""


@dataclass(frozen=True)
class Words:
    """Drawn words, which may fade in and out."""

    start: int
    frames: int
    draw: "Callable[[], Image.Image]" = field(compare=False)  # called only if a frame under it is made anew
    name: list[object]
    fade: int = 0

    def recipe(self) -> list[object]:
        """Return the words and how they are drawn."""
        return [*self.name, self.fade, self.frames if self.fade else 0]

    def over(self, pictures: Iterator[av.VideoFrame], first: int, frames: int) -> Iterator[av.VideoFrame]:
        """Blend the drawing in."""
        for at, picture in enumerate(pictures, first):
            self._stamp.onto(picture, min(1.0, (at + 1) / (self.fade + 1), (self.frames - at) / (self.fade + 1)))
            yield picture

    @cached_property
    def _stamp(self) -> "Stamp":
        return Stamp.of(self.draw())


@dataclass(frozen=True)
class Picture:
    """An inset: a segment of its own size, somewhere over the picture."""

    start: int
    frames: int
    segment: Segment
    in_frame: int
    left: int
    top: int

    def recipe(self) -> list[object]:
        """Return which frames are shown, and where."""
        return ["inset", self.segment.name, self.in_frame, self.left, self.top]

    def over(self, pictures: Iterator[av.VideoFrame], first: int, frames: int) -> Iterator[av.VideoFrame]:
        """Put each of its pictures in its place."""
        shown = self.segment.decode(self.in_frame + first, frames)
        for picture, frame in zip(pictures, shown, strict=True):
            for plane, (target, inset) in enumerate(zip(planes(picture), planes(frame), strict=True)):
                step = 2 if plane else 1
                x, y = self.left // step, self.top // step
                height, width = inset.shape
                target[y : y + height, x : x + width] = inset
            yield picture


@dataclass(frozen=True)
class Stamp:
    """A drawing in YUV with its opacity, cut to where there is any; sides and place are even."""

    left: int
    top: int
    colours: tuple[np.ndarray, ...]
    opacities: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, drawing: "Image.Image") -> "Stamp":
        """Make a stamp of an RGBA picture of the film's size."""
        box = drawing.getchannel("A").getbbox() or (0, 0, 2, 2)
        left, top = box[0] // 2 * 2, box[1] // 2 * 2
        right, bottom = -(-box[2] // 2) * 2, -(-box[3] // 2) * 2
        part = np.asarray(drawing.crop((left, top, right, bottom)))
        alpha = part[..., 3].astype(np.float32) / 255
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(part[..., :3]), format="rgb24")
        yuv = frame.reformat(format="yuv444p", dst_colorspace=BT709, dst_color_range=LIMITED).to_ndarray()
        height, width = alpha.shape
        blocks = (height // 2, 2, width // 2, 2)
        half = alpha.reshape(blocks).mean((1, 3))
        # A chroma sample's colour is that of its four pixels, each counted by how much of it is seen.
        weight = np.maximum(half, 1e-6)
        chroma = [(c * alpha).reshape(blocks).mean((1, 3)) / weight for c in yuv[1:].astype(np.float32)]
        return cls(left, top, (yuv[0].astype(np.float32), *chroma), (alpha, half, half))

    def onto(self, picture: av.VideoFrame, share: float) -> None:
        """Blend this into a yuv420p picture, at `share` of its opacity."""
        for plane, target in enumerate(planes(picture)):
            step = 2 if plane else 1
            x, y = self.left // step, self.top // step
            height, width = self.colours[plane].shape
            place = target[y : y + height, x : x + width]
            opacity = self.opacities[plane] * np.float32(share)
            place[:] = np.rint(place + (self.colours[plane] - place) * opacity)


def words_of(cut: Cut, width: int, height: int) -> list[Words]:
    """Lay a cut's titles, and the captions that are burnt in, over a picture of a size; the uppermost last."""
    words = [title_layer(title, width, height) for title in cut.titles]
    return words + ([caption_layer(c, width, height) for c in cut.captions] if cut.burn_captions else [])


def title_layer(title: Title, width: int, height: int) -> Words:
    """Lay a title over the picture."""

    def draw() -> "Image.Image":
        from reelgraph.video_tools.editing.titles import drawn_title

        return drawn_title(title, width, height)

    name: list[object] = ["title", 2, title.kind, title.text, title.second, title.colour, width, height]
    return Words(title.start, title.frames, draw, name, title.fade)


def caption_layer(caption: Caption, width: int, height: int) -> Words:
    """Lay a caption over the picture."""

    def draw() -> "Image.Image":
        from reelgraph.video_tools.editing.titles import drawn_caption

        return drawn_caption(caption.text, width, height)

    return Words(caption.start, caption.frames, draw, ["caption", 2, caption.text, width, height])
