"""Music in words: a take that is sound alone, by real pipelines for sound, and the track under a film."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from tiny_pipelines import SOUND_BUILDERS, build

from reelgraph.cli import main
from reelgraph.video_tools.backends.base import Call, Event, Failed, Made, Progress
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.music import Music
from reelgraph.video_tools.backends.placement import PRESETS, place_weights
from reelgraph.video_tools.editing.media import read_sound
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Brief, Cut, Review, TakeRequest
from reelgraph.video_tools.planning.score import music_in
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.testing import MusicConformance


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


def request(**changes: Any) -> TakeRequest:
    asked = {
        "backend": "music", "prompt": "slow piano", "width": 16, "height": 16, "frames": 36, "rate": "24", "seed": 1,
    }  # fmt: skip
    return TakeRequest.model_validate(asked | changes)


def make(backend: Music, *requests: TakeRequest, on_event: Any = lambda event: None) -> list[Made | Failed]:
    return list(backend.generate([Call(r, f"a{i}") for i, r in enumerate(requests)], on_event))


def heard(result: Made | Failed) -> np.ndarray:
    assert isinstance(result, Made), result
    assert result.sound is not None and result.frames is None and result.media is None
    return result.sound.samples


@pytest.mark.parametrize("family", sorted(SOUND_BUILDERS), scope="class")
class TestSoundFamilies(MusicConformance):
    @pytest.fixture
    def backend(self, family: str, models: Path) -> Music:
        return Music({"model": str(build(family, models)), "steps": 2})

    def test_sound_has_the_models_rate_and_every_step_is_told(self, backend: Music) -> None:
        told: list[Event] = []
        (made,) = make(backend, request(steps=3), on_event=told.append)
        assert heard(made).shape == (1200, 2)  # 36 frames at 24 a second are 1.5 s, of 800 samples each
        assert isinstance(made, Made) and made.sound is not None and made.sound.rate == 800
        assert told == [Progress("a0", 1, 3), Progress("a0", 2, 3), Progress("a0", 3, 3)]

    def test_longer_prompt_than_is_read_is_refused_or_cut_aloud(self, backend: Music, models: Path) -> None:
        long = request(prompt="slow piano " * 30)
        (refused,) = make(backend, long)
        assert isinstance(refused, Failed) and isinstance(refused.error, InvalidRequest)
        assert "tokens that this model reads" in str(refused.error)
        cutting = Music({**backend.settings.model_dump(), "long_prompts": "cut"})
        (cut,) = make(cutting, long)
        assert isinstance(cut, Made)
        (said,) = cut.substitutions
        assert said.what == "prompt" and long.prompt.startswith(said.made) and len(said.made) > 10
        assert np.array_equal(heard(cut), heard(make(cutting, request(prompt=said.made))[0])), "what was kept was read"


def test_vae_that_cannot_come_and_go_by_layers_stays_on_a_small_card_while_the_rest_does(models: Path) -> None:
    from diffusers import DiffusionPipeline
    from diffusers.hooks.group_offloading import _is_group_offload_enabled

    pipe = DiffusionPipeline.from_pretrained(build("stable_audio", models))
    place_weights(pipe, replace(PRESETS[8], eight_bit=False), torch.float32, "cpu")
    assert _is_group_offload_enabled(pipe.transformer) and not _is_group_offload_enabled(pipe.vae)
    folder = str(build("stable_audio", models))
    whole, placed = (make(Music({"model": folder, "steps": 1, "placement": p}), request())[0] for p in ("auto", 8))
    assert np.abs(heard(whole) - heard(placed)).max() < 0.1  # its weights have eight bits


def test_longest_music_is_what_the_model_denoises(models: Path) -> None:
    backend = Music({"model": str(build("stable_audio", models)), "steps": 1})
    assert backend.capabilities().most_seconds == 200 * 16 / 800
    (refused,) = make(backend, request(frames=97))
    assert isinstance(refused, Failed) and "the most is 4 s" in str(refused.error)


def test_turbo_checkpoints_are_asked_with_their_own_steps_and_no_guidance(models: Path, tmp_path: Path) -> None:
    import shutil

    plain = build("ace_step", models)
    turbo = tmp_path / "turbo"
    shutil.copytree(plain, turbo)
    config = turbo / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"is_turbo": True}))
    rows = [Music({"model": str(folder)}).row for folder in (plain, turbo)]
    assert [(row.steps, row.guidance) for row in rows] == [(50, 7.0), (8, 1.0)]
    with pytest.raises(InvalidRequest, match="leave guidance out"):
        Music({"model": str(turbo), "guidance": 5}).capabilities()


def test_pictures_and_music_are_not_taken_for_one_another(models: Path) -> None:
    with pytest.raises(InvalidRequest, match="LTXPipeline has no row in sound_families"):
        Music({"model": str(build("ltx", models))}).capabilities()
    with pytest.raises(InvalidRequest, match="StableAudioPipeline"):
        Local({"model": str(build("stable_audio", models))}).capabilities()


@pytest.mark.parametrize(
    ("text", "music"),
    [
        ("A fox runs.\nMusic: slow piano, soft rain\nAn owl sleeps.", "slow piano, soft rain"),
        ("# Fox\n\n- **Music:** slow piano\n\nA fox runs.", "slow piano"),
        ("A fox runs. The music: it stops.", ""),
    ],
)
def test_brief_says_its_music_in_a_line_of_its_own(text: str, music: str) -> None:
    assert music_in(Brief(text=text)) == music


def test_film_is_not_shot_by_what_makes_sound_alone(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(build("stable_audio", models))
    status = main(["make", "A fox runs.", "-p", str(tmp_path / "p"), "--backend", "music", "--model", model, "-q"])
    assert status == 2 and "music makes sound alone" in capsys.readouterr().err


# --- under a film ---------------------------------------------------------------------------------------------------

BOARD = "music: slow piano\nshots: [{prompt: waves, seconds: 1}, {prompt: a gull, seconds: 0.5}]\n"


def film(folder: Path, capsys: pytest.CaptureFixture[str], board: str = BOARD, *options: str) -> tuple[int, Any]:
    (folder / "waves.yaml").write_text(board)
    status = main(
        ["make", str(folder / "waves.yaml"), "-p", str(folder / "p"), "--json", "-q", "--rounds", "1", *options]
    )
    return status, json.loads(capsys.readouterr().out)


def with_model(folder: Path, models: Path, **more: Any) -> None:
    settings = {"model": str(build("stable_audio", models)), "steps": 2} | more
    (folder / "p").mkdir()
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    (folder / "p" / "reelgraph.toml").write_text(f"[backends.music]\n{lines}\n")


def test_film_has_the_music_that_its_storyboard_asks_for(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_model(tmp_path, models)
    _, made = film(tmp_path, capsys)
    project = Project.open(tmp_path / "p")
    cut = project.film("waves").cut()
    assert isinstance(cut, Cut)
    (track,) = cut.sounds
    take = project.ledger.take(track.take)
    assert take is not None and (take.shot, take.request.prompt, take.request.backend) == (
        "music",
        "slow piano",
        "music",
    )
    assert (track.role, track.start, track.frames, track.duck_db) == ("music", 0, 36, -12)
    sound = read_sound(tmp_path / "p" / made["film"])
    assert np.abs(sound.samples).max() > 0.001
    assert made["substitutions"] == []
    film(tmp_path, capsys)
    assert [a.state for a in project.ledger.attempts() if a.shot == "music"] == ["done"], "it is made once"


def test_music_shorter_than_the_film_is_said(tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_model(tmp_path, models)
    _, made = film(tmp_path, capsys, "music: slow piano\nshots: [{prompt: waves, seconds: 5}]")
    said = [(s["shot"], s["what"], s["asked"], s["made"], s["why"]) for s in made["substitutions"]]
    assert said == [("music", "frames", "120", "96", "music makes at most 4 s")]


def test_plan_says_what_music_nothing_makes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", BOARD, "-p", str(tmp_path / "p"), "--film", "waves", "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)["substitutions"]
    assert (said["shot"], said["what"], said["asked"], said["made"]) == ("music", "music", "slow piano", "silence")


def test_film_is_silent_aloud_where_nothing_makes_music(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, made = film(tmp_path, capsys)
    assert status == 0 and made["approved"]
    (said,) = made["substitutions"]
    assert (said["shot"], said["what"], said["asked"], said["made"]) == ("music", "music", "slow piano", "silence")
    assert "[backends.music]" in said["why"]
    assert "slow piano" in (tmp_path / "p" / made["report"]).read_text(encoding="utf-8")
    strict, _ = film(tmp_path, capsys, BOARD, "--strict")
    assert strict == 1


def test_music_that_fails_or_is_too_dear_leaves_the_film_without_it(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_model(tmp_path, models)
    status, made = film(tmp_path, capsys, BOARD, "--budget", "calls=2")
    (said,) = made["substitutions"]
    assert status == 0 and said["made"] == "silence"
    assert isinstance(Project.open(tmp_path / "p").film("waves").review(), Review)


def test_estimate_counts_the_music(tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_model(tmp_path, models)
    (tmp_path / "waves.yaml").write_text(BOARD)
    main(["plan", str(tmp_path / "waves.yaml"), "-p", str(tmp_path / "p"), "--json", "-q"])
    assert json.loads(capsys.readouterr().out)["estimate"]["once"]["calls"] == 3
