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


@pytest.mark.parametrize(
    ("label", "look", "camera"),
    [("Lighting: golden hour.", "golden hour", "still"), ("Camera: slow dolly in.", "", "dolly_in"),
     ("Negative prompt: blur, text.", "", "still"), ("Seed: 42.", "", "still")],
)  # fmt: skip
def test_a_label_at_the_head_of_a_paragraph_takes_its_sentence_and_the_film_goes_on(
    label: str, look: str, camera: str
) -> None:
    board = plan(f"{label} A girl walks in the snow. She finds a key.")
    assert told(board) == ["A girl walks in the snow.", "She finds a key."]
    assert (board.bible.style.look, board.shots[0].camera) == (look, camera)


def test_what_is_said_or_described_at_the_head_of_a_paragraph_ends_before_what_happens() -> None:
    board = plan('Narrator: "Once upon a time." A wolf howls.')
    assert (told(board), said(board)) == (["Narration", "A wolf howls."], [[("", "Once upon a time.")], []])
    board = plan("Starring: Mara, a nurse with red hair. Mara runs.\n\nHero: a fox. The fox sleeps.")
    assert told(board) == ["Mara runs.", "The fox sleeps."]
    assert [c.description for c in board.bible.characters] == ["a nurse with red hair", "a fox"]


def test_what_is_told_at_length_keeps_its_paragraph() -> None:
    assert said(plan("Narrator: He was old. He was tired.")) == [[("", "He was old. He was tired.")]]
    assert told(plan("Product: Volt One. It has a big battery.\nA man rides up a hill.")) == ["A man rides up a hill."]
    assert told(plan("Slogan: Never give up. Believe in yourself.")) == ["[Never give up. Believe in yourself.]"]


# --- how it is filmed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "- "])
def test_a_label_that_says_how_it_is_filmed_belongs_to_its_picture(mark: str) -> None:
    lines = [
        "Wide shot: a city wakes at dawn.", "Extreme close-up: an eye opens.", "Low angle: a car brakes hard.",
        "Slow motion: glass falls.", "Tracking shot left: a red convertible races past a cactus.",
        "Cut to the street: six cyclists are waiting in line.",
    ]  # fmt: skip
    board = plan((f"\n{mark}" if mark else " ").join(["", *lines]))
    assert told(board) == lines
    assert [(s.size, s.camera, s.angle) for s in board.shots[:5]] == [
        ("wide", "still", "eye"), ("extreme_close", "still", "eye"), ("medium", "still", "low"),
        ("medium", "tilt_down", "eye"), ("close", "truck_left", "eye"),
    ]  # fmt: skip


def test_a_label_that_says_how_it_is_filmed_counts_at_the_head_of_a_paragraph() -> None:
    board = plan("Close-up: a boot steps on the gas pedal.\n\nOTS: Mara reads.\n\nPOV: a street, and a dog barks.")
    assert [(s.prompt, s.size) for s in board.shots] == [
        ("Close-up: a boot steps on the gas pedal.", "close"), ("OTS: Mara reads.", "medium"),
        ("POV: a street", "medium"), ("And a dog barks.", "close"),
    ]  # fmt: skip


def test_the_kind_of_a_shot_is_nobody() -> None:
    text = "Cinematic shot of a fox. Aerial shot of a dog. Steadicam shot of Mara running. Mara stops."
    assert [c.name for c in plan(text).bible.characters] == ["Fox", "Dog", "Mara"]


@pytest.mark.parametrize(
    ("text", "size", "angle"),
    [
        ("Wide: a ship leaves the harbour, sailors waving.", "wide", "eye"),
        ("Close: a hand turns the key.", "close", "eye"),
        ("Medium: two men play chess.", "medium", "eye"), ("Drone: the river winds on.", "extreme_wide", "high"),
        ("Overhead: a cook stirs a pot.", "wide", "overhead"),
        ("1. Exterior, day, wide. Brick building.", "wide", "eye"),
        ("1. Kitchen, medium. A woman opens the fridge.", "medium", "eye"),
    ],
)  # fmt: skip
def test_a_bare_size_or_angle_films_its_picture_and_is_nobody(text: str, size: str, angle: str) -> None:
    board = plan(text)
    assert not {"Wide", "Close", "Medium", "Drone", "Overhead"} & {c.name for c in board.bible.characters}
    assert (board.shots[0].size, board.shots[0].angle, board.shots[0].lines) == (size, angle, [])


