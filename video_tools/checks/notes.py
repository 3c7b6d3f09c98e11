"""Turn findings into notes: what is wrong, in which shot, and what may help."""

from collections.abc import Mapping, Sequence

from reelgraph.video_tools.film import Cut, Finding, Note

FILM = "film"  # the key of the film's own findings in a review


def notes_of(findings: Mapping[str, Sequence[Finding]], *, cut: Cut | None = None) -> list[Note]:
    """Make a note of every failed finding, and of every blocking one that is unknown.

    Args:
        findings: By shot id; the film's own under `film`.
        cut: Names the shot for the film's findings that have a frame range.
    """
    notes: list[Note] = []
    for subject, own in findings.items():
        for finding in own:
            if finding.outcome != "failed" and not (finding.outcome == "unknown" and finding.blocking):
                continue
            shot = subject if subject != FILM else shot_at(cut, finding.evidence_frame)
            count = 1 + sum(n.shot == shot and n.check == finding.check for n in notes)
            notes.append(
                Note(
                    id="-".join(filter(None, [shot or FILM, finding.check, str(count) if count > 1 else ""])),
                    check=finding.check,
                    shot=shot,
                    value=finding.value,
                    threshold=finding.threshold,
                    first_frame=finding.first_frame,
                    last_frame=finding.last_frame,
                    evidence_frame=finding.evidence_frame,
                    message=finding.message or f"{finding.check} failed",
                    suggestion=SUGGESTIONS.get(finding.check.split(".")[0], ""),
                    blocking=finding.blocking,
                )
            )
    return notes


def shot_at(cut: Cut | None, frame: int | None) -> str:
    """Name the shot that is on screen at a film frame (the later one, where two overlap); empty where none is."""
    if cut is None or frame is None:
        return ""
    shot = ""
    for start, clip in zip(cut.starts, cut.clips, strict=True):
        if start <= frame < start + clip.frames:
            shot = clip.shot
    return shot


SUGGESTIONS = {
    "contract": "make it again as asked",
    "black": "shoot again with another seed, or trim the black frames",
    "blank": "shoot again with another seed",
    "garbage": "shoot again with another seed",
    "clipped": "shoot again, asking for softer light",
    "frozen": "shoot again, naming the movement first",
    "flicker": "shoot again with another seed or more steps",
    "flash": "trim it, or shoot again with another seed",
    "light": "shoot again with another seed, or split the shot there",
    "blur": "trim it, or shoot again asking for sharp focus",
    "blocking": "render again at a better quality",
    "banding": "render again at a better quality",
    "noise": "shoot again with another seed or more steps",
    "letterbox": "shoot again, asking for a picture that fills the frame",
    "stutter": "shoot again with another seed",
    "jump": "trim it, split the shot there, or shoot again",
    "cut": "split the shot there, or ask for one continuous shot",
    "camera": "name the camera move first in the prompt",
    "shake": "ask for a steady camera",
}
