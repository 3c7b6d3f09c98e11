import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Bible, Brief, Character, Place, Storyboard, Style
from reelgraph.video_tools.planning.briefs import brief_of_text, read_brief
from reelgraph.video_tools.planning.files import parse_mapping
from reelgraph.video_tools.planning.fountain import elements
from reelgraph.video_tools.planning.lengths import scale
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.rules import faults_against

EXAMPLES = Path(__file__).parent.parent / "examples" / "briefs"


def plan(text: str, **more: object) -> Storyboard:
    bible = more.pop("bible", None)
    return plan_offline(brief_of_text(text, **more), bible=bible)  # type: ignore[arg-type]


def prompts(storyboard: Storyboard) -> list[str]:
    return [shot.prompt for shot in storyboard.shots]


def who(storyboard: Storyboard) -> list[list[str]]:
    return [shot.characters for shot in storyboard.shots]


# --- nothing is dropped ----------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def told_by(storyboard: Storyboard) -> set[str]:
    told = [storyboard.title, storyboard.bible.style.look]
    for scene in storyboard.scenes:
        told.append(scene.heading)
        for shot in scene.shots:
            told += [shot.prompt, shot.title, *shot.why, *(f"{line.text} {line.manner}" for line in shot.lines)]
    names = [f"{c.name} {c.description} {' '.join(c.aliases)}" for c in storyboard.bible.characters]
    return set(words_of(" ".join([*told, *names])))


SENTENCE = st.lists(
    st.sampled_from(
        [
            "the",
            "an",
            "old",
            "keeper",
            "Mara",
            "climbs",
            "stairs",
            "and",
            "then",
            "lights",
            "lamp",
            ",",
            ";",
            "she",
            "he",
            "it",
            "sea",
            "storm",
            "quickly",
            "runs",
            "into",
            "red",
            "dogs",
            "bark",
            "at",
            "night",
            "because",
            "when",
            "who",
            "Tom's",
            '"Stop!"',
            "says",
            "—",
            "(softly)",
            "3",
            "café",
            "守る",
            "кот",
            "...",
            ":",
            "and,",
            "finally,",
            "he",
            "laughs",
            "Mara: Stay.",
            "He nods. Camera: low angle.",
            "Title: Home.",
            "He nods. Hero: a fox.",
            "Slow motion: rain falls.",
            '27"',
            "„Wo?“",
        ]
    ),
    min_size=1,
    max_size=24,
).map(" ".join)
TEXT = st.lists(SENTENCE, min_size=1, max_size=6).map(". ".join)


@settings(max_examples=150)
@given(TEXT | st.text(max_size=200))
@example("The cat sits. And the old man laughs.")
@example("The fox laughs, and the old man runs.")
@example("the. 3. the")
def test_no_word_of_prose_is_dropped(text: str) -> None:
    try:
        brief = Brief(text=text, form="prose")
        storyboard = plan_offline(brief)
    except (InvalidRequest, ValueError):
        assert not re.search(r"[^\W_]", text), "only a text without words has nothing to see"
        return
    text = re.sub(r"(?m)^[ \t]*\d{1,3}[.)][ \t]", "", text)  # the numbers of a list are no words of it
    assert set(words_of(text)) - {"title"} <= told_by(storyboard)


@settings(max_examples=80)
@given(st.lists(st.sampled_from(
    ["INT. ROOM - DAY", "", "", "MARA", "Hello there, old friend.", "(softly)", "She opens the door. Rain.", "CUT TO:",
     "> CUT TO:", "# Act One", "= What happens", "[[a note]]", "/* gone */", "~la la la", "> THE END <", "!BANG",
     ".ATTIC", "@Jon", "TOM ^", "===",
     "The fox runs, jumps over the fence, and then hides."]
), min_size=1, max_size=14).map("\n".join))  # fmt: skip
def test_no_word_of_a_screenplay_is_dropped(text: str) -> None:
    visible = [
        e for e in elements(text) if e.kind not in ("boneyard", "page_break", "title") and re.search(r"\w", e.text)
    ]
    try:
        storyboard = plan_offline(Brief(text=text or " ", form="fountain"))
    except InvalidRequest:
        assert all(e.kind in ("transition", "section", "synopsis", "note", "boneyard") for e in visible)
        return
    told = told_by(storyboard)
    for element in visible:
        assert set(words_of(element.text)) <= told, element


