"""The back end that draws the plan: storyboard panels, with the camera move performed and everything lettered.

It needs no weights, key or network. A panel's layers are drawn once and then seen through a moving camera, so that long
takes cost little time and no more memory than short ones.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reelgraph.video_tools.backends.base import (
    Call,
    Capabilities,
    Failed,
    FrameRule,
    Made,
    OnEvent,
    Progress,
    SizeRule,
    check_request,
)
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Spend, TakeRequest

if TYPE_CHECKING:  # listing what can be drawn needs no numpy
    import numpy as np

    from reelgraph.video_tools.panels.film import PanelDrawing, TitleCard

DRAWING = "animatic-5"  # raise it whenever a request is drawn differently than before
SECONDS_A_MEGAPIXEL = 0.2  # at most, on one slow core; measured 0.03 to 0.07


class Animatic:
    """Draws each request as a storyboard panel in motion."""

    name = "animatic"

    def __init__(self, settings: dict[str, object] | None = None) -> None:
        """Make the back end; it has no settings.

        Raises:
            InvalidRequest: A setting was given.
        """
        if settings:
            raise InvalidRequest(f"the animatic back end has no setting {sorted(settings)[0]!r}: remove it")

    def capabilities(self) -> Capabilities:
        """Declare any even size from 16 to 4096, any length, any rate."""
        return Capabilities(
            modes=frozenset({"text", "still"}),
            frames=FrameRule(),
            sizes=SizeRule(multiple=2),
            panel=True,
            animatic=True,
        )

    def fingerprint(self) -> str:
        """Name the way of drawing."""
        return DRAWING

    def price(self, request: TakeRequest) -> Spend:
        """Say how long the drawing takes at most; it costs no money."""
        megapixels = request.width * request.height * request.frames / 1e6
        return Spend(generation_seconds=round(1.0 + megapixels * SECONDS_A_MEGAPIXEL, 3), calls=1)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Draw each request; frames are drawn as they are taken from the result's iterator.

        Raises:
            Cancelled: `on_event` asked for it, at the frame just drawn.
        """
        from reelgraph.video_tools.lettering import borrowed
        from reelgraph.video_tools.panels.film import PanelDrawing, TitleCard
        from reelgraph.video_tools.panels.words import panel_of

        for call in calls:
            request = call.request
            try:
                check_request(self.capabilities(), request)
            except InvalidRequest as error:
                yield Failed(call, error, Spend())
                continue
            panel = panel_of(request)
            drawing = TitleCard(request, panel) if panel.title else PanelDrawing(request, panel)
            notes = {"drawing": DRAWING}
            if fonts := borrowed(drawing.text):
                notes["fonts"] = f"also {', '.join(fonts)}, which this machine has"
            if not drawing.lettered:
                notes["lettering"] = f"left out: {request.width}x{request.height} is too small to read"
            yield Made(
                call,
                request.rate,
                frames=_frames(drawing, call, on_event),
                substitutions=tuple(drawing.substitutions),
                notes=notes,
            )


def _frames(drawing: "PanelDrawing | TitleCard", call: Call, on_event: OnEvent) -> "Iterator[np.ndarray]":
    for frame in range(call.request.frames):
        picture = drawing.frame(frame)
        on_event(Progress(call.attempt, frame + 1, call.request.frames))
        yield picture
