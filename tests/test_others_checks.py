"""Checks that do not ship: what they measured stands while they are the same, and a wrong one ends nothing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from stranger import install

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.checks.base import Check, Subject, examine, load_checks
from reelgraph.video_tools.checks.intent import nothing_known
from reelgraph.video_tools.checks.meter import Meter
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.examined import examined, findings_of, settings_digest
from reelgraph.video_tools.film import Finding, digest
from reelgraph.video_tools.measured import findings_now
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.reviewing import review_cut
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.testing import CheckConformance

BRIEF = json.dumps({"shots": [{"prompt": "waves", "seconds": 1}]})


def open_project(tmp_path: Path, **settings: Any) -> Project:
    return Project.open(tmp_path / "p", size=(128, 72), rate="8", memory=False, **{"rounds": 1, **settings})


def make(project: Project, *checks: Check, backend: Rehearsal | None = None) -> dict[str, Any]:
    studio = Studio(project, backend=backend or Rehearsal(), checks=checks)
    return run_film(FilmContext(studio), BRIEF, film="f")


def reviewed(project: Project, *checks: Check) -> bool:
    """Review the film again, and say whether it is approved."""
    film, studio = project.film("f"), Studio(project, backend=Rehearsal(), checks=checks)
    board, cut = film.storyboard(), film.cut()
    assert board is not None and cut is not None
    with project.writing():
        return review_cut(studio, film, board, cut).approved


def subject() -> Subject:
    return Subject("take", Fraction(8), Meter().measures(), nothing_known(0))


@dataclass(frozen=True)
class Level(Check):
    """Fails above its level."""

    at: float = 0.0
    name: ClassVar[str] = "level"
    needs: ClassVar[Any] = frozenset({"request"})
    words: ClassVar[str] = "level ground"
    negative: ClassVar[str] = "slopes"

    def findings(self, subject: Subject) -> Iterable[Finding]:
        return [self.failed(f"at {self.at}", self.at, 0.0)] if self.at else [self.passed(0.0, 0.0)]


def test_digest_of_what_ships_alone_is_of_its_settings() -> None:
    """So what was measured before other checks counted is not measured again for nothing."""
    black = {"black": {"share": 0.5}, "shake": {"on": False}}
    assert settings_digest({}) == digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert settings_digest(black) == digest(black)
    assert settings_digest({**black, "level": Level()}) not in (digest(black), settings_digest({"level": Level()}))


def test_a_callers_check_that_is_new_changed_or_gone_is_asked_about_takes_that_exist(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path), Rehearsal()
    assert make(project, Level(), backend=backend)["approved"]
    assert not make(project, Level(at=5.0), backend=backend)["approved"], "it has another threshold"
    assert len(backend.requests) == 1, "no take is made for it"
    assert reviewed(project, Level())
    assert not reviewed(project, Level(at=5.0))
    assert reviewed(project), "it runs no more"
    assert not reviewed(project, Level(at=3.0)), "it is new"


def test_what_a_callers_check_measured_is_kept_for_the_same_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path)
    make(project)
    [take], checks = project.ledger.takes(), (Level(at=2.0),)
    found = findings_now(Studio(project, backend=Rehearsal(), checks=checks), take)
    assert [f.message for f in found if f.check == "level"] == ["at 2.0"]
    monkeypatch.setattr(Meter, "see_rgb", None)  # by which a take is measured
    same = Studio(project, backend=Rehearsal(), checks=[Level(at=2.0)])
    assert [f.message for f in findings_now(same, take) if f.check == "level"] == ["at 2.0"]
    assert len(list((project.root / "render" / "checks").iterdir())) == 1


CODE = '''
from dataclasses import dataclass
from typing import ClassVar
from reelgraph.video_tools.checks.base import Check
LEAST = {least}

@dataclass(frozen=True)
class Late(Check):
    """A package's check."""
    name: ClassVar[str] = "late"
    def findings(self, subject):
        return [self.failed("too late", 0, LEAST)] if LEAST else [self.passed(0, LEAST)]
