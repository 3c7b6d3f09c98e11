"""What a written storyboard says of who and where, however it names them."""

from fractions import Fraction

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Bible, Brief, Character, Place, Scene, Shot, Storyboard, TakeRequest
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.fit import requests_of
from reelgraph.video_tools.planning.offline import plan_offline


def requests(board: Storyboard, *, panel: bool = False) -> list[TakeRequest]:
    fitted = requests_of(
        board, board.shots, capabilities=Capabilities(panel=panel), backend="b", model="m", width=128, height=72,
        rate=Fraction(24), film="f",
    )  # fmt: skip
    return [request for _, request, _ in fitted]


def test_people_and_places_are_found_by_name_alias_and_id() -> None:
    board = storyboard_from_text(
        """
bible:
  characters: [{id: oda, name: Oda Voss, aliases: [the keeper], description: an old woman}]
  places: [{id: room, name: Lamp room, description: brass and glass}]
shots:
- {prompt: she waits, seconds: 2, characters: [The Keeper], place: lamp room, lines: [{text: Hm., character: Oda Voss}]}
- {prompt: she waits, seconds: 2, characters: [oda], place: room}
"""
    )
    first = board.shots[0]
    assert (first.characters, first.place, first.lines[0].character) == (["oda"], "room", "oda")
    assert requests(board)[0].prompt == "Oda Voss: an old woman. She waits. Lamp room, brass and glass. Wide shot."
    assert requests(board)[1].prompt == requests(board)[0].prompt


def test_place_and_time_of_a_scene_are_those_of_its_shots_that_say_none() -> None:
    board = storyboard_from_text(
        """
scenes:
- place: a cliff
  time: night
  shots:
  - {prompt: waves, seconds: 2}
  - {prompt: gulls, seconds: 2, place: the sea, time: dawn}
  - {prompt: a card, seconds: 2, kind: title, title: Home}
"""
    )
    assert [(shot.place, shot.time) for shot in board.shots] == [("a-cliff", "night"), ("the-sea", "dawn"), ("", "")]
    assert [request.prompt for request in requests(board)] == [
        "Waves. A cliff, night. Wide shot.",
        "Gulls. The sea, dawn. Wide shot.",
        'A title card that reads "Home".',
    ]


def test_heading_of_a_screenplay_says_where_and_when_and_another_heading_nothing() -> None:
    board = storyboard_from_text(
        """
bible: {places: [{id: room, name: Lamp room, description: brass}]}
scenes:
- {heading: INT. LAMP ROOM - NIGHT, shots: [{prompt: a match, seconds: 2}]}
- {heading: EXT. PIER, shots: [{prompt: gulls, seconds: 2}]}
- {heading: Interlude, shots: [{prompt: waves, seconds: 2}]}
- {heading: INT. HALL - DAY, place: room, shots: [{prompt: dust, seconds: 2}]}
"""
    )
    assert [(shot.place, shot.time) for shot in board.shots] == [
        ("room", "NIGHT"),
        ("pier", ""),
        ("", ""),
        ("room", ""),
    ]
    assert [request.prompt for request in requests(board)][:2] == [
        "A match. Lamp room, brass, night. Wide shot.",
        "Gulls. Pier. Wide shot.",
    ]


def test_whoever_is_in_no_bible_gets_an_entry_and_is_drawn() -> None:
    board = storyboard_from_text(
        "shots: [{prompt: she waits, seconds: 2, characters: [mara-voss, Tom], place: pier-9}]"
    )
    assert [(c.id, c.name) for c in board.bible.characters] == [("mara-voss", "Mara Voss"), ("tom", "Tom")]
    assert [(p.id, p.name) for p in board.bible.places] == [("pier-9", "Pier 9")]
    (request,) = requests(board, panel=True)
    assert request.panel and [figure.name for figure in request.panel.figures] == ["Mara Voss", "Tom"]
    assert storyboard_from_text(storyboard_to_yaml(board)) == board


def test_blank_and_repeated_names_are_nobody_more() -> None:
    (shot,) = storyboard_from_text(
        'shots: [{prompt: a, seconds: 2, characters: [Oda, oda, " ", "--"], place: " "}]'
    ).shots
    assert (shot.characters, shot.place) == (["oda", "character"], "")


def test_words_of_a_card_make_a_card() -> None:
    (shot,) = storyboard_from_text("shots: [{prompt: waves, seconds: 2, title: Home}]").shots
    assert (shot.kind, shot.title) == ("title", "Home")


