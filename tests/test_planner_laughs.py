"""What a director would have laughed at in plans that were read as sheets, each mended as a kind."""

import pytest

from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.planning.briefs import brief_of_text
from reelgraph.video_tools.planning.offline import plan_offline


def plan(text: str) -> Storyboard:
    return plan_offline(Brief(text=text))


def prompts(text: str) -> list[str]:
    return [shot.prompt for shot in plan(text).shots]


def names(text: str) -> list[str]:
    return [character.name for character in plan(text).bible.characters]


def said(board: Storyboard) -> list[tuple[str, str]]:
    who = {c.id: c.name for c in board.bible.characters}
    return [(who.get(line.character, ""), line.text) for shot in board.shots for line in shot.lines]


def test_a_lyrics_line_is_one_shot() -> None:
    assert prompts("[Chorus]\nAnd I drive, drive into the blue\nEvery mile's a letter to you\n") == [
        "And I drive, drive into the blue", "Every mile's a letter to you",
    ]  # fmt: skip


def test_narration_after_a_picture_in_one_line_is_said_over_it() -> None:
    board = plan("Step 1: Show a lock. Narrator: Inside sit five pins.\nStep 2: A key slides in.")
    assert [shot.prompt for shot in board.shots] == ["Show a lock.", "A key slides in."]
    assert said(board) == [("", "Inside sit five pins.")]


def test_a_label_for_what_is_seen_speaks_to_nobody() -> None:
    assert names("Before: a man slumps over papers. Quiz: what now?") == ["Man"]
    assert names("Quiz: What happens then?\nProduct shot: a shoe on a rock.") == []
    assert names("A woman runs. Product shot: a shoe on a rock.") == ["Woman"]


def test_a_short_line_of_dialogue_ends_with_its_line() -> None:
    board = plan("Ben: We are.\n(They hang from a rope.)\nMia: Great.\nA vulture lands on the rope.\n")
    assert said(board) == [("Ben", "We are."), ("Mia", "Great.")]
    assert [shot.prompt for shot in board.shots][1::2] == ["(They hang from a rope.)", "A vulture lands on the rope."]


def test_numbers_before_sentences_are_no_shots() -> None:
    told = "Product demo for an app. 1. A girl opens it. 2. The screen shows a map. 3. They meet."
    assert prompts(told) == ["A girl opens it.", "The screen shows a map.", "They meet."]


@pytest.mark.parametrize(
    ("order", "seconds"),
    [
        ("Documentary, 60 seconds: a man repairs a clock.", 60), ("Stop-motion, 20 seconds. A fork falls.", 20),
        ("Ein 20-sekündiger Werbespot für Honig. Eine Biene landet auf einer Blüte.", 20),
    ],
)  # fmt: skip
def test_what_is_ordered_is_no_shot_and_its_length_is_kept(order: str, seconds: float) -> None:
    board = plan(order)
    assert sum(shot.seconds for shot in board.shots) == seconds
    assert len(board.shots) == 1
    assert "Documentary" not in names(order)


def test_a_quotation_alone_is_said_by_who_just_spoke_and_shows_nobody_it_speaks_of() -> None:
    board = plan('We meet Mr. Osei. "People think it is easy," he says. "It is not." A poet claps.')
    assert [who for who, _ in said(board)] == ["Mr. Osei", "Mr. Osei"]
    assert [c.name for c in board.bible.characters] == ["Mr. Osei", "Poet"]


def test_a_new_subject_takes_no_old_one_before_it() -> None:
    assert prompts("A dog runs off; everyone chases it; the couple kiss at sunset.")[-1] == "The couple kiss at sunset."


def test_two_who_act_together_are_no_compound_noun() -> None:
    board = plan("The old man and the boy fish from a boat. The boy laughs.")
    assert [(c.name, c.kind) for c in board.bible.characters] == [("Man", "person"), ("Boy", "person")]


def test_the_end_of_a_compound_means_it() -> None:
    board = plan("A blackbird lands on the wall. The cat stares. The bird leaves.")
    assert [shot.characters for shot in board.shots] == [["blackbird"], ["cat"], ["blackbird"]]


def test_numbered_scenes_are_scenes() -> None:
    board = plan("Scene 1: A keeper polishes a lens.\nScene 2: The radio crackles.\n")
    assert [scene.heading for scene in board.scenes] == ["Scene 1", "Scene 2"]


def test_a_line_said_in_a_shot_lists_description_is_heard() -> None:
    table = '| Shot | Description |\n| --- | --- |\n| 1 | Ana drops the case. ANA: "Of course." |\n'
    assert said(plan_offline(brief_of_text(table))) == [("Ana", "Of course.")]


def test_a_title_and_its_name_are_one_in_german_too() -> None:
    told = "In einem kleinen Dorf repariert Herr Brandt alte Radios. Kapitän Nemo schreit. Er lacht."
    assert names(told) == ["Brandt", "Nemo"]


def test_who_says_it_stays_with_a_japanese_quotation() -> None:
    assert prompts("少年が走る。「待って!」と少年が言う。") == ["少年が走る。", "「待って!」と少年が言う。"]


def test_what_somebody_wears_is_read_behind_a_comma_too() -> None:
    bride = plan("The bride, in a green dress, laughs.").bible.characters[0]
    assert bride.description == "The bride in a green dress"


def test_an_arabic_noun_is_the_same_with_its_article() -> None:
    assert names("تبيع امرأة البرتقال. يأتي ولد صغير. تعطيه المرأة برتقالة. يبتسم الولد.") == ["امرأة", "ولد"]
