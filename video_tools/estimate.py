"""What a film would cost, before anything is spent: the price of what has no take yet."""

from dataclasses import dataclass

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.establish import lacking
from reelgraph.video_tools.film import Spend, Storyboard
from reelgraph.video_tools.music import wanted_music
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.shooting import wanted_takes
from reelgraph.video_tools.studio import Studio


@dataclass(frozen=True)
class Estimate:
    """What a film would cost, before anything is spent.

    Attributes:
        to_make: Shots that have no take yet.
        pictures: Pictures of the reference sheet that are to be shot before them, such as `character-mara`.
        ready: Shots that have one.
        once: The price if every shot is right at once.
        most: The price if every shot is shot again in every round.
        spent: What the film has cost so far.
    """

    to_make: list[str]
    pictures: list[str]
    ready: list[str]
    once: Spend
    most: Spend
    spent: Spend


def estimate_cost(studio: Studio, film: Film, board: Storyboard) -> Estimate:
    """Say what shooting a storyboard will cost: the price of what has no take, once and in every round."""
    studio = studio.for_film(film)
    ledger = studio.project.ledger
    wanted = wanted_takes(studio, film, board)
    missing = [item for item in wanted if ledger.take(item.request.key) is None]
    once, most = Spend(), Spend()
    for item in missing:
        backend = studio.backend_for(studio.backend_of(item.shot))
        for request in (item.request, *item.above):
            once += backend.price(request)
    pictures = [item for item in lacking(studio, film, board) if ledger.take(item.request.key) is None]
    for item in pictures:
        once += studio.backend_for(studio.backend_of(item.shot)).price(item.request)
    once += _price_of_music(studio, film, board)
    for _ in range(studio.project.settings.rounds):
        most += once
    to_make = [item.shot.id for item in missing]
    return Estimate(
        to_make=to_make,
        pictures=[item.shot.id for item in pictures],
        ready=[item.shot.id for item in wanted if item.shot.id not in to_make],
        once=once,
        most=most,
        spent=ledger.spend(film.name),
    )


def _price_of_music(studio: Studio, film: Film, board: Storyboard) -> Spend:
    try:
        music = wanted_music(studio, film.name, board)
    except InvalidRequest:  # the film is cut without it, and says so then
        return Spend()
    if music is None or studio.project.ledger.take(music.request.key) is not None:
        return Spend()
    return studio.backend_for(music.shot.backend).price(music.request)
