"""Still, draft, final: each rung made from the one below where the model can, else from the same seed."""

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Reference, Rung, Take, TakeRequest

RUNGS: tuple[Rung, ...] = ("still", "draft", "final")

# How closely a final follows its draft: its layout and motion are kept, its surfaces are made anew.
_FOLLOW = 0.4


def climb(request: TakeRequest, below: Take, capabilities: Capabilities) -> TakeRequest:
    """Ask for a take of a higher rung, leaning on the one below.

    A draft becomes the source clip of its final, a still the first frame of what follows, where the model takes such.
    The request's references then say so; where they do not, the seed alone is shared.

    Args:
        request: What the higher rung would be on its own.
        below: The take of the lower rung.
        capabilities: Of the back end that makes it.
    """
    seeded = request.model_copy(update={"seed": below.request.seed, "variant": below.request.variant})
    taken = {reference.role for reference in request.references}
    if below.frames == 1:
        leaning = Reference(content=below.content, role="first_frame")
        usable = "image" in capabilities.modes and "first_frame" not in taken
    else:
        leaning = Reference(content=below.content, role="video", strength=_FOLLOW)
        # A source clip cannot be asked for beside pinned frames by most models.
        usable = "video" in capabilities.modes and not taken and below.frames >= request.frames
    return seeded.model_copy(update={"references": [*request.references, leaning]}) if usable else seeded


def leans_on(request: TakeRequest, below: Take) -> bool:
    """Whether a request is made from a take, rather than from its seed alone."""
    return any(reference.content == below.content for reference in request.references)
