"""Choose the past shots that a planned shot leans on: by who and where, and among those by the words."""

import functools
import re
from collections.abc import Callable, Sequence

from reelgraph.memory.bible import filled
from reelgraph.memory.lookups import Lookup
from reelgraph.memory.names import find
from reelgraph.memory.records import RecalledShot, plain, words_of
from reelgraph.video_tools.film import Bible, Recall, Shot, Storyboard

# Past shots that one shot leans on: more than three references are more than most back ends of today take.
LEANS = 3

# A refused take warns of a shot whose action is as like its words as this. With the built-in embedder the same action
# in other words is at 0.4 to 0.7, and another action of the same character at the same place below 0.1.
WARNS = 0.25


def lean(
    storyboard: Storyboard,
    known: Bible,
    film: str,
    recall: Callable[[Sequence[Lookup], int], list[list[RecalledShot]]],
) -> Storyboard:
    """Pin in each shot the past shots that it leans on, and fill what the bible leaves empty with what is known.

    Args:
        storyboard: The plan.
        known: The project's bible.
        film: The film's name; nothing of its own is leant on.
        recall: Finds, for each look-up, so many remembered shots.
    """
    board = storyboard.model_copy(update={"bible": filled(storyboard.bible, known)})
    wanted = {s.id: looks for s in board.shots if s.kind == "shot" and (looks := lookups_of(s, board.bible, known))}
    refusals = {id: refusals_of(board.shot(id), board.bible, looks) for id, looks in wanted.items()}
    asked = [item for group in (wanted, refusals) for looks in group.values() for item in looks]
    # Twice as many as may be pinned, because those of this film itself are left out.
    found = iter(recall(asked, 2 * LEANS))
    good, bad = ({id: [next(found) for _ in looks] for id, looks in group.items()} for group in (wanted, refusals))
    changed = []
    for id, looks in wanted.items():
        shot, recalled = board.shot(id), choose(looks, good[id], film)
        said = [f"leans on {past.film} {past.shot}, which {past.why}" for past in recalled]
        said += warnings_of(bad[id])
        changed.append(shot.model_copy(update={"recalled": recalled, "why": [*shot.why, *said]}))
    return board.with_shots(changed)


def lookups_of(shot: Shot, bible: Bible, known: Bible) -> list[Lookup]:
    """Say what to look up for a planned shot: each character and the place, by the ids under which they are known."""
    cast = [character for id in shot.characters if (character := bible.character(id))]
    place = bible.place(shot.place)
    text = words_of([c.name for c in cast], place.name if place else "", shot.prompt)
    lookups = [Lookup(text, character=(find(known.characters, c) or c).id) for c in cast]
    return [*lookups, Lookup(text, place=(find(known.places, place) or place).id)] if place else lookups


def refusals_of(shot: Shot, bible: Bible, lookups: Sequence[Lookup]) -> list[Lookup]:
    """Turn a shot's look-ups into those for refused takes: by what happens alone, for who and where are the same."""
    names = [name for id in shot.characters if (c := bible.character(id)) for name in (c.name, *c.aliases)]
    action = shot.prompt
    for name in sorted(names, key=len, reverse=True):
        action = re.sub(re.escape(name), " ", action, flags=re.IGNORECASE)
    return [Lookup(action, look.character, look.place, "rejected") for look in lookups]


def choose(lookups: Sequence[Lookup], answers: Sequence[Sequence[RecalledShot]], film: str) -> list[Recall]:
    """Choose what a shot leans on from the answers to its look-ups; nothing of its own film.

    Chosen one after the other: whoever shows most of what none so far shows, then most of what is asked, then the most
    alike in words.
    """
    left = {hit.record.id: hit for answer in answers for hit in answer if hit.record.film != film}
    missing = set(lookups)
    chosen: list[Recall] = []
    while left and len(chosen) < LEANS:
        best = max(left.values(), key=functools.partial(_merit, lookups, frozenset(missing)))
        del left[best.record.id]
        shared = _shared(best, lookups)
        missing.difference_update(shared)
        cast = " and ".join(s.character for s in shared if s.character)
        why = "shows " + " at ".join(filter(None, [cast, *(s.place for s in shared if s.place)]))
        record = best.record
        chosen.append(Recall(take=record.take, film=record.film, shot=record.shot, why=why, score=best.similarity))
    return chosen


def warnings_of(answers: Sequence[Sequence[RecalledShot]]) -> list[str]:
    """Say what was wrong with refused takes that are much like a planned shot, each once."""
    hits = {hit.record.id: hit for answer in answers for hit in answer if hit.similarity >= WARNS and hit.record.why}
    worst = sorted(hits.values(), key=lambda hit: (-hit.similarity, hit.record.id))[:LEANS]
    return [f"avoid what was refused in {h.record.film} {h.record.shot}: {plain(h.record.why[0], 120)}" for h in worst]


def _merit(lookups: Sequence[Lookup], missing: frozenset[Lookup], hit: RecalledShot) -> tuple[int, int, float, str]:
    shared = _shared(hit, lookups)
    return len(missing.intersection(shared)), len(shared), hit.similarity, hit.record.id


def _shared(hit: RecalledShot, lookups: Sequence[Lookup]) -> list[Lookup]:
    """Say which of what was looked up a past shot shows."""
    record = hit.record
    return [s for s in lookups if (s.character in record.characters if s.character else s.place == record.place)]