@pytest.mark.parametrize("name", ["lighthouse.fountain", "red_kite.txt", "clockmaker.md"])
def test_spans_cover_the_brief_and_hold_each_shots_words(name: str) -> None:
    brief = read_brief(EXAMPLES / name)
    storyboard = plan_offline(brief)
    last = 0
    for shot in storyboard.shots:
        assert shot.span is not None
        said = brief.text[shot.span.start : shot.span.end]
        assert shot.span.start >= last, "the brief's order is kept"
        last = shot.span.start
        carried = "acts here too" in " ".join(shot.why)
        if shot.kind == "shot" and "speaks" not in shot.prompt and not carried:
            assert words_of(shot.prompt)[-1] in words_of(said)
        assert shot.why
    covered = set().union(*(range(s.span.start, s.span.end) for s in storyboard.shots if s.span))
    missing = "".join(sign for at, sign in enumerate(brief.text) if at not in covered)
    headings = " ".join(scene.heading for scene in storyboard.scenes)
    notes = " ".join(why for shot in storyboard.shots for why in shot.why)
    assert set(words_of(missing)) <= set(words_of(f"{headings} {notes}"))
    assert faults_against(brief, storyboard) == []


# --- beats -----------------------------------------------------------------------------------------------------------


def test_each_event_of_a_sentence_is_a_shot_with_its_subject() -> None:
    assert prompts(plan("A bee flies into a hive, does a waggle dance, and then shares nectar.")) == [
        "A bee flies into a hive",
        "The bee does a waggle dance",
        "And then the bee shares nectar.",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A red, white and blue flag waves in the wind.", 1),
        ("When the rain stops, a snail crosses the road.", 1),
        ("A boy buys apples, pears, and plums.", 1),
        ("The team attacks, breaking through the defence with fast passes.", 1),
        ("The cat sleeps; the mouse dances.", 2),
        ("Waves crash, gulls scream, and the boat sinks.", 3),
        ("A chess piece is moved across the board, placed on a square, and then captured.", 3),
        ("Dr. Smith opens the door at 3.5 m. He waits...", 2),
    ],
)
def test_sentences_split_at_events_only(text: str, count: int) -> None:
    assert len(plan(text).shots) == count, prompts(plan(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("一只猫在屋顶上睡觉。它醒来，看着月亮！", 2),
        ("猫は屋根の上で眠る。「おはよう。」と言った。月が出た。", 3),
        ("الرجل يمشي في المطر. هل يجد كلبا؟ نعم.", 3),
        ("एक लड़की नाचती है। बारिश होती है।", 2),
        ("Ein Mann geht durch den Regen. Er findet einen Hund.", 2),
        ("« Bonjour ! » dit Élodie. Elle part.", 2),
    ],
)
def test_sentences_of_any_script_are_found(text: str, count: int) -> None:
    storyboard = plan(text)
    assert len(storyboard.shots) == count, prompts(storyboard)


def test_items_of_a_list_are_one_shot_each() -> None:
    storyboard = plan("1. A fox runs, jumps, and then hides.\n2. The snow falls. It is quiet.\n- An owl looks up.")
    assert prompts(storyboard) == [
        "A fox runs, jumps, and then hides.", "The snow falls. It is quiet.", "An owl looks up.",
    ]  # fmt: skip


# --- speech ----------------------------------------------------------------------------------------------------------


def test_dialogue_stays_dialogue_with_its_speakers() -> None:
    storyboard = plan_offline(read_brief(EXAMPLES / "lighthouse.fountain"))
    said = [(line.character, line.text, line.manner) for shot in storyboard.shots for line in shot.lines]
    assert said == [
        ("oda", "Last one. No wind, please.", ""),
        ("glim", "Will I do?", "very small voice"),
        ("oda", "Hold your breath and shine.", ""),
        ("glim", "Can we do that again?", "V.O."),
    ]
    assert [(c.id, c.name, c.kind) for c in storyboard.bible.characters] == [
        ("oda", "Oda", "person"),
        ("orange-fishing-boat", "Orange fishing boat", "object"),
        ("match", "Match", "object"),
        ("glim", "Glim", "animal"),
    ]


