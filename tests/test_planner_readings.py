"""What a brief's smaller signs mean: cards, looks, shot lists of other people, dialogue by dashes, other languages."""

from fractions import Fraction

import pytest

from reelgraph.video_tools.checks.intent import intent_of_film
from reelgraph.video_tools.editing.timeline import first_cut
from reelgraph.video_tools.film import Brief, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.labels import card_of, look_in, look_of
from reelgraph.video_tools.planning.lengths import asked_for
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.score import music_in
from reelgraph.video_tools.planning.sentences import sentences


def plan(text: str, form: str = "prose") -> Storyboard:
    return plan_offline(Brief(text=text, form=form))  # type: ignore[arg-type]


def said(board: Storyboard) -> list[tuple[str, str]]:
    names = {c.id: c.name for c in board.bible.characters}
    return [(names.get(line.character, ""), line.text) for shot in board.shots for line in shot.lines]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The End.", "The End"), ('"The End."', "The End"), ("Fin.", "Fin"), ("Конец.", "Конец"), ("完", "完"),
        ('The title reads "Second Chances".', "Second Chances"), ('End title: "Kindness rises."', "Kindness rises."),
        ("The end of the road is near.", ""), ('A sign reads "Closed".', ""), ("A fine day.", ""),
    ],
)  # fmt: skip
def test_a_card_is_known_by_what_it_says_it_is(sentence: str, words: str) -> None:
    assert card_of(sentence) == words


@pytest.mark.parametrize(
    ("sentence", "look"),
    [
        ("Watercolour style.", "Watercolour style"), ("Shot in black and white.", "black and white"),
        ("All in a soft pastel look, like an old postcard.", "soft pastel look, like an old postcard"),
        ("Hand-drawn look with soft tones.", "Hand-drawn look with soft tones"), ("A child mixes colours.", ""),
        ("In a watercolour style, a boat sails.", ""), ("A boat sails in a watercolour style.", ""),
        ("She wears it with style and leaves.", ""), ("A watercolour hangs on the wall.", ""),
    ],
)  # fmt: skip
def test_a_sentence_that_only_says_the_look_is_no_shot(sentence: str, look: str) -> None:
    assert look_of(sentence) == look


def test_what_is_seen_in_a_style_is_a_shot_and_the_style_the_films_look() -> None:
    board = plan("A boat sails in a watercolour style. A gull cries in watercolour style.")
    assert [s.prompt for s in board.shots] == [
        "A boat sails in a watercolour style.", "A gull cries in watercolour style.",
    ]  # fmt: skip
    assert board.bible.style.look == "watercolour style"


def test_a_look_is_read_out_of_what_is_ordered() -> None:
    assert look_in("A 20-second ad for Nova, in a bright watercolour style.") == "bright watercolour style"
    board = plan("A 20-second ad for Nova, in a bright watercolour style. A courier rides. Ride lighter.")
    assert board.bible.style.look == "bright watercolour style"
    assert [s.prompt for s in board.shots] == ["A courier rides.", "Title card: Ride lighter."]


def test_an_ads_last_words_are_cards_each_and_who_acts_is_not() -> None:
    board = plan("An ad for a bike. A courier rides; a family picnics in the park. Three modes. Nova. Ride lighter.")
    assert [(s.kind, s.title or s.prompt) for s in board.shots] == [
        ("shot", "A courier rides"), ("shot", "A family picnics in the park."),
        ("title", "Three modes."), ("title", "Nova."), ("title", "Ride lighter."),
    ]  # fmt: skip


SHOT_LIST = """\
| Shot | Description | Duration | Camera | Audio |
| --- | --- | --- | --- | --- |
| 1 | A boat leaves the harbour | 4s | Wide, slow pan | Gulls, engine hum |
| 2 | Old Tom pulls in the net | 3s | Medium | Tom: "Come on, then." |
| 3 | A fish jumps over the rail | 2s | Close-up, low angle | Splash |
| 4 | "The End." | 3s | Static | Music fades |
"""


