"""A brief that is a letter: what it says to whoever makes the film is not filmed, and not lost."""

import pytest

from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.planning.offline import plan_offline

LETTER = """Hi Tom,

sorry for the late reply! here's what the club wants:

- the gate, early morning
- old Mr Petrov digs up potatoes

text at the end: "Is plot 14 yours?"

should be under a minute. Greta will do the music.

cheers
Annika

Sent from my iPhone
"""


def planned(text: str) -> Storyboard:
    return plan_offline(Brief(text=text))


def test_letter_shows_its_list_and_no_greeting_wish_or_goodbye() -> None:
    board = planned(LETTER)
    assert [shot.prompt for shot in board.shots] == [
        "the gate, early morning", "old Mr Petrov digs up potatoes", "Title card: Is plot 14 yours?",
    ]  # fmt: skip
    assert [who.name for who in board.bible.characters] == ["Mr Petrov"]
    told = [why.removeprefix("the brief's letter: ") for why in board.shots[0].why if "letter" in why]
    assert told == [
        "Hi Tom,", "sorry for the late reply! here's what the club wants:",
        "should be under a minute. Greta will do the music.", "cheers", "Annika", "Sent from my iPhone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Dear team,", "Kind regards,\nIda"),
        ("Hello everybody!", "Thanks so much!"),
        ("Liebe Ida,", "Viele Grüße\nTom"),
        ("Hola Marta,", "Saludos"),
    ],
)
def test_story_in_a_letter_is_told_whole(before: str, after: str) -> None:
    board = planned(f"{before}\n\nA fox runs over the snow. A hen sleeps.\n\n{after}\n")
    assert [shot.prompt for shot in board.shots] == ["A fox runs over the snow.", "A hen sleeps."]


@pytest.mark.parametrize(
    "text",
    [
        "Hello, Anna!\n\nA fox runs over the snow.",
        "A fox runs over the snow.\n\nThanks.",
        "Dear old Tom sleeps.\n\nA fox runs over the snow.",
        "Hey, little fox,\nrun over the snow,\nrun to the sea.\n\nHello, little hen,\nsleep.",
        "Best friends play.\n\nLove.\n\nA fox runs over the snow.",
    ],
)
def test_what_only_sounds_like_a_letter_is_filmed(text: str) -> None:
    assert not any("letter" in why for shot in planned(text).shots for why in shot.why)
