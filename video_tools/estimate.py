"""What a film would cost, before anything is spent: the price of what has no take yet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, get_args

from reelgraph.video_tools.backends.base import asked_price
from reelgraph.video_tools.backends.ladder import rungs_to
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.establish import lacking
from reelgraph.video_tools.film import Rung, Spend, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.generation import Wanted
from reelgraph.video_tools.music import wanted_music
from reelgraph.video_tools.next_takes import climbed
from reelgraph.video_tools.shooting import fitted, maker_of, stills_elsewhere, wanted_takes
from reelgraph.video_tools.studio import Studio


@dataclass(frozen=True)
class Estimate:
    """What a film would cost, before anything is spent.

    Attributes:
        to_make: Shots that have no take yet.
        pictures: Pictures of the reference sheet that are to be shot before them, such as `character-mara`.
        ready: Shots that have one.
        once: The price if every shot is right at once.
        parts: What that is made up of, by what is made: `references`, a rung such as `draft`, `music`.
        most: The price if what is missing is made, and then every shot is made again in every round that there may be.
        spent: What the film has cost so far.
    """

    to_make: list[str]
    pictures: list[str]
    ready: list[str]
    once: Spend
    parts: dict[str, Spend]
    most: Spend
    spent: Spend


_Priced: TypeAlias = tuple[str, Spend]
_PARTS = ("references", *get_args(Rung), "music")


def estimate_cost(studio: Studio, film: Film, board: Storyboard) -> Estimate:
    """Say what shooting a storyboard will cost: the price of what has no take, once, and at most in every round."""
    studio = studio.for_film(film)
    ledger, settings = studio.project.ledger, studio.project.settings
    wanted = wanted_takes(studio, film, board)
    missing = [item for item in wanted if ledger.take(item.request.key) is None]
    pictures = [item for item in lacking(studio, film, board) if ledger.take(item.request.key) is None]
    sheet = _sum(price for item in pictures for price in _prices(studio, item))
    priced = [("references", sheet)] if pictures else []
    priced += [price for item in missing for price in _prices(studio, item)]
    priced += _price_of_music(studio, film, board)
    once = _sum(priced)
    most = sum([sheet] * (settings.rounds - 1), once)
    if missing or not _stands(film, board) or settings.best_of > 1:
        every = _price_of_all(studio, film, board, rungs_to(settings.rung, settings.ladder))
        most = sum([every] * (settings.most_rounds - 1), most)
    to_make = [item.shot.id for item in missing]
    return Estimate(
        to_make=to_make,
        pictures=[item.shot.id for item in pictures],
        ready=[item.shot.id for item in wanted if item.shot.id not in to_make],
        once=once,
        parts={part: _sum(price for price in priced if price[0] == part) for part in _PARTS if part in dict(priced)},
        most=most,
        spent=ledger.spend(film.name),
    )


def _prices(studio: Studio, item: Wanted) -> Iterator[_Priced]:
    """Price a take and each rung above it, from the lowest."""
    yield item.request.rung, asked_price(studio.backend_for(maker_of(studio, item)), item.request)
    backend = studio.backend_for(studio.backend_of(item.shot))
    yield from ((request.rung, asked_price(backend, request)) for request in item.above)


def _sum(priced: Iterable[_Priced]) -> Spend:
    return sum((price for _, price in priced), Spend())


def _price_of_all(studio: Studio, film: Film, board: Storyboard, rungs: Sequence[Rung]) -> Spend:
    """Price a take of every shot on each of some rungs."""
    total, stills = Spend(), stills_elsewhere(studio, film, board, rungs)
    for id, item in fitted(studio, film, board, [shot for shot in board.shots if not shot.take]).items():
        can = studio.backend_for(studio.backend_of(item.shot)).capabilities()
        own = climbed(item.request, rungs[1:] if id in stills else rungs, can)
        above = replace(item, request=own[0][0], above=tuple(request for request, _ in own[1:])) if own else None
        total += _sum(price for one in (stills.get(id), above) if one is not None for price in _prices(studio, one))
    return total


def _stands(film: Film, board: Storyboard) -> bool:
    """Say whether a plan's film is approved, so that nothing of it is shot again unasked."""
    cut, verdict = film.cut(), film.verdict()
    return cut is not None and cut.storyboard == board.number and verdict is not None and verdict.approved


def _price_of_music(studio: Studio, film: Film, board: Storyboard) -> list[_Priced]:
    try:
        music = wanted_music(studio, film.name, board)
    except InvalidRequest:  # the film is cut without it, and says so then
        return []
    if music is None or studio.project.ledger.take(music.request.key) is not None:
        return []
    return [("music", asked_price(studio.backend_for(music.shot.backend), music.request))]