def test_whom_the_project_knows_is_found_by_name() -> None:
    known = Bible(
        characters=[Character(id="oda", name="Oda Voss", description="an old woman"), Character(id="tom", name="Tom")],
        places=[Place(id="room", name="Lamp room", description="brass")],
    )
    text = "shots: [{prompt: she waits, seconds: 2, characters: [Oda Voss], place: Lamp room}]"
    board = plan_offline(Brief(text=text, form="storyboard"), bible=known)
    assert (board.bible.characters, board.bible.places) == (known.characters[:1], known.places)


def test_shot_of_a_film_that_stood_without_the_place_of_its_scene_stays_as_it_was() -> None:
    def scene_of(place: str, *shots: str) -> str:
        return f"scenes: [{{id: s01, place: {place}, shots: [{', '.join(shots)}]}}]"

    waves, gulls = "{id: s01-01, prompt: waves, seconds: 2}", "{id: s01-02, prompt: gulls, seconds: 2}"
    board = storyboard_from_text(scene_of("cliff", waves))
    stood = board.with_shots([board.shots[0].model_copy(update={"place": ""})])
    edited = storyboard_from_text(scene_of("cliff", waves, gulls), earlier=[stood])
    assert [shot.place for shot in edited.shots] == ["", "cliff"]
    moved = storyboard_from_text(scene_of("pier", waves, gulls), earlier=[stood])
    assert [shot.place for shot in moved.shots] == ["pier", "pier"]


def test_storyboards_own_people_and_places_are_meant_before_the_projects() -> None:
    known = Bible(characters=[Character(id="mara", name="Mara")], places=[Place(id="harbour", name="Harbour")])
    board = storyboard_from_text(
        """
bible:
  characters: [{id: hero, name: Mara, description: an old woman}]
  places: [{id: quay, name: Harbour, description: stones}]
shots: [{prompt: a, seconds: 2, characters: [Mara, "mara!"], place: Harbour, lines: [{text: Hm., character: Mara}]}]
""",
        known=known,
    )
    (shot,) = board.shots
    assert (shot.characters, shot.place, shot.lines[0].character) == (["hero", "mara-2"], "quay", "hero")
    assert [place.id for place in board.bible.places] == ["quay"]


def test_place_that_somebody_takes_out_of_a_written_out_storyboard_stays_out() -> None:
    board = storyboard_from_text("scenes: [{place: cliff, shots: [{prompt: waves, seconds: 2}]}]")
    board = board.model_copy(update={"brief": "b"})
    written = storyboard_to_yaml(board)
    own = "seconds: 2.0\n    place: cliff\n"
    assert storyboard_from_text(written, earlier=[board]) == board
    without = storyboard_from_text(written.replace(own, "seconds: 2.0\n"), earlier=[board])
    assert (without.shots[0].place, without.scenes[0].place) == ("", "cliff")
    elsewhere = written.replace(own, "seconds: 2.0\n").replace("place: cliff", "place: pier")
    assert storyboard_from_text(elsewhere, earlier=[board]).shots[0].place == "pier"
    more = f"{written}  - prompt: gulls\n    seconds: 2\n"
    assert storyboard_from_text(more, earlier=[board]).shots[1].place == "cliff"


OLDER = Storyboard(
    brief="b",
    bible=Bible(characters=[Character(id="oda", name="Oda", description="an old woman")]),
    scenes=[
        Scene(
            id="s01",
            place="desert",
            shots=[
                Shot(id="s01-01", prompt="a ball rolls", seconds=2, characters=["ball", "Oda"], place="the sea"),
                Shot(id="s01-02", prompt="a card", seconds=2, title="Home"),
            ],
        )
    ],
)


def test_edit_of_an_older_storyboard_leaves_shots_that_nobody_touched_as_they_were() -> None:
    added = "  - {prompt: a box, seconds: 2, characters: [ball, Oda, box], place: the sea}\n"
    known = Bible(characters=[Character(id="ball", name="Ball", description="red rubber")])
    edited = storyboard_from_text(storyboard_to_yaml(OLDER) + added, earlier=[OLDER], known=known)
    assert edited.shots[:2] == OLDER.shots
    assert requests(edited, panel=True)[:2] == requests(OLDER, panel=True)
    assert requests(edited)[:2] == requests(OLDER)
    assert (edited.shots[2].characters, [c.id for c in edited.bible.characters]) == (
        ["ball", "oda", "box"],
        ["oda", "box"],
    )


def test_scenes_of_one_id_keep_their_own_place_and_time() -> None:
    board = storyboard_from_text(
        """
scenes:
- {id: s01, place: desert, time: night, shots: [{prompt: a, seconds: 2}]}
- {id: s01, place: sea, time: day, shots: [{prompt: b, seconds: 2}]}
"""
    )
    assert [(scene.place, scene.time) for scene in board.scenes] == [("desert", "night"), ("sea", "day")]
    assert [(shot.place, shot.time) for shot in board.shots] == [("desert", "night"), ("sea", "day")]
