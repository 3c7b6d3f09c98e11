"""Still pictures as people have them: PNG, JPEG, WebP, TIFF, BMP, and AVIF and HEIC where there is a reader."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reelgraph.video_tools.editing.containers import MOST_PIXELS
from reelgraph.video_tools.errors import InvalidRequest

if TYPE_CHECKING:  # imported on first use: a film of takes alone needs no Pillow
    from PIL import Image

FORMATS = ["PNG", "JPEG", "WEBP", "TIFF", "BMP"]


def is_still(path: Path) -> bool:
    """Say whether a file is a still picture, by what is in it; moving PNG and WebP are not.

    A JPEG in which a camera put further pictures beside the photograph (MPO) is one: the photograph.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=_formats()) as image:
            return image.format == "MPO" or getattr(image, "n_frames", 1) == 1
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return False


def read_still(path: Path) -> np.ndarray:
    """Read a still as people see it: turned by its EXIF rotation, transparency over black.

    Returns:
        `(height, width, 3) uint8 RGB`.

    Raises:
        InvalidRequest: It cannot be read, or is too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path, formats=_formats()) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InvalidRequest(
                    f"{path.name} is {image.width}x{image.height}: at most {MOST_PIXELS} pixels are read"
                )
            if image.mode in ("I", "F"):
                raise InvalidRequest(
                    f"{path.name} has numbers of 32 bits, and does not say which is white: save it with 8 or 16 bits"
                )
            return flattened(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise InvalidRequest(f"{path.name} is not there: name a picture") from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise InvalidRequest(f"{path.name} is not a picture that can be read: {error}") from error


def flattened(image: "Image.Image") -> np.ndarray:
    """Return `(height, width, 3) uint8 RGB`; what is transparent shows black."""
    from PIL import Image

    if image.mode.startswith("I;16"):  # 16-bit grey, in either byte order: convert() alone cuts it off at 255
        values = np.asarray(image).astype(np.int32)
        values[values == image.info.get("transparency", -1)] = 0
        return np.repeat((values >> 8).astype(np.uint8)[..., None], 3, 2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(ground, image)
    return np.asarray(image.convert("RGB"))


@cache
def _formats() -> list[str]:
    formats = list(FORMATS)
    with suppress(ImportError):  # Pillow has it from 11.3 on
        from PIL import AvifImagePlugin  # noqa: F401

        formats.append("AVIF")
    with suppress(ModuleNotFoundError):
        from pillow_heif import register_heif_opener  # type: ignore[import-not-found,import-untyped,unused-ignore]

        register_heif_opener()
        formats.append("HEIF")
    return formats
