"""A hosted model is asked by its own names and words, and what it has no word for is refused before it is paid for."""

import base64
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from reelgraph.video_tools.backends.base import Call, Capabilities, FrameRule, SizeRule, check_request
from reelgraph.video_tools.backends.queue_dialect import Queue
from reelgraph.video_tools.backends.queue_form import data_uri, fill_inputs
from reelgraph.video_tools.backends.queue_settings import QueueSettings
from reelgraph.video_tools.backends.remote import Remote
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Reference, Substitution, TakeRequest

FAL: dict[str, Any] = {
    "dialect": "queue", "service": "fal", "model": "OWNER/MODEL/text-to-video", "sizes": [[1280, 720], [720, 1280]],
    "price_per_second": 0.1,
}  # fmt: skip
ENDS = {"first_frame": "first", "last_frame": "last", "prompt": "prompt", "seconds": "duration"}


def settings(**changes: Any) -> QueueSettings:
    return QueueSettings.read("remote", FAL | changes)


def request(**changes: Any) -> TakeRequest:
    asked = {"backend": "remote", "prompt": "a fox", "width": 1280, "height": 720, "frames": 120, "rate": "24"}
    return TakeRequest.model_validate(asked | changes)


def filled(asked: TakeRequest, **changes: Any) -> dict[str, Any]:
    own = settings(**changes)
    check_request(own.capabilities(), asked)
    inputs, substitutions = fill_inputs(Call(asked, "a1"), own)
    assert substitutions == ()
    return inputs


def test_most_models_of_a_service_are_asked_alike_unless_settings_say_otherwise() -> None:
    asked = request(seed=7, negative_prompt="blur")
    assert filled(asked) == {
        "prompt": "a fox", "negative_prompt": "blur", "seed": 7, "duration": 5, "aspect_ratio": "16:9",
    }  # fmt: skip
    assert filled(request(), inputs={"prompt": "text", "seconds": "length"}, sizes=[[1280, 720]]) == {
        "text": "a fox", "length": 5,
    }  # fmt: skip


def test_values_are_said_in_the_models_words_and_types() -> None:
    inputs = {
        "prompt": "prompt",
        "seconds": {"name": "duration", "values": {"5": "5s", "10": "10s"}},
        "resolution": {"name": "video.quality", "values": {"720": "hd", "480": 480}},
        "aspect": {"name": "video.shape", "values": {"16:9": "wide", "9:16": "tall"}},
        "size": {"name": "size", "values": {"1280x720": "1280*720", "832x480": "832*480", "480x832": "480*832"}},
    }
    of = {"inputs": inputs, "sizes": [[1280, 720], [832, 480], [480, 832]], "constants": {"video": {"codec": "h264"}}}
    assert filled(request(), **of) == {
        "prompt": "a fox", "duration": "5s", "size": "1280*720",
        "video": {"codec": "h264", "quality": "hd", "shape": "wide"},
    }  # fmt: skip
    assert filled(request(width=480, height=832, frames=240), **of) == {
        "prompt": "a fox", "duration": "10s", "size": "480*832",
        "video": {"codec": "h264", "quality": 480, "shape": "tall"},
    }  # fmt: skip


def test_constants_stay_as_they_are_set_from_request_to_request() -> None:
    own = settings(
        inputs={"prompt": "p", "width": "at.w", "height": "at.h", "seconds": "s"}, constants={"at": {"d": 1}}
    )
    for _ in range(2):
        assert fill_inputs(Call(request()), own)[0]["at"] == {"d": 1, "w": 1280, "h": 720}
    assert own.constants == {"at": {"d": 1}}


def test_capabilities_follow_from_inputs() -> None:
    own = settings(
        image_model="OWNER/MODEL/image-to-video", rates=["16"], extra_frames=1, most_references=3, jobs=4,
        inputs={
            **ENDS, "references": "pictures", "aspect": "shape",
            "seconds": {"name": "duration", "values": {"4": "4", "6": "6", "8": "8"}},
        },
    )  # fmt: skip
    assert own.capabilities() == Capabilities(
        modes=frozenset({"text", "image", "last_frame", "reference"}),
        frames=FrameRule(step=32, offset=65, least=65, most=129),
        sizes=SizeRule(only=((1280, 720), (720, 1280))),
        rates=(Fraction(16),), max_batch=4, max_references=3, seeded=False, remote=True,
    )  # fmt: skip
    assert filled(request(rate="16", frames=97), rates=["16"], extra_frames=1, inputs={
        "prompt": "prompt", "aspect": "aspect_ratio", "seconds": {"name": "duration", "values": {"4": "4", "6": "6"}},
    }) == {"prompt": "a fox", "aspect_ratio": "16:9", "duration": "6"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"inputs": {"prompt": "p", "seconds": "s"}, "most_frames": 240}, FrameRule(24, 24, 24, 240)),
        ({"inputs": {"prompt": "p", "frames": "n"}, "frame_step": 4, "most_frames": 83}, FrameRule(4, 1, 1, 81)),
        ({"inputs": {"prompt": "p", "frames": {"name": "n", "values": {"81": 1, "97": 2}}}}, FrameRule(16, 81, 81, 97)),
        ({"inputs": {"prompt": "p"}, "most_frames": 121}, FrameRule(1, 121, 121, 121)),
    ],
)  # fmt: skip
def test_lengths_follow_from_how_a_length_is_told(changes: dict[str, Any], rule: FrameRule) -> None:
    own = settings(sizes=[[1280, 720]], **changes)
    assert own.capabilities().frames == rule
    assert (rule.fit(1), rule.fit(rule.most)) == (rule.least, rule.most)


