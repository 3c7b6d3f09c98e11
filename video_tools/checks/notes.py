"""Turn findings into notes: what is wrong, in which shot, and what may help."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.film import Clip, Cut, Finding, Note, Review, Take

FILM = "film"  # the key of the film's own findings in a review
_STEPS = frozenset({"light", "jump", "cut"})


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
            shown = clip_at(cut, finding.evidence_frame) if subject == FILM else None
            shot = subject if subject != FILM else shown.shot if shown else ""
            count = 1 + sum(n.shot == shot and n.check == finding.check for n in notes)
            notes.append(
                Note(
                    id="-".join(filter(None, [shot or FILM, finding.check, str(count) if count > 1 else ""])),
                    check=finding.check,
                    raised_by="judge" if finding.check == "judge" else "check",
                    shot=shot,
                    take=finding.take or (shown and shown.take) or "",
                    value=finding.value,
                    threshold=finding.threshold,
                    first_frame=finding.first_frame,
                    last_frame=finding.last_frame,
                    evidence_frame=finding.evidence_frame,
                    in_film=subject == FILM and finding.first_frame is not None,
                    message=finding.message or f"{finding.check} failed",
                    suggestion=SUGGESTIONS.get(finding.check.split(".")[0], ""),
                    blocking=finding.blocking,
                )
            )
    return notes


def as_shown(findings: Sequence[Finding], take: Take, clips: Sequence[Clip], rate: Fraction) -> list[Finding]:
    """Set aside what is wrong with a take where the cut does not show it: a trimmed head, a tail beyond the plan.

    Args:
        findings: Of the take, in its own frames.
        take: The take.
        clips: Those of the cut that show it.
        rate: The film's.
    """
    shown = [shown_frames(clip, take, rate) for clip in clips]
    slowed = any(0 < clip.speed < 1 for clip in clips)
    return [_set_aside(f, shown, slowed) if f.outcome == "failed" else f for f in findings]


def _set_aside(finding: Finding, shown: Sequence[tuple[int, int]], slowed: bool) -> Finding:
    first, last = finding.first_frame, finding.last_frame
    if first is not None and last is not None:
        # A step lies between its frame and the one before: where that begins the clip, there is none.
        gone = last if finding.check.split(".")[0] in _STEPS else last + 1
        hidden, why = all(gone <= a or first > b for a, b in shown), "the cut does not show it"
    elif finding.check in ("contract.frames", "contract.length") and finding.value and finding.threshold:
        hidden, why = slowed or finding.value > finding.threshold, "the cut shows as much as was planned"
    else:
        return finding
    if not hidden:
        return finding
    return finding.model_copy(update={"outcome": "not_applicable", "message": f"{finding.message}, and {why}"})


def shown_frames(clip: Clip, take: Take, rate: Fraction) -> tuple[int, int]:
    """Return the first and the last frame of a take that a clip shows, in the order of the take."""
    if take.frames == 1:
        return 0, 0
    ends = [source_frame(clip.in_frame, clip.speed, at) * take.rate / rate for at in (0, clip.frames - 1)]
    return int(min(ends)), int(max(ends))


def clip_at(cut: Cut | None, frame: int | None) -> Clip | None:
    """Find the clip that is on screen at a film frame: the later one, where two overlap."""
    if cut is None or frame is None:
        return None
    shown = zip(cut.starts, cut.clips, strict=True)
    return next((clip for start, clip in reversed([*shown]) if start <= frame < start + clip.frames), None)


def scope_of(review: Review) -> str:
    """Say what a review's verdict speaks of: what was measured, which is never the whole brief."""
    measured = [f for own in review.findings.values() for f in own if f.outcome in ("passed", "failed")]
    kinds = len({f.check.split(".")[0] for f in measured})
    words = sorted({f.check.partition(".")[2] for f in measured if f.check.startswith("adherence.")})
    if words:
        named = ", ".join(words[:6]) + (" and more" if len(words) > 6 else "")
        return f"{kinds} kinds of measure, and of the brief's words {named}; nothing measured the rest of the brief"
    return f"{kinds} kinds of measure; nothing compared the pictures with the brief's words, so look for yourself"


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
    "text": "shoot again, asking for no lettering",
    "pace": "say how fast the camera moves first in the prompt",
    "likeness": "show the model their reference pictures, or say their colours first",
    "speech": "turn the music down while somebody speaks",
    "judge": "look at it",
}
