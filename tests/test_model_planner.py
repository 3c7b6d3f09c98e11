import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable
from pydantic import TypeAdapter

from reelgraph.video_tools.chat_model import ChatModel
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, TransientFailure
from reelgraph.video_tools.events import PlannerFellBack
from reelgraph.video_tools.film import Bible, Brief, Character, Scene, Shot, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.planning.asking import Asked
from reelgraph.video_tools.planning.briefs import brief_of_text
from reelgraph.video_tools.planning.model import plan_with_model
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.questions import BeatsReply, BibleReply
from reelgraph.video_tools.planning.replies import build_model, read_reply
from reelgraph.video_tools.planning.rules import faults_against
from reelgraph.video_tools.planning.settled import settled
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.scripted import ScriptedModel
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

BRIEF = 'Mara lights the lamp at dusk. A storm comes up. "Not tonight," says Mara.'
BEATS = {
    "beats": [
        {"see": "Mara lights the lamp", "place": "lamp room", "time": "dusk"},
        {"see": "A storm comes up over the sea", "place": "sea"},
        {"see": "Mara shakes her head", "place": "lamp room", "said": [{"who": "Mara", "text": "Not tonight"}]},
    ]
}
BIBLE = {
    "characters": [{"name": "Mara", "description": "an old keeper in a red coat"}],
    "places": [{"name": "lamp room"}],
}
SHOTS = {
    "shots": [
        {"beat": 1, "prompt": "Mara strikes a match", "seconds": 3, "size": "medium", "characters": ["Mara"]},
        {"beat": 2, "prompt": "Black clouds roll in", "seconds": "4", "size": "extreme_wide", "camera": "pan_left"},
        {"beat": 3, "prompt": "Mara shakes her head", "seconds": 0.5, "size": "close", "characters": ["mara"]},
    ]
}


