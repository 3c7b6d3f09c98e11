"""Edits that mend: tried before shooting again, kept only if they help, and gone with the take they were for."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.recut import edits_for, mend_cut, tried_edits
from reelgraph.graphs.revision import worked
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.backends.base import Call, Failed, Made, OnEvent, Sound
from reelgraph.video_tools.film import Cut, Note, Review, TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal, draw
from reelgraph.video_tools.studio import Studio

BRIEF = "shots: [{prompt: one waves, seconds: 4}, {prompt: two waves, seconds: 4}]"


class Spoilt(Rehearsal):
    """Spoils every take of the second shot by a function of its frames."""

    def __init__(self, spoil: Any) -> None:
        super().__init__()
        self._spoil = spoil
        self.paint: Any = lambda frames, request: frames
        self.sound: Sound | None = None

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for call in calls:
            self.requests.append(call.request)
            frames = draw(call.request)
            spoilt = "wo waves" in call.request.prompt
            frames = self._spoil(frames, call.request) if spoilt else self.paint(frames, call.request)
            spent = self.price(call.request)
            yield Made(call, rate=call.request.rate, frames=frames, sound=self.sound, spent=spent)


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
    assert worked(project) == {"black": ["trim"]}


def test_answer_about_a_film_that_an_edit_mended_is_kept(project: Project) -> None:
    def black_head(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        frames[:4] = 0
        return frames

    backend, asked = Spoilt(black_head), []

    def answer(question: dict[str, Any]) -> bool:
        asked.append((question["gate"], question["number"]))
        return True

    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"cut"}))
    waiting = run_film(context, BRIEF, film="two")
    assert (waiting["waiting"], waiting["approved"]) == ("cut", False)
    assert run_film(context, BRIEF, film="again", answer=answer)["approved"]
    film = project.film("again")
    assert asked == [("cut", 2)] and [(d.gate, d.number, d.approved) for d in film.decisions()] == [("cut", 2, True)]
    assert len(film.reviews()) == 2 and (film.folder / "approved" / "0002.mp4").exists()


def test_an_edit_that_nobody_looked_at_when_its_run_ended_is_taken_back_where_it_does_not_help(
    project: Project,
) -> None:
    _, cut, backend = make(project, lambda frames, request: frames)
    studio, film = Studio(project, backend=backend), project.film("two")
    board = film.storyboard()
    assert board is not None
    note = Note(id="s01-02-black-1", check="black", shot="s01-02", message="black", first_frame=0, last_frame=3)

    def killed(edited: Cut) -> Review:
        raise KeyboardInterrupt

    def still_black(edited: Cut) -> Review:
        known = [review for review in film.reviews() if review.cut == edited.number]
        again = Review(number=film.next_number("reviews"), cut=edited.number, notes=[note], approved=False)
        return known[0] if known else film.add(again) or again

    film.add(wrong := Review(number=2, cut=cut.number, notes=[note], approved=False))
    with studio.project.writing(), pytest.raises(KeyboardInterrupt):
        mend_cut(studio, film, board, cut, wrong, killed)
    left = film.cut()
    assert left is not None and [edit["why"] for edit in left.edits] == ["black:trim"]
    with studio.project.writing():
        mended, _ = mend_cut(studio, film, board, left, still_black(left), still_black)
    assert (mended.number, mended.clips, mended.edits) == (3, cut.clips, [])


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


def notes_of(project: Project) -> list[str]:
    review = project.film("two").review()
    assert review is not None
    return [note.check for note in review.notes]


def in_one_light(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
    """Give every take the same mean of each colour, so that two of one place are of one light."""
    return np.clip(frames * (120 / frames.mean((0, 1, 2))), 0, 255).astype(np.uint8)


def light_halves(project: Project, blocking: bool) -> tuple[dict[str, Any], Cut, Spoilt]:
    """Make two shots of one place, of which the second has half of the light, and a black head besides."""

    def darker(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        frames = in_one_light(frames, request) // 2
        frames[:4] = 0
        return frames

    project = Project.open(project.root, size=(128, 72), rate="8", checks={"joint": {"blocking": blocking}})
    spoilt = Spoilt(darker)
    spoilt.paint = in_one_light
    result = run_film(FilmContext(Studio(project, backend=spoilt)), BRIEF, film="two")
    cut = project.film("two").cut()
    assert cut is not None
    return result, cut, spoilt


def test_light_that_jumps_within_a_place_is_matched_where_that_blocks(project: Project) -> None:
    result, cut, spoilt = light_halves(project, True)
    assert result["approved"] and len(spoilt.requests) == 2
    assert [(e["op"], e["clip"], e["why"]) for e in cut.edits] == [
        ("trim", "s01-02", "black:trim"),
        ("effects", "s01-02", "joint.exposure:colour_match"),
    ]
    (stops,) = [e.arguments["stops"] for e in cut.clips[1].effects if e.name == "exposure"]
    assert 1.0 < stops < 3.0, "half of the codes are more than a stop; the black head is gone by then"
    assert not any(name.startswith("joint") for name in notes_of(project))


def test_what_is_seen_changes_for_no_advice(project: Project) -> None:
    result, cut, _ = light_halves(project, False)
    assert result["approved"] and [e["op"] for e in cut.edits] == ["trim"]
    assert "joint.exposure" in notes_of(project)


def test_a_shot_is_lengthened_for_what_is_said_in_it_where_that_blocks(project: Project) -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    brief = f"shots: [{{prompt: one waves, seconds: 4, lines: [{{text: {words}}}]}}, {{prompt: two waves, seconds: 4}}]"
    project = Project.open(project.root, size=(128, 72), rate="8", checks={"narration": {"blocking": True}})
    result = run_film(FilmContext(Studio(project, backend=Rehearsal())), brief, film="two")
    cut = project.film("two").cut()
    assert cut is not None
    assert [(e["op"], e["clip"], e["why"]) for e in cut.edits] == [("speed", "s01-01", "narration:retime")]
    assert "captions" in notes_of(project), "putting them back was tried once, and did not help"
    assert cut.clips[0].frames == 37, "seventeen words take 4.6 seconds"
    assert result["approved"], result


def test_a_shot_that_does_not_go_on_is_joined_by_a_crossfade(project: Project) -> None:
    brief = BRIEF.replace("{prompt: two waves, seconds: 4}", "{prompt: two waves, seconds: 4, continues: true}")
    spoilt = Spoilt(lambda frames, request: 255 - frames)
    result = run_film(FilmContext(Studio(project, backend=spoilt)), brief, film="two")
    cut = project.film("two").cut()
    assert cut is not None
    assert result["approved"] and len(spoilt.requests) == 2
    assert [(e["op"], e["why"]) for e in cut.edits] == [("transition", "continues:other_transition")]
    assert (cut.clips[1].transition.kind, cut.clips[1].transition.frames) == ("crossfade", 4)


def test_a_film_too_quiet_is_mixed_to_its_loudness(project: Project) -> None:
    wave = 0.01 * np.sin(np.arange(4 * 48000) * 0.05)
    spoilt = Spoilt(lambda frames, request: frames)
    spoilt.sound = Sound(np.float32(wave)[:, None].repeat(2, 1), 48000)
    result = run_film(FilmContext(Studio(project, backend=spoilt)), BRIEF, film="two")
    cut = project.film("two").cut()
    assert cut is not None
    assert result["approved"]
    assert [(e["op"], e["why"]) for e in cut.edits] == [("loudness", "loudness.integrated:remix_sound")]
    assert cut.loudness == -14.0
    assert not any(name.startswith("loudness") for name in notes_of(project))


def test_captions_out_of_step_are_put_back_but_not_over_narration(project: Project) -> None:
    brief = "shots: [{prompt: one waves, seconds: 4, lines: [{text: Come here!}]}, {prompt: two waves, seconds: 4}]"
    studio = Studio(project, backend=Rehearsal())
    assert run_film(FilmContext(studio), brief, film="two")["approved"]
    film = project.film("two")
    cut, board = film.cut(), film.storyboard()
    assert cut is not None and board is not None
    [caption] = right = cut.captions
    late = cut.model_copy(update={"captions": [caption.model_copy(update={"start": 40, "frames": 16})]})
    note = Note(id="n", check="captions", message="caption 'Come here!' is shown outside the shot")
    wrong, well = (Review(number=9, cut=cut.number, notes=notes) for notes in ([note], []))
    [edit] = edits_for(studio, film, board, late, wrong)
    assert (edit["op"], edit["why"]) == ("captions", "captions:shift_captions")
    narrated = late.model_copy(update={"edits": [{"op": "narrate", "text": "Hello"}]})
    assert edits_for(studio, film, board, narrated, wrong) == [], "its captions are a person's"
    with studio.project.writing():
        mended, review = mend_cut(studio, film, board, late, wrong, lambda edited: well)
    assert (mended.captions, review) == (right, well)


class Judge(GenericFakeChatModel):
    """A chat model that counts what it was asked."""

    asked: list[Any] = []

    def _generate(self, messages: Any, *args: Any, **options: Any) -> Any:
        self.asked.append(messages)
        return super()._generate(messages, *args, **options)


def test_a_judge_advises_once_on_each_take_and_rejects_none(project: Project) -> None:
    said = ['{"score": 0.1, "why": "dull"}', "rubbish", "rubbish", '{"score": null, "why": "too dark"}']
    model = Judge(messages=iter(map(AIMessage, said)), asked=[])
    backend = Rehearsal()
    studio = Studio(project, backend=backend, judge=model)
    first = run_film(FilmContext(studio), BRIEF, film="two")
    assert not first["approved"] and first["open_notes"] == 1, "what could not be read is not a yes"
    page = (project.film("two").deliver / "report.html").read_text()
    assert "Blocking: the judge&#39;s reply cannot be read" in page
    assert judged(project) == [("s01-01", "failed", "dull", False), ("s01-02", "unknown", "it is not", True)]
    assert len(model.asked) == 3, "the second take's reply could not be read and was asked for once more"
    second = run_film(FilmContext(studio), BRIEF, film="two")
    assert second["approved"] and second["open_notes"] == 0, "a judge that abstains speaks against nothing"
    assert judged(project) == [("s01-01", "failed", "dull", False), ("s01-02", "not_applicable", "too dark", False)]
    assert len(model.asked) == 4, "what was said of the first take stands"
    assert len(backend.requests) == 2, "neither dull nor unknown is shot again"


def test_a_judge_that_cannot_be_read_is_not_asked_again_for_each_edit_that_is_tried(project: Project) -> None:
    def black_head(frames: np.ndarray, request: TakeRequest) -> np.ndarray:
        frames[:4] = 0
        return frames

    model = Judge(messages=iter([AIMessage("rubbish")] * 40), asked=[])
    studio = Studio(project, backend=Spoilt(black_head), judge=model)
    assert run_film(FilmContext(studio), BRIEF, film="two")["open_notes"] == 2
    cut = project.film("two").cut()
    assert cut is not None and [edit["why"] for edit in cut.edits] == ["black:trim"]
    assert len(model.asked) == 4, "each of two takes, and once more for a reply that could not be read"


def judged(project: Project) -> list[tuple[str, str, str, bool]]:
    """List what the judge said of each shot, by a few words of it."""
    review = project.film("two").review()
    assert review is not None
    found = [(shot, f) for shot, own in review.findings.items() for f in own if f.check == "judge"]
    words = ("dull", "it is not", "too dark")
    return [(shot, f.outcome, next(w for w in words if w in f.message), f.blocking) for shot, f in found]
