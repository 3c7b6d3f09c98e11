"""Real footage becomes a film, or takes: whatever phones, cameras, screen recorders and other tools leave."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from pydantic import ValidationError

from reelgraph.video_tools.atomic import sha256_of, staged_file
from reelgraph.video_tools.editing.apart import apart
from reelgraph.video_tools.editing.captions import read_captions
from reelgraph.video_tools.editing.conform import FILE
from reelgraph.video_tools.editing.exchange import write_otio
from reelgraph.video_tools.editing.footage import sampled
from reelgraph.video_tools.editing.loudness import RATE as SOUND_RATE
from reelgraph.video_tools.editing.media import MediaFacts, probe
from reelgraph.video_tools.editing.pcm import extract_sound
from reelgraph.video_tools.editing.profile import DEFAULT, Profile, encode_segment
from reelgraph.video_tools.editing.render import OnProgress, Rendered, render_cut
from reelgraph.video_tools.editing.timeline import check_length, check_transitions
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    MOST_FRAMES,
    Caption,
    Clip,
    Cut,
    SoundClip,
    Take,
    TakeRequest,
    Title,
    Transition,
    digest,
    first_fault,
)
from reelgraph.video_tools.timebase import frames_of

STILL_SECONDS = 4.0

# The rates that films are made in; a recorder's 29.76 or 60.02 is meant to be the nearest of them.
# Source: 2 % is ours; beyond it lie rates that are meant as they are, such as 48 beside 50.
_DRIFT = Fraction(2, 100)
_USUAL = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(50),
          Fraction(60000, 1001), Fraction(60)]  # fmt: skip


@dataclass(frozen=True)
class Assembled:
    """A film made of files.

    Attributes:
        rendered: The film.
        cut: Its timeline.
        notes: What was done to each file to fit, one line each; nothing is done without being said.
    """

    rendered: Rendered
    cut: Cut
    notes: list[str]


@dataclass
class Files:
    """Media files as takes of one film's rate, named by what is in them; a `TakeFiles`.

    Sound is decoded once into the cache.
    """

    rate: Fraction
    cache: Path
    paths: dict[str, Path] = field(default_factory=dict)
    takes: dict[str, Take] = field(default_factory=dict)

    def add(self, path: Path, facts: MediaFacts) -> Take:
        """Take a file in."""
        content = sha256_of(path)
        still = facts.container == "still" or not facts.frames
        frames = 1 if still else max(1, frames_of(Fraction(facts.duration).limit_denominator(10**6), self.rate))
        width, height = facts.width or 16, facts.height or 16
        asked = min(frames, MOST_FRAMES)  # the file's hash names it; what it holds is on the take
        request = TakeRequest(
            backend=FILE, model=content, prompt=path.name, width=width, height=height, frames=asked, rate=self.rate
        )
        sound = digest(["sound", content]) if facts.has_sound else None
        take = Take(
            key=request.key,
            request=request,
            content=content,
            picture="picture.png" if still else "picture.mp4",
            sound=sound,
            files={},
            width=width,
            height=height,
            frames=frames,
            rate=self.rate,
        )
        self.paths[take.key], self.takes[take.key] = path, take
        return take

    def take(self, key: str) -> Take | None:
        """Read the take of a key, or None."""
        return self.takes.get(key)

    def picture(self, take: Take) -> Path:
        """Return the file itself."""
        return self.paths[take.key]

    def sound(self, take: Take) -> Path | None:
        """Return the file's sound as PCM at 48 kHz."""
        if take.sound is None:
            return None
        target = self.cache / "pcm" / f"{take.sound}.wav"
        if not target.exists():
            with staged_file(target) as temporary:
                apart(extract_sound, self.paths[take.key], temporary, SOUND_RATE)
        return target

    def file(self, name: str) -> Path:
        """Return the file of that path."""
        return Path(name)