def test_a_shot_list_of_other_columns_is_read_by_their_heads() -> None:
    board = plan(SHOT_LIST, "markdown")

    def told(shot: Shot) -> tuple[float, str, str, str, str]:
        return shot.seconds, shot.size, shot.camera, shot.angle, shot.title

    assert [told(shot) for shot in board.shots] == [
        (4, "wide", "pan_right", "eye", ""), (3, "medium", "still", "eye", ""), (2, "close", "still", "low", ""),
        (3, "wide", "still", "eye", "The End"),
    ]  # fmt: skip
    assert said(board) == [("Old Tom", "Come on, then.")]
    assert "sound: Gulls, engine hum" in board.shots[0].why, "what is heard and not said is kept, and said by nobody"


@pytest.mark.parametrize(
    ("brief", "lines"),
    [
        (
            "Утро. Старый рыбак Иван сидит в лодке.\n— Клюёт? — спрашивает мальчик.\n— Пока нет, — отвечает Иван.\n",
            [("Мальчик", "Клюёт?"), ("Иван", "Пока нет")],
        ),
        (
            "En el puerto, Lucía espera el barco.\n—¿Ha llegado ya? —pregunta Lucía.\n"
            "—Todavía no —dice el viejo marinero.\n",
            [("Lucía", "¿Ha llegado ya?"), ("Marinero", "Todavía no")],
        ),
        ('تمشي الفتاة في السوق. ترى قطة. تبتسم العجوز وتقول: "أهلا بك".', [("عجوز", "أهلا بك")]),
    ],
)  # fmt: skip
def test_dialogue_of_other_languages_is_said_by_whom_its_tag_names(brief: str, lines: list[tuple[str, str]]) -> None:
    assert said(plan(brief)) == lines


def test_a_noun_and_the_name_beside_it_are_one() -> None:
    board = plan("Старый рыбак Иван сидит в лодке. Иван ловит рыбу. Рыбак улыбается, и он поёт.")
    assert [c.name for c in board.bible.characters if c.kind == "person"] == ["Иван"]
    assert [shot.characters[:1] for shot in board.shots] == [["person"]] * 3


def test_an_ad_in_another_language_has_its_length_and_its_last_words() -> None:
    board = plan(
        "Ein Werbespot für eine neue Kaffeemaschine, 20 Sekunden. Eine Frau kommt müde in die Küche. "
        "Die Sonne scheint durch das Fenster. Guter Morgen, guter Kaffee."
    )
    assert sum(shot.seconds for shot in board.shots) == pytest.approx(20)
    assert [(s.kind, s.title) for s in board.shots] == [
        ("shot", ""), ("shot", ""), ("title", "Guter Morgen, guter Kaffee."),
    ]  # fmt: skip
    assert [c.name for c in board.bible.characters] == ["Frau"], "nouns with a capital are not people"


def test_a_transition_on_its_own_joins_the_next_shot() -> None:
    board = plan("Mara waits in the garden.\n\nDissolve to:\n\nMara sails over the sea. Fade to black. Mara sleeps.")
    assert [(s.prompt, s.transition.kind) for s in board.shots] == [
        ("Mara waits in the garden.", "cut"), ("Mara sails over the sea.", "crossfade"), ("Mara sleeps.", "dip_black"),
    ]  # fmt: skip


def test_a_night_that_holds_on_does_not_colour_the_next_place() -> None:
    board = plan("Pip falls in the night sky. Pip spins on the grass.")
    assert {p.name: p.palette for p in board.bible.places} == {
        "Night sky": ["#16213e", "#394a6d"], "Grass": ["#7fae57"],
    }  # fmt: skip


def test_a_screenplays_narrator_is_a_voice_and_capitals_with_an_apposition_are_a_name() -> None:
    board = plan(
        "EXT. DESERT - DAY\n\nPIP, a red ball, rolls right.\n\nNARRATOR (V.O.)\nOff he goes!\n\nPIP spins.\n",
        "fountain",
    )
    assert [(c.name, c.description) for c in board.bible.characters] == [("Pip", "a red ball")]
    assert said(board) == [("", "Off he goes!")]
    assert [s.characters for s in board.shots] == [["pip"], ["pip"]]


def test_who_goes_to_the_left_goes_on_to_the_left_until_they_turn_round() -> None:
    board = plan(
        "Mara runs along the beach from right to left. Mara runs through the harbour. Tom walks along the pier. "
        "Mara turns around and walks back along the road."
    )
    assert [s.camera for s in board.shots] == ["truck_left", "truck_left", "truck_right", "truck_right"]
    assert "camera truck left: the way that they went before" in board.shots[1].why


