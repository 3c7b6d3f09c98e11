"""Which takes tell how fast a model is on this machine: a project's folder may come from another, or go to several."""

from collections.abc import Callable, Iterable

from reelgraph.video_tools.backends.device import device_named, full_name
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Take


def made_here(takes: Iterable[Take], *, backend: str, fingerprint: Callable[[], str], device: str) -> list[Take]:
    """Pick the takes that a back end's model made on its device.

    Args:
        takes: Some takes.
        backend: The back end's name.
        fingerprint: Gives the model's; weights are not read where no take is the back end's.
        device: The one that is set, or `auto`.

    Returns:
        Those of them; none where there is no such device, or nothing that could run on it.
    """
    own = [take for take in takes if take.request.backend == backend]
    own = [take for take in own if take.request.model == fingerprint()]
    if not own:
        return []
    try:
        here = full_name(device_named(device).name)
    except InvalidRequest:  # whoever makes a take there is told
        return []
    return [take for take in own if take.notes.get("device") == here]
