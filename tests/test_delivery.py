"""Deliveries are what their names say, and provenance names every take by its hash."""

import json
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from editing_rig import Shelf, level
from footage_rig import sine, write_media
from PIL import Image

from reelgraph.cli import main
from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.containers import open_media
from reelgraph.video_tools.editing.delivery import PRESETS, cut_out, deliver
from reelgraph.video_tools.editing.loudness import integrated
from reelgraph.video_tools.editing.media import decode, probe, read_sound, write_wav
from reelgraph.video_tools.editing.provenance import write_provenance
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Effect, Scene, Shot, Storyboard
from reelgraph.video_tools.panels.film import PanelDrawing, TitleCard
from reelgraph.video_tools.project import Project

RATE = Fraction(24)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Shelf, Cut]:
    folder = tmp_path_factory.mktemp("film")
    shelf = Shelf(folder / "takes")
    halves = np.zeros((144, 256, 3), np.uint8)
    halves[:, :128], halves[:, 128:] = (200, 40, 40), (40, 40, 200)
    take = shelf.add("a", 36, width=256, height=144, tone=440, pictures=[halves] * 36)
    grade = [Effect(name="mirror")]
    clips = [
        Clip(shot="s01-01", take=take.key, frames=24),
        Clip(shot="s01-02", take=take.key, frames=12, in_frame=24, effects=grade),
        Clip(shot="s01-03", take=None, frames=6, label="lost"),
    ]
    cut = Cut(number=3, parent=2, width=256, height=144, rate=RATE, clips=clips)
    render_cut(cut, shelf, folder / "r", folder / "film.mp4")
    return folder / "film.mp4", shelf, cut


