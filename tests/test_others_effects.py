"""Effects of other packages: named where they break, and asked anew once they have changed."""

from fractions import Fraction
from pathlib import Path

import pytest
from editing_rig import Shelf
from stranger import install

from reelgraph.video_tools.editing.clip_edits import Split
from reelgraph.video_tools.editing.effects import effect_of, recipe_of
from reelgraph.video_tools.editing.operations import apply
from reelgraph.video_tools.editing.render import Rendered, render_cut
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Effect

GLOW = """
from dataclasses import dataclass
from typing import ClassVar

@dataclass(frozen=True)
class Glow:
    timed: ClassVar[bool] = False

    def apply(self, image, at, frames):
        return image
"""


def brought(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    install(folder, monkeypatch, "lights", code, effects={"glow": "Glow"})


def cut_of(shelf: Shelf) -> Cut:
    clip = Clip(shot="s01-01", take=shelf.add("a", 8).key, frames=8, effects=[Effect(name="glow")])
    return Cut(number=1, width=128, height=96, rate=Fraction(24), clips=[clip])


def rendered(cut: Cut, shelf: Shelf, folder: Path) -> Rendered:
    return render_cut(cut, shelf, folder / "render", folder / "film.mp4")


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        ("image[:2]", "gives uint8 (2, 128, 3) for a picture of uint8 (96, 128, 3): one of the same size and kind is "
         "needed"),
        ("image / 2", "gives float64 (96, 128, 3) for a picture of uint8 (96, 128, 3): one of the same size and kind "
         "is needed"),
        ("image[..., 0]", "gives uint8 (96, 128) for a picture of uint8 (96, 128, 3): one of the same size and kind is "
         "needed"),
        ("None", "gives NoneType for a picture of uint8 (96, 128, 3): one of the same size and kind is needed"),
        ("image[1 // 0]", "cannot be applied (ZeroDivisionError: integer division or modulo by zero): mend it, or "
         "uninstall its package"),
    ],
    ids=["small", "float", "grey", "none", "raises"],
)  # fmt: skip
def test_effect_that_breaks_is_named_with_what_is_wrong_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gives: str, said: str
) -> None:
    brought(tmp_path, monkeypatch, GLOW.replace("return image", f"return {gives}"))
    shelf = Shelf(tmp_path / "takes")
    with pytest.raises(InvalidRequest) as caught:
        rendered(cut_of(shelf), shelf, tmp_path)
    assert str(caught.value) == f"effect 'glow' of the package lights {said}"
    assert not (tmp_path / "film.mp4").exists() and not list((tmp_path / "render").glob("**/*.mp4"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (GLOW.replace("@dataclass(frozen=True)", ""), "is no effect, since it is no dataclass: mend it"),
        (GLOW.replace("timed:", "slow:"), "is no effect, since it has no `timed`: mend it"),
        (GLOW.replace("def apply", "def show"), "is no effect, since it has no `apply`: mend it"),
        (GLOW + "    def __post_init__(self):\n        {}['light']\n",
         "cannot be made (KeyError: 'light'): mend it, or uninstall its package"),
    ],
    ids=["no dataclass", "no timed", "no apply", "breaks"],
)  # fmt: skip
def test_what_is_no_effect_is_refused_by_name_before_anything_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    brought(tmp_path, monkeypatch, code)
    with pytest.raises(InvalidRequest) as caught:
        effect_of(Effect(name="glow"), Fraction(24))
    assert str(caught.value) == f"effect 'glow' of the package lights {said}"


def test_effect_that_breaks_while_its_clip_is_split_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    halves = "    def halves(self, at, frames):\n        return None\n"
    brought(tmp_path, monkeypatch, GLOW.replace("bool] = False", "bool] = True") + halves)
    with pytest.raises(InvalidRequest, match=r"^effect 'glow' of the package lights cannot be divided \(TypeError: "):
        apply(cut_of(Shelf(tmp_path / "takes")), Split(clip="s01-01", at=4))


def test_effect_that_was_changed_makes_its_frames_anew_and_one_that_was_not_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "takes")
    cut = cut_of(shelf)

    def new_frames(code: str, number: int) -> int:
        brought(tmp_path / str(number), monkeypatch, code)
        return rendered(cut, shelf, tmp_path).new_frames

    brighter = GLOW.replace("return image", "return image // 2 + 128")
    assert [new_frames(code, n) for n, code in enumerate((GLOW, GLOW, brighter, brighter))] == [8, 0, 8, 0]
    one, two = (GLOW.replace("    timed", f'    version: ClassVar[str] = "{v}"\n    timed') for v in "12")
    worded = one.replace("return image", "return image  # as it is")
    assert [new_frames(code, n) for n, code in enumerate((one, worded, two), 4)] == [8, 0, 8]


def test_effects_that_ship_keep_the_recipe_that_they_have(tmp_path: Path) -> None:
    assert recipe_of(Effect(name="exposure", arguments={"stops": 1})) == ["exposure", {"stops": 1}]
    assert recipe_of(Effect(name="moviepy:MirrorX")) == ["moviepy:MirrorX", {}]
