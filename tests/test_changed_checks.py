"""Settings of checks: wrong ones are refused before anything is paid, and changed ones reach the takes there are."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools import take_actions
from reelgraph.video_tools.backends.model_folder import SHIPPED
from reelgraph.video_tools.checks.base import Check, Subject
from reelgraph.video_tools.checks.meter import Meter
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.film import Finding
from reelgraph.video_tools.generation import shoot
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.measured import findings_now
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio

BRIEF = json.dumps({"shots": [{"prompt": "waves", "seconds": 1}]})
WRONG = {
    "no such check": ({"blak": {}}, "no check named 'blak'"),
    "no such setting": ({"black": {"shre": 0.5}}, "check 'black' has no setting 'shre'"),
    "words for a number": ({"black": {"share": "most"}}, "check 'black': share cannot be 'most'"),
    "a number for a switch": ({"black": {"blocking": 1}}, "check 'black': blocking cannot be 1"),
}


def open_project(tmp_path: Path, **settings: Any) -> Project:
    return Project.open(tmp_path / "p", size=(128, 72), rate="8", memory=False, **settings)


def make(project: Project, backend: Rehearsal) -> dict[str, Any]:
    return run_film(FilmContext(Studio(project, backend=backend)), BRIEF, film="f")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_setting_of_a_check_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    checks, said = WRONG[name]
    project = open_project(tmp_path, checks=checks)
    with pytest.raises(InvalidRequest, match=said):
        Studio(project, backend=Rehearsal())
    assert not (project.root / "attempts").exists()


def test_wrong_setting_ends_a_command_with_2_and_nothing_is_paid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.open(tmp_path / "p")
    (tmp_path / "p" / "reelgraph.toml").write_text("[checks.black]\nshre = 0.5\n")
    assert main(["make", "A kite climbs.", "-p", str(tmp_path / "p"), "--json"]) == 2
    assert "has no setting 'shre'" in json.loads(capsys.readouterr().out)["error"]
    assert not (tmp_path / "p" / "attempts").exists() and not (tmp_path / "p" / "films").exists()


def test_a_take_is_judged_once_its_embedder_is_there_and_not_again_where_it_moved(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    brief = json.dumps({"shots": [{"prompt": "a red ball on grass", "seconds": 1}]})

    def judged(folder: Path) -> tuple[Any, list[Finding], Rehearsal]:
        project, backend = open_project(tmp_path, checks={"adherence": {"model": str(folder)}}), Rehearsal()
        result = run_film(FilmContext(Studio(project, backend=backend)), brief, film="f")
        review = project.film("f").review()
        assert review is not None
        return result, [f for f in review.findings["s01-01"] if f.check.startswith("adherence")], backend

    result, (finding,), backend = judged(tmp_path / "clip")
    assert (finding.outcome, finding.blocking) == ("unknown", True)
    assert not result["approved"] and result["open_notes"] == 1
    assert len(backend.requests) == 1, "what could not be measured is no reason to pay for another take"
    shutil.copytree(SHIPPED / "shapes_clip", tmp_path / "clip")
    result, found, backend = judged(tmp_path / "clip")
    assert result["approved"] and backend.requests == []
    assert [f.check for f in found] == ["adherence.red ball", "adherence.ball"]
    (tmp_path / "clip").rename(tmp_path / "moved")
    kept = sorted((tmp_path / "p" / "render" / "checks").iterdir())
    assert judged(tmp_path / "moved")[1] == found
    assert sorted((tmp_path / "p" / "render" / "checks").iterdir()) == kept


def test_wrapper_refuses_wrong_settings_before_it_reserves(tmp_path: Path) -> None:
    from test_generation import wanted

    ledger, backend = Ledger(tmp_path), Rehearsal()
    with pytest.raises(InvalidRequest, match="no check named 'blak'"):
        list(shoot(ledger, backend, [wanted(1)], film="f", checks={"blak": {}}))
    assert backend.requests == [] and list(ledger.attempts()) == []


def test_take_that_cannot_be_examined_is_kept_and_its_outcome_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Meter, frame: Any) -> None:
        raise MemoryError("no room to measure in")

    project, backend = open_project(tmp_path, rounds=2), Rehearsal()
    monkeypatch.setattr(Meter, "see_rgb", broken)  # by which frames are measured on their way to the encoder
    made = make(project, backend)
    [take] = project.ledger.takes()
    [finding] = findings_of(project.ledger, take)
    assert (finding.check, finding.outcome, finding.blocking) == ("examiner", "unknown", True)
    assert finding.message == (
        "the take could not be examined: MemoryError: no room to measure in; its file is kept, and `reelgraph check` "
        "reads it"
    )
    assert made["approved"] and len(backend.requests) == 1, "its file was measured when the cut was reviewed"


@dataclass(frozen=True)
class Broken(Check):
    """A plug-in that fails."""

    name = "broken"

    def findings(self, subject: Subject) -> Iterable[Finding]:
        raise ZeroDivisionError("by zero")


def test_what_cannot_be_measured_is_not_approved_and_pays_for_no_other_take(tmp_path: Path) -> None:
    backend = Rehearsal()
    studio = Studio(open_project(tmp_path, rounds=3), backend=backend, checks=[Broken()])
    made = run_film(FilmContext(studio), BRIEF, film="f")
    assert (made["approved"], made["rounds"], len(backend.requests)) == (False, 1, 1)


def test_changed_setting_reaches_takes_that_exist_and_nothing_is_made_for_it(tmp_path: Path) -> None:
    backend = Rehearsal(faults={"waves": ["black"]})
    project = open_project(tmp_path, rounds=1, checks={"black": {"blocking": False}, "blank": {"on": False}})
    made = make(project, backend)
    strict = open_project(tmp_path, rounds=1, checks={"blank": {"on": False}})
    [take] = strict.ledger.takes()
    stored = findings_of(strict.ledger, take)
    assert [f.blocking for f in stored or [] if f.check == "black"] == [False]
    again = make(strict, backend)
    verdict = strict.film("f").verdict()
    assert verdict is not None
    assert {n.blocking for n in verdict.notes if n.shot == "s01-01" and n.check == "black" and not n.in_film} == {True}
    assert not again["approved"] and len(backend.requests) == 1 and made["takes"]["generated"] == 1
    assert findings_of(strict.ledger, take) == stored, "what was published is never rewritten"
    studio = Studio(strict, backend=backend)
    assert findings_now(studio, take) == findings_now(studio, take)
    assert len(list((strict.root / "render" / "checks").iterdir())) == 1


def test_changed_setting_holds_a_ladder_back(tmp_path: Path) -> None:
    from test_next_takes import Conditioned

    backend = Conditioned(faults={"waves": ["black"]})
    lax = {"black": {"on": False}, "blank": {"on": False}, "frozen": {"on": False}}
    project = open_project(tmp_path, ladder=["draft"], rung="draft", checks=lax)
    make(project, backend)
    assert [r.rung for r in backend.requests] == ["draft"]
    strict = open_project(tmp_path, ladder=["draft"], rung="final", rounds=1, checks={})
    make(strict, backend)
    assert [r.rung for r in backend.requests] == ["draft"], "the draft fails now, so no final is paid for"


def test_what_is_measured_again_is_measured_for_its_shot_whoever_asks_first(tmp_path: Path) -> None:
    """Only a shot says which camera move was wanted, so what is measured without one must not stand for all."""
    project = open_project(tmp_path)
    brief = json.dumps({"shots": [{"prompt": "waves", "seconds": 1, "camera": "pan_left"}]})
    backend = Rehearsal()
    run_film(FilmContext(Studio(project, backend=backend)), brief, film="f")
    changed = Studio(open_project(tmp_path, checks={"black": {"blocking": False}}), backend=backend)
    [take] = project.ledger.takes()
    board = project.film("f").storyboard()
    assert board is not None
    inspected = take_actions.inspect_take(changed, take=take.key[:12])
    assert "no camera move" not in inspected.text
    asked = {f.check for f in findings_now(changed, take, board.shots[0]) if f.check.startswith("camera")}
    still = board.shots[0].model_copy(update={"camera": "still"})
    assert asked == {"camera.pan_left"}
    assert {f.check for f in findings_now(changed, take) if f.check.startswith("camera")} == asked
    assert {f.check for f in findings_now(changed, take, still) if f.check.startswith("camera")} == {"camera.still"}


def test_take_is_measured_for_the_shot_that_shows_it_with_settings_as_they_were(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path), Rehearsal()
    make(project, backend)
    [take], studio = project.ledger.takes(), Studio(project, backend=backend)
    board = project.film("f").storyboard()
    assert board is not None
    tilted = board.shots[0].model_copy(update={"camera": "tilt_up"})
    assert {f.check for f in findings_now(studio, take, tilted) if f.check.startswith("camera")} == {"camera.tilt_up"}
    told = board.shots[0].model_copy(update={"why": ["for another reason"], "tried": ["black:new_seed"]})
    assert findings_now(studio, take, told) == findings_of(project.ledger, take)
    assert len(list((project.root / "render" / "checks").iterdir())) == 1, "a reason is no cause to measure again"


@dataclass(frozen=True)
class Unsure(Check):
    """An embedder that cannot tell what the first seed shows."""

    name = "unsure"
    needs = frozenset({"request"})

    def findings(self, subject: Subject) -> Iterable[Finding]:
        assert subject.request is not None
        if subject.request.seed == 1:
            yield self.unknown("it cannot tell the motion from its opposites", value=0.2, threshold=0.25)
        else:
            yield self.passed(0.9, 0.25)


def test_what_cannot_be_told_of_one_take_is_tried_with_another_seed(tmp_path: Path) -> None:
    backend = Rehearsal()
    studio = Studio(open_project(tmp_path), backend=backend, checks=[Unsure()])
    brief = json.dumps({"shots": [{"prompt": "waves", "seconds": 1, "seed": 1}]})
    made = run_film(FilmContext(studio), brief, film="f")
    assert (made["approved"], made["rounds"], len(backend.requests)) == (True, 2, 2)
    assert backend.requests[1].seed != 1
