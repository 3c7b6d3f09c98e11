"""Keep an earlier plan where the brief says what it said: rules plan that the same every time, and a model does not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reelgraph.video_tools.film import Brief, Scene, Shot, Span, Storyboard


@dataclass(frozen=True)
class _Passage:
    """Shots that tell one stretch of a brief.

    Attributes:
        says: What nobody tells before it, the stretch, and what nobody tells behind it: one shot may tell of all three.
        shots: Those that tell it.
    """

    says: tuple[str, str, str]
    shots: list[Shot]


def settled(new: Storyboard, now: Brief, planned: Storyboard, then: Brief) -> Storyboard:
    """Return a new plan in which each passage that the brief says as it did is told by the shots that told it.

    So what a model only words otherwise today is no change of the brief, and no shot of it is shot, or put in, again.

    Args:
        new: What was planned of the brief as it is.
        now: That brief.
        planned: What was planned of the brief as it was, before anybody changed it.
        then: That brief.
    """
    scene_of = {shot.id: scene for scene in planned.scenes for shot in scene.shots}
    earlier: dict[tuple[str, str, str], list[list[Shot]]] = {}
    for passage in _passages(planned, then.text):
        earlier.setdefault(passage.says, []).append(passage.shots)
    standing: dict[str, list[Shot]] = {}
    for passage in _passages(new, now.text):
        if told := earlier.get(passage.says):
            first, *rest = passage.shots
            standing |= {first.id: [shot.model_copy(update={"span": first.span}) for shot in told.pop(0)]}
            standing |= {shot.id: [] for shot in rest}
    title = planned.title if now.title == then.title else new.title
    if title != new.title:
        cards, own = _cards(planned), _cards(new)
        standing |= {shot.id: cards[n : n + 1 if own[n + 1 :] else None] for n, shot in enumerate(own)}
    scenes = [of for scene in new.scenes if (of := _told(scene, standing, scene_of)).shots]
    return new.model_copy(update={"title": title, "scenes": scenes})


def _cards(board: Storyboard) -> list[Shot]:
    return [shot for shot in board.shots if shot.kind == "title" and shot.title == board.title]


def _passages(board: Storyboard, text: str) -> Iterator[_Passage]:
    groups: list[tuple[Span, list[Shot]]] = []
    for shot in board.shots:
        if shot.span is None:
            continue
        if groups and groups[-1][0] == shot.span:
            groups[-1][1].append(shot)
        else:
            groups.append((shot.span, [shot]))
    ends = [0, *(span.end for span, _ in groups)]
    starts = [*(span.start for span, _ in groups), len(text)]
    for n, (span, shots) in enumerate(groups):
        stretches = ((ends[n], span.start), (span.start, span.end), (span.end, starts[n + 1]))
        before, told, behind = (" ".join(text[start:end].split()) for start, end in stretches)
        yield _Passage((before, told, behind), shots)


def _told(scene: Scene, standing: dict[str, list[Shot]], scene_of: dict[str, Scene]) -> Scene:
    """Put the shots that stand in a new scene, which is where and when theirs was if it has no others."""
    shots: list[Shot] = []
    homes: list[Scene | None] = []
    for shot in scene.shots:
        kept: Sequence[Shot] = standing.get(shot.id, [shot])
        shots += kept
        homes += [scene_of.get(one.id) if shot.id in standing else None for one in kept]
    update: dict[str, object] = {
        "shots": [shot.model_copy(update={"id": f"{scene.id}-{n:02d}"}) for n, shot in enumerate(shots, 1)]
    }
    if homes and (home := homes[0]) is not None and all(other is home for other in homes):
        update |= {name: getattr(home, name) for name in ("heading", "place", "time")}
    return scene.model_copy(update=update)