def assemble(
    files: Sequence[Path],
    out: Path,
    *,
    cache: Path,
    size: tuple[int, int] | None = None,
    rate: Fraction | None = None,
    transition: tuple[str, float] = ("cut", 0.0),
    title: str = "",
    music: Path | None = None,
    captions: Path | None = None,
    burn_captions: bool = False,
    still_seconds: float = STILL_SECONDS,
    loudness: float | None = None,
    profile: Profile = DEFAULT,
    on_progress: OnProgress | None = None,
) -> Assembled:
    """Join files end to end.

    Args:
        files: Videos and still pictures, in order.
        out: The `.mp4` to write, in one step.
        cache: A folder for what is derived from the files; safe to delete.
        size: The film's; the first file's if None, with odd sides one pixel smaller.
        rate: The film's; if None, the first video's, as `rate_for` reads it.
        transition: How each file is joined to the one before it: a kind, such as `crossfade`, and seconds.
        title: Words over the first four seconds.
        music: A sound file laid under the whole film, 12 dB lower where somebody speaks.
        captions: A caption file, timed from the film's start; a track of the film that players can switch on.
        burn_captions: Draw the captions into the picture instead.
        still_seconds: How long a still picture is shown.
        loudness: LUFS that the sound is brought to.
        profile: How what is new is encoded.
        on_progress: Told the steps done and in all.

    Returns:
        The film; its timeline is written beside it, as `.otio`.

    Raises:
        InvalidRequest: A file is not what it claims to be, a transition is longer than its clips, or `out` is not MP4.
    """
    if out.suffix.lower() != ".mp4":
        raise InvalidRequest(f"{out.name}: films are written as .mp4, in H.264 and AAC; name it {out.stem}.mp4")
    if out.is_dir():
        raise InvalidRequest(f"{out.name} is a folder: name the film's file")
    for path in (*files, music, captions):
        if path is not None and out.exists() and path.exists() and path.samefile(out):
            raise InvalidRequest(f"{out.name} is what the film is made from, and would be lost: name another file")
    if not files:
        raise InvalidRequest("there are no files to assemble: name at least one video or picture")
    facts = [apart(probe, path) for path in files]
    for path, fact in zip(files, facts, strict=True):
        if not fact.frames:
            raise InvalidRequest(f"{path.name} has sound and no picture: give it as music")
    film_rate = rate or next((rate_for(f) for f in facts if f.rate), Fraction(24))
    width, height = size or (facts[0].width // 2 * 2, facts[0].height // 2 * 2)
    shelf = Files(film_rate, cache)
    joint = _joint(*transition, film_rate)
    clips: list[Clip] = []
    for i, (path, fact) in enumerate(zip(files, facts, strict=True), 1):
        take = shelf.add(path, fact)
        held = frames_of(still_seconds, film_rate) if take.picture == "picture.png" else take.frames
        if held > MOST_FRAMES:
            raise InvalidRequest(
                f"{path.name} has {held} frames at {film_rate} a second, and a clip has at most "
                f"{MOST_FRAMES}: cut it in pieces first"
            )
        shot = f"s01-{i:02d}" if len(files) < 100 else f"s01-{i:04d}"
        clips.append(Clip(shot=shot, take=take.key, frames=max(1, held), transition=joint if i > 1 else Transition()))
    try:
        joined = Cut(number=1, width=width, height=height, rate=film_rate, clips=clips)
        check_transitions(joined)
        check_length(joined)
    except InvalidRequest as error:  # who names files knows of no shots
        raise InvalidRequest(re.sub(r"(clip )?s01-(\d+)", lambda m: files[int(m[2]) - 1].name, str(error))) from error
    length = joined.frames
    said, of_captions = _captions(captions, film_rate, length) if captions else ([], [])
    cut = Cut(
        number=1,
        width=width,
        height=height,
        rate=film_rate,
        clips=clips,
        titles=[_opening_title(title, length, film_rate)] if title else [],
        sounds=[_music(music, shelf, length)] if music else [],
        captions=said,
        burn_captions=burn_captions,
        loudness=loudness,
    )
    made = render_cut(cut, shelf, cache, out, profile=profile, embed_captions=True, on_progress=on_progress)
    notes = [
        note for p, f in zip(files, facts, strict=True) for note in notes_of(p.name, f, (width, height), film_rate)
    ]
    with staged_file(out.with_suffix(".otio")) as temporary:
        write_otio(cut, shelf, None, temporary, film=out)
    return Assembled(made, cut, notes + of_captions)


def rate_for(facts: MediaFacts) -> Fraction:
    """Return the frames a second at which a recording is shown: its own, so that its cadence stays.

    A clock that drifted is put right, to the usual rate that is within 2 %. A rate that varies has no cadence to keep,
    and one that no film can have (below 1, above 240) cannot stay: they become the usual rate nearest by ratio.
    """
    near = min(_USUAL, key=lambda usual: abs(usual / facts.rate - 1))
    kept = 1 <= facts.rate <= 240 and not facts.variable_rate and abs(near / facts.rate - 1) > _DRIFT
    return facts.rate if kept else near


def notes_of(name: str, facts: MediaFacts, size: tuple[int, int], rate: Fraction) -> list[str]:
    """Say what is done to a file so that it fits a film, one line a change."""
    notes = []
    if facts.rotation:
        notes.append(f"turned upright by {facts.rotation} degrees")
    if facts.sample_aspect != 1:
        notes.append(f"pixels of {facts.sample_aspect} made square")
    if facts.interlaced:
        notes.append("two fields woven into whole pictures")
    if facts.hdr:
        notes.append(f"{facts.hdr} high dynamic range tone-mapped to BT.709")
    parts = av.VideoFormat(facts.pixel_format).components if facts.pixel_format else ()
    if (bits := max((part.bits for part in parts), default=8)) > 8 and not facts.hdr:
        notes.append(f"{bits} bits brought to 8")
    if any(part.is_alpha for part in parts):
        notes.append("black where it is transparent")
    if facts.variable_rate:
        notes.append(f"variable frame rate made a constant {rate}")
    elif facts.rate and facts.rate != rate:
        notes.append(f"{facts.rate} frames a second shown at {rate}")
    if (facts.width, facts.height) != size:
        cropped = 0 <= facts.width - size[0] <= 1 and 0 <= facts.height - size[1] <= 1
        notes.append(f"{facts.width}x{facts.height} {'cropped' if cropped else 'fitted'} to {size[0]}x{size[1]}")
    if not facts.has_sound and facts.container != "still":
        notes.append("has no sound: silent")
    elif facts.channels > 2:
        notes.append(f"{facts.channels} sound channels mixed down to two")
    return [f"{name}: {note}" for note in notes]


def normalised(path: Path, out: Path, *, profile: Profile = DEFAULT) -> MediaFacts:
    """Encode a file's picture once, in its own size and rate, as a take's picture; see `rate_for`.

    Args:
        path: The file.
        out: The `.mp4` to write.
        profile: How it is encoded.

    Returns:
        What the file is; a side that is odd loses a pixel, and `notes_of` says what else was done.
    """
    facts = probe(path)
    if not facts.frames or facts.container == "still":
        raise InvalidRequest(f"{path.name} has no moving picture")
    rate = rate_for(facts)
    width, height = facts.width // 2 * 2, facts.height // 2 * 2
    frames = max(1, frames_of(Fraction(facts.duration).limit_denominator(10**6), rate))
    encode_segment(sampled(path, frames, rate, width, height), out, rate, profile)
    return facts


def _joint(kind: str, seconds: float, rate: Fraction) -> Transition:
    try:
        return Transition.model_validate({"kind": kind, "frames": frames_of(seconds, rate)})
    except (ValueError, OverflowError) as error:  # of what is no number, or endless
        raise InvalidRequest(f"transition {kind} of {seconds:g} s: {first_fault(error)}") from error


def _opening_title(text: str, length: int, rate: Fraction) -> Title:
    frames = min(length, frames_of(4, rate))
    try:
        return Title(start=0, frames=frames, text=text, fade=min(frames_of(0.5, rate), frames // 2))
    except ValidationError as error:
        raise InvalidRequest(f"title: {first_fault(error)}") from error


def _captions(path: Path, rate: Fraction, length: int) -> tuple[list[Caption], list[str]]:
    """Read the captions of a film of `length` frames, and say which of them it cannot show as they are."""
    read, notes = read_captions(path, rate)
    heard = [c for c in read if c.start < length]
    if longer := sum(c.start + c.frames > length for c in heard):
        notes.append(f"{path.name}: {longer} caption{'s' if longer > 1 else ''} ended where the film does")
    if late := len(read) - len(heard):
        notes.append(f"{path.name}: {late} caption{'s' if late > 1 else ''} left out, after the film's end")
    return [c.model_copy(update={"frames": min(c.frames, length - c.start)}) for c in heard], notes


def _music(path: Path, shelf: Files, length: int) -> SoundClip:
    facts = apart(probe, path)
    if not facts.has_sound:
        raise InvalidRequest(f"{path.name} has no sound: it cannot be music")
    take = shelf.add(path, facts)
    fade = min(length // 4, frames_of(1, shelf.rate))
    return SoundClip(role="music", take=take.key, start=0, frames=length, fade_out=fade, duck_db=-12)
