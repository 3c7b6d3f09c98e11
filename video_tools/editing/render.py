"""A cut becomes a film: copied packets, joints where a frame had to change, and one sound track.

    takes -> segments -> runs -> copied stretches and joints -> packets \\
    takes -> parts -> chunks --------------------------------> packets --> film.mp4, by one rename
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Stream

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.captions import ASS_HEADER, one_at_a_time, tx3g
from reelgraph.video_tools.editing.conform import Conformer, TakeFiles
from reelgraph.video_tools.editing.containers import open_media
from reelgraph.video_tools.editing.effects import in_place
from reelgraph.video_tools.editing.fitted import Fitted
from reelgraph.video_tools.editing.joints import Run, joints_of, runs_of
from reelgraph.video_tools.editing.loudness import RATE
from reelgraph.video_tools.editing.mix import parts_of
from reelgraph.video_tools.editing.overlays import Layer, words_of
from reelgraph.video_tools.editing.profile import DEFAULT, Profile, time_scale
from reelgraph.video_tools.editing.segments import Segment, Stretch
from reelgraph.video_tools.editing.sound import BLOCK, Packets, encoded
from reelgraph.video_tools.editing.timeline import check_cut
from reelgraph.video_tools.errors import CorruptProject
from reelgraph.video_tools.film import Caption, Cut
from reelgraph.video_tools.timebase import samples_of

# x264 reorders at most this many frames (b-pyramid), so decoding starts this much before showing.
_REORDER = 2

# What is told while a film is made: how many of how many steps are done.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Rendered:
    """What was made.

    Attributes:
        path: The film.
        frames: Its length.
        copied_frames: Shown as they are in their segments, bit for bit.
        encoded_frames: The others: joints and what else an edit touches, encoded now or in an earlier render.
        new_frames: Encoded in this call, conforming included.
        seconds: How long the call took.
        av_offset_ms: By how much the sound begins after the picture, as the finished file says.
    """

    path: Path
    frames: int
    copied_frames: int
    encoded_frames: int
    new_frames: int
    seconds: float
    av_offset_ms: float


def render_cut(
    cut: Cut,
    takes: TakeFiles,
    cache: Path,
    out: Path,
    *,
    profile: Profile = DEFAULT,
    embed_captions: bool = False,
    on_progress: OnProgress | None = None,
) -> Rendered:
    """Render a cut; nothing is at `out` but a finished film.

    Args:
        cut: What to render.
        takes: Where its takes are.
        cache: A folder for segments, joints and sound, made by this and earlier calls; safe to delete.
        out: The `.mp4` to write, in one step.
        profile: How what is new is encoded.
        embed_captions: Put the captions into the film as a track that players can switch on.
        on_progress: Told the steps done and in all; may raise to stop.

    Raises:
        InvalidRequest: The cut asks for what its clips do not have; nothing was rendered.
        CorruptProject: A take is missing or is not what its record says.
    """
    begun = time.perf_counter()
    cut = in_place(cut, takes)
    check_cut(cut, takes)
    tell = on_progress or (lambda done, steps: None)
    conformer = Conformer(cut, takes, cache, profile)
    steps = len(cut.clips) + 2
    segments: list[Segment | Fitted] = []
    for clip in cut.clips:
        tell(len(segments), steps)
        segments.append(conformer.segment(clip))
    plan = joints_of(runs_of(cut, segments, layers_of(cut, conformer)))
    samples = samples_of(cut.frames, cut.rate, RATE)
    parts = parts_of(cut, conformer)

    def sound() -> Iterator[tuple[Packets, int]]:
        return encoded(parts, samples, profile.sound_bit_rate, cache, loudness=cut.loudness)

    with ThreadPoolExecutor(2) as pool:  # encoders and decoders release the interpreter's lock
        heard = pool.submit(lambda: deque(sound(), maxlen=0))  # into the cache, from where it is then read
        stretches = list(pool.map(lambda item: _stretch(item, conformer), plan))
        heard.result()
    tell(steps - 2, steps)
    with staged_file(out) as temporary:
        captions = cut.captions if embed_captions and not cut.burn_captions else []
        _write(temporary, stretches, sound(), samples, cut.rate, captions)
        tell(steps - 1, steps)
        offset = _offset_ms(temporary)
    tell(steps, steps)
    copied = sum(item.frames for item in plan if isinstance(item, Run))
    return Rendered(
        path=out,
        frames=cut.frames,
        copied_frames=copied,
        encoded_frames=cut.frames - copied,
        new_frames=conformer.new_frames,
        seconds=time.perf_counter() - begun,
        av_offset_ms=offset,
    )


def layers_of(cut: Cut, conformer: Conformer) -> list[Layer]:
    """Return what lies over the picture, the uppermost last."""
    insets: list[Layer] = [conformer.inset(inset) for inset in cut.insets]
    return insets + words_of(cut, cut.width, cut.height)


def _stretch(item: Run | list[Run], conformer: Conformer) -> Stretch:
    if isinstance(item, Run):
        return item.shown.segment.stretch(item.shown.source(0), item.frames)
    frames = sum(run.frames for run in item)
    recipe = ["joint", [run.recipe() for run in item]]
    return conformer.joint(recipe, frames, lambda: (p for run in item for p in run.pictures())), 0, frames


def _write(
    path: Path,
    stretches: Sequence[Stretch],
    sound: Iterator[tuple[Packets, int]],
    samples: int,
    rate: Fraction,
    captions: Sequence[Caption],
) -> None:
    """Write the film: every packet with its time on the film's clock, interleaved, the index first."""
    options = {"movflags": "+faststart", "fflags": "+bitexact", "movie_timescale": str(time_scale(rate))}
    first_chunk, first_block = next(sound)
    with (
        open_media(stretches[0][0].path, segment=True) as source,
        av.open(str(path), "w", format="mp4", options=options) as film,
    ):
        picture_track = film.add_stream_from_template(source.streams.video[0])
        picture_track.time_base = 1 / rate
        sets = bytes(source.streams.video[0].codec_context.extradata or b"")
        sound_track = film.add_stream("aac", rate=RATE, layout="stereo")
        sound_track.codec_context.extradata = first_chunk.configuration
        sound_track.time_base = Fraction(1, RATE)
        text_track = film.add_stream("mov_text") if captions else None
        if text_track is not None:
            text_track.codec_context.subtitle_header = ASS_HEADER
            text_track.codec_context.time_base = 1 / rate
        film.start_encoding()
        for caption in one_at_a_time(captions):
            said: av.Packet[Stream] = av.Packet(tx3g(caption))
            if text_track is not None:
                said.stream = text_track
            said.time_base, said.pts, said.dts, said.duration = 1 / rate, caption.start, caption.start, caption.frames
            film.mux_one(said)

        sample_time = Fraction(1, RATE)

        def heard() -> "Iterator[av.Packet[Stream]]":
            chunk, block = first_chunk, first_block
            while True:
                for number, data in enumerate(chunk.packets, block):
                    packet = av.Packet(data)
                    packet.stream, packet.time_base = sound_track, sample_time
                    packet.pts = packet.dts = number * BLOCK
                    packet.duration = min(BLOCK, samples - number * BLOCK)
                    yield packet
                following = next(sound, None)
                if following is None:
                    return
                chunk, block = following

        frame_time, frame_samples = 1 / rate, RATE * rate.denominator
        packets = heard()
        pending = next(packets, None)
        shown = decoded = 0
        for segment, first, frames in stretches:
            for packet, number in segment.packets(first, frames, sets):
                packet.stream, packet.time_base = picture_track, frame_time
                packet.pts, packet.dts, packet.duration = shown + number, decoded - _REORDER, 1
                decoded += 1
                while pending is not None and (pending.pts or 0) * rate.numerator <= packet.dts * frame_samples:
                    film.mux_one(pending)
                    pending = next(packets, None)
                film.mux_one(packet)
            shown += frames
        while pending is not None:
            film.mux_one(pending)
            pending = next(packets, None)


def _offset_ms(path: Path) -> float:
    with open_media(path) as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        if picture.start_time is None or sound.start_time is None:
            raise CorruptProject(f"{path.name} was written without start times")
        late = sound.start_time * (sound.time_base or 0) - picture.start_time * (picture.time_base or 0)
        return round(float(late) * 1000, 3)