def test_owners_pronouns_and_possessions_are_told_apart() -> None:
    board = plan("A fox cub named Ember loses her mother. She hides. Ember's mother stands on the ridge. Ember runs.")
    assert [s.characters for s in board.shots] == [["ember", "mother"], ["ember"], ["mother"], ["ember"]]
    board = plan(
        "Her editor, Marcus, leans in the door. Two rival chefs compete. A dragon meets Ida. They eat biscuits."
    )
    assert [(c.name, c.kind) for c in board.bible.characters][:2] == [
        ("Marcus", "person"),
        ("Two rival chefs", "person"),
    ]
    assert board.shots[-1].characters[:2] == ["dragon", "ida"]


def test_labels_headings_and_orders_in_the_midst_of_prose_are_no_shots() -> None:
    board = plan(
        "Product: Lumen desk lamp\nLength: 15 seconds\nA student sleeps. It wakes her. Tagline: Lumen. It knows when."
    )
    assert [(s.kind, s.title) for s in board.shots] == [
        ("shot", ""), ("shot", ""), ("title", "Lumen. It knows when."),
    ]  # fmt: skip
    assert sum(shot.seconds for shot in board.shots) == pytest.approx(15)
    board = plan("INT. NEWSROOM - NIGHT. Dana types. Her phone rings.")
    assert [(s.heading, s.place, s.time, len(s.shots)) for s in board.scenes] == [
        ("INT. NEWSROOM - NIGHT", "newsroom", "NIGHT", 2)
    ]
    board = plan("Trailer for a thriller, 45 seconds, cold blue colour palette. A station orbits. Title: THE GUEST.")
    assert board.bible.style.look == "cold blue colour palette"
    assert sum(shot.seconds for shot in board.shots) == pytest.approx(45)
    assert board.shots[-1].title == "THE GUEST."


SCENES = """\
## Morning Run

| # | Scene | Shot Type | Action | Dialogue / VO | SFX | Duration (s) |
|---|-------|-----------|--------|---------------|-----|--------------|
| 1 | Bedroom | CU | A hand slaps the clock | | BEEP | 2 |
| 2 | Street, dawn | Tracking, WS | Nia jogs past shops | VO: "Nobody is watching." | footsteps | 4 |
| 3 | - | Title | RUN YOUR OWN RACE | | | 2.5 |
"""


def test_a_shot_lists_scenes_sizes_in_letters_and_cards_are_read() -> None:
    board = plan(SCENES, "markdown")
    assert [(s.title or s.prompt, s.seconds, s.size) for s in board.shots] == [
        ("Morning Run", 2.5, "wide"), ("A hand slaps the clock", 2, "close"), ("Nia jogs past shops", 4, "wide"),
        ("RUN YOUR OWN RACE", 2.5, "wide"),
    ]  # fmt: skip
    assert [s.heading for s in board.scenes] == ["", "Bedroom", "Street, dawn"]
    assert said(board) == [("", "Nobody is watching.")]


@pytest.mark.parametrize(
    ("brief", "cast"),
    [
        ("灯台守の老人が階段を登る。老人は火をつける。", ["老人"]),
        ('Anna wirft einen Teller. Der Hund bellt. „Es tut mir leid", sagt Anna. Anna weint.', ["Anna", "Hund"]),
        ("Une vieille boulangère ouvre. Le chat dort.", ["Boulangère", "Chat"]),
        ("Six-year-old Theo builds a rocket. Theo smiles. It begins to rain.", ["Theo"]),
    ],
)  # fmt: skip
def test_somebody_is_found_once_by_the_word_that_names_them(brief: str, cast: list[str]) -> None:
    assert [c.name for c in plan(brief).bible.characters] == cast


@pytest.mark.parametrize(
    ("text", "form", "seconds"),
    [
        ("A bell rings. Fade to black.", "prose", 1.0), ("Ein Boot fährt. Schwarzblende.", "prose", 1.0),
        ("INT. ROOM - NIGHT\n\nA cat sleeps.\n\nFADE OUT.\n", "fountain", 1.0),
        ("A cat sleeps. The lights fade out.", "prose", 0.0), ("Fade to black. A cat sleeps.", "prose", 0.0),
    ],
)  # fmt: skip
def test_a_brief_that_ends_in_black_fades_out_and_no_shot_is_made_of_it(text: str, form: str, seconds: float) -> None:
    board = plan(text, form)
    assert board.fade_out == seconds
    assert not any("fade to" in shot.prompt.lower() or "blende" in shot.prompt for shot in board.shots)


