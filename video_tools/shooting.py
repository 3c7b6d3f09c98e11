"""The second step of making a film: which takes its storyboard needs, and shooting them.

Which take a shot has is stored nowhere: it follows from the storyboard's request for it and the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from reelgraph.video_tools.at_once import at_once
from reelgraph.video_tools.backends.base import check_ready
from reelgraph.video_tools.backends.ladder import at_rung, rungs_to
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.changed_makers import tell_changed_makers
from reelgraph.video_tools.claims import claimed
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import (
    Rung,
    Shot,
    Storyboard,
    Take,
    TakeRequest,
    digest,
)
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import heed_person
from reelgraph.video_tools.generation import Published, Unmade, Wanted, shoot
from reelgraph.video_tools.measured import fails
from reelgraph.video_tools.next_takes import next_takes
from reelgraph.video_tools.own_footage import take_shown
from reelgraph.video_tools.planning.fit import requests_of
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.turns import Turn


def wanted_takes(studio: Studio, film: Film, board: Storyboard, *, rung: Rung | None = None) -> list[Wanted]:
    """Fit every shot of a storyboard to its back end, in film order, and say which take it needs next.

    Args:
        studio: Where it is made.
        film: The film.
        board: Its storyboard.
        rung: How good the takes shall be, in place of the settings'.

    Raises:
        InvalidRequest: A shot cannot be made as planned; the message names the shot and the nearest legal value.
    """
    studio = studio.for_film(film)
    settings = studio.project.settings
    result = fitted(studio, film, board, board.shots)
    top = rung or settings.rung
    return next_takes(
        studio.project.ledger,
        [result[shot.id] for shot in board.shots],
        stills=stills_elsewhere(studio, film, board, rungs_to(top, settings.ladder)),
        top=top,
        ladder=settings.ladder,
        rate=settings.rate,
        capabilities_of=lambda shot: studio.backend_for(studio.backend_of(shot)).capabilities(),
        fails=lambda take, shot: fails(studio, take, shot),
    )


def wanted_then(studio: Studio, film: Film, board: Storyboard) -> list[Wanted]:
    """Say which takes an earlier storyboard needs; none where it can be made no longer, as when its back end is gone.

    Args:
        studio: Where it is made.
        film: The film.
        board: One of its storyboards.
    """
    try:
        return wanted_takes(studio, film, board)
    except (InvalidRequest, PermanentFailure):  # a limit of its back end is lower by now, or there is no such back end
        return []


def stills_elsewhere(studio: Studio, film: Film, board: Storyboard, rungs: Sequence[Rung]) -> dict[str, Wanted]:
    """Ask the back end that the settings name for stills for those of a film's shots, by shot id.

    There are none where they name none, and a shot that names its own back end has its stills made there too.

    Args:
        studio: Where it is made, with the film's settings.
        film: The film.
        board: Its storyboard.
        rungs: Those that shots are to be made on.

    Raises:
        InvalidRequest: That back end makes no stills.
    """
    settings = studio.project.settings
    name = settings.backend_by_kind.get("still")
    if not name or "still" not in rungs:
        return {}
    can = studio.backend_for(name).capabilities()
    if not can.stills:
        raise InvalidRequest(f"{name} makes no stills: name another under [backend_by_kind]")
    own = {shot.id: shot for shot in board.shots if shot.kind == "shot" and not shot.backend and not shot.take}
    pictures = [shot.model_copy(update={"seconds": float(1 / settings.rate)}) for shot in own.values()]
    asked = fitted(studio, film, board, pictures, by=name)
    return {
        id: replace(item, shot=own[id], request=at_rung(item.request, "still", can)[0], backend=name)
        for id, item in asked.items()
    }


def maker_of(studio: Studio, item: Wanted) -> str:
    """Name the back end that makes a take, empty for the film's own."""
    return item.backend or studio.backend_of(item.shot)