def test_a_size_word_that_says_how_something_is_films_nothing() -> None:
    shots = plan(
        "A boy runs. A boy rests. The valley, wide, lies in the sun. A medium dog barks. Keep close, she says."
    ).shots
    assert not [why for shot in shots for why in shot.why if "the brief says" in why]


def test_the_word_for_what_is_ordered_heads_its_title_or_what_happens() -> None:
    board = plan("TRAILER: THE SALT LINE (thriller, 45 seconds)\n\nA surveyor walks. Quick cuts: her compass spinning.")
    assert told(board) == ["[THE SALT LINE]", "A surveyor walks.", "Quick cuts: her compass spinning."]
    assert sum(shot.seconds for shot in board.shots) == 45
    assert [c.name for c in board.bible.characters] == ["Surveyor"]
    assert told(plan("Teaser: a glacier breaks apart.")) == ["A glacier breaks apart."]


@pytest.mark.parametrize(
    ("text", "shots"),
    [
        ('A girl eats ice. Text at the end: "Open all summer"', ["A girl eats ice.", "[Open all summer]"]),
        ('On screen: "Open all summer". A girl eats ice.', ["[Open all summer]", "A girl eats ice."]),
        ("On screen: a map of the coast.", ["A map of the coast."]),
        ('Just text on screen, no pictures: "We are moving!" then "Find us at Lindenweg 12." then "Dr Amara Obi"',
         ["[We are moving!]", "[Find us at Lindenweg 12.]", "[Dr Amara Obi]"]),
        ('1. A door opens.\n2. End card "Elm Street 9"', ["A door opens.", "[Elm Street 9]"]),
    ],
)  # fmt: skip
def test_what_is_read_on_the_screen_is_cards_and_nobodys_speech(text: str, shots: list[str]) -> None:
    board = plan(text)
    assert told(board) == shots
    assert not any(shot.lines for shot in board.shots)


def test_what_a_recipe_tells_the_cook_is_noted() -> None:
    board = plan("**Serves:** 2  **Time:** 25 minutes\n\n1. Boil the pasta.", "markdown")
    assert told(board) == ["Boil the pasta."]
    assert "the brief: Serves: 2 Time: 25 minutes" in board.shots[0].why


def test_an_unknown_word_before_what_happens_heads_a_picture_and_a_speaker_speaks() -> None:
    assert told(plan("Overture: curtains part slowly.")) == ["Curtains part slowly."]
    assert said(plan("Zorb: we leave at dawn.")) == [[("Zorb", "we leave at dawn.")]]
    assert said(plan("Zorb: the ship sinks.\nNela: Hurry!\nZorb: the captain sleeps."))[0] == [
        ("Zorb", "the ship sinks.")
    ]


def test_a_line_about_the_camera_films_the_shot_before_it_or_the_next() -> None:
    board = plan("A woman walks on a beach.\nCamera: slow dolly in.\nAngle: low angle\nA dog barks.")
    assert [(s.prompt, s.camera, s.angle) for s in board.shots] == [
        ("A woman walks on a beach.", "dolly_in", "low"), ("A dog barks.", "still", "eye"),
    ]  # fmt: skip
    board = plan("Camera: pan left on a lighthouse. Lighting: soft. A keeper climbs the stairs.")
    assert [(s.prompt, s.camera) for s in board.shots] == [("A keeper climbs the stairs.", "pan_left")]
    assert board.bible.style.look == "soft"
    assert "the brief: Camera: pan left on a lighthouse." in board.shots[0].why


def test_several_lines_about_the_look_are_one_look() -> None:
    assert plan("Style: ink and wash.\nLighting: golden hour.\n\nA fox runs.").bible.style.look == (
        "ink and wash, golden hour"
    )


# --- what is nobody's speech -----------------------------------------------------------------------------------------


