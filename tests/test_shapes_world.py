"""The drawn world that `shapes` is trained on: its drawings, its captions and the program that reads clips back."""

import random
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is not installed

from training.shapes import captions, measure
from training.shapes.world import (
    BACKGROUNDS,
    COLOURS,
    FRAMES,
    HEIGHT,
    MOTIONS,
    SHAPES,
    WIDTH,
    Scene,
    Thing,
    draw,
    draw_background,
    held_out,
    sample_scene,
)


def still(shape: str, colour: str = "red", background: str = "night") -> Scene:
    return Scene(background, 0, (Thing(shape, colour, "still", (56.0, 32.0), (56.0, 32.0), (12.0, 12.0)),))


def test_drawing_is_one_clip_of_the_stated_size_and_repeats() -> None:
    scene = sample_scene(random.Random(3), 2)
    clip = draw(scene)
    assert clip.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert clip.dtype == np.uint8
    assert np.array_equal(clip, draw(scene))


def test_drawing_at_chosen_times_gives_the_same_frames() -> None:
    scene = sample_scene(random.Random(4))
    assert np.array_equal(draw(scene, [0.0, 0.5, 1.0]), draw(scene)[[0, 8, 16]])


@pytest.mark.parametrize("colour", COLOURS)
def test_a_thing_has_exactly_its_colour_inside_and_leaves_the_background_outside(colour: str) -> None:
    scene = still("box", colour)
    frame = draw(scene, [0.0])[0]
    assert tuple(frame[32, 56]) == COLOURS[colour]
    bare = (draw_background("night", 0) + 0.5).clip(0, 255).astype(np.uint8)
    assert np.array_equal(frame[:, :30], bare[:, :30])


def test_polygons_cover_their_geometric_area() -> None:
    def area(shape: str) -> float:
        # Yellow has hardly any blue, and the sky has nearly all of it everywhere.
        blue, bare = draw(still(shape, "yellow", "sky"))[0, ..., 2].astype(float), draw_background("sky", 0)[..., 2]
        return float(((bare - blue) / (bare - COLOURS["yellow"][2])).sum())

    r = 12.0
    assert area("box") == pytest.approx(2 * (1.25 * r) ** 2, rel=0.01)
    assert area("triangle") == pytest.approx(3 * 3**0.5 / 4 * (1.36 * r) ** 2, rel=0.01)
    assert area("star") == pytest.approx(5 * np.sin(np.pi / 5) * 1.34 * 0.62 * r**2, rel=0.01)


def test_everything_is_at_least_eighteen_pixels_across() -> None:
    rng = random.Random(5)
    for _ in range(400):
        for thing in sample_scene(rng, rng.choice((1, 2))).things:
            assert 2 * min(thing.radius) >= 16
            assert 2 * max(thing.radius) >= 18


def test_training_never_sees_a_held_out_combination_and_every_word_is_seen() -> None:
    rng = random.Random(6)
    seen = [sample_scene(rng) for _ in range(1500)]
    assert not any(held_out(s) for s in seen)
    assert {s.things[0].shape for s in seen} == set(SHAPES)
    assert {s.things[0].motion for s in seen} == set(MOTIONS)
    assert {s.things[0].colour for s in seen} == set(COLOURS)
    assert {s.background for s in seen} == set(BACKGROUNDS)
    assert all(held_out(sample_scene(rng, kept_out=True)) for _ in range(100))


def test_one_combination_in_eight_is_held_out() -> None:
    place = ((0.0, 0.0), (0.0, 0.0), (9.0, 9.0))
    every = [
        Scene(b, 0, (Thing(s, c, m, *place),)) for b in BACKGROUNDS for s in SHAPES for c in COLOURS for m in MOTIONS
    ]
    assert len(every) == 840
    assert sum(map(held_out, every)) == 119


@pytest.mark.parametrize("unseen", [False, True])
def test_a_caption_names_every_attribute(unseen: bool) -> None:
    rng = random.Random(7)
    for _ in range(300):
        scene = sample_scene(rng, rng.choice((1, 2)))
        text = captions.caption(scene, rng, unseen=unseen).lower()
        assert any(w in text for w in captions.BACKGROUND_WORDS[scene.background]), text
        for thing in scene.things:
            assert any(w in text for w in captions.COLOUR_WORDS[thing.colour]), text
            assert any(w in text for w in captions.SHAPE_WORDS[thing.shape]), text
            assert any(w in text for both in captions.MOTION_WORDS[thing.motion] for w in both), text


def test_training_captions_are_never_in_a_held_out_wording() -> None:
    def frame(text: str) -> re.Pattern[str]:
        parts = [".+" if p.startswith("{") else re.escape(p) for p in re.split(r"(\{\w+\})", text.lower())]
        return re.compile("".join(parts) + "$")

    unseen = [frame(f) for f in (*captions.UNSEEN_FRAMES, *captions.UNSEEN_PAIR_FRAMES)]
    rng = random.Random(8)
    for _ in range(500):
        text = captions.caption(sample_scene(rng, rng.choice((1, 2))), rng, talk=0.5)
        assert not any(f.match(text) for f in unseen), text


def test_the_measuring_program_reads_true_drawings_right() -> None:
    rng = random.Random(9)
    scenes = [sample_scene(rng, 1 + (i % 4 == 3), kept_out=i % 2 == 0) for i in range(60)]
    wrong = [s for s in scenes if not measure.score(draw(s), s)["all_right"]]
    assert wrong == []


@pytest.mark.parametrize(
    ("attribute", "change"),
    [
        ("colour", {"colour": "blue"}),
        ("shape", {"shape": "star"}),
        ("motion", {"start": (90.0, 32.0), "end": (30.0, 32.0)}),
    ],
)
def test_the_measuring_program_sees_each_single_error(attribute: str, change: dict[str, object]) -> None:
    asked = Scene("grass", 1, (Thing("box", "red", "right", (30.0, 32.0), (80.0, 32.0), (12.0, 12.0)),))
    shown = replace(asked, things=(replace(asked.things[0], **change),))
    right = measure.score(draw(shown), asked)
    assert not right[attribute]
    assert not right["all_right"]
    assert right["background"]


@pytest.mark.parametrize("second", ["green", "red"])
def test_the_measuring_program_counts_a_second_thing_as_wrong_colour(second: str) -> None:
    one = Thing("box", "red", "still", (30.0, 32.0), (30.0, 32.0), (12.0, 12.0))
    other = Thing("ball", second, "still", (80.0, 32.0), (80.0, 32.0), (12.0, 12.0))
    assert measure.score(draw(Scene("sea", 1, (one,))), Scene("sea", 1, (one,)))["all_right"]
    assert not measure.score(draw(Scene("sea", 1, (one, other))), Scene("sea", 1, (one,)))["colour"]