def fitted(studio: Studio, film: Film, board: Storyboard, shots: Sequence[Shot], *, by: str = "") -> dict[str, Wanted]:
    """Ask for shots' finals as their back ends can make them, by shot id.

    Args:
        studio: Where it is made, with the film's settings.
        film: The film.
        board: Its storyboard, whose bible says how everybody looks.
        shots: The shots.
        by: The back end that makes them all, in place of each one's own, for whose model their steps and guidance are.

    Raises:
        InvalidRequest: A shot cannot be made as planned; the message names the shot and the nearest legal value.
    """
    settings = studio.project.settings
    width, height = settings.size
    result = {shot.id: Wanted(shot, take_shown(studio, shot).request) for shot in shots if shot.take}
    shots = [shot for shot in shots if not shot.take]
    for name in dict.fromkeys(by or studio.backend_of(shot) for shot in shots):
        backend = studio.backend_for(name)
        own = [shot for shot in shots if name == (by or studio.backend_of(shot))]
        for shot, request, substitutions in requests_of(
            board,
            own,
            capabilities=backend.capabilities(),
            backend=backend.name,
            model=backend.fingerprint(),
            width=width,
            height=height,
            rate=settings.rate,
            film=film.name,
            references={shot.id: shot.references for shot in own},
        ):
            said = {} if by else {"steps": shot.steps, "guidance": shot.guidance}
            request = request.model_copy(update={k: v for k, v in said.items() if v is not None})
            result[shot.id] = Wanted(shot, request, tuple(substitutions))
    return result


def check_makers(studio: Studio, wanted: Iterable[Wanted]) -> None:
    """Refuse to make takes where one is missing and what makes it is not set up here: nothing is paid, or cut without.

    Args:
        studio: Where they are made, with the film's settings.
        wanted: The takes.

    Raises:
        InvalidRequest: The message says what to set or install.
    """
    missing = [item for item in wanted if studio.project.ledger.take(item.request.key) is None]
    makers = {maker_of(studio, item) for item in missing}
    makers |= {studio.backend_of(item.shot) for item in missing if item.above}
    for name in sorted(makers):
        check_ready(studio.backend_for(name))


def waves(wanted: Sequence[Wanted], max_batch: int) -> list[list[Wanted]]:
    """Group takes that one call of the back end can make: same shape, up to `max_batch`, each in film order."""

    def shape(item: Wanted) -> tuple[object, ...]:
        r = item.request
        roles = tuple((x.role, x.frame) for x in r.references)
        adapters = tuple((a.name, a.scale) for a in r.adapters)
        return (r.width, r.height, r.frames, r.rate, r.steps, r.guidance, bool(r.negative_prompt), roles, adapters)

    groups: dict[tuple[object, ...], list[Wanted]] = {}
    for item in wanted:
        groups.setdefault(shape(item), []).append(item)
    batches = [items[i : i + max_batch] for items in groups.values() for i in range(0, len(items), max_batch)]
    return sorted(batches, key=lambda batch: wanted.index(batch[0]))