@pytest.mark.parametrize(
    ("text", "speaker", "words"),
    [
        ('"Not even once," sighs Ambrose.', "Ambrose", "Not even once"),
        ('Ambrose turns and says, "Not even once."', "Ambrose", "Not even once."),
        ("“Stop!” the old keeper shouts.", "Keeper", "Stop!"),
        ("Mara: Not tonight.", "Mara", "Not tonight."),
        ("MARA (softly): Not tonight.", "Mara", "Not tonight."),
        ("Narrator: It was night.", "", "It was night."),
    ],
)
def test_speech_in_prose_finds_its_speaker(text: str, speaker: str, words: str) -> None:
    storyboard = plan(f"Mara waits. {text}" if ":" not in text else f"A door opens.\n\n{text}")
    (line,) = [line for shot in storyboard.shots for line in shot.lines]
    found = storyboard.bible.character(line.character)
    assert (found.name if found else "", line.text) == (speaker, words)


def test_sign_in_quotation_marks_is_not_said() -> None:
    assert not [
        line for shot in plan('A sign reads "Closed." A shop called "Lilac" is dark.').shots for line in shot.lines
    ]


def test_long_paragraph_is_gathered_into_shots_and_a_long_voice_goes_on() -> None:
    storyboard = plan(
        "INT. GATE - NIGHT\n\nA MAN (50s, loosened tie) snores. His phone buzzes on the floor. NORA looks at it. "
        "It buzzes again. She picks it up, hesitates, and answers.\n\nINTERCUT - PHONE CALL\n\nNORA (V.O.)\n"
        "I missed my flight. I did not mind at all, because for eleven minutes I had been the only person in the world "
        "who knew, and I carried "
        "it across a room like a full glass of water.\n"
    )
    assert [(s.prompt, len(s.lines)) for s in storyboard.shots] == [
        ("A MAN (50s, loosened tie) snores. His phone buzzes on the floor. NORA looks at it.", 0),
        ("It buzzes again.", 0),
        ("She picks it up, hesitates, and answers.", 1),
        ("Gate", 1),
        ("Gate", 1),
    ]
    man = (
        storyboard.bible.characters[0]
        if storyboard.bible.characters[0].name == "Man"
        else storyboard.bible.characters[1]
    )
    assert man.description == "A MAN; 50s, loosened tie"
    assert "the script says 'INTERCUT - PHONE CALL'" in " ".join(why for s in storyboard.shots for why in s.why)


# --- cast ------------------------------------------------------------------------------------------------------------


def test_characters_are_followed_through_pronouns_and_later_mentions() -> None:
    storyboard = plan(
        "Mara, an old keeper in a red coat, feeds a gull. The gull steals her hat. The keeper laughs. It flies off. "
        "She waves."
    )
    assert [(c.id, c.kind, c.description) for c in storyboard.bible.characters] == [
        ("mara", "person", "an old keeper in a red coat"),
        ("gull", "animal", "a gull"),
    ]
    assert who(storyboard) == [["mara", "gull"], ["gull", "mara"], ["mara"], ["gull"], ["mara"]]


def test_two_of_a_kind_are_told_apart_by_their_words() -> None:
    storyboard = plan("A tall man meets a short man. The tall man bows. The short man runs away.")
    first, second = [c.id for c in storyboard.bible.characters]
    assert who(storyboard) == [[first, second], [first], [second]]


def test_known_character_keeps_id_words_and_colours() -> None:
    mara = Character(id="keeper-7", name="Mara", description="grey braid", palette=["#123456"], aliases=["the keeper"])
    place = Place(id="home", name="Lighthouse", palette=["#ffffff"])
    bible = Bible(characters=[mara], places=[place], style=Style(look="ink"))
    storyboard = plan("INT. LIGHTHOUSE - NIGHT\n\nMara climbs. A dog barks.\n", bible=bible)
    assert storyboard.bible.characters[0] == mara
    assert storyboard.bible.places == [place]
    assert storyboard.bible.style.look == "ink"
    assert storyboard.shots[0].characters[0] == "keeper-7"


def test_colours_are_the_described_ones_else_distinct() -> None:
    storyboard = plan("A girl in a red coat meets a boy. A man waves. A woman nods.")
    palettes = [c.palette for c in storyboard.bible.characters]
    assert palettes[0][0] == "#c8372d"
    assert len({p[0] for p in palettes}) == 4


