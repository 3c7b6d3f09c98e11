"""Captions: when words are shown, how they break into lines, and the files they are kept in."""

import html
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, Cut, Line, Storyboard
from reelgraph.video_tools.timebase import frames_of, seconds_of
from reelgraph.video_tools.wording import counted

if TYPE_CHECKING:
    import pysubs2

CaptionForm = Literal["srt", "vtt", "ass"]

# Source: Netflix Timed Text Style Guide, English: 42 characters a line, two lines, 20 characters a second for adults,
# 5/6 s at least, 7 s at most, two frames between captions.
LINE_CHARACTERS = 42
LINES = 2
CHARACTERS_A_SECOND = 20
LEAST_SECONDS, MOST_SECONDS = 5 / 6, 7.0
WORDS_A_SECOND = 2.5  # 150 a minute, an unhurried voice
GAP_FRAMES = 2

# pysubs2 keeps every text as ASS, in which braces and backslashes are commands. In other formats they are only signs,
# so they pass through it as private-use characters.
_GUARDED = {ord(sign): 0xE000 + ord(sign) for sign in "{}\\"}
_SHOWN: dict[int, int | str] = {guard: chr(sign) for sign, guard in _GUARDED.items()}
# In ASS itself braces are escaped, and a word joiner keeps a backslash from making a command of the letter after it.
_ESCAPED: dict[int, int | str] = {_GUARDED[ord("{")]: "\\{", _GUARDED[ord("}")]: "\\}", _GUARDED[ord("\\")]: "\\\u2060"}

# What ffmpeg's mov_text encoder takes its sample description from: one style, white at the foot.
# Source: the ASS specification, sections Script Info, V4+ Styles and Events.
ASS_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    b"Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
    b"MarginV, Encoding\n"
    b"Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def captions_of(storyboard: Storyboard, cut: Cut) -> list[Caption]:
    """Time the lines of each shot within its clip: where a line says when it starts, else one after another.

    Each caption holds at most two lines of text and is shown for as long as it takes to read and to say; where the shot
    is too short for that, all of its captions are shortened alike.
    """
    captions: list[Caption] = []
    shots = {shot.id: shot for shot in storyboard.shots}
    for clip, start in zip(cut.clips, cut.starts, strict=True):
        shot = shots.get(clip.shot)
        if shot is None or not shot.lines:
            continue
        end = min(start + clip.frames, cut.frames)
        captions += _timed(shot.lines, start, end, cut.rate)
    return captions


