"""The loop: what fails is noticed, only that is shot again, and there is always a film."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.run import checkpointer, exit_status, run_film
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.film import Spend, TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio

# Six shots of one second; the rehearsal's faults are aimed by their words.
BRIEF = json.dumps(
    {"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three", "four", "five", "six")]}
)  # fmt: skip


def make(project: Project, backend: Rehearsal, **options: Any) -> dict[str, Any]:
    return run_film(FilmContext(Studio(project, backend=backend)), BRIEF, film="six", **options)


def test_film_without_faults_is_approved_in_one_round(project: Project) -> None:
    backend = Rehearsal()
    result = make(project, backend)
    assert result["approved"] and result["rounds"] == 1 and result["open_notes"] == 0
    assert result["takes"] == {"generated": 6, "reused": 0, "failed": 0}
    assert (result["frames"], result["rate"], result["duration"], result["size"]) == (48, "8/1", 6.0, [128, 72])
    assert exit_status(result) == 0
    assert probe(project.root / result["film"]).frames == 48
    for name in ("film", "report", "timeline", "captions"):
        assert (project.root / result[name]).stat().st_size > 0 or name == "captions"
    assert not list(project.root.rglob(".tmp-*"))


def test_seconds_of_the_stages_are_those_on_the_wall_though_shots_are_made_side_by_side(project: Project) -> None:
    together = Barrier(2)

    def meet(request: TakeRequest) -> None:
        together.wait(60)  # no shot is finished before another is under way

    backend = Rehearsal(on_call=meet)
    stages = dict(make(project, backend)["seconds"])
    total = stages.pop("total")
    assert stages["generate"] > 0 and sum(stages.values()) <= total
    assert stages.keys() == {"plan", "generate", "edit", "check", "wrap"}


def test_second_run_generates_nothing_and_writes_no_new_version(project: Project) -> None:
    backend = Rehearsal()
    make(project, backend)
    before = (project.root / "films/six/deliver/film.mp4").read_bytes()
    again = make(project, backend)
    assert again["takes"] == {"generated": 0, "reused": 6, "failed": 0}
    assert again["cut"] == 1 and again["changed_shots"] == [] and len(backend.requests) == 6
    assert len(project.film("six").reviews()) == 1
    assert (project.root / "films/six/deliver/film.mp4").read_bytes() == before


@pytest.mark.parametrize("fault", ["black", "frozen", "noise", "flicker", "blank", "fail", "busy", "crash", "silent"])
def test_faulty_shot_alone_is_shot_again_and_round_two_is_approved(project: Project, fault: Any) -> None:
    backend = Rehearsal(faults={"three": [fault]})
    result = make(project, backend)
    assert result["approved"], result
    assert result["rounds"] == 2
    assert len(backend.requests) == 7
    assert sum("three" in r.prompt.lower() for r in backend.requests) == 2
    assert exit_status(result) == 0
    first = project.film("six").review(1)
    assert first is not None and {n.shot for n in first.notes if n.blocking} == {"s01-03"}


def test_shot_that_cannot_be_made_is_a_slate_and_a_note_and_the_film_is_there(project: Project) -> None:
    backend = Rehearsal(faults={"three": ["fail"] * 9})
    result = make(project, backend)
    assert not result["approved"] and exit_status(result) == 1
    assert result["takes"] == {"generated": 5, "reused": 0, "failed": 1}
    assert "rehearsed failure" in result["failures"]["s01-03"]
    assert probe(project.root / result["film"]).frames == 48
    cut = project.film("six").cut()
    assert cut is not None and [c.take is None for c in cut.clips] == [False, False, True, False, False, False]
    assert "rehearsed failure" in cut.clips[2].label


def test_nothing_made_at_all_is_no_film(project: Project) -> None:
    result = make(project, Rehearsal(faults={"waves": ["fail"] * 99}))
    assert exit_status(result) == 3
    assert result["takes"]["failed"] == 6


def test_ceiling_ends_the_shooting_and_says_what_was_left(project: Project) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 4})
    result = make(project, Rehearsal())
    assert (result["takes"]["generated"], len(result["refused"])) == (4, 2)
    assert result["spend"]["calls"] == 4
    assert exit_status(result) == 1
    project = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 6})
    assert make(project, Rehearsal())["approved"], "a raised ceiling lets the film go on"


def test_ceiling_of_nothing_is_no_film_because_the_budget_ended(project: Project) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 0})
    assert exit_status(make(project, Rehearsal())) == 4


def test_fault_that_stays_keeps_the_best_take_and_the_note(project: Project) -> None:
    backend = Rehearsal(faults={"three": ["flicker", "black"]})
    result = make(project, backend)
    assert not result["approved"] and result["rounds"] == 2 and result["open_notes"] >= 1
    review = project.film("six").review()
    assert review is not None and {n.shot for n in review.notes if n.blocking} == {"s01-03"}
    assert "flicker" in {n.check.split(".")[0] for n in review.notes}, "the black take is worse: the first one is kept"


def test_edited_storyboard_shoots_only_the_changed_shot(project: Project) -> None:
    backend = Rehearsal()
    make(project, backend)
    path = project.root / "films/six/storyboard.yaml"
    path.write_text(path.read_text().replace("four waves", "four storms"))
    result = make(project, backend)
    assert result["changed_shots"] == ["s01-04"]
    assert result["takes"] == {"generated": 1, "reused": 5, "failed": 0}
    assert backend.requests[-1].prompt.startswith("Four storms")


def test_changed_length_of_one_shot_leaves_the_others(project: Project) -> None:
    backend = Rehearsal()
    make(project, backend)
    path = project.root / "films/six/storyboard.yaml"
    text = path.read_text()
    assert text.count("seconds: 1") == 6
    path.write_text(text.replace("seconds: 1", "seconds: 2", 1))
    result = make(project, backend)
    assert (result["frames"], result["changed_shots"]) == (56, ["s01-01"])


def test_edited_brief_shoots_only_what_it_changed_and_keeps_the_other_seeds(project: Project) -> None:
    backend = Rehearsal(faults={"two": ["black"]})
    make(project, backend)
    board = project.film("six").storyboard()
    assert board is not None and board.shot("s01-02").variant == 1, "the second shot was made again by another seed"
    changed = BRIEF.replace("five waves", "five ships")
    result = run_film(FilmContext(Studio(project, backend=backend)), changed, film="six")
    assert result["changed_shots"] == ["s01-05"]
    assert result["approved"]
    after = project.film("six").storyboard()
    assert after is not None and after.shot("s01-02").seed == board.shot("s01-02").seed


def test_edited_prose_shoots_only_what_it_changed(project: Project) -> None:
    context = FilmContext(Studio(project))
    first = run_film(context, "A boat leaves the harbour. A gull lands on the mast. The sun sets.", film="boat")
    shots = first["shots"]
    result = run_film(context, "A boat leaves the harbour. A seal swims beside it. The sun sets.", film="boat")
    assert result["approved"] and result["takes"] == {"generated": 1, "reused": shots - 1, "failed": 0}


def test_cancel_leaves_a_film_that_goes_on(project: Project) -> None:
    backend = Rehearsal()
    stopped = Studio(project, backend=backend, should_stop=lambda: len(backend.requests) >= 3)
    with pytest.raises(Cancelled):
        run_film(FilmContext(stopped), BRIEF, film="six")
    result = run_film(FilmContext(Studio(project, backend=backend)), film="six")
    assert result["approved"]
    assert 6 <= len(backend.requests) <= 6 + 4  # at most the four calls that were under way at once are repeated
    assert len({t.key for t in project.ledger.takes()}) == 6


def test_late_writes_of_a_broken_branch_are_not_in_the_log_and_other_faults_of_callbacks_are(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    def break_callbacks(request: TakeRequest) -> None:
        pool = ThreadPoolExecutor(1)
        ended = pool.submit(int)
        pool.shutdown()
        ended.add_done_callback(lambda _: pool.submit(int))  # what LangGraph does after another branch raised
        ended.add_done_callback(lambda _: int("one"))

    assert make(project, Rehearsal(on_call=break_callbacks))["approved"]
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ValueError] * 6


def test_storyboard_gate_asks_before_anything_is_shot_and_once(project: Project) -> None:
    backend, asked = Rehearsal(), []

    def answer(payload: dict[str, Any]) -> bool:
        asked.append(payload)
        assert backend.requests == []
        return True

    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"storyboard"}))
    result = run_film(context, BRIEF, film="six", answer=answer)
    assert result["approved"]
    assert [(a["gate"], a["number"], len(a["shown"]["shots"])) for a in asked] == [("storyboard", 1, 6)]
    run_film(context, BRIEF, film="six", answer=answer)
    assert len(asked) == 1, "what a person approved stays approved"


def test_cost_gate_asks_before_a_film_that_is_not_approved_is_gone_on_with_though_all_its_takes_are_there(
    project: Project,
) -> None:
    backend = Rehearsal(faults={"waves": ["black"] * 4})
    brief = "shots: [{prompt: waves, seconds: 1}]"
    assert not run_film(FilmContext(Studio(project, backend=backend)), brief, film="one")["approved"]
    asked = []

    def answer(payload: dict[str, Any]) -> bool:
        asked.append((payload["gate"], payload["shown"]["to_make"], payload["shown"]["most"]["calls"]))
        assert len(backend.requests) == 2
        return True

    context = FilmContext(Studio(project, backend=backend), approve_above=Limits(calls=0))
    run_film(context, film="one", answer=answer)
    assert asked == [("cost", [], 1)]
    assert len(backend.requests) == 3, "one more take, in the round that follows"


def test_yes_at_the_cost_gate_pays_for_the_rounds_that_follow_and_not_for_those_of_a_later_resume(
    project: Project,
) -> None:
    backend = Rehearsal(faults={"waves": ["black"] * 6})
    shot_before: list[int] = []

    def answer(payload: dict[str, Any]) -> bool:
        shot_before.append(len(backend.requests))
        return True

    context = FilmContext(Studio(project, backend=backend), approve_above=Limits(calls=0))
    for brief in ("shots: [{prompt: waves, seconds: 1}]", ""):
        assert not run_film(context, brief, film="one", answer=answer)["approved"]
    assert shot_before == [0, 2] and len(backend.requests) == 3


def test_yes_at_the_cost_gate_stands_where_a_run_breaks_off_before_its_film_is_reviewed(project: Project) -> None:
    backend = Rehearsal()
    brief = "shots: [{prompt: one waves, seconds: 1}, {prompt: two waves, seconds: 1}]"
    asked: list[int] = []

    def answer(payload: dict[str, Any]) -> bool:
        asked.append(payload["number"])
        return True

    studio = Studio(project, backend=backend, should_stop=lambda: bool(backend.requests))
    with pytest.raises(Cancelled):
        run_film(FilmContext(studio, approve_above=Limits(calls=0)), brief, film="two", answer=answer)
    context = FilmContext(Studio(project, backend=backend), approve_above=Limits(calls=0))
    assert run_film(context, film="two", answer=answer)["approved"]
    assert asked == [1]


def test_no_at_the_storyboard_shoots_nothing(project: Project) -> None:
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"storyboard"}))
    result = run_film(context, BRIEF, film="six", answer=lambda payload: {"approved": False, "words": "too many waves"})
    assert not result["approved"] and backend.requests == []
    assert [d.words for d in project.film("six").decisions()] == ["too many waves"]


def test_waiting_for_a_person_holds_no_lock_and_goes_on_in_another_run(project: Project) -> None:
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"cut"}))
    result = run_film(context, BRIEF, film="six")
    assert result["waiting"] == "cut" and not result["approved"]
    with project.writing():
        pass
    result = run_film(context, film="six", answer=lambda payload: "yes")
    assert result["approved"] and len(backend.requests) == 6


def test_empty_brief_is_refused_before_anything_is_written(project: Project) -> None:
    with pytest.raises(InvalidRequest, match="brief"):
        run_film(FilmContext(Studio(project, backend=Rehearsal())), "")
    assert not (project.root / "films").exists()


def test_graph_runs_with_no_checkpointer_and_streams_events(project: Project) -> None:
    graph = create_film_graph().compile()
    context = FilmContext(Studio(project, backend=Rehearsal()))
    events = [e for e in graph.stream({"brief": BRIEF, "film": "six"}, context=context, stream_mode="custom")]
    kinds = [e["type"] for e in events]
    assert kinds[0] == "storyboard.ready" and kinds[-1] == "film.ready"
    assert kinds.count("take.ready") == 6 and {e["v"] for e in events} == {1}


async def test_graph_runs_async(project: Project) -> None:
    graph = create_film_graph().compile()
    state = await graph.ainvoke(
        {"brief": BRIEF, "film": "six"}, context=FilmContext(Studio(project, backend=Rehearsal()))
    )
    assert state["approved"] and state["generated"] == 6


def test_state_in_checkpoints_is_small(project: Project) -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    saver = InMemorySaver()
    graph = create_film_graph().compile(checkpointer=saver)
    config: Any = {"configurable": {"thread_id": "1"}}
    graph.invoke({"brief": BRIEF, "film": "six"}, config, context=FilmContext(Studio(project, backend=Rehearsal())))
    state = graph.get_state(config).values
    assert len(json.dumps(state)) < 1024 * 6
    assert state["takes"].keys() == {f"s01-{n:02d}" for n in range(1, 7)}


@dataclass
class Planted:
    """What somebody who can write to the checkpoints would have made, as a class's code is run to make it."""

    said: str

    def __post_init__(self) -> None:
        _MADE.append(self.said)


