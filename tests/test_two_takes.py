"""A shot that an edit cut into two clips may show two takes: what is wrong with either is said, and of it alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.memory.takes import refused
from reelgraph.video_tools.checks.base import Check, Subject
from reelgraph.video_tools.cutting import edit_cut
from reelgraph.video_tools.film import Finding
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.reviewing import review_cut
from reelgraph.video_tools.studio import Studio


@dataclass(frozen=True)
class SecondTry(Check):
    """Wants every shot to be shot twice."""

    name = "second_try"
    needs = frozenset({"request"})

    def findings(self, subject: Subject) -> Iterable[Finding]:
        assert subject.request is not None
        first = subject.request.seed == 1
        yield self.failed("it is the first try", 1, 0) if first else self.passed(0, 0)


BRIEF = "shots: [{prompt: waves, seconds: 2, seed: 1}]"


def test_fault_of_a_shots_first_clip_is_not_hidden_by_its_second(project: Project) -> None:
    studio = Studio(project, backend=Rehearsal(), checks=[SecondTry()])
    assert run_film(FilmContext(studio), BRIEF, film="f")["approved"]
    film, ledger = project.film("f"), project.ledger
    board = film.storyboard()
    assert board is not None
    bad, good = (take.key for take in sorted(ledger.takes(), key=lambda take: take.request.seed != 1))
    halves = [{"op": "split", "clip": "s01-01", "at": 8}, {"op": "swap_take", "clip": "s01-01", "take": bad}]
    cut = edit_cut(studio, film, halves)
    assert [clip.take for clip in cut.clips] == [bad, good]
    review = review_cut(studio, film, board, cut)
    assert [(n.check, n.shot, n.take) for n in review.notes if n.blocking] == [("second_try", "s01-01", bad)]
    assert not review.approved
    own = [(f.take, f.outcome) for f in review.findings["s01-01"] if f.check == "second_try"]
    assert own == [(bad, "failed"), (good, "passed")]
    told = refused(film, board, ledger, [])
    assert [(one.take.key, one.why) for one in told] == [(bad, ["it is the first try"])]
    assert {finding.take for finding in told[0].findings} == {bad}


def test_take_put_in_by_hand_is_no_reason_to_shoot_the_plans_own_again(project: Project) -> None:
    backend = Rehearsal()
    studio = Studio(project, backend=backend, checks=[SecondTry()])
    context = FilmContext(studio)
    run_film(context, "shots: [{prompt: a field, seconds: 2}, {prompt: waves, seconds: 2, seed: 1}]", film="f")
    film = project.film("f")
    bad = next(take.key for take in project.ledger.takes() if take.request.seed == 1)
    edit_cut(studio, film, [{"op": "swap_take", "clip": "s01-01", "take": bad}])
    again = run_film(context, "", film="f")
    assert (again["approved"], again["rounds"], len(backend.requests)) == (False, 1, 3)
