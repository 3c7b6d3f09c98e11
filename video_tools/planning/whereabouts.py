"""Choose where a shot is in the closed world of a small model, and name what is lost by that."""

import re
from collections.abc import Sequence
from itertools import takewhile

from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.film import Shot, Storyboard
from reelgraph.video_tools.planning.looks import shuffled
from reelgraph.video_tools.planning.losses import Losses
from reelgraph.video_tools.planning.senses import Sense, Senses, senses_of

_LED_TO = re.compile(
    r"\b(?:in|on|at|to|into|over|across|through|by|along|near|of|towards?)\s+(?:[\w'’-]+\s+){0,3}$", re.I
)


class Whereabouts:
    """The places of a film in a world."""

    def __init__(self, board: Storyboard, world: World, things: Senses, losses: Losses) -> None:
        self.board, self.world, self.things, self.losses = board, world, things, losses
        self.places = senses_of("places", world.places)

    def of(self, shot: Shot) -> str:
        """Choose where a shot is: by its words, else by what its scene's shots said before, by its time, by the name
        of its place; what a world of one place at a time loses by that is said."""
        named = self.board.bible.place(shot.place)
        called = f"{named.name} {named.description}" if named else shot.place.replace("-", " ")
        at_time, at_place = self.places.find(shot.time), self.places.find(called)
        place = self._said(shot) or self._of_scene(shot)
        if not place and at_time:
            place = at_time[0].entry
        elif not place and at_place:
            place = at_place[0].entry
            if at_place[0].near and named:
                self.losses.replaced("place", named.name, self.world.places[place][0])
        elif not place:
            place = self._before(shot)
            if named:
                self.losses.replaced("place", named.name, self.world.places[place][0])
        why = f"{self.world.name} draws one place at a time"
        if at_time and at_time[0].entry == "night" != place:  # by day is anywhere
            self.losses.replaced("time", shot.time, "", why)
        if at_place and place == "night" != at_place[0].entry:
            self.losses.replaced("place", named.name if named else called, "", why)
        return place

    def _said(self, shot: Shot) -> str:
        text = self.nameless(shot.prompt)
        found = self.found_in(text)
        if not found:
            return ""
        self.losses.read += [(sense.start, sense.end) for sense in found]
        if found[0].near:
            self.losses.replaced("place", found[0].said, self.world.places[found[0].entry][0])
        for other in self.found_in(text, every=True):
            beside = text[found[0].end : other.start].strip()  # the night sky is one place
            if other.entry != found[0].entry and beside and other not in found[:1]:
                self.losses.replaced("place", other.said, "", f"{self.world.name} draws one place at a time")
            self.losses.read.append((other.start, other.end))
        return found[0].entry

    def _of_scene(self, shot: Shot) -> str:
        """Return the place that the nearest shot before in the same scene says in its words."""
        scene = next((scene for scene in self.board.scenes if any(s.id == shot.id for s in scene.shots)), None)
        before = [*takewhile(lambda other: other.id != shot.id, scene.shots if scene else [])]
        said = (self.found_in(self.nameless(other.prompt)) for other in reversed(before))
        return next((found[0].entry for found in said if found), "")

    def found_in(self, text: str, *, every: bool = False) -> list[Sense]:
        """Find the places in a text; a near word only where a preposition leads to it, or it is the day's time."""
        found = self.places.every(text) if every else self.places.find(text)
        things = [(thing.start, thing.end) for thing in self.things.every(text)]  # stars fall, or are waited under

        def stands(place: Sense) -> bool:
            if _LED_TO.search(text[: place.start]) or (" " in place.said and not place.near):
                return True
            acts = any(place.start < end and start < place.end for start, end in things)
            return not acts and (not place.near or place.entry == "night")

        return [place for place in found if stands(place)]

    def _before(self, shot: Shot) -> str:
        """Return the place of the nearest shot before that says one; the film's
        first one, one that its style says, or one by its title."""
        shots = self.board.shots
        at = next((n for n, other in enumerate(shots) if other.id == shot.id), 0)
        for other in [*shots[:at][::-1], *shots[at + 1 :]]:
            if found := self.found_in(self.nameless(other.prompt)):
                return found[0].entry
        style = self.board.bible.style
        if found := self.found_in(f"{style.look} {style.grade}"):
            return found[0].entry
        return shuffled(shot.place or self.board.title, self.world.places)[0]

    def nameless(self, text: str) -> str:
        """Return a text without the names that the film gives its characters: they say nothing of what is done or
        where."""
        names = {name for who in self.board.bible.characters for name in (who.name, *who.aliases) if name}
        return blanked(text, [m.span() for name in names for m in re.finditer(rf"\b{re.escape(name)}\b", text, re.I)])


def blanked(text: str, parts: Sequence[tuple[int, int]]) -> str:
    """Return a text with spaces in place of some of its parts."""
    for start, end in parts:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
