"""What changed between two cuts, in editors' words."""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Sequence
from difflib import SequenceMatcher

from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.film import Caption, Clip, Cut, Effect, Inset, SoundClip, Title, Transition
from reelgraph.video_tools.timebase import rate_text, timecode
from reelgraph.video_tools.wording import counted


def diff(a: Cut, b: Cut) -> list[str]:
    """Say what changed from cut `a` to cut `b`, one line a change; nothing if they show and sound the same."""
    lines: list[str] = []
    for what, old, new in (
        ("size", f"{a.width}x{a.height}", f"{b.width}x{b.height}"),
        ("rate", rate_text(a.rate), rate_text(b.rate)),
        ("loudness", a.loudness, b.loudness),
        ("captions in the picture", a.burn_captions, b.burn_captions),
    ):
        if old != new:
            lines.append(f"{what}: {_said(old)} → {_said(new)}")
    lines += _clips(a, b)
    before, after = _Places(a), _Places(b)
    for kind, olds, news in (
        ("caption", a.captions, b.captions),
        ("title", a.titles, b.titles),
        ("inset", a.insets, b.insets),
        ("sound", a.sounds, b.sounds),
    ):
        lines += _items(kind, olds, news, before, after)
    if a.frames != b.frames:
        lines.append(f"film: {a.frames} → {counted(b.frames, 'frame')} ({b.frames - a.frames:+d})")
    return lines


def _clips(a: Cut, b: Cut) -> list[str]:
    olds = dict(zip(clip_names(a.clips), a.clips, strict=True))
    news = dict(zip(clip_names(b.clips), b.clips, strict=True))
    lines = [f"{name} removed ({counted(clip.frames, 'frame')})" for name, clip in olds.items() if name not in news]
    order = list(news)
    for place, (name, clip) in enumerate(news.items()):
        if name not in olds:
            where = f"after {order[place - 1]}" if place else "at the start"
            lines.append(f"{name} added {where} ({counted(clip.frames, 'frame')})")
    stayed_a, stayed_b = [n for n in olds if n in news], [n for n in news if n in olds]
    for tag, _, _, first, last in SequenceMatcher(None, stayed_a, stayed_b, autojunk=False).get_opcodes():
        if tag in ("insert", "replace"):
            for name in stayed_b[first:last]:
                place = order.index(name)
                lines.append(f"{name} moved to " + (f"after {order[place - 1]}" if place else "the start"))
    for name in stayed_b:
        lines += [f"{name}: {text}" for text in _clip(olds[name], news[name])]
    return lines


def _clip(a: Clip, b: Clip) -> list[str]:
    lines = []
    if a.take != b.take:
        lines.append(f"take {_short(a.take)} → {_short(b.take)}")
    if a.speed != b.speed:
        lines.append(f"speed {a.speed} → {b.speed}")
    head, tail = b.in_frame - a.in_frame, (a.in_frame + a.frames) - (b.in_frame + b.frames)
    if a.take != b.take or a.speed != b.speed or a.speed != 1:
        if a.in_frame != b.in_frame:
            lines.append(f"begins at frame {a.in_frame} → {b.in_frame} of its take")
        if a.frames != b.frames:
            lines.append(f"{a.frames} → {counted(b.frames, 'frame')}")
    elif head and head == -tail:
        lines.append(f"slipped by {head:+d} frames")
    else:
        for where, count in (("head", head), ("tail", tail)):
            if count:
                lines.append(
                    f"{'trimmed' if count > 0 else 'extended'} by {counted(abs(count), 'frame')} at the {where}"
                )
    if a.transition != b.transition:
        lines.append(f"joined by {_joint(a.transition)} → {_joint(b.transition)}")
    if a.gain_db != b.gain_db:
        lines.append(f"volume {a.gain_db:+g} → {b.gain_db:+g} dB")
    if a.effects != b.effects:
        lines.append(f"effects {_effects(a.effects)} → {_effects(b.effects)}")
    if a.label != b.label:
        lines.append(f"label {a.label!r} → {b.label!r}")
    return lines


Item = Caption | Title | Inset | SoundClip


# What of an item may change while it stays the same item, beside its place and length.
_CHANGES = {
    "in_frame": "begins at frame {} → {} of its take",
    "fade": "fades for {} → {} frames",
    "fade_in": "fades in for {} → {} frames",
    "fade_out": "fades out for {} → {} frames",
}


def _items(kind: str, a: Sequence[Item], b: Sequence[Item], old: "_Places", new: "_Places") -> list[str]:
    """Say what came, went and moved; what only moved along with its clip is not a change."""
    gone, come = _without(a, b), _without(b, a)
    twins: dict[str, deque[Item]] = {}
    for item in come:
        twins.setdefault(_identity(item), deque()).append(item)
    lines, removed = [], []
    for item in gone:
        waiting = twins.get(_identity(item))
        if not waiting:
            removed.append(f"{kind} {_name(item)} removed (was at {timecode(item.start, old.rate)})")
            continue
        twin = waiting.popleft()
        changes = [
            text.format(getattr(item, name), getattr(twin, name))
            for name, text in _CHANGES.items()
            if getattr(item, name, None) != getattr(twin, name, None)
        ]
        if old.of(item) != new.of(twin) or item.frames != twin.frames:
            places = f"{timecode(item.start, old.rate)} for {item.frames} → {timecode(twin.start, new.rate)} for"
            changes.insert(0, f"{places} {counted(twin.frames, 'frame')}")
        if changes:
            lines.append(f"{kind} {_name(item)}: {'; '.join(changes)}")
    added = sorted((item for left in twins.values() for item in left), key=lambda item: item.start)
    lines += removed
    lines += [
        f"{kind} {_name(i)} added at {timecode(i.start, new.rate)} for {counted(i.frames, 'frame')}" for i in added
    ]
    return lines


def _without(items: Sequence[Item], others: Sequence[Item]) -> list[Item]:
    """Return the items that are not among others, each as often as it is there more often."""
    there = Counter(item.model_dump_json() for item in others)
    left = []
    for item in items:
        key = item.model_dump_json()
        if there[key]:
            there[key] -= 1
        else:
            left.append(item)
    return left


def _identity(item: Item) -> str:
    return item.model_dump_json(exclude={"start", "frames", "held", "held_captions", *_CHANGES})


class _Places:
    """Where things are in a cut: over which clip, and how many frames into it."""

    def __init__(self, cut: Cut) -> None:
        self.rate, self.starts, self.names = cut.rate, cut.starts, clip_names(cut.clips)

    def of(self, item: Item) -> tuple[str, int]:
        home = max(0, bisect_right(self.starts, item.start) - 1)
        return self.names[home], item.start - self.starts[home]


def _name(item: Item) -> str:
    if isinstance(item, Caption | Title):
        text = " ".join(item.text.split())
        return f"“{text if len(text) <= 40 else text[:39] + '…'}”"
    return f"{item.role} {_short(item.take)}" if isinstance(item, SoundClip) else _short(item.take)


def _joint(transition: Transition) -> str:
    kind = transition.kind.replace("_", " to ")
    return f"a {kind}" + (f" of {counted(transition.frames, 'frame')}" if transition.frames else "")


def _effects(effects: Sequence[Effect]) -> str:
    def one(effect: Effect) -> str:
        return f"{effect.name}({', '.join(f'{k}={v}' for k, v in effect.arguments.items())})"

    return " + ".join(map(one, effects)) or "none"


def _short(key: str | None) -> str:
    return key[:8] if key else "slate"


def _said(value: object) -> str:
    if value is None:
        return "as mixed"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