class Plain(ScriptedModel):
    """One that calls no tools, as small models do not."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        raise NotImplementedError


def called(arguments: dict[str, Any]) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": "Reply", "args": arguments, "id": "1"}])


def turn(reply: Any) -> Any:
    """An object is said as JSON, and an error is raised."""

    def broken(messages: Sequence[BaseMessage]) -> str:
        raise reply

    return broken if isinstance(reply, Exception) else json.dumps(reply) if isinstance(reply, dict) else reply


def model(*replies: Any) -> Plain:
    return Plain([turn(reply) for reply in replies])


@pytest.mark.parametrize(
    "chat_model",
    [model(BEATS, BIBLE, SHOTS), ScriptedModel([called(BEATS), called(BIBLE), called(SHOTS)])],
    ids=["text", "tools"],
)
def test_plan_is_made_of_beats_then_bible_then_shots(chat_model: ScriptedModel) -> None:
    storyboard = plan_with_model(brief_of_text(BRIEF, title="Night"), chat_model)
    assert len(chat_model.heard) == 3
    assert storyboard.planner == "scripted"
    assert [(s.id, s.prompt, s.seconds, s.size, s.camera) for s in storyboard.shots] == [
        ("s01-01", "Title card: Night", 2.5, "wide", "still"),
        ("s02-01", "Mara strikes a match", 3.0, "medium", "still"),
        ("s03-01", "Black clouds roll in", 4.0, "extreme_wide", "pan_left"),
        ("s04-01", "Mara shakes her head", 1.5, "close", "still"),  # the words need 0.8 s and their pauses
    ]
    assert [(c.id, c.name, c.description) for c in storyboard.bible.characters] == [
        ("mara", "Mara", "an old keeper in a red coat")
    ]
    assert storyboard.shots[3].lines[0].character == "mara"
    assert [s.characters for s in storyboard.shots] == [[], ["mara"], [], ["mara"]]
    assert BRIEF[storyboard.shots[2].span.start : storyboard.shots[2].span.end] == "A storm comes up."  # type: ignore[union-attr]
    assert faults_against(brief_of_text(BRIEF), storyboard) == []


def test_model_that_a_setting_names_and_that_has_no_name_of_its_own_goes_by_its_class() -> None:
    named: Any = ChatModel("planner", "scripted:one")
    named._opened = GenericFakeChatModel(messages=iter([]))  # no package opens this one
    assert Asked(named).name == "GenericFakeChatModel"
    named._opened = ScriptedModel([])
    assert Asked(named).name == "scripted"


def test_length_in_the_briefs_words_is_asked_for_held_to_and_kept() -> None:
    brief = brief_of_text(f"A 10-second ad. {BRIEF}")
    chat_model = model(BEATS, BIBLE, SHOTS)
    assert sum(shot.seconds for shot in plan_with_model(brief, chat_model).shots) == 10
    assert "10 s" in str(chat_model.heard[2][-1].content)
    whole = {"shots": [{"prompt": "Mara lights the lamp, a storm comes up, not tonight", "seconds": 60}]}
    chat_model = model(whole, BEATS, BIBLE, SHOTS)
    plan_with_model(brief, chat_model)
    assert "the shots last 60 s together, and 10 s were asked for" in str(chat_model.heard[1][-1].content)


def test_reply_in_a_fence_with_a_fence_inside_is_read_byte_for_byte() -> None:
    prompt = "A sign reads ```sale``` 🐱 {now}"
    whole = {"shots": [{"prompt": f"Mara: {prompt}", "seconds": 2}]}
    reply = f"Here is the plan.\n```json\n{json.dumps(whole, ensure_ascii=False, indent=1)}\n```\nEnjoy your film!"
    chat_model = model(reply)
    storyboard = plan_with_model(brief_of_text("Mara walks."), chat_model)
    assert [s.prompt for s in storyboard.shots] == [f"Mara: {prompt}"]
    assert len(chat_model.heard) == 1


def test_an_empty_object_is_told_what_it_leaves_out() -> None:
    with pytest.raises(InvalidRequest, match=r"^characters is missing$"):
        read_reply("{}", build_model(BibleReply))


def test_last_complete_valid_object_of_a_reply_counts() -> None:
    plans = [json.dumps({"shots": [{"prompt": f"Mara {n}", "seconds": 2}]}) for n in (1, 2)]
    bad = '{"shots": [{"prompt": "Mara 3", "seconds": -2}]}'
    for reply, last in ((" or ".join(plans), "Mara 2"), (f"{plans[0]}\n{bad}", "Mara 1")):
        assert plan_with_model(brief_of_text("Mara walks."), model(reply)).shots[0].prompt == last


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("I cannot plan films.", "no JSON object"),
        (json.dumps(BEATS)[:-40], "ends in the middle"),
        ("```json\n" + json.dumps(BEATS)[:90], "ends in the middle"),
        ({"beats": []}, "beats"),
        ({**BEATS, "mood": "dark"}, "there is no mood"),
        ({"beats": [{"see": "x"}] * 10_000}, "it may have at most 200"),
        ({"beats": [{"see": "A storm comes up"}]}, "Mara of the brief is in none of it"),
        ({"shots": [{"prompt": "Mara walks", "seconds": "NaN"}]}, "seconds is 'NaN'"),
        ('{"shots": [{"prompt": "Mara walks", "seconds": NaN}]}', "seconds is 'nan'"),
        ({"shots": [{"prompt": "Mara walks", "seconds": -1}]}, "more than 0 and at most 600 s"),
        ({"shots": [{"prompt": "Mara", "seconds": 1}] * 10_000}, "at most 5000"),
        ({"shots": [{"id": "s01-01", "prompt": "Mara", "seconds": 1}] * 2}, "two shots have the id s01-01"),
        ({"shots": [{"prompt": "Mara", "seconds": 1, "lens": "50mm"}]}, "unknown key `lens`"),
    ],
)
def test_reply_that_cannot_be_used_is_answered_with_its_exact_fault_once(bad: Any, fault: str) -> None:
    chat_model = model(bad, BEATS, BIBLE, SHOTS)
    storyboard = plan_with_model(brief_of_text(BRIEF), chat_model)
    assert len(storyboard.shots) == 3
    assert len(chat_model.heard) == 4
    assert fault in str(chat_model.heard[1][-1].content)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"beat": 9}, "shots.beat 9 is none of the beats 1 to 3"),
        ({"beat": 1}, "beat 2 has no shot"),
        ({"seconds": float("nan")}, "seconds"),
        ({"seconds": -3}, "seconds is -3: it must be above 0"),
        ({"seconds": 10_000}, "seconds is 10000: it must be at most 60"),
        ({"size": "huge"}, "size"),
        ({"characters": ["Bob"]}, "names 'Bob', whom the bible does not know: it has Mara"),
        ({"fps": 24}, "there is no shots.1.fps"),
    ],
)
def test_shots_are_held_to_beats_and_bible(changes: dict[str, Any], fault: str) -> None:
    shots = [dict(shot) for shot in SHOTS["shots"]]
    shots[1] |= changes
    chat_model = model(BEATS, BIBLE, {"shots": shots}, SHOTS)
    plan_with_model(brief_of_text(BRIEF), chat_model)
    assert fault in str(chat_model.heard[3][-1].content)


def test_invented_person_is_refused() -> None:
    chat_model = model(BEATS, {"characters": [{"name": "Mara"}, {"name": "Captain Brandname"}]}, BIBLE, SHOTS)
    plan_with_model(brief_of_text(BRIEF), chat_model)
    assert "Captain Brandname is nobody of the brief" in str(chat_model.heard[2][-1].content)


def test_two_repairs_then_failure_that_keeps_the_replys_start() -> None:
    chat_model = model("Sorry, no.", "Still no.", "Third no.", "never asked")
    with pytest.raises(PermanentFailure) as caught:
        plan_with_model(brief_of_text(BRIEF), chat_model)
    assert len(chat_model.heard) == 3
    assert "scripted gave no usable beats in 3 replies: the reply holds no JSON object" in str(caught.value)
    assert "'Third no.'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_dialogue_of_a_screenplay_must_all_be_said_in_order() -> None:
    script = "INT. ROOM - DAY\n\nMARA\nFirst words.\n\nJON\nSecond words.\n"

    def beats(*said: tuple[str, str]) -> dict[str, Any]:
        return {"beats": [{"see": "Mara and Jon talk", "said": [{"who": who, "text": text} for who, text in said]}]}

    right = beats(("Mara", "First words."), ("Jon", "Second words."))
    bible = {"characters": [{"name": "Mara"}, {"name": "Jon"}]}
    shots = {"shots": [{"beat": 1, "prompt": "They talk", "seconds": 2, "characters": ["Mara", "Jon"]}]}
    for wrong, fault in (
        (beats(("Mara", "First words.")), "'Second words.' is said by nobody"),
        (beats(("Jon", "Second words."), ("Mara", "First words.")), "'Second words.' comes too early"),
    ):
        chat_model = model(wrong, right, bible, shots)
        storyboard = plan_with_model(brief_of_text(script), chat_model)
        assert fault in str(chat_model.heard[1][-1].content)
        assert [line.text for line in storyboard.shots[0].lines] == ["First words.", "Second words."]


def test_length_asked_for_is_kept_by_code() -> None:
    storyboard = plan_with_model(brief_of_text(BRIEF, seconds=20), model(BEATS, BIBLE, SHOTS))
    assert sum(s.seconds for s in storyboard.shots) == 20
    with pytest.raises(InvalidRequest, match="too short for 3 shots"):
        plan_with_model(brief_of_text(BRIEF, seconds=1), model(BEATS, BIBLE, SHOTS))


def test_known_character_keeps_id_words_and_colours() -> None:
    known = Character(id="keeper", name="Mara", description="grey braid", palette=["#123456"], voice="low")
    storyboard = plan_with_model(brief_of_text(BRIEF), model(BEATS, BIBLE, SHOTS), bible=Bible(characters=[known]))
    assert storyboard.bible.characters == [known]
    assert storyboard.shots[0].characters == ["keeper"]


def test_long_brief_is_asked_in_parts_that_keep_their_order() -> None:
    text = " ".join(f"Mara counts to {n} and looks out over the sea." for n in range(300))
    first = {"beats": [{"see": "Mara begins to count"}]}
    second = {"beats": [{"see": "Mara ends her count"}]}
    shots = {"shots": [{"beat": n, "prompt": f"shot {n}", "seconds": 2} for n in (1, 2, 3)]}
    chat_model = model(first, second, second, {"characters": [{"name": "Mara"}]}, shots)
    storyboard = plan_with_model(Brief(text=text), chat_model)
    assert [s.prompt for s in storyboard.shots] == ["shot 1", "shot 2", "shot 3"]
    parts = [str(asked[-1].content) for asked in chat_model.heard[:3]]
    assert [f"Part {n} of 3" in part for n, part in enumerate(parts, 1)] == [True] * 3
    assert "".join(part.split("<brief>\n")[1].split("\n</brief>")[0] for part in parts) == text


def test_storyboard_needs_no_model() -> None:
    brief = Brief(text="shots: [{prompt: a red ball, seconds: 2}]", form="storyboard")
    assert plan_with_model(brief, model()).shots[0].prompt == "a red ball"


class Overloaded(Exception):
    status_code = 529


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("slow"), TransientFailure),
        (ConnectionError("gone"), TransientFailure),
        (Overloaded("busy"), TransientFailure),
        (RuntimeError("no such model"), PermanentFailure),
    ],
)
def test_models_own_errors_become_ours(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="scripted failed"):
        plan_with_model(brief_of_text(BRIEF), model(error))


def sloppy() -> Iterator[str]:
    yield "{'beats': [{'see': 'Mara walks',},],}"
    yield '{"beats": [{"see": "Mara walks"}], // one beat\n}'
    yield '<think>{"beats": maybe}</think>\n```\n{"beats": [{"see": "Mara\nwalks"}]}\n```'


@pytest.mark.parametrize("reply", list(sloppy()))
def test_whole_but_sloppy_objects_are_mended(reply: str) -> None:
    beats = read_reply(reply, build_model(BeatsReply))
    assert " ".join(beats.beats[0].see.split()) == "Mara walks"


def test_beats_that_leave_out_an_event_are_asked_for_again() -> None:
    brief = "Mara lights the lamp at dusk. Two fishermen mend their torn nets beside the harbour wall."
    short = {"beats": [{"see": "Mara lights the lamp"}]}
    whole = {"beats": [{"see": "Mara lights the lamp"}, {"see": "By the harbour, fishermen are mending nets"}]}
    shots = {"shots": [{"beat": n, "prompt": "Mara", "seconds": 2} for n in (1, 2)]}
    chat_model = model(short, whole, BIBLE, shots)
    plan_with_model(brief_of_text(brief), chat_model)
    said = str(chat_model.heard[1][-1].content)
    assert "nothing tells of 'Two fishermen mend their torn nets beside the harbour wall.'" in said


def test_a_model_that_copies_the_example_is_told_so() -> None:
    copied = {"beats": [{"see": "Ostrik pushes the boat into the lake. Mara lights the lamp"}]}
    chat_model = model(copied, copied, copied)
    with pytest.raises(PermanentFailure, match="Ostrik is of the example"):
        plan_with_model(brief_of_text("Mara lights the lamp."), chat_model)


def test_facts_and_recalled_shots_reach_the_model_under_their_own_heads() -> None:
    chat_model = model(BEATS, BIBLE, SHOTS)
    plan_with_model(brief_of_text(BRIEF), chat_model, facts=["The lamp is a Fresnel lens."], recalled=["red coat"])
    question = str(chat_model.heard[0][-1].content)
    assert "What is known about it:\nThe lamp is a Fresnel lens." in question
    assert (
        "Earlier shots of the project, to be in keeping with; those rejected show what to avoid:\nred coat" in question
    )


def test_a_beat_that_is_nothing_of_the_story_is_asked_for_again() -> None:
    brief = "A red ball rolls over the sea. A blue box spins in the desert. A yellow star rises at night."
    told = [{"see": "A red ball rolls over the sea"}, {"see": "A blue box spins"}, {"see": "A yellow star rises"}]
    blown = {"beats": [*told, {"see": "Wind blows through empty streets"}]}
    shots = {"shots": [{"beat": n, "prompt": "it", "seconds": 2} for n in (1, 2, 3)]}
    chat_model = model(blown, {"beats": told}, {"characters": []}, shots)
    plan_with_model(brief_of_text(brief), chat_model)
    assert "'Wind blows through empty streets' is nothing of the brief" in str(chat_model.heard[1][-1].content)


def studio_of(folder: Path, *replies: Any, fallback: bool, told: list[dict[str, Any]]) -> tuple[Studio, Film]:
    project = Project.open(folder, create=True, planner_fallback=fallback, memory=False)
    studio = Studio(project, planner=model(*replies), tell=told.append)
    return studio, open_film(studio, BRIEF, paths=False)


def test_a_model_that_gives_no_plan_is_a_failure_unless_a_fallback_was_asked_for(tmp_path: Path) -> None:
    studio, film = studio_of(tmp_path, "no", "no", "no", fallback=False, told=[])
    with pytest.raises(PermanentFailure, match="no usable beats"):
        plan_storyboard(studio, film)
    assert film.storyboard() is None


def test_fallback_plans_by_rule_and_says_so(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    studio, film = studio_of(tmp_path, "no", "no", "no", fallback=True, told=told)
    board = plan_storyboard(studio, film)
    assert board.planner == "offline"
    assert [s.prompt for s in board.shots] == [s.prompt for s in plan_offline(Brief(text=BRIEF)).shots]
    (fallback,) = [e for e in told if e["type"] == "planner.fallback"]
    TypeAdapter(PlannerFellBack).validate_python(fallback, strict=True)
    assert board.shots[0].why[-1] == f"planned by rule, since {fallback['error']}"


def test_cards_of_a_films_title_stand_each_where_it_was_in_whatever_words_a_model_titles_it_now() -> None:
    def board(title: str, *prompts: str) -> Storyboard:
        card = {"prompt": title, "kind": "title", "title": title, "seconds": 2}
        shots = [card, *({"prompt": prompt, "seconds": 2} for prompt in prompts), card]
        listed = [Shot.model_validate({"id": f"s01-{n:02d}", **shot}) for n, shot in enumerate(shots, 1)]
        return Storyboard(title=title, scenes=[Scene(id="s01", shots=listed)])

    brief, planned = Brief(text="A ship sails."), board("Night", "A ship sails.")
    now = settled(board("The Night", "A ship is sailing."), brief, planned, brief)
    assert [shot.prompt for shot in now.shots] == ["Night", "A ship is sailing.", "Night"]
    one = board("The Night")
    first = one.model_copy(update={"scenes": [one.scenes[0].model_copy(update={"shots": one.shots[:1]})]})
    assert [shot.prompt for shot in settled(first, brief, planned, brief).shots] == ["Night", "Night"]
