"""What a film shows that is not as it was asked for: of its takes, and of its cut as a whole."""

from reelgraph.video_tools.dialogue import LINES, unheard_lines
from reelgraph.video_tools.film import Cut, Storyboard, Substitution
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.music import MUSIC, silence_for_music


def substituted(ledger: Ledger, film: str, board: Storyboard, cut: Cut) -> list[tuple[str, Substitution]]:
    """Say, by the shot or sound that it is of, what a cut shows that is not as it was asked for, or lacks.

    Args:
        ledger: The project's.
        film: The film's name.
        board: What the cut was made from.
        cut: The cut, which may show takes of other films.
    """
    shown = [(clip.shot, clip.take) for clip in cut.clips if clip.take]
    shown += [("inset", inset.take) for inset in cut.insets] + [(sound.role, sound.take) for sound in cut.sounds]
    takes = [(of, take) for of, key in dict.fromkeys(shown) if (take := ledger.take(key))]
    said = [(of, one) for of, take in takes for one in take.substitutions]
    return [*said, *of_the_whole(ledger, film, board, cut)]


def of_the_whole(
    ledger: Ledger, film: str, board: Storyboard, cut: Cut, *, why: str = ""
) -> list[tuple[str, Substitution]]:
    """Say what a cut as a whole lacks of what was asked for: its music, the end of narration, lines that none speaks.

    Args:
        ledger: The project's.
        film: The film's name.
        board: What the cut was made from.
        cut: The cut.
        why: What hindered the music; if not given, what the ledger knows.
    """
    silence, unspoken = silence_for_music(ledger, film, board, cut, why=why), unheard_lines(ledger, board, cut)
    music, lines = [(MUSIC, silence)] if silence else [], [(LINES, unspoken)] if unspoken else []
    return [*music, *_held_back(cut), *lines]


def _held_back(cut: Cut) -> list[tuple[str, Substitution]]:
    """Say of which narration the end is held back."""
    why = "the film ends before; the rest is heard once it is long enough"
    return [
        (s.role, Substitution(what="frames", asked=str(s.frames + s.held), made=str(s.frames), why=why))
        for s in cut.sounds
        if s.role == "narration" and s.held
    ]
