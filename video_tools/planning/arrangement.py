"""Keep how somebody arranged a storyboard's shots where its brief is planned again: their order, their headings, and
those put in."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from reelgraph.video_tools.film import Scene, Shot, Storyboard

# A shot of a new plan, with the old one that it is and what was planned for that.
Told: TypeAlias = tuple[Shot, tuple[Shot, Shot] | None]


def headed_as_before(new: Scene, old: Scene, planned: Scene | None) -> Scene:
    """Keep an old scene's heading, place and time, but for what the brief says otherwise than when it was planned."""
    said = ("heading", "place", "time")
    update = {n: getattr(new, n) for n in said if planned is None or getattr(new, n) != getattr(planned, n)}
    return old.model_copy(update=update)


def arranged(told: Sequence[Told], old: Storyboard, planned: Storyboard) -> list[Told]:
    """Put a new scene's shots in the order that somebody gave them, where the brief tells them in the order it did."""
    was_at = {id(shot): at for at, shot in enumerate(planned.shots)}
    is_at = {shot.id: at for at, shot in enumerate(old.shots)}
    order = [was_at.get(id(partner[1]), -1) for _, partner in told if partner]
    if -1 in order or order != sorted(order):
        return list(told)
    standing = sorted((is_at[partner[0].id], at) for at, (_, partner) in enumerate(told) if partner)
    by_hand = (told[at] for _, at in standing)
    return [next(by_hand) if item[1] else item for item in told]


def with_put_in(scenes: Sequence[Scene], put_in: Mapping[str, Shot], old: Storyboard) -> list[Scene]:
    """Add shots that somebody put in, where they were: behind the nearest before them in their scene, else first in it.

    Args:
        scenes: Those of the storyboard without them.
        put_in: Them by id, as they are to be.
        old: The storyboard with them; a scene that is only there is put behind those before it.
    """
    found = list(scenes)
    for number, scene in enumerate(old.scenes):
        for n, shot in enumerate(scene.shots):
            if shot.id not in put_in:
                continue
            home_of = {s.id: at for at, home in enumerate(found) for s in home.shots}
            before = next((s.id for s in reversed(scene.shots[:n]) if s.id in home_of), "")
            at = home_of.get(before, next((i for i, home in enumerate(found) if home.id == scene.id), -1))
            if at < 0:
                earlier = {s.id for s in old.scenes[:number]}
                at = max((i + 1 for i, home in enumerate(found) if home.id in earlier), default=0)
                found.insert(at, scene.model_copy(update={"shots": []}))
            shots = list(found[at].shots)
            shots.insert(next((i + 1 for i, s in enumerate(shots) if s.id == before), 0), put_in[shot.id])
            found[at] = found[at].model_copy(update={"shots": shots})
    return found
