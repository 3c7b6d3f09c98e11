"""Make a cut of a storyboard and its takes, and refuse a cut that cannot be, before anything is rendered."""

from collections.abc import Mapping
from fractions import Fraction

from reelgraph.video_tools.editing.conform import TakeFiles, frames_in, inset_size, needed
from reelgraph.video_tools.editing.effects import effect_of
from reelgraph.video_tools.editing.joints import dip_halves
from reelgraph.video_tools.editing.profile import check_size
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import (
    MOST_FRAMES,
    MOST_SECONDS,
    Clip,
    Cut,
    Effect,
    Inset,
    Storyboard,
    Take,
    Title,
    Transition,
    overlap,
)
from reelgraph.video_tools.timebase import frames_of, seconds_of
from reelgraph.video_tools.wording import counted


def first_cut(
    storyboard: Storyboard,
    chosen: Mapping[str, Take | None],
    *,
    width: int,
    height: int,
    rate: Fraction,
    labels: Mapping[str, str] | None = None,
) -> Cut:
    """Lay the chosen takes end to end in the storyboard's order, each as long as planned.

    Args:
        storyboard: The plan.
        chosen: A take by shot id; None, or no entry, is a slate.
        width: The film's, in pixels, even.
        height: The film's.
        rate: The film's, in frames a second.
        labels: What slates say, by shot id: why the shot could not be made.

    Returns:
        A cut in which a take shorter than planned shows all it has, and a transition takes no more of its clips than
        they have; a clip's label says what became shorter.
    """
    from reelgraph.video_tools.editing.captions import captions_of

    clips: list[Clip] = []
    for shot in storyboard.shots:
        take = chosen.get(shot.id)
        planned = max(1, frames_of(shot.seconds, rate))
        there = frames_in(take, rate) if take else None
        label = (labels or {}).get(shot.id, "") if take is None else ""
        if there is not None and there < planned:
            label = f"planned {planned} frames, the take has {there}"
        clips.append(
            Clip(
                shot=shot.id,
                take=take.key if take else None,
                frames=planned if there is None else min(planned, there),
                transition=shot.transition.at(rate),
                label=label,
            )
        )
    clips[0] = _opening(clips[0])
    if storyboard.fade_out:
        clips[-1] = _ending(clips[-1], frames_of(storyboard.fade_out, rate))
    cut = _joined(Cut(number=1, storyboard=storyboard.number, width=width, height=height, rate=rate, clips=clips))
    return cut.model_copy(update={"captions": captions_of(storyboard, cut)})


def _opening(clip: Clip) -> Clip:
    # Nothing comes before the first clip that it could be mixed with; a dip into it is a fade from black or white.
    if overlap(clip.transition):
        return clip.model_copy(update={"transition": Transition()})
    return clip


