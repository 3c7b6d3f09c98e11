"""Takes that are sound alone: the wave, beside a small black picture, so that they are takes like any other."""

from pathlib import Path
from typing import TYPE_CHECKING

from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.backends.base import NO_PICTURE

if TYPE_CHECKING:
    from reelgraph.video_tools.backends.base import Sound


def write_no_picture(folder: Path) -> None:
    """Write the black picture of a take that is sound alone, and its poster."""
    import numpy as np
    from PIL import Image

    from reelgraph.video_tools.editing.media import write_png

    black = np.zeros((*reversed(NO_PICTURE), 3), np.uint8)
    write_png(black, folder / "picture.png")
    Image.fromarray(black).save(folder / "poster.jpg", quality=85)


def write_sound_alone(sound: "Sound", folder: Path) -> dict[str, str]:
    """Write the files of a take that is sound alone; returns each with the hash of its bytes."""
    from reelgraph.video_tools.editing.media import write_wav

    write_no_picture(folder)
    write_wav(sound, folder / "sound.wav")
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