def test_size_of_nearly_a_shape_is_called_by_it_and_another_is_refused() -> None:
    inputs = {"prompt": "p", "seconds": "s", "aspect": {"name": "shape", "values": {"16:9": "16:9", "1:1": "1:1"}}}
    assert filled(request(width=832, height=480), inputs=inputs, sizes=[[832, 480]])["shape"] == "16:9"
    with pytest.raises(InvalidRequest, match=r"sizes: a size of 640x480 cannot be asked for here: its shape is none"):
        settings(inputs=inputs, sizes=[[640, 480]])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps": 7}, "steps cannot be asked for here: leave it out, or name the input under inputs"),
        ({"guidance": 3.5}, "guidance cannot be asked for here"),
        ({"seed": 7}, "seed cannot be asked for here"),
        ({"frames": 168}, "seconds 7 cannot be asked for here: choose 5, 10"),
    ],
)
def test_what_the_model_has_no_input_for_is_refused(changes: dict[str, Any], words: str) -> None:
    inputs = {"prompt": "prompt", "seconds": {"name": "duration", "values": {"5": 5, "10": 10}}}
    with pytest.raises(InvalidRequest, match=f"^{words}"):
        fill_inputs(Call(request(**changes)), settings(inputs=inputs, sizes=[[1280, 720]]))


def test_unwanted_things_that_the_model_does_not_read_are_said() -> None:
    own = settings(inputs={"prompt": "prompt", "seconds": "duration"}, sizes=[[1280, 720]])
    inputs, said = fill_inputs(Call(request(negative_prompt="blur")), own)
    assert inputs == {"prompt": "a fox", "duration": 5}
    assert said == (
        Substitution(
            what="negative_prompt", asked="blur", made="", why="no input of the model is set that says it"
        ),
    )  # fmt: skip


# --- pictures ---------------------------------------------------------------------------------------------------------