_MADE: list[str] = []


def test_nothing_in_a_projects_checkpoints_makes_objects_of_classes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgraph.checkpoint.serde import _msgpack

    # The switch that all tests run with would hide what `run_film` leaves to it.
    monkeypatch.setattr(_msgpack, "STRICT_MSGPACK_ENABLED", False)
    with checkpointer(Studio(project)) as saver:
        kept = saver.serde.dumps_typed({"takes": {"s01-01": "ab"}, "planted": Planted("by hand")})
        _MADE.clear()
        read = saver.serde.loads_typed(kept)
    assert read["takes"] == {"s01-01": "ab"} and not isinstance(read["planted"], Planted) and _MADE == []


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_checkpoints_are_written_through_no_link(project: Project, tmp_path: Path, suffix: str) -> None:
    theirs, path = tmp_path / "theirs", project.checkpoints
    theirs.write_bytes(b"")
    path.with_name(path.name + suffix).symlink_to(theirs)
    with checkpointer(Studio(project)) as saver:
        saver.setup()
    assert theirs.read_bytes() == b"" and path.is_file() and not path.is_symlink()


def test_spend_of_a_film_is_counted_over_runs(project: Project) -> None:
    backend = Rehearsal(price=Spend(calls=1, money=0.25))
    make(project, backend)
    assert make(project, backend)["spend"] == {"generation_seconds": 0.0, "calls": 6, "money": 1.5, "untimed_calls": 0}


def test_brief_is_never_a_path_where_the_context_does_not_allow_it(project: Project, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret word is xyzzy")
    run_film(FilmContext(Studio(project, backend=Rehearsal())), str(secret), film="f")
    board = project.film("f").storyboard()
    assert board is not None and "xyzzy" not in board.model_dump_json()


def test_take_gets_more_steps_than_its_model_usually_has_where_another_seed_did_not_help(tmp_path: Path) -> None:
    class Stepping(Rehearsal):
        def capabilities(self) -> Capabilities:
            return replace(super().capabilities(), steps=10)

    backend = Stepping(faults={"ball": ["black", "black"]})
    project = Project.open(tmp_path / "p", size=(128, 72), rate="8", memory=False, rounds=3)
    brief = "shots: [{prompt: a ball rolls, seconds: 1}]"
    assert run_film(FilmContext(Studio(project, backend=backend)), brief, film="f")["approved"]
    assert [r.steps for r in backend.requests] == [None, None, 15]
    assert backend.requests[0].key == backend.requests[0].model_copy(update={"steps": None}).key
