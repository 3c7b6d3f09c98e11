"""Every gate shows what a UI can draw, is asked once, and goes on in a new process with nothing paid twice."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from pydantic import TypeAdapter

from reelgraph.graphs.approval import CostShown, CutShown, Question, ReferencesShown, StoryboardShown
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.film import Decision
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

MARA = {"id": "mara", "name": "Mara", "description": "an old keeper in a yellow coat", "palette": ["#f2c811"]}
SHOTS = [{"prompt": "Mara climbs", "seconds": 1, "characters": ["mara"]}, {"prompt": "waves", "seconds": 1}]
BRIEF = json.dumps({"bible": {"characters": [MARA]}, "shots": SHOTS})
SHOWN = {"storyboard": StoryboardShown, "references": ReferencesShown, "cost": CostShown, "cut": CutShown}
CONFIG: Any = {"configurable": {"thread_id": "1"}}


def process(project: Project, given: Any, **asks: Any) -> tuple[dict[str, Any], Rehearsal]:
    """Run the graph as a process of its own does: nothing is shared with the last one but the folder."""
    backend = Rehearsal()
    studio = Studio(Project.open(project.root, size=(128, 72), rate="8"), backend=backend)
    connection = sqlite3.connect(project.root / "host.sqlite", check_same_thread=False)
    try:
        graph = create_film_graph().compile(checkpointer=SqliteSaver(connection))
        return graph.invoke(given, CONFIG, context=FilmContext(studio, **asks)), backend
    finally:
        connection.close()


@pytest.mark.parametrize("gate", ["storyboard", "references", "cost", "cut"])
def test_gate_shows_its_type_is_asked_once_and_goes_on_in_a_new_process(project: Project, gate: str) -> None:
    asks: Any = {"approve_above": Limits(calls=1)} if gate == "cost" else {"approve": frozenset({gate})}
    given = {"brief": BRIEF, "film": "f"}
    state, backend = process(project, given, **asks)
    asked = TypeAdapter(Question).validate_python(state["__interrupt__"][0].value, strict=True, extra="forbid")
    sheet = gate == "references"  # which has a picture of Mara, pinned in the second storyboard
    assert (asked["gate"], asked["film"], asked["number"]) == (gate, "f", 2 if sheet else 1)
    TypeAdapter(SHOWN[gate]).validate_python(asked["shown"], strict=True, extra="forbid")
    shot_before = len(backend.requests)
    assert shot_before == (2 if gate == "cut" else 1 if sheet else 0)
    state, backend = process(project, Command(resume={"approved": True, "words": "good"}), **asks)
    assert state["approved"] and shot_before + len(backend.requests) == 2 + sheet
    state, backend = process(project, given, **asks)
    assert state["approved"] and "__interrupt__" not in state and backend.requests == []
    assert [(d.gate, d.approved, d.words) for d in project.film("f").decisions()] == [(gate, True, "good")]


PLAN = {
    "title": "Night",
    "music": "a slow piano",
    "bible": {"characters": [MARA], "places": [{"id": "hall", "name": "Hall"}], "style": {"look": "ink"}},
    "shots": [
        {"prompt": "Title card: Night", "kind": "title", "title": "Night", "seconds": 1},
        {
            "prompt": "Mara climbs", "seconds": 1, "characters": ["mara"], "place": "hall", "lines": [{"text": "Helo"}],
            "transition": {"kind": "crossfade", "frames": 2},
        },
    ],
}  # fmt: skip
MENDED = {
    "a spoken line": ("text: Helo", "text: Hello"),
    "a card": ("    title: Night", "    title: Nights"),
    "an angle": ("prompt: Mara climbs", "prompt: Mara climbs\n    angle: low"),
    "a joint": ("kind: crossfade", "kind: wipe"),
    "who is seen": ("    characters:\n    - mara\n", ""),
    "where": ("    place: hall\n", ""),
    "what somebody looks like": ("yellow coat", "red coat"),
    "the look": ("look: ink", "look: chalk"),
    "the music": ("slow piano", "fast piano"),
    "who makes it": ("prompt: Mara climbs", "prompt: Mara climbs\n    backend: animatic"),
}


@pytest.mark.parametrize("old, new", MENDED.values(), ids=MENDED)
def test_storyboard_is_asked_about_again_where_what_is_seen_or_heard_changed(
    project: Project, old: str, new: str
) -> None:
    asks: Any = {"approve": frozenset({"storyboard"})}
    given = {"brief": json.dumps(PLAN), "film": "f"}
    process(project, given, **asks)
    film = project.film("f")
    film.add(Decision(gate="storyboard", number=1, approved=False, words="the words are misspelt"))
    path = film.folder / "storyboard.yaml"
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    state, backend = process(project, given, **asks)
    (asked,) = [waiting.value for waiting in state["__interrupt__"]]
    assert (asked["gate"], asked["number"], backend.requests) == ("storyboard", 2, [])


def test_yes_to_a_storyboard_stands_for_other_pins_and_not_for_other_words(project: Project) -> None:
    asks: Any = {"approve": frozenset({"storyboard"})}
    given = {"brief": json.dumps(PLAN), "film": "f"}
    process(project, given, **asks)
    process(project, Command(resume=True), **asks)
    path = project.film("f").folder / "storyboard.yaml"
    path.write_text(path.read_text().replace("prompt: Mara climbs", "prompt: Mara climbs\n    seed: 7"))
    state, backend = process(project, given, **asks)
    assert state["storyboard"] == 2 and "__interrupt__" not in state and [r.seed for r in backend.requests] == [7]
    path.write_text(path.read_text().replace("text: Helo", "text: Buy now"))
    state, backend = process(project, given, **asks)
    assert state["__interrupt__"][0].value["number"] == 3 and backend.requests == []


def test_yes_is_to_the_plan_that_was_shown_and_not_to_one_that_was_edited_meanwhile(project: Project) -> None:
    asks: Any = {"approve": frozenset({"storyboard"})}
    process(project, {"brief": json.dumps(PLAN), "film": "f"}, **asks)
    path = project.film("f").folder / "storyboard.yaml"
    path.write_text(path.read_text().replace("text: Helo", "text: Buy now"))
    state, backend = process(project, Command(resume=True), **asks)
    (asked,) = [waiting.value for waiting in state["__interrupt__"]]
    assert (asked["number"], asked["shown"]["shots"][1]["lines"][0]["text"]) == (2, "Buy now")
    assert backend.requests == [] and project.film("f").decisions() == []
    state, _ = process(project, Command(resume=True), **asks)
    assert state["approved"] and [d.number for d in project.film("f").decisions()] == [2]


def test_storyboard_gate_shows_what_is_seen_and_heard(project: Project) -> None:
    state, _ = process(project, {"brief": json.dumps(PLAN), "film": "f"}, approve=frozenset({"storyboard"}))
    shown = state["__interrupt__"][0].value["shown"]
    card, shot = shown["shots"]
    assert (card["kind"], card["title"]) == ("title", "Night")
    assert (shot["characters"], shot["place"], shot["lines"]) == (["mara"], "hall", [{"text": "Helo"}])
    assert (shot["angle"], shot["transition"]) == ("eye", {"kind": "crossfade", "frames": 2})
    assert [(e["kind"], e["name"], e["description"]) for e in shown["entries"]] == [
        ("person", "Mara", MARA["description"]),
        ("place", "Hall", ""),
    ]
    assert (shown["style"], shown["music"], shown["fade_out"]) == ({"look": "ink"}, "a slow piano", 0)


def test_reference_sheet_shows_looks_pictures_and_shots(project: Project) -> None:
    tools = {t.name: t for t in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
    tools["plan_storyboard"].invoke({"brief": "shots: [{prompt: a keeper, seconds: 1}]", "film": "portrait"})
    tools["generate_take"].invoke({"shot": "all"})
    tools["remember_character"].invoke({"name": "Mara", "description": MARA["description"], "take": "s01-01"})
    state, _ = process(project, {"brief": BRIEF, "film": "f"}, approve=frozenset({"references"}))
    (entry,) = state["__interrupt__"][0].value["shown"]["entries"]
    (picture,) = entry.pop("pictures")
    assert (project.root / picture).read_bytes()[:3] == b"\xff\xd8\xff" and not Path(picture).is_absolute()
    assert entry == {**MARA, "kind": "person", "shots": ["s01-01"]}


def test_no_at_the_reference_sheet_shoots_no_shot_and_its_pictures_once_more(project: Project) -> None:
    asks: Any = {"approve": frozenset({"references"})}
    process(project, {"brief": BRIEF, "film": "f"}, **asks)
    state, backend = process(project, Command(resume=False), **asks)
    assert not state["approved"] and backend.requests == []
    for pictures in (1, 0):  # asked about, and still waiting
        state, backend = process(project, {"brief": BRIEF, "film": "f"}, **asks)
        assert state["__interrupt__"][0].value["number"] == 3 and len(backend.requests) == pictures
    assert {take.shot for take in project.ledger.takes()} == {"character-mara"}


def test_reference_sheet_is_asked_about_again_only_where_somebody_looks_different(project: Project) -> None:
    asks: Any = {"approve": frozenset({"references"})}
    process(project, {"brief": BRIEF, "film": "f"}, **asks)
    process(project, Command(resume=True), **asks)
    state, backend = process(project, {"brief": BRIEF.replace("waves", "storms"), "film": "f"}, **asks)
    assert state["approved"] and len(backend.requests) == 1
    state, backend = process(project, {"brief": BRIEF.replace("yellow", "red"), "film": "f"}, **asks)
    asked = state["__interrupt__"][0].value
    assert (asked["gate"], asked["number"]) == ("references", 5) and len(backend.requests) == 1
    assert asked["shown"]["entries"][0]["description"] == "an old keeper in a red coat"


def test_film_in_which_nobody_has_to_look_the_same_is_not_asked_about(project: Project) -> None:
    brief = json.dumps({"shots": SHOTS[1:]})
    state, _ = process(project, {"brief": brief, "film": "f"}, approve=frozenset({"references"}))
    assert state["approved"]


def test_approved_film_is_kept_whatever_is_cut_later(project: Project) -> None:
    asks: Any = {"approve": frozenset({"cut"})}
    process(project, {"brief": BRIEF, "film": "f"}, **asks)
    film = project.film("f")
    before = (film.deliver / "film.mp4").read_bytes()
    process(project, Command(resume=True), **asks)
    tools = {t.name: t for t in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
    tools["edit_cut"].invoke({"film": "f", "edits": [{"op": "delete", "clip": "s01-02"}]})
    assert (film.deliver / "film.mp4").read_bytes() != before
    assert [p.name for p in (film.folder / "approved").iterdir()] == ["0001.mp4"]
    assert (film.folder / "approved" / "0001.mp4").read_bytes() == before


def test_yes_is_to_the_cut_that_was_shown_and_not_to_one_that_was_edited_meanwhile(project: Project) -> None:
    asks: Any = {"approve": frozenset({"cut"})}
    process(project, {"brief": BRIEF, "film": "f"}, **asks)
    tools = {t.name: t for t in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
    tools["edit_cut"].invoke({"film": "f", "edits": [{"op": "delete", "clip": "s01-02"}]})
    state, _ = process(project, Command(resume=True), **asks)
    asked = state["__interrupt__"][0].value
    assert (asked["gate"], asked["number"], asked["shown"]["seconds"]) == ("cut", 2, 1)
    assert project.film("f").decisions() == []
    state, _ = process(project, Command(resume=True), **asks)
    assert state["approved"] and [d.number for d in project.film("f").decisions()] == [2]


def test_yes_is_to_the_cut_that_was_shown_and_not_to_one_of_another_plan_made_meanwhile(project: Project) -> None:
    asks: Any = {"approve": frozenset({"cut"})}
    process(project, {"brief": BRIEF, "film": "f"}, **asks)
    tools = {t.name: t for t in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
    tools["generate_take"].invoke({"film": "f", "shot": "s01-02", "seconds": 2})
    tools["assemble_cut"].invoke({"film": "f"})
    state, _ = process(project, Command(resume=True), **asks)
    asked = state["__interrupt__"][0].value
    assert (asked["gate"], asked["number"], asked["shown"]["seconds"]) == ("cut", 2, 3)
    state, _ = process(project, Command(resume=True), **asks)
    assert (state["approved"], state["storyboard"]) == (True, 2)
    assert [d.number for d in project.film("f").decisions()] == [2]


def test_each_answer_is_given_to_its_own_question_in_a_new_process(project: Project) -> None:
    asks: Any = {"approve": frozenset({"storyboard", "references"}), "approve_above": Limits(calls=1)}
    given: Any = {"brief": BRIEF, "film": "f"}
    gates = []
    for answer in ({"approved": True}, {"approved": True}, {"approved": False, "words": "no"}):
        state, _ = process(project, given, **asks)
        gates.append(state["__interrupt__"][0].value["gate"])
        given = Command(resume=answer)
    state, backend = process(project, given, **asks)
    assert gates == ["storyboard", "cost", "references"]
    assert not state["approved"] and backend.requests == []
    said = [(d.gate, d.approved) for d in project.film("f").decisions()]
    assert said == [("storyboard", True), ("cost", True), ("references", False)]
