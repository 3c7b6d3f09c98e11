"""A person's gates: what was decided is written in the film's folder, so it stands for what was asked about.

What a gate shows is plain JSON of a known type, which a UI can draw: pictures and films are paths within the project.
"""

import shutil
from pathlib import Path
from typing import Any, Literal, TypeAlias

from langgraph.types import interrupt
from typing_extensions import TypedDict

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, TransientFailure
from reelgraph.video_tools.estimate import Estimate
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Cut, Decision, Gate, Review, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import is_revised, newest_review, number_at, standing
from reelgraph.video_tools.revising import revise
from reelgraph.video_tools.shown import (
    LooksShown,
    ShotShown,
    StoryboardShown,
    entries_of,
    looks_of,
    plan_shown,
    shots_shown,
    style_of,
)
from reelgraph.video_tools.studio import Studio


class EntryShown(LooksShown):
    """Somebody, or a place, as every shot of theirs will show them."""

    pictures: list[str]
    shots: list[str]


class ReferencesShown(TypedDict):
    """Shown at the gate `references`: the sheet of all who must look the same throughout, and the look of the film."""

    entries: list[EntryShown]
    style: dict[str, Any]


class CostShown(TypedDict):
    """Shown at the gate `cost`: what shooting would cost, once and in every round, as fields of `Spend`.

    `parts` is what `once` is made up of: the reference sheet, each rung, and the music.
    """

    to_make: list[str]
    once: dict[str, float]
    parts: dict[str, dict[str, float]]
    most: dict[str, float]
    spent: dict[str, float]


class CutShown(TypedDict):
    """Shown at the gate `cut`: the film, its shots as they were made, and what the checks have to say."""

    film: str
    seconds: float
    shots: list[ShotShown]
    notes: list[dict[str, Any]]


Shown: TypeAlias = StoryboardShown | ReferencesShown | CostShown | CutShown


class Question(TypedDict):
    """The payload of every interrupt; `v` is raised when a field changes its meaning.

    `number` is that of the cut, or of the first storyboard that showed what is shown; for the cost, of those since the
    film was last reviewed.
    """

    v: Literal[1]
    gate: Gate
    film: str
    number: int
    shown: Shown


def ask(studio: Studio, film: Film, question: Question, *, acted: int = 0) -> tuple[Decision, bool]:
    """Return what a person said to a question, interrupting the graph to ask if nobody has answered it yet.

    With it is said whether they were asked just now. `acted` is how many decisions the run has acted on.

    The graph is resumed with `True`, `False`, or `{"approved": bool, "words": "what to change, or why"}`. Nothing is
    held while it waits, and whatever runs before this in a node runs again on resume, so it must be free to repeat.
    """
    heard = standing(film, question["gate"], question["number"], acted=acted)
    if heard is not None:
        return heard, False
    answer = interrupt(question)
    given = answer if isinstance(answer, dict) else {"approved": answer}
    # Anything but a clear yes is a no: approval is never read into an odd answer.
    approved = given.get("approved") in (True, "yes", "y", "approved")
    words = str(given.get("words", ""))[:2000]
    gate, number, reviewed = question["gate"], question["number"], newest_review(film)
    said = Decision(gate=gate, number=number, approved=approved, words=words, reviewed=reviewed)
    with studio.project.writing():
        film.add(said)
    return said, True


def settle(
    studio: Studio, film: Film, board: Storyboard, *questions: Question, acted: int = 0, ask_again: bool = False
) -> bool | None:
    """Return whether a person said yes to all of some questions, asking the first that is open.

    Args:
        studio: Where it is made.
        film: The film.
        board: The storyboard that they are about.
        questions: What is asked, in this order.
        acted: How many decisions the run has acted on.
        ask_again: Whether a no that stood before is asked about once more.

    Returns:
        None where they just said yes to one, or said what to change and it was changed, or are to be asked again: the
        node must then end, and run anew with all decisions acted on. LangGraph gives a node its answers by their order,
        and a question that has its answer in the folder is not asked again.
    """
    for question in questions:
        said, just_now = ask(studio, film, question, acted=acted)
        if not said.approved:
            return None if changed_by(studio, film, said, board) or (ask_again and not just_now) else False
        if just_now:
            return None
    return True


