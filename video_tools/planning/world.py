"""Fit a shot to the closed world of a small model: say it in the model's words, and name whatever it cannot draw.

A story's shot becomes one plain sentence: who is seen, what they do, where. Somebody looks the same in every shot, two
never look alike, and a second thing is there only where the words of the shot have two.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.film import Character, Shot, Storyboard, Substitution
from reelgraph.video_tools.planning.clauses import TIME_COMES, clauses
from reelgraph.video_tools.planning.lexicon import grammar
from reelgraph.video_tools.planning.looks import Look, colour_of, looks_of, nearest, shuffled
from reelgraph.video_tools.planning.losses import Losses
from reelgraph.video_tools.planning.nouns import singular
from reelgraph.video_tools.planning.palette import natural_colours
from reelgraph.video_tools.planning.senses import Sense, senses_of, small
from reelgraph.video_tools.planning.tokens import tokens_of
from reelgraph.video_tools.planning.whereabouts import Whereabouts, blanked

# A colour word, or any other word, between a thing and what it is said to be: "a small red ball".
_BEFORE_THING = 4


@dataclass(frozen=True)
class _Mention:
    """Somebody or something in a shot's words."""

    start: int
    end: int
    called: str
    look: Look


def in_world(board: Storyboard, shot: Shot, world: World) -> tuple[str, list[Substitution]]:
    """Say a shot in the words of a world.

    Args:
        board: The plan, for its bible and for what the shots before it show.
        shot: The shot.
        world: What the model draws.

    Returns:
        The prompt, and everything that was replaced.
    """
    return _Fitting(board, world).said(shot)