def waves_of(studio: Studio, wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """Group takes into waves, in film order: those that one call of a back end can make."""
    result: list[list[Wanted]] = []
    for name in dict.fromkeys(maker_of(studio, item) for item in wanted):
        own = [item for item in wanted if maker_of(studio, item) == name]
        result += waves(own, studio.backend_for(name).capabilities().max_batch)
    place = {item.shot.id: n for n, item in enumerate(wanted)}
    return sorted(result, key=lambda wave: place[wave[0].shot.id])


def shoot_shots(
    studio: Studio, film: Film, board: Storyboard, shots: Sequence[str], *, rung: Rung | None = None
) -> Iterator[Published | Unmade]:
    """Make what shots lack, rung by rung and each behind the one that it goes on from, telling of each take.

    Args:
        studio: Where it is made.
        film: The film.
        board: Its storyboard.
        shots: Ids of its shots.
        rung: How good the takes shall be, in place of the settings'.

    Raises:
        Cancelled: Somebody asked to stop; what was published stands.
        InvalidRequest: A shot cannot be made as planned, or what makes it is not set up here.
        Refused: A person said no to the plan, its cost or its reference sheet.
    """
    studio = commission(studio, film)
    heed_person(studio, film, board)
    tried: set[str] = set()
    while True:
        wanted = {item.shot.id: item for item in wanted_takes(studio, film, board, rung=rung)}
        left = [wanted[shot] for shot in shots if wanted[shot].request.key not in tried]
        waiting = {item.shot.id for item in left}
        ready = [item for item in left if item.waits_for not in waiting]
        if not ready:
            return
        check_makers(studio, left)
        tell_changed_makers(studio, film, left)
        tried |= {item.request.key for item in ready}
        yield from shoot_waves(studio, film, waves_of(studio, ready))


def shoot_waves(studio: Studio, film: Film, waves: Sequence[Sequence[Wanted]]) -> Iterator[Published | Unmade]:
    """Make the takes of several waves, telling of each as it comes.

    Up to four waves are under way at once: while one's takes are encoded, the device works on the next. Under a ceiling
    they go one after another, so that what it leaves goes to the first shots, and no call waits past it for its device.

    Raises:
        Cancelled: Somebody asked to stop; what was published stands.
    """
    works = [partial(shoot_wave, film=film, wave=wave) for wave in waves]
    if _has_ceilings(studio.for_film(film), film):
        for work in works:
            yield from work(studio)
    else:
        yield from at_once(studio, works)


def _heed_behind(studio: Studio, has_asked: Callable[[], None]) -> None:
    """Heed who asks to stop while another makes the same take, and let those behind go on, since nothing is asked."""
    has_asked()
    studio.heed()


def _has_ceilings(studio: Studio, film: Film) -> bool:
    return any(limits != Limits() for limits in studio.limits(film.name).values())


def shoot_wave(studio: Studio, film: Film, wave: Sequence[Wanted]) -> Iterator[Published | Unmade]:
    """Make the takes of a wave that are not there yet, telling of each.

    Raises:
        Cancelled: Somebody asked to stop; what was published stands.
    """
    studio = studio.for_film(film)
    ledger = studio.project.ledger
    turn = studio.turn if _has_ceilings(studio, film) else Turn()
    # Two branches that ask for the same take must not both pay for it: the second waits, and finds it.
    keys = [(ledger.root, item.request.key) for item in wave]
    with turn.asking(studio.heed) as has_asked, claimed(*keys, heed=partial(_heed_behind, studio, has_asked)):
        for result in shoot(
            ledger,
            studio.backend_for(maker_of(studio, wave[0])),
            wave,
            film=film.name,
            limits=partial(studio.limits, film.name),
            before=studio.heed,
            has_asked=has_asked,
            on_event=studio.hear,
            checks=studio.checks_for(maker_of(studio, wave[0])),
            resubmit_lost=studio.project.settings.resubmit_lost,
        ):
            shot = result.wanted.shot.id
            if isinstance(result, Unmade):
                studio.tell(event("take.failed", film=film.name, shot=shot, error=str(result.error)))
            else:
                studio.tell(event("take.ready", film=film.name, shot=shot, take=result.take.key, reused=result.reused))
                for s in [] if result.reused else result.take.substitutions:
                    studio.tell(event("substitution", film=film.name, shot=shot, **s.model_dump()))
            yield result
    spent = ledger.spend(film.name)
    studio.tell(event("budget.spent", film=film.name, **spent.model_dump()))


def next_seed(shot: Shot, request: TakeRequest) -> dict[str, object]:
    """Return the seed and variant of a shot's next try: the same on every machine.

    Raises:
        InvalidRequest: It shows footage of somebody's own, of which there is no other try.
    """
    if shot.take:
        raise InvalidRequest(f"{shot.id} shows footage, which is not shot: change it by an edit of the cut")
    variant = shot.variant + 1
    seed = int(digest([request.seed, variant])[:8], 16) if request.seed is not None else shot.seed
    return {"variant": variant, "seed": seed}


def chosen_takes(studio: Studio, wanted: Iterable[Wanted]) -> dict[str, Take | None]:
    """Return each shot's take, or None where it has none."""
    return {item.shot.id: studio.project.ledger.take(item.request.key) for item in wanted}
