"""The model that ships, through the local back end, read back by the program that knows what was asked."""

import random
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is not installed

from PIL import Image
from training.shapes import clip, export, measure, transformer
from training.shapes.captions import MOTION_WORDS, caption
from training.shapes.world import HEIGHT, WIDTH, Frames, Scene, Thing, draw, sample_scene

from reelgraph.video_tools.backends.base import Call, Made
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.checks.adherence import Adherence, contrasts_of
from reelgraph.video_tools.checks.base import Subject, examine
from reelgraph.video_tools.checks.examiner import Examiner
from reelgraph.video_tools.checks.intent import nothing_known
from reelgraph.video_tools.film import Finding, Reference, TakeRequest

FIRST, LAST = "a" * 64, "b" * 64
SIDE = (WIDTH - export.SHOWN) // 2


@pytest.fixture(scope="session")
def shapes() -> Local:
    return Local({"model": "shapes"})


def scene(words: str) -> Scene:
    colour, shape, motion, place = words.split()
    middle = (64.0, 32.0)
    return Scene(place, 0, (Thing(shape, colour, motion, middle, middle, (12.0, 12.0)),))


def ask(prompt: str, *references: Reference, seed: int = 1) -> TakeRequest:
    return TakeRequest(
        backend="local",
        prompt=prompt,
        width=export.SHOWN,
        height=HEIGHT,
        frames=17,
        rate=Fraction(8),
        seed=seed,
        references=list(references),
    )


def made(backend: Local, request: TakeRequest, references: dict[str, Path] | None = None) -> Frames:
    (result,) = backend.generate([Call(request, "a1", references=references or {})], lambda event: None)
    assert isinstance(result, Made), result
    assert not result.substitutions
    return np.stack(list(result.frames))


def score(frames: Frames, asked: Scene) -> dict[str, bool]:
    whole = np.pad(frames, ((0, 0), (0, 0), (SIDE, SIDE), (0, 0)), mode="edge")
    return measure.score(whole, asked)


def judged(backend: Local, frames: Frames, prompt: str) -> list[Finding]:
    world = backend.capabilities().world
    assert world is not None
    check = Adherence(model=world.embedder, sheet=world.sheet, contrasts=contrasts_of(world), steady=3, blocking=True)
    examiner = Examiner()
    for frame in frames:
        examiner.see(frame)
    subject = Subject("take", Fraction(8), examiner._meter.measures(), nothing_known(len(frames)), request=ask(prompt))
    return examine(subject, [check])


@pytest.mark.parametrize(
    ("prompt", "what"),
    [
        ("a red ball moves to the right on grass", "red ball right grass"),
        ("an orange star spins in the sky", "orange star spin sky"),
        ("a purple box falls over the sea", "purple box down sea"),
        ("a green triangle grows in the desert", "green triangle grow desert"),
    ],
)
def test_shapes_draws_what_a_plain_sentence_says_and_its_clip_agrees(shapes: Local, prompt: str, what: str) -> None:
    frames = made(shapes, ask(prompt))
    assert frames.shape == (17, HEIGHT, export.SHOWN, 3)
    assert score(frames, scene(what)) == dict.fromkeys(("colour", "background", "shape", "motion", "all_right"), True)
    assert {f.outcome for f in judged(shapes, frames, prompt)} == {"passed"}


def test_clip_names_each_word_that_the_picture_denies(shapes: Local) -> None:
    frames = made(shapes, ask("a red ball moves to the right on grass"))
    said = judged(shapes, frames, "a blue box moves to the left at night")
    failed = {f.check: f.message for f in said if f.outcome == "failed"}
    assert failed["adherence.blue box"] == "blue box was asked for, and red fits the picture better"
    assert failed["adherence.box"] == "box was asked for, and ball fits the picture better"
    assert {"adherence.moves to the left", "adherence.at night"} <= failed.keys()


def test_given_frames_begin_and_end_the_clip(shapes: Local, tmp_path: Path) -> None:
    thing = Thing("star", "yellow", "right", (40.0, 30.0), (88.0, 30.0), (12.0, 12.0))
    true = draw(Scene("sea", 5, (thing,)))[:, :, SIDE:-SIDE]
    files = {FIRST: tmp_path / "first.png", LAST: tmp_path / "last.png"}
    Image.fromarray(true[0]).save(files[FIRST])
    Image.fromarray(true[-1]).save(files[LAST])
    ends = Reference(content=FIRST, role="first_frame"), Reference(content=LAST, role="last_frame")
    for given in (ends[:1], ends):
        frames = made(shapes, ask("a yellow star moves to the right over the sea", *given), files)
        assert np.abs(frames[0].astype(int) - true[0]).mean() < 8
        if len(given) == 2:
            near, far = (np.abs(frames[-1].astype(int) - true[i]).mean() for i in (-1, 0))
            assert near < 8
            assert near < far / 2


def test_the_shipped_card_is_the_one_that_training_writes(shapes: Local) -> None:
    assert shapes.folder.card.model_dump(mode="json", exclude_unset=True) == export.card()
    described = sum(p.stat().st_size for p in shapes.folder.files if p.suffix == ".json")
    assert sum(shapes.folder.sizes.values()) + described < 10_000_000


def test_lessons_say_true_captions_of_their_scenes() -> None:
    stock = transformer.Stock(6, 6, 3, 1.0)
    assert [len(s.things) for s in stock.scenes] == [1] * 6 + [2] * 6
    lesson = next(iter(transformer.Lessons(stock, stock, 8, "test", 0)))
    assert lesson.ids.shape == lesson.mask.shape
    assert len(lesson.chosen) == len(lesson.told) == 8


def test_mixed_captions_keep_each_thing_with_what_it_does() -> None:
    rng = random.Random(5)
    for _ in range(50):
        both = sample_scene(rng, 2)
        both = replace(both, things=(replace(both.things[0], motion="up"), replace(both.things[1], motion="spin")))
        said = caption(both, rng, mixed=1.0)
        rises, spins = (
            min(said.find(p) for group in MOTION_WORDS[m] for p in group if p in said) for m in ("up", "spin")
        )
        assert said.find(both.things[0].colour[:4]) < rises or both.things[0].colour == "purple"
        assert rises < spins


def test_wrong_words_are_of_either_thing_or_the_place_one_at_a_time() -> None:
    scene = sample_scene(random.Random(5), 2)
    wrong = clip.one_word_off(scene)
    changed = [[n for n, (a, b) in enumerate(zip(scene.things, w.things, strict=True)) if a != b] for w in wrong]
    # of each thing three shapes, four colours that neither has, and six motions; and four places
    assert [changed.count([n]) for n in (0, 1)] == [13, 13]
    assert sum(w.background != scene.background and not c for w, c in zip(wrong, changed, strict=True)) == 4
    assert len(wrong) == 30


def test_captions_that_are_true_of_another_scene_are_no_wrong_answers() -> None:
    lesson = next(iter(clip.Lessons(200, "test", 0)))
    assert lesson.alike.shape == (200, 200 * (1 + clip.HARD))
    assert not lesson.alike.diagonal().any()
    for i, j in lesson.alike[:, :200].nonzero().tolist():
        one, two = lesson.scenes[i], lesson.scenes[j]
        assert one.background == two.background
        assert {(t.shape, t.colour) for t in one.things} == {(t.shape, t.colour) for t in two.things}