def _joined(cut: Cut) -> Cut:
    """Shorten transitions that their clips are too short for; of two that meet in one, each has half of it at least."""
    clips = list(cut.clips)
    for i, clip in enumerate(cut.clips):
        into, out = taken(cut.model_copy(update={"clips": clips}), i)
        if into + out <= clip.frames:
            continue
        into = min(into, max(clip.frames - out, clip.frames // 2))
        clips[i] = _shortened(clips[i], into * (2 if i and not overlap(clip.transition) else 1))
        if i + 1 < len(clips):  # of a dip, half is in each
            following = cut.clips[i + 1].transition
            clips[i + 1] = _shortened(clips[i + 1], (clip.frames - into) * (1 if overlap(following) else 2))
    told = [_told(clip, planned.transition) for clip, planned in zip(clips, cut.clips, strict=True)]
    return cut.model_copy(update={"clips": told})


def _shortened(clip: Clip, most: int) -> Clip:
    if clip.transition.frames <= most:
        return clip
    shorter = clip.transition.model_copy(update={"frames": most}) if most else Transition()
    return clip.model_copy(update={"transition": shorter})


def _told(clip: Clip, planned: Transition) -> Clip:
    """Say on a clip's label that its transition is shorter than planned; a slate's says why it is one."""
    if clip.transition == planned or clip.take is None:
        return clip
    said = f"its {planned.kind} of {planned.frames} frames takes the {clip.transition.frames} that its clips have"
    return clip.model_copy(update={"label": "; ".join(filter(None, [clip.label, said]))})


def taken(cut: Cut, i: int) -> tuple[int, int]:
    """Return how many frames of a clip the transitions into it and out of it take."""
    into = overlap(cut.clips[i].transition) + dip_halves(cut, i)[1]
    out = overlap(cut.clips[i + 1].transition) + dip_halves(cut, i + 1)[0] if i + 1 < len(cut.clips) else 0
    return into, out


def _ending(clip: Clip, frames: int) -> Clip:
    fade = Effect(name="fade_out", arguments={"frames": max(1, min(frames, clip.frames))})
    return clip.model_copy(update={"effects": [*clip.effects, fade]})


def check_cut(cut: Cut, takes: TakeFiles) -> None:
    """Refuse a cut whose clips do not have what it asks of them, or that is longer than a film can be.

    Raises:
        InvalidRequest: The message names the clip, what it has and what was asked, or the film's length.
        CorruptProject: A take is not in the ledger.
    """
    check_size(cut.width, cut.height)
    check_length(cut)
    for clip in cut.clips:
        there = None
        if clip.take is not None:
            take = takes.take(clip.take)
            if take is None:
                raise CorruptProject(
                    f"clip {clip.shot} shows take {clip.take[:12]}…, which is not there: shoot it again"
                )
            there = frames_in(take, cut.rate)
        last = source_frame(clip.in_frame, clip.speed, clip.frames - 1)
        if last < 0:
            raise InvalidRequest(
                f"clip {clip.shot} runs backwards from frame {clip.in_frame} past the take's first: shorten it to "
                f"{int(clip.in_frame / -clip.speed) + 1} frames"
            )
        if needed(clip) > (there or MOST_FRAMES):
            has = f"a take that has {there}" if there else f"what stands still, which has at most {MOST_FRAMES}"
            raise InvalidRequest(
                f"clip {clip.shot} shows frames {clip.in_frame} to {last} of {has}: "
                f"{_remedy(clip, there or MOST_FRAMES)}"
            )
        for effect in clip.effects:
            effect_of(effect, cut.rate)
    check_transitions(cut)
    _check_overlays(cut, takes)


def check_length(cut: Cut) -> None:
    """Refuse a film that is longer than any can be, before hours are spent on it.

    Raises:
        InvalidRequest: The message says how long it is, and how long it may be.
    """
    if (seconds := seconds_of(cut.frames, cut.rate)) > MOST_SECONDS:
        longest = max(cut.clips, key=lambda clip: clip.frames)
        raise InvalidRequest(
            f"the film would last {float(seconds):.0f} s, and at most {MOST_SECONDS} s are rendered: shorten it; its "
            f"longest clip, {longest.shot}, has {counted(longest.frames, 'frame')}"
        )


def check_transitions(cut: Cut) -> None:
    """Refuse transitions that their clips are too short for.

    Raises:
        InvalidRequest: The message names the clip, its length and what its transitions take.
    """
    for i in range(len(cut.clips)):
        _check_transition(cut, i)


def _remedy(clip: Clip, there: int) -> str:
    if clip.in_frame >= there or clip.speed <= 0:
        return f"begin at {there - 1} or before"
    return f"shorten it to {counted(int((there - 1 - clip.in_frame) / clip.speed) + 1, 'frame')}"


# Words of no more characters and lines than these fit any picture, so that no font is needed to know it.
_SHORT, _FEW = 100, 5


def _check_room(cut: Cut) -> None:
    """Refuse words over the picture that it has no room for."""
    burnt = [c.text for c in cut.captions] if cut.burn_captions else []
    if all(len(w) <= _SHORT and w.count("\n") < _FEW for w in [*(t.text + t.second for t in cut.titles), *burnt]):
        return
    from reelgraph.video_tools.editing.titles import caption_lines, title_lines

    for title in cut.titles:
        title_lines(title, cut.width, cut.height)
    for text in burnt:
        caption_lines(text, cut.width, cut.height)


def _check_overlays(cut: Cut, takes: TakeFiles) -> None:
    titles: list[tuple[str, Title | Inset]] = [("title", title) for title in cut.titles]
    for name, item in [*titles, *(("inset", inset) for inset in cut.insets)]:
        if item.start + item.frames > cut.frames:
            raise InvalidRequest(
                f"a {name} is shown in frames {item.start} to {item.start + item.frames} of a film of {cut.frames}: "
                f"end it at {cut.frames}"
            )
    for sound in cut.sounds:
        take = takes.take(sound.take)
        if take is None or take.sound is None:
            raise CorruptProject(
                f"the {sound.role} take {sound.take[:12]}… is not there, or has no sound: import it again"
            )
        if sound.start >= cut.frames:
            raise InvalidRequest(f"{sound.role} begins at frame {sound.start} of a film of {cut.frames}: begin before")
    for title in cut.titles:
        if 2 * title.fade > title.frames:
            raise InvalidRequest(f"the title {title.text!r} fades for {2 * title.fade} of its {title.frames} frames")
        for what, text in (("title", title.text), ("title's second line", title.second)):
            if gone := _undrawable(text):
                raise InvalidRequest(f"no font here has {gone!r}, which the {what} {text!r} needs: install a Noto font")
    _check_room(cut)
    if cut.burn_captions and (gone := _undrawable("".join(c.text for c in cut.captions))):
        raise InvalidRequest(f"no font here has {gone!r}, which the captions need: install a Noto font, or do not burn")
    for inset in cut.insets:
        take = takes.take(inset.take)
        if take is None:
            raise CorruptProject(f"an inset shows take {inset.take[:12]}…, which is not there: shoot it again")
        there = frames_in(take, cut.rate) or MOST_FRAMES
        if inset.in_frame + inset.frames > there:
            raise InvalidRequest(
                f"an inset shows {inset.frames} frames from {inset.in_frame} of a take that has {there}: "
                f"shorten it to {counted(max(1, there - inset.in_frame), 'frame')}"
            )
        width, height = inset_size(inset, take, cut.width)
        left, top = round(inset.left * cut.width / 2) * 2, round(inset.top * cut.height / 2) * 2
        if left + width > cut.width or top + height > cut.height:
            raise InvalidRequest(
                f"an inset of {width}x{height} at {left},{top} leaves the film's {cut.width}x{cut.height}: "
                f"move it to {max(0, cut.width - width)},{max(0, cut.height - height)} or make it smaller"
            )


def _check_transition(cut: Cut, i: int) -> None:
    clip, kind = cut.clips[i], cut.clips[i].transition.kind
    length = clip.transition.frames
    if kind == "cut":
        return
    if not length:
        raise InvalidRequest(f"clip {clip.shot} has a {kind} of 0 frames: give it frames, or make it a cut")
    if i == 0 and overlap(clip.transition):
        raise InvalidRequest(
            f"clip {clip.shot} is the first, and a {kind} needs a clip before it: use dip_black or cut"
        )
    for j in (i - 1, i):
        if j < 0:
            continue
        used = sum(taken(cut, j))
        if used > cut.clips[j].frames:
            raise InvalidRequest(
                f"clip {cut.clips[j].shot} has {cut.clips[j].frames} frames and its transitions take {used}: "
                f"shorten the {kind} of {clip.shot}, now {length} frames"
            )


def _undrawable(text: str) -> str:
    if text.isascii():  # in every font; reading what fonts have costs a tenth of a second
        return ""
    from reelgraph.video_tools.lettering import missing

    return missing(text)
