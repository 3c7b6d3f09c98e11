"""Lettering, the camera's pace, likeness to the bible, and speech over music."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import HEIGHT, WIDTH, drift, failures, ranges, request
from PIL import Image, ImageDraw, ImageFont

from reelgraph import video_tools
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.base import Subject, examine, load_checks
from reelgraph.video_tools.checks.intent import nothing_known
from reelgraph.video_tools.checks.likeness import BibleLikeness
from reelgraph.video_tools.checks.meter import Meter
from reelgraph.video_tools.checks.notes import notes_of
from reelgraph.video_tools.checks.sound import Loudness, Silence
from reelgraph.video_tools.checks.speech import Speech
from reelgraph.video_tools.checks.story import Narration
from reelgraph.video_tools.checks.take import check_take
from reelgraph.video_tools.editing.media import write_wav
from reelgraph.video_tools.film import Clip, Cut, Line, Scene, Shot, SoundClip, Storyboard, Take, Transition, digest
from reelgraph.video_tools.studio import Likeness

LENGTH = 24
FONT = ImageFont.truetype(Path(video_tools.__path__[0]) / "fonts" / "DejaVuSans-Bold.ttf", 14)


def lettered(words: str, *, right: int = 2) -> list[np.ndarray]:
    frames = []
    for frame in drift(LENGTH, right=right):
        picture = Image.fromarray(frame)
        draw = ImageDraw.Draw(picture)
        draw.text((128, 130), words, (245, 245, 245), FONT, "ms", stroke_width=1, stroke_fill=(16, 16, 16))
        frames.append(np.asarray(picture))
    return frames


def test_words_over_a_moving_picture_are_found_as_advice() -> None:
    findings = check_take(lettered("he said nothing"), request(LENGTH))
    (finding,) = [f for f in findings if f.check == "text"]
    assert (finding.outcome, finding.blocking) == ("failed", False)
    assert finding.value == pytest.approx(0.5, abs=0.15)
    assert "text" not in failures(check_take(drift(LENGTH), request(LENGTH)))


def standing(draw: Callable[[np.ndarray], np.ndarray]) -> tuple[str, float | None]:
    """Judge what is drawn over a picture that stands, before which something passes."""
    frames = [draw(frame) for frame in drift(LENGTH, right=0)]
    for index, frame in enumerate(frames):
        frame[20:60, 8 * index : 8 * index + 40] = 200
    (finding,) = [f for f in check_take(frames, request(LENGTH)) if f.check == "text"]
    return finding.outcome, finding.value


def test_under_a_standing_camera_only_words_with_an_edge_of_their_own_are_found() -> None:
    fence = np.zeros((HEIGHT, WIDTH, 1), bool)
    fence[120:132, 60:200:6] = fence[120:132, 61:200:6] = True
    words = lettered("he said nothing", right=0)[0]
    outcome, width = standing(lambda frame: words.copy())
    assert (outcome, width) == ("failed", pytest.approx(0.5, abs=0.15))
    assert standing(lambda frame: np.where(fence, frame // 2 + 80, frame)) == ("passed", 0.0)


def test_where_nothing_moves_words_are_not_judged_and_it_says_so() -> None:
    (finding,) = [f for f in check_take(lettered("he said nothing", right=0), request(LENGTH)) if f.check == "text"]
    assert finding.outcome == "not_applicable"
    assert "nothing moves" in finding.message


def test_edges_that_change_places_and_light_are_no_words() -> None:
    """A row of uneven strokes goes by as fast as it repeats between two looks, as the tiles of a roof do."""
    light = np.random.default_rng(0).integers(90, 250, 200)
    frames = []
    for index, frame in enumerate(drift(LENGTH)):
        for stroke in range(60):
            left = 8 * stroke - 4 * index
            frame[120:132, max(0, left) : max(0, left + 3)] = light[stroke]
        frames.append(frame)
    assert "text" not in failures(check_take(frames, request(LENGTH)))


def test_words_that_were_asked_for_are_no_fault() -> None:
    asked = request(LENGTH).model_copy(update={"prompt": "a street with a neon sign"})
    assert "text" not in failures(check_take(lettered("OPEN ALL NIGHT"), asked))


@pytest.mark.parametrize(("words", "wrong"), [("a slow pan", True), ("a fast pan", False), ("a pan", False)])
def test_pace_is_held_to_the_words_beside_the_move(words: str, wrong: bool) -> None:
    frames = drift(LENGTH, right=5)  # 0.47 of the width a second
    shot = Shot(id="s01-01", prompt=f"{words} over the hills", seconds=1, camera="pan_right")
    assert (ranges(check_take(frames, request(LENGTH), shot=shot), "pace.pan_right") != []) == wrong


def alike(**more: float) -> list[tuple[str, str]]:
    subject = Subject(
        "take", Fraction(24), Meter().measures(), nothing_known(0),
        alike=[Likeness("character:mara", "Mara", colour="#aa3322", **more)],
    )  # fmt: skip
    return [(f.check, f.outcome) for f in examine(subject, [BibleLikeness()])]


def test_likeness_is_in_colours_and_to_nobody_else() -> None:
    assert alike(palette=0.05) == [("likeness.palette", "passed")]
    assert alike(palette=0.2) == [("likeness.palette", "failed")]
    assert alike(picture=0.3, other=0.5) == [("likeness.picture", "passed")]
    assert alike(picture=0.5, other=0.3) == [("likeness.picture", "failed")]
    assert alike() == [("likeness", "not_applicable")]


class Tracks:
    """Two takes of sound, by key."""

    def __init__(self, folder: Path, levels: dict[str, float]) -> None:
        self._paths: dict[str, Path] = {}
        for name, level in levels.items():
            wave = level * np.sin(np.arange(4 * 48000) * 0.05)
            self._paths[digest(name)] = folder / f"{name}.wav"
            write_wav(Sound(wave.astype(np.float32)[:, None], 48000), self._paths[digest(name)])

    def take(self, key: str) -> Take | None:
        asked = request(1)
        return Take(key=key, request=asked, content=key, sound=key, files={}, width=8, height=8, frames=1, rate="24")

    def sound(self, take: Take) -> Path | None:
        return self._paths.get(take.key)


@pytest.mark.parametrize(("duck", "outcome"), [(0.0, "failed"), (-12.0, "passed")])
def test_music_must_be_well_below_what_is_said(tmp_path: Path, duck: float, outcome: str) -> None:
    tracks = Tracks(tmp_path, {"voice": 0.2, "music": 0.1})
    cut = Cut(
        number=1, width=64, height=64, rate="24", clips=[Clip(shot="s01-01", take=None, frames=96)],
        sounds=[
            SoundClip(role="narration", take=digest("voice"), start=24, frames=48),
            SoundClip(role="music", take=digest("music"), start=0, frames=96, duck_db=duck),
        ],
    )  # fmt: skip
    subject = Subject("film", Fraction(24), Meter().measures(), nothing_known(0), cut=cut, takes=tracks)
    (finding,) = examine(subject, [Speech()])
    assert (finding.outcome, finding.value) == (outcome, pytest.approx(6.02 - duck, abs=0.1))
    assert (finding.first_frame, finding.last_frame) == (24, 71)


@pytest.mark.parametrize(("asked", "outcome"), [(None, "passed"), (-16.0, "passed"), (-18.0, "failed")])
def test_a_film_is_held_to_the_loudness_that_its_cut_asks_for(asked: float | None, outcome: str) -> None:
    sine = 10 ** (-16.5 / 20) * np.sin(2 * np.pi * 997 * np.arange(3 * 48000) / 48000)  # -16.5 LUFS in two channels
    clips = [Clip(shot="s01-01", take=None, frames=72)]
    cut = Cut(number=1, width=64, height=64, rate="24", clips=clips, loudness=asked)
    sound = Sound(np.stack([sine, sine], 1).astype(np.float32), 48000)
    subject = Subject("film", Fraction(24), Meter().measures(), nothing_known(0), cut=cut, sound=sound)
    loudness, peak = examine(subject, [Loudness()])
    assert (loudness.outcome, loudness.value) == (outcome, pytest.approx(-16.5, abs=0.1))
    assert loudness.threshold == (-14 if asked is None else asked)
    assert peak.outcome == "passed"


@pytest.mark.parametrize(
    ("track", "planned", "said"),
    [
        # Shots of 2, 2 and 2 s; the voice speaks from 0 to 3 s of its file, and is silent in the fourth.
        ({"start": 0, "frames": 96}, [True, False, False], "is heard 1.0 s beyond s01-01"),
        ({"start": 0, "frames": 96}, [True, True, False], ""),  # the words of two shots
        ({"start": 0, "frames": 96}, [False, False, False], ""),  # laid over the film as a whole
        ({"start": 72, "frames": 72}, [False, True, False], "is heard 2.0 s beyond s01-02"),
        ({"start": 0, "frames": 48}, [True, False, False], "from 0.0 s on is cut off in a word"),
        ({"start": 0, "frames": 48, "fade_out": 12}, [True, False, False], ""),
        ({"start": 108, "frames": 96}, [False, False, True], "from 4.5 s on is cut off in a word"),
        ({"start": 0, "frames": 24, "in_frame": 60}, [True, False, False], ""),  # its last half second alone
    ],
)
def test_narration_ends_with_its_shot_and_with_a_word(
    tmp_path: Path, track: dict[str, int], planned: list[bool], said: str
) -> None:
    tracks = Tracks(tmp_path, {"voice": 0.2})
    wave = (0.2 * np.sin(np.arange(4 * 48000) * 0.05)).astype(np.float32)[:, None]
    wave[3 * 48000 :] = 0
    write_wav(Sound(wave, 48000), tracks._paths[digest("voice")])
    clips = [Clip(shot=f"s01-0{n}", take=None, frames=48) for n in (1, 2, 3)]
    voice = SoundClip(role="narration", take=digest("voice"), **track)
    cut = Cut(number=1, width=64, height=64, rate="24", clips=clips, sounds=[voice])
    shots = [
        Shot(id=clip.shot, prompt="a hill", seconds=2, lines=[Line(text="Come")] if speaks else [])
        for clip, speaks in zip(clips, planned, strict=True)
    ]
    board = Storyboard(scenes=[Scene(id="s01", place="hill", shots=shots)])
    subject = Subject(
        "film", Fraction(24), Meter().measures(), nothing_known(0), cut=cut, storyboard=board, takes=tracks
    )
    told = examine(subject, [Narration()])
    failed = [f.message for f in told if f.outcome == "failed"]
    assert [said in message for message in failed] == ([True] if said else []), failed
    assert told[0].first_frame == voice.start
    # A longer shot mends the word that ends with the film, and not that which ends with its own track.
    assert [f.check for f in told if "in a word" in f.message] == {
        "from 0.0 s on is cut off in a word": ["narration.word"],
        "from 4.5 s on is cut off in a word": ["narration"],
    }.get(said, [])


def test_narration_that_runs_over_is_of_the_last_shot_that_it_is_for_and_not_of_the_one_dissolved_to(
    tmp_path: Path,
) -> None:
    tracks = Tracks(tmp_path, {"voice": 0.2})  # speaks for 4 s
    dissolve = Transition(kind="crossfade", frames=12)
    clips = [Clip(shot=f"s01-0{n}", take=None, frames=36) for n in (1, 2, 3)]
    clips = [clips[0], *(clip.model_copy(update={"transition": dissolve}) for clip in clips[1:])]
    voice = SoundClip(role="narration", take=digest("voice"), start=0, frames=84, fade_out=2)
    cut = Cut(number=1, width=64, height=64, rate="24", clips=clips, sounds=[voice])
    lines = [[Line(text="Come")], [Line(text="Here")], []]
    shots = [Shot(id=c.shot, prompt="a hill", seconds=1, lines=said) for c, said in zip(clips, lines, strict=True)]
    board = Storyboard(scenes=[Scene(id="s01", place="hill", shots=shots)])
    subject = Subject(
        "film", Fraction(24), Meter().measures(), nothing_known(0), cut=cut, storyboard=board, takes=tracks
    )
    told, _ = examine(subject, [Narration()])
    assert (told.outcome, told.message) == ("failed", "the narration is heard 1.0 s beyond s01-02")
    (note,) = notes_of({"film": [told]}, cut=cut)
    assert (note.shot, note.evidence_frame) == ("s01-02", 47)


def test_a_pause_between_words_is_no_dropout_and_a_hole_in_other_sound_is() -> None:
    wave = (0.2 * np.sin(np.arange(4 * 48000) * 0.05)).astype(np.float32)[:, None]
    wave[60000:68000] = 0  # 167 ms
    voice = SoundClip(role="narration", take=digest("voice"), start=24, frames=48)
    clips = [Clip(shot="s01-01", take=None, frames=96)]
    told = Cut(number=1, width=64, height=64, rate="24", clips=clips, sounds=[voice])
    later = told.model_copy(update={"sounds": [voice.model_copy(update={"start": 40})]})
    for cut, outcome in ((told, "passed"), (later, "failed")):
        subject = Subject(
            "film", Fraction(24), Meter().measures(), nothing_known(0), cut=cut, sound=Sound(wave, 48000)
        )  # fmt: skip
        assert [f.outcome for f in examine(subject, [Silence()])] == [outcome]


def test_the_documentation_names_every_check() -> None:
    page = (Path(__file__).parent.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    assert [check.name for check in load_checks() if f"`{check.name}`" not in page] == []