# --- how it is filmed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size", "camera", "angle"),
    [
        ("Extreme close-up of an eye.", "extreme_close", "still", "eye"),
        ("Low angle: a giant steps over the wall.", "wide", "still", "low"),
        ("The camera slowly pans left across the valley.", "wide", "pan_left", "eye"),
        ("Overhead shot of a market, zooming out.", "wide", "zoom_out", "overhead"),
        ("CU - the letter.", "close", "still", "eye"),
        ("Handheld: she runs.", "wide", "handheld", "eye"),
        ("Tracking shot of a fox.", "wide", "truck_right", "eye"),
        ("Drone shot of the coast at dawn.", "extreme_wide", "pan_right", "high"),
    ],
)
def test_words_about_the_camera_decide(text: str, size: str, camera: str, angle: str) -> None:
    shot = plan(text).shots[0]
    assert (shot.size, shot.camera, shot.angle) == (size, camera, angle), shot.why


def test_coverage_establishes_then_approaches_and_never_repeats_a_size_three_times() -> None:
    text = " ".join(
        f"The man {verb} the box." for verb in ("sees", "lifts", "opens", "shakes", "closes", "keeps", "hides")
    )
    sizes = [shot.size for shot in plan(text).shots]
    assert sizes[0] == "wide"
    assert all(len(set(sizes[n : n + 3])) > 1 for n in range(len(sizes) - 2))


# --- lengths ---------------------------------------------------------------------------------------------------------


def test_length_follows_from_what_is_said_and_done() -> None:
    short, long = plan("INT. A\n\nMARA\nNo.\n\nMARA\n" + "word " * 20 + "\n").shots
    assert short.seconds == 1.0
    assert long.seconds == 9.0  # 20 words at 2.5 a second, and 0.6 s around them
    quick, slow = plan("A door slams. A man climbs the hill.").shots
    assert quick.seconds < slow.seconds


@pytest.mark.parametrize("seconds", [8, 12.5, 30, 61.3, 240])
def test_film_is_as_long_as_was_asked(seconds: float) -> None:
    storyboard = plan_offline(read_brief(EXAMPLES / "red_kite.txt", seconds=seconds))
    assert sum(shot.seconds for shot in storyboard.shots) == pytest.approx(seconds, abs=1e-9)


def test_length_is_read_from_the_brief_and_too_short_a_film_is_refused() -> None:
    assert sum(s.seconds for s in plan("A 20-second ad. A cup steams. A hand takes it.").shots) == 20
    with pytest.raises(InvalidRequest, match=r"2 s is too short for 9 shots: ask for at least 8 s"):
        plan_offline(read_brief(EXAMPLES / "red_kite.txt", seconds=2))


@given(st.lists(st.floats(0.1, 30), min_size=1, max_size=40), st.floats(1, 5))
def test_scaled_lengths_add_up_and_respect_the_least(lengths: list[float], factor: float) -> None:
    least = [length / 3 for length in lengths]
    total = round(sum(lengths) * factor, 2) + 0.5
    scaled = scale(lengths, least, total)
    assert sum(scaled) == pytest.approx(total, abs=1e-6)
    assert all(got >= want - 1e-6 for got, want in zip(scaled, least, strict=True))


# --- places, times, titles, transitions -----------------------------------------------------------------------------


def test_scenes_share_a_place_however_its_heading_is_written() -> None:
    storyboard = plan(
        "INT. LAMP ROOM - NIGHT\n\nA lamp.\n\nEXT. SEA - DAWN\n\nWaves.\n\nInt. Lamp Room -- DAY\n\nDust.\n\n"
        "DISSOLVE TO:\n\nEXT. SEA - DAY\n\nCalm.\n"
    )
    assert [(p.id, p.name) for p in storyboard.bible.places] == [("lamp-room", "Lamp room"), ("sea", "Sea")]
    assert [(s.place, s.time) for s in storyboard.scenes] == [
        ("lamp-room", "NIGHT"), ("sea", "DAWN"), ("lamp-room", "DAY"), ("sea", "DAY"),
    ]  # fmt: skip
    assert [s.transition.kind for s in storyboard.shots] == ["cut", "cut", "cut", "crossfade"]


