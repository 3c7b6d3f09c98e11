"""What lies over the clips of a cut while those are edited: captions, titles, insets and sounds move with them.

Each stays over the frames that it lay over, as far as those are left; the first of them says where it begins. Pictures
and words last as long as what is left; sound does not run faster with its clips, so it lasts as long as it did, up to
the end of the film: what is cut off there is held back, with its captions, until the film is long enough. A narration
is not cut into where its first clip is trimmed, and its captions keep to its words; other captions go with the clip
over which they begin. What lies over clips that no longer follow one another goes with its first ones if it lay mostly
over those, as words that end a little after their clip; else it keeps its place in the film, as music always does.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from reelgraph.video_tools.editing.slots import Slot
from reelgraph.video_tools.film import Caption, Clip, Cut, Inset, SoundClip, Title

Timed = TypeVar("Timed", Caption, Title, Inset, SoundClip)


def carried(before: Cut, after: Cut, slots: Sequence[Slot]) -> Cut:
    """Move what lies over clips to where those now are.

    Args:
        before: The cut as it was.
        after: The cut of the edited clips, with everything over them as it was.
        slots: The edited clips.
    """
    shown_by: dict[int, list[int]] = {}
    for i, slot in enumerate(slots):
        if slot.origin is not None:
            shown_by.setdefault(slot.origin, []).append(i)
    for places in shown_by.values():
        places.sort(key=lambda i: slots[i].offset)
    carry = _Carry(before.clips, before.starts, slots, after.starts, shown_by, after.frames)
    captions: list[Caption | None] = []
    words: list[list[Caption]] = [[] for _ in before.sounds]
    for caption in before.captions:
        speakers = (n for n, sound in enumerate(before.sounds) if _says(sound, caption))
        if (speaker := next(speakers, None)) is None:
            captions.append(carry.moved(caption))
        else:
            words[speaker].append(caption)
    sounds: list[SoundClip] = []
    for sound, own in zip(before.sounds, words, strict=True):
        if (now := carry.moved(sound)) is not None:
            heard, held = _with_words(own, sound, now)
            captions += heard
            sounds.append(now.model_copy(update={"held_captions": held}))

    def kept(items: Iterable[Timed | None]) -> list[Timed]:
        return [item for item in items if item is not None]

    changes = {
        "captions": sorted(kept(captions), key=lambda caption: caption.start),
        "titles": kept(map(carry.moved, before.titles)),
        "insets": kept(map(carry.moved, before.insets)),
        "sounds": sounds,
    }
    return after.model_copy(update=changes)


def _says(sound: SoundClip, caption: Caption) -> bool:
    """Tell whether a sound is the narration that says a caption."""
    return sound.take == caption.said_by and sound.start <= caption.start < sound.start + sound.frames


def _with_words(own: Sequence[Caption], was: SoundClip, now: SoundClip) -> tuple[list[Caption], list[Caption]]:
    """Move the captions of a sound with it: those of what is heard, and those of what is held back."""
    moved = [caption.model_copy(update={"start": caption.start - was.start + was.in_frame}) for caption in own]
    heard, held = parted(_joined(moved, was.held_captions), now)
    return [caption.model_copy(update={"start": caption.start - now.in_frame + now.start}) for caption in heard], held


def parted(captions: Iterable[Caption], sound: SoundClip) -> tuple[list[Caption], list[Caption]]:
    """Part captions, timed from the beginning of a sound's take, into those of what is heard of it and of what is held
    back."""
    heard: list[Caption] = []
    held: list[Caption] = []
    middle = sound.in_frame + sound.frames
    for caption in captions:
        for part, first, last in ((heard, sound.in_frame, middle), (held, middle, middle + sound.held)):
            start, end = max(first, caption.start), min(last, caption.start + caption.frames)
            if start < end:
                part.append(caption.model_copy(update={"start": start, "frames": end - start}))
    return heard, held


def _joined(heard: Sequence[Caption], held: Sequence[Caption]) -> list[Caption]:
    """Put captions that were held back behind the others; one that was parted is one again."""
    if heard and held:
        last, first = heard[-1], held[0]
        follows = last.model_copy(update={"start": last.start + last.frames, "frames": first.frames})
        if follows == first:
            return [*heard[:-1], last.model_copy(update={"frames": last.frames + first.frames}), *held[1:]]
    return [*heard, *held]


@dataclass(frozen=True)
class _Carry:
    """Where the frames of the film that was are in the film that is.

    Attributes:
        clips: Those of the film that was.
        was: Where each of them began.
        slots: The clips of the film that is.
        now: Where each of those begins.
        shown_by: By old clip, the slots that show something of it, in the order in which that showed it.
        frames: How long the film is.
    """

    clips: Sequence[Clip]
    was: Sequence[int]
    slots: Sequence[Slot]
    now: Sequence[int]
    shown_by: Mapping[int, Sequence[int]]
    frames: int

    def moved(self, item: Timed) -> Timed | None:
        """Return something where it is now; None where nothing is left of what it lay over."""
        start, lost = item.start, 0
        frames = whole = item.frames + (item.held if isinstance(item, SoundClip) else 0)
        if not (isinstance(item, SoundClip) and item.role == "music"):
            left = list(self._left(item))
            if not left:
                return None
            following = left[: next((i for i, (a, b) in enumerate(pairwise(left), 1) if b < a), len(left))]
            length = _length(following)
            if length > _length(left) / 2:
                start, _, lost = following[0]
                sounding = whole - lost
                if isinstance(item, SoundClip):
                    frames = sounding
                else:  # an inset's take has no more than it showed
                    frames = min(length, sounding) if isinstance(item, Inset) else length
        wanted, frames = frames, min(frames, self.frames - start)
        if frames < 1:
            return None
        changes: dict[str, object] = {"start": start, "frames": frames}
        if isinstance(item, Inset | SoundClip):
            changes["in_frame"] = item.in_frame + lost
        if isinstance(item, Title):
            changes["fade"] = min(item.fade, frames // 2)
        if isinstance(item, SoundClip):
            changes |= {"fade_in": min(item.fade_in, frames), "fade_out": min(item.fade_out, frames)}
            changes["held"] = wanted - frames
        return item.model_copy(update=changes)

    def _left(self, item: Timed) -> Iterator[tuple[int, int, int]]:
        """Go through what is left of the frames that something lay over, clip by clip as those were.

        Yields:
            First frame and end in the film that is, and how much of the item is cut off before.
        """
        home, end = max(0, bisect_right(self.was, item.start) - 1), item.start + item.frames
        if isinstance(item, Caption) and home not in self.shown_by:
            return  # the end of a sentence says nothing
        # A narration is not cut into where its first clip is trimmed; what it says over one that is deleted goes.
        whole = isinstance(item, SoundClip) and item.role == "narration" and home in self.shown_by
        for origin in range(home, len(self.clips)):
            place = max(0, item.start - self.was[origin])
            length = min(end - self.was[origin], self.clips[origin].frames) - place
            seen = place
            for i in self.shown_by.get(origin, ()):
                slot = self.slots[i]
                if max(place, slot.offset) < seen:
                    continue  # it shows again what another one shows
                begin = int((place - slot.offset) / slot.pace)
                until = min(begin + max(1, int(length / slot.pace)), slot.clip.frames)
                if begin < slot.clip.frames and until > 0:
                    lost = 0 if whole else max(0, self.was[origin] + slot.offset - item.start)
                    yield self.now[i] + max(0, begin), self.now[i] + until, lost
                    seen = slot.offset + int(until * slot.pace)
            if end <= self.was[origin] + self.clips[origin].frames:
                return


def _length(left: Sequence[tuple[int, int, int]]) -> int:
    """Return how many frames pieces of a film have together; those that a transition makes two share count once."""
    frames = at = 0
    for start, end, _ in sorted(left):
        frames += max(0, end - max(start, at))
        at = max(at, end)
    return frames
