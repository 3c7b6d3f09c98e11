"""What a finished film tells: which of its takes were approved or refused, why, and its bible with their pictures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reelgraph.memory.embedders import Frame
from reelgraph.memory.records import ShotRecord, plain
from reelgraph.memory.takes import Told, is_approved, reasons, record_of, refused, with_references
from reelgraph.video_tools.film import Bible, Review, Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.project import Project


@dataclass(frozen=True)
class Finished:
    """What one film tells.

    Attributes:
        film: The film's name.
        approved: The takes of its cut that may be remembered as good.
        refused: The takes that a blocking note spoke against, as what to avoid.
        bible: Its bible, with the pictures that show each entry best.
        trust: Whose word the approval is.
    """

    film: str
    approved: list[Told]
    refused: list[Told]
    bible: Bible
    trust: Literal["person", "checks"]

    def records(self, ids: Mapping[str, str], keyframe: Callable[[str], Frame | None]) -> list[ShotRecord]:
        """Put its takes into the form in which they are remembered, refused ones first.

        Args:
            ids: The project's ids of the film's characters and places, as `merge` gives them.
            keyframe: Finds the picture of a take by its key.
        """
        verdicts = [(told, "rejected", told.trust) for told in self.refused]
        verdicts += [(told, "approved", self.trust) for told in self.approved]
        return [
            record_of(told, film=self.film, ids=ids, verdict=verdict, trust=trust, poster=keyframe(told.take.key))
            for told, verdict, trust in verdicts
        ]


def finished(film: Film, ledger: Ledger, board: Storyboard, review: Review, takes: Mapping[str, Take]) -> Finished:
    """Sort a film's takes into approved and refused ones, say why, and add the best pictures to its bible.

    Args:
        film: The film.
        ledger: Where its takes are.
        board: The storyboard of its cut.
        review: The verdict on the cut; where a person said no, it is said of every shot that the checks approve.
        takes: The cut's takes, by shot id.
    """
    shots = [s for s in board.shots if s.kind == "shot" and s.id in takes and is_approved(s, review)]
    good = [Told(s, board, takes[s.id], review.measured(s.id, takes[s.id].key)) for s in shots]
    approved = good if review.person in ("", "approved") else []
    refusals = refused(film, board, ledger, [told.take.key for told in good])
    if review.person == "rejected":
        words = [plain(note.message, 300) for note in review.notes if note.raised_by == "person"]
        refusals += [replace(told, why=words, trust="person") for told in good]
    by_key = {told.take.key: told for told in refusals}
    siblings: dict[str, list[Take]] = {}
    for take in ledger.takes():
        if take.film == film.name:
            siblings.setdefault(take.shot, []).append(take)
    for told in approved:
        told.why = reasons(told, siblings.get(told.shot.id, []), by_key, ledger)
    return Finished(
        film=film.name,
        approved=approved,
        refused=refusals,
        bible=with_references(board.bible, approved),
        trust="person" if review.person == "approved" else "checks",
    )


def films_of(project: Project) -> Iterator[Finished]:
    """Go through what the films of a project tell, by their newest cut and review."""
    ledger = project.ledger
    for film in project.films():
        cut, review = film.cut(), film.verdict()
        board = film.storyboard(cut.storyboard) if cut else None
        if cut is not None and review is not None and board is not None:
            takes = {clip.shot: take for clip in cut.clips if clip.take and (take := ledger.take(clip.take))}
            yield finished(film, ledger, board, review, takes)
