"""Give scenes and shots the ids that a storyboard's file leaves out: those they had before, else free ones."""

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from reelgraph.video_tools.film import Scene, Shot, Storyboard
from reelgraph.video_tools.nouns import canonical
from reelgraph.video_tools.planning.pairs import matched, parts_of
from reelgraph.video_tools.planning.pins import PINS


def ids_in(scenes: Any) -> set[str]:
    """Return the ids that a file gives its scenes and shots itself."""
    listed = [scene for scene in scenes if isinstance(scene, dict)] if isinstance(scenes, list) else []
    shots = [shot for scene in listed if isinstance(scene.get("shots"), list) for shot in scene["shots"]]
    return {str(entry["id"]) for entry in (*listed, *shots) if isinstance(entry, dict) and entry.get("id")}


def fill_ids(scenes: Any) -> None:
    """Give scenes and shots without an id the first free number of their place in the film."""
    if not isinstance(scenes, list):
        return
    taken = ids_in(scenes)
    scenes[:] = [dict(scene) if isinstance(scene, dict) else scene for scene in scenes]
    for at, scene in enumerate((scene for scene in scenes if isinstance(scene, dict)), 1):
        shots = scene.get("shots")
        listed = [dict(shot) if isinstance(shot, dict) else shot for shot in shots] if isinstance(shots, list) else []
        if not scene.get("id"):
            first = next((str(shot["id"]) for shot in listed if isinstance(shot, dict) and shot.get("id")), "")
            own = first.split("-")[0]
            scene["id"] = own if own and own not in taken else free_number("s{:02d}", at, taken)
            taken.add(scene["id"])
        if isinstance(shots, list):
            scene["shots"] = listed
        for number, shot in enumerate(listed, 1):
            if isinstance(shot, dict) and not shot.get("id"):
                shot["id"] = free_number(f"{scene['id']}-{{:02d}}", number, taken)
                taken.add(shot["id"])


def numbered_as(earlier: Sequence[Storyboard], board: Storyboard, given: set[str]) -> Storyboard:
    """Give each shot that its file left without an id the one that it has in an earlier storyboard.

    So that putting a shot in, or taking one out, renames no other. A shot that is in none of them gets a number that
    none of them ever had, since edits of a cut and takes go by it.

    Args:
        earlier: The film's storyboards, the newest last.
        board: The one that was read, its ids filled in.
        given: The ids that its file gives itself.
    """
    unnamed = [shot for shot in board.shots if shot.id not in given]
    if not unnamed or not earlier:
        return board
    id_of = _known(unnamed, given, earlier)
    taken = given.union(*({shot.id for shot in old.shots} for old in earlier))
    scenes: list[Scene] = []
    for scene, id in zip(board.scenes, _homes(board.scenes, given, id_of, earlier[-1]), strict=True):
        shots: list[Shot] = []
        for shot in scene.shots:
            if shot.id not in given and shot.id not in id_of:
                id_of[shot.id] = free_number(f"{id}-{{:02d}}", len(shots) + 1, taken)
                taken.add(id_of[shot.id])
            shots.append(shot.model_copy(update={"id": id_of.get(shot.id, shot.id)}))
        scenes.append(scene.model_copy(update={"id": id, "shots": shots}))
    return board.model_copy(update={"scenes": scenes})


def free_number(form: str, number: int, taken: set[str]) -> str:
    """Return the first id of a form, from a number on, that is not taken."""
    while form.format(number) in taken:
        number += 1
    return form.format(number)


def _known(unnamed: Sequence[Shot], given: set[str], earlier: Sequence[Storyboard]) -> dict[str, str]:
    """Map shots to the ids that the same have in the newest of earlier storyboards, else before it, else alike ones."""
    found: dict[str, str] = {}
    *before, newest = earlier

    def left(board: Storyboard) -> list[Shot]:
        used = {*given, *found.values(), *parts_of(board)}
        return [shot for shot in board.shots if shot.id not in used]

    def match(way: Callable[[Sequence[Shot], Sequence[Shot]], dict[str, Shot]], board: Storyboard) -> None:
        if rest := [shot for shot in unnamed if shot.id not in found]:
            found.update({id: shot.id for id, shot in way(left(board), rest).items()})

    match(partial(_same, besides=()), newest)
    match(partial(_same, besides=PINS), newest)
    for board in reversed(before):  # one that was taken out and comes back, or that the newest tells otherwise
        match(partial(_same, besides=PINS), board)
    match(matched, newest)  # last, or one that was taken out would be another, told otherwise
    return found


def _same(old: Sequence[Shot], new: Sequence[Shot], besides: Sequence[str]) -> dict[str, Shot]:
    """Match shots that ask for the same, besides some fields: those in the same order first, then any."""

    def asked(shot: Shot) -> bytes:
        return canonical(shot.model_dump(mode="json", exclude={"id", "why", "span", *besides}, exclude_defaults=True))

    before, after = [asked(shot) for shot in old], [asked(shot) for shot in new]
    blocks = SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks()
    at = {b + n: a + n for a, b, size in blocks for n in range(size)}
    moved: dict[bytes, list[int]] = {}
    for a in sorted({*range(len(old))} - {*at.values()}, reverse=True):
        moved.setdefault(before[a], []).append(a)
    at |= {b: moved[after[b]].pop() for b in range(len(new)) if b not in at and moved.get(after[b])}
    return {new[b].id: old[a] for b, a in at.items()}


def _homes(scenes: Sequence[Scene], given: set[str], id_of: Mapping[str, str], old: Storyboard) -> list[str]:
    """Return the ids of scenes: their own, else of the old one that their shots were in, else a free one."""
    scene_of = {shot.id: scene.id for scene in old.scenes for shot in scene.shots}
    homes: list[str] = []
    taken = {scene.id for scene in scenes if scene.id in given}
    for scene in scenes:
        known = (id_of.get(shot.id, shot.id) for shot in scene.shots if shot.id in given or shot.id in id_of)
        were = (scene_of.get(id, "") for id in known)
        home = scene.id if scene.id in given else next((id for id in were if id and id not in taken), "")
        taken.add(home)
        homes.append(home)
    for at, (scene, home) in enumerate(zip(scenes, homes, strict=True), 1):
        if not home:
            homes[at - 1] = scene.id if scene.id not in taken else free_number("s{:02d}", at, taken)
            taken.add(homes[at - 1])
    return homes