def changed_by(studio: Studio, film: Film, said: Decision, board: Storyboard) -> bool:
    """Change a film as a person's no says, the plan alone before the cut, and return whether anything was changed.

    A no at the reference sheet names whom to picture again, which `establish` does. Words that cannot be read change
    nothing, and the no stands.

    Args:
        studio: Where it is made.
        film: The film.
        said: What they said.
        board: The storyboard that they said it of.
    """
    if said.approved or not said.words.strip() or said.gate == "references":
        return False
    newest = film.storyboard()
    # Else the process ended after it was changed, and before the graph had that.
    if newest is None or newest.number == board.number or not is_revised(newest, board, said.words):
        try:
            revise(studio, film, said.words, plan_alone=said.gate != "cut")
        except (InvalidRequest, PermanentFailure, TransientFailure) as error:
            studio.tell(event("words.unread", film=film.name, gate=said.gate, words=said.words, error=str(error)))
            return False
    newest, cut = film.storyboard(), film.cut()
    assert newest is not None  # there was one to ask about
    is_cut_anew = said.gate == "cut" and cut is not None and cut.number != said.number
    return newest.number != board.number or is_cut_anew


def about_plan(film: Film, board: Storyboard) -> Question:
    """Ask at the gate `storyboard`, once for each plan: a version that shows the same is not asked about again."""
    return _question("storyboard", film, number_at("storyboard", film, board), plan_shown(board))


def about_references(studio: Studio, film: Film, board: Storyboard) -> Question:
    """Ask at the gate `references`, once for each sheet: a plan that changes nobody's looks is not asked again."""
    return _question("references", film, number_at("references", film, board), show_references(studio, board))


def about_cost(film: Film, board: Storyboard, cost: Estimate) -> Question:
    """Ask at the gate `cost`, once for each plan, and again before its rounds begin anew after a review."""
    once, most, spent = (spend.model_dump() for spend in (cost.once, cost.most, cost.spent))
    parts = {part: price.model_dump() for part, price in cost.parts.items()}
    shown = CostShown(to_make=[*cost.pictures, *cost.to_make], once=once, parts=parts, most=most, spent=spent)
    return _question("cost", film, number_at("cost", film, board), shown)


def about_cut(studio: Studio, film: Film, board: Storyboard, cut: Cut, review: Review) -> Question:
    """Ask at the gate `cut`."""
    posters = {clip.shot: _poster(studio, clip.take) for clip in cut.clips if clip.take}
    shown = CutShown(
        film=(film.deliver / "film.mp4").relative_to(studio.project.root).as_posix(),
        seconds=float(cut.frames / cut.rate),
        shots=shots_shown(board, posters),
        notes=[note.model_dump(mode="json", exclude_none=True) for note in review.notes],
    )
    return _question("cut", film, cut.number, shown)


def keep_approved(film: Film, cut: Cut) -> None:
    """Keep the film that a person approved, whatever is cut later."""
    kept = film.folder / "approved" / f"{cut.number:04d}.mp4"
    kept.parent.mkdir(exist_ok=True)
    if not kept.exists():
        # The next render takes the film's place and leaves this file alone, so a second name costs nothing.
        with staged_file(kept) as temporary:
            temporary.unlink()
            _link(film.deliver / "film.mp4", temporary)


def _link(source: Path, to: Path) -> None:
    try:
        to.hardlink_to(source)
    except OSError:  # not every file system has hard links
        shutil.copy2(source, to)


def show_references(studio: Studio, board: Storyboard) -> ReferencesShown:
    """Lay out a storyboard's reference sheet: looks, pictures, and the shots that keep to them."""
    in_shots: dict[str, list[str]] = {}
    for scene in board.scenes:
        for shot in scene.shots:
            for entry in [*shot.characters, shot.place or scene.place]:
                in_shots.setdefault(entry, []).append(shot.id)
    entries = [
        EntryShown(
            **looks_of(entry),
            pictures=[_poster(studio, studio.project.ledger.by_content(content).key) for content in entry.references],
            shots=in_shots.get(entry.id, []),
        )
        for entry in entries_of(board.bible)
    ]
    return ReferencesShown(entries=entries, style=style_of(board.bible))


def _question(gate: Gate, film: Film, number: int, shown: Shown) -> Question:
    return Question(v=1, gate=gate, film=film.name, number=number, shown=shown)


def _poster(studio: Studio, key: str) -> str:
    ledger = studio.project.ledger
    return (ledger.folder(key) / "poster.jpg").relative_to(studio.project.root).as_posix()