def test_what_a_brief_tells_us_is_nobodys_speech() -> None:
    board = plan(
        "A woman walks on a beach.\nWardrobe: red coat.\nResolution: 4K\nTempo: 120 bpm\nHashtags: #sea\n"
        "Story: A dog barks.\nErzähler: Es war Nacht."
    )
    assert told(board) == ["A woman walks on a beach.", "A dog barks."]
    assert said(board) == [[], [("", "Es war Nacht.")]]
    assert [c.name for c in board.bible.characters] == ["Woman", "Dog"]
    assert {"the brief: Wardrobe: red coat.", "the brief: Resolution: 4K"} <= set(board.shots[0].why)


def test_a_director_of_the_story_speaks_and_one_of_the_film_is_only_told() -> None:
    board = plan("Ana enters.\nDirector: From the top, please!\nCREW: And cut.\nContact: I see them.\nAna: Ready.")
    assert said(board)[1:] == [
        [("Director", "From the top, please!")], [("Crew", "And cut.")], [("Contact", "I see them.")],
        [("Ana", "Ready.")],
    ]  # fmt: skip
    board = plan("A fox runs.\nDirector: Jane Doe\nProducer: Jane Doe and Bo Li.\nContact: info@example.org")
    assert (told(board), said(board)) == (["A fox runs."], [[]])


def test_what_begins_in_lower_case_is_said_where_it_describes_nobody() -> None:
    board = plan("Waiter: What will it be?\nTom: a coffee, please.\nWaiter: Coming.")
    assert said(board)[1] == [("Tom", "a coffee, please.")]
    board = plan("Villain: a storm\nPip: a red ball.\n\nPip rolls. Villain laughs.")
    assert told(board) == ["Pip rolls.", "Villain laughs."]


def test_a_time_or_a_place_is_nobody_who_speaks() -> None:
    text = "Kitchen: a pot boils.\n\nMonday: Tom runs.\n\nEnd: A rainbow.\n\nRiver: I flow on."
    board = plan(text)
    assert told(board) == ["A pot boils.", "Tom runs.", "A rainbow.", "River speaks"]
    assert said(plan("A door opens. Mara said: Come here. Tom ran."))[1] == [("Mara", "Come here.")]


def test_a_label_that_says_who_somebody_is_describes_them() -> None:
    board = plan(
        "Performer: LIA, silver jacket, cropped black hair.\nHero: a fox\nMara: an old keeper in a red coat.\n\n"
        "Lia dances. Mara waves. The fox runs."
    )
    assert [(c.name, c.description, c.kind) for c in board.bible.characters] == [
        ("Lia", "silver jacket, cropped black hair", "person"), ("Hero", "a fox", "animal"),
        ("Mara", "an old keeper in a red coat", "person"),
    ]  # fmt: skip
    assert [s.characters for s in board.shots] == [["lia"], ["mara"], ["hero"]]
    assert said(plan("A door opens.\n\nHERO: The door is locked!"))[1] == [("Hero", "The door is locked!")]


def test_a_line_that_ends_in_a_colon_heads_what_is_under_it() -> None:
    board = plan("Ingredients:\n- 4 potatoes\n- salt\n\nMethod:\n1. Peel the potatoes.\n2. Serve warm.")
    assert [(s.heading, len(s.shots)) for s in board.scenes] == [("Ingredients", 2), ("Method", 2)]
    board = plan("SCENE 1 - THE LAB\nVisual: A man mixes liquids.\n\nSCENE 2 - OUTSIDE\nVisual: Smoke rises.")
    assert [(s.heading, s.place, s.shots[0].prompt) for s in board.scenes] == [
        ("SCENE 1 - THE LAB", "lab", "A man mixes liquids."), ("SCENE 2 - OUTSIDE", "", "Smoke rises."),
    ]  # fmt: skip
    board = plan("Characters:\nTom: a boy\n\nTom waves.\n\nMara:\nNot tonight.")
    assert told(board) == ["Tom waves.", "Mara speaks"]
    assert said(board) == [[], [("Mara", "Not tonight.")]]
    assert told(plan("A cook says:\n\nA dog barks."))[0] == "A cook says:"


