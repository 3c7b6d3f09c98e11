"""Camera moves: where the camera is at each moment, and where that puts a plane of the stage in the picture."""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from reelgraph.video_tools.film import Angle, CameraMove


@dataclass(frozen=True)
class Pose:
    """Where the camera is, against its place at rest.

    Attributes:
        turn: (right, down) in units that the view has turned by: every plane shifts alike.
        travel: (right, down) in units that the camera has gone: near planes shift more than far ones.
        zoom: Magnification, alike for every plane.
        nearness: Magnification of the plane of the figures by going nearer: far planes grow less.
        roll: Degrees, clockwise.
    """

    turn: tuple[float, float] = (0.0, 0.0)
    travel: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    nearness: float = 1.0
    roll: float = 0.0


# Largest way from rest: as share of the picture's width, of its height, and as magnification.
SIDEWAYS, UPWARDS, CLOSER = 0.25, 0.2, 1.5


def pose(
    move: CameraMove, angle: Angle, seconds: float, length: float, width: float, subject: tuple[float, float]
) -> Pose:
    """Say where the camera is.

    A move fills the take, begins and ends gently, and goes less far in a short take, so that it never whips.

    Args:
        move: What was asked for.
        angle: Only `dutch` matters here: it rolls the camera.
        seconds: Into the take.
        length: Of the take, in seconds.
        width: Of the picture, in units.
        subject: (x, y) in units of what the camera closes in on, or draws back from.
    """
    eased = gently(seconds, length)
    reach = _reach(length)
    swing = (2 * eased - 1) * reach  # from one side of rest to the other
    grown = 1 + (CLOSER - 1) * reach * eased
    shrunk = 1 + (CLOSER - 1) * reach * (1 - eased)
    x, y = SIDEWAYS * width * swing, UPWARDS * 100 * swing
    roll = 7.0 if angle == "dutch" else 0.0
    match move:
        case "pan_left" | "pan_right":
            return Pose(turn=(x if move == "pan_right" else -x, 0.0), roll=roll)
        case "tilt_up" | "tilt_down":
            return Pose(turn=(0.0, y if move == "tilt_down" else -y), roll=roll)
        case "truck_left" | "truck_right":
            return Pose(travel=(x if move == "truck_right" else -x, 0.0), roll=roll)
        case "crane_up" | "crane_down":
            return Pose(travel=(0.0, y if move == "crane_down" else -y), roll=roll)
        case "zoom_in" | "zoom_out":
            scale = grown if move == "zoom_in" else shrunk
            return Pose(turn=_aim(subject, width, scale), zoom=scale, roll=roll)
        case "dolly_in" | "dolly_out":
            scale = grown if move == "dolly_in" else shrunk
            return Pose(travel=_aim(subject, width, scale), nearness=scale, roll=roll)
        case "handheld":
            # Four slow swings whose periods share no beat: restless, never repeating, never quick.
            t = 2 * pi * seconds
            x = 1.3 * sin(0.43 * t) + 0.6 * sin(1.13 * t + 1)
            y = 1.0 * sin(0.61 * t + 2) + 0.5 * sin(1.37 * t)
            return Pose(turn=(x, y), zoom=1.04, roll=roll + 0.5 * sin(0.37 * t + 0.5))
        case "still":
            return Pose(roll=roll)


def gently(seconds: float, length: float) -> float:
    """Return how much of a move is done, 0 to 1, which begins and ends gently."""
    done = min(1.0, seconds / length) if length else 0.0
    return done * done * (3 - 2 * done)


def lift(move: CameraMove, length: float) -> float:
    """Return the units by which a move of `length` seconds brings the view up, below 0 where it goes down."""
    up = {"tilt_up": 1, "crane_up": 1, "tilt_down": -1, "crane_down": -1}.get(move, 0)
    return up * 2 * UPWARDS * 100 * _reach(length)


def across(move: CameraMove, width: float, length: float) -> float:
    """Return the units by which a move of `length` seconds brings the view right, below 0 where it goes left."""
    right = {"pan_right": 1, "truck_right": 1, "pan_left": -1, "truck_left": -1}.get(move, 0)
    return right * 2 * SIDEWAYS * width * _reach(length)


def _reach(length: float) -> float:
    return min(1.0, 0.35 + 0.16 * length)


def _aim(subject: tuple[float, float], width: float, scale: float) -> tuple[float, float]:
    """Return how far to shift the view, so that the subject stays where it is in the picture as it grows."""
    return (subject[0] - width / 2) * (1 - 1 / scale), (subject[1] - 50) * (1 - 1 / scale)


def project(pose: Pose, depth: float, width: float) -> np.ndarray:
    """Return the map from stage units of a plane to picture units, `(2, 3) float64`."""
    scale = pose.zoom * (1 + (pose.nearness - 1) * depth)
    c, s = scale * cos(pose.roll * pi / 180), scale * sin(pose.roll * pi / 180)
    from_x = width / 2 + pose.turn[0] + pose.travel[0] * depth
    from_y = 50 + pose.turn[1] + pose.travel[1] * depth
    turn = np.array([[c, s], [-s, c]])
    return np.column_stack([turn, np.array([width / 2, 50.0]) - turn @ (from_x, from_y)])