def test_a_labelled_sentence_inside_a_paragraph_is_a_note_and_the_next_a_shot() -> None:
    board = plan("A fox runs over the snow. Music: slow piano. It jumps into a hole.")
    assert [shot.prompt for shot in board.shots] == ["A fox runs over the snow.", "It jumps into a hole."]
    assert music_in(Brief(text="A fox runs. Music: slow piano. It jumps.")) == "slow piano"


def test_a_fade_out_darkens_its_own_frames_on_purpose_and_no_others() -> None:
    board = Storyboard(scenes=[Scene(id="s01", shots=[Shot(id="s01-01", prompt="a", seconds=2)])], fade_out=1)
    cut = first_cut(board, {}, width=64, height=64, rate=Fraction(24))
    take = cut.model_copy(update={"clips": [cut.clips[0].model_copy(update={"take": "ab" * 32})]})
    assert [int(dark) for dark in intent_of_film(48, take, board, None).dark] == [0] * 24 + [1] * 24


@pytest.mark.parametrize(
    ("text", "shots"),
    [
        ('A woman unboxes a 27" monitor. She plugs it in. A 4" x 6" photo falls.',
         ['A woman unboxes a 27" monitor.', "She plugs it in.", 'A 4" x 6" photo falls.']),
        ('A 27" monitor glows, and a cat jumps onto the desk.',
         ['A 27" monitor glows', "And a cat jumps onto the desk."]),
        ('A man holds "Room 27" and waits. He leaves.', ['A man holds "Room 27" and waits.', "He leaves."]),
        ("Ein Junge kommt. „Wo bist du?“, ruft er. Ein Hund bellt. Eine Frau winkt. Ende.",
         ["Ein Junge kommt.", "„Wo bist du?“, ruft er.", "Ein Hund bellt.", "Eine Frau winkt.", "Title card: Ende"]),
        ("Ein Mann kommt herein. »Wo ist mein Hut?«, fragt er. Er fragt: „Opa?“ Eine Frau lacht.",
         ["Ein Mann kommt herein.", "»Wo ist mein Hut?«, fragt er.", "Er fragt: „Opa?“", "Eine Frau lacht."]),
        ("Il dit : « Viens ! » Elle rit. Un chat dort.", ["Il dit : « Viens ! »", "Elle rit.", "Un chat dort."]),
        ("A dog meets rival No. 1 at the gate. No. He runs.",
         ["A dog meets rival No. 1 at the gate.", "No.", "He runs."]),
    ],
)  # fmt: skip
def test_a_sentence_ends_after_its_quotation_and_no_inch_mark_opens_one(text: str, shots: list[str]) -> None:
    assert [shot.prompt for shot in plan(text).shots] == shots


def test_words_in_german_quotation_marks_are_said() -> None:
    assert said(plan("Ein Mann kommt herein. »Wo ist mein Hut?«, fragt er. Eine Frau lacht.")) == [
        ("Mann", "Wo ist mein Hut?"),
    ]  # fmt: skip
    assert said(plan("Ein Junge kommt. „Wo bist du?“, ruft er. Ein Hund bellt.")) == [("Junge", "Wo bist du?")]
    assert said(plan('A 5\'10" man enters. "Sit down," says Anna. He sits.')) == [("Anna", "Sit down")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('In the kitchen, Anna says: "Dinner is ready!"', [("Anna", "Dinner is ready!")]),
        ('At noon the chef shouts, "Stop!" One day Tom says, "I go."', [("Chef", "Stop!"), ("Tom", "I go.")]),
        ('Suddenly the boy cries, "Help!"', [("Boy", "Help!")]),
        ('A hedgehog named Pim hides. Every night he asked his grandmother, "Why?"', [("Pim", "Why?")]),
        ('When Mara saw him, she said, "Hello."', [("Mara", "Hello.")]),
        ('After the storm Tom whispered, "Quiet."', [("Tom", "Quiet.")]),
        ('A girl in a red coat says, "Wait."', [("Girl", "Wait.")]),
        ('Mara takes the hat and says, "Mine."', [("Mara", "Mine.")]),
        ('Behind the door a voice whispers: "Come in."', [("", "Come in.")]),
        ('At the gate the old guard shouts: "Halt!"', [("Guard", "Halt!")]),
        ('A laptop glows. The laptop is open, showing a list: "Cake," "Guests."', [("", "Cake"), ("", "Guests.")]),
    ],
)  # fmt: skip
def test_a_line_is_said_by_who_stands_before_the_verb_of_saying(text: str, lines: list[tuple[str, str]]) -> None:
    assert said(plan(text)) == lines