@pytest.mark.parametrize(
    ("preset", "codec", "pixels", "size"),
    [
        ("web", "h264", "yuv420p", (256, 144)),
        ("vertical", "h264", "yuv420p", (80, 144)),
        ("square", "h264", "yuv420p", (144, 144)),
        ("prores", "prores", "yuv422p10le", (256, 144)),
        ("dnxhr", "dnxhd", "yuv422p", (256, 144)),
        ("webm", "av1", "yuv420p10le", (256, 144)),
    ],
)
def test_delivery_is_what_it_says(
    tmp_path: Path, film: tuple[Path, Shelf, Cut], preset: str, codec: str, pixels: str, size: tuple[int, int]
) -> None:
    out = deliver(film[0], preset, tmp_path / f"out{PRESETS[preset].suffix}", focus=0.25)
    facts = probe(out)
    assert (facts.frames, facts.rate, (facts.width, facts.height)) == (42, RATE, size)
    assert facts.pixel_format == pixels and not facts.variable_rate
    with open_media(out) as container:
        assert codec in container.streams.video[0].codec_context.codec.canonical_name
        tags = container.streams.video[0].codec_context
        assert (tags.color_primaries, tags.color_trc, tags.colorspace) == (1, 1, 1)
    first = next(decode(out)).astype(int)
    assert np.abs(first[size[1] // 2, size[0] // 8] - (200, 40, 40)).max() <= 14
    sound = read_sound(out)
    assert sound is not None and abs(len(sound.samples) / sound.rate - 42 / 24) < 0.03
    assert level(sound.samples.mean(1)[4800:48_000], sound.rate, 440) == pytest.approx(0.25, rel=0.1)


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_preview_moves_at_its_rate(tmp_path: Path, film: tuple[Path, Shelf, Cut], kind: str) -> None:
    out = deliver(film[0], kind, tmp_path / f"p.{kind}")
    with Image.open(out) as image:
        assert image.size == (256, 144)
        total = 0
        for n in range(image.n_frames):
            image.seek(n)
            image.load()
            total += image.info["duration"]
    assert abs(total - 1750) <= 60  # frames that do not change may be merged, time may not


@pytest.mark.parametrize("kind", ["gif", "webp"])
@pytest.mark.parametrize("rate", [8, 10, 24, Fraction(30000, 1001)])
def test_preview_lasts_as_long_as_its_film(tmp_path: Path, kind: str, rate: Fraction | int) -> None:
    shown = [np.full((48, 64, 3), 9 * n % 256, np.uint8) for n in range(24)]
    out = deliver(write_media(tmp_path / "film.mp4", shown, rate=rate), kind, tmp_path / f"p.{kind}")
    with Image.open(out) as image:
        pauses = []
        for n in range(image.n_frames):
            image.seek(n)
            image.load()
            pauses.append(image.info["duration"])
    frames = 24 if rate < 12 else int(24 * 12 / rate)
    assert len(pauses) == frames
    assert sum(pauses) == pytest.approx(1000 * frames / min(rate, 12), abs=5)
    assert max(pauses) - min(pauses) <= 10


def test_sheet_shows_all_of_the_film(tmp_path: Path, film: tuple[Path, Shelf, Cut]) -> None:
    with Image.open(deliver(film[0], "sheet", tmp_path / "s.png")) as image:
        sheet = np.asarray(image.convert("RGB")).astype(int)
    assert sheet.shape[1] == 1600
    reds, blues = ((np.abs(sheet - colour).max(2) < 14).mean() for colour in ((200, 40, 40), (40, 40, 200)))
    assert reds > 0.3 and blues > 0.3


def test_viewers_get_the_loudness_of_the_web_and_masters_the_mix(tmp_path: Path) -> None:
    at = ["-p", str(tmp_path / "p"), "-q"]
    assert main(["make", "A red kite climbs over a hill. It dives.", *at, "--size", "96x64", "--rate", "8"]) == 0
    project = Project.open(tmp_path / "p")
    write_wav(Sound(sine(440, 2, level=0.02), 48_000), tmp_path / "tone.wav")
    assert main(["import", str(tmp_path / "tone.wav"), *at]) == 0
    film = project.only_film(None)
    before = film.cut()
    assert before is not None
    (tone,) = (take.key for take in project.ledger.takes() if take.request.prompt == "tone.wav")
    laid = {"op": "sounds", "sounds": [{"take": tone, "role": "music", "start": 0, "frames": 16}]}
    assert main(["edit", json.dumps(laid), *at]) in (0, 1)

    def heard(path: Path) -> float:
        sound = read_sound(path)
        assert sound is not None
        samples = np.repeat(sound.samples, 3 - sound.samples.shape[1], 1)
        return integrated(lambda a, b: samples[a:b], len(samples))

    out = tmp_path / "out"
    presets = [word for name in ("web", "square", "prores") for word in ("--preset", name)]
    assert main(["export", str(out), *presets, *at]) == 0
    mixed = heard(out / "film.mp4")
    # 0.02 of full scale on both sides, at 440 Hz, and three blocks of 400 ms that the tone ends in.
    assert mixed == pytest.approx(-34.66 + 10 * np.log10(18.5 / 20), abs=0.1)
    assert heard(out / f"{film.name}-prores.mov") == pytest.approx(mixed, abs=0.1)
    assert heard(out / f"{film.name}-web.mp4") == pytest.approx(-14, abs=0.3)
    assert heard(out / f"{film.name}-square.mp4") == pytest.approx(-14, abs=0.3)
    assert sorted(p.suffix for p in out.iterdir() if p.is_dir()) == []
    assert main(["export", str(out), "--preset", "web", "--loudness", "ebu", *at]) == 0
    assert heard(out / f"{film.name}-web.mp4") == pytest.approx(-23, abs=0.3)
    assert main(["export", str(out), "--preset", "web", "--loudness", "3", *at]) == 2


def test_what_lies_over_the_picture_stands_whole_in_what_is_cut_out(tmp_path: Path) -> None:
    at = ["-p", str(tmp_path / "p"), "-q"]
    assert main(["make", "A red kite climbs over a hill.", *at, "--size", "192x108", "--rate", "8"]) == 0
    assert main(["export", str(tmp_path / "bare"), "--preset", "vertical", *at]) == 0
    white = Image.fromarray(np.full((48, 64, 3), 250, np.uint8))
    white.save(tmp_path / "white.png")
    assert main(["import", str(tmp_path / "white.png"), *at]) == 0
    project = Project.open(tmp_path / "p")
    film = project.only_film(None)
    (still,) = [path.parent.name for path in project.root.glob("takes/*/*/picture.png")]
    titles = {"op": "titles", "titles": [{"start": 2, "frames": 3, "text": "Of Kites and of Hills"}]}
    insets = {"op": "insets", "insets": [{"take": still, "start": 6, "frames": 4, "left": 0.5, "width": 0.4}]}
    points = "".join(f"{n % 2} {n // 2 % 2} {n // 4}\n" for n in range(8))
    (tmp_path / "same.cube").write_text(f"LUT_3D_SIZE 2\n{points}")
    table = {"name": "lut", "arguments": {"file": str(tmp_path / "same.cube")}}
    graded = {"op": "effects", "clip": "s01-01", "effects": [table]}
    assert main(["edit", *map(json.dumps, (titles, insets, graded)), *at]) in (0, 1)
    assert main(["export", str(tmp_path / "full"), "--preset", "vertical", *at]) == 0
    name = f"{film.name}-vertical.mp4"
    pairs = zip(decode(tmp_path / "bare" / name), decode(tmp_path / "full" / name), strict=True)
    changed = [np.abs(a.astype(int) - b).max(2) > 60 for a, b in pairs]
    assert [n for n, where in enumerate(changed) if where.any()] == [2, 3, 4, 6, 7, 8, 9]
    columns = np.flatnonzero(changed[3].any(0))
    assert changed[3].shape == (108, 60) and 2 <= columns.min() < 20 and 40 < columns.max() < 58
    rows, columns = np.nonzero(next(islice(decode(tmp_path / "full" / name), 8, None)).min(2) > 235)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (30, 53, 4, 21)  # 24 x 18, from the middle on


@pytest.mark.parametrize(("preset", "size"), [("vertical", (102, 180)), ("square", (180, 180))])
def test_title_card_is_drawn_anew_in_the_shape_that_is_cut_out(
    tmp_path: Path, preset: str, size: tuple[int, int]
) -> None:
    at = ["-p", str(tmp_path / "p"), "-q"]
    (tmp_path / "cards.yaml").write_text(
        "shots:\n- {kind: title, title: The Night Shift, prompt: words, seconds: 1}\n"
        "- {prompt: A dog waits., seconds: 1}\n"
    )
    assert main(["make", str(tmp_path / "cards.yaml"), *at, "--size", "320x180", "--rate", "8"]) in (0, 1)
    faded = {"op": "transition", "clip": "s01-02", "transition": {"kind": "crossfade", "frames": 2}}
    assert main(["edit", json.dumps(faded), *at]) in (0, 1)
    assert main(["export", str(tmp_path / "out"), "--preset", preset, *at]) == 0
    shown = list(decode(tmp_path / "out" / f"cards-{preset}.mp4"))
    project = Project.open(tmp_path / "p")
    cut = project.only_film(None).cut()
    assert cut is not None and len(shown) == 14 and shown[0].shape == (size[1], size[0], 3)
    takes = [project.ledger.take(clip.take or "") for clip in cut.clips]
    card, panel = (
        take.request.model_copy(update={"width": size[0], "height": size[1]}) for take in takes if take is not None
    )
    assert card.panel is not None and panel.panel is not None
    for number, whole in ((5, TitleCard(card, card.panel).frame(5)), (13, PanelDrawing(panel, panel.panel).frame(7))):
        assert np.abs(shown[number].astype(int) - whole).mean() < 4
    assert np.abs(shown[5].astype(int) - shown[13]).mean() > 30


def test_title_card_without_room_in_what_is_cut_out_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path / "p"), "-q"]
    (tmp_path / "cards.yaml").write_text("shots:\n- {kind: title, title: The Night Shift, prompt: words, seconds: 1}\n")
    assert main(["make", str(tmp_path / "cards.yaml"), *at, "--size", "128x72", "--rate", "8"]) in (0, 1)
    assert main(["export", str(tmp_path / "out"), "--preset", "vertical", *at]) == 2
    assert "the title card 'The Night Shift' does not fit into 40x72: shorten it" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*-vertical.mp4"))


