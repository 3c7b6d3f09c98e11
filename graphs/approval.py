"""A person's gates: what was decided is written in the film's folder, so it stands for what was asked about.

What a gate shows is plain JSON of a known type, which a UI can draw: pictures and films are paths within the project.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from langgraph.types import interrupt
from typing_extensions import TypedDict

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.establish import sheet_number
from reelgraph.video_tools.estimate import Estimate
from reelgraph.video_tools.film import Bible, Character, Cut, Decision, Gate, Place, Review, Storyboard
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.studio import Studio


class ShotShown(TypedDict):
    """A planned shot: what is seen and heard, and which back end makes it, empty for the film's.

    `title` is the words on a card, `lines` has fields of `Line`, `transition` those of `Transition`; `picture` is the
    take's poster, empty before it is shot.
    """

    id: str
    kind: Literal["shot", "title"]
    seconds: float
    size: str
    camera: str
    angle: str
    prompt: str
    title: str
    lines: list[dict[str, Any]]
    characters: list[str]
    place: str
    time: str
    transition: dict[str, Any]
    continues: bool
    backend: str
    picture: str


class LooksShown(TypedDict):
    """Somebody, or a place, as words and colours describe them."""

    kind: Literal["person", "animal", "object", "place"]
    id: str
    name: str
    description: str
    palette: list[str]


class StoryboardShown(TypedDict):
    """Shown at the gate `storyboard`: the plan, before anything is shot."""

    title: str
    seconds: float
    shots: list[ShotShown]
    entries: list[LooksShown]
    style: dict[str, Any]
    music: str
    fade_out: float


class EntryShown(LooksShown):
    """Somebody, or a place, as every shot of theirs will show them."""

    pictures: list[str]
    shots: list[str]


class ReferencesShown(TypedDict):
    """Shown at the gate `references`: the sheet of all who must look the same throughout, and the look of the film."""

    entries: list[EntryShown]
    style: dict[str, Any]


class CostShown(TypedDict):
    """Shown at the gate `cost`: what shooting would cost, once and in every round, as fields of `Spend`."""

    to_make: list[str]
    once: dict[str, float]
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


def ask(studio: Studio, film: Film, question: Question) -> bool:
    """Return whether a person said yes to a question, interrupting the graph to ask if nobody has answered it yet.

    The graph is resumed with `True`, `False`, or `{"approved": bool, "words": "why"}`. Nothing is held while it waits,
    and whatever runs before this in a node runs again on resume, so it must be free to repeat.
    """
    said = _decided(film, question)
    if said is not None:
        return said
    answer = interrupt(question)
    given = answer if isinstance(answer, dict) else {"approved": answer}
    # Anything but a clear yes is a no: approval is never read into an odd answer.
    approved = given.get("approved") in (True, "yes", "y", "approved")
    words = str(given.get("words", ""))[:2000]
    with studio.project.writing():
        film.add(Decision(gate=question["gate"], number=question["number"], approved=approved, words=words))
    return approved


def settle(studio: Studio, film: Film, *questions: Question) -> bool | None:
    """Return whether a person said yes to all of some questions, asking the first that is open.

    Returns:
        None where they just said yes to one: the node must then end, and run anew. LangGraph gives a node its answers
        by their order, and a question that has its answer in the folder is not asked again.
    """
    for question in questions:
        was_open = _decided(film, question) is None
        if not ask(studio, film, question):
            return False
        if was_open:
            return None
    return True


def _decided(film: Film, question: Question) -> bool | None:
    said = film.decided(question["gate"], question["number"])
    return said.approved if said else None


def about_plan(film: Film, board: Storyboard) -> Question:
    """Ask at the gate `storyboard`, once for each plan: a version that shows the same is not asked about again."""
    return _question("storyboard", film, _first_like(film, board), _plan_shown(board))


def about_references(studio: Studio, film: Film, board: Storyboard) -> Question:
    """Ask at the gate `references`, once for each sheet: a plan that changes nobody's looks is not asked again."""
    return _question("references", film, sheet_number(film, board), show_references(studio, board))


