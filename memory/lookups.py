"""What may be looked up, and the collections that hold exactly the shots that may answer."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from reelgraph.memory.records import ShotRecord
from reelgraph.video_tools.errors import InvalidRequest

Verdict: TypeAlias = Literal["approved", "rejected"]


@dataclass(frozen=True)
class Lookup:
    """What to look for: words, among the shots of one character or of one place, or among all.

    Attributes:
        text: Words about the shot.
        character: The id of a character who must be in it.
        place: The id of the place where it must be.
        verdict: Approved takes, or rejected ones, which are remembered as what to avoid.
    """

    text: str
    character: str = ""
    place: str = ""
    verdict: Verdict = "approved"

    @property
    def collection(self) -> str:
        """The collection that holds exactly the shots that may answer."""
        if self.character and self.place:
            raise InvalidRequest("look up by a character or by a place, one at a time: make two look-ups")
        return collection(self.verdict, who=self.character, where=self.place)


def collection(verdict: str, *, who: str = "", where: str = "") -> str:
    """Name the collection of a verdict's shots: all, one character's, or one place's."""
    return f"{verdict}-who-{who}" if who else f"{verdict}-where-{where}" if where else f"{verdict}-all"


def collections_of(record: ShotRecord) -> list[str]:
    """Name the collections that a record is in: all of its verdict, each character's, its place's."""
    who = [collection(record.verdict, who=character) for character in dict.fromkeys(record.characters)]
    names = [collection(record.verdict), *who]
    return [*names, collection(record.verdict, where=record.place)] if record.place else names