@pytest.mark.parametrize("preset", ["web", "vertical", "prores"])
def test_captions_are_a_track_of_what_is_delivered(tmp_path: Path, preset: str) -> None:
    at = ["-p", str(tmp_path / "p"), "-q"]
    assert main(["make", "A red kite climbs over a hill.", *at, "--size", "192x108", "--rate", "8"]) == 0
    words = [
        {"start": 2, "frames": 5, "text": "Who is there?"},
        {"start": 9, "frames": 4, "text": "Ein Drache, größer"},
    ]
    assert main(["edit", json.dumps({"op": "captions", "captions": words}), *at]) in (0, 1)
    assert main(["export", str(tmp_path / "out"), "--preset", preset, *at]) == 0
    for path in (tmp_path / "out" / "film.mp4", *tmp_path.glob(f"out/*-{preset}.*")):
        with open_media(path) as container:
            (track,) = container.streams.subtitles
            said = [p for p in container.demux(track) if p.pts is not None and p.size > 2]
            assert [(p.pts * track.time_base * 8, p.duration * track.time_base * 8) for p in said] == [(2, 5), (9, 4)]
            assert [bytes(p)[2:].decode() for p in said] == [w["text"] for w in words]
    burnt = {"op": "captions", "burn": True}
    assert main(["edit", json.dumps(burnt), *at]) in (0, 1)
    assert main(["export", str(tmp_path / "burnt"), "--preset", preset, *at]) == 0
    for path in tmp_path.glob("burnt/*.m*"):
        with open_media(path) as container:
            assert not container.streams.subtitles