def test_a_line_with_prose_under_it_heads_it_unless_it_names_somebody() -> None:
    board = plan("Paris:\nA man walks his dog. It rains.\n\nRoses:\nA bee lands.\n\nParis:\nA cat sleeps.")
    assert [(s.heading, [shot.prompt for shot in s.shots]) for s in board.scenes] == [
        ("Paris", ["A man walks his dog.", "It rains."]), ("Roses", ["A bee lands."]), ("Paris", ["A cat sleeps."]),
    ]  # fmt: skip
    assert [s.heading for s in plan("Ingredients:\nFlour, eggs and milk.\n\nMethod:\nMix them.").scenes] == [
        "Ingredients", "Method",
    ]  # fmt: skip
    for who in ("BOLT:\nCome in.", "Old man:\nCome in.", 'Zorblax:\n"Come in."', "Ozo:\nCome in.\n\nOzo:\nSit."):
        board = plan(who)
        assert [lines[0][1] for lines in said(board)][:1] == ["Come in."]


# --- how long it lasts -----------------------------------------------------------------------------------------------


def lengths(board: Storyboard) -> list[tuple[str, float]]:
    return [(words, shot.seconds) for words, shot in zip(told(board), board.shots, strict=True)]


@pytest.mark.parametrize(
    ("text", "shots"),
    [
        ("Shot 1 (3s): a fox runs.\nShot 2: a dog barks.\nShot 3 (4.5s): a cat sleeps.",
         [("a fox runs.", 3), ("a dog barks.", 3.5), ("a cat sleeps.", 4.5)]),
        ("- 4 seconds: the car brakes\n- (2 s) the car stops", [("the car brakes", 4), ("the car stops", 2)]),
        ("- 0-4s: the car brakes\n- 4-6s: the car stops\n- (6-9 s) the car waits",
         [("the car brakes", 4), ("the car stops", 2), ("the car waits", 3)]),
        ("Shot 1 (3-5 seconds): a fox runs.\nShot 2 (2-3 seconds): a dog barks.",
         [("a fox runs.", 4), ("a dog barks.", 2.5)]),
        ("(5s) A fox runs. (3s) Tom says, \"No. 9s: go.\" (4s) A cat sleeps.",
         [("A fox runs.", 5), ('Tom says, "No. 9s: go."', 3), ("A cat sleeps.", 4)]),
        ("[0:00-0:05] A fox runs. [0:05-0:09] A cat sleeps.", [("A fox runs.", 5), ("A cat sleeps.", 4)]),
        ("5s: A fox runs. It stops. 3 seconds: A cat sleeps.", [("A fox runs. It stops.", 5), ("A cat sleeps.", 3)]),
        ("0:00-0:03 Wide shot of a highway.\n0:03-0:05 Close-up: a boot. Dissolve.\n0:05–0:09.5 Title: STANDOFF",
         [("Wide shot of a highway.", 3), ("Close-up: a boot.", 2), ("[STANDOFF]", 4.5)]),
        ("0:00-0:03: a fox runs. 0:03-0:05: a dog barks.", [("a fox runs.", 3), ("a dog barks.", 2)]),
        ("## Intro (0:00–0:08)\nA fox runs.\n\n## Verse (0:08-0:12)\nA dog barks. A cat sleeps.",
         [("A fox runs.", 8), ("A dog barks.", 1.5), ("A cat sleeps.", 2.5)]),
        ("[0:00-0:04]\nA fox runs.\n\n[0:04-0:06]\nVO: Hello.\nA cat sleeps.",
         [("A fox runs.", 4), ("Narration", 1), ("A cat sleeps.", 1)]),
        ("Scene 1 (5s): A fox runs. A dog barks.", [("A fox runs.", 2.5), ("A dog barks.", 2.5)]),
        ("**Shot 1 (0:00–0:04):** A fox runs.\n**Shot 2 (0:04–0:06):** A dog barks.\n\n**0:06-0:08** A cat sleeps.",
         [("A fox runs.", 4), ("A dog barks.", 2), ("A cat sleeps.", 2)]),
        ("Shot 1: a fox runs.\nDuration: 3 s\nShot 2: a dog barks.\nDuration: 2 s",
         [("a fox runs.", 3), ("a dog barks.", 2)]),
        ("Scene 1: A cave.\nDuration: 6 s\n\nScene 2: A fox runs.\nIt sleeps.\nDuration: 4 s",
         [("A cave.", 6), ("A fox runs.", 1.5), ("It sleeps.", 2.5)]),
        ("Shot 1 (3s): a fox runs. Shot 2 (4s): a dog barks.", [("a fox runs.", 3), ("a dog barks.", 4)]),
        ("# Film\nLength: 11.5 s\n\n## Scene 1\nShot 1: a fox runs.\nDuration: 4 s\nShot 2: a dog barks.\n"
         "Shot 3: a cat sleeps.\nDuration: 5 s", [("[Film]", 2.5), ("a fox runs.", 4), ("a dog barks.", 2),
         ("a cat sleeps.", 3)]),
        ("## Scene 1\nDuration: 4 s\nA fox runs.\n\n## Scene 2\nDuration: 3 s\nA dog barks.",
         [("A fox runs.", 4), ("A dog barks.", 3)]),
        ("80s: A disco.\n\n6s: A bar.", [("80s: A disco.", 4), ("A bar.", 6)]),
        ("Nia opens 9:00-17:00. 4 seconds later, she waits.", [("Nia opens 9:00-17:00.", 4),
         ("4 seconds later, she waits.", 5)]),
    ],
)  # fmt: skip
def test_a_time_written_beside_a_shot_is_its_length_and_no_word_of_it(
    text: str, shots: list[tuple[str, float]]
) -> None:
    assert lengths(plan(text, "markdown" if text.startswith("#") else "prose")) == shots


