"""What a take is made from is read as far as it is needed, and what is not done with it is said."""

import weakref
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from reelgraph.video_tools.backends import conditions
from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.conditions import Conditions, ltx2_pinned, read_conditions
from reelgraph.video_tools.editing.media import MediaFacts
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Substitution, TakeRequest

CONTENT, LENGTH = "ab" * 32, 50


class Clip:
    """A clip of frames that are grey as their number, and how much of it was read and held at once."""

    def __init__(self) -> None:
        self.read = self.most = 0
        self.held: set[int] = set()

    def decode(self, path: Path) -> Iterator[np.ndarray]:
        for number in range(LENGTH):
            self.read += 1
            yield np.full((16, 16, 3), number, np.uint8)

    def picture(self, frame: np.ndarray) -> Image.Image:
        made = Image.frombytes("RGB", (16, 16), frame.tobytes())
        self.held.add(self.read)
        weakref.finalize(made, self.held.discard, self.read)
        self.most = max(self.most, len(self.held))
        return made


@pytest.fixture
def clip(monkeypatch: pytest.MonkeyPatch) -> Clip:
    clip = Clip()
    monkeypatch.setattr(conditions, "decode", clip.decode)
    monkeypatch.setattr(conditions, "probe", lambda path: MediaFacts(frames=LENGTH, rate=Fraction(24)))
    monkeypatch.setattr(conditions.Image, "fromarray", clip.picture)
    return clip


def asked(tmp_path: Path, take: dict[str, Any] | None = None, **reference: Any) -> Call:
    (tmp_path / "clip.mp4").write_bytes(b"a clip")
    request = TakeRequest.model_validate(
        {
            "backend": "local", "prompt": "", "width": 16, "height": 16, "frames": 8, "rate": 24,
            "references": [{"content": CONTENT, **reference}], **(take or {}),
        }
    )  # fmt: skip
    return Call(request, "a1", references={CONTENT: tmp_path / "clip.mp4"})


@pytest.mark.parametrize(
    ("reference", "shown", "read"),
    [
        ({"role": "first_frame"}, LENGTH - 1, LENGTH),
        ({"role": "first_frame", "frame": 7}, 7, 8),
        ({"role": "last_frame"}, 0, 1),
        ({"role": "keyframe", "frame": 3}, 0, 1),
    ],
)
def test_one_picture_of_a_clip_is_read_without_holding_the_others(
    tmp_path: Path, clip: Clip, reference: dict[str, Any], shown: int, read: int
) -> None:
    got = read_conditions(asked(tmp_path, **reference))
    assert [picture.getpixel((0, 0)) for _, picture, _ in got.pinned] == [(shown,) * 3]
    assert clip.read == read and clip.most <= 2


def test_source_clip_is_read_as_far_as_the_take_goes(tmp_path: Path, clip: Clip) -> None:
    got = read_conditions(asked(tmp_path, role="video"))
    assert [picture.getpixel((0, 0))[0] for picture in got.video] == list(range(8))  # type: ignore[index]
    assert clip.read == 8
    (said,) = got.substitutions
    assert (said.asked, said.made) == (f"video {CONTENT[:12]}, 50 frames", "its first 8 frames")


@pytest.mark.parametrize("role", ["video", "mask"])
@pytest.mark.parametrize(
    ("rate", "frames", "shown", "made"),
    [
        (
            16,
            8,
            [0, 1, 3, 4, 6, 7, 9, 10],
            ["the 16 of them that are shown at the take's frames", "its first 11 frames"],
        ),
        (48, 6, [0, 0, 1, 1, 2, 2], ["the 48 of them that are shown at the take's frames", "its first 3 frames"]),
        (8, 17, list(range(0, 49, 3)), ["the 8 of them that are shown at the take's frames"]),
        (24, 50, list(range(50)), []),
        (24, 51, [*range(50), 49], ["its last frame as the take's last"]),
    ],
)
def test_source_clip_of_another_rate_is_followed_moment_by_moment(
    tmp_path: Path, clip: Clip, role: str, rate: int, frames: int, shown: list[int], made: list[str]
) -> None:
    got = read_conditions(asked(tmp_path, {"rate": rate, "frames": frames}, role=role))
    pictures = got.video if role == "video" else [picture.convert("RGB") for picture in got.mask]
    assert [picture.getpixel((0, 0))[0] for picture in pictures] == shown  # type: ignore[index]
    assert [said.made for said in got.substitutions] == made


def test_source_clip_that_ends_before_the_take_is_refused_with_what_it_takes(tmp_path: Path, clip: Clip) -> None:
    short = asked(tmp_path, {"rate": 8, "frames": 18}, role="video")
    message = r"^the video reference has 50 frames: give one of at least the 52 that the take's 18 follow$"
    with pytest.raises(InvalidRequest, match=message):
        read_conditions(short)


def test_frame_that_a_clip_has_not_is_refused_with_how_many_it_has(tmp_path: Path, clip: Clip) -> None:
    with pytest.raises(InvalidRequest, match=r"^the first_frame reference has 50 frames, and no frame 50$"):
        read_conditions(asked(tmp_path, role="first_frame", frame=50))


def test_picture_that_a_server_follows_wholly_though_less_was_asked_is_said(tmp_path: Path, clip: Clip) -> None:
    from reelgraph.video_tools.backends.remote_settings import VideosV1Settings
    from reelgraph.video_tools.backends.videos_v1 import VideosV1

    server = VideosV1(httpx.Client(), "http://127.0.0.1:9", VideosV1Settings())
    assert server.form(asked(tmp_path, role="first_frame", strength=0.4)).substitutions == (
        Substitution(
            what="references", asked="first_frame at 0.4", made="first_frame at 1", why="the server follows it wholly"
        ),
    )
    assert server.form(asked(tmp_path, role="first_frame")).substitutions == ()


@pytest.mark.parametrize(
    ("frames", "asked", "index", "placed"),
    [
        (17, 0, 0, 0), (17, 1, 1, 1), (17, 2, 1, 1), (17, 5, 1, 1), (17, 6, 2, 9), (17, 8, 2, 9), (17, 9, 2, 9),
        (17, 13, 2, 9), (17, 16, 2, 9), (25, 13, 2, 9), (25, 14, 3, 17), (25, 24, 3, 17), (1, 0, 0, 0), (9, 8, 1, 1),
    ],
)  # fmt: skip
def test_ltx2_pins_a_picture_where_the_nearest_latent_frame_begins_and_says_where(
    frames: int, asked: int, index: int, placed: int
) -> None:
    pytest.importorskip("diffusers")
    picture = Image.new("RGB", (64, 64))
    conditions = Conditions(width=64, height=64, frames=frames, latent=8, pinned=[(asked, picture, 0.5)])
    (item,) = ltx2_pinned(conditions)["conditions"]
    assert (item.index, item.strength) == (index, 0.5)
    said = [(s.what, s.asked, s.made) for s in conditions.substitutions]
    assert said == ([] if placed == asked else [("references", f"a picture at frame {asked}", f"at frame {placed}")])
