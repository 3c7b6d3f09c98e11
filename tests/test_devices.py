"""Devices by name, what is set for a whole process while two of them work, and what a placement cannot be asked for."""

import threading
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from diffusers.models.attention_dispatch import _AttentionBackendRegistry
from diffusers.utils import logging
from tiny_pipelines import build

from reelgraph.cli import main
from reelgraph.video_tools.backends import device, process_wide
from reelgraph.video_tools.backends.base import Call, Failed
from reelgraph.video_tools.backends.cheaper import cheaper_steps
from reelgraph.video_tools.backends.device import device_named, devices_here, dtype_of
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.placement import PRESETS, Placement, place_weights
from reelgraph.video_tools.backends.process_wide import Choice, chosen
from reelgraph.video_tools.backends.single_precision import without_doubles
from reelgraph.video_tools.backends.steps import OutOfMemory, failure_of
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import TakeRequest


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two cards by name, and which of them is the current one, as torch counts it."""
    now = [0]

    class OneOf:
        def __init__(self, name: str) -> None:
            self.index, self.before = int(name.partition(":")[2]), 0

        def __enter__(self) -> None:
            self.before, now[0] = now[0], self.index

        def __exit__(self, *error: object) -> None:
            now[0] = self.before

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "device", OneOf)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: now[0] == 1)
    monkeypatch.setattr(device, "_devices", {})
    return now


def test_device_that_is_not_here_is_refused_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ", ".join(devices_here())
    for name in ("cuda:7", "gpu"):
        with pytest.raises(InvalidRequest) as refused:
            device_named(name)
        assert str(refused.value) == f"there is no device {name!r} here: set device to auto or one of {here}"
    (tmp_path / "reelgraph.toml").write_text('[backends.local]\nmodel = "shapes"\ndevice = "cuda:7"\n')
    words = ["make", "A red ball rolls.", "-p", str(tmp_path), "--backend", "local", "-q"]
    assert main(words) == 2 and "there is no device 'cuda:7' here" in capsys.readouterr().err
    assert not list(tmp_path.glob("films/*/cuts/*"))


def test_numbered_card_is_the_current_one_while_it_loads_and_works(cards: list[int]) -> None:
    assert (dtype_of("auto", "cuda:0"), dtype_of("auto", "cuda:1")) == (torch.float32, torch.bfloat16)
    loaded_on: list[int] = []

    class Pipe:
        def set_progress_bar_config(self, disable: bool) -> None: ...

    def load() -> Pipe:
        loaded_on.append(cards[0])
        return Pipe()

    with device_named("cuda:1").using("a key", PRESETS[80], load):
        assert loaded_on == cards == [1]
    assert cards == [0]


class Line(list[object]):
    """Tells of whoever comes into it."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Semaphore(0)

    def append(self, item: object) -> None:
        super().append(item)
        self.came.release()


def test_runs_that_want_the_same_share_it_and_the_last_puts_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    monkeypatch.setattr(process_wide, "_line", line)
    before, verbosity = _AttentionBackendRegistry._active_backend, logging.get_verbosity()
    entered = [threading.Event() for _ in range(4)]
    leave = [threading.Event() for _ in range(4)]
    found: list[tuple[int, str]] = []

    def run(n: int, choice: Choice) -> None:
        with chosen(choice):
            found.append((n, str(_AttentionBackendRegistry._active_backend.value)))
            entered[n].set()
            leave[n].wait(30)

    wanted = [Choice("torch"), Choice("torch"), Choice(), Choice("torch")]
    threads = [threading.Thread(target=run, args=(n, choice)) for n, choice in enumerate(wanted)]
    for n in (0, 1):
        threads[n].start()
        assert line.came.acquire(timeout=30) and entered[n].wait(30), "what wants the same goes on beside it"
    for n in (2, 3):
        threads[n].start()
        assert line.came.acquire(timeout=30)
    leave[0].set()
    threads[0].join(30)
    assert not entered[2].is_set(), "another waits, though the one that began first has ended"
    assert not entered[3].is_set(), "who wants what is chosen waits behind the other, or that would never have its turn"
    leave[1].set()
    assert entered[2].wait(30)
    for n in (2, 3):
        leave[n].set()
    for thread in threads[1:]:
        thread.join(30)
    assert sorted(found[:2]) == [(0, "native"), (1, "native")]
    assert found[2:] == [(2, before.value), (3, "native")]
    assert (_AttentionBackendRegistry._active_backend, logging.get_verbosity()) == (before, verbosity)