'''


def test_a_packages_check_is_asked_once_it_is_there_and_again_once_its_code_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path)
    assert make(project)["approved"]
    with monkeypatch.context() as first:
        install(tmp_path / "1", first, "late_package", CODE.format(least=0), checks={"late": "Late"})
        assert reviewed(project)
        [take] = project.ledger.takes()
        assert "late" in {f.check for f in findings_now(Studio(project, backend=Rehearsal()), take)}
    with monkeypatch.context() as then:
        install(tmp_path / "2", then, "late_package", CODE.format(least=3), checks={"late": "Late"})
        assert not reviewed(project), "a constant beside its class is another"
        assert reviewed(open_project(tmp_path, checks={"late": {"on": False}}))
    stored = examined(project.ledger, take)
    assert stored is not None and stored.settings == digest({}), "what was published is never rewritten"


def test_a_check_without_a_source_is_itself_alone() -> None:
    def made(text: str) -> Check:
        room: dict[str, Any] = {"Check": Check, "__name__": "nowhere"}
        exec(f"class Cell(Check):\n name = 'cell'\n least = 1\n def findings(self, subject):\n  return {text}", room)
        check: Check = room["Cell"]()
        return check

    cell, other = made("[1]"), made("[2]")
    one, same, another = (settings_digest({"cell": check}) for check in (cell, cell, other))
    assert one == same != another


@dataclass(frozen=True)
class Says(Check):
    """Says whatever it was told to."""

    what: Callable[[Any], Any] = lambda check: []
    name: ClassVar[str] = "says"
    needs: ClassVar[Any] = frozenset()

    def findings(self, subject: Subject) -> Any:
        return self.what(self)


def boom(check: Check) -> Any:
    raise RuntimeError("boom\nand \udcff more")


NO_FINDINGS = {
    "one finding and no list": (lambda c: c.passed(1, 0), "TypeError: findings() gives one finding: give a list of it"),
    "words": (lambda c: ["good"], "TypeError: findings() gives 'good': give what self.passed(...) or self.failed("),
    "a bool": (lambda c: True, "TypeError: 'bool' object is not iterable"),
    "nothing": (lambda c: None, "TypeError: 'NoneType' object is not iterable"),
    "a mapping": (lambda c: {"outcome": "passed"}, "TypeError: findings() gives 'outcome': give what self.passed("),
    "another's": (lambda c: [Finding(check="black", outcome="passed")], "ValueError: findings() speaks for 'black'"),
    "two lines": (boom, "RuntimeError: boom and ? more"),
}


@pytest.mark.parametrize("name", NO_FINDINGS)
def test_what_is_no_list_of_findings_is_unknown_and_loses_no_take(name: str) -> None:
    what, said = NO_FINDINGS[name]
    [found, other] = examine(subject(), [Says(what=what), Says(what=lambda check: [check.passed(1, 0)])])
    assert found.message.startswith(f"the check itself failed: {said}") and "\n" not in found.message
    assert (found.check, found.outcome, found.blocking, other.outcome) == ("says", "unknown", True, "passed")


def test_a_take_is_published_whatever_a_callers_check_says_of_it_and_asked_about_again(tmp_path: Path) -> None:
    project, backend, mended = open_project(tmp_path), Rehearsal(), []

    def later(check: Check) -> Any:
        return [check.passed(1, 0)] if mended else check.passed(1, 0)

    assert not make(project, Says(what=later), backend=backend)["approved"]
    [take] = project.ledger.takes()
    assert [f.outcome for f in findings_of(project.ledger, take) if f.check == "says"] == ["unknown"]
    mended.append(True)
    assert make(project, Says(what=later), backend=backend)["approved"], "what broke may be mended meanwhile"
    assert len(backend.requests) == 1


@dataclass(frozen=True)
class OfFilms(Check):
    """Breaks on films, which alone it judges."""

    name: ClassVar[str] = "of_films"
    needs: ClassVar[Any] = frozenset({"frames", "cut"})

    def findings(self, subject: Subject) -> Any:
        return self.passed(1, 0)


def test_kit_runs_a_check_of_films_too(tmp_path: Path) -> None:
    kit = CheckConformance()
    kit.test_breaks_on_nothing_that_it_may_be_given(OfFilms(), "take", tmp_path)
    with pytest.raises(AssertionError, match="the check itself failed"):
        kit.test_breaks_on_nothing_that_it_may_be_given(OfFilms(), "film", tmp_path)


class Nameless(Check):
    def findings(self, subject: Subject) -> Any:
        return []


class Slipped(Nameless):
    name = "slipped"
    needs = frozenset({"frame"})  # type: ignore[arg-type]  # no such need


class Spelt(Nameless):
    name = "spelt"
    needs = "frames"  # type: ignore[assignment]  # no set


class Pointed(Nameless):
    name = "black.mine"


class Judge(Nameless):
    name = "judge"


class Black(Nameless):
    name = "black"


WRONG: dict[str, tuple[list[Any], str]] = {
    "two of one name": ([Level(at=5.0), Level(at=0.0)], "two checks are named 'level'"),
    "named as ours": ([Black()], "a check named 'black' is registered, .* rename yours, or turn that one off"),
    "no name": ([Nameless()], "the check Nameless has no name: write one in its class"),
    "no such need": ([Slipped()], "the check Slipped cannot need 'frame': did you mean frames?"),
    "needs that are a word": ([Spelt], "the check Spelt: needs cannot be 'frames': write it as frozenset"),
    "a point in its name": ([Pointed()], "the check Pointed cannot be named 'black.mine'"),
    "a name of no check": ([Judge()], "the check Judge cannot be named 'judge'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_checks_that_cannot_run_beside_others_are_refused_where_they_are_given(tmp_path: Path, name: str) -> None:
    checks, said = WRONG[name]
    with pytest.raises(InvalidRequest, match=said) as refused:
        Studio(open_project(tmp_path), backend=Rehearsal(), checks=checks)
    assert "\n" not in str(refused.value)


def test_a_callers_check_may_take_the_place_of_one_that_is_turned_off(tmp_path: Path) -> None:
    off, level = open_project(tmp_path, checks={"black": {"on": False}}), Level()
    studio = Studio(off, backend=Rehearsal(), checks=[Black(), level, level])
    assert [type(check) for check in load_checks(studio.checks_for()) if check.name == "black"] == [Black]
    assert [check.name for check in studio.checks] == ["black", "level"], "one given twice is one"
    with pytest.raises(InvalidRequest, match=r"\[checks.level\] sets a check that is given in code"):
        Studio(open_project(tmp_path, checks={"level": {"at": 3.0}}), backend=Rehearsal(), checks=[level])


MINE = CODE.format(least=0).replace("Late", "Mine")
STRANGERS = {
    "no check": ("class Mine: pass", "check 'mine' of the package odd is no check: register a class"),
    "another name": (MINE, "check 'mine' of the package odd calls itself 'late'"),
    "breaks": ("from nowhere_such import x", "check 'mine' of the package odd needs the package 'nowhere_such'"),
    "cannot be made": ("class Mine:\n def __init__(self): raise KeyError('x')", "odd cannot be made .KeyError: 'x'."),
    "no such need": (
        MINE.replace('"late"', '"mine"; needs = frozenset({"frame"})'),
        "check 'mine' of the package odd cannot need 'frame'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGERS)
def test_a_packages_check_that_cannot_be_used_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    code, said = STRANGERS[name]
    install(tmp_path, monkeypatch, "odd", code, checks={"mine": "Mine"})
    with pytest.raises(InvalidRequest, match=said):
        load_checks()
    assert "mine" not in {check.name for check in load_checks({"mine": {"on": False}})}


def test_command_says_of_a_packages_check_that_it_is_broken_and_of_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(tmp_path, monkeypatch, "odd", "import nowhere_such", checks={"mine": "Mine"})
    (tmp_path / "film.mp4").write_bytes(b"film")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "film.mp4", "--json"]) == 2
    said = json.loads(capsys.readouterr().out)["error"]
    assert said.startswith("check 'mine' of the package odd needs the package 'nowhere_such'")


def test_words_of_a_check_are_asked_for_first_once_another_seed_did_not_help(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, rounds=3), Rehearsal()
    make(project, Level(at=1.0), backend=backend)
    assert [r.prompt.partition(".")[0] for r in backend.requests] == ["Waves", "Waves", "Level ground"]
    assert [board.shots[0].negative for board in project.film("f").storyboards()][:3] == ["", "", "slopes"]
    assert backend.requests[0].seed != backend.requests[1].seed