def test_a_thing_that_speaks_is_seen_speaking_and_is_of_the_film() -> None:
    board = plan('A train climbs the hill. "I think I can," said the little train. It reaches the top.')
    assert said(board) == [("Train", "I think I can")]
    assert [s.characters for s in board.shots] == [["train"]] * 3
    board = plan('The moon falls into the pond. "A little," whispered the moon. Pim laughs. The moon put it on.')
    assert said(board) == [("Moon", "A little")]
    assert [s.characters for s in board.shots] == [["moon"], ["moon"], ["pim"], ["moon"]]
    assert "Moon" not in [c.name for c in plan("The moon rises. Pim laughs. The moon falls.").bible.characters]


def test_a_quotation_and_who_says_it_after_a_full_stop_are_one_shot() -> None:
    board = plan('A seed lies in the earth. "Grow!" Robo says. The seed grows.')
    assert [s.prompt for s in board.shots] == ["A seed lies in the earth.", '"Grow!" Robo says.', "The seed grows."]
    assert said(board) == [("Robo", "Grow!")]
    board = plan('"We did it!" Tom shouted, and the crowd cheered. Nora smiled.')
    assert said(board) == [("Tom", "We did it!")]
    assert len(plan('"Stop!" One day Tom says, "I go." A dog barks.').shots) == 3


@pytest.mark.parametrize(
    ("text", "shots", "lines"),
    [
        ('Mara says, "I miss him." Tom calls a taxi.', ['Mara says, "I miss him."', "Tom calls a taxi."],
         [("Mara", "I miss him.")]),
        ('Mara sighs and says: "The bill, please." Ben asks for the time.',
         ['Mara sighs and says: "The bill, please."', "Ben asks for the time."], [("Mara", "The bill, please.")]),
        ('Tom whispers to Mara, "Run!" Eva screams.', ['Tom whispers to Mara, "Run!"', "Eva screams."],
         [("Tom", "Run!")]),
        ('Mara: "Come home." Tom cries.', ["Mara speaks", "Tom cries."], [("Mara", "Come home.")]),
        ('On the phone: "Hello?" Mara says.', ['On the phone: "Hello?" Mara says.'], [("Mara", "Hello?")]),
        ('Tom reads: "Dear Eva." Eva cries.', ['Tom reads: "Dear Eva."', "Eva cries."], []),
        ('Mara says, "Hi." "Grow!" Robo says.', ['Mara says, "Hi."', '"Grow!" Robo says.'],
         [("Mara", "Hi."), ("Robo", "Grow!")]),
        ('Mara says…"Stop!" Tom stops.', ['Mara says…"Stop!"', "Tom stops."], [("Mara", "Stop!")]),
        ("„Wo bist du?“ Paul ruft laut. Emma winkt.", ["„Wo bist du?“ Paul ruft laut.", "Emma winkt."],
         [("Paul", "Wo bist du?")]),
    ],
)  # fmt: skip
def test_a_line_is_said_by_who_says_it_and_not_by_who_acts_after_it(
    text: str, shots: list[str], lines: list[tuple[str, str]]
) -> None:
    board = plan(text)
    assert ([s.prompt for s in board.shots], said(board)) == (shots, lines)


# --- lines and sentences as people type them -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said_first",
    [
        "I waited at the station for more than an hour, in the rain and in the wind, without a coat.",
        "I waited at the station for more than an hour in the rain, love.",
    ],
)
def test_what_somebody_does_under_a_long_speech_is_no_part_of_it(said_first: str) -> None:
    board = plan(f"Jon: {said_first}\nMia laughs. She gives him her scarf.\nJon: Thanks.")
    assert [s.prompt for s in board.shots] == ["Jon speaks", "Mia laughs.", "She gives him her scarf.", "Jon speaks"]
    assert said(board) == [("Jon", said_first), ("Jon", "Thanks.")]