def test_take_bears_a_host_that_says_how_cards_compute(models: Path) -> None:
    before = torch.backends.fp32_precision
    torch.backends.fp32_precision = "ieee"
    try:
        request = TakeRequest(backend="local", prompt="a fox", width=64, height=64, frames=9, rate=16, seed=1)
        backend = Local({"model": str(build("ltx", models)), "steps": 1})
        (made,) = backend.generate([Call(request, "a0")], lambda event: None)
    finally:
        torch.backends.fp32_precision = before
    assert not isinstance(made, Failed), made


@pytest.mark.parametrize("family", ["cogvideox", "mochi", "animatediff"])
def test_kernel_that_a_model_would_not_use_is_refused(models: Path, family: str) -> None:
    from diffusers import DiffusionPipeline

    pipe = DiffusionPipeline.from_pretrained(build(family, models))
    said = "chooses its attention itself: leave attention torch out"
    with pytest.raises(InvalidRequest, match=said), cheaper_steps(pipe, "torch", None):
        raise AssertionError("it ran")
    with cheaper_steps(DiffusionPipeline.from_pretrained(build("wan", models)), "torch", None):
        pass


@pytest.mark.parametrize(
    ("asked", "said"), [({"compile": True}, "compile"), ({"step_cache": "first_block"}, "first_block")]
)
def test_what_does_nothing_where_all_layers_wait_is_refused(models: Path, asked: dict[str, Any], said: str) -> None:
    request = TakeRequest(backend="local", prompt="a fox", width=64, height=64, frames=9, rate=16, seed=1)
    backend = Local({"model": str(build("wan", models)), "steps": 1, "placement": 8, **asked})
    (result,) = backend.generate([Call(request, "a0")], lambda event: None)
    assert isinstance(result, Failed) and str(result.error) == (
        f"{said} cannot be had with placement 8, where all layers wait"
    )


def test_part_with_an_attention_of_torchs_own_stays_on_the_card(models: Path) -> None:
    from diffusers import DiffusionPipeline
    from diffusers.hooks.group_offloading import _is_group_offload_enabled

    pipe = DiffusionPipeline.from_pretrained(build("framepack", models))
    place_weights(pipe, PRESETS[8], torch.float32, "cpu")
    parts = {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
    assert {name for name, part in parts.items() if not _is_group_offload_enabled(part)} == {"image_encoder"}


def test_full_card_is_seen_by_what_its_libraries_say() -> None:
    error = RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")
    assert isinstance(failure_of(error, "WanPipeline", "a take", "cuda:0", PRESETS[80]), OutOfMemory)
    broken = failure_of(RuntimeError("no triton"), "WanPipeline", "a take", "cuda:0", Placement(80, compiled=True))
    assert "try without compile, which not every model and card bears" in str(broken)


def test_nothing_is_left_in_64_bits_for_a_device_that_has_none(models: Path, tmp_path: Path) -> None:
    from diffusers import DiffusionPipeline

    ltx2 = DiffusionPipeline.from_pretrained(build("ltx2", models))
    rotary = [
        m for part in (ltx2.transformer, ltx2.connectors) for m in part.modules() if hasattr(m, "double_precision")
    ]
    for module in rotary:
        module.double_precision = True  # as published models have it
    without_doubles(ltx2)
    assert rotary and not any(module.double_precision for module in rotary)
    cog = DiffusionPipeline.from_pretrained(build("cogvideox", models))
    assert cog.scheduler.alphas_cumprod.dtype == torch.float64
    before = cog.scheduler.alphas_cumprod
    without_doubles(cog)
    assert cog.scheduler.alphas_cumprod.dtype == torch.float32
    assert torch.allclose(cog.scheduler.alphas_cumprod.double(), before, rtol=1e-6)


def test_picture_is_begun_on_by_a_class_that_takes_a_seed_of_the_cpu(models: Path) -> None:
    plain, denoising = (Local({"model": str(build(name, models))}) for name in ("ltx_i2v", "ltx_i2v_denoising"))
    assert [backend.rows[0].pipeline for backend in (plain, denoising)] == [
        "LTXImageToVideoPipeline", "LTXConditionPipeline",
    ]  # fmt: skip
    assert {"image", "text"} <= denoising.capabilities().modes


def test_class_that_computes_in_64_bits_is_refused_where_there_are_none(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(build("helios", models))
    assert Local({"model": folder}).capabilities().frames.least == 33
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(
        InvalidRequest, match="HeliosPipeline computes in 64 bits, which MPS has not: set device to cpu"
    ):
        Local({"model": folder, "device": "mps"}).capabilities()
