"""Draw what is low on its legs: crocodiles and lizards, turtles, hedgehogs."""

from math import cos, pi, sin

from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import INK, RGB, shade

REPTILES = "crocodile|alligator|lizard|gecko|chameleon|dinosaur"
SHELLED = "turtle|tortoise"
SPINED = "hedgehog|porcupine"


def reptile(b: Brush, palette: list[RGB]) -> None:
    """Draw a long low body, jaws with teeth, and a ridged back and tail."""
    hide = palette[0] if palette else (90, 107, 60)
    belly = palette[1] if len(palette) > 1 else shade(hide, 1.4)
    for u, dark in ((-0.62, 0.7), (0.52, 0.7), (-0.45, 0.9), (0.68, 0.9)):
        b.smooth(f"{u - 0.12},0.4 {u + 0.14},0.4 {u + 0.1},0.06 {u + 0.22},0 {u - 0.08},0", shade(hide, dark))
    b.smooth("-2.1,0.3 -1.4,0.5 -0.7,0.7 0.3,0.72 0.9,0.6 0.9,0.3 0.2,0.18 -0.7,0.2 -1.4,0.3", hide)
    b.smooth("-0.7,0.28 0.2,0.24 0.85,0.34 0.2,0.36 -0.7,0.36", belly, ink=False)
    for k in range(9):
        u, v = -1.5 + 0.24 * k, 0.46 + 0.26 * sin(min(k, 5) / 5 * pi / 2)
        b.shape(f"{u - 0.09},{v - 0.04} {u},{v + 0.13} {u + 0.09},{v - 0.02}", shade(hide, 0.75), thin=0.7)
    b.shape("0.95,0.4 1.95,0.36 1.9,0.26 0.9,0.26", belly)
    for k in range(6):
        u = 1.12 + 0.13 * k
        b.shape(f"{u - 0.05},0.42 {u},0.32 {u + 0.05},0.42", (246, 242, 230), thin=0.5)
    b.smooth("0.7,0.6 0.95,0.82 1.15,0.66 1.6,0.56 1.98,0.56 1.95,0.4 1.2,0.4 0.85,0.34", hide)
    b.ellipse(1.0, 0.7, 0.08, 0.09, (232, 204, 92), thin=0.7)
    b.ellipse(1.02, 0.7, 0.03, 0.07, INK, ink=False)


def shelled(b: Brush, palette: list[RGB]) -> None:
    """Draw a domed shell in plates, a head and flat feet."""
    shell = palette[0] if palette else (90, 122, 63)
    skin = palette[1] if len(palette) > 1 else shade(shell, 1.4)
    b.smooth("-0.75,0.3 -1.15,0.16 -0.8,0.2", skin)
    for u in (-0.5, 0.5):
        b.smooth(f"{u - 0.16},0.3 {u + 0.16},0.3 {u + 0.24},0 {u - 0.16},0", shade(skin, 0.85))
    b.smooth("0.6,0.22 0.86,0.4 0.98,0.66 1.25,0.66 1.3,0.44 1.05,0.3 0.8,0.2", skin)
    b.ellipse(1.14, 0.56, 0.04, 0.05, INK, ink=False)
    dome = [(0.86 * cos(k * pi / 10), 0.22 + 0.76 * sin(k * pi / 10)) for k in range(11)]
    b.shape(" ".join(f"{u},{v}" for u, v in dome), shell)
    b.line("-0.5,0.6 0,0.7 0.5,0.6", shade(shell, 0.6))
    for u, top in ((-0.42, 0.86), (0.0, 0.98), (0.42, 0.86)):
        b.line(f"{u * 0.8},{top} {u},0.64 {u * 1.3},0.24", shade(shell, 0.6))


def spined(b: Brush, palette: list[RGB]) -> None:
    """Draw a round back of spines, a pointed snout and short feet."""
    spines = palette[0] if palette else (109, 88, 68)
    face = palette[1] if len(palette) > 1 else shade(spines, 1.6)
    for u in (-0.4, 0.35):
        b.ellipse(u, 0.06, 0.13, 0.07, shade(face, 0.8))
    b.smooth("0.3,0.1 0.45,0.6 0.75,0.58 1.1,0.32 1.08,0.24 0.7,0.08", face)
    ring = []
    for k in range(27):
        angle, out = 0.12 * pi + k * 0.88 * pi / 26, 1.0 if k % 2 else 0.8
        ring.append((-0.1 + 0.84 * out * cos(angle), 0.1 + 0.92 * out * sin(angle)))
    b.shape(" ".join(f"{u},{v}" for u, v in [*ring, (-0.7, 0.06), (0.35, 0.06)]), spines)
    for x, y in ((-0.5, 0.4), (-0.25, 0.62), (0.05, 0.7), (-0.3, 0.3), (0.0, 0.42), (0.22, 0.54)):
        b.line(f"{x + 0.06},{y - 0.06} {x - 0.06},{y + 0.08}", shade(spines, 1.5))
    b.ellipse(0.5, 0.56, 0.1, 0.11, shade(face, 0.85))
    b.ellipse(0.76, 0.42, 0.05, 0.06, INK, ink=False)
    b.ellipse(1.1, 0.29, 0.06, 0.06, INK, ink=False)
