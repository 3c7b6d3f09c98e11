"""A plan is drawn as a sheet of panels, small things small and unknown ones left out."""

from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from reelgraph.cli import main
from reelgraph.video_tools.film import Brief, Character, Panel
from reelgraph.video_tools.panels import animals
from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.cast import _drawn
from reelgraph.video_tools.panels.letters import chip, lay_out
from reelgraph.video_tools.panels.sheet import Sheet
from reelgraph.video_tools.panels.stage import build
from reelgraph.video_tools.panels.things import box, match, thing
from reelgraph.video_tools.panels.words import has
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.panels import draw_sheet


def test_a_sheet_has_a_panel_for_each_shot_in_order() -> None:
    board = plan_offline(Brief(text="A red kite climbs over a hill. It dives. A dog barks. Night falls. Stars shine."))
    sheet = np.asarray(Image.open(BytesIO(draw_sheet(board, "f"))))
    assert sheet.shape == (2 * 188 + 8, 4 * 328 + 8, 3)
    panels = [sheet[8 + y : 188 + y, 8 + x : 328 + x] for y in (0, 188) for x in (0, 328, 656, 984)]
    drawn = [panel.std() > 10 for panel in panels]
    assert drawn == [True] * 5 + [False] * 3
    assert np.array_equal(sheet, np.asarray(Image.open(BytesIO(draw_sheet(board, "f"))))), "the same every time"


def test_a_panel_says_when_its_shot_begins_and_how_long_it_is() -> None:
    board = plan_offline(Brief(text="A red kite climbs over a hill. It dives."))
    layout, sheet = lay_out(320, 180), np.asarray(Image.open(BytesIO(draw_sheet(board, "f"))))
    first, second = (shot.seconds for shot in board.shots)
    for n, words in enumerate((f"0:00.0, {first:.1f} s", f"0:{first:04.1f}, {second:.1f} s")):
        tag = chip(words, layout)
        corner = sheet[8:, 8 + 328 * n :][: tag.shape[0] + 8, 320 - tag.shape[1] - 8 : 320].min(-1)
        light, dark = tag[..., 0] > 200, (tag[..., 0] < 40) & (tag[..., 3] > 200)
        windows = sliding_window_view(corner, tag.shape[:2]).reshape(-1, *tag.shape[:2])
        assert max(min((w[light] > 160).mean(), (w[dark] < 110).mean()) for w in windows) == 1, words


def test_a_prop_without_a_drawing_is_left_out_beside_somebody_and_small_alone() -> None:
    mara = Character(id="mara", name="Mara")
    gizmo = Character(id="gizmo", name="Brass gizmo", kind="object")
    kite = Character(id="kite", name="Red kite", kind="object")
    assert _drawn([mara, gizmo, kite]) == [mara, kite]
    assert _drawn([gizmo]) == [gizmo]
    assert thing("Brass gizmo", "Brass gizmo") == (box, 0.15)
    assert thing("Match", "a match") == (match, 0.12)
    assert thing("Bo", "a blue box")[0] is box


def test_plan_leaves_a_table_and_a_sheet_and_says_what_cannot_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "Pip, a red ball, hurries across the meadow. Pip spins at night."
    status = main(["plan", words, "-p", str(tmp_path), "--film", "pip", "--backend", "local", "--model", "shapes"])
    out = capsys.readouterr().out
    assert status == 0
    assert "  s01-01: action hurries becomes moves" in out
    assert "  every shot: rate 24 becomes 8" in out
    assert (tmp_path / "films/pip/storyboard.md").read_text("utf-8").startswith("# Storyboard")
    with Image.open(tmp_path / "films/pip/storyboard.png") as sheet:
        assert sheet.size == (2 * 328 + 8, 196)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Hawk", "BIRDS"), ("Blackbird", "BIRDS"), ("Two geese", "BIRDS"), ("Goldfish", "SWIMMERS"),
        ("Two snails", "SNAILS"), ("Butterflies", "INSECTS"), ("Selfish cat", ""), ("Dogfight dog", ""),
    ],
)  # fmt: skip
def test_an_animal_is_drawn_as_its_kind(name: str, kind: str) -> None:
    kinds = ("INSECTS", "SNAILS", "SWIMMERS", "BIRDS")
    assert [k for k in kinds if has(getattr(animals, k), name)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Elephant", "Bear"), ("Cow", "Horse"), ("Crocodile", "Dog"), ("Turtle", "Dog"), ("Hedgehog", "Mouse"),
        ("Giraffe", "Horse"), ("Rabbit", "Cat"),
    ],
)  # fmt: skip
def test_an_animal_looks_like_no_other(name: str, like: str) -> None:
    def drawn(who: str) -> np.ndarray:
        sheet = Sheet((0.0, 0.0, 100.0, 60.0), 2.0, Random(1))
        animals.draw_animal(Brush(sheet, 50.0, 50.0, 20.0), who, [(140, 100, 60), (220, 200, 160)], striding=False)
        return np.asarray(sheet.image.convert("RGB"), int)

    assert (np.abs(drawn(name) - drawn(like)).max(axis=2) > 60).sum() > 400


@pytest.mark.parametrize("name", ["Crocodile", "Giraffe", "Turtle", "Elephant"])
def test_no_animal_is_cut_off_by_its_sheet(name: str) -> None:
    one = Character(id="x", name=name, kind="animal")
    panel = Panel(shot="s01-01", size="wide", camera="still", figures=[one], place="meadow")
    [standing] = build(panel, f"The {name} waits.", (256, 144), 2.0, "seed").figures
    alpha = standing.layer.pixels[..., 3]
    assert (alpha[:, 0] > 250).mean() < 0.3 and (alpha[:, -1] > 250).mean() < 0.3 and (alpha[0] > 250).mean() < 0.1
