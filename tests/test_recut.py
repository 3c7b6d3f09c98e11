"""Edits that mend: tried before shooting again, kept only if they help, and gone with the take they were for."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.recut import tried_edits
from reelgraph.graphs.revision import worked
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.backends.base import Call, Failed, Made, OnEvent
from reelgraph.video_tools.film import Cut, TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal, draw
from reelgraph.video_tools.studio import Studio

BRIEF = "shots: [{prompt: one waves, seconds: 4}, {prompt: two waves, seconds: 4}]"


class Spoilt(Rehearsal):
    """Spoils every take of the second shot by a function of its frames."""

    def __init__(self, spoil: Any) -> None:
        super().__init__()
        self._spoil = spoil

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for call in calls:
            self.requests.append(call.request)
            frames = draw(call.request)
            if "wo waves" in call.request.prompt:
                frames = self._spoil(frames, call.request)
            yield Made(call, rate=call.request.rate, frames=frames, spent=self.price(call.request))


def make(project: Project, spoil: Any) -> tuple[dict[str, Any], Cut, Spoilt]:
    backend = Spoilt(spoil)
    result = run_film(FilmContext(Studio(project, backend=backend)), BRIEF, film="two")
    cut = project.film("two").cut()
    assert cut is not None
    return result, cut, backend


def test_a_bad_head_is_trimmed_and_nothing_is_shot_again(project: Project) -> None:
    def black_head(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        frames[:4] = 0
        return frames

    result, cut, backend = make(project, black_head)
    assert result["approved"], result
    assert len(backend.requests) == 2
    assert [(clip.in_frame, clip.frames) for clip in cut.clips] == [(0, 32), (4, 28)]
    assert [(e["op"], e["head"], e["why"]) for e in cut.edits] == [("trim", 4, "black:trim")]
    review = project.film("two").review()
    assert review is not None
    (finding,) = [f for f in review.findings["s01-02"] if f.check == "black"]
    assert (finding.outcome, finding.message) == (
        "not_applicable",
        "black for 4 frames, and the cut does not show it",
    )


def test_a_take_a_little_too_short_is_slowed_to_the_length_planned(project: Project) -> None:
    result, cut, backend = make(project, lambda frames, request: frames[:28])
    assert result["approved"], result
    assert len(backend.requests) == 2
    assert cut.clips[1].frames == 32 and str(cut.clips[1].speed) == "7/8"


def test_a_fault_in_the_middle_is_shot_again(project: Project) -> None:
    tried: list[int | None] = []

    def flash_once(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        tried.append(request.seed)
        if len(tried) == 1:
            frames[14:17] = 0
        return frames

    result, cut, backend = make(project, flash_once)
    assert result["approved"] and result["rounds"] == 2 and cut.edits == []
    assert len(backend.requests) == 3
    assert worked(project)["black"] == ["new_seed"]


def test_a_trim_goes_with_the_take_that_it_was_for(project: Project) -> None:
    tried: list[int | None] = []

    def bad_head_and_middle(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        tried.append(request.seed)
        if len(tried) == 1:
            frames[:4] = 0
            frames[14:17] = 120
        return frames

    result, cut, _ = make(project, bad_head_and_middle)
    assert result["approved"] and result["rounds"] == 2
    assert [(clip.in_frame, clip.frames) for clip in cut.clips] == [(0, 32), (0, 32)]
    assert cut.edits == []
    assert tried_edits(project.film("two")) == {"s01-02": {"black:trim"}}


def test_the_best_of_several_takes_is_chosen_where_none_blocks(project: Project) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", best_of=3, checks={"black": {"blocking": False}})
    tried: list[int | None] = []

    def ever_less_black(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        tried.append(request.seed)
        if len(tried) != 2:
            frames[14:17] = 0
        return frames

    result, _, backend = make(project, ever_less_black)
    assert result["approved"] and result["rounds"] == 2
    assert len(backend.requests) == 3, "the second take has no fault, so no third is made"
    assert result["open_notes"] == 0


@pytest.mark.parametrize(("best_of", "takes"), [(1, 3), (5, 5)])
def test_other_seeds_are_tried_while_the_best_of_several_takes_is_wanted(
    project: Project, best_of: int, takes: int
) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", rounds=9, best_of=best_of)

    def barred(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        frames[:, :10] = frames[:, -10:] = 0
        return frames

    result, _, backend = make(project, barred)
    seeds = [request.seed for request in backend.requests if "wo waves" in request.prompt]
    assert not result["approved"]
    assert len(seeds) == takes, "a new seed and other words are all the remedies that there are"
    assert len(set(seeds)) == takes - 1, "other words are said with the same seed"


class Judge(GenericFakeChatModel):
    """A chat model that counts what it was asked."""

    asked: list[Any] = []

    def _generate(self, messages: Any, *args: Any, **options: Any) -> Any:
        self.asked.append(messages)
        return super()._generate(messages, *args, **options)


def test_a_judge_advises_once_on_each_take_and_rejects_none(project: Project) -> None:
    model = Judge(messages=iter([AIMessage('{"score": 0.1, "why": "dull"}'), *[AIMessage("rubbish")] * 2]), asked=[])
    backend = Rehearsal()
    studio = Studio(project, backend=backend, judge=model)
    for _ in range(2):
        result = run_film(FilmContext(studio), BRIEF, film="two")
    assert len(backend.requests) == 2 and result["takes"]["generated"] == 0, "neither dull nor unknown is shot again"
    assert not result["approved"] and result["open_notes"] == 0, "what could not be read is not a yes"
    page = (project.film("two").deliver / "report.html").read_text()
    assert "the judge that was asked gave no answer that can be read" in page
    review = project.film("two").review()
    assert review is not None
    assert [(n.raised_by, n.shot, n.message, n.blocking) for n in review.notes if n.check == "judge"] == [
        ("judge", "s01-01", "dull", False)
    ]
    assert [f.outcome for f in review.findings["s01-02"] if f.check == "judge"] == ["unknown"]
    assert len(model.asked) == 3, "the second take's reply could not be read and was asked for once more"