def test_place_of_prose_holds_until_the_words_go_elsewhere() -> None:
    storyboard = plan(
        "A chef chops onions in a busy kitchen. Tears run down his face. At dawn he walks into the garden. He breathes."
    )
    assert [(s.place, s.time) for s in storyboard.shots] == [
        ("busy-kitchen", ""), ("busy-kitchen", ""), ("garden", "dawn"), ("garden", "dawn"),
    ]  # fmt: skip
    assert [s.id for s in storyboard.shots] == ["s01-01", "s01-02", "s02-01", "s02-02"]
    assert [p.name for p in storyboard.bible.places] == ["Busy kitchen", "Garden"]


def test_headings_of_markdown_are_scenes_with_place_and_time() -> None:
    storyboard = plan_offline(read_brief(EXAMPLES / "clockmaker.md"))
    assert [(s.heading, s.place, s.time) for s in storyboard.scenes[1:]] == [
        ("The workshop at night", "workshop", "night"),
        ("The workshop, later that night", "workshop", "night"),
        ("The street at dawn", "street", "dawn"),
    ]
    assert storyboard.bible.style.look == "warm gouache, soft paper grain"


def test_table_of_shots_is_one_shot_a_row() -> None:
    storyboard = plan(
        """| # | Shot | Camera | Length | Dialogue | Mood |
| --- | --- | --- | ---: | --- | --- |
| 1 | A fox waits at a bus stop, yawns, and then sits. | wide shot, pan left | 3 s | | dusty |
| 2 | The bus arrives \\| late. | close-up | 2.5 | Fox (sadly): At last. | |
| 3 | Night falls. | | | Narrator: It was the wrong bus. | |
""".replace("\\\\", "\\")
    )
    assert [(s.prompt, s.size, s.camera, s.seconds) for s in storyboard.shots] == [
        ("A fox waits at a bus stop, yawns, and then sits.", "wide", "pan_left", 3.0),
        ("The bus arrives | late.", "close", "still", 2.5),
        ("Night falls.", "medium", "still", 3.5),
    ]
    assert [(line.text, line.character, line.manner) for s in storyboard.shots for line in s.lines] == [
        ("At last.", "fox", "sadly"),
        ("It was the wrong bus.", "", ""),
    ]
    assert "Mood: dusty" in storyboard.shots[0].why


def test_pictures_in_a_row_are_shots_and_an_ads_last_words_a_card() -> None:
    storyboard = plan(
        "Ad for a coffee brand: morning light, a hand pours coffee, steam rises, a woman smiles. Wake up slow."
    )
    assert [(s.prompt, s.title) for s in storyboard.shots] == [
        ("Morning light", ""), ("A hand pours coffee", ""), ("Steam rises", ""), ("A woman smiles.", ""),
        ("Title card: Wake up slow.", "Wake up slow."),
    ]  # fmt: skip
    assert "the brief: Ad for a coffee brand:" in storyboard.shots[0].why


def test_lines_of_an_ad_brief_are_what_their_labels_say() -> None:
    storyboard = plan(
        "Product: AquaPure bottle\nDuration: 20 seconds\nVisual: A hiker climbs a trail.\nVisual: She drinks.\n"
        "VO: Pure as the source.\nTagline: Drink the mountain."
    )
    assert [(s.prompt, s.title, [line.text for line in s.lines]) for s in storyboard.shots] == [
        ("A hiker climbs a trail.", "", []),
        ("She drinks.", "", ["Pure as the source."]),
        ("Title card: Drink the mountain.", "Drink the mountain.", []),
    ]
    assert "the brief: Product: AquaPure bottle" in storyboard.shots[0].why


def test_verses_are_a_shot_a_line_under_their_headings() -> None:
    storyboard = plan("Verse 1\nI left my heart in a paper town\nWhere the rain comes down\nChorus\nRun with me\n")
    assert [scene.heading for scene in storyboard.scenes] == ["Verse 1", "Chorus"]
    assert prompts(storyboard) == ["I left my heart in a paper town", "Where the rain comes down", "Run with me"]


def test_what_is_ordered_is_no_shot_but_is_kept() -> None:
    storyboard = plan("A 15-second ad for running shoes. A runner ties her laces. She sprints.")
    assert len(storyboard.shots) == 2
    assert "the brief: A 15-second ad for running shoes." in storyboard.shots[0].why


