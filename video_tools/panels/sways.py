"""How figures move by themselves: on their way, up or down, or only breathing."""

from math import pi, sin

from reelgraph.video_tools.film import CameraMove, Character
from reelgraph.video_tools.panels.camera import across, gently, lift
from reelgraph.video_tools.panels.sheet import Sway
from reelgraph.video_tools.panels.surroundings import Seen

# Units of the picture that what goes, at most, and what rises or falls goes by, far away and near, however the camera
# follows it.
GO, GO_NEAR = 60.0, 34.0
CLIMB, CLIMB_NEAR = 22.0, 10.0


def going(
    way: int, size: float, camera: CameraMove, width: float, length: float, index: int, *, far: bool, rolls: bool
) -> Sway:
    """Send a figure to the left (`way` -1) or right (1), faster than the camera that goes with it, so that it is seen.

    It is at its place at half of the take.

    Args:
        way: Where to.
        size: Its height in units.
        camera: The camera's move.
        width: Of the picture, in units.
        length: Of the take, in seconds.
        index: Of the figure: no two are in step.
        far: Whether it is seen whole.
        rolls: Whether it turns as it goes, instead of stepping.
    """
    followed = max(0.0, way * across(camera, width, length))
    own = min(max(5.0, 0.22 * size + 2) * length, GO if far else GO_NEAR)
    step, turn = min(size, 90.0) * 0.018, min(1.0, 60 / size)

    def go(t: float) -> tuple[float, float, float]:
        share = t / length if length else 0.5
        dx = way * (followed * (gently(t, length) - 0.5) + own * (share - 0.5))
        if rolls:
            return dx, 0.0, dx * 360 / (pi * size)
        return dx, -abs(sin(t * 5.2 + index)) * step, turn * sin(t * 5.2 + index)

    return go


def carried(sway: Sway | None, way: int, camera: CameraMove, length: float, *, far: bool) -> Sway:
    """Send a figure up (`way` 1) or down (-1) as well: a camera that goes with it is outrun, so that it is seen to go.

    As with whoever goes somewhere, it is at its place at half of the take.
    """
    units = way * (max(0.0, way * lift(camera, length)) + (CLIMB if far else CLIMB_NEAR))

    def carry(t: float) -> tuple[float, float, float]:
        dx, dy, degrees = sway(t) if sway else (0.0, 0.0, 0.0)
        return dx, dy - units * (gently(t, length) - 0.5), degrees

    return carry


def breath(figure: Character, seen: Seen, size: float, index: int) -> Sway | None:
    """Let who stays at their place breathe, and what is afloat rock; other things lie still."""
    if figure.kind == "object":
        return (lambda t: (0.4 * sin(t), 0.9 * sin(t * 1.5), 1.6 * sin(t * 1.2))) if seen.afloat else None
    lively = 0.012 * min(size, 40)
    return lambda t: (
        0.6 * lively * sin(t * 0.9 + index),
        lively * sin(t * 1.6 + 2 * index),
        0.25 * sin(t * 0.8 + index),
    )
