"""What is taken into a project: as long as a take can be, and whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from footage_rig import write_media

from reelgraph.video_tools import importing
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.media import decode, write_wav
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import MOST_FRAMES, TakeRequest
from reelgraph.video_tools.importing import assets, import_footage, import_sound, put
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio


def quarter_of_an_hour() -> Sound:
    return Sound(np.zeros((900 * 1000, 1), np.float32), 1000)


def test_narration_of_a_quarter_of_an_hour_is_kept_whole(project: Project) -> None:
    project = Project.open(project.root, size=(128, 72), rate="24")
    said = import_sound(Studio(project), quarter_of_an_hour(), backend="espeak-ng", model="en", words="very much")
    assert said.frames == said.request.frames == 900 * 24


def test_what_is_longer_than_a_request_can_hold_is_refused_not_shortened(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"backend": "file", "prompt": "", "width": 64, "height": 48, "rate": 24}
    assert TakeRequest.model_validate({**facts, "frames": MOST_FRAMES}).frames == 1_000_000
    studio = Studio(project)
    clip = write_media(tmp_path / "clip.mp4", [np.full((48, 64, 3), 10 * n, np.uint8) for n in range(6)])
    put(studio, clip)
    monkeypatch.setattr(importing, "MOST_FRAMES", 5)
    with pytest.raises(InvalidRequest, match=r"^clip\.mp4 has 6 frames, and a take has at most 5: cut it"):
        import_footage(studio, "clip.mp4")
    with pytest.raises(InvalidRequest, match=r"^the sound has 7200 frames, and a take has at most 5: cut it"):
        import_sound(studio, quarter_of_an_hour(), backend="espeak-ng", model="en", words="too much")
    assert not list(project.ledger.takes())


def test_copy_that_was_interrupted_is_no_file_of_the_inbox(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, path = Studio(project), tmp_path / "clip.wav"
    write_wav(quarter_of_an_hour(), path)

    def half(source: Path, target: Path) -> None:
        Path(target).write_bytes(Path(source).read_bytes()[:1000])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfile", half)
        with pytest.raises(KeyboardInterrupt):
            put(studio, path)
    assert assets(studio) == {}
    assert put(studio, path) == "clip.wav" and assets(studio)["clip.wav"].read_bytes() == path.read_bytes()


@pytest.mark.parametrize("rate", [8, 12])
def test_footage_of_a_slow_project_keeps_its_pictures_and_its_cadence(
    project: Project, tmp_path: Path, rate: int
) -> None:
    studio = Studio(project)
    put(
        studio,
        write_media(tmp_path / "slow.mp4", [np.full((48, 64, 3), 20 * n, np.uint8) for n in range(9)], rate=rate),
    )
    imported = import_footage(studio, "slow.mp4")
    assert (imported.take.rate, imported.take.frames) == (rate, 9)
    assert imported.notes == ["slow.mp4: has no sound: silent"]
    shown = [frame.mean() for frame in decode(project.ledger.picture(imported.take))]
    assert shown == pytest.approx([20 * n for n in range(9)], abs=4)
