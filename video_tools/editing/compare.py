"""What changed between two cuts, in editors' words."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.film import Caption, Clip, Cut, Effect, Inset, SoundClip, Title, Transition
from reelgraph.video_tools.timebase import rate_text, timecode


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
    for kind, olds, news in (
        ("caption", a.captions, b.captions),
        ("title", a.titles, b.titles),
        ("inset", a.insets, b.insets),
        ("sound", a.sounds, b.sounds),
    ):
        lines += _items(kind, olds, news, a, b)
    if a.frames != b.frames:
        lines.append(f"film: {a.frames} → {b.frames} frames ({b.frames - a.frames:+d})")
    return lines


def _clips(a: Cut, b: Cut) -> list[str]:
    olds = dict(zip(clip_names(a.clips), a.clips, strict=True))
    news = dict(zip(clip_names(b.clips), b.clips, strict=True))
    lines = [f"{name} removed ({clip.frames} frames)" for name, clip in olds.items() if name not in news]
    order = list(news)
    for place, (name, clip) in enumerate(news.items()):
        if name not in olds:
            where = f"after {order[place - 1]}" if place else "at the start"
            lines.append(f"{name} added {where} ({clip.frames} frames)")
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
            lines.append(f"{a.frames} → {b.frames} frames")
    elif head and head == -tail:
        lines.append(f"slipped by {head:+d} frames")
    else:
        for where, count in (("head", head), ("tail", tail)):
            if count:
                lines.append(f"{'trimmed' if count > 0 else 'extended'} by {abs(count)} frames at the {where}")
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


def _items(kind: str, a: Sequence[Item], b: Sequence[Item], old: Cut, new: Cut) -> list[str]:
    """Say what came, went and moved; what only moved along with its clip is not a change."""
    gone = [item for item in a if item not in b]
    come = [item for item in b if item not in a]
    lines = []
    for item in list(gone):
        twin = next((c for c in come if _same(item, c)), None)
        if twin is not None:
            gone.remove(item)
            come.remove(twin)
            if _place(item, old) != _place(twin, new) or item.frames != twin.frames:
                lines.append(
                    f"{kind} {_name(item)}: {timecode(item.start, old.rate)} for {item.frames} → "
                    f"{timecode(twin.start, new.rate)} for {twin.frames} frames"
                )
    lines += [f"{kind} {_name(item)} removed (was at {timecode(item.start, old.rate)})" for item in gone]
    lines += [f"{kind} {_name(i)} added at {timecode(i.start, new.rate)} for {i.frames} frames" for i in come]
    return lines


def _same(a: Item, b: Item) -> bool:
    return a.model_copy(update={"start": 0, "frames": 1}) == b.model_copy(update={"start": 0, "frames": 1})


def _place(item: Item, cut: Cut) -> tuple[str, int]:
    home = max(i for i, start in enumerate(cut.starts) if start <= item.start or i == 0)
    return clip_names(cut.clips)[home], item.start - cut.starts[home]


def _name(item: Item) -> str:
    if isinstance(item, Caption | Title):
        text = " ".join(item.text.split())
        return f"“{text if len(text) <= 40 else text[:39] + '…'}”"
    return f"{item.role} {_short(item.take)}" if isinstance(item, SoundClip) else _short(item.take)


def _joint(transition: Transition) -> str:
    kind = transition.kind.replace("_", " to ")
    return f"a {kind}" + (f" of {transition.frames} frames" if transition.frames else "")


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
