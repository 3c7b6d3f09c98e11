"""Which take each shot needs next: the rungs of the ladder one after another, and on from the shot before.

What a take is made from must be there before it can be asked for: a final wants its draft, and a shot that continues
another wants where that one ends. So a shot's request follows from the plan and from what the ledger holds by now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.backends.ladder import at_rung, climb, leans_on, rungs_to
from reelgraph.video_tools.film import Reference, Rung, Shot, Substitution, Take, TakeRequest
from reelgraph.video_tools.generation import Wanted
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.planning.legal import frames_filled


def next_takes(
    ledger: Ledger,
    fitted: Sequence[Wanted],
    *,
    stills: Mapping[str, Wanted] = {},  # never written to
    top: Rung,
    ladder: Sequence[Rung],
    rate: Fraction,
    capabilities_of: Callable[[Shot], Capabilities],
    fails: Callable[[Take, Shot], bool],
) -> list[Wanted]:
    """Say what each shot needs next: its lowest rung that has no take or one that fails its checks, else the top.

    Args:
        ledger: What is there.
        fitted: Every shot's final by itself, in film order.
        stills: Stills that another back end makes, by shot id. One is asked for where the shot's own can begin on it,
            or where the film is to be of stills.
        top: The rung that the film is to be of.
        ladder: Rungs that are to be shot and to pass their checks first.
        rate: The film's.
        capabilities_of: Gives what a shot's back end declares.
        fails: Says whether a take, made for a shot, fails a check that blocks: what stands on it is not paid for.
    """
    result: list[Wanted] = []
    for item in fitted:
        if item.shot.take:  # it is there
            result.append(item)
            continue
        capabilities = capabilities_of(item.shot)
        if result and item.shot.continues:
            item = _going_on(ledger, item, result[-1], rate, capabilities)
        result.append(_on_ladder(ledger, item, rungs_to(top, ladder), capabilities, fails, stills.get(item.shot.id)))
    return result


def _going_on(ledger: Ledger, item: Wanted, before: Wanted, rate: Fraction, capabilities: Capabilities) -> Wanted:
    """Have a shot begin on the frame with which the one before it would go on."""
    if "image" not in capabilities.modes or any(r.role == "first_frame" for r in item.request.references):
        return item
    take = ledger.take(before.request.key)
    if take is None or before.waits_for:
        lacking = Substitution(
            what="continues", asked=f"goes on from {before.shot.id}", made="begins by itself",
            why=f"{before.waits_for or before.shot.id} has no take",
        )  # fmt: skip
        return replace(item, waits_for=before.shot.id, substitutions=(*item.substitutions, lacking))
    # A take may be longer than its shot, which the cut trims.
    end = min(frames_filled(before.shot, rate, take.rate), take.frames - 1)
    first = Reference(content=take.content, role="first_frame", frame=end)
    request = item.request.model_copy(update={"references": [*item.request.references, first]})
    return replace(item, request=request, notes={**item.notes, "continues": f"{before.shot.id}, from its frame {end}"})


def climbed(
    request: TakeRequest, rungs: Sequence[Rung], capabilities: Capabilities
) -> list[tuple[TakeRequest, list[Substitution]]]:
    """Ask for a take at each rung, from the lowest; where two would be the same, once."""
    steps = [at_rung(request, rung, capabilities) for rung in rungs]
    return [step for n, step in enumerate(steps) if step[0] not in [other[0] for other in steps[:n]]]


def _on_ladder(
    ledger: Ledger,
    item: Wanted,
    rungs: Sequence[Rung],
    capabilities: Capabilities,
    fails: Callable[[Take, Shot], bool],
    still: Wanted | None,
) -> Wanted:
    below: Take | None = None
    begins = "image" in capabilities.modes and all(r.role != "first_frame" for r in item.request.references)
    if still is not None and rungs[0] == "still" and (begins or len(rungs) == 1):
        below = ledger.take(still.request.key)
        rungs = rungs[1:]
        if not rungs or below is None or fails(below, item.shot):
            above = tuple(request for request, _ in climbed(item.request, rungs, capabilities))
            return replace(still, above=above, waits_for=item.waits_for)
    steps = climbed(item.request, rungs, capabilities)
    for number, (request, said) in enumerate(steps):
        notes = item.notes
        if below is not None:
            request = climb(request, below, capabilities)
            how = "the take" if leans_on(request, below) else "the seed"
            notes = {**notes, "rung": f"{request.rung}, from {how} of {below.request.rung} {below.key[:12]}"}
        take = ledger.take(request.key)
        above = tuple(later for later, _ in steps[number + 1 :])
        if not above or take is None or fails(take, item.shot):
            return replace(item, request=request, above=above, notes=notes, substitutions=(*item.substitutions, *said))
        below = take
    raise AssertionError("a ladder has a top")


def chains(items: Sequence[Wanted]) -> list[list[Wanted]]:
    """Divide items, in film order, into chains: what waits for the one before it comes behind that one."""
    result: list[list[Wanted]] = []
    for item in items:
        if item.waits_for and result and result[-1][-1].shot.id == item.waits_for:
            result[-1].append(item)
        else:
            result.append([item])
    return result