def about_cost(film: Film, board: Storyboard, cost: Estimate) -> Question:
    """Ask at the gate `cost`, once for each plan, and again before its rounds begin anew after a review."""
    once, most, spent = (spend.model_dump() for spend in (cost.once, cost.most, cost.spent))
    shown = CostShown(to_make=[*cost.pictures, *cost.to_make], once=once, most=most, spent=spent)
    return _question("cost", film, _first_like(film, board, after=_reviewed(film)), shown)


def about_cut(studio: Studio, film: Film, board: Storyboard, cut: Cut, review: Review) -> Question:
    """Ask at the gate `cut`."""
    posters = {clip.shot: _poster(studio, clip.take) for clip in cut.clips if clip.take}
    shown = CutShown(
        film=(film.deliver / "film.mp4").relative_to(studio.project.root).as_posix(),
        seconds=float(cut.frames / cut.rate),
        shots=_shots(board, posters),
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
            **_looks(entry),
            pictures=[_poster(studio, studio.project.ledger.by_content(content).key) for content in entry.references],
            shots=in_shots.get(entry.id, []),
        )
        for entry in _entries(board.bible)
    ]
    return ReferencesShown(entries=entries, style=_style(board.bible))


def _entries(bible: Bible) -> list[Character | Place]:
    return [*bible.characters, *bible.places]


def _looks(entry: Character | Place) -> LooksShown:
    return LooksShown(
        kind=entry.kind if isinstance(entry, Character) else "place",
        id=entry.id,
        name=entry.name,
        description=entry.description,
        palette=list(entry.palette),
    )


def _style(bible: Bible) -> dict[str, Any]:
    return bible.style.model_dump(mode="json", exclude_defaults=True)


def _plan_shown(board: Storyboard) -> StoryboardShown:
    return StoryboardShown(
        title=board.title,
        seconds=round(sum(shot.seconds for shot in board.shots), 3),
        shots=_shots(board, {}),
        entries=[_looks(entry) for entry in _entries(board.bible)],
        style=_style(board.bible),
        music=board.music,
        fade_out=board.fade_out,
    )


def _first_like(film: Film, board: Storyboard, *, after: int = 0) -> int:
    """Return the number of the first storyboard, of those after one, that shows a person the same plan."""
    shown = _plan_shown(board)
    return next((b.number for b in film.storyboards() if b.number > after and _plan_shown(b) == shown), board.number)


def _reviewed(film: Film) -> int:
    """Return the number of the storyboard whose film was reviewed last, or 0 before the first review."""
    review = film.review()
    cut = film.cut(review.cut) if review else None
    return cut.storyboard if cut else 0


def _question(gate: Gate, film: Film, number: int, shown: Shown) -> Question:
    return Question(v=1, gate=gate, film=film.name, number=number, shown=shown)


def _shots(board: Storyboard, posters: Mapping[str, str]) -> list[ShotShown]:
    return [
        ShotShown(
            id=shot.id,
            kind=shot.kind,
            seconds=shot.seconds,
            size=shot.size,
            camera=shot.camera,
            angle=shot.angle,
            prompt=shot.prompt,
            title=shot.title,
            lines=[line.model_dump(mode="json", exclude_defaults=True) for line in shot.lines],
            characters=list(shot.characters),
            place=shot.place or scene.place,
            time=shot.time,
            transition=shot.transition.model_dump(mode="json", exclude_none=True),
            continues=shot.continues,
            backend=shot.backend,
            picture=posters.get(shot.id, ""),
        )
        for scene in board.scenes
        for shot in scene.shots
    ]


def _poster(studio: Studio, key: str) -> str:
    ledger = studio.project.ledger
    return (ledger.folder(key) / "poster.jpg").relative_to(studio.project.root).as_posix()
