"""Plan again as little as can be: the plan of a changed brief becomes a patch of the storyboard, shot ids kept."""

import math
from collections.abc import Callable, Mapping

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Character, Place, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.arrangement import arranged, headed_as_before, with_put_in
from reelgraph.video_tools.planning.bibles import of_all, with_shown
from reelgraph.video_tools.planning.numbering import free_number
from reelgraph.video_tools.planning.offline import with_length
from reelgraph.video_tools.planning.pairs import pairs_of, parts_of, words_of
from reelgraph.video_tools.planning.patch import StoryboardPatch, patch_of
from reelgraph.video_tools.planning.pins import shows_the_same, unpinned_from
from reelgraph.video_tools.planning.sentences import is_named

# What goes with a shot's words: those themselves, and what rules read in them and choose for them and their neighbours.
_WORDED = (
    "prompt", "kind", "title", "lines", "characters", "place", "time", "size", "camera", "angle", "seconds",
)  # fmt: skip


def replan(old: Storyboard, new: Storyboard, planned: Storyboard, *, seconds: float | None = None) -> StoryboardPatch:
    """Merge the plan of a changed brief into a storyboard, so that every shot whose words stand keeps its take.

    Shots are matched by their words, in order. What the brief says of a shot as it did before stays as the storyboard
    has it, with what a person or a remedy made of it, taken out, put in, and put elsewhere in its scene too. What rules
    choose for a shot from its neighbours (size, length, whom a pronoun means, ...) stays while its words do. Where
    somebody, a place or a time of day is in the film no more and another stands in its stead, that is so in every shot.

    Args:
        old: The storyboard as it is, edits and remedies included.
        new: The plan of the brief as it is now.
        planned: The plan of the brief that the storyboard is of, as it was before anybody changed it.
        seconds: The length that the brief asks for now, where that is another than before.

    Raises:
        InvalidRequest: The film cannot be told in that length, or none of its shots is left.
    """
    parts = parts_of(old)
    another = seconds is not None and not math.isclose(sum(shot.seconds for shot in old.shots), seconds)
    found = pairs_of([shot for shot in old.shots if shot.id not in parts], new.shots, planned.shots)
    recast = _recast(new, planned, found.of)
    then = {shot.id: scene for scene in planned.scenes for shot in scene.shots}
    there = {shot.id: shot for shot in old.shots}
    taken = {*there}
    scene_ids = {scene.id for scene in old.scenes}
    scenes: list[Scene] = []
    unpinned: list[str] = []
    scene_of = {shot.id: scene for scene in old.scenes for shot in scene.shots}
    told_in: dict[str, set[str]] = {}
    for scene in new.scenes:
        for whole, _ in (found.of[shot.id] for shot in scene.shots if shot.id in found.of):
            told_in.setdefault(scene_of[whole.id].id, set()).add(scene.id)

    def standing(before: Shot, merged: Shot, why: list[str]) -> Shot:
        if shows_the_same(before, merged):
            return merged
        unpinned.append(before.id)
        return merged.model_copy(update={**unpinned_from(before), "why": why})

    for scene in new.scenes:
        told = [(shot, found.of.get(shot.id)) for shot in scene.shots if shot.id not in found.taken_out]
        if not told:
            continue
        homes = [(scene_of[partner[0].id], then.get(partner[1].id)) for _, partner in told if partner]
        here = next((home for home in homes if home[0].id not in {s.id for s in scenes}), None)
        home = here[0].id if here else free_number("s{:02d}", len(scenes) + 1, scene_ids)
        scene_ids.add(home)
        # An old scene whose shots are now in several was divided, or shots were moved there: its heading is not of all.
        headed = headed_as_before(scene, *here) if here and told_in[home] == {scene.id} else scene
        shots: list[Shot] = []
        for shot, partner in arranged(told, old, planned):
            if partner is None:
                id_ = free_number(f"{home}-{{:02d}}", len(shots) + 1, taken)
                taken.add(id_)
                shots.append(shot.model_copy(update={"id": id_}))
                continue
            whole, was = partner
            rest = [there[id_] for id_, of in parts.items() if of == whole.id]
            if rest and words_of(was) != words_of(shot):  # divided for other words: what divides shots divides it anew
                rest, was = [], whole
            elif rest and another and all(_is_part(part, whole) for part in rest):  # likewise for another length
                whole, rest = _joined([whole, *rest]), []
            other_heading = then.get(was.id, scene).heading != scene.heading
            for before in [whole, *rest]:
                merged = recast(_merged(before, shot, was, other_heading))
                shots.append(standing(before, merged, shot.why))
        scenes.append(headed.model_copy(update={"id": home, "shots": shots}))
    put_in = [shot for shot in old.shots if parts.get(shot.id, shot.id) in found.put_in]
    scenes = with_put_in(scenes, {shot.id: standing(shot, recast(shot), shot.why) for shot in put_in}, old)
    if not scenes:
        raise InvalidRequest("the storyboard has no shot that the brief still tells of: --replan plans it afresh")
    board = new.model_copy(update={**of_all(old, new, planned), "number": old.number + 1, "scenes": scenes})
    board = with_length(with_shown(board, old.bible), seconds)
    return patch_of(old, board, unpinned)