@pytest.mark.parametrize(
    ("text", "cast"),
    [
        ("A woman walks her dog Bruno. Bruno barks.", [("Woman", "person"), ("Bruno", "animal")]),
        ("Two friends, Mia in a blue coat and Tom, meet. They laugh.", [("Mia", "person"), ("Tom", "person")]),
        ("A firefly, GLIM (tiny), lands.", [("Glim", "animal")]),
        ("A robot gardener waters plants. The robot hums.", [("Robot gardener", "person")]),
        ("A child builds a snowman. The snowman melts.", [("Child", "person"), ("Snowman", "object")]),
        ("A paper crane turns into a real bird, and then flies off.", [("Real bird", "animal")]),
        ("Grandma bakes a pie. The cat watches.", [("Grandma", "person"), ("Cat", "animal")]),
        ("The wind blows. Rain falls. Darkness comes.", []),
        ("Suddenly, the door opens. However, nobody enters.", []),
        ("His opponent, a young girl, smiles.", [("Opponent", "person")]),
    ],
)
def test_cast_of_everyday_sentences(text: str, cast: list[tuple[str, str]]) -> None:
    assert [(c.name, c.kind) for c in plan(text).bible.characters] == cast


@pytest.mark.parametrize(
    ("text", "cast", "seen"),
    [
        ("El gato negro duerme. De repente salta sobre una niña. Ella se ríe.", ["Gato", "Niña"], [[0], [1], [1]]),
        ("Une petite fille marche. Un hibou la regarde. Elle sourit.", ["Fille", "Hibou"], [[0], [1], [0]]),
        ("Eine alte Frau füttert Tauben. Ein Junge kommt. Er lacht.", ["Frau", "Taube", "Junge"], [[0, 1], [2], [2]]),
        ("Старый смотритель идёт. Он зажигает лампу. Собака лает.", ["Смотритель", "Собака"], [[0], [0], [1]]),
        ("一个小女孩放风筝。老渔夫来了。她笑了。", ["女孩", "渔夫"], [[0], [1], [0]]),
        ("おばあさんが狐に出会う。狐は鳴く。", ["おばあさん", "狐"], [[0, 1], [1]]),
        ("رجل يجلس في الحديقة. تأتي طفلة. يبتسم الرجل.", ["رجل", "طفلة"], [[0], [1], [0]]),
        ("ילדה רצה בשדה. הכלב נובח. היא צוחקת.", ["ילדה", "כלב"], [[0], [1], [0]]),
        ("एक लड़की नाचती है। किसान देखता है।", ["लड़की", "किसान"], [[0], [1]]),
    ],
)
def test_cast_of_other_languages_is_found_and_followed(text: str, cast: list[str], seen: list[list[int]]) -> None:
    storyboard = plan(text)
    ids = [c.id for c in storyboard.bible.characters]
    assert [c.name for c in storyboard.bible.characters] == cast
    assert [[ids.index(id_) for id_ in shot] for shot in who(storyboard)] == seen


def test_sentences_that_say_who_somebody_is_are_no_shots() -> None:
    storyboard = plan(
        "# The Long Way\n\nPip is a red ball. Bo is a blue box.\n\nPip rolls right across the desert. "
        "Pip rolls right over the sea. Bo waits on the grass. Night comes, and Bo spins under the stars. "
        "Pip falls down in the night sky.\n"
    )
    assert [(c.id, c.kind, c.description, c.palette[0]) for c in storyboard.bible.characters] == [
        ("pip", "object", "a red ball", "#c8372d"), ("bo", "object", "a blue box", "#2f6bb3"),
    ]  # fmt: skip
    assert [(s.prompt, s.characters, s.place, s.time) for s in storyboard.shots[1:]] == [
        ("Pip rolls right across the desert.", ["pip"], "desert", ""),
        ("Pip rolls right over the sea.", ["pip"], "sea", ""),
        ("Bo waits on the grass.", ["bo"], "grass", ""),
        ("Night comes, and Bo spins under the stars.", ["bo"], "grass", "night"),
        ("Pip falls down in the night sky.", ["pip"], "night-sky", "night"),
    ]
    assert "the brief: Pip is a red ball." in storyboard.shots[1].why


def test_known_thing_is_recognised_by_its_name() -> None:
    known = [
        Character(id=n.lower(), name=n, kind="object", description=f"a {c} ball")
        for n, c in (("Fafa", "red"), ("Nuni", "blue"))
    ]
    storyboard = plan("Fafa moves down at sea. Nuni moves down at sea. Fafa spins.", bible=Bible(characters=known))
    assert storyboard.bible.characters == known
    assert who(storyboard) == [["fafa"], ["nuni"], ["fafa"]]