def noise(width: int, height: int) -> Image.Image:
    """A picture that PNG makes no smaller."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


def read(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_picture_is_sent_as_it_is_or_smaller_and_said_so(tmp_path: Path) -> None:
    picture = noise(64, 64)
    picture.save(tmp_path / "a.png")
    asked = request(
        width=64, height=64,
        references=[Reference(content="ab" * 32, role="first_frame"), Reference(content="ab" * 32, role="last_frame")],
    )  # fmt: skip
    call = Call(asked, references={"ab" * 32: tmp_path / "a.png"})
    inputs, said = fill_inputs(call, settings(inputs=ENDS, sizes=[[64, 64]]))
    assert said == () and inputs["first"].startswith("data:image/png;base64,") and inputs["last"] == inputs["first"]
    assert np.array_equal(np.asarray(read(inputs["first"])), np.asarray(picture))
    inputs, said = fill_inputs(call, settings(inputs=ENDS, sizes=[[64, 64]], most_picture_bytes=12_000))
    assert inputs["first"].startswith("data:image/jpeg;base64,") and read(inputs["first"]).size == (64, 64)
    assert [(s.what, s.asked, s.made, s.why) for s in said] == [
        ("references", f"{role} as it is", "JPEG, quality 95", "it is over 12000 bytes otherwise")
        for role in ("first_frame", "last_frame")
    ]


def test_picture_that_is_too_large_however_it_is_written_is_refused() -> None:
    assert data_uri(noise(64, 64), 8_000)[1] == 85
    with pytest.raises(InvalidRequest, match=r"a picture of 64x64 has \d+ bytes even as JPEG.* raise most_picture_byt"):
        data_uri(noise(64, 64), 1_000)


def test_model_that_begins_on_a_picture_is_asked_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "secret-canary")
    noise(64, 64).save(tmp_path / "a.png")
    own = settings(image_model="OWNER/MODEL/image-to-video", inputs=ENDS, sizes=[[64, 64]])
    server = Queue(httpx.Client(), "https://queue.fal.run", own)
    first = [Reference(content="ab" * 32, role="first_frame", strength=0.5)]
    form = server.form(Call(request(width=64, height=64, references=first), references={"ab" * 32: tmp_path / "a.png"}))
    assert form.fields["model"] == "OWNER/MODEL/image-to-video"
    assert [(s.asked, s.made, s.why) for s in form.substitutions] == [
        ("first_frame at 0.5", "first_frame at 1", "fal follows it wholly"),
    ]  # fmt: skip
    assert server.form(Call(request())).fields["model"] == "OWNER/MODEL/text-to-video"
    assert settings(model="", image_model="O/M", inputs=ENDS, sizes=[[64, 64]]).capabilities().modes == {
        "image", "last_frame",
    }  # fmt: skip


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dialect": "smoke"}, "dialect"),
        ({"service": "elsewhere"}, "service"),
        ({"model": "../MODEL"}, "is no model of fal: write one such as OWNER/MODEL"),
        ({"service": "replicate", "model": "OWNER/MODEL/x"}, "is no model of replicate"),
        ({"model": ""}, "name its model"),
        ({"inputs": {"seconds": "duration"}}, "name the input that is the prompt"),
        ({"inputs": {"prompt": "p", "seconds": "p", "aspect": "a"}}, "the model's input 'p' is filled twice"),
        ({"constants": {"duration": {"unit": "s"}}}, "the model's input 'duration' is filled twice"),
        ({"inputs": {"prompt": "p", "lens": "l"}}, "inputs.lens"),
        ({"inputs": {"prompt": "a b", "seconds": "s"}}, "inputs.prompt.name"),
        ({"inputs": {"prompt": "p"}}, "name the input that tells its length"),
        ({"inputs": {"prompt": "p", "seconds": {"name": "s", "values": {"4": 4, "5": 5, "8": 8}}}}, "evenly spaced"),
        ({"inputs": {"prompt": "p", "seconds": {"name": "s", "values": {"5s": 5}}}}, "whole numbers: 5s"),
        ({"inputs": {"prompt": {"name": "p", "values": {"a": "b"}}, "seconds": "s"}}, "values may be set of"),
        ({"inputs": {"prompt": "p", "seconds": "s", "aspect": {"name": "a", "values": {"wide": 1}}}}, "'wide' is no"),
        ({"inputs": {"prompt": "p", "seconds": "s"}}, "1280x720 and 720x1280 are the same to the model"),
        ({"sizes": []}, "say which sizes it makes"),
        ({"sizes": [[1280, 721]]}, "1280x721 is none"),
        ({"rates": ["24", "30"]}, "write the one rate that it makes"),
        ({"image_model": "O/M/image", "inputs": {"prompt": "p", "seconds": "s", "aspect": "a"}}, "first_frame"),
        ({"base_urls": ["http://queue.fal.run"]}, "would be sent the key in the clear"),
        ({"base_urls": ["https://user:secret@queue.fal.run"]}, "key_variable"),
        ({"image": True}, "image"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Remote(FAL | changes)
    assert words in str(refused.value) and str(refused.value).startswith("backends.remote: ")


def test_what_it_costs_has_to_be_said() -> None:
    free = {name: value for name, value in FAL.items() if name != "price_per_second"}
    with pytest.raises(InvalidRequest, match="say what it costs"):
        Remote(free)
    assert Remote(free | {"price_per_call": 0.25}).price(request()).money == 0.25
    assert Remote(FAL).price(request()).money == 0.5


def test_services_are_asked_where_they_are_with_the_key_that_their_own_clients_use() -> None:
    fal, other = Remote(FAL).settings, Remote({**FAL, "service": "replicate", "model": "OWNER/MODEL"}).settings
    assert (fal.base_urls, fal.key_variable) == (["https://queue.fal.run"], "FAL_KEY")
    assert (other.base_urls, other.key_variable) == (["https://api.replicate.com"], "REPLICATE_API_TOKEN")


def test_fingerprint_names_all_that_decides_pixels_and_not_where_or_for_how_much() -> None:
    own = Remote(FAL).fingerprint()
    same = {"base_urls": ["https://proxy.example"], "price_per_second": 9.0, "jobs": 3, "key_variable": "OTHER"}
    assert Remote(FAL | same).fingerprint() == own
    others = [
        {"service": "replicate", "model": "OWNER/MODEL"}, {"model": "OWNER/OTHER"}, {"image_model": "O/M/i2v"},
        {"constants": {"quality": "high"}}, {"inputs": {"prompt": "prompt", "seconds": "duration", "aspect": "shape"}},
    ]  # fmt: skip
    assert len({own, *(Remote(FAL | other).fingerprint() for other in others)}) == 6