def _is_part(part: Shot, whole: Shot) -> bool:
    """Tell a part that is as it was divided from one that somebody, or a remedy, made something of."""
    divided = {
        name: getattr(part, name) for name in ("id", "seconds", "lines", "continues", "transition", "span", "why")
    }
    return whole.model_copy(update=divided) == part


def _joined(parts: list[Shot]) -> Shot:
    """Return the shot that was divided into parts, as long as they are together."""
    why = [said for said in parts[0].why if not said.startswith("part 1 of ")]
    lines = [line for part in parts for line in part.lines]
    return parts[0].model_copy(update={"seconds": round(sum(p.seconds for p in parts), 6), "lines": lines, "why": why})


def _merged(old: Shot, new: Shot, was: Shot, other_heading: bool) -> Shot:
    """Keep an old shot as it is, but for what the brief says otherwise than when it was planned."""
    update: dict[str, object] = {"span": new.span}
    said: tuple[str, ...] = ("transition", "place", "time") if other_heading else ("transition",)
    if words_of(was) != words_of(new):
        said = ("transition", *_WORDED)
        update["why"] = new.why
    update |= {name: getattr(new, name) for name in said if getattr(new, name) != getattr(was, name)}
    return old.model_copy(update=update)


def _recast(new: Storyboard, planned: Storyboard, pairs: Mapping[str, tuple[Shot, Shot]]) -> Callable[[Shot], Shot]:
    """Return how a shot that stands shows who, where and when the brief tells of in another's stead."""
    told = " ".join([*(scene.heading for scene in new.scenes), *map(words_of, new.shots)]).casefold()
    entries: list[Character | Place] = [*planned.bible.characters, *planned.bible.places]
    name_of = {entry.id: entry.name for entry in entries}
    in_stead: dict[str, dict[str, str]] = {}
    for kind, values in _WHO_WHERE_WHEN.items():
        then = set[str]().union(*map(values, planned.shots))
        # Who is still named may only be read otherwise: what is said of them stands.
        now = {id_ for id_ in then if is_named(name_of.get(id_, id_), told)}.union(*map(values, new.shots))
        of = in_stead.setdefault(kind, {})
        for shot in new.shots:
            gone = values(pairs[shot.id][1]) - now if shot.id in pairs else set[str]()
            came = values(shot) - then
            if len(gone) == len(came) == 1:
                of.setdefault(*gone, *came)

    def recast(shot: Shot) -> Shot:
        who, where, when = in_stead["characters"], in_stead["place"], in_stead["time"]
        return shot.model_copy(
            update={
                "characters": list(dict.fromkeys(who.get(id_, id_) for id_ in shot.characters)),
                "lines": [
                    line.model_copy(update={"character": who.get(line.character, line.character)})
                    for line in shot.lines
                ],
                "place": where.get(shot.place, shot.place),
                "time": when.get(shot.time, shot.time),
            }
        )

    return recast


_WHO_WHERE_WHEN: Mapping[str, Callable[[Shot], set[str]]] = {
    "characters": lambda shot: {*shot.characters},
    "place": lambda shot: {shot.place} - {""},
    "time": lambda shot: {shot.time} - {""},
}