def test_a_speech_wrapped_over_lines_is_one() -> None:
    words = [
        "I waited at the station for more than an hour in the rain, love,",
        "and I had no coat. The trains were late, all of them, and so it was.",
        "But then you came.",
    ]
    assert said(plan("Jon: " + "\n".join(words) + "\nMia: Thanks."))[0] == ("Jon", " ".join(words))


def test_whoever_writes_in_lower_case_has_a_shot_for_each_sentence() -> None:
    board = plan(
        "music video, dreamy synth pop, around 40 sec. singer with short hair in an empty pool at sunset. she sings. "
        "cut to: neon sign flickering. last shot, she looks into the lens. pastel look. music: synth pop, 100 bpm"
    )
    assert [s.prompt for s in board.shots] == [
        "Singer with short hair in an empty pool at sunset.", "She sings.", "Neon sign flickering.",
        "Last shot, she looks into the lens.",
    ]  # fmt: skip
    assert sum(s.seconds for s in board.shots) == 40
    assert [len(s.characters) for s in board.shots] == [1, 1, 0, 1]
    assert board.bible.style.look == "pastel look"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('the team meets at 3 p.m. in the hall. dr. adams says "stop! now" and leaves.', 2),
        ("She waits. then he runs. And so on.", 2), ("hello there! who are you? a dog barks.", 3),
    ],
)  # fmt: skip
def test_small_letters_end_a_sentence_only_where_it_began_with_one(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


@pytest.mark.parametrize("gap", [" ", "\n\n"])
def test_an_ads_slogan_is_one_card_in_its_own_words(gap: str) -> None:
    board = plan(
        gap.join(["Ad for Glimm lamps, 20 seconds. A cyclist rides home.", "Glimm.", "See the road, be the road."])
    )
    assert [s.title or s.prompt for s in board.shots] == [
        "A cyclist rides home.", "Glimm.", "See the road, be the road.",
    ]  # fmt: skip


def test_who_acted_before_is_said_again_only_where_a_verb_follows() -> None:
    board = plan("A herd drinks as the sun rises, hundreds of birds lifting off behind them. A cat wakes, stretches.")
    assert [s.prompt for s in board.shots] == [
        "A herd drinks as the sun rises, hundreds of birds lifting off behind them.", "A cat wakes",
        "The cat stretches.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('Ida stares. "Moon," she asked, "could you shine less?"', [("Ida", "Moon, could you shine less?")]),
        ('"Captain," said Lotte, "the engine burns!"', [("Lotte", "Captain, the engine burns!")]),
        ('Tom says, "Hello," and Anna says, "Good day."', [("Tom", "Hello"), ("Anna", "Good day.")]),
        ('"No," says Tom. "Yes."', [("Tom", "No"), ("Tom", "Yes.")]),
    ],
)  # fmt: skip
def test_a_sentence_that_who_says_it_divides_is_one_line(text: str, lines: list[tuple[str, str]]) -> None:
    assert said(plan(text)) == lines


def test_the_seconds_that_an_item_ends_with_are_its_length_and_no_word_of_it() -> None:
    board = plan('1. A door opens, close up. 2s\n2. End card "Elm Street 9" 3 sec\n3. A runner waits 3 seconds.')
    assert [(s.title or s.prompt, s.seconds) for s in board.shots][:2] == [
        ("A door opens, close up.", 2.0), ("Elm Street 9", 3.0),
    ]  # fmt: skip
    assert board.shots[2].prompt == "A runner waits 3 seconds."


def test_what_follows_the_brackets_after_a_name_tells_of_them_up_to_what_they_do() -> None:
    script = (
        "INT. HALL - DAY\n\nVIKTOR (60), thin, grey cardigan, stamps a form.\n\n"
        "NOOR (10), yellow boots, dripping wet, stands there.\n\nOn a bench sits SAM (6), eating a sandwich.\n\n"
        "MARA (60s, grey coat) enters, and Viktor nods.\n"
    )
    assert [(c.name, c.description) for c in plan(script, "fountain").bible.characters] == [
        ("Viktor", "60, thin, grey cardigan"), ("Noor", "10, yellow boots, dripping wet"), ("Sam", "6"),
        ("Mara", "60s, grey coat"),
    ]  # fmt: skip


