import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from diffusers import WanPipeline
from PIL import Image
from tiny_pipelines import BUILDERS, GUARDED_BUILDERS, NEEDED, Guardrail, build

from reelgraph.video_tools.backends import local
from reelgraph.video_tools.backends.base import Backend, Call, Failed, Made, OnEvent, Progress
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.family import Configs, Family
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.pipeline_call import outputs_of
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
from reelgraph.video_tools.film import Reference, TakeRequest
from reelgraph.video_tools.testing import BackendConformance
from reelgraph.video_tools.testing.backend import frames_of


class LocalConformance(BackendConformance):
    side = 32
    apart = 1e-4

    def test_batch_equals_singles(self, backend: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Before they are rounded, a short and a long prompt's takes of a batch are within 1e-4 of each alone.

        So is their sound. Takes of a picture are never made together, nor are those of a class that cannot do so.
        """
        made: list[Any] = []
        heard: list[Any] = []

        def keep(row: Family, configs: Configs, request: TakeRequest, output: Any) -> Any:
            made.append(torch.as_tensor(output.images[:, None] if row.picture else output.frames))
            heard.extend([output.audio] if row.sound else [])
            return outputs_of(row, configs, request, output)

        monkeypatch.setattr(local, "outputs_of", keep)
        base = self.request_for(backend)
        asked = ((7, self.prompt), (8, self.longer))
        changes = [{"seed": seed, "prompt": prompt} for seed, prompt in asked]
        calls = [self.call_for(base.model_copy(update=change), tmp_path, f"a{change['seed']}") for change in changes]
        results = self.make(backend, calls)
        count = 2 if backend.rows[0].batches and not base.references else 1
        assert [result.notes["batch"] for result in results if isinstance(result, Made)] == [str(count)] * 2
        together = [take for batch in made for take in batch]
        sounds = [sound for batch in heard for sound in batch]
        assert len(sounds) == (2 if backend.capabilities().sound else 0)
        for at, (call, take) in enumerate(zip(calls, together, strict=True)):
            made.clear()
            heard.clear()
            self.make(backend, [call])
            assert (made[0][0] - take).abs().max() <= self.apart
            for sound, alone in zip(sounds[at : at + 1], heard, strict=True):
                assert sound.abs().max() > 0 and (alone[0] - sound).abs().max() <= self.apart

    def test_first_legal_counts_are_made_to_the_frame(self, backend: Local, tmp_path: Path) -> None:
        """By each of the model's classes, with as little and with as much as it takes, the first three are as asked."""
        rule = backend.capabilities().frames
        counts = [n for n in range(rule.least, rule.most + 1) if rule.fit(n) == n][:3]
        for row in backend.rows:
            for roles in {row.requires, row.accepts}:
                for frames in counts:
                    request = self.request_for(backend, frames=frames, references=references_as(roles))
                    made = self.make_one(backend, request, tmp_path)
                    assert len(frames_of(made)) == frames, f"{row.pipeline} with {', '.join(roles) or 'words alone'}"


class OneByOne(Local):
    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for call in calls:
            yield from super().generate([call], on_event)


def test_kit_is_not_content_with_takes_of_a_batch_that_are_made_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    settings = {"model": str(build("ltx", tmp_path_factory.getbasetemp() / "models")), "steps": 1, "max_batch": 2}
    kit = BackendConformance()
    kit.test_batch_equals_singles(Local(settings), tmp_path)
    with pytest.raises(AssertionError, match="they were made one by one"):
        kit.test_batch_equals_singles(OneByOne(settings), tmp_path)


def references_as(roles: Iterable[Any]) -> list[Reference]:
    """Name a picture, or a still clip, in each role."""
    return [Reference(content=f"{number}{'0123456789abcdef' * 4}"[:64], role=role)
            for number, role in enumerate(sorted(roles))]  # fmt: skip


@pytest.mark.parametrize("family", sorted(BUILDERS.keys() - NEEDED.keys()), scope="class")
class TestFamilies(LocalConformance):
    @pytest.fixture
    def backend(self, family: str, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        folder = build(family, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})


class TestFamiliesThatNeedReferences(LocalConformance):
    @pytest.fixture(params=sorted(NEEDED))
    def backend(self, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        self.roles = NEEDED[request.param]
        folder = build(request.param, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have a package of the guard's name, and its checker where diffusers found none."""
    pytest.importorskip("torchvision")
    from diffusers.pipelines.cosmos import (
        pipeline_cosmos2_5_predict,
        pipeline_cosmos2_video2world,
        pipeline_cosmos_text2world,
        pipeline_cosmos_video2world,
    )

    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "cosmos_guardrail.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "packages")
    for module in (
        pipeline_cosmos_text2world, pipeline_cosmos_video2world, pipeline_cosmos2_video2world,
        pipeline_cosmos2_5_predict,
    ):  # fmt: skip
        monkeypatch.setattr(module, "CosmosSafetyChecker", Guardrail)


@pytest.mark.usefixtures("guarded")
class TestGuardedFamilies(LocalConformance):
    apart = 1 / 255 + 1e-4  # a guard is shown whole levels, so that a hair may be one

    @pytest.fixture(params=sorted(GUARDED_BUILDERS))
    def backend(self, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        folder = build(request.param, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})

    def test_guard_is_asked_and_obeyed(self, backend: Backend, tmp_path: Path) -> None:
        self.make_one(backend, self.request_for(backend), tmp_path)
        assert Guardrail.asked[-1] == self.prompt
        refused = self.request_for(backend, prompt="a weapon")
        (result,) = self.make(backend, [self.call_for(refused, tmp_path)])
        assert isinstance(result, Failed) and isinstance(result.error, PermanentFailure)
        assert "unsafe text in the prompt" in str(result.error)


def test_guarded_class_is_not_run_without_its_guard(tmp_path_factory: pytest.TempPathFactory) -> None:
    backend = Local({"model": str(build("cosmos", tmp_path_factory.getbasetemp() / "models"))})
    with pytest.raises(InvalidRequest, match=r"CosmosTextToWorldPipeline is not run without .*cosmos_guardrail: run"):
        backend.capabilities()


def made(backend: Local, **asked: Any) -> tuple[Made, list[Progress]]:
    told: list[Progress] = []
    request = TakeRequest.model_validate(
        {"backend": "local", "prompt": "a fox", "width": 32, "height": 32, "rate": 24, "seed": 1} | asked
    )
    (result,) = backend.generate([Call(request, "a1")], told.append)  # type: ignore[arg-type]  # a model tells steps alone
    assert isinstance(result, Made), result
    return result, told


def test_every_row_is_run_by_a_tiny_pipeline_of_its_class_or_of_one_whose_parts_it_shares(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    models = tmp_path_factory.getbasetemp() / "models"
    indices = [build(name, models) / "model_index.json" for name in BUILDERS | GUARDED_BUILDERS]
    own = {json.loads(index.read_text())["_class_name"] for index in indices} & FAMILIES.keys()
    assert own | {other for name in own for other in FAMILIES[name].also} == FAMILIES.keys()


def test_model_of_two_transformers_guides_its_last_steps_as_its_makers_do_unless_told(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, float | None, int]] = []
    call = WanPipeline.__call__

    def heard(pipe: Any, **arguments: Any) -> Any:
        asked.append((arguments["guidance_scale"], arguments.get("guidance_scale_2"), arguments["num_inference_steps"]))
        return call(pipe, **arguments)

    monkeypatch.setattr(WanPipeline, "__call__", heard)
    backend = Local({"model": str(build("wan_a14b", tmp_path_factory.getbasetemp() / "models"))})
    assert (backend.capabilities().steps, backend.capabilities().guidance) == (40, 4.0)
    made(backend, steps=2, frames=5, rate=16)
    made(backend, steps=2, frames=5, rate=16, guidance=2.0)
    made(backend, steps=2, frames=5, rate=16, guidance=4.0)
    assert asked == [(4.0, 3.0, 2), (2.0, None, 2), (4.0, None, 2)]
    told = Local({"model": backend.settings.model, "guidance": 4.0})
    assert told.fingerprint() != backend.fingerprint()


@pytest.mark.parametrize(("frames", "windows"), [(97, 1), (177, 2), (181, 3)])
def test_diffusion_forcing_goes_on_from_its_own_end_where_a_take_is_longer_than_it_sees(
    frames: int, windows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    backend = Local({"model": str(build("skyreels_df", tmp_path_factory.getbasetemp() / "models")), "steps": 1})
    assert backend.capabilities().frames.most == 1457
    result, told = made(backend, frames=frames)
    assert len(result.frames) == frames and result.substitutions == ()  # type: ignore[arg-type]
    assert [(p.step, p.steps) for p in told] == [(step, windows) for step in range(windows + 1)]


def test_helios_ends_where_its_windows_do_and_refuses_a_checkpoint_of_several_stages(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder = build("helios", tmp_path_factory.getbasetemp() / "models")
    backend = Local({"model": str(folder), "steps": 1})
    frames = backend.capabilities().frames
    assert (frames.least, frames.most, frames.fit(34)) == (33, 129, 65)
    for count, windows in ((65, 2), (129, 4)):
        result, told = made(backend, frames=count)
        assert len(result.frames) == count and result.substitutions == ()  # type: ignore[arg-type]
        assert [(p.step, p.steps) for p in told] == [(step, windows) for step in range(windows + 1)]
    shutil.copytree(folder, tmp_path / "staged")
    config = tmp_path / "staged" / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"stages": 3}))
    with pytest.raises(InvalidRequest, match="works in 3 stages, which HeliosPipeline does not ask for"):
        Local({"model": str(tmp_path / "staged")}).capabilities()


def test_hunyuan_15_makes_the_sizes_that_it_would_choose_by_its_picture_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    backend = Local({"model": str(build("hunyuan15_i2v", tmp_path_factory.getbasetemp() / "models")), "steps": 1})
    can = backend.capabilities()
    # A square of 16 by 16 in steps of 4 has 16 cells: as many as fit in each shape up to four to one.
    assert (16, 16) in can.sizes.only and can.sizes.only == tuple(sorted(can.sizes.only))
    assert all(w % 4 == h % 4 == 0 and w * h <= 256 and max(w, h) <= 4 * min(w, h) for w, h in can.sizes.only)
    Image.new("RGB", (40, 20), (200, 40, 40)).save(tmp_path / "p.png")
    for width, height in can.sizes.only:
        request = TakeRequest(
            backend="local", prompt="a fox", width=width, height=height, frames=3, rate=24, seed=1,
            references=[{"content": "ab" * 32, "role": "first_frame"}],
        )  # fmt: skip
        (result,) = backend.generate([Call(request, "a1", references={"ab" * 32: tmp_path / "p.png"})], lambda e: None)
        assert isinstance(result, Made) and result.frames.shape == (3, height, width, 3), result  # type: ignore[union-attr]


def test_picture_that_ltx2_pins_elsewhere_is_said_of_the_take(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    backend = Local({"model": str(build("ltx2_condition", tmp_path_factory.getbasetemp() / "models")), "steps": 1})
    Image.new("RGB", (64, 64), (200, 40, 40)).save(tmp_path / "p.png")
    content = "ab" * 32
    takes = []
    for frame in (8, 9):
        request = TakeRequest(
            backend="local", prompt="a fox", width=64, height=64, frames=17, rate=24, seed=1,
            references=[Reference(content=content, role="keyframe", frame=frame)],
        )  # fmt: skip
        (result,) = backend.generate([Call(request, "a1", references={content: tmp_path / "p.png"})], lambda e: None)
        assert isinstance(result, Made), result
        takes.append(result)
    (said,) = takes[0].substitutions
    assert (said.what, said.asked, said.made) == ("references", "a picture at frame 8", "at frame 9")
    assert takes[1].substitutions == () and np.array_equal(takes[0].frames, takes[1].frames)  # type: ignore[arg-type]


def test_mochi_takes_two_steps_where_one_is_asked_for_and_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = str(build("mochi", tmp_path_factory.getbasetemp() / "models"))
    backend = Local({"model": folder, "steps": 2})
    assert Local({"model": folder, "steps": 1}).capabilities().steps == 2
    for asked in ({"steps": 1}, {"rung": "draft"}):
        result, told = made(backend, frames=1, rate=30, **asked)
        assert [(s.what, s.asked, s.made) for s in result.substitutions] == [("steps", "1", "2")]
        assert [(p.step, p.steps) for p in told] == [(0, 2), (1, 2), (2, 2)]
    assert made(backend, frames=1, rate=30)[0].substitutions == ()


def test_class_without_a_row_gives_its_sound_or_says_that_it_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder = tmp_path / "asked"
    shutil.copytree(build("ltx2", tmp_path_factory.getbasetemp() / "models"), folder)

    def become(pipeline: str) -> Local:
        index = json.loads((folder / "model_index.json").read_text())
        (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": pipeline}))
        return Local({"model": str(folder), "steps": 1})

    asked = {"frames": 9, "width": 64, "height": 64}
    backend = become("LTX2InContextPipeline")
    heard, _ = made(backend, **asked)
    assert backend.capabilities().sound and heard.sound is not None and heard.sound.rate == 24000
    assert abs(len(heard.sound.samples) - 9000) <= 6000 and heard.sound.samples.shape[1] == 2
    assert [s.what for s in heard.substitutions] == ["family"]
    backend = become("LTX2HDRPipeline")  # it gives none, though its output has a place for it
    silent, _ = made(backend, **asked)
    assert not backend.capabilities().sound and silent.sound is None
    assert [s.what for s in silent.substitutions] == ["family"]
    config = folder / "vocoder" / "config.json"
    told = json.loads(config.read_text())
    del told["output_sampling_rate"]
    config.write_text(json.dumps(told))
    backend = become("LTX2InContextPipeline")
    unheard, _ = made(backend, **asked)
    assert not backend.capabilities().sound and unheard.sound is None
    assert [(s.what, s.made) for s in unheard.substitutions][1:] == [("sound", "no sound")]
    assert "sound" not in {s.what for s in made(backend, **asked | {"frames": 1})[0].substitutions}
