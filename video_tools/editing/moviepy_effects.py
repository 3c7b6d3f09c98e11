"""Any MoviePy effect by name, over the pictures of a clip (needs the extra `moviepy`).

MoviePy asks for pictures by time. It is given the one picture at hand, and an effect that asks for another moment is
refused: what changes time is the clip's `speed`.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from reelgraph.video_tools.errors import InvalidRequest

# Those that do the same at every place in a clip.
# Source: MoviePy 2.2, moviepy.video.fx.
STEADY = frozenset(
    ("BlackAndWhite", "GammaCorrection", "InvertColors", "LumContrast", "MirrorX", "MirrorY", "MultiplyColor",
     "Painting", "Rotate")
)  # fmt: skip


@dataclass(frozen=True)
class MoviepyEffect:
    """A class of `moviepy.vfx` with its arguments; times in them are seconds in the clip.

    One instance serves one thread: it holds the picture that MoviePy is being given.
    """

    name: str
    arguments: tuple[tuple[str, Any], ...]
    rate: Fraction
    timed: ClassVar[bool] = True
    _held: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._made()

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Show the picture to MoviePy and return what its effect makes of it."""
        from moviepy import VideoClip  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an extra

        moment = float(at / self.rate)
        if self._held.get("frames") != frames:
            self._held.update(image=image, moment=None, frames=frames)  # it asks for a picture to learn the size
            clip = VideoClip(self._picture, duration=float(frames / self.rate)).with_fps(float(self.rate))
            self._held["clip"] = self._checked(lambda: clip.with_effects([self._made()]))
        self._held.update(image=image, moment=moment)
        result = np.asarray(self._checked(lambda: self._held["clip"].get_frame(moment)))
        if result.shape != image.shape:
            raise InvalidRequest(
                f"effect moviepy:{self.name} makes a picture of another size ({result.shape[1]}x{result.shape[0]}): "
                "use crop or pan_zoom to reframe"
            )
        return np.asarray(np.clip(np.rint(result), 0, 255), np.uint8)

    def _picture(self, moment: float) -> np.ndarray:
        due = self._held["moment"]
        if due is not None and abs(moment - due) > 1e-6:
            raise InvalidRequest(
                f"effect moviepy:{self.name} shows another moment of the clip: change the speed instead"
            )
        picture: np.ndarray = self._held["image"]
        return picture

    def _made(self) -> Any:
        try:
            from moviepy import Effect, vfx  # type: ignore[import-not-found,import-untyped,unused-ignore]
        except ModuleNotFoundError as error:
            raise InvalidRequest(
                f"effect moviepy:{self.name} needs MoviePy: install the extra, pip install 'reelgraph[moviepy]'"
            ) from error
        kind = getattr(vfx, self.name, None)
        if not (isinstance(kind, type) and issubclass(kind, Effect)):
            known = ", ".join(sorted(n for n in vars(vfx) if isinstance(vars(vfx)[n], type)))
            raise InvalidRequest(f"MoviePy has no effect {self.name!r}: it has {known}")
        return self._checked(lambda: kind(**dict(self.arguments)))

    def _checked(self, call: Any) -> Any:
        try:
            return call()
        except InvalidRequest:
            raise
        except Exception as error:  # effects are anybody's code: whatever they raise is about these arguments
            raise InvalidRequest(f"effect moviepy:{self.name}: {error}") from error
