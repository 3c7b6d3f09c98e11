"""A finished film in the other forms that people ask for: masters, the web, phones, previews.

web        the film itself: H.264 and AAC, index first       vertical   9:16, cut out around a focus
prores     ProRes 422 HQ and PCM, for further editing        square     1:1, likewise
dnxhr      DNxHR HQ and PCM, likewise                        gif, webp  moving previews, 480 pixels wide
webm       AV1 and Opus                                      sheet      a contact sheet of stills

Forms for viewers say how loud they shall be; masters keep the mix as it is.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.containers import decoded, open_media
from reelgraph.video_tools.editing.footage import blank, copied, even, planes
from reelgraph.video_tools.editing.loudness import RATE, TARGETS
from reelgraph.video_tools.editing.media import MediaFacts, probe, read_sound
from reelgraph.video_tools.editing.overlays import Layer
from reelgraph.video_tools.editing.pcm import resampled
from reelgraph.video_tools.editing.profile import BT709, LIMITED
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.review.sheet import take_sheet

PREVIEW_WIDTH, PREVIEW_RATE, PREVIEW_SECONDS = 480, 12, 60


@dataclass(frozen=True)
class Preset:
    """A form of delivery.

    Attributes:
        suffix: Of the file.
        codec: ffmpeg's name of the picture encoder.
        pixels: Its pixel format.
        sound: ffmpeg's name of the sound encoder.
        options: Of the picture encoder.
        shape: Width over height of what is cut out of the picture; None is all of it.
        loudness: LUFS that the film should have; None leaves it as it is mixed.
    """

    suffix: str
    codec: str = "libx264"
    pixels: str = "yuv420p"
    sound: str = "aac"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "medium", "crf": "18"})
    shape: Fraction | None = None
    loudness: float | None = None


_WEB = TARGETS["web"]

PRESETS: dict[str, Preset] = {
    "web": Preset(".mp4", loudness=_WEB),
    "vertical": Preset(".mp4", shape=Fraction(9, 16), loudness=_WEB),
    "square": Preset(".mp4", shape=Fraction(1), loudness=_WEB),
    "prores": Preset(".mov", "prores_ks", "yuv422p10le", "pcm_s16le", {"profile": "3", "vendor": "apl0"}),
    "dnxhr": Preset(".mov", "dnxhd", "yuv422p", "pcm_s16le", {"profile": "dnxhr_hq"}),
    "webm": Preset(".webm", "libsvtav1", "yuv420p10le", "libopus", {"preset": "8", "crf": "30"}, loudness=_WEB),
    "gif": Preset(".gif"),
    "webp": Preset(".webp"),
    "sheet": Preset(".png"),
}


# What is drawn over a cut-out of a width and height.
Over = Callable[[int, int], Sequence[Layer]]


def deliver(film: Path, preset: str, out: Path, *, focus: float = 0.5, over: Over | None = None) -> Path:
    """Write a film in another form, in one step.

    Args:
        film: A film that was rendered here, at the preset's loudness; captions that are a track of it stay one in MP4
            and MOV.
        preset: A key of `PRESETS`.
        out: The file to write; its ending must be the preset's.
        focus: Where the middle of a vertical or square cut-out is, in shares of the width.
        over: What is drawn over the cut-out, such as titles and insets; `film` is then without it.

    Returns:
        `out`.

    Raises:
        InvalidRequest: There is no such preset, the ending is another, or a preview would be too long.
    """
    form = preset_of(preset)
    if out.suffix.lower() != form.suffix:
        raise InvalidRequest(f"{out.name}: the preset {preset} writes {form.suffix} files")
    facts = probe(film)
    with staged_file(out) as temporary:
        if preset == "web":
            shutil.copyfile(film, temporary)
        elif preset == "sheet":
            take_sheet(film, frames=12, width=1600).save(temporary, "PNG")
        elif preset in ("gif", "webp"):
            _preview(film, facts, temporary, preset)
        else:
            _transcode(film, facts, temporary, form, focus, over)
    return out


def preset_of(name: str) -> Preset:
    """Find a form of delivery.

    Raises:
        InvalidRequest: There is none of that name.
    """
    if name not in PRESETS:
        raise InvalidRequest(f"no delivery preset {name!r}: there are {', '.join(PRESETS)}")
    return PRESETS[name]


def cut_out(size: tuple[int, int], shape: Fraction, focus: float) -> tuple[int, int, int, int]:
    """Return left, top, width and height of the largest even rectangle of a shape around a focus.

    Raises:
        InvalidRequest: The focus is outside the picture.
    """
    if not 0 <= focus <= 1:
        raise InvalidRequest(f"focus {focus:g} is outside 0 to 1: 0.5 is the middle")
    width, height = whole = size
    if Fraction(width, height) > shape:
        width = min(width, even(height * shape))
    else:
        height = min(height, even(width / shape))
    left = min(max(round(whole[0] * focus - width / 2), 0), whole[0] - width) // 2 * 2
    return left, (whole[1] - height) // 4 * 2, width, height


def _transcode(film: Path, facts: MediaFacts, out: Path, form: Preset, focus: float, over: Over | None) -> None:
    box = cut_out((facts.width, facts.height), form.shape, focus) if form.shape else (0, 0, facts.width, facts.height)
    options = {"movflags": "+faststart"} if form.suffix == ".mp4" else {}
    kind = {".mp4": "mp4", ".mov": "mov", ".webm": "webm"}[form.suffix]
    with open_media(film) as source, av.open(str(out), "w", format=kind, options=options) as file:
        picture = file.add_stream(form.codec, rate=facts.rate, options=form.options)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = box[2], box[3], form.pixels
        context = picture.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        picture.time_base = context.time_base = 1 / facts.rate
        try:
            context.open()
        except av.FFmpegError as error:
            raise InvalidRequest(
                f"{form.codec} does not encode pictures of {box[2]}x{box[3]}: export a larger film, or another preset"
            ) from error
        track = file.add_stream(form.sound, rate=RATE, layout="stereo")
        assert isinstance(track, AudioStream)
        if form.sound == "aac":
            track.bit_rate = 192_000
        said = [(file.add_stream_from_template(s), s) for s in source.streams.subtitles if kind != "webm"]
        file.start_encoding()
        for ours, theirs in said:
            for packet in source.demux(theirs):
                if packet.dts is not None:
                    packet.stream = ours
                    file.mux_one(packet)
        sound = _sound_frames(film, track)
        heard = next(sound, None)
        layers = over(box[2], box[3]) if over else ()
        for number, frame in enumerate(_drawn_over(_cropped(film, box), layers)):
            ready = frame.reformat(format=form.pixels)
            ready.pts, ready.time_base, ready.pict_type = number, 1 / facts.rate, 0
            while heard is not None and (heard.pts or 0) / RATE <= number / facts.rate:
                file.mux(track.encode(heard))
                heard = next(sound, None)
            file.mux(picture.encode(ready))
        while heard is not None:
            file.mux(track.encode(heard))
            heard = next(sound, None)
        file.mux(picture.encode(None))
        file.mux(track.encode(None))


def _cropped(film: Path, box: tuple[int, int, int, int]) -> Iterator[av.VideoFrame]:
    left, top, width, height = box
    for frame, _ in decoded(film):
        if (width, height) == (frame.width, frame.height):
            yield frame
            continue
        part = blank(width, height)
        for plane, (source, target) in enumerate(zip(planes(frame), planes(part), strict=True)):
            x, y = (left // 2, top // 2) if plane else (left, top)
            target[:] = source[y : y + target.shape[0], x : x + target.shape[1]]
        yield part


def _drawn_over(frames: Iterator[av.VideoFrame], layers: Sequence[Layer]) -> Iterator[av.VideoFrame]:
    """Draw layers over the frames that they are over."""
    held: list[av.VideoFrame] = []  # the one that is drawn on
    pens = [layer.over(iter(held.pop, None), 0, layer.frames) for layer in layers]
    for number, frame in enumerate(frames):
        shown = [
            pen for layer, pen in zip(layers, pens, strict=True) if layer.start <= number < layer.start + layer.frames
        ]
        picture = copied(frame) if shown else frame
        for pen in shown:
            held.append(picture)
            picture = next(pen)
        yield picture


def _sound_frames(film: Path, track: AudioStream) -> Iterator[av.AudioFrame]:
    sound = read_sound(film)
    if sound is None:
        return
    with open_media(film) as container:
        length = container.streams.video[0].duration or 0
        base = container.streams.video[0].time_base or Fraction(0)
    samples = resampled(sound, RATE).samples[: round(length * base * RATE)]
    if samples.shape[1] == 1:
        samples = np.repeat(samples, 2, 1)
    resampler = av.AudioResampler(track.codec_context.format, "stereo", RATE)
    size = 960 if track.codec_context.name == "libopus" else 1024
    for at in range(0, len(samples), size):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[at : at + size].T), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        yield from resampler.resample(frame)


def _preview(film: Path, facts: MediaFacts, out: Path, kind: str) -> None:
    if facts.duration > PREVIEW_SECONDS:
        raise InvalidRequest(f"a {kind} preview holds {PREVIEW_SECONDS} s, the film has {facts.duration:.0f}: use webm")
    width = min(PREVIEW_WIDTH, facts.width)
    size = (even(width), even(Fraction(width * facts.height, facts.width)))
    rate = min(facts.rate, Fraction(PREVIEW_RATE))
    step = facts.rate / rate
    count = max(1, int(facts.frames / step))
    wanted = {int(n * step) for n in range(count)}

    def shown() -> Iterator[Image.Image]:
        for number, (frame, _) in enumerate(decoded(film)):
            if number in wanted:
                small = frame.reformat(*size, format="rgb24", interpolation="AREA").to_ndarray()
                yield Image.fromarray(small.astype(np.uint8, copy=False))

    pictures = shown()
    first = next(islice(pictures, 1))
    form: dict[str, int | bool] = {"optimize": False} if kind == "gif" else {"quality": 70, "method": 4}
    tick = 10 if kind == "gif" else 1  # ms. Source: a GIF's delay time is in hundredths of a second (GIF89a, 23)
    begins = [round(n * 1000 / rate / tick) * tick for n in range(count + 1)]
    pauses = [end - begin for begin, end in pairwise(begins)]
    first.save(out, kind.upper(), save_all=True, append_images=pictures, duration=pauses, loop=0, **form)
