"""A final made from its draft's latents, enlarged, by a real upsampler and a real LTX, both built tiny."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image
from tiny_pipelines import build

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.backends.base import Call, Event, Failed, Made, Progress
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.editing.media import encode_picture
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.registry import names
from reelgraph.video_tools.studio import Studio

CLIP = "ab" * 32


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    frames = np.random.default_rng(0).integers(0, 256, (9, 64, 64, 3), dtype=np.uint8)
    encode_picture(iter(frames), tmp_path / "draft.mp4", rate=Fraction(25))
    return tmp_path / "draft.mp4"


def backend(models: Path, **more: Any) -> Local:
    settings = {"model": str(build("ltx", models)), "upsampler": str(build("ltx_upsampler", models)), "steps": 5}
    return Local(settings | more)


def made(local: Local, clip: Path, on_event: Any = lambda event: None, **changes: Any) -> Made:
    reference = {"content": CLIP, "role": "video", "strength": 0.4}
    asked = {
        "backend": "local", "prompt": "a fox", "width": 128, "height": 128, "frames": 9, "rate": 25, "seed": 3,
        "references": [reference],
    }  # fmt: skip
    request = TakeRequest.model_validate(asked | changes)
    (result,) = local.generate([Call(request, "a1", references={CLIP: clip})], on_event)
    assert isinstance(result, Made), result
    return result


def test_final_is_what_diffusers_own_two_stages_make(models: Path, draft: Path) -> None:
    from diffusers import LTXConditionPipeline, LTXLatentUpsamplePipeline

    from reelgraph.video_tools.editing.media import decode

    base = LTXConditionPipeline.from_pretrained(build("ltx", models))
    upsampler = LTXLatentUpsamplePipeline.from_pretrained(build("ltx_upsampler", models), vae=base.vae)
    clip = [Image.fromarray(frame) for frame in decode(draft)]
    latents = upsampler(
        video=clip, width=64, height=64, output_type="latent", generator=torch.Generator().manual_seed(3)
    ).frames
    theirs = base(
        prompt="a fox", negative_prompt="", width=128, height=128, num_frames=9, frame_rate=25, num_inference_steps=5,
        latents=latents, denoise_strength=0.6001, max_sequence_length=64, output_type="np",
        generator=torch.Generator().manual_seed(3),
    ).frames[0]  # fmt: skip
    events: list[Event] = []
    ours = made(backend(models), draft, events.append)
    assert isinstance(ours.frames, np.ndarray) and ours.substitutions == ()
    assert np.abs(ours.frames.astype(int) - (theirs * 255).round().astype(int)).max() <= 1
    assert [(e.step, e.steps) for e in events if isinstance(e, Progress)] == [(0, 5), (1, 3), (2, 3), (3, 3)]


def test_take_names_what_enlarged_it_and_is_another_than_one_that_follows_pictures(models: Path, draft: Path) -> None:
    enlarging, scaling = backend(models), backend(models, upsampler="")
    enlarged, scaled = made(enlarging, draft), made(scaling, draft)
    assert len(enlarged.notes["upsampler"]) == 64 and "upsampler" not in scaled.notes
    assert not np.array_equal(enlarged.frames, scaled.frames)  # type: ignore[arg-type]
    assert enlarging.fingerprint() != scaling.fingerprint()
    assert np.array_equal(enlarged.frames, made(enlarging, draft).frames)  # type: ignore[arg-type]


def test_clip_that_is_not_half_the_take_is_followed_as_pictures_and_said(models: Path, draft: Path) -> None:
    result = made(backend(models), draft, width=96, height=96)
    assert [(s.what, s.made, s.why) for s in result.substitutions] == [
        ("upsampler", "its pictures, scaled", "the clip is not half of 96x96")
    ]
    assert "upsampler" not in result.notes


def test_model_that_is_no_upsampler_or_of_no_use_is_refused_by_name(models: Path) -> None:
    with pytest.raises(InvalidRequest, match="is a WanPipeline: name one of LTXLatentUpsamplePipeline"):
        backend(models, upsampler=str(build("wan", models))).fingerprint()
    with pytest.raises(InvalidRequest, match="this model can use none"):
        backend(models, model=str(build("wan", models))).fingerprint()


def test_damaged_upsampler_fails_the_take_alone(models: Path, draft: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "damaged"
    shutil.copytree(build("ltx_upsampler", models), folder)
    (folder / "latent_upsampler" / "diffusion_pytorch_model.safetensors").write_bytes(b"not tensors")
    local = backend(models, upsampler=str(folder))
    asked = TakeRequest(
        backend="local", prompt="a fox", width=128, height=128, frames=9, rate=25, seed=3,
        references=[{"content": CLIP, "role": "video"}],
    )  # fmt: skip
    (result,) = local.generate([Call(asked, "a1", references={CLIP: draft})], lambda event: None)
    assert isinstance(result, Failed) and "latent_upsampler" in str(result.error)
    assert isinstance(made(local, draft, references=[]), Made)


def test_film_climbs_from_draft_to_final_through_the_graph(models: Path, tmp_path: Path) -> None:
    local = {
        "model": str(build("ltx", models)), "upsampler": str(build("ltx_upsampler", models)), "steps": 5,
    }  # fmt: skip
    off = {name: {"on": False} for name in names("reelgraph.checks")}  # what random weights draw passes few
    project = Project.open(
        tmp_path / "p", backend="local", size=(128, 128), rate=25, rounds=1, ladder=["draft"], checks=off,
        backends={"local": local},
    )  # fmt: skip
    result = run_film(FilmContext(Studio(project)), "shots: [{prompt: a fox runs, seconds: 0.36}]", film="f")
    takes = {take.request.rung: take for take in project.ledger.takes()}
    assert result["takes"]["failed"] == 0 and set(takes) == {"draft", "final"}, result
    draft, final = takes["draft"], takes["final"]
    assert (draft.width, draft.height, final.width, final.height) == (64, 64, 128, 128)
    assert final.request.references[0].content == draft.content
    assert final.notes["rung"] == f"final, from the take of draft {draft.key[:12]}" and "upsampler" in final.notes
