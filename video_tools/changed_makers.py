"""Takes that no longer count since what makes them changed: a setting, the model's files, or how requests are read.

No request names the back end of today then, so every shot of it is made again, which is told before it is paid for.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reelgraph.video_tools.events import event

if TYPE_CHECKING:
    from reelgraph.video_tools.film_folder import Film
    from reelgraph.video_tools.generation import Wanted
    from reelgraph.video_tools.studio import Studio


def tell_changed_makers(studio: "Studio", film: "Film", wanted: Iterable["Wanted"]) -> None:
    """Tell once of each back end that is not what made the takes which a film shows, where they are to be made again.

    Args:
        studio: Where it is made.
        film: The film.
        wanted: The takes that its shots want now.
    """
    ledger, cut = studio.project.ledger, film.cut()
    shown = {clip.shot: clip.take for clip in cut.clips if clip.take} if cut else {}
    for item in wanted:
        asked, key = item.request, shown.get(item.shot.id)
        take = ledger.take(key) if key else None
        if take is None or take.request.backend != asked.backend or take.request.model == asked.model:
            continue
        if ledger.take(asked.key) is None:
            studio.tell_once(event("maker.changed", film=film.name, backend=asked.backend))