def test_cut_out_stays_inside_and_follows_the_focus() -> None:
    assert cut_out((1280, 720), Fraction(9, 16), 0.5) == (438, 0, 404, 720)
    assert cut_out((1280, 720), Fraction(9, 16), 0)[0] == 0 and cut_out((1280, 720), Fraction(9, 16), 1)[0] == 876
    assert cut_out((404, 720), Fraction(1), 0.5) == (0, 158, 404, 404)


@pytest.mark.parametrize(
    ("preset", "name", "words"),
    [
        ("imax", "a.mp4", "there are web, vertical"),
        ("prores", "a.mp4", r"writes \.mov"),
        ("vertical", "a.mp4", "focus 2"),
    ],
)
def test_bad_delivery_is_refused(
    tmp_path: Path, film: tuple[Path, Shelf, Cut], preset: str, name: str, words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        deliver(film[0], preset, tmp_path / name, focus=2)
    assert not (tmp_path / name).exists()


def test_film_too_small_for_its_encoder_is_refused_by_size(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 3)
    cut = Cut(number=1, width=128, height=96, rate=RATE, clips=[Clip(shot="s01-01", take=take.key, frames=3)])
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    with pytest.raises(InvalidRequest, match="dnxhd does not encode pictures of 128x96"):
        deliver(tmp_path / "film.mp4", "dnxhr", tmp_path / "a.mov")
    assert not (tmp_path / "a.mov").exists()


def test_provenance_names_every_take_and_edit(tmp_path: Path, film: tuple[Path, Shelf, Cut]) -> None:
    path, shelf, cut = film
    shots = [Shot(id=c.shot, prompt="x", seconds=1) for c in cut.clips]
    board = Storyboard(number=2, title="Halves", brief="0" * 64, scenes=[Scene(id="s01", shots=shots)])
    write_provenance(cut, shelf, board, path, tmp_path / "provenance.json")
    said = json.loads((tmp_path / "provenance.json").read_text())
    assert said["film"]["sha256"] == sha256_of(path) and said["film"]["cut"] == 3 and said["film"]["parent"] == 2
    assert [c["clip"] for c in said["clips"]] == ["s01-01", "s01-02", "s01-03"]
    assert [c["first_frame"] for c in said["clips"]] == [0, 24, 36]
    assert said["clips"][0]["edits"] == {}
    assert said["clips"][1]["edits"] == {"in_frame": 24, "effects": [{"name": "mirror"}]}
    take = said["takes"][said["clips"][0]["take"]]
    assert take["content"] == sha256_of(shelf.picture(shelf.takes[said["clips"][0]["take"]]))
    assert take["request"]["prompt"] == "a" and take["backend"] == "test"
    assert said["digital_source_type"].endswith("/trainedAlgorithmicMedia")
