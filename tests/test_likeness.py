"""How like a take is to what the bible says of those in it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from remembered import sha

from reelgraph.memory.embedders import ColourLayout, Frame, Vectors
from reelgraph.memory.likeness import likenesses, palette_distance
from reelgraph.memory.opening import open_memory
from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.film import Bible, Character, Place, Scene, Shot, Storyboard, Style, Take, TakeRequest
from reelgraph.video_tools.project import Project

YELLOW, RED, NIGHT = (240, 192, 32), (200, 30, 30), (12, 16, 40)
MARA = Character(id="mara", name="Mara", palette=["#f0c020", "#c81e1e"], references=[sha("mara")])
TOMEK = Character(id="tomek", name="Tomek", references=[sha("tomek"), sha("gone")])
SEA = Place(id="sea", name="Sea")
SHOT = Shot(id="s01-01", prompt="Mara rows", seconds=2, characters=["mara"], place="sea")


def picture(*spots: tuple[int, int, int], behind: tuple[int, int, int] = NIGHT) -> Frame:
    """Draw a square of 20 by 20 for each colour, in a picture of 160 by 90: each is a thirty-sixth of it."""
    frame = np.full((90, 160, 3), behind, np.uint8)
    for number, colour in enumerate(spots):
        frame[30:50, 20 + 40 * number : 40 + 40 * number] = colour
    return frame


PICTURES = {sha("mara"): picture(YELLOW, RED), sha("tomek"): picture(behind=(230, 230, 230))}


def reference(content: str) -> Vectors | None:
    return ColourLayout().pictures([PICTURES[content]]) if content in PICTURES else None


def likeness_of(bible: Bible, *frames: Frame):
    return {found.entry: found for found in likenesses(bible, SHOT, frames, ColourLayout().pictures, reference)}


def test_take_with_the_characters_colours_is_near_and_names_the_one_it_lacks() -> None:
    bible = Bible(characters=[MARA])
    right = likeness_of(bible, picture(YELLOW, RED))["character:mara"]
    assert (right.name, right.palette) == ("Mara", pytest.approx(0, abs=1e-6))
    lacking = likeness_of(bible, picture(YELLOW))["character:mara"]
    assert lacking.colour == "#c81e1e"
    assert lacking.palette == pytest.approx(0.350, abs=0.001)  # from the yellow, which is nearest to red


def test_colours_are_compared_without_an_embedder_of_pictures(tmp_path: Path) -> None:
    memory = open_memory(Project.open(tmp_path), picture_embedder="clip:/no/such/folder")
    board = Storyboard(
        bible=Bible(characters=[MARA.model_copy(update={"references": []})]), scenes=[Scene(id="s01", shots=[SHOT])]
    )
    (found,) = memory.likeness(board, SHOT, [picture(YELLOW, RED)])
    assert (found.entry, found.picture, found.palette) == ("character:mara", None, pytest.approx(0, abs=1e-6))


@pytest.mark.parametrize(("side", "shown"), [(4, False), (10, True), (40, True)])
def test_colour_is_there_from_a_two_hundredth_of_the_picture(side: int, shown: bool) -> None:
    frame = picture()
    frame[:side, :side] = RED
    assert (palette_distance(frame, "#c81e1e") < 1e-6) == shown
    larger = np.repeat(np.repeat(frame, 6, 0), 6, 1)
    assert palette_distance(larger, "#c81e1e") == pytest.approx(palette_distance(frame, "#c81e1e"), abs=1e-9)


def test_one_strange_frame_does_not_decide_about_a_colour() -> None:
    frames = [picture(YELLOW, RED), picture(YELLOW, RED), picture()]
    assert likeness_of(Bible(characters=[MARA]), *frames)["character:mara"].palette == pytest.approx(0, abs=1e-6)


def test_take_is_compared_with_the_references_of_who_is_there_and_of_who_is_not() -> None:
    bible = Bible(characters=[MARA, TOMEK])
    (right,) = likeness_of(bible, PICTURES[sha("mara")]).values()  # Tomek is not in the shot, and the sea has nothing
    assert (right.entry, right.picture) == ("character:mara", pytest.approx(0, abs=1e-6))
    assert right.other is not None and right.other > 0.1
    wrong = likeness_of(bible, PICTURES[sha("tomek")])["character:mara"]
    assert wrong.picture is not None and wrong.other == pytest.approx(0, abs=1e-6) and wrong.picture > 0.1


def test_nearest_reference_of_several_counts() -> None:
    both = MARA.model_copy(update={"references": [sha("tomek"), sha("mara")]})
    assert likeness_of(Bible(characters=[both]), PICTURES[sha("mara")])["character:mara"].picture == pytest.approx(
        0, abs=1e-6
    )


def test_place_and_style_are_compared_where_they_have_something() -> None:
    bible = Bible(places=[SEA.model_copy(update={"palette": ["#0c1028"]})], style=Style(palette=["#f0c020"]))
    found = likeness_of(bible, picture())
    assert list(found) == ["place:sea", "style"]
    assert (found["place:sea"].palette, found["place:sea"].picture) == (pytest.approx(0, abs=1e-6), None)
    assert found["style"].palette is not None and found["style"].palette > 0.3
    assert likeness_of(Bible(characters=[Character(id="mara", name="Mara")], places=[SEA]), picture()) == {}


def test_project_compares_with_the_pictures_in_its_ledger(tmp_path: Path) -> None:
    project = Project.open(tmp_path)
    request = TakeRequest(backend="animatic", prompt="x", width=160, height=90, frames=8, rate="8")
    with project.ledger.staging() as folder:
        (folder / "picture.mp4").write_bytes(b"mara")
        Image.fromarray(PICTURES[sha("mara")]).save(folder / "poster.jpg", quality=95)
        files = {name: sha256_of(folder / name) for name in ("picture.mp4", "poster.jpg")}
        take = Take(key=request.key, request=request, content=sha("mara"), files=files, width=160, height=90, frames=8,
                    rate="8")  # fmt: skip
        project.ledger.publish(take, folder)
    board = Storyboard(bible=Bible(characters=[MARA, TOMEK]), scenes=[Scene(id="s01", shots=[SHOT])])
    (found,) = open_memory(project).likeness(board, SHOT, [PICTURES[sha("mara")]])
    assert found.picture is not None and found.picture < 0.03  # the poster is a JPEG
    assert found.other is None  # Tomek's pictures are not in this project
