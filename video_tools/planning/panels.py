"""Draw a storyboard as a sheet of panels, for a person to look at before anything is shot."""

from collections import deque
from fractions import Fraction
from io import BytesIO

from reelgraph.video_tools.backends.base import Call, Made
from reelgraph.video_tools.film import Storyboard
from reelgraph.video_tools.planning.fit import requests_of

PANEL = (320, 180)
_GAP, _COLUMNS = 8, 4
# More panels are no sheet that anybody looks over.
MOST_PANELS = 100


def draw_sheet(board: Storyboard, film: str) -> bytes:
    """Draw the panels of a storyboard side by side, as PNG; of a long one the first `MOST_PANELS`.

    Args:
        board: The storyboard.
        film: The film's name, which the drawings' chance comes from.
    """
    import numpy as np
    from PIL import Image

    from reelgraph.video_tools.backends.animatic import Animatic
    from reelgraph.video_tools.panels.letters import chip, lay_out, stick

    drawer = Animatic({})
    shots = board.shots[:MOST_PANELS]
    fitted = requests_of(
        board, shots, capabilities=drawer.capabilities(), backend=drawer.name, model=drawer.fingerprint(),
        width=PANEL[0], height=PANEL[1], rate=Fraction(24), film=film,
    )  # fmt: skip
    rows = -(-len(shots) // _COLUMNS)
    columns = min(len(shots), _COLUMNS)
    size = (columns * (PANEL[0] + _GAP) + _GAP, rows * (PANEL[1] + _GAP) + _GAP)
    sheet = Image.new("RGB", size, (246, 243, 236))
    # a card's letters have come up after a second; a panel says all at once
    calls = [Call(request.model_copy(update={"frames": 25 if shot.title else 1})) for shot, request, _ in fitted]
    layout, start = lay_out(*PANEL), 0.0
    for n, (shot, made) in enumerate(zip(shots, drawer.generate(calls, lambda event: None), strict=True)):
        assert isinstance(made, Made)
        assert made.frames is not None
        panel = np.array(deque(made.frames, maxlen=13)[0])
        if not shot.title:  # every panel is the first frame of its own: the timecode there says nothing, the plan does
            minutes, seconds = divmod(start, 60)
            tag = chip(f"{minutes:.0f}:{seconds:04.1f}, {shot.seconds:.1f} s", layout).copy()
            tag[tag[..., 3] > 100, 3] = 255
            stick(panel, tag, PANEL[0] - max(2, layout.margin // 2) - tag.shape[1], max(2, layout.margin // 2))
        start += shot.seconds
        place = (_GAP + n % _COLUMNS * (PANEL[0] + _GAP), _GAP + n // _COLUMNS * (PANEL[1] + _GAP))
        sheet.paste(Image.fromarray(panel), place)
    out = BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()