def test_a_short_reply_stays_in_the_shot_before_it_only_where_its_speaker_is_seen() -> None:
    script = "INT. HALL - DAY\n\n{}\n\nNOOR\nI lost my brother today.\n\nVIKTOR\nColour?\n"
    board = plan(script.format("Noor waits."), "fountain")
    assert [[line.text for line in shot.lines] for shot in board.shots] == [
        [],
        ["I lost my brother today."],
        ["Colour?"],
    ]


@pytest.mark.parametrize(
    ("text", "cast"),
    [
        ("Mia waits. Anna helps her stand.", [["mia"], ["anna", "mia"]]),
        ("Mia waits. Anna gives her bread.", [["mia"], ["anna", "mia"]]),
        ("Mia waits. Anna lifts her bag.", [["mia"], ["anna"]]),
        ("Mia waits. Anna hands her coat to a waiter.", [["mia"], ["anna", "waiter"]]),
        ("Mia waits. Anna helps her mother.", [["mia"], ["anna", "mother"]]),
    ],
)
def test_her_is_somebody_where_she_gets_or_does_what_follows(text: str, cast: list[list[str]]) -> None:
    assert [shot.characters for shot in plan(text).shots] == cast


def test_words_that_only_place_a_picture_in_the_film_are_not_in_it_and_are_kept() -> None:
    board = plan(
        '- start with a wide shot of the harbour\n- then a boat leaves\n- end w/ the logo "Seal Tours" on black'
    )
    assert [shot.prompt for shot in board.shots] == [
        "A wide shot of the harbour", "then a boat leaves", "Title card: Seal Tours",
    ]  # fmt: skip
    assert "the brief: start with" in board.shots[0].why
    board = plan("Open on a pier. A man waits. Close on his hands. We end on the sea. The shops open on Sunday.")
    assert [shot.prompt for shot in board.shots] == [
        "A pier.", "A man waits.", "Close on his hands.", "The sea.", "The shops open on Sunday.",
    ]  # fmt: skip


def test_the_line_that_heads_a_shot_list_is_no_shot_and_is_kept() -> None:
    board = plan("SHOT LIST — Elm Street 9\n1. A door opens.\n2. A man waves.")
    assert [shot.prompt for shot in board.shots] == ["A door opens.", "A man waves."]
    assert "the brief: SHOT LIST — Elm Street 9" in board.shots[0].why
    assert plan("A storyboard falls off the wall. A man waves.").shots[0].prompt == "A storyboard falls off the wall."


@pytest.mark.parametrize(
    ("text", "cast"),
    [
        ("Anna teaches her son chess in the garden.", ["Anna", "Son"]),
        ("A woman tells her husband about the storm.", ["Woman", "Husband"]),
        ("Mia waits. Anna gives her kite back.", ["Mia", "Anna"]),
        ("London with an old bridge and Big Ben behind. A man walks.", ["Man"]),
        ("Inge in a red coat and Paris in spring.", ["Inge"]),
        ("Mia in a red coat and Tom walk.", ["Mia", "Tom"]),
    ],
)
def test_who_is_theirs_is_seen_and_a_place_is_nobody(text: str, cast: list[str]) -> None:
    assert [who.name for who in plan(text).bible.characters] == cast


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Shot list: a fisherman rows out at dawn. He casts a net.", "A fisherman rows out at dawn"),
        ("Storyboard, three shots: a boy runs. He falls. He laughs.", "A boy runs"),
        ("Open on Sundays. A baker opens the shop.", "Open on Sundays."),
        ("Start on time. A train leaves.", "Start on time."),
        ("Start with me! shouts a boy.", "Start with me"),
    ],
)
def test_what_only_sounds_like_an_order_is_filmed_whole(text: str, first: str) -> None:
    assert first in plan(text).shots[0].prompt


def test_every_shot_of_a_film_whose_length_is_given_says_so() -> None:
    board = plan("A 7 second film. A red ball moves left on grass. A blue star falls at night.")
    assert sum(shot.seconds for shot in board.shots) == 7
    assert all(asked_for(shot.why) for shot in board.shots)
    board = plan(
        "| shot | length | picture |\n| --- | --- | --- |\n| 1 | 9 s | A ball rolls. |\n| 2 | | A star falls. |",
        "markdown",
    )
    assert [asked_for(shot.why) for shot in board.shots] == [True, False]
