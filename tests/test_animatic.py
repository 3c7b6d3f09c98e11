import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from reelgraph.video_tools.backends.animatic import Animatic
from reelgraph.video_tools.backends.base import Call, Event, Failed, Made, Progress
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.film import CameraMove, Character, Line, Panel, ShotSize, TakeRequest
from reelgraph.video_tools.lettering import Letters
from reelgraph.video_tools.panels.camera import Pose, pose, project
from reelgraph.video_tools.panels.cast import STANDING
from reelgraph.video_tools.panels.colours import rgb
from reelgraph.video_tools.panels.figures import height
from reelgraph.video_tools.panels.letters import PAPER, SPEECH, Captions, lay_out, paginate, spread
from reelgraph.video_tools.panels.surroundings import read
from reelgraph.video_tools.panels.ways import heading
from reelgraph.video_tools.panels.words import figures_in, panel_of

ELENA = Character(id="elena", name="Elena", description="a woman in a raincoat", palette=["#e2b22c", "#2f4a63"])
TOM = Character(id="tom", name="Tom", description="a boy", palette=["#c23b8c"])
DOG = Character(id="rex", name="Rex", description="a dog", palette=["#8a3ad4"], kind="animal")
KITE = Character(id="kite", name="Red kite", description="a red kite", palette=["#d2362c"], kind="object")
BALL = Character(id="ball", name="Ball", description="a ball", palette=["#d2362c"], kind="object")


def request(
    prompt: str = "Elena waits.", *, size: tuple[int, int] = (256, 144), frames: int = 24, rate: int | Fraction = 24,
    seed: int = 1, panel: Panel | None = None,
) -> TakeRequest:  # fmt: skip
    return TakeRequest(
        backend="animatic", prompt=prompt, width=size[0], height=size[1], frames=frames, rate=Fraction(rate), seed=seed,
        panel=panel,
    )  # fmt: skip


def panel(
    figures: list[Character] | None = None, size: ShotSize = "wide", camera: CameraMove = "still", **more: object
) -> Panel:
    shown = [ELENA] if figures is None else figures
    return Panel(shot="s01-01", size=size, camera=camera, figures=shown, place="meadow", **more)  # type: ignore[arg-type]  # a panel's own fields


def made(wanted: TakeRequest) -> Made:
    [result] = Animatic().generate([Call(wanted, "a1")], lambda _: None)
    assert isinstance(result, Made)
    return result


def frames_of(wanted: TakeRequest) -> Iterator[np.ndarray]:
    frames = made(wanted).frames
    assert frames is not None
    return iter(frames)


def ends_of(wanted: TakeRequest) -> tuple[np.ndarray, np.ndarray]:
    frames = list(frames_of(wanted))
    return frames[0], frames[-1]


def where(frame: np.ndarray, colour: str) -> tuple[float, float, int]:
    """Return the middle (x, y) and the count of the pixels that have a colour."""
    ys, xs = np.nonzero(np.abs(frame.astype(int) - rgb(colour)).max(axis=2) <= 6)
    return float(xs.mean()), float(ys.mean()), len(xs)


def digest(wanted: TakeRequest) -> str:
    found = hashlib.sha256()
    for frame in frames_of(wanted):
        found.update(frame.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    ("size", "frames", "rate"),
    [
        ((512, 288), 1, 24),
        ((256, 144), 25, 24),
        ((112, 64), 7, Fraction(30000, 1001)),
        ((90, 160), 3, 12),
        ((16, 16), 2, 60),
    ],
)
def test_take_has_exactly_the_frames_size_and_rate_asked_for(
    size: tuple[int, int], frames: int, rate: int | Fraction
) -> None:
    result = made(request(size=size, frames=frames, rate=rate, panel=panel(camera="dolly_in")))
    assert result.rate == rate and result.frames is not None
    shapes = [(f.shape, f.dtype) for f in result.frames]
    assert shapes == [((size[1], size[0], 3), np.dtype("uint8"))] * frames


