"""What was measured, what is wrong with it, and what a critic or a person decided."""

from typing import Literal

from pydantic import Field

from reelgraph.video_tools.nouns import ContentHash, Noun

Gate = Literal["storyboard", "references", "cost", "cut"]  # where a person may be asked


class Finding(Noun):
    """What one check measured on one subject."""

    check: str
    take: ContentHash | Literal[""] = Field(
        default="", description="In a review, the key of the take that was measured; empty for the film."
    )
    outcome: Literal["passed", "failed", "unknown", "not_applicable"]
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    first_frame: int | None = None
    last_frame: int | None = None
    evidence_frame: int | None = None
    message: str = ""
    blocking: bool = True


class Note(Noun):
    """What is wrong, where, by which measure, and what may help."""

    id: str
    raised_by: Literal["check", "judge", "person"] = "check"
    check: str = ""
    shot: str = Field(default="", description="The shot it is about; empty for the film as a whole.")
    take: ContentHash | Literal[""] = Field(default="", description="The key of the take it is about, if of one.")
    value: float | None = None
    threshold: float | None = None
    first_frame: int | None = None
    last_frame: int | None = None
    evidence_frame: int | None = None
    in_film: bool = Field(default=False, description="Whether the frames are the film's, or else the take's.")
    message: str
    suggestion: str = ""
    blocking: bool = True


class Review(Noun):
    """The critic's verdict on one cut."""

    schema_version: Literal[1] = 1
    number: int = Field(ge=1)
    cut: int = Field(ge=1)
    round: int = Field(default=1, ge=1)
    findings: dict[str, list[Finding]] = Field(default={}, description="By shot id; the film itself under `film`.")
    notes: list[Note] = []
    person: Literal["", "asked", "approved", "rejected"] = Field(
        default="",
        description="What a person said at the gates, as `Film.verdict` reads it: `asked` has no answer yet.",
    )
    approved: bool = False

    def measured(self, shot: str, take: str) -> list[Finding]:
        """Return what was measured of one take of a shot, which may show several."""
        return [finding for finding in self.findings.get(shot, []) if finding.take in ("", take)]

    def only_unknown(self, note: Note) -> bool:
        """Say whether a note tells only that something could not be measured, which speaks against no take.

        What was measured and is still unknown has a value, and of another take it may be known.
        """
        found = [f for f in self.measured(note.shot, note.take) if f.check == note.check]
        wrong = [f for f in found if f.outcome in ("failed", "unknown")]
        return bool(wrong) and all(f.outcome == "unknown" and f.value is None for f in wrong)


class Decision(Noun):
    """What a person said at a gate; it stands, whatever an agent does later."""

    schema_version: Literal[1] = 1
    gate: Gate
    number: int = Field(ge=1, description="Of the storyboard or cut that was shown.")
    approved: bool
    words: str = ""
    reviewed: int = Field(default=0, ge=0, description="The newest review when it was said; 0 before the first.")
