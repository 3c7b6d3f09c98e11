"""Choose what each character of a film is drawn as by a small model that knows few things and colours."""

from collections.abc import Collection
from dataclasses import dataclass

from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.film import Bible, digest
from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.senses import Sense, senses_of
from reelgraph.video_tools.planning.tokens import tokens_of


@dataclass(frozen=True)
class Look:
    """What somebody is drawn as; `own` says whether that is what the bible calls them."""

    colour: str
    thing: str
    own: bool = True

    def __str__(self) -> str:
        return f"{self.colour} {self.thing}"


def looks_of(bible: Bible, world: World) -> dict[str, Look]:
    """Choose what each character is drawn as, by id: as described, else by their name, no two alike while there are
    enough looks."""
    things = senses_of("things", world.things)
    looks: dict[str, Look] = {}
    for who in bible.characters:
        said = f"{who.description} {who.name}"
        meant = things.find(said)
        thing = meant[0].entry if meant else ""
        hue = colour_of(said, world)
        colour = hue.entry if hue else nearest(who.palette[0], world) if who.palette else ""
        choices = [
            Look(c, t, own=bool(meant) and not meant[0].near)
            for t in ([thing] if thing else shuffled(who.name, world.things))
            for c in ([colour] if hue else [*filter(None, [colour]), *shuffled(who.name, world.colours)])
        ]
        taken = {(look.colour, look.thing) for look in looks.values()}
        looks[who.id] = next((look for look in choices if (look.colour, look.thing) not in taken), choices[0])
    return looks


def colour_of(text: str, world: World) -> Sense | None:
    """Return the colour that a text says last: the world's own or one near to it, by its word or by its hue."""
    if found := senses_of("colours", {colour: () for colour in world.colours}).every(text):
        return found[-1]
    for token in reversed(tokens_of(text)):
        if known := words("colours")["words"].get(token.low):
            return Sense(nearest(known, world), token.text, token.start, token.end, near=True)
    return None


def shuffled(text: str, choices: Collection[str]) -> list[str]:
    """Order choices by a text, the same everywhere: who is always called so is always drawn so."""
    names = sorted(choices)
    at = int(digest(text.lower())[:8], 16) % len(names)
    return [*names[at:], *names[:at]]


def nearest(colour: str, world: World) -> str:
    """Return the world's colour that is nearest to a `#rrggbb`."""

    def rgb(text: str) -> tuple[int, ...]:
        return tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))

    mine, colours = rgb(colour), world.colours
    # Weighted distance of RGB. Source: the "redmean" approximation's low-cost form (2, 4, 3).
    return min(
        colours, key=lambda c: sum(w * (a - b) ** 2 for w, a, b in zip((2, 4, 3), mine, rgb(colours[c]), strict=True))
    )