class _Fitting:
    """One shot being fitted."""

    def __init__(self, board: Storyboard, world: World) -> None:
        self.board, self.world = board, world
        self.things = senses_of("things", world.things)
        self.motions = senses_of("motions", world.motions)
        self.losses = Losses(world.name)
        self.where = Whereabouts(board, world, self.things, self.losses)
        self.looks = looks_of(board.bible, world)

    def said(self, shot: Shot) -> tuple[str, list[Substitution]]:
        place = self.where.of(shot)
        # what is a place is no thing: the stars that somebody waits under
        places = self.where.found_in(self.where.nameless(shot.prompt), every=True)
        text = blanked(shot.prompt, [(found.start, found.end) for found in places])
        comes = TIME_COMES.search(shot.prompt.lower())
        if comes and self.where.found_in(comes[0]):  # "night comes" is said by the place
            text = blanked(text, [comes.span()])
            self.losses.read.append(comes.span())
        mentions = self._mentions(shot, text)
        actors = mentions[: self.world.most_things]
        text = self.where.nameless(text)  # nobody bobs for being called Bob
        most = "one thing" if self.world.most_things == 1 else f"{self.world.most_things} things"
        for more in mentions[len(actors) :]:
            self.losses.replaced("character", more.called, "", f"{self.world.name} draws {most} at a time")
            self.losses.read.append((more.start, more.end))
        for who in actors:
            if who.look.own and self._several(who.called):
                self.losses.replaced("number", who.called, f"1 {who.look}", f"{self.world.name} draws one of each")
        acts = [
            f"{_article(str(who.look))} {who.look} {self.world.motions[motion][0]}"
            for who, motion in zip(actors, self._motions(shot, text, mentions), strict=False)
        ]
        if not acts:
            acts = [self._nobody(shot)]
        self._unread(shot)
        return f"{' and '.join(acts)} {self.world.places[place][0]}", self.losses.changes

    # --- who -----------------------------------------------------------------------------------------------------

    def _mentions(self, shot: Shot, text: str) -> list[_Mention]:
        """Find who and what is seen: the shot's cast, and things that its words have besides, in order."""
        found: list[_Mention] = []
        cast = [who for id in shot.characters if (who := self.board.bible.character(id)) is not None]
        for who in cast:
            start, end = _named(who, text)
            found.append(_Mention(start, end, who.name, self.looks[who.id]))
        found.sort(key=lambda mention: mention.start)
        for sense in self.things.find(text):
            before = text[: sense.start].split()[-_BEFORE_THING:]
            hue = colour_of(" ".join(before), self.world)
            colour = hue.entry if hue else ""
            if hue and (at := text.rfind(hue.said, 0, sense.start)) >= 0:
                self.losses.read.append((at, at + len(hue.said)))
            of = [m for m in found if m.look.thing == sense.entry and colour in ("", m.look.colour)]
            self.losses.read.append((sense.start, sense.end))
            if of or (sense.near and found):
                continue
            if not colour:
                colour = nearest(natural[0], self.world) if (natural := natural_colours(sense.said)) else ""
            look = Look(colour or shuffled(sense.said, self.world.colours)[0], sense.entry, own=not sense.near)
            if hue and hue.near:
                self.losses.replaced("colour", hue.said, colour)
            called = text[max(text.rfind(",", 0, sense.start) + 1, sense.start - 30) : sense.end]
            called = " ".join(called.split()[-3:] if len(called.split()) > 3 else called.split())
            found.append(_Mention(sense.start, sense.end, called, look))
        found.sort(key=lambda mention: mention.start)
        for mention in found[: self.world.most_things]:
            if not mention.look.own:
                self.losses.replaced("character", mention.called, str(mention.look))
        return found

    def _several(self, called: str) -> bool:
        """Tell `green stars` and `three friends`, of which one is drawn."""
        first, last = called.lower().split()[0], called.lower().split()[-1]
        counted = first in grammar("cast", "counts") - {"one", "a", "an"}
        return counted or (singular(last) != last and bool(self.things.find(last)))

    def _nobody(self, shot: Shot) -> str:
        """Show whom the film showed last where the words have nobody that can be drawn: something is always seen."""
        asked = shot.prompt.strip()
        shots = self.board.shots
        at = next((n for n, other in enumerate(shots) if other.id == shot.id), 0)
        near = [id for other in [*shots[:at][::-1], *shots[at + 1 :]] for id in other.characters if id in self.looks]
        if near:
            look = self.looks[near[0]]
        else:
            look = Look(shuffled(asked, self.world.colours)[0], shuffled(asked, self.world.things)[0])
        motion = self._rest()
        made = f"{look} {self.world.motions[motion][0]}"
        told = next((clause.subject for clause in clauses(asked, 0, len(asked)) if clause.subject), asked.rstrip("."))
        self.losses.replaced("character", asked, made, f"{self.world.name} can't draw {told[:1].lower()}{told[1:]}")
        self.losses.read.append((0, len(shot.prompt)))
        return f"{_article(made)} {made}"

    # --- what they do --------------------------------------------------------------------------------------------

    def _motions(self, shot: Shot, text: str, mentions: Sequence[_Mention]) -> list[str]:
        """Read what each that is drawn does, in the words from their mention to the next one's."""
        starts = [0, *(mention.start for mention in mentions[1:]), len(text)]
        parts = [(starts[n], text[starts[n] : starts[n + 1]]) for n in range(len(mentions))]
        motions = []
        for n, mention in enumerate(mentions[: self.world.most_things]):
            start, part = parts[n]
            rest = part[mention.end - start :] if mention.end > start else part
            if re.fullmatch(r"\W*(?:and)?\W*", rest) and n + 1 < len(parts):  # "Pip and Bo wait"
                start, part = parts[n + 1]
            motions.append(self._meant(shot, part, start, first=n == 0))
        return motions

    def _motion_in(self, part: str) -> Sense | None:
        found = self.motions.find(part)
        # who waits and then rises is seen to rise
        return next((sense for sense in found if sense.entry != "still"), found[0] if found else None)

    def _meant(self, shot: Shot, part: str, start: int, *, first: bool) -> str:
        sense = self._motion_in(part)
        if sense is None:
            motion = self._rest()
            if first:  # beside somebody who acts, a second thing is simply there
                asked = " ".join(part.split()).strip(" .!?")  # without whoever acts, unless nothing else is said
                asked = asked or shot.prompt[start : start + len(part)].strip(" .!?")
                self.losses.replaced("action", asked, self.world.motions[motion][0])
                self.losses.read.append((start, start + len(part)))
            return motion
        motion = self._heading(shot) if sense.entry == "going" else sense.entry
        if sense.near:
            self.losses.replaced("action", sense.said, self.world.motions[motion][0])
        for other in self.motions.every(part):
            agrees = other.entry in (motion, "going" if motion in ("left", "right") else "")
            if not agrees and (start + other.start, start + other.end) not in self.losses.read:
                self.losses.replaced("action", other.said, "", f"{self.world.name} draws one motion at a time")
            self.losses.read.append((start + other.start, start + other.end))
        return motion

    def _heading(self, shot: Shot) -> str:
        """Return the way on which somebody goes where no direction is said: the way that they went before."""
        before = [*takewhile(lambda other: other.id != shot.id, self.board.shots)]
        for other in reversed(before):
            if set(other.characters) & set(shot.characters):
                for sense in self.motions.find(other.prompt):
                    if sense.entry in ("left", "right"):
                        return sense.entry
        return "right"

    def _rest(self) -> str:
        return "still" if "still" in self.world.motions else next(iter(self.world.motions))

    # --- what is left --------------------------------------------------------------------------------------------

    def _unread(self, shot: Shot) -> None:
        """Name the words that nothing was made of."""
        names = {t.low for who in self.board.bible.characters for n in (who.name, *who.aliases) for t in tokens_of(n)}
        known = self.things.vocabulary | self.motions.vocabulary | self.where.places.vocabulary | small() | names
        known |= set(self.world.colours)
        unknown = [
            token.low
            for token in tokens_of(shot.prompt)
            if token.low[0].isalnum() and token.low.removesuffix("'s").removesuffix("’s") not in known
            and not any(start <= token.start < end for start, end in self.losses.read)
        ]  # fmt: skip
        if unknown:
            self.losses.replaced("words", ", ".join(dict.fromkeys(unknown)), "")


def _named(who: Character, text: str) -> tuple[int, int]:
    """Return where a text names somebody; its start where a pronoun does."""
    names = [who.name, *who.aliases]
    places = [m.span() for n in names if (m := re.search(rf"\b{re.escape(n)}\b", text, re.IGNORECASE))]
    return min(places, default=(0, 0))


def _article(phrase: str) -> str:
    return "an" if phrase[0] in "aeiou" else "a"
