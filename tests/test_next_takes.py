"""The ladder, and shots that go on from one another, through the graph."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.answers import cost_line
from reelgraph.video_tools.backends.base import Capabilities, FrameRule
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.estimate import estimate_cost
from reelgraph.video_tools.film import Reference, Spend, Take, TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.shooting import shoot_shots
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard


class Conditioned(Rehearsal):
    """Takes pictures and clips, as a video model does, and makes 4k + 1 frames."""

    def capabilities(self) -> Capabilities:
        modes = frozenset({"text", "still", "image", "video"})
        return replace(super().capabilities(), modes=modes, frames=FrameRule(step=4, offset=1))


def brief(*shots: dict[str, Any]) -> str:
    return json.dumps({"shots": [{"seconds": 1, **shot} for shot in shots]})


TWO = brief({"prompt": "one waves"}, {"prompt": "two waves"})


def open_project(tmp_path: Path, **settings: Any) -> Project:
    return Project.open(tmp_path / "p", size=(128, 72), rate="8", memory=False, **settings)


def make(project: Project, backend: Rehearsal, text: str) -> dict[str, Any]:
    return run_film(FilmContext(Studio(project, backend=backend)), text, film="f")


def asked(backend: Rehearsal, words: str) -> list[TakeRequest]:
    return [r for r in backend.requests if words in r.prompt.lower()]


def take_of(project: Project, request: TakeRequest) -> Take:
    take = project.ledger.take(request.key)
    assert take is not None
    return take


def test_shot_climbs_from_still_to_draft_to_final_each_from_the_one_below(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, ladder=["still", "draft"]), Conditioned()
    result = make(project, backend, TWO)
    assert result["approved"] and result["takes"]["generated"] == 6
    still, draft, final = asked(backend, "one")
    assert [(r.rung, r.frames, r.width, r.height) for r in (still, draft, final)] == [
        ("still", 1, 128, 72), ("draft", 9, 64, 36), ("final", 9, 128, 72),
    ]  # fmt: skip
    assert draft.references == [Reference(content=take_of(project, still).content, role="first_frame")]
    assert final.references == [Reference(content=take_of(project, draft).content, role="video", strength=0.4)]
    assert len({r.seed for r in (still, draft, final)}) == 1
    assert take_of(project, final).notes["rung"] == f"final, from the take of draft {draft.key[:12]}"
    assert make(project, backend, TWO)["takes"] == {"generated": 0, "reused": 2, "failed": 0}


def test_take_says_where_only_the_seed_is_shared(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, ladder=["draft"]), Rehearsal()
    make(project, backend, TWO)
    draft, final = asked(backend, "one")
    assert final.references == [] and final.seed == draft.seed
    assert take_of(project, final).notes["rung"] == f"final, from the seed of draft {draft.key[:12]}"


def test_final_is_not_paid_for_while_the_draft_fails(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, ladder=["draft"]), Conditioned(faults={"two": ["black"]})
    result = make(project, backend, TWO)
    assert result["approved"] and result["rounds"] == 2
    assert [r.rung for r in asked(backend, "two")] == ["draft", "draft", "final"]
    assert [r.rung for r in asked(backend, "one")] == ["draft", "final"]


def test_draft_that_never_passes_stays_in_the_film_with_its_note(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, ladder=["draft"]), Conditioned(faults={"two": ["black"] * 9})
    result = make(project, backend, TWO)
    assert not result["approved"] and {r.rung for r in asked(backend, "two")} == {"draft"}
    cut = project.film("f").cut()
    assert cut is not None and all(clip.take for clip in cut.clips)


def test_estimate_counts_every_rung_that_is_to_be_made(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, ladder=["still", "draft"]), Conditioned()
    studio = Studio(project, backend=backend)
    film = open_film(studio, TWO, name="f")
    board = plan_storyboard(studio, film)
    cost = estimate_cost(studio, film, board)
    assert (cost.once, cost.most.calls) == (Spend(calls=6, generation_seconds=6.0), 12)
    two = Spend(calls=2, generation_seconds=2.0)
    assert list(cost.parts.items()) == [("still", two), ("draft", two), ("final", two)]
    list(shoot_shots(studio, film, board, ["s01-01"]))
    cost = estimate_cost(studio, film, board)
    assert (cost.once, cost.most.calls) == (Spend(calls=3, generation_seconds=3.0), 9)
    assert cost_line(studio, film, cost) == (
        "1 of 2 shots have no take (s01-02); shooting them costs 3 calls, 3.0 s of generation with rehearsal "
        "(at most 9 calls, 9.0 s of generation over 2 rounds). Of that still: 1 call, 1.0 s of generation; "
        "draft: 1 call, 1.0 s of generation; final: 1 call, 1.0 s of generation."
    )


def test_estimate_says_the_most_that_the_rounds_really_come_to(tmp_path: Path) -> None:
    """A shot that has a take may be shot again, in as many rounds as best_of or rounds allow."""
    project, backend = open_project(tmp_path, best_of=4), Rehearsal(faults={"two": ["black"] * 9})
    studio = Studio(project, backend=backend)
    film = open_film(studio, TWO, name="f")
    most = estimate_cost(studio, film, plan_storyboard(studio, film)).most.calls
    list(shoot_shots(studio, film, plan_storyboard(studio, film), ["s01-01", "s01-02"]))
    ready = estimate_cost(studio, film, plan_storyboard(studio, film))
    assert (most, ready.once, ready.most.calls) == (8, Spend(), 6)
    assert cost_line(studio, film, ready).startswith("Every shot has a take. Mending what a review finds wrong costs")
    assert not make(project, backend, TWO)["approved"]
    assert 2 + 3 <= len(backend.requests) <= most


def test_nothing_is_shot_again_of_an_approved_film(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path), Rehearsal()
    assert make(project, backend, TWO)["approved"]
    studio, film = Studio(project, backend=backend), project.film("f")
    cost = estimate_cost(studio, film, plan_storyboard(studio, film))
    assert (cost.once, cost.most, cost_line(studio, film, cost)) == (Spend(), Spend(), "Every shot has a take.")


def test_back_end_without_stills_drafts_in_their_place_and_says_so(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, rung="still"), Rehearsal()
    make(project, backend, TWO)
    (request,) = asked(backend, "one")
    (said,) = (s for s in take_of(project, request).substitutions if s.what == "rung")
    assert request.rung == "draft" and (said.asked, said.made) == ("still", "draft")


CHAIN = brief(
    {"prompt": "one waves", "seconds": 0.75}, {"prompt": "two waves", "continues": True},
    {"prompt": "three waves", "continues": True},
)  # fmt: skip
UNCHECKED = {"continues": {"on": False}, "jump_cut": {"on": False}}  # a rehearsal draws each shot by itself


def test_continuing_shot_begins_on_the_frame_where_the_one_before_is_cut(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, checks=UNCHECKED), Conditioned(max_batch=3)
    result = make(project, backend, CHAIN)
    one, two, three = backend.requests
    assert result["takes"]["generated"] == 3 and one.references == []
    # Nine frames were made, six are shown: the next shot begins on the seventh.
    assert two.references == [Reference(content=take_of(project, one).content, role="first_frame", frame=6)]
    assert three.references == [Reference(content=take_of(project, two).content, role="first_frame", frame=8)]
    assert take_of(project, three).notes["continues"] == "s01-02, from its frame 8"
    assert make(project, backend, CHAIN)["takes"] == {"generated": 0, "reused": 3, "failed": 0}


def test_shots_that_go_on_from_one_that_is_shot_again_follow_it(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, checks=UNCHECKED), Conditioned(faults={"one": ["black"]})
    result = make(project, backend, CHAIN)
    assert result["approved"] and result["rounds"] == 2
    again = asked(backend, "one")[-1]
    # A rehearsal draws the second shot as before, whatever it begins on, so that the third has nothing to follow.
    assert [len(asked(backend, words)) for words in ("one", "two", "three")] == [2, 2, 1]
    assert asked(backend, "two")[-1].references[0].content == take_of(project, again).content


def test_shot_whose_forerunner_cannot_be_made_begins_by_itself_and_says_so(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, checks=UNCHECKED, rounds=1), Conditioned(faults={"one": ["fail"]})
    make(project, backend, CHAIN)
    two, three = backend.requests[1:]
    (said,) = (s for s in take_of(project, two).substitutions if s.what == "continues")
    assert two.references == [] and (said.asked, said.made) == ("goes on from s01-01", "begins by itself")
    assert three.references == []
    assert [s.why for s in take_of(project, three).substitutions if s.what == "continues"] == ["s01-01 has no take"]


def test_shot_that_names_its_own_first_frame_keeps_it(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, checks=UNCHECKED), Conditioned()
    make(project, backend, TWO)
    picture = take_of(project, asked(backend, "one")[0]).content
    shots = ({"prompt": "four waves"}, {"prompt": "five waves", "continues": True,
             "references": [{"content": picture, "role": "first_frame"}]})  # fmt: skip
    make(project, backend, brief(*shots))
    (five,) = asked(backend, "five")
    assert [r.content for r in five.references] == [picture]


@pytest.mark.parametrize("rung", ["still", "draft"])
def test_lower_rung_that_is_asked_for_once_leaves_the_films_own_to_be_made(tmp_path: Path, rung: Any) -> None:
    project, backend = open_project(tmp_path), Conditioned()
    studio = Studio(project, backend=backend)
    from reelgraph.video_tools.actions import plan_storyboard
    from reelgraph.video_tools.take_actions import generate_take

    plan_storyboard(studio, brief=TWO, film="f")
    answer = generate_take(studio, shot="s01-01", rung=rung)
    assert answer.record["take"]["request"]["rung"] == rung
    assert estimate_cost(studio, project.film("f"), project.film("f").storyboard()).to_make == ["s01-01", "s01-02"]


STILLS_ELSEWHERE: dict[str, Any] = {
    "ladder": ["still", "draft"],
    "backends": {"sketch": {"kind": "animatic"}},
    "backend_by_kind": {"still": "sketch"},
}


def test_stills_of_another_back_end_are_what_takes_begin_on(tmp_path: Path) -> None:
    project, backend = open_project(tmp_path, **STILLS_ELSEWHERE), Conditioned()
    studio = Studio(project, backend=backend)
    film = open_film(studio, TWO, name="f")
    board = plan_storyboard(studio, film)
    whole = estimate_cost(studio, film, board).once
    assert whole.calls == 6 and whole.generation_seconds > 2 * 1.0 + 4 * 1.0, "a drawn still has a price of its own"
    assert make(project, backend, TWO)["approved"]
    draft, final = asked(backend, "one")
    still = project.ledger.by_content(draft.references[0].content)
    assert (still.request.backend, still.request.rung, still.frames) == ("sketch", "still", 1)
    assert (draft.rung, final.rung) == ("draft", "final") and draft.references[0].role == "first_frame"
    assert draft.seed == final.seed is not None, "another model's seed, or that it has none, changes nothing"


def test_shot_that_goes_on_from_another_waits_for_it_and_has_no_still_of_another_back_end(tmp_path: Path) -> None:
    project = open_project(tmp_path, checks=UNCHECKED, **STILLS_ELSEWHERE)
    backend = Conditioned()
    studio = Studio(project, backend=backend)
    film = open_film(studio, CHAIN, name="f")
    calls = estimate_cost(studio, film, plan_storyboard(studio, film)).once.calls
    result = make(project, backend, CHAIN)
    assert result["takes"]["generated"] == calls == 9, "a still, a draft and a final of each"
    (one, final), two = asked(backend, "one"), asked(backend, "two")
    drawn = [take.shot for take in project.ledger.takes() if take.request.backend == "sketch"]
    assert drawn == ["s01-01"] and take_of(project, one).request.references[0].role == "first_frame"
    assert [r.references[0] for r in two] == [
        Reference(content=take_of(project, final).content, role="first_frame", frame=6)
    ] * 3, "what begins on a frame has a still of its own model's, if any"


def test_shot_whose_forerunner_cannot_be_made_begins_on_its_own_still_of_another_back_end(tmp_path: Path) -> None:
    project = open_project(tmp_path, checks=UNCHECKED, rounds=1, **STILLS_ELSEWHERE)
    backend = Conditioned(faults={"one": ["fail"]})
    make(project, backend, CHAIN)
    draft = asked(backend, "two")[0]
    still = project.ledger.by_content(draft.references[0].content)
    assert (still.request.backend, still.shot, draft.rung) == ("sketch", "s01-02", "draft")
    assert [s.made for s in take_of(project, draft).substitutions if s.what == "continues"] == ["begins by itself"]


def test_stills_of_another_back_end_are_not_made_for_a_model_that_cannot_begin_on_one(tmp_path: Path) -> None:
    project = open_project(
        tmp_path, ladder=["still"], backends={"sketch": {"kind": "animatic"}}, backend_by_kind={"still": "sketch"}
    )
    backend = Rehearsal()
    make(project, backend, TWO)
    assert {take.request.backend for take in project.ledger.takes()} == {"rehearsal"}


class Clips(Rehearsal):
    """Says that it makes stills, and takes no less than five frames."""

    def capabilities(self) -> Capabilities:
        frames = FrameRule(step=4, offset=1, least=5)
        return replace(super().capabilities(), modes=frozenset({"text", "still"}), frames=frames)


@pytest.mark.parametrize("unable", [Rehearsal(), Clips()])
def test_back_end_named_for_stills_that_makes_none_is_refused(tmp_path: Path, unable: Rehearsal) -> None:
    project = open_project(tmp_path, ladder=["still"], backend_by_kind={"still": "rehearsal"})
    with pytest.raises(InvalidRequest, match="rehearsal makes no stills: name another"):
        make(project, unable, brief({"prompt": "three waves"}))
    assert unable.requests == []
