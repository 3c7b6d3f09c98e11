"""Whether what is said in a film is heard: by a model that speaks it, by narration over it, or not at all."""

from collections.abc import Sequence
from typing import Final

from reelgraph.video_tools.film import Cut, Shot, Storyboard, Substitution
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.studio import Studio

LINES: Final = "lines"  # what is said of the lines of a whole film goes by this name

# Narration that sounds for longer in a shot speaks there; less is its last word. Source: the check `narration`.
_LAST_WORD_SECONDS = 0.25


def unspoken_lines(studio: Studio, board: Storyboard) -> Substitution | None:
    """Say which lines of a storyboard no back end of its shots speaks; None where there are none.

    A panel letters what is said, so nothing is missing there.
    """
    silent: dict[str, list[Shot]] = {}
    for shot in board.shots:
        backend = studio.backend_for(studio.backend_of(shot)) if shot.lines else None
        if backend is not None and not (backend.capabilities().sound or backend.capabilities().panel):
            silent.setdefault(backend.name, []).append(shot)
    return _captions_alone(silent, "captions") if silent else None


def unheard_lines(ledger: Ledger, board: Storyboard, cut: Cut) -> Substitution | None:
    """Say which lines a cut only captions, since its takes are silent and no narration sounds there; None for none.

    Args:
        ledger: The project's.
        board: The cut's storyboard.
        cut: The cut.
    """
    takes = {clip.shot: take for clip in cut.clips if clip.take and (take := ledger.take(clip.take))}
    heard = {shot for shot, take in takes.items() if take.sound or take.request.panel is not None} | _narrated(cut)
    silent: dict[str, list[Shot]] = {}
    for shot in board.shots:
        if shot.lines and shot.id in takes and shot.id not in heard:
            silent.setdefault(takes[shot.id].request.backend, []).append(shot)
    return _captions_alone(silent, "captions" if cut.captions else "silence") if silent else None


def _narrated(cut: Cut) -> set[str]:
    """Return the shots over which narration sounds."""
    spans = [(sound.start, sound.start + sound.frames) for sound in cut.sounds if sound.role == "narration"]
    return {
        clip.shot
        for clip, start in zip(cut.clips, cut.starts, strict=True)
        if any(
            min(end, start + clip.frames) - max(begin, start) > _LAST_WORD_SECONDS * cut.rate for begin, end in spans
        )
    }


def _captions_alone(silent: dict[str, list[Shot]], made: str) -> Substitution:
    shots: Sequence[Shot] = [shot for own in silent.values() for shot in own]
    first, *more = [line.text for shot in shots for line in shot.lines]
    where = ", ".join(shot.id for shot in shots[:4]) + (f" and {len(shots) - 4} more" if len(shots) > 4 else "")
    why = f"takes of {' and '.join(silent)} carry no sound: the edit `narrate` speaks them"
    return Substitution(
        what=LINES, asked=f'"{first}"{f" and {len(more)} more" if more else ""} in {where}', made=made, why=why
    )
