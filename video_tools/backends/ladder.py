"""Still, draft, final: each rung made from the one below where the model can, else from the same seed."""

from collections.abc import Sequence

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Reference, Rung, Substitution, Take, TakeRequest

RUNGS: tuple[Rung, ...] = ("still", "draft", "final")

# A draft's share of the final's denoising steps.
_DRAFT = 0.4
# How closely a final follows its draft: its layout and motion are kept, its surfaces are made anew.
_FOLLOW = 0.4


def rungs_to(top: Rung, ladder: Sequence[Rung]) -> list[Rung]:
    """Return the rungs of a ladder that lie below one, from the lowest, and that one."""
    return [rung for rung in RUNGS if rung in ladder and RUNGS.index(rung) < RUNGS.index(top)] + [top]


def at_rung(request: TakeRequest, rung: Rung, capabilities: Capabilities) -> tuple[TakeRequest, list[Substitution]]:
    """Ask for a take at a rung: a still is one frame, a draft half as wide and high, with fewer steps.

    Args:
        request: The final.
        rung: The rung.
        capabilities: Of the back end that makes it.

    Returns:
        The request; where no still can be made, that of a draft, and that it was not what was asked.
    """
    said: list[Substitution] = []
    if rung == "still" and not capabilities.stills:
        why = f"{request.backend} makes no stills"
        said.append(Substitution(what="rung", asked="still", made="draft", why=why))
        rung = "draft"
    change: dict[str, object] = {"rung": rung}
    if rung == "still":
        change["frames"] = 1
    if rung == "draft" and not capabilities.panel:  # what is drawn costs nothing at any size
        change["width"], change["height"] = width, height = _half(request, capabilities)
        if capabilities.sizes.only:
            half = f"{request.width // 2}x{request.height // 2}"
            why = f"{request.backend} makes only some sizes"
            said.append(Substitution(what="size", asked=f"a draft of {half}", made=f"{width}x{height}", why=why))
        if request.steps:
            change["steps"] = draft_steps(request.steps)
    return request.model_copy(update=change), said


def draft_steps(final: int) -> int:
    """Return the denoising steps of a draft whose final has so many."""
    return max(1, round(final * _DRAFT))


def _half(request: TakeRequest, capabilities: Capabilities) -> tuple[int, int]:
    """Return half of each side, up to the next legal one; the request's own where only some sizes are legal."""
    rule = capabilities.sizes
    if rule.only:
        return request.width, request.height
    sides = (request.width, request.height)
    width, height = (min(side, -(-max(side // 2, rule.least) // rule.multiple) * rule.multiple) for side in sides)
    return width, height


def climb(request: TakeRequest, below: Take, capabilities: Capabilities) -> TakeRequest:
    """Ask for a take of a higher rung, leaning on the one below.

    A draft becomes the source clip of its final, a still the first frame of what follows, where the model takes such.
    The request's references then say so; where they do not, the seed alone is shared.

    Args:
        request: What the higher rung would be on its own.
        below: The take of the lower rung.
        capabilities: Of the back end that makes it.
    """
    own = request.backend == below.request.backend  # a seed says nothing to another model
    seeded = request.model_copy(update={"seed": below.request.seed, "variant": below.request.variant} if own else {})
    taken = {reference.role for reference in request.references}
    if below.frames == 1:
        leaning = Reference(content=below.content, role="first_frame")
        usable = "image" in capabilities.modes and "first_frame" not in taken
    else:
        leaning = Reference(content=below.content, role="video", strength=_FOLLOW)
        # A source clip cannot be asked for beside pinned frames by most models.
        beside = not taken or any(taken | {"video"} <= roles for roles in capabilities.together)
        whole = below.frames >= request.frames and request.frames <= (capabilities.at_once or request.frames)
        usable = "video" in capabilities.modes and beside and whole
    return seeded.model_copy(update={"references": [*request.references, leaning]}) if usable else seeded


def leans_on(request: TakeRequest, below: Take) -> bool:
    """Whether a request is made from a take, rather than from its seed alone."""
    return any(reference.content == below.content for reference in request.references)
