"""Merge a storyboard that somebody wrote anew into the one that was made of it: shot by shot, key by key."""

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Scene, Shot, Storyboard
from reelgraph.video_tools.planning.arrangement import Told, arranged, headed_as_before, with_put_in
from reelgraph.video_tools.planning.bibles import of_all, with_shown
from reelgraph.video_tools.planning.numbering import free_number
from reelgraph.video_tools.planning.pairs import alike, matched, parts_of, words_of
from reelgraph.video_tools.planning.patch import StoryboardPatch, patch_of
from reelgraph.video_tools.planning.pins import bare, shows_the_same, unpinned_from


def rewritten(old: Storyboard, new: Storyboard, planned: Storyboard) -> StoryboardPatch:
    """Merge what somebody wrote anew, so that what it says as it did before stays as the storyboard has it.

    What a person or a remedy made of a shot stays, key by key, where the writer did not change that key; that it was
    taken out, put in, or put elsewhere in its scene too.

    Args:
        old: The storyboard as it is, edits and remedies included.
        new: What is written now; its ids are those of the same shots.
        planned: What was written before, as it was then, with the same ids.

    Raises:
        InvalidRequest: None of its shots is left.
    """
    parts = parts_of(old)
    there = {shot.id: shot for shot in old.shots}
    new = _told_apart(old, new, planned)
    was_of = _was(old, new, planned)
    written = {shot.id for shot in (*planned.shots, *was_of.values())}  # parts among them too
    unpinned: list[str] = []
    heads, headed = ({scene.id: scene for scene in board.scenes} for board in (old, planned))

    def told(shot: Shot) -> Told:
        was = was_of.get(shot.id)
        return shot, (there[was.id], was) if was and was.id in there else None

    def taken_out(shot: Shot) -> bool:
        was = was_of.get(shot.id)
        return was is not None and was.id not in there and words_of(was) == words_of(shot)

    def standing(shot: Shot, whole: Shot, was: Shot) -> list[Shot]:
        rest = [there[id] for id, of in parts.items() if of == whole.id and id not in written]
        if rest and _divided_for(was) != _divided_for(shot):  # what divides shots divides it anew
            rest, was = [], whole
        merged = [_merged(before, shot, was) for before in (whole, *rest)]
        if shows_the_same(whole, merged[0]):
            return merged
        unpinned.extend(part.id for part in merged)
        own = {name: getattr(shot, name) for name in unpinned_from(whole)}
        return [part.model_copy(update=own) for part in merged]

    scenes: list[Scene] = []
    for scene in new.scenes:
        shots: list[Shot] = []
        for shot, partner in arranged([told(s) for s in scene.shots if not taken_out(s)], old, planned):
            shots += standing(shot, *partner) if partner else [shot]
            unpinned += [] if partner else [shot.id]
        if shots:
            before = heads.get(scene.id)
            head = headed_as_before(scene, before, headed.get(scene.id)) if before else scene
            scenes.append(head.model_copy(update={"shots": shots}))
    known = written.union(shot.id for shot in new.shots)
    put_in = {shot.id: shot for shot in old.shots if parts.get(shot.id, shot.id) not in known}
    scenes = with_put_in(scenes, put_in, old)
    if not scenes:
        raise InvalidRequest("the storyboard has no shot that the brief still tells of: --replan plans it afresh")
    board = new.model_copy(update={**of_all(old, new, planned), "scenes": scenes})
    return patch_of(old, with_shown(board, old.bible), unpinned)


def _told_apart(old: Storyboard, new: Storyboard, planned: Storyboard) -> Storyboard:
    """Give what both storyboards have anew under one id, and is not alike, a free number in what is written now."""
    there, heads = {shot.id: shot for shot in old.shots}, {scene.id: scene for scene in old.scenes}
    before = {shot.id for shot in planned.shots} | {scene.id for scene in planned.scenes}
    taken = {*before, *there, *heads, *(scene.id for scene in new.scenes), *(shot.id for shot in new.shots)}

    def is_own(shot: Shot) -> bool:
        """Say whether nobody else's shot has its id."""
        return shot.id in before or shot.id not in there or alike(shot, there[shot.id])

    def is_there(scene: Scene, head: Scene) -> bool:
        own = {shot.id for shot in head.shots}
        same = (scene.heading, scene.place, scene.time) == (head.heading, head.place, head.time)
        return same or any(shot.id in own and is_own(shot) for shot in scene.shots)

    def free(form: str, number: int) -> str:
        taken.add(id := free_number(form, number, taken))
        return id

    scenes: list[Scene] = []
    for at, scene in enumerate(new.scenes, 1):
        head = None if scene.id in before else heads.get(scene.id)
        home = free("s{:02d}", at) if head and not is_there(scene, head) else scene.id
        shots: list[Shot] = []
        for n, shot in enumerate(scene.shots, 1):
            if not is_own(shot):
                why = f"it was written as {shot.id}, which another shot is by now"
                shot = shot.model_copy(update={"id": free(f"{home}-{{:02d}}", n), "why": [*shot.why, why]})
            shots.append(shot)
        scenes.append(scene.model_copy(update={"id": home, "shots": shots}))
    return new.model_copy(update={"scenes": scenes})


def _was(old: Storyboard, new: Storyboard, planned: Storyboard) -> dict[str, Shot]:
    """Return, by a shot's id, what was written of it before: under its id if that is alike, else in the same words.

    What nobody wrote before, since somebody put it into the storyboard, is taken as if they had written it so.
    """
    found: dict[str, Shot] = {}
    for board in (planned, bare(old)):
        there = {shot.id: shot for shot in board.shots}
        left = [shot for shot in new.shots if shot.id not in found]
        found |= {s.id: there[s.id] for s in left if s.id in there and alike(s, there[s.id])}
        used = {was.id for was in found.values()}
        left = [shot for shot in left if shot.id not in found]
        found |= matched([shot for shot in board.shots if shot.id not in used], left)
    return found


def _divided_for(shot: Shot) -> tuple[object, ...]:
    """Return what two parts of a shot share between them: its words, its length, and how it begins."""
    return words_of(shot), shot.seconds, shot.transition, shot.continues


def _merged(old: Shot, new: Shot, was: Shot) -> Shot:
    """Keep an old shot as it is, but for what is written otherwise than before; a further part keeps its letter."""
    kept = {n: getattr(old, n) for n in Shot.model_fields if n != "id" and getattr(new, n) == getattr(was, n)}
    letter = old.id[-1] if old.id[-1].isalpha() and not new.id[-1].isalpha() else ""
    return new.model_copy(update={**kept, "id": new.id + letter})
