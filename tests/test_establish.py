"""References before motion: who must look the same is pictured first, paid for once, and shot again where refused."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from PIL import Image

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.memory.project import ProjectMemory
from reelgraph.video_tools.backends.base import Capabilities, FrameRule
from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.establish import establish
from reelgraph.video_tools.estimate import estimate_cost
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.film import Character, Finding, Shot, Spend, Storyboard, Take
from reelgraph.video_tools.generation import Published
from reelgraph.video_tools.planning.files import storyboard_to_yaml
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.reviewing import review_cut
from reelgraph.video_tools.shooting import shoot_shots
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit
from reelgraph.video_tools.tools import open_film, plan_storyboard

MARA = {"id": "mara", "name": "Mara", "description": "an old keeper in a yellow coat", "palette": ["#f2c811"]}
TOM = {"id": "tom", "name": "Tom", "description": "a boy in a red cap"}
PIER = {"id": "pier", "name": "The pier"}
UNSEEN = {"id": "nobody", "name": "Nobody"}
SHOTS = [
    {"prompt": "Mara climbs", "seconds": 1, "characters": ["mara"]},
    {"prompt": "Mara meets Tom", "seconds": 1, "characters": ["mara", "tom"], "place": "pier"},
    {"prompt": "waves", "seconds": 1},
]
BRIEF = json.dumps({"bible": {"characters": [MARA, TOM, UNSEEN], "places": [PIER]}, "shots": SHOTS})
PICTURES = ["character-mara", "character-tom", "place-pier"]


class Painter(Rehearsal):
    """A back end that takes two reference pictures, and makes stills or clips of at least nine frames."""

    def __init__(self, *, least: int = 1, **more: Any) -> None:
        super().__init__(**more)
        self.least = least

    def capabilities(self) -> Capabilities:
        modes: Any = {"text", "reference"} | ({"still"} if self.least == 1 else set())
        return Capabilities(modes=frozenset(modes), max_references=2, frames=FrameRule(least=self.least, most=800))


def make(project: Project, backend: Any = None, *, brief: str = BRIEF, **options: Any) -> dict[str, Any]:
    approve = options.pop("approve", frozenset())
    given = {"establish": True} if not approve else {}
    opened = Project.open(project.root, size=(128, 72), rate="8", **given, **options.pop("settings", {}))
    return run_film(FilmContext(Studio(opened, backend=backend), approve=approve), brief, film="f", **options)


def board_of(project: Project) -> Storyboard:
    board = project.film("f").storyboard()
    assert board is not None
    return board


def pictures_in(project: Project) -> dict[str, Take]:
    board, ledger = board_of(project), project.ledger
    entries = [*board.bible.characters, *board.bible.places]
    return {(take := ledger.by_content(content)).shot: take for entry in entries for content in entry.references}


def test_pictures_are_shot_first_and_the_shots_lean_on_them(project: Project) -> None:
    backend = Painter()
    assert make(project, backend)["approved"]
    first = [(request.rung, request.frames, request.references) for request in backend.requests[:3]]
    assert first == [("still", 1, [])] * 3
    assert (
        sum(r.prompt.startswith("Mara: an old keeper in a yellow coat. Mara, alone,") for r in backend.requests[:3])
        == 1
    )
    found = pictures_in(project)
    assert sorted(found) == PICTURES
    mara, tom, _ = (found[name].content for name in PICTURES)
    handed = {r.prompt.split(". ")[-2]: [x.content for x in r.references] for r in backend.requests[3:]}
    by_shot = {shot.id: [r.content for r in shot.references] for shot in board_of(project).shots}
    assert by_shot == {"s01-01": [mara], "s01-02": [mara, tom], "s01-03": []}
    assert sorted(handed.values()) == sorted(by_shot.values())
    review = project.film("f").review()
    assert review is not None, "and the critic compares each take with the pictures"
    assert "likeness.picture" in {finding.check for finding in review.findings["s01-01"]}


def test_each_take_is_compared_with_the_bible_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    compare = ProjectMemory.likeness

    def counted(memory: ProjectMemory, board: Storyboard, shot: Shot, frames: Any) -> Any:
        asked.append(shot.id)
        return compare(memory, board, shot, frames)

    monkeypatch.setattr(ProjectMemory, "likeness", counted)
    make(project, Painter())
    first = project.film("f").review()
    assert sorted(asked) == ["s01-01", "s01-02"], "nobody that the bible knows is in the third"
    studio = Studio(Project.open(project.root), backend=Painter())
    cut = project.film("f").cut()
    assert cut is not None and first is not None
    assert review_cut(studio, project.film("f"), board_of(project), cut).findings == first.findings
    assert len(asked) == 2, "what was found is kept"
    strict = Project.open(project.root, checks={"likeness": {"palette": 0.01}})
    review_cut(Studio(strict, backend=Painter()), project.film("f"), board_of(project), cut)
    assert len(asked) == 4, "other settings find something else"


@dataclass(frozen=True)
class Crowd(Check):
    """How many of the bible a take was compared with, on behalf of which shot."""

    name: ClassVar[str] = "crowd"
    needs: ClassVar[frozenset[Need]] = frozenset({"bible", "shot"})

    def findings(self, subject: Subject) -> Iterable[Finding]:
        assert subject.alike is not None and subject.shot is not None
        entries = sorted(alike.entry for alike in subject.alike)
        yield self.failed(f"{subject.shot.id} shows {', '.join(entries)}", value=len(entries), threshold=0)


def test_check_of_somebody_elses_that_needs_the_bible_is_given_the_comparison(project: Project) -> None:
    opened = Project.open(project.root, size=(128, 72), rate="8", establish=True)
    run_film(FilmContext(Studio(opened, backend=Painter(), checks=[Crowd()])), BRIEF, film="f")
    review = project.film("f").review()
    assert review is not None and not review.approved
    said = {shot: [f.message for f in found if f.check == "crowd"] for shot, found in review.findings.items()}
    assert said["s01-01"] == ["s01-01 shows character:mara"]
    assert said["s01-02"] == ["s01-02 shows character:mara, character:tom, place:pier"]
    assert said["s01-03"] == ["nothing was compared with a bible"]


def test_nothing_is_pictured_unless_it_is_asked_for(project: Project) -> None:
    backend = Painter()
    run_film(FilmContext(Studio(project, backend=backend)), BRIEF, film="f")
    assert len(backend.requests) == 3 and all(not request.references for request in backend.requests)


def test_second_run_pays_for_nothing_even_without_the_option(project: Project) -> None:
    backend = Painter()
    make(project, backend)
    again = run_film(FilmContext(Studio(Project.open(project.root), backend=backend)), film="f")
    assert again["approved"] and again["takes"] == {"generated": 0, "reused": 3, "failed": 0}
    assert len(backend.requests) == 6 and again["spend"]["calls"] == 6


def test_back_end_that_makes_no_stills_makes_its_shortest_clip_and_says_so(project: Project) -> None:
    make(project, Painter(least=9))
    for take in pictures_in(project).values():
        assert (take.frames, take.request.rung) == (9, "final")
        assert [(s.what, s.made, s.why) for s in take.substitutions] == [("frames", "9", "rehearsal makes no stills")]


def test_back_end_that_makes_no_stills_but_one_frame_makes_a_draft_of_one_and_says_so(project: Project) -> None:
    make(project, Rehearsal())
    for take in pictures_in(project).values():
        assert (take.frames, take.request.rung) == (1, "draft")
        assert [(s.what, s.asked, s.made) for s in take.substitutions] == [("rung", "still", "draft")]


def test_picture_that_fails_a_check_is_shot_again_by_another_seed(project: Project) -> None:
    backend = Painter(faults={"Tom, alone": ["black"]}, least=9)
    make(project, backend)
    tom = [take for take in project.ledger.takes() if take.shot == "character-tom"]
    assert len(tom) == 2 and len({take.request.seed for take in tom}) == 2
    assert pictures_in(project)["character-tom"].request.seed == backend.requests[3].seed


def test_picture_that_cannot_be_made_is_left_out_and_made_by_the_next_run(project: Project) -> None:
    backend = Painter(faults={"Tom, alone": ["fail"]})
    assert make(project, backend)["approved"]
    assert sorted(pictures_in(project)) == ["character-mara", "place-pier"]
    make(project, backend)
    assert sorted(pictures_in(project)) == PICTURES


def test_pictures_keep_to_the_ceiling_and_are_in_the_estimate(project: Project) -> None:
    opened = Project.open(project.root, size=(128, 72), rate="8", establish=True, rounds=1)
    studio = Studio(opened, backend=Painter(price=Spend(calls=1, money=0.5)))
    film = open_film(studio, BRIEF, name="f")
    cost = estimate_cost(studio, film, plan_storyboard(studio, film))
    assert (cost.pictures, len(cost.to_make), cost.once.money) == (PICTURES, 3, 3.0)
    result = make(project, Painter(), settings={"budget": {"calls": 2}})
    assert result["spend"]["calls"] == 2 and sorted(pictures_in(project)) == PICTURES[:2]


def test_sheet_that_a_person_approves_shows_what_was_shot(project: Project) -> None:
    asked: list[Any] = []
    result = make(project, approve=frozenset({"references"}), answer=lambda q: asked.append(q) or True)
    (question,) = asked
    entries = {entry["id"]: entry for entry in question["shown"]["entries"]}
    assert entries["nobody"]["pictures"] == []
    for id in ("mara", "tom", "pier"):
        (picture,) = entries[id]["pictures"]
        assert (project.root / picture).read_bytes()[:3] == b"\xff\xd8\xff"
    assert result["approved"] and result["takes"]["generated"] == 3 and result["spend"]["calls"] == 6
    with Image.open(project.root / "films/f/references.jpg") as sheet:
        assert sheet.width == 768


@pytest.mark.parametrize(("words", "again"), [("no", PICTURES), ("Tom is too old", ["character-tom"])])
def test_refused_pictures_are_shot_again_and_asked_about_anew(project: Project, words: str, again: list[str]) -> None:
    gate, backend = {"approve": frozenset({"references"})}, Painter()
    no = make(project, backend, **gate, answer=lambda q: {"approved": False, "words": words})
    assert no["rejected"] == "references" and len(backend.requests) == 3
    before = pictures_in(project)
    asked: list[Any] = []
    yes = make(project, backend, **gate, answer=lambda q: asked.append(q) or True)
    after = pictures_in(project)
    assert [name for name in PICTURES if before[name].content != after[name].content] == again
    assert yes["approved"] and len(asked) == 1 and len(backend.requests) == 3 + len(again) + 3
    assert after["character-tom"].content in [r.content for r in board_of(project).shot("s01-02").references]
    assert before["character-tom"].content not in [r.content for r in board_of(project).shot("s01-02").references]


@pytest.mark.parametrize("gate", ["references", "cut"])
def test_whoever_comes_into_the_plan_at_a_gate_is_pictured_before_their_shots(project: Project, gate: str) -> None:
    """They are put into the file that a person may edit: while it waits, and beside a no at the cut with its words."""
    backend, path, asked = Painter(), project.film("f").folder / "storyboard.yaml", list[str]()
    alone = {"bible": {"characters": [MARA]}, "shots": SHOTS[:1] + SHOTS[2:]}

    def answer(question: dict[str, Any]) -> Any:
        asked.append(question["gate"])
        if question["gate"] != gate or asked.count(gate) > 1:
            return True
        board = board_of(project)
        first = board.shots[0].model_copy(update={"characters": ["mara", "tom"]})
        both = board.bible.model_copy(update={"characters": [*board.bible.characters, Character(**TOM)]})
        path.write_text(storyboard_to_yaml(board.with_shots([first]).model_copy(update={"bible": both})), "utf-8")
        return True if gate == "references" else {"approved": False, "words": "make shot 2 longer by 1 second"}

    gates: Any = frozenset({"references", gate})
    assert make(project, backend, brief=json.dumps(alone), approve=gates, answer=answer)["approved"]
    assert asked == sorted({"references", gate}, reverse=True) * 2
    mara, tom = (pictures_in(project)[name].content for name in ("character-mara", "character-tom"))
    assert [r.content for r in board_of(project).shots[0].references] == [mara, tom]
    calls = len(backend.requests)
    assert make(project, backend, brief="")["takes"]["generated"] == 0 and len(backend.requests) == calls


def test_every_gate_is_asked_by_itself_and_a_yes_to_one_is_none_to_the_next(project: Project) -> None:
    asked: list[str] = []

    def answer(question: dict[str, Any]) -> bool:
        asked.append(question["gate"])
        return question["gate"] != "cut"

    gates: Any = frozenset({"storyboard", "references", "cut"})
    result = make(project, Painter(), approve=gates, answer=answer)
    assert asked == ["storyboard", "references", "cut"] and result["rejected"] == "cut"
    assert [(d.gate, d.approved) for d in project.film("f").decisions()] == [
        ("storyboard", True), ("references", True), ("cut", False),
    ]  # fmt: skip


def test_agent_that_shoots_one_shot_pays_for_the_pictures_of_that_shot(project: Project) -> None:
    opened, backend = Project.open(project.root, size=(128, 72), rate="8", establish=True), Painter()
    tools = {tool.name: tool for tool in VideoToolkit(Studio(opened, backend=backend)).get_tools()}
    told = tools["plan_storyboard"].invoke({"brief": BRIEF, "film": "f"})
    assert "3 pictures of who and where" in told
    for refused in ({"shot": "all", "new_seed": True}, {"shot": "s01-01", "seconds": 500}):
        tools["generate_take"].invoke(refused)
        assert backend.requests == [], "what cannot be made so costs no pictures either"
    tools["generate_take"].invoke({"shot": "s01-01"})
    assert sorted(pictures_in(project)) == ["character-mara"] and len(backend.requests) == 2
    tools["generate_take"].invoke({"shot": "all"})
    assert sorted(pictures_in(project)) == PICTURES and len(backend.requests) == 6


def test_animatic_draws_a_still_of_everybody(project: Project) -> None:
    result = make(project)
    found = pictures_in(project)
    assert result["approved"] and sorted(found) == PICTURES
    assert {(take.frames, take.picture, take.request.rung) for take in found.values()} == {(1, "picture.png", "still")}


def test_small_model_of_a_closed_world_pictures_its_things_in_its_shortest_clip(project: Project) -> None:
    shapes: Any = {"backend": "local", "backends": {"local": {"model": "shapes"}}, "establish": True}
    studio = Studio(Project.open(project.root, size=(228, 128), rate="8", **shapes))
    brief = (
        "A red ball rolls over the dunes. A blue box waits by the sea. The red ball reaches the blue box by the sea."
    )
    film = open_film(studio, brief, name="f")
    with studio.project.writing():
        board = establish(studio, film, plan_storyboard(studio, film))
    found = pictures_in(project)
    assert sorted(found) == ["character-blue-box", "character-red-ball"]
    for name, take in found.items():
        assert take.request.prompt.startswith(f"a {name.removeprefix('character-').replace('-', ' ')} stays still")
        assert ("frames", "17") in [(s.what, s.made) for s in take.substitutions]
        findings = findings_of(project.ledger, take)
        known = [f.outcome for f in findings if f.check.startswith("adherence.")]
        assert known and set(known) == {"passed"}, "its CLIP knows it again"
    assert board.number == 2 and not any(shot.references for shot in board.shots), "this model takes no pictures"


def test_pictures_of_what_a_person_gave_are_not_shot(project: Project) -> None:
    make(project)
    given = project.ledger.by_content(pictures_in(project)["character-mara"].content)
    mara = {**MARA, "references": [given.content]}
    brief = json.dumps({"bible": {"characters": [mara]}, "shots": SHOTS[:1]})
    opened = Project.open(project.root, size=(128, 72), rate="8", establish=True, memory=False)
    backend = Painter()
    run_film(FilmContext(Studio(opened, backend=backend)), brief, film="other")
    assert len(backend.requests) == 1


def test_sheet_is_painted_by_a_picture_model_beside_the_film_s_video_model(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytest.importorskip("torch")
    from tiny_pipelines import build

    models = tmp_path_factory.getbasetemp() / "models"
    opened = Project.open(
        project.root, size=(64, 64), rate="16", establish=True, backend="local", backend_by_kind={"still": "painter"},
        backends={
            "local": {"model": str(build("wan_vace", models)), "steps": 1, "long_prompts": "cut"},
            "painter": {"kind": "local", "model": str(build("stable_diffusion", models)), "steps": 1,
                        "long_prompts": "cut"},
        },
        checks={"blank": {"on": False}, "noise": {"on": False}, "garbage": {"on": False}, "frozen": {"on": False}},
    )  # fmt: skip
    studio = Studio(opened)
    film = open_film(studio, json.dumps({"bible": {"characters": [MARA]}, "shots": [SHOTS[0]]}), name="f")
    with opened.writing():
        board = establish(studio, film, plan_storyboard(studio, film))
        [shot] = list(shoot_shots(studio, film, board, ["s01-01"]))
    assert isinstance(shot, Published)
    pictures = [take for take in opened.ledger.takes() if take.shot == "character-mara"]
    assert [(p.request.backend, p.notes["pipeline"], p.frames) for p in pictures] == [
        ("painter", "StableDiffusionPipeline", 1)
    ]
    assert (shot.take.request.backend, shot.take.notes["pipeline"]) == ("local", "WanVACEPipeline")
    assert [r.content for r in shot.take.request.references] == [pictures[0].content]
