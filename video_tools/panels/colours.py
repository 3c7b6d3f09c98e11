"""Colours of panels: the ink, and how they are mixed, shaded and weighed."""

RGB = tuple[int, int, int]
INK: RGB = (38, 34, 40)


def rgb(colour: str) -> RGB:
    """Read `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: RGB) -> str:
    """Write `#rrggbb`."""
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """Blend two colours: `share` of the second."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def shade(colour: RGB, light: float) -> RGB:
    """Darken towards black (`light` below 1) or lighten towards white (above 1, at most 2)."""
    return mix((0, 0, 0), colour, light) if light <= 1 else mix(colour, (255, 255, 255), light - 1)


def luma(colour: RGB) -> float:
    """Return how light a colour is, 0 to 1. Source: ITU-R BT.709-6, item 3.2, on the gamma-coded values."""
    return (0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]) / 255
