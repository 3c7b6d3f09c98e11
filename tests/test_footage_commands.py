"""Real footage on the command line: nothing is taken in before all is looked at, and what is meant is no fault."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editing_rig import numbered
from footage_rig import sine, write_media
from PIL import Image

from reelgraph.cli import main
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.media import decode, write_wav
from reelgraph.video_tools.project import Project


def photo(path: Path, shade: int) -> Path:
    rng = np.random.default_rng(shade)
    coarse = rng.integers(40, 215, (9, 16, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((320, 180), Image.Resampling.NEAREST).save(path)
    return path


def test_stills_and_cuts_of_an_assembled_film_are_no_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(photo(tmp_path / f"{i}.png", i)) for i in range(3)]
    assert main(["assemble", *files, "-o", str(tmp_path / "film.mp4"), "--rate", "24"]) == 0
    capsys.readouterr()
    main(["check", str(tmp_path / "film.mp4"), "--json"])
    meant = json.loads(capsys.readouterr().out)
    (tmp_path / "film.otio").unlink()
    main(["check", str(tmp_path / "film.mp4"), "--json"])
    unmeant = json.loads(capsys.readouterr().out)

    def failed(report: dict[str, Any]) -> set[str]:
        (found,) = report["files"].values()
        return {f["check"] for f in found["findings"] if f["outcome"] == "failed" and f["blocking"]}

    assert failed(meant) == set()
    assert failed(unmeant) >= {"frozen"}


def test_check_reports_a_file_that_cannot_be_read_beside_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.mp4").write_text("not a film")
    write_media(tmp_path / "clip.mp4", [numbered(i, 0) for i in range(12)])
    names = [str(tmp_path / "notes.mp4"), str(tmp_path / "clip.mp4")]
    assert main(["check", *names, "--json", "--junit", str(tmp_path / "all.xml")]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    assert [(f["check"], f["outcome"]) for f in files[names[0]]["findings"]] == [("contract.readable", "failed")]
    assert len(files[names[1]]["findings"]) > 20
    assert (tmp_path / "all.xml").read_text().count("<testsuite ") == 2
    assert main(["check", names[1], str(tmp_path / "gone.mp4")]) == 2
    assert "gone.mp4 is not there: name a media file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<fcpxml/>", "film.otio is not an OpenTimelineIO timeline"),
        (
            '{"OTIO_SCHEMA": "SerializableCollection.1", "metadata": {}, "name": "", "children": []}',
            "film.otio has no video track",
        ),
    ],
)
def test_check_takes_a_film_for_footage_beside_a_timeline_that_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    film = write_media(tmp_path / "film.mp4", [numbered(i, 0) for i in range(12)])
    plain = main(["check", str(film), "--json"]), json.loads(capsys.readouterr().out)["files"][str(film)]["findings"]
    (tmp_path / "film.otio").write_text(text)
    assert main(["check", str(film), "--json"]) == plain[0]
    first, *rest = json.loads(capsys.readouterr().out)["files"][str(film)]["findings"]
    assert (first["check"], first["outcome"]) == ("contract.timeline", "unknown")
    assert first["message"].startswith(f"checked as footage, since {why}")
    assert rest == plain[1]


def test_check_measures_by_the_settings_of_the_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = str(write_media(tmp_path / "clip.mp4", [numbered(0, 0) * 0] * 24))  # which is black
    project = Project.open(tmp_path / "project", create=True)
    at = ["check", clip, "--json", "-p", str(project.root)]
    with_settings = (project.root / "reelgraph.toml").read_text() + "\n[checks.black]\n"

    def black() -> list[tuple[str, bool]]:
        (found,) = json.loads(capsys.readouterr().out)["files"].values()
        return [(f["outcome"], f["blocking"]) for f in found["findings"] if f["check"] == "black"]

    assert main(at) == 1
    assert black() == [("failed", True)]
    (project.root / "reelgraph.toml").write_text(with_settings + "blocking = false")
    main(at)
    assert black() == [("failed", False)]
    (project.root / "reelgraph.toml").write_text(with_settings + "on = false")
    main(at)
    assert black() == []
    (project.root / "reelgraph.toml").write_text(with_settings + "loud = true")
    assert main(at) == 2
    assert "check 'black' has no setting 'loud'" in capsys.readouterr().err
    assert main(["check", clip, "-p", str(tmp_path / "none")]) == 2
    assert "is no reelgraph project" in capsys.readouterr().err


def test_check_says_how_loud_footage_is_and_holds_it_to_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(write_media(tmp_path / "clip.mp4", [numbered(n, 0) for n in range(24)], sound=sine(997, 1.0)))
    main(["check", clip, "--json"])
    (found,) = json.loads(capsys.readouterr().out)["files"].values()
    loud = {f["check"]: f for f in found["findings"] if f["check"].startswith("loudness")}
    assert {name: (f["outcome"], f["threshold"], f["unit"]) for name, f in loud.items()} == {
        "loudness.integrated": ("passed", None, "LUFS"),
        "loudness.true_peak": ("passed", None, "dBTP"),
    }
    assert -30 < loud["loudness.integrated"]["value"] < 0
    assert loud["loudness.integrated"]["message"] == "only a film is held to a loudness"


def test_import_takes_nothing_in_if_one_file_is_bad_and_overwrites_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project.open(tmp_path / "project", create=True)
    good = write_media(tmp_path / "a.mp4", [numbered(n, 0) for n in range(6)], sound=sine(440, 0.25))
    at = ["-p", str(project.root), "-q"]
    for other in ("gone.mp4", "text.mp4"):
        (tmp_path / "text.mp4").write_text("hello")
        assert main(["import", str(good), str(tmp_path / other), *at]) == 2
        assert other in capsys.readouterr().err
    assert not list(project.inbox.glob("*")) and not list(project.ledger.takes())
    (tmp_path / "other").mkdir()
    second = write_media(tmp_path / "other" / "a.mp4", [numbered(n, 1) for n in range(6)])
    assert main(["import", str(good), str(second), *at]) == 2
    assert "two files are called a.mp4" in capsys.readouterr().err
    assert main(["import", str(good), *at]) == 0
    before = (project.inbox / "a.mp4").read_bytes()
    assert main(["import", str(second), *at]) == 2
    assert "another a.mp4" in capsys.readouterr().err
    assert (project.inbox / "a.mp4").read_bytes() == before == good.read_bytes()


def test_colour_table_is_kept_in_the_project_which_may_then_be_moved(tmp_path: Path) -> None:
    table = tmp_path / "Swap.CUBE"  # exchanges red and blue
    table.write_text("LUT_3D_SIZE 2\n" + "\n".join(f"{b} {g} {r}" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    home, moved = tmp_path / "home", tmp_path / "moved"
    assert main(["make", "A red kite climbs.", "-p", str(home), "-q", "--size", "96x64", "--rate", "8"]) == 0
    graded = {"op": "effects", "clip": "s01-01", "effects": [{"name": "lut", "arguments": {"file": str(table)}}]}
    main(["edit", json.dumps(graded), "-p", str(home), "-q"])
    before = [np.asarray(f) for f in decode(Project.open(home).only_film(None).deliver / "film.mp4")]
    table.unlink()
    home.rename(moved)
    shutil.rmtree(moved / "render")
    project = Project.open(moved)
    (project.only_film(None).deliver / "film.mp4").unlink()
    assert main(["edit", "--return-to", "2", "-p", str(moved), "-q"]) in (0, 1)
    cut = project.only_film(None).cut()
    assert cut is not None and cut.number == 2
    (effect,) = cut.clips[0].effects
    assert str(tmp_path) not in cut.model_dump_json() and project.ledger.keeps(str(effect.arguments["file"]))
    after = decode(project.only_film(None).deliver / "film.mp4")
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert main(["verify", "-p", str(moved)]) == 0
    project.ledger.file(str(effect.arguments["file"])).write_text("LUT_3D_SIZE 3")
    assert main(["verify", "-p", str(moved)]) == 5


def test_edits_name_takes_by_how_their_printed_ids_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["-p", str(tmp_path / "p")]
    assert main(["make", "A red kite climbs over a hill. It dives.", *at, "-q", "--size", "96x64", "--rate", "8"]) == 0
    write_wav(Sound(sine(440, 2, level=0.02), 48_000), tmp_path / "tone.wav")
    capsys.readouterr()
    assert main(["import", str(tmp_path / "tone.wav"), *at]) == 0
    tone = capsys.readouterr().out.split()[-1]
    film = Project.open(tmp_path / "p").only_film(None)
    before = film.cut()
    assert before is not None and before.clips[0].take is not None and len(tone) == 12
    swapped = {"op": "swap_take", "clip": "s01-02", "take": before.clips[0].take[:8].upper()}
    laid = {"op": "sounds", "sounds": [{"take": tone, "role": "music", "start": 0, "frames": 16}]}
    assert main(["edit", json.dumps(swapped), json.dumps(laid), *at, "-q"]) == 0
    after = film.cut()
    assert after is not None and after.clips[1].take == before.clips[0].take
    assert [sound.take[:12] for sound in after.sounds] == [tone]
    capsys.readouterr()
    assert main(["edit", json.dumps(swapped | {"take": "abcd"}), *at]) == 2
    assert "no single take 'abcd': there is none; `reelgraph takes" in capsys.readouterr().err
