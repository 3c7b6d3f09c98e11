"""What was drawn is drawn anew in the shape that a film is cut out in, so that its words and figures stand whole.

Footage is cut out around a focus. A title card or an animatic's panel would lose half of its letters so; but how it is
drawn follows from its request, which may as well be drawn in another shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.conform import TakeFiles
from reelgraph.video_tools.editing.media import encode_picture, write_png
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Take, digest

if TYPE_CHECKING:
    from reelgraph.video_tools.panels.film import PanelDrawing, TitleCard


@dataclass(frozen=True)
class Redrawn:
    """Takes of which those that the animatic drew are drawn anew within a box of the picture; a `TakeFiles`.

    Attributes:
        takes: Where the takes are.
        cache: A folder for what is drawn; safe to delete.
        size: Width and height of the film.
        box: Left, top, width and height of what is cut out of it.
    """

    takes: TakeFiles
    cache: Path
    size: tuple[int, int]
    box: tuple[int, int, int, int]

    def take(self, key: str) -> Take | None:
        """Read the take of a key, in the film's size if it is drawn anew, or None."""
        take = self.takes.take(key)
        if take is None or not _is_drawn(take):
            return take
        content = digest(["redrawn", take.content, take.notes["drawing"], *self.size, *self.box])
        return take.model_copy(update={"content": content, "width": self.size[0], "height": self.size[1]})

    def picture(self, take: Take) -> Path:
        """Return the take's picture file, drawn now unless it was before.

        Raises:
            InvalidRequest: A card's words have no room.
        """
        if not _is_drawn(take):
            return self.takes.picture(take)
        path = self.cache / "redrawn" / f"{take.content}{Path(take.picture).suffix}"
        if not path.exists():
            with staged_file(path) as temporary:
                if take.picture == "picture.png":
                    write_png(next(self._frames(take)), temporary)
                else:
                    encode_picture(self._frames(take), temporary, rate=take.rate)
        return path

    def sound(self, take: Take) -> Path | None:
        """Return the take's sound."""
        return self.takes.sound(take)

    def file(self, name: str) -> Path:
        """Return a file that an effect names."""
        return self.takes.file(name)

    def _frames(self, take: Take) -> Iterator[np.ndarray]:
        left, top, width, height = self.box
        drawing = _drawing(take, width, height)
        right, below = self.size[0] - left - width, self.size[1] - top - height
        for number in range(take.frames):
            yield np.pad(drawing.frame(number), ((top, below), (left, right), (0, 0)), "edge")


def _is_drawn(take: Take) -> bool:
    return take.notes.get("drawing", "").startswith("animatic")


def _drawing(take: Take, width: int, height: int) -> "PanelDrawing | TitleCard":
    """Draw a take's request in another size.

    Raises:
        InvalidRequest: It is a card, and its words have no room.
    """
    from reelgraph.video_tools.panels.film import PanelDrawing, TitleCard
    from reelgraph.video_tools.panels.words import panel_of

    request = take.request.model_copy(update={"width": width, "height": height})
    panel = panel_of(request)
    if not panel.title:
        return PanelDrawing(request, panel)
    card = TitleCard(request, panel)
    if not card.lettered:
        raise InvalidRequest(
            f"the title card {panel.title!r} does not fit into {width}x{height}: shorten it, or make a larger film"
        )
    return card
