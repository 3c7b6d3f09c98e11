"""Merge bibles: what a brief says of people, places and look as it did before is as the storyboard has it by now."""

from typing import TypeVar

from reelgraph.video_tools.film import Bible, Character, Noun, Place, Storyboard

E = TypeVar("E", Character, Place)


def of_all(old: Storyboard, new: Storyboard, planned: Storyboard) -> dict[str, object]:
    """Return what a new plan says of the whole film, in which what is told as it was before is as it is by now.

    Args:
        old: The storyboard as it is.
        new: The new plan.
        planned: The plan before, as it was then.

    Returns:
        Title, music, fade and bible, where the storyboard's own stand.
    """
    said = ("title", "music", "fade_out")
    stands: dict[str, object] = {n: getattr(old, n) for n in said if getattr(new, n) == getattr(planned, n)}
    return {**stands, "bible": _merged(old, new, planned)}


def _merged(old: Storyboard, new: Storyboard, planned: Storyboard) -> Bible:
    own, was, now = new.bible, planned.bible, old.bible
    people = [_entry(c, was.character(c.id), now.character(c.id)) for c in own.characters]
    places = [_entry(p, was.place(p.id), now.place(p.id)) for p in own.places]
    style = now.style.model_copy(update=_differences(own.style, was.style))
    return own.model_copy(update={"characters": people, "places": places, "style": style})


def _entry(new: E, was: E | None, now: E | None) -> E:
    if was is None or now is None:
        return new
    said = _differences(new, was)
    if said.keys() & {"description", "palette", "kind"}:  # its pictures show how it looked
        said["references"] = new.references
    return now.model_copy(update=said)


def _differences(new: Noun, was: Noun) -> dict[str, object]:
    return {name: value for name, value in new if value != getattr(was, name)}


def with_shown(board: Storyboard, old: Bible) -> Storyboard:
    """Add to a storyboard's bible those of an older one whom shots that stand still show."""
    bible = board.bible
    shown = {id_ for shot in board.shots for id_ in (*shot.characters, *(line.character for line in shot.lines))}
    places = {shot.place for shot in board.shots}
    people = [c for c in old.characters if c.id in shown and bible.character(c.id) is None]
    sites = [p for p in old.places if p.id in places and bible.place(p.id) is None]
    shown_too = {"characters": [*bible.characters, *people], "places": [*bible.places, *sites]}
    return board.model_copy(update={"bible": bible.model_copy(update=shown_too)})