def _timed(lines: Iterable[Line], start: int, end: int, rate: Fraction) -> list[Caption]:
    pieces = [(piece, line, i) for line in lines for i, piece in enumerate(broken(line.text))]
    wanted = [frames_of(reading_seconds(piece), rate) for piece, _, _ in pieces]
    total = sum(wanted) + GAP_FRAMES * (len(pieces) - 1)
    room = end - start
    scale = min(1.0, max(0.0, (room - GAP_FRAMES * (len(pieces) - 1)) / max(1, sum(wanted))))
    captions: list[Caption] = []
    at = start + (max(0, min((room - total) // 2, frames_of(0.25, rate))))
    for (piece, line, i), frames in zip(pieces, wanted, strict=True):
        if line.start is not None and i == 0:
            at = max(at if captions else start, start + frames_of(line.start, rate))
        shown = min(max(1, int(frames * scale)), end - at)
        if shown < 1 and not captions:  # said after the shot has ended: shown in its last frames instead of being lost
            at = max(start, end - frames_of(LEAST_SECONDS, rate))
            shown = end - at
        if shown < 1:
            last = captions[-1]
            captions[-1] = last.model_copy(update={"text": f"{last.text} {piece}"})
            continue
        captions.append(Caption(start=at, frames=shown, text=piece, speaker=line.character))
        at += shown + GAP_FRAMES
    return captions


def reading_seconds(text: str) -> float:
    """Return how long a caption is shown, in seconds: until it is read, and until it is said."""
    said = len(text.split()) / WORDS_A_SECOND
    return min(MOST_SECONDS, max(LEAST_SECONDS, len(text) / CHARACTERS_A_SECOND, said))


def broken(text: str) -> list[str]:
    """Break a text into captions of at most two lines, at sentence ends where that fits."""
    words = text.split()
    captions: list[str] = []
    current: list[str] = []
    for word in words:
        if current and len(lined(" ".join([*current, word]))) > LINES:
            captions.append("\n".join(lined(" ".join(current))))
            current = []
        current.append(word)
    if current:
        captions.append("\n".join(lined(" ".join(current))))
    return captions


def lined(text: str, width: int = LINE_CHARACTERS) -> list[str]:
    """Break a caption into lines of at most `width` characters; two lines are made about equally long."""
    if len(text) <= width:
        return [text]
    words = text.split()
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    fitting = [pair for pair in breaks if max(map(len, pair)) <= width]
    if fitting:  # the lower line is the longer one, as readers find easier
        upper, lower = min(fitting, key=lambda pair: (abs(len(pair[0]) - len(pair[1])), len(pair[0]) > len(pair[1])))
        return [upper, lower]
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_srt(captions: Iterable[Caption], rate: Fraction, path: Path) -> None:
    """Write captions as SubRip."""
    write_captions(captions, rate, path, "srt")


def write_captions(captions: Iterable[Caption], rate: Fraction, path: Path, form: CaptionForm) -> None:
    """Write captions as SubRip, WebVTT or Advanced SubStation."""
    if form == "vtt":  # in which these signs are markup
        captions = [c.model_copy(update={"text": html.escape(c.text, quote=False)}) for c in captions]
    text = _file_of(captions, rate).to_string(form)
    if form == "ass":
        text = text.translate(_ESCAPED)
    path.write_text(text.translate(_SHOWN), encoding="utf-8", newline="\n")


def one_at_a_time(captions: Iterable[Caption]) -> list[Caption]:
    """Return captions as a track of an MP4 has them: in order, and with all words where several are shown at once."""
    left = sorted(captions, key=lambda caption: caption.start)
    edges = sorted({edge for caption in left for edge in (caption.start, caption.start + caption.frames)})
    shown: list[Caption] = []
    parts: list[Caption] = []
    at = 0
    for edge, until in pairwise(edges):
        shown = [caption for caption in shown if caption.start + caption.frames > edge]
        while at < len(left) and left[at].start == edge:
            shown.append(left[at])
            at += 1
        if shown:
            parts.append(Caption(start=edge, frames=until - edge, text="\n".join(caption.text for caption in shown)))
    return parts


def tx3g(caption: Caption) -> bytes:
    """Return a caption as a timed text sample of an MP4.

    Source: 3GPP TS 26.245, 5.17: a 16-bit length, then UTF-8.
    """
    text = caption.text.encode()[:65535]
    return len(text).to_bytes(2, "big") + text


def read_captions(path: Path, rate: Fraction) -> tuple[list[Caption], list[str]]:
    """Read a caption file (SRT, VTT, ASS and others that pysubs2 knows), whatever its line ends or byte order mark.

    Returns:
        The captions, in the order in which they are shown, and what was done to those that begin before the film does,
        one line each.

    Raises:
        InvalidRequest: It is not a caption file.
    """
    import pysubs2

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path.name} cannot be read as UTF-8 captions: {error}") from error
    try:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        events = sorted(_webvtt(text) if text.startswith("WEBVTT") else _other(text, rate), key=lambda event: event[0])
    except (pysubs2.Pysubs2Error, ValueError) as error:
        raise InvalidRequest(f"{path.name} is not a caption file that is known here: {error}") from error
    events = [event for event in events if event[2].strip()]
    shown = [event for event in events if event[0] >= 0 or event[1] > 0]
    captions, notes = [], []
    for begins, ends, words, speaker in shown:
        start, end = (frames_of(Fraction(max(0, ms), 1000), rate) for ms in (begins, ends))
        captions.append(Caption(start=start, frames=max(1, end - start), text=words.strip(), speaker=speaker))
    if early := sum(event[0] < 0 for event in shown):
        notes.append(f"{path.name}: {counted(early, 'caption')} began where the film does")
    if gone := len(events) - len(shown):
        notes.append(f"{path.name}: {counted(gone, 'caption')} left out, before the film's beginning")
    return captions, notes


# Start and end in milliseconds, words, and who says them.
_Event = tuple[int, int, str, str]

# Source: WebVTT, 4.1 (blocks, timings) and 4.2 (tags), with a comma or fewer digits where programs write them so.
# SubRip's tags are b, i, u, s and font, and players take {\an8} (of ASS) for a place.
_STAMP = r"(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}"
# Programs that move captions write times before 0, which no form has, with a minus.
_TIMING = re.compile(rf"^[ \t]*(-?{_STAMP})[ \t]*-->[ \t]*(-?{_STAMP})(?:[ \t].*)?$", re.M)
_NEGATIVE = (re.compile(r"\s*-\s*\d"), re.compile(r"[^>]*>\s*-\s*\d"))  # in an SRT: its beginning, and its end
_VOICE = re.compile(r"<v(?:\.[^\s<>.]+)*\s+([^<>]+)>")
_TAG = re.compile(
    r"</?(?:[bcius]|ruby|rt)(?:\.[^\s<>.]+)*\s*>|</?(?:v|lang|font)(?:\.[^\s<>.]+)*(?:\s[^<>]*)?>"
    rf"|<{_STAMP}>|\{{\\an?\d+\}}",
    re.I,
)

# Source: MicroDVD's lines as players read them: {begin}{end}words, a bar between two lines, {Y:i} and the like for how
# they look; programs say the rate as the words of a first line {1}{1}.
_FRAMED = re.compile(r"^ *\{ *(-?\d+) *\} *\{ *(-?\d*) *\} *(.*?) *$", re.M)
_RATE = re.compile(r"[1-9]\d*(?:\.\d+)?")
_STYLE = re.compile(r"\{[a-z]:[^{}]*\}", re.I)


def _webvtt(text: str) -> Iterator[_Event]:
    """Read WebVTT: what stands above a cue's timing is its name, and a block without one is a comment or a style."""
    for block in re.split(r"\n\n+", text):
        _, *cues = _TIMING.split(block)
        for begins, ends, words in zip(cues[::3], cues[1::3], cues[2::3], strict=True):
            voice = _VOICE.search(words)
            speaker = html.unescape(voice[1]).strip() if voice else ""
            yield _milliseconds(begins), _milliseconds(ends), html.unescape(_TAG.sub("", words)), speaker


def _milliseconds(stamp: str) -> int:
    clock, thousandths = re.split("[.,]", stamp.removeprefix("-"))
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    milliseconds = seconds * 1000 + int(thousandths.ljust(3, "0"))
    return -milliseconds if stamp.startswith("-") else milliseconds


def _microdvd(text: str, rate: Fraction) -> Iterator[_Event]:
    """Read MicroDVD, which counts frames: of the rate that its first line says, else of the film."""
    for number, (begins, ends, words) in enumerate(_FRAMED.findall(text)):
        if number == 0 and begins == ends and _RATE.fullmatch(words):
            rate = Fraction(words)
            continue
        if not ends:
            raise ValueError(f"its caption at frame {begins} has no end: write it as {{{begins}}}{{END}}")
        start, end = (round(int(frame) * 1000 / rate) for frame in (begins, ends))
        yield start, end, _STYLE.sub("", words).replace("|", "\n"), ""


def _other(text: str, rate: Fraction) -> Iterator[_Event]:
    import pysubs2
    from pysubs2.formats import autodetect_format

    form = autodetect_format(text)
    if form == "microdvd":  # pysubs2 takes its braces for commands of ASS, so that words in braces are lost
        yield from _microdvd(text, rate)
        return
    if form == "srt":  # pysubs2 takes a number in the last line for the next caption's, and all in angles for tags
        file = pysubs2.SSAFile.from_string(f"{text}\n\n0\n".translate(_GUARDED), form, keep_html_tags=True)
        _sign(file, text)
    elif form in ("ass", "ssa"):  # which mean their braces, but for those that are escaped
        for sign, escaped in _ESCAPED.items():
            text = text.replace(str(escaped), chr(sign))
        file = pysubs2.SSAFile.from_string(text, form)
    else:
        file = pysubs2.SSAFile.from_string(text.translate(_GUARDED), form)
    for event in file:
        if not event.is_comment:
            words = event.plaintext.translate(_SHOWN)
            yield event.start, event.end, _TAG.sub("", words) if form == "srt" else words, event.name


def _sign(file: "pysubs2.SSAFile", text: str) -> None:
    """Give the captions of an SRT the signs of their times, which pysubs2 leaves out."""
    from pysubs2.time import TIMESTAMP

    timings = [line for line in text.split("\n") if len(TIMESTAMP.findall(line)) == 2]
    for event, line in zip(file, timings, strict=True):
        begins, ends = (-1 if sign.match(line) else 1 for sign in _NEGATIVE)
        event.start, event.end = event.start * begins, event.end * ends


def _file_of(captions: Iterable[Caption], rate: Fraction) -> "pysubs2.SSAFile":
    import pysubs2

    file = pysubs2.SSAFile()
    for caption in captions:
        start, end = (round(seconds_of(f, rate) * 1000) for f in (caption.start, caption.start + caption.frames))
        event = pysubs2.SSAEvent(start=start, end=end, name=caption.speaker)
        event.plaintext = caption.text.translate(_GUARDED)
        file.append(event)
    return file