def test_frames_come_one_at_a_time_so_that_memory_stays_flat() -> None:
    frames = frames_of(request(frames=20000, panel=panel()))
    assert not isinstance(frames, np.ndarray)
    assert next(frames).shape == (144, 256, 3)


def test_same_request_draws_the_same_bytes_in_any_process() -> None:
    wanted = request("Rain on the lighthouse.", frames=6, panel=panel([ELENA, DOG], camera="handheld"))
    code = (
        "import sys; sys.path.insert(0, 'tests'); from test_animatic import *\n"
        f"print(digest(TakeRequest.model_validate_json({wanted.model_dump_json()!r})))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == digest(wanted) == digest(wanted)


def test_another_seed_draws_another_take() -> None:
    assert digest(request(frames=1, seed=1, panel=panel())) != digest(request(frames=1, seed=2, panel=panel()))


@pytest.mark.parametrize(
    ("move", "across", "down"),
    [
        ("pan_left", 1, 0), ("pan_right", -1, 0), ("truck_left", 1, 0), ("truck_right", -1, 0),
        ("tilt_up", 0, 1), ("tilt_down", 0, -1), ("crane_up", 0, 1), ("crane_down", 0, -1),
    ],
)  # fmt: skip
def test_camera_moves_the_picture_the_other_way(move: CameraMove, across: int, down: int) -> None:
    first, last = ends_of(request(size=(512, 288), frames=3, rate=1, panel=panel(camera=move)))
    (x0, y0, _), (x1, y1, _) = where(first, "#e2b22c"), where(last, "#e2b22c")
    reach = 0.35 + 0.16 * 2  # in two seconds, of the whole way: half of the width or two fifths of the height
    assert x1 - x0 == pytest.approx(across * 0.5 * reach * 512, abs=2.5)
    if down:
        assert np.sign(y1 - y0) == down and abs(y1 - y0) > 30  # the edge may cut the figure


@pytest.mark.parametrize("camera", ["tilt_up", "crane_up", "still", "tilt_down", "truck_right"])
@pytest.mark.parametrize(
    ("prompt", "who", "up"),
    [
        ("A red kite climbs over the dunes.", KITE, True),
        ("It quickly rises.", KITE, True),
        ("The kite sinks into the sand.", KITE, False),
        ("Tom climbs a hill.", TOM, True),
    ],
)
def test_what_climbs_is_seen_to_climb_and_what_falls_to_fall(
    camera: CameraMove, prompt: str, who: Character, up: bool
) -> None:
    wanted = request(prompt, frames=4, rate=1, panel=panel([who], camera=camera))
    (_, first, _), (_, last, _) = (where(frame, who.palette[0]) for frame in ends_of(wanted))
    assert last < first - 10 if up else last > first + 10


@pytest.mark.parametrize(
    ("name", "prompt", "flies", "walks", "way"),
    [
        ("Red kite", "Rain falls on the kite.", True, False, 0),
        ("Ball", "The ball drops.", False, False, -1),
        ("Ball", "The ball rises.", False, False, 0),  # nothing is known that it rises by
        ("Tom", "Tom climbs into the boat.", False, True, 0),
        ("Tom", "Tom rises and leaves.", False, True, 0),
        ("Tom", "He falls asleep.", False, True, 0),
        ("Tom", "Tom and the kite climb.", False, True, 0),
        (" ", "A kite climbs.", True, False, 0),
    ],
)
def test_words_send_only_those_up_or_down_of_whom_they_say_it(
    name: str, prompt: str, flies: bool, walks: bool, way: int
) -> None:
    assert heading(name, prompt, flies=flies, walks=walks) == way


@pytest.mark.parametrize(
    ("move", "grows"), [("zoom_in", True), ("dolly_in", True), ("zoom_out", False), ("dolly_out", False)]
)
def test_closing_in_enlarges_the_figure(move: CameraMove, grows: bool) -> None:
    first, last = ends_of(request(size=(512, 288), frames=3, rate=1, panel=panel([BALL], camera=move)))
    near, far = (last, first) if grows else (first, last)
    ratio = where(near, "#d2362c")[2] / where(far, "#d2362c")[2]
    assert ratio == pytest.approx((1 + 0.5 * (0.35 + 0.16 * 2)) ** 2, rel=0.1)


def test_still_camera_keeps_the_scenery_and_handheld_does_not() -> None:
    rows = slice(70, 100)  # meadow, below the drifting clouds and beside the figure
    first, last = ends_of(request(size=(512, 288), panel=panel([])))
    assert (first[rows, :100] == last[rows, :100]).all()
    first, last = ends_of(request(size=(512, 288), panel=panel([], camera="handheld")))
    assert (first[rows, :100] != last[rows, :100]).any()


def test_travel_shifts_near_planes_more_than_far_ones_and_a_turn_shifts_all_alike() -> None:
    truck, pan = (pose(m, "eye", 4.0, 4.0, 178.0, (89.0, 50.0)) for m in ("truck_right", "pan_right"))  # type: ignore[arg-type]  # both are moves
    at_rest = project(Pose(), 1.0, 178.0)

    def shift(where: Pose, depth: float) -> float:
        return float((project(where, depth, 178.0) - at_rest)[0, 2])

    assert shift(truck, 1.0) == pytest.approx(2 * shift(truck, 0.5)) and shift(truck, 0.0) == 0
    assert shift(pan, 1.0) == pytest.approx(shift(pan, 0.0)) and shift(pan, 0.0) < -40


@pytest.mark.parametrize("figure", [ELENA, TOM, DOG, BALL], ids=lambda f: f.id)
@pytest.mark.parametrize("size", ["extreme_wide", "wide", "full", "medium", "close"])
def test_figure_is_seen_in_its_bible_colour(figure: Character, size: ShotSize) -> None:
    [frame] = frames_of(request(size=(512, 288), frames=1, panel=panel([figure], size)))
    pixels = STANDING[size][0] * height(figure) * lay_out(512, 288).picture / 100
    least = 0.02 * min(pixels, 150) ** 2  # a quarter of a coat's share of the square of its wearer's height
    assert (np.abs(frame.astype(int) - rgb(figure.palette[0])).max(axis=2) <= 6).sum() >= least


def test_nearer_shot_sizes_show_a_larger_head() -> None:
    face = "#daae8c"
    shown = [
        where(next(frames_of(request(size=(512, 288), frames=1, panel=panel(size=s)))), face)[2]
        for s in ("full", "medium", "close", "extreme_close")
    ]
    assert shown == sorted(shown) and shown[0] * 4 < shown[1] * 2 < shown[2]


def test_place_palette_and_hour_colour_the_scenery() -> None:
    day, night = (
        next(frames_of(request(frames=1, panel=panel([], place_palette=["#5a7f3c"], time=t)))) for t in ("DAY", "NIGHT")
    )
    assert where(day, "#5a7f3c")[2] > 5000
    assert day[:90].mean() > 2 * night[:90].mean()


def test_missing_glyph_is_reported_as_a_substitution() -> None:
    result = made(
        request("The sign \U00013000 glows.", panel=panel(lines=[Line(text="\U00013001?", character="elena")]))
    )
    assert [(s.what, s.made) for s in result.substitutions] == [("prompt", "\ufffd"), ("panel.lines", "\ufffd")]
    assert made(request("Çà, Ελλάδα, Привет, שלום", panel=panel())).substitutions == ()


def test_words_for_which_there_is_no_time_are_reported() -> None:
    [lost] = made(request("word " * 200, frames=24, panel=panel())).substitutions
    assert lost.what == "prompt" and lost.made.endswith("of 999 characters")
    assert made(request("word " * 200, frames=480, panel=panel())).substitutions == ()


def test_pages_keep_every_word_and_share_the_text_evenly() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    pages, lost = paginate(Letters(14), text, 120, 2, 240, Fraction(24))
    assert lost == "" and " ".join(line for page in pages for line in page) == text
    assert all(1 <= len(page) <= 2 for page in pages)


def test_lines_are_spread_by_length_unless_they_say_when() -> None:
    lines = [Line(text="x" * 12), Line(text="x" * 32), Line(text="late", start=3.0)]
    assert spread(lines, 96, Fraction(24)) == [0, 27, 72]


def test_small_frames_leave_all_letters_out_and_say_so() -> None:
    result = made(request(size=(112, 64), frames=1, panel=panel(lines=[Line(text="Hello")])))
    assert result.frames is not None and result.notes["lettering"] == "left out: 112x64 is too small to read"
    [frame] = result.frames
    assert not (frame == PAPER).all(axis=2).any()
    assert result.substitutions == ()


@pytest.mark.parametrize("size", [(256, 144), (320, 240), (512, 288), (288, 512), (832, 480), (1280, 720)])
def test_letters_are_large_enough_to_read_and_leave_room_for_the_picture(size: tuple[int, int]) -> None:
    layout = lay_out(*size)
    assert layout.letters >= 10 and layout.picture >= 0.6 * size[1]


def test_speech_stands_only_while_it_is_said_and_timecode_runs() -> None:
    spoken = panel(lines=[Line(text="Now!", character="elena", start=0.5)])
    frames = list(frames_of(request(size=(512, 288), panel=spoken)))
    white = [int((frame[200:] == SPEECH).all(axis=2).sum()) for frame in frames]
    assert max(white[:12]) == 0 and min(white[12:]) > 300
    code = [frame[6:24, 380:] for frame in list(frames_of(request(size=(512, 288), frames=2, panel=panel([]))))]
    assert (code[0] != code[1]).any()


def test_words_say_which_part_of_a_person_has_which_colour() -> None:
    oda = Character(id="oda", name="Oda", description="silver braid, yellow raincoat", palette=["#b8bcc2", "#ecc835"])
    [frame] = frames_of(request(size=(512, 288), frames=1, panel=panel([oda], "medium")))
    hair, coat = where(frame, "#b8bcc2"), where(frame, "#ecc835")
    assert hair[1] < coat[1] and 200 < hair[2] < coat[2]  # silver above yellow, and less of it


def test_shots_words_dress_a_person_in_that_shot_alone() -> None:
    elena = Character(id="elena", name="Elena", description="a woman in a yellow raincoat", palette=["#ecc835"])
    seen = panel([elena], "medium")
    for words, colour, other in (
        ("Elena in a red coat comes home.", "#c8372d", "#ecc835"),
        ("Elena comes home in the rain with a man in a red coat.", "#ecc835", "#c8372d"),
    ):
        [frame] = frames_of(request(words, size=(512, 288), frames=1, panel=seen))
        assert where(frame, colour)[2] > 500
        assert not (np.abs(frame.astype(int) - rgb(other)).max(axis=2) <= 6).any()


def test_things_have_the_colours_that_the_words_give_them() -> None:
    seen = read(panel([]), "A rusty orange boat passes a white lighthouse; its beam is green, a green beam.")
    assert seen.things == {"lighthouse": ["#f1eee6"], "boat": ["#e07b28"]}
    assert seen.setting == "field" and seen.beam == "#fff0ba"


@pytest.mark.parametrize("blank", ["", " ", "\0", "\u200b\n"])
def test_words_without_a_sign_are_a_page_without_letters(blank: str) -> None:
    panel = Panel(shot="s01-01", size="wide", camera="still", lines=[Line(text=blank or " ")])
    captions = Captions(lay_out(640, 360), panel, blank, 24, Fraction(24), [])
    assert [page.first for page in captions.pages] == [0] and captions.lost == []
    assert paginate(Letters(20), blank, 200, 3, 24, Fraction(24)) == ([[""]], "")


def test_action_of_the_panel_is_lettered_instead_of_the_prompt() -> None:
    plain, acted = (
        next(frames_of(request("Elena, 35mm, film grain", size=(512, 288), frames=1, panel=panel(action=action))))
        for action in ("", "Elena waits.")
    )
    waits = next(frames_of(request("Elena waits.", size=(512, 288), frames=1, panel=panel())))
    assert (acted == waits).all() and (plain != waits).any()


def test_title_card_shows_its_words_and_no_strip() -> None:
    card = panel([], title="The Keeper", place_palette=["#2f4a63"])
    first, last = ends_of(request("A title", size=(512, 288), panel=card))
    assert (last > 225).all(axis=2).sum() > 2000
    assert not (last == PAPER).all(axis=2).any()
    assert (first != last).any()


def test_prompt_alone_is_drawn_from_its_words() -> None:
    wanted = request("Close-up: a red ball rolls over the dunes at dusk, zoom in", size=(512, 288), frames=1)
    read_panel = panel_of(wanted)
    assert (read_panel.size, read_panel.camera) == ("close", "zoom_in")
    seen = read(read_panel, wanted.prompt)
    assert (seen.setting, seen.hour, seen.rolls) == ("desert", "dusk", True)
    assert where(next(frames_of(wanted)), "#c8372d")[2] > 2000


def test_figures_in_a_prompt_have_the_colour_that_stands_before_them() -> None:
    found = figures_in("A man in a brown coat and a girl wearing a yellow raincoat walk their black dog by the sea.")
    assert [(f.name, f.kind, f.palette) for f in found] == [
        ("man", "person", ["#7a5233"]), ("girl", "person", ["#e8bf2e"]), ("dog", "animal", ["#2b2b30"]),
    ]  # fmt: skip


def test_progress_is_told_for_each_frame() -> None:
    told: list[Event] = []
    [result] = Animatic().generate([Call(request(frames=3), "a9")], told.append)
    assert isinstance(result, Made) and result.frames is not None and told == []
    assert len(list(result.frames)) == 3
    assert told == [Progress("a9", n, 3) for n in (1, 2, 3)]


def test_cancelling_stops_at_the_frame_and_leaves_the_back_end_usable() -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 2:
            raise Cancelled("stopped by the test")

    backend, taken = Animatic(), []
    [result] = backend.generate([Call(request(frames=10), "a1")], stop)
    assert isinstance(result, Made) and result.frames is not None
    with pytest.raises(Cancelled):
        taken.extend(result.frames)
    [again] = backend.generate([Call(request(frames=1), "a2")], lambda _: None)
    assert isinstance(again, Made) and again.frames is not None and len(list(again.frames)) == 1


def test_bad_request_fails_alone_and_quotes_the_nearest_size() -> None:
    calls = [Call(request(size=(255, 144)), "bad"), Call(request(frames=1), "good")]
    bad, good = Animatic().generate(calls, lambda _: None)
    assert isinstance(bad, Failed) and isinstance(bad.error, InvalidRequest) and "254 or 256" in str(bad.error)
    assert isinstance(good, Made)


def test_settings_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="no setting 'ink'"):
        Animatic({"ink": "blue"})


def test_drawing_is_faster_than_real_time_on_one_core() -> None:
    shown = panel([ELENA, TOM, DOG], camera="dolly_in", lines=[Line(text="Hold on!", character="tom")])
    wanted = request("Elena and Tom walk in rain and fog.", size=(512, 288), frames=48, panel=shown)
    began = time.process_time()
    assert len(list(frames_of(wanted))) == 48
    assert time.process_time() - began < 2.0
