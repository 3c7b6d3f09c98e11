"""The music of a film: words in its storyboard, a take that is sound alone, and a track under the whole cut."""

import math
from collections.abc import Mapping
from typing import Final

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Shot, SoundClip, Storyboard, Substitution, Take, TakeRequest
from reelgraph.video_tools.generation import Wanted
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.planning.fit import derived_seed
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.timebase import frames_of
from reelgraph.video_tools.wording import blank

MUSIC: Final = "music"  # of the shot that it is in the ledger, and of its back end where the settings name no other

_DUCK_DB = -12  # while somebody speaks
_LONGEST_SHOT = 600.0


def wanted_music(studio: Studio, film: str, board: Storyboard) -> Wanted | None:
    """Ask for the music of a storyboard, as long as the film is planned; None where it has none.

    Raises:
        InvalidRequest: No back end here makes music; the message says what to set.
    """
    if blank(board.music):
        return None
    from reelgraph.video_tools.editing.timeline import first_cut

    settings = studio.project.settings
    name = settings.backend_by_kind.get(MUSIC, MUSIC)
    backend = studio.backend_for(name)
    can = backend.capabilities()
    if MUSIC not in can.modes:
        raise InvalidRequest(f"{name} makes no music: name another under [backend_by_kind]")
    no_takes: Mapping[str, Take | None] = {}
    planned = first_cut(board, no_takes, width=settings.size[0], height=settings.size[1], rate=settings.rate).frames
    frames, said = planned, []
    if can.most_seconds is not None and frames > can.most_seconds * settings.rate:
        frames = math.floor(can.most_seconds * settings.rate)
        why = f"{name} makes at most {can.most_seconds:g} s"
        said.append(Substitution(what="frames", asked=str(planned), made=str(frames), why=why))
    width, height = can.native_size or settings.size
    request = TakeRequest(
        backend=backend.name, model=backend.fingerprint(), prompt=board.music, width=width, height=height,
        frames=frames, rate=settings.rate, seed=derived_seed(film, MUSIC) if can.seeded else None,
    )  # fmt: skip
    seconds = min(float(planned / settings.rate), _LONGEST_SHOT)
    return Wanted(Shot(id=MUSIC, prompt=board.music, seconds=seconds, backend=name), request, tuple(said))


def unmade_music(studio: Studio, film: str, board: Storyboard) -> Substitution | None:
    """Say what of a storyboard's music nothing here makes, before anything is paid; None where it is made as asked."""
    try:
        wanted = wanted_music(studio, film, board)
    except InvalidRequest as error:
        return Substitution(what="music", asked=board.music, made="silence", why=str(error))
    return next(iter(wanted.substitutions), None) if wanted else None


def scored(cut: Cut, music: Take) -> Cut:
    """Lay music under a whole cut, lower while somebody speaks, and fading out where it ends."""
    frames = min(music.frames, cut.frames)
    fade = min(frames // 4, frames_of(1, cut.rate))
    track = SoundClip(role="music", take=music.key, start=0, frames=frames, fade_out=fade, duck_db=_DUCK_DB)
    return cut.model_copy(update={"sounds": [*cut.sounds, track]})


def silence_for_music(ledger: Ledger, film: str, board: Storyboard, cut: Cut, why: str = "") -> Substitution | None:
    """Say that a cut has no music though its storyboard asks for some; None where it has what it asks for.

    Args:
        ledger: The project's.
        film: The film's name.
        board: Its storyboard.
        cut: Its cut.
        why: What hindered it; if not given, what the ledger knows.
    """
    if not board.music or any(sound.role == "music" for sound in cut.sounds):
        return None
    failed = [a.error for a in ledger.attempts() if (a.film, a.shot) == (film, MUSIC) and a.error]
    why = why or (failed[-1] if failed else "no model for it is set under [backends.music]")
    return Substitution(what="music", asked=board.music, made="silence", why=why)