def test_a_time_too_short_for_what_is_said_is_told_and_no_word_is_cut() -> None:
    line = " ".join(["word"] * 20)
    board = plan(
        f"## Intro (5s)\nMara: {line}\n\nA dog barks.\n\n## End (11s)\nMara: {line}\n\nA dog barks.", "markdown"
    )
    assert [shot.seconds for shot in board.shots] == [9, 3.5, 7, 4]
    short = "length: the 5 s that the brief gives are too short for it"
    assert [short in shot.why for shot in board.shots] == [True, True, False, False]


def test_a_transition_at_the_end_of_an_item_joins_the_next() -> None:
    board = plan("- A boot steps on the pedal.\n- Dissolve\n- A car stops. Fade to black.")
    assert [shot.transition.kind for shot in board.shots] == ["cut", "crossfade"]
    board = plan("- A boot steps on the pedal. Dissolve.\n- A car stops. Fade to black.")
    assert [(s.prompt, s.transition.kind) for s in board.shots] == [
        ("A boot steps on the pedal.", "cut"), ("A car stops.", "crossfade"),
    ]  # fmt: skip
    assert board.fade_out == 1.0


@pytest.mark.parametrize(
    ("text", "form", "seconds"),
    [
        ("Product demo: the Volt One e-bike, 45 seconds. A man rides up a hill.", "prose", 45),
        ("45 seconds. A man unlocks the bike. He rides up a hill.", "prose", 45),
        ("# Neon Rain (music video, 2:10)\n\nLia dances.", "markdown", 130),
        ("# Kestrel (20 s)\n\nLia dances.", "markdown", 20),
        ("# Kestrel ad (30s)\n\nLia dances.", "markdown", 30),
        ("# Neon Rain, a music video (2:10)\n\nLia dances.", "markdown", 130),
    ],
)
def test_the_films_length_is_no_shot_and_is_kept(text: str, form: str, seconds: float) -> None:
    board = plan(text, form)
    assert sum(shot.seconds for shot in board.shots) == seconds
    assert not any("45 seconds" in shot.prompt for shot in board.shots)


@pytest.mark.parametrize(
    "title", ["Waking up (6:30)", "John (3:16)", "Home (5 minutes away)", "Disco nights (80s)", "Noon (in 2 minutes)"]
)
def test_a_number_in_a_title_is_no_length(title: str) -> None:
    board = plan(f"# {title}\n\nLia dances.", "markdown")
    assert told(board) == [f"[{title}]", "Lia dances."]
    assert sum(shot.seconds for shot in board.shots) < 10


def test_a_first_heading_with_its_time_in_the_film_is_a_scene() -> None:
    board = plan("# Intro (0:00-0:08)\n\nLia dances.\n\n# End (0:08-0:12)\n\nA dog barks.", "markdown")
    assert lengths(board) == [("Lia dances.", 8), ("A dog barks.", 4)]
