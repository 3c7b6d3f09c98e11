"""Keep what a small model's world loses of a shot, and which of the shot's words were read."""

from dataclasses import dataclass, field

from reelgraph.video_tools.film import Substitution


@dataclass
class Losses:
    """What is lost of one shot.

    Attributes:
        model: Who cannot draw it.
        changes: All that was replaced or left out.
        read: Parts of the shot's prompt that are understood or reported.
    """

    model: str
    changes: list[Substitution] = field(default_factory=list)
    read: list[tuple[int, int]] = field(default_factory=list)

    def replaced(self, what: str, asked: str, made: str, why: str = "") -> None:
        """Note that something was asked for and something else, or nothing, is made."""
        self.changes.append(
            Substitution(what=what, asked=asked, made=made, why=why or f"{self.model} can't draw {asked}")
        )
