from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reelgraph.video_tools import glyphs, lettering
from reelgraph.video_tools.errors import PermanentFailure
from reelgraph.video_tools.glyphs import SHIPPED, coverage
from reelgraph.video_tools.lettering import Letters, borrowed, missing, unlettered


def ink(text: str, **how: object) -> np.ndarray:
    image = Image.new("RGB", (600, 40), "white")
    Letters(24).draw(image, (300, 4), text, "black", **how)  # type: ignore[arg-type]  # the keywords of draw
    return np.asarray(image) < 128


@pytest.mark.parametrize("text", ["Çà et là: œuvre", "Ελλάδα", "Привет, Ёлка", "שלום", "مرحبا", "100 € → “yes”"])
def test_missing_is_empty_for_scripts_of_the_shipped_font(text: str) -> None:
    assert missing(text) == ""
    assert unlettered("prompt", text) == []


def test_missing_names_each_character_once_in_order() -> None:
    gone = "\U0001310c\U00013000"  # Egyptian hieroglyphs
    assert missing(f"the sign {gone}{gone} is lost") == gone


def test_unlettered_reports_what_is_drawn_instead() -> None:
    [substitution] = unlettered("prompt", "a \U00013000")
    assert (substitution.what, substitution.asked, substitution.made) == ("prompt", "\U00013000 (U+13000)", "\ufffd")
    assert (ink("a \U00013000") == ink("a \ufffd")).all()


def test_invisible_characters_are_not_missing() -> None:
    assert missing("a\u200db\ufe0f\u00a0c\n\t") == ""


def test_coverage_agrees_with_what_pillow_draws() -> None:
    have = coverage(SHIPPED / "DejaVuSans.ttf")
    assert {ord(c) for c in "AzÅЖΩא"} <= have
    assert not {ord(c) for c in "漢\U00013000"} & have


def test_coverage_refuses_a_file_that_is_no_font(tmp_path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"not a font at all")
    with pytest.raises(PermanentFailure, match=r"broken\.ttf is not a font"):
        coverage(tmp_path / "broken.ttf")


def test_character_that_the_shipped_font_lacks_is_drawn_in_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ink("Ж")
    installed = tmp_path / "Installed.ttf"
    installed.write_bytes((SHIPPED / "DejaVuSans.ttf").read_bytes())

    def without(path: Path) -> frozenset[int]:
        return coverage(path) - ({ord("Ж")} if path.parent == SHIPPED else set())

    monkeypatch.setattr(glyphs, "system_fonts", lambda: (installed,))
    monkeypatch.setattr(lettering, "coverage", without)
    for cached in (lettering._lacking, lettering._one_font):
        cached.cache_clear()
    try:
        assert (ink("Ж") == expected).all() and missing("Ж") == ""
        assert borrowed("aЖ") == ["Installed.ttf"] and borrowed("a") == []
    finally:
        for cached in (lettering._lacking, lettering._one_font):
            cached.cache_clear()


def test_wrap_keeps_every_word_and_the_width() -> None:
    letters = Letters(20)
    text = "The keeper climbs the stairs of the Donaudampfschifffahrtsgesellschaft lighthouse"
    lines = letters.wrap(text, 180)
    assert max(letters.width(line) for line in lines) <= 180
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrap_keeps_line_breaks() -> None:
    assert Letters(20).wrap("one\ntwo three", 500) == ["one", "two three"]


def test_draw_aligns_left_middle_and_right() -> None:
    columns = [np.flatnonzero(ink("HHHH", align=align).any(axis=(0, 2))) for align in ("left", "middle", "right")]
    assert columns[0].min() >= 300 and columns[2].max() <= 300
    assert abs((columns[1].min() + columns[1].max()) / 2 - 300) <= 2


def test_draw_lays_right_to_left_text_out_in_visual_order() -> None:
    # Read from the right, alef comes before bet: so the two-letter word's right half is alef's shape.
    assert not (ink("אב") == ink("בא")).all()
    left_to_right_override = "\u202d"
    assert (ink("אב") == ink(f"{left_to_right_override}בא")).all()