def test_they_are_everybody_of_the_moment() -> None:
    assert who(plan("Sarah meets John. They laugh."))[1] == ["sarah", "john"]


def test_it_is_a_thing_of_the_same_moment_and_weather_is_nobody() -> None:
    storyboard = plan("A boy loses his balloon. He chases it. It is Sunday. It rains.")
    assert who(storyboard) == [["boy", "balloon"], ["boy", "balloon"], [], []]


def test_unsigned_speech_is_said_by_who_acted_last() -> None:
    storyboard = plan('A girl opens the letter. "He is alive."')
    assert [line.character for line in storyboard.shots[1].lines] == ["girl"]


def test_empty_clips_of_a_timeline_are_a_plan(tmp_path: Path) -> None:
    import opentimelineio as otio

    def clip(name: str, frames: int, **metadata: str) -> otio.schema.Clip:
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(frames, 24))
        return otio.schema.Clip(name=name, source_range=span, metadata=metadata)

    track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
    half = otio.opentime.RationalTime(6, 24)
    track.append(clip("a red ball rolls", 48))
    track.append(otio.schema.Transition("dissolve", otio.schema.Transition.Type.SMPTE_Dissolve, half, half))
    track.append(clip("sc2", 60, comment="the ball falls into the sea"))
    track.append(otio.schema.Gap(duration=otio.opentime.RationalTime(24, 24)))
    track.append(clip("credits", 36))
    timeline = otio.schema.Timeline("Ball")
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "ball.otio"))
    storyboard = plan_offline(read_brief(tmp_path / "ball.otio"))
    assert [(s.id, s.prompt, s.seconds, s.transition.kind, s.transition.seconds) for s in storyboard.shots] == [
        ("s01-01", "a red ball rolls", 2.0, "cut", None),
        ("s01-02", "sc2. the ball falls into the sea", 2.5, "crossfade", 0.5),
        ("s02-01", "credits", 1.5, "cut", None),
    ]
    assert storyboard.title == "Ball"


def test_title_is_a_card_of_its_own() -> None:
    shot = plan("Title: Night\n\nINT. A\n\nA lamp burns.\n").shots[0]
    assert (shot.kind, shot.title, shot.seconds) == ("title", "Night", 2.5)
    assert plan("# Night\n\nA lamp burns.").shots[0].title == "Night"


def test_same_brief_gives_the_same_plan() -> None:
    brief = read_brief(EXAMPLES / "clockmaker.md")
    assert plan_offline(brief) == plan_offline(brief)


def test_feature_length_screenplay_is_planned_in_seconds() -> None:
    import time

    scene = (EXAMPLES / "lighthouse.fountain").read_text("utf-8").split("FADE IN:")[1]
    pages = scene * 75  # about 40 pages
    started = time.process_time()
    storyboard = plan_offline(Brief(text=pages, form="fountain"))
    assert len(storyboard.shots) > 600
    assert time.process_time() - started < 4  # 25 ms a page, and four times that on a slow machine


def test_many_keys_are_read_in_time_that_grows_with_them() -> None:
    keys = ",".join(f'"key {number}": 1' for number in range(40_000))
    began = time.process_time()
    assert len(parse_mapping(f"{{{keys}}}", "the storyboard")) == 40_000
    assert time.process_time() - began < 2, "comparing each key with all others takes ten times as long"


@pytest.mark.parametrize("end", ["THE END", "The End.", "> THE END <", "FIN."])
def test_end_of_a_screenplay_is_read_and_not_played(end: str) -> None:
    script = f"INT. KITCHEN - DAY\n\nMIA (30) pours tea.\n\nFADE OUT.\n\n{end}\n"
    last = plan_offline(Brief(text=script, form="fountain")).shots[-1]
    assert last.title == end.strip("<> ").rstrip(".") and last.prompt == f"Title card: {last.title}"


def test_an_action_that_only_ends_so_is_played() -> None:
    script = "INT. KITCHEN - DAY\n\nMIA (30) reads the end.\n"
    assert plan_offline(Brief(text=script, form="fountain")).shots[-1].title == ""
