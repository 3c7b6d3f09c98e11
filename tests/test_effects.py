"""Effects on pictures made of letters, so that what is expected can be read."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from editing_rig import Shelf, frame_number

from reelgraph.video_tools import registry
from reelgraph.video_tools.editing.clip_edits import Split
from reelgraph.video_tools.editing.effects import applied, effect_of
from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.editing.operations import apply
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Effect

COLOURS = {"R": (200, 30, 30), "G": (30, 200, 30), "B": (30, 30, 200), "W": (255, 255, 255), "K": (0, 0, 0),
           "M": (128, 128, 128), "D": (64, 64, 64)}  # fmt: skip
RATE = Fraction(24)


def picture(*rows: str, scale: int = 1) -> np.ndarray:
    pixels = np.array([[COLOURS[letter] for letter in row] for row in rows], np.uint8)
    return np.ascontiguousarray(pixels.repeat(scale, 0).repeat(scale, 1))


def letters(image: np.ndarray, scale: int = 1) -> list[str]:
    known = np.array(list(COLOURS.values()))
    middle = image[scale // 2 :: scale, scale // 2 :: scale].astype(int)
    nearest = np.abs(middle[..., None, :] - known).sum(-1).argmin(-1)
    return ["".join(list(COLOURS)[i] for i in row) for row in nearest]


def make(name: str, image: np.ndarray, at: int = 0, of: int = 10, **arguments: float | int | str) -> np.ndarray:
    before = image.copy()
    result = effect_of(Effect(name=name, arguments=dict(arguments)), RATE).apply(image, at, of)
    assert np.array_equal(image, before), "an effect must not write to what it is given"
    assert result.shape == image.shape and result.dtype == np.uint8
    return result


NEUTRAL: dict[str, dict[str, float]] = {
    "exposure": {"stops": 0}, "contrast": {"amount": 1}, "saturation": {"amount": 1}, "temperature": {"amount": 0},
    "crop": {}, "blur": {"radius": 0}, "pan_zoom": {"to_zoom": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(NEUTRAL))
def test_neutral_arguments_change_nothing(name: str) -> None:
    image = picture("RGBW", "KMDR", scale=8)
    assert np.abs(make(name, image, **NEUTRAL[name]).astype(int) - image).max() <= 1


def test_every_built_in_effect_is_tried_here() -> None:
    tried = {*NEUTRAL, "mirror", "fade_in", "fade_out", "lut"}
    assert set(registry.names("reelgraph.effects")) == tried


def test_exposure_doubles_light() -> None:
    # middle grey 118 is 18 % linear light; one stop more is 36 %, which BT.709 writes as 162
    grey = np.full((2, 2, 3), 118, np.uint8)
    light = ((118 / 255 + 0.099) / 1.099) ** (1 / 0.45)
    expected = round((1.099 * (2 * light) ** 0.45 - 0.099) * 255)
    assert make("exposure", grey, stops=1)[0, 0].tolist() == [expected] * 3
    assert letters(make("exposure", picture("WRK"), stops=-8)) == ["KKK"]
    assert letters(make("exposure", picture("WK"), stops=8)) == ["WK"]


def test_contrast_spreads_about_grey() -> None:
    image = np.array([[[100, 128, 156]]], np.uint8)
    assert make("contrast", image, amount=2)[0, 0].tolist() == [72, 128, 184]
    assert letters(make("contrast", picture("RWK"), amount=0)) == ["MMM"]


def test_saturation_of_zero_is_luma() -> None:
    grey = make("saturation", picture("RGB"), amount=0)[0]
    for pixel, letter in zip(grey, "RGB", strict=True):
        luma = float(np.dot(COLOURS[letter], [0.2126, 0.7152, 0.0722]))
        assert np.abs(pixel.astype(float) - luma).max() <= 0.5


def test_temperature_keeps_the_luma_of_grey() -> None:
    warm, cool = (make("temperature", picture("M"), amount=a)[0, 0].astype(float) for a in (1.0, -1.0))
    assert warm[0] > 128 > warm[2] and cool[0] < 128 < cool[2]
    for pixel in (warm, cool):
        assert abs(float(pixel @ [0.2126, 0.7152, 0.0722]) - 128) <= 1


def test_crop_shows_a_part_and_mirror_turns() -> None:
    image = picture("RGBW", "KMDR", "WKRG", "BBKK", scale=16)
    shown = make("crop", image, left=0.5, top=0.0, width=0.5)
    assert letters(shown, 32) == ["BW", "DR"]
    assert letters(make("mirror", image), 16) == ["WBGR", "RDMK", "GRKW", "KKBB"]


def test_pan_zoom_begins_and_ends_where_it_says() -> None:
    image = picture("RGBW", "KMDR", "WKRG", "BBKK", scale=16)
    moves = {"from_x": 0.25, "from_y": 0.25, "from_zoom": 2, "to_x": 0.75, "to_y": 0.75, "to_zoom": 2}
    assert letters(make("pan_zoom", image, 0, 9, **moves), 32) == ["RG", "KM"]
    assert letters(make("pan_zoom", image, 8, 9, **moves), 32) == ["RG", "KK"]
    assert letters(make("pan_zoom", image, 4, 9, **moves), 32) == ["MD", "KR"]


def test_pan_zoom_moves_steadily_to_a_fraction_of_a_pixel() -> None:
    # where a sine's crest is, to a hundredth of a pixel: whole-pixel steps would show as a tremor
    wave = 127.5 + 100 * np.sin(2 * np.pi * np.arange(256) / 32)
    image = np.ascontiguousarray(np.tile(np.rint(wave).astype(np.uint8)[None, :, None], (144, 1, 3)))
    moves = {"from_x": 0.45, "to_x": 0.55, "from_zoom": 1.25, "to_zoom": 1.25}
    shown = np.exp(-2j * np.pi * np.arange(240) / 40)
    phases = [np.angle((make("pan_zoom", image, at, 60, **moves)[72, :240, 0] - 127.5) @ shown) for at in range(60)]
    places = np.unwrap(phases) * 32 / (2 * np.pi)
    expected = 25.6 * (1 - np.cos(np.pi * np.arange(60) / 59)) / 2
    assert np.abs(places - places[0] - expected).max() < 0.05


def test_fades_reach_from_dark_to_full() -> None:
    white = picture("W")
    assert [int(make("fade_in", white, at, 10, frames=3)[0, 0, 0]) for at in range(5)] == [64, 128, 191, 255, 255]
    assert [int(make("fade_out", white, at, 5, frames=3)[0, 0, 0]) for at in range(5)] == [255, 255, 191, 128, 64]


def test_lut_is_looked_up_and_interpolated(tmp_path: Path) -> None:
    rows = [f"{1 - r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    (tmp_path / "swap.CUBE").write_text('TITLE "x"\n# inverts red\nLUT_3D_SIZE 2\n' + "\n".join(rows))
    image = picture("RGBWKMD")
    result = make("lut", image, file=str(tmp_path / "swap.CUBE"))
    assert np.abs(result.astype(int)[..., 0] - (255 - image[..., 0].astype(int))).max() <= 1
    assert np.array_equal(result[..., 1:], image[..., 1:])


def test_halves_of_a_split_clip_show_what_it_showed() -> None:
    image = np.random.default_rng(1).integers(0, 256, (36, 64, 3), np.uint8)
    effects = [
        Effect(name="fade_in", arguments={"frames": 4}),
        Effect(name="pan_zoom", arguments={"from_x": 0.2, "to_x": 0.8, "from_zoom": 1.5, "to_zoom": 3}),
        Effect(name="saturation", arguments={"amount": 0}),
        Effect(name="fade_out", arguments={"frames": 12}),
    ]
    cut = Cut(number=1, width=64, height=36, rate=RATE,
              clips=[Clip(shot="s01-01", take="a" * 64, frames=48, effects=effects)])  # fmt: skip

    def shown(cut: Cut) -> list[np.ndarray]:
        pictures = []
        for clip in cut.clips:
            made = [(effect.name, effect_of(effect, RATE)) for effect in clip.effects]
            pictures += [applied(made, image, at, clip.frames) for at in range(clip.frames)]
        return pictures

    halves = apply(cut, Split(clip="s01-01", at=30))
    assert [[e.name for e in clip.effects] for clip in halves.clips] == [
        ["fade_in", "pan_zoom", "saturation"], ["pan_zoom", "saturation", "fade_out"]
    ]  # fmt: skip
    assert halves.clips[1].effects[2] == effects[3]
    quarters = apply(apply(halves, Split(clip="s01-01#2", at=1)), Split(clip="s01-01", at=4))
    assert [clip.frames for clip in quarters.clips] == [4, 26, 1, 17]
    for made in (halves, quarters):
        assert all(np.array_equal(a, b) for a, b in zip(shown(cut), shown(made), strict=True))


def test_halves_of_a_move_are_split_again_where_rounding_passes_its_end() -> None:
    clips = [Clip(shot="s01-01", take="a" * 64, frames=14, effects=[Effect(name="pan_zoom")])]
    half = apply(Cut(number=1, width=64, height=36, rate=RATE, clips=clips), Split(clip="s01-01", at=12))
    quarter = apply(half, Split(clip="s01-01", at=11))
    moves = [clip.effects[0].arguments for clip in quarter.clips]
    assert [clip.frames for clip in quarter.clips] == [11, 1, 2]
    assert [move.get("begin", 0.0) for move in moves] == [0.0, 11 / 13, 12 / 13]
    assert [move.get("end", 1.0) for move in moves] == [pytest.approx(10 / 13), 11 / 13, 1.0]


@pytest.mark.parametrize(
    ("effect", "at", "words"),
    [
        (Effect(name="fade_in", arguments={"frames": 12}), 11, "12 frames cannot be divided: split behind"),
        (
            Effect(name="fade_out", arguments={"frames": 12}),
            37,
            "12 frames cannot be divided: split before",
        ),
        (Effect(name="moviepy:Blink", arguments={"duration_on": 1, "duration_off": 1}), 24, "moviepy:Blink depends on"),
    ],
)
def test_clip_is_not_split_within_an_effect_that_cannot_be_divided(effect: Effect, at: int, words: str) -> None:
    clips = [Clip(shot="s01-01", take="a" * 64, frames=48, effects=[effect])]
    with pytest.raises(InvalidRequest, match=words):
        apply(Cut(number=1, width=64, height=36, rate=RATE, clips=clips), Split(clip="s01-01", at=at))


def test_moviepy_effect_that_is_the_same_everywhere_is_given_to_both_halves() -> None:
    mirror = Effect(name="moviepy:MirrorX")
    clips = [Clip(shot="s01-01", take="a" * 64, frames=48, effects=[mirror])]
    after = apply(Cut(number=1, width=64, height=36, rate=RATE, clips=clips), Split(clip="s01-01", at=24))
    assert [clip.effects for clip in after.clips] == [[mirror], [mirror]]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("expose", {}, "no effect named 'expose'.*exposure"),
        ("exposure", {"stop": 1}, "no 'stop': it has stops"),
        ("exposure", {"stops": "bright"}, "exposure: stops"),
        ("exposure", {"stops": 9}, "stops 9 is outside -8 to 8"),
        ("exposure", {}, "exposure: stops"),
        ("crop", {"width": 0.5, "left": 0.6}, "left 0.6 is outside 0 to 0.5"),
        ("fade_in", {"frames": 0}, "frames 0"),
        ("lut", {"file": "/etc/passwd"}, "passwd is not a .cube"),
    ],
)
def test_bad_effect_is_refused_with_what_would_do(name: str, arguments: dict[str, float], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        effect_of(Effect(name=name, arguments=dict(arguments)), RATE)


def test_moviepy_effect_says_which_extra_it_needs_or_works() -> None:
    try:
        import moviepy  # noqa: F401
    except ModuleNotFoundError:
        with pytest.raises(InvalidRequest, match=r"reelgraph\[moviepy\]"):
            effect_of(Effect(name="moviepy:MirrorX"), RATE)
        return
    assert letters(make("moviepy:MirrorX", picture("RGB"))) == ["BGR"]
    assert letters(make("moviepy:FadeIn", picture("W"), 0, 24, duration=0.5)) == ["K"]
    with pytest.raises(InvalidRequest, match="another moment"):
        make("moviepy:MultiplySpeed", picture("RGB"), 5, 24, factor=2)
    with pytest.raises(InvalidRequest, match="MoviePy has no effect 'Nope'"):
        effect_of(Effect(name="moviepy:Nope"), RATE)


def test_effect_touches_its_clip_and_no_other(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    takes = [shelf.add(f"t{i}", 24) for i in range(3)]
    clips = [Clip(shot=f"s01-0{i}", take=t.key, frames=24) for i, t in enumerate(takes, 1)]
    clips[1] = clips[1].model_copy(update={"effects": [Effect(name="saturation", arguments={"amount": 0})]})
    cut = Cut(number=1, width=128, height=96, rate=RATE, clips=clips)
    made = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert (made.copied_frames, made.encoded_frames) == (48, 24)
    shown = list(decode(tmp_path / "film.mp4"))
    assert [frame_number(f) for f in shown] == [*range(24)] * 3
    spread = [int(np.ptp(f[10, 10].astype(int))) for f in shown]
    assert max(spread[24:48]) <= 3 and min(spread[:24] + spread[48:]) > 30


def test_trimming_an_untimed_effect_makes_no_frame_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 96)
    grade = [Effect(name="exposure", arguments={"stops": 0.5})]
    cut = Cut(
        number=1, width=128, height=96, rate=RATE, clips=[Clip(shot="s01-01", take=take.key, frames=96, effects=grade)]
    )
    first = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert first.new_frames == 96
    shorter = cut.model_copy(update={"clips": [cut.clips[0].model_copy(update={"frames": 48})]})
    assert render_cut(shorter, shelf, tmp_path / "r", tmp_path / "film.mp4").new_frames == 0
