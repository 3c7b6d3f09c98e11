from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelgraph.video_tools.backends import chain
from reelgraph.video_tools.backends.base import (
    Call,
    Capabilities,
    Event,
    Failed,
    FrameRule,
    Made,
    OnEvent,
    Progress,
    Sound,
)
from reelgraph.video_tools.backends.chain import longer, make_long, pieces_of
from reelgraph.video_tools.backends.conditions import read_conditions
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
from reelgraph.video_tools.film import Reference, Spend, TakeRequest

CAN = Capabilities(modes=frozenset({"text", "image"}), frames=FrameRule(step=4, offset=1, most=9))


def request(frames: int, **changes: Any) -> TakeRequest:
    asked = {"backend": "x", "prompt": "p", "width": 16, "height": 16, "frames": frames, "rate": "8", "seed": 5}
    return TakeRequest.model_validate(asked | changes)


class Counter:
    """Makes frames that count on by one level from the first frame that they are given, and then by `leap` more."""

    def __init__(self, leap: int = 0) -> None:
        self.leap, self.asked = leap, list[TakeRequest]()

    def __call__(self, call: Call, on_event: OnEvent) -> Made | Failed:
        self.asked.append(call.request)
        first = read_conditions(call).first
        start = 0 if first is None else int(np.asarray(first)[0, 0, 0])
        levels = [start] + [start + i + (self.leap if first else 0) for i in range(1, call.request.frames)]
        for step in (1, 2):
            on_event(Progress(call.attempt, step, 2))
        frames = np.stack([np.full((16, 16, 3), level, np.uint8) for level in levels])
        sound = Sound(np.repeat(np.array(levels, np.float32) / 255, 100)[:, None], 800)
        return Made(call, Fraction(8), frames=frames, sound=sound, spent=Spend(calls=1, generation_seconds=2.0))


@pytest.mark.parametrize(("frames", "pieces"), [(13, [9, 5]), (17, [9, 9]), (21, [9, 9, 5]), (41, [9] * 5)])
def test_pieces_are_legal_and_add_up(frames: int, pieces: list[int]) -> None:
    assert pieces_of(frames, CAN) == pieces
    assert sum(pieces) - len(pieces) + 1 == frames


def test_capabilities_reach_as_far_as_was_set_on_the_same_grid() -> None:
    assert longer(CAN, 100).frames == FrameRule(step=4, offset=1, most=97)
    assert longer(CAN, 100).at_once == 9
    with pytest.raises(InvalidRequest, match="longest_frames"):
        longer(Capabilities(), 100)


def test_pieces_go_on_where_the_last_ended_in_picture_and_sound() -> None:
    make, events = Counter(), list[Event]()
    made = make_long(Call(request(21), "a1"), CAN, make, events.append)
    assert isinstance(made, Made) and isinstance(made.frames, np.ndarray) and made.sound is not None
    assert made.frames[:, 0, 0, 0].tolist() == list(range(21))
    assert np.allclose(made.sound.samples[:, 0], np.repeat(np.arange(21, dtype=np.float32) / 255, 100))
    assert [r.seed for r in make.asked] == [5, 6, 7] and made.spent == Spend(calls=3, generation_seconds=6.0)
    assert [(e.step, e.steps) for e in events if isinstance(e, Progress)] == [(i, 6) for i in range(1, 7)]
    assert made.substitutions == () and made.notes["pieces"] == "9 + 9 + 5"


def test_joint_rougher_than_its_surroundings_is_said() -> None:
    made = make_long(Call(request(13), "a1"), CAN, Counter(leap=30), lambda event: None)
    assert isinstance(made, Made)
    assert [(s.what, s.asked, s.made) for s in made.substitutions] == [
        ("joint", "no jump at frame 9", "31.0 levels, 1.0 beside it")
    ]


def test_cut_that_the_model_made_itself_hides_no_jump() -> None:
    before = np.concatenate([np.full((8, 16, 16, 3), 10, np.uint8), np.full((9, 16, 16, 3), 200, np.uint8)])
    after = np.stack([np.full((16, 16, 3), level, np.uint8) for level in range(231, 247)])
    joint = chain._joint(17, before, after)
    assert (joint.jump, joint.inside, joint.smooth) == (31.0, 1.0, False)
    assert chain._joint(17, before, after - 30).smooth


def test_single_pictures_are_no_pieces() -> None:
    with pytest.raises(InvalidRequest, match="9 frames cannot be made here: this model makes single pictures"):
        pieces_of(9, Capabilities(frames=FrameRule(most=1)))
    assert pieces_of(1, Capabilities(frames=FrameRule(most=1))) == [1]


def test_model_that_needs_more_than_a_frame_to_begin_on_makes_no_longer_takes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pytest.importorskip("torch")
    from tiny_pipelines import build

    from reelgraph.video_tools.backends.local import Local

    folder = build("wan_flf", tmp_path_factory.getbasetemp() / "models")
    with pytest.raises(InvalidRequest, match="longest_frames needs a model that can begin on a frame alone"):
        Local({"model": str(folder), "longest_frames": 33}).capabilities()


def test_first_and_last_frame_go_to_the_first_and_the_last_piece() -> None:
    from PIL import Image

    def ends(tmp: Path) -> Call:
        for name in ("a", "b"):
            Image.new("RGB", (16, 16), (40, 40, 40)).save(tmp / f"{name}.png")
        references = [Reference(content="a" * 64, role="first_frame"), Reference(content="b" * 64, role="last_frame")]
        return Call(request(21, references=references), "a1", references={n * 64: tmp / f"{n}.png" for n in ("a", "b")})

    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        make = Counter()
        make_long(ends(Path(folder)), CAN, make, lambda event: None)
    roles = [[r.role for r in asked.references] for asked in make.asked]
    assert roles == [["first_frame"], ["first_frame"], ["last_frame", "first_frame"]]


def test_failure_of_a_piece_fails_the_take_at_its_whole_cost() -> None:
    make = Counter()

    def breaks(call: Call, on_event: OnEvent) -> Made | Failed:
        if len(make.asked) == 2:
            return Failed(call, PermanentFailure("broken"), spent=Spend(calls=1, generation_seconds=1.0))
        return make(call, on_event)

    failed = make_long(Call(request(21), "a1"), CAN, breaks, lambda event: None)
    assert isinstance(failed, Failed) and failed.call.request.frames == 21
    assert failed.spent == Spend(calls=3, generation_seconds=5.0)


@pytest.mark.parametrize("role", ["video", "keyframe"])
def test_references_that_span_pieces_are_refused(role: Any) -> None:
    call = Call(request(21, references=[Reference(content="a" * 64, role=role)]), "a1")
    failed = make_long(call, CAN, Counter(), lambda event: None)
    assert isinstance(failed, Failed) and isinstance(failed.error, InvalidRequest)


def test_long_take_of_a_real_pipeline(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("torch")
    from tiny_pipelines import build

    from reelgraph.video_tools.backends.local import Local

    folder = build("ltx", tmp_path_factory.getbasetemp() / "models")
    backend = Local({"model": str(folder), "steps": 2, "most_frames": 17, "longest_frames": 60})
    assert backend.capabilities().frames.most == 57
    (made,) = backend.generate([Call(request(41, width=64, height=64), "a1")], lambda event: None)
    assert isinstance(made, Made) and made.frames.shape == (41, 64, 64, 3)
    assert made.notes["pieces"] == "17 + 17 + 9" and made.spent.calls == backend.price(made.call.request).calls == 3
