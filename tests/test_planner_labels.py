"""What a brief's labels say: who speaks, what is a card, how it is filmed, how long it lasts."""

import pytest

from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.planning.offline import plan_offline


def plan(text: str, form: str = "prose") -> Storyboard:
    return plan_offline(Brief(text=text, form=form))  # type: ignore[arg-type]


def told(board: Storyboard) -> list[str]:
    return [f"[{shot.title}]" if shot.kind == "title" else shot.prompt for shot in board.shots]


def said(board: Storyboard) -> list[list[tuple[str, str]]]:
    names = {c.id: c.name for c in board.bible.characters}
    return [[(names.get(line.character, ""), line.text) for line in shot.lines] for shot in board.shots]


# --- inside a paragraph ----------------------------------------------------------------------------------------------


def test_a_voice_inside_a_paragraph_says_its_sentence_and_the_film_goes_on() -> None:
    board = plan("A man sits. Narrator: He had waited all his life. A letter slides under the door. He opens it.")
    assert told(board) == ["A man sits.", "A letter slides under the door.", "He opens it."]
    assert said(board) == [[("", "He had waited all his life.")], [], []]
    board = plan('A cat sleeps. VO: "Dreams are free. They cost nothing." The cat wakes.')
    assert told(board) == ["A cat sleeps.", "The cat wakes."]
    assert said(board) == [[("", "Dreams are free. They cost nothing.")], []]


@pytest.mark.parametrize(
    ("text", "shots"),
    [
        ("A woman opens a letter. Title: Home. She cries. A dog comes in.",
         ["A woman opens a letter.", "[Home.]", "She cries.", "A dog comes in."]),
        ("A student sleeps. Tagline: Lumen. It knows when. A cat wakes.",
         ["A student sleeps.", "[Lumen. It knows when.]", "A cat wakes."]),
        ('A cup steams. VO: "Wake up." End card: Kestrel. Wake kindly. Fade to black.',
         ["A cup steams.", "[Kestrel. Wake kindly.]"]),
    ],
)  # fmt: skip
def test_a_card_inside_a_paragraph_is_its_own_sentence_or_the_last_words_of_an_ad(text: str, shots: list[str]) -> None:
    assert told(plan(text)) == shots


def test_who_speaks_inside_a_paragraph_is_heard() -> None:
    board = plan("A man enters. Mara: Not tonight. He leaves.")
    assert told(board) == ["A man enters.", "Mara speaks", "He leaves."]
    assert said(board) == [[], [("Mara", "Not tonight.")], []]
    board = plan("MARA: Not tonight. I am tired. TOM: Why not?")
    assert said(board) == [[("Mara", "Not tonight. I am tired.")], [("Tom", "Why not?")]]
