"""Whether a take shows those whom the bible describes: in their colours, and more like them than like somebody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.film import Finding


@dataclass(frozen=True)
class BibleLikeness(Check):
    """Characters, place and style look in this shot as the bible says, so that they look the same in every shot.

    It only advises: a palette's colour may be in the dark, and whom a picture shows is as sure as its embedder.

    Attributes:
        palette: Greatest distance, in Oklab, of the nearest two hundredth of the picture from a palette's colour.
            Source: ours; a step of 0.02 is just noticeable there, and 0.15 is another hue.
    """

    blocking: bool = False
    palette: float = 0.12
    name: ClassVar[str] = "likeness"
    needs: ClassVar[frozenset[Need]] = frozenset({"bible"})

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Judge each entry of the bible that the shot shows, by its palette and by its reference pictures."""
        compared = [a for a in subject.alike or () if a.palette is not None or a.picture is not None]
        if not compared:
            yield self.not_applicable("the bible has neither colours nor pictures of whom the shot shows")
        for alike in compared:
            if alike.palette is not None:
                if alike.palette > self.palette:
                    words = f"the colour {alike.colour} of {alike.name} is not in the picture"
                    yield self.failed(words, alike.palette, self.palette, part="palette", unit="Oklab")
                else:
                    yield self.passed(alike.palette, self.palette, part="palette", unit="Oklab")
            if alike.picture is not None and alike.other is not None:
                if alike.picture > alike.other:
                    words = f"the picture is less like {alike.name} than like somebody else of the bible"
                    yield self.failed(words, alike.picture, alike.other, part="picture", unit="1 - cosine")
                else:
                    yield self.passed(alike.picture, alike.other, part="picture", unit="1 - cosine")
