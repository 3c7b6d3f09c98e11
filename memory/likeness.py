"""How like a take is to what the bible says of those in it: to their reference pictures, and to their colours."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reelgraph.memory.embedders import Frame, Vectors, oklab
from reelgraph.video_tools.film import Bible, Character, Place, Shot, Style
from reelgraph.video_tools.studio import Likeness

# The share of a picture that must come near a colour for the colour to be there. Source: ours; in a medium shot a
# scarf or a ball is about one to five hundredths of the picture.
SHOWN = 1 / 200
# Rows and columns are skipped in larger pictures: a share of 1/200 is still a hundred points.
_POINTS = 160


def likenesses(
    bible: Bible,
    shot: Shot,
    frames: Sequence[Frame],
    embed: Callable[[Sequence[Frame]], Vectors],
    reference: Callable[[str], Vectors | None],
) -> list[Likeness]:
    """Compare a take with the entries of the bible that its shot shows, and with the film's style.

    Args:
        bible: The storyboard's bible.
        shot: The shot.
        frames: Frames of its take, each `(height, width, 3) uint8 RGB`; a few, spread over it, say as much as all.
        embed: Turns pictures into unit rows; asked where there is a reference picture to compare with.
        reference: Gives the row of a reference picture, `(1, dimension)`, by its content hash; None where it is gone.

    Returns:
        One for each character and the place of the shot, and for the style, that has references or colours.
    """
    seen = cache(lambda: embed(frames))

    def known(entries: Sequence[Character] | Sequence[Place]) -> dict[str, float]:
        """Give the distance of each entry that has references."""
        rows = {e.id: [row for content in e.references if (row := reference(content)) is not None] for e in entries}
        return {id: _distance(seen(), np.concatenate(own)) for id, own in rows.items() if own}

    characters, places = known(bible.characters), known(bible.places)
    cast = [("character", c, characters, shot.characters) for c in bible.characters if c.id in shot.characters]
    where = [("place", p, places, [shot.place]) for p in bible.places if p.id == shot.place]
    found: list[Likeness] = []
    compared: list[tuple[str, Character | Place, dict[str, float], list[str]]] = [*cast, *where]
    for kind, entry, distances, there in compared:
        others = [far for id, far in distances.items() if id not in there]
        far, colour = _furthest(frames, entry)
        found.append(
            Likeness(
                entry=f"{kind}:{entry.id}",
                name=entry.name,
                picture=distances.get(entry.id),
                other=min(others, default=None),
                palette=far,
                colour=colour,
            )
        )
    far, colour = _furthest(frames, bible.style)
    found.append(Likeness(entry="style", name="the style", palette=far, colour=colour))
    return [likeness for likeness in found if likeness.picture is not None or likeness.palette is not None]


def palette_distance(frame: Frame, colour: str) -> float:
    """Return the Oklab distance of a colour, `#rrggbb`, within which `SHOWN` of a picture lies.

    0.02 is just noticeable, 0.15 is another hue.
    """
    step = max(1, max(frame.shape[:2]) // _POINTS)
    wanted = oklab(np.array([[list(bytes.fromhex(colour[1:]))]], np.uint8))[0, 0]
    distance: NDArray[np.float64] = np.linalg.norm(oklab(frame[::step, ::step]) - wanted, axis=-1).ravel()
    rank = max(1, round(distance.size * SHOWN)) - 1
    return float(np.partition(distance, rank)[rank])


def _furthest(frames: Sequence[Frame], entry: Character | Place | Style) -> tuple[float | None, str]:
    """Return the colour of an entry that frames are furthest from showing, with its distance."""
    if not entry.palette or not frames:
        return None, ""
    far = {colour: float(np.median([palette_distance(frame, colour) for frame in frames])) for colour in entry.palette}
    worst = max(far, key=lambda colour: far[colour])
    return far[worst], worst


def _distance(seen: Vectors, shown: Vectors) -> float:
    return float(np.mean(1.0 - (seen @ shown.T).max(1)))
