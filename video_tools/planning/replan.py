"""Plan again as little as can be: a change of the brief becomes a patch of the storyboard, shot ids kept."""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from reelgraph.video_tools.film import Brief, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.offline import plan_offline

# How alike two shots' words must be to be one shot, changed. Source: a pair that differs in one word of four is still
# the same event; below a half, difflib's ratio matches sentences that share only their small words.
_ALIKE = 0.5
# What a new plan says of a shot that makes it another shot to shoot.
_SHOWN = (
    "prompt", "kind", "title", "lines", "characters", "place", "time", "size", "camera", "angle", "seconds",
    "transition",
)  # fmt: skip
# What rules of coverage choose from a shot's neighbours: a person's or the old plan's choice stands while the words do.
_CHOSEN = ("size", "camera", "angle", "seconds", "time", "place", "characters", "transition")


@dataclass(frozen=True)
class StoryboardPatch:
    """What a new brief changes.

    Attributes:
        storyboard: The storyboard with the patch applied; its number is the old one's plus 1.
        kept: Ids of shots that stand as they are.
        changed: Ids of shots whose words or place in the film changed, with what changed.
        added: Ids of shots that are new.
        removed: Ids of shots that are gone.
    """

    storyboard: Storyboard
    kept: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Say in lines what changes, for a person to approve."""
        lines = [f"{len(self.kept)} shots stand"]
        lines += [f"{id_} changes: {', '.join(what)}" for id_, what in self.changed.items()]
        lines += [f"{id_} is new: {self.storyboard.shot(id_).prompt[:80]}" for id_ in self.added]
        lines += [f"{id_} goes" for id_ in self.removed]
        return "\n".join(lines)


def replan(old: Storyboard, brief: Brief) -> StoryboardPatch:
    """Plan a changed brief so that every shot whose words stand keeps its id, its choices and so its take.

    Shots are matched by their words, in order. What the rules chose for a shot from its neighbours (size, length,
    ...) stays as it was, since the words did not ask for a change; so do a person's edits of it.

    Args:
        old: The storyboard as it is, edits included.
        brief: The brief as it is now.

    Raises:
        InvalidRequest: The brief cannot be planned.
    """
    new = plan_offline(brief, bible=old.bible)
    pairs = _matched(old.shots, new.shots)
    taken = {shot.id for shot in old.shots}
    scene_ids = {scene.id for scene in old.scenes}
    scenes: list[Scene] = []
    kept: list[str] = []
    changed: dict[str, list[str]] = {}
    added: list[str] = []
    scene_of = {shot.id: scene.id for scene in old.scenes for shot in scene.shots}
    for scene in new.scenes:
        partners = [pairs.get(shot.id) for shot in scene.shots]
        home = next((scene_of[p.id] for p in partners if p and scene_of[p.id] not in {s.id for s in scenes}), "")
        if not home:
            home = _free("s{:02d}", len(scenes) + 1, scene_ids)
        scene_ids.add(home)
        shots: list[Shot] = []
        for shot, partner in zip(scene.shots, partners, strict=True):
            if partner is None:
                id_ = _free(f"{home}-{{:02d}}", len(shots) + 1, taken)
                taken.add(id_)
                added.append(id_)
                shots.append(shot.model_copy(update={"id": id_}))
                continue
            merged = _merged(partner, shot)
            if what := [name for name in _SHOWN if getattr(merged, name) != getattr(partner, name)]:
                changed[partner.id] = what
            else:
                kept.append(partner.id)
            shots.append(merged)
        scenes.append(scene.model_copy(update={"id": home, "shots": shots}))
    stay = {shot.id for scene in scenes for shot in scene.shots}
    storyboard = new.model_copy(
        update={"number": old.number + 1, "planner": old.planner, "scenes": scenes, "brief": brief.key}
    )
    return StoryboardPatch(storyboard, kept, changed, added, [shot.id for shot in old.shots if shot.id not in stay])


def _matched(old: list[Shot], new: list[Shot]) -> dict[str, Shot]:
    """Match new shots to old ones, in order: the same words first, then the most alike in the gaps between."""
    before, after = [_words(shot) for shot in old], [_words(shot) for shot in new]
    pairs: dict[str, Shot] = {}
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            pairs |= {new[j].id: old[i] for i, j in zip(range(i1, i2), range(j1, j2), strict=True)}
        elif kind == "replace":
            start = i1
            for j in range(j1, j2):
                scores = [(_alike(before[i], after[j]), -i) for i in range(start, i2)]
                best, at = max(scores, default=(0.0, 0))
                if best >= _ALIKE:
                    pairs[new[j].id] = old[-at]
                    start = -at + 1
    return pairs


def _alike(a: str, b: str) -> float:
    return SequenceMatcher(a=a.split(), b=b.split(), autojunk=False).ratio()


def _words(shot: Shot) -> str:
    """Return what a shot is told by: its words without the sign at their end, its lines and title."""
    return " ".join([shot.prompt.rstrip(".!? "), shot.title, *(line.text for line in shot.lines)]).strip()


def _merged(old: Shot, new: Shot) -> Shot:
    """Keep an old shot's choices; take the new one's words and place in the brief where they differ."""
    update: dict[str, object] = {"span": new.span}
    if _words(old) != _words(new):
        update |= {"prompt": new.prompt, "title": new.title, "lines": new.lines}
        update |= {name: getattr(new, name) for name in _CHOSEN if name not in ("transition",)}
        update["why"] = new.why
        update["recalled"] = new.recalled
    return old.model_copy(update=update)


def _free(form: str, number: int, taken: set[str]) -> str:
    while form.format(number) in taken:
        number += 1
    return form.format(number)
