"""The delivery contract: what was asked for and what came, counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.film import Finding
from reelgraph.video_tools.timebase import rate_text

BT709 = (1, 1, 1)  # Source: ITU-T H.273, tables 2 to 4: primaries, transfer and matrix of BT.709


@dataclass(frozen=True)
class Contract(Check):
    """Frames, size, rate, length, streams and the form of the file against what was asked for.

    A take is held to its request, a film to its cut; footage that nobody asked for only to itself (it can be read to
    the end, and sound and picture are equally long).

    Attributes:
        offset_ms: Greatest lead or lag of sound when the file starts. Source: EBU R37, 40 ms before and 60 ms after; we
            take half of the narrower.
        length_seconds: How much sound may be longer or shorter than the picture: one AAC frame (1024 samples) at each
            end, and one picture.
    """

    offset_ms: float = 20.0
    length_seconds: float = 0.1
    name: ClassVar[str] = "contract"
    needs: ClassVar[frozenset[Need]] = frozenset()

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare each item that is asked for."""
        measures, request, cut = subject.measures, subject.request, subject.cut
        for frame, why in subject.faults:
            yield self.failed(f"frame {frame} cannot be used: {why}", frame, 0, part="readable", frames=(frame, frame))
        wanted = request.frames if request else cut.frames if cut else 1
        if subject.kind == "file" and subject.container and measures.frames:
            # An index may be one off; Matroska has none to hold the frames to.
            declared = subject.container.frames
            wanted = declared if declared and abs(measures.frames - declared) > 1 else measures.frames
        made = measures.frames
        if made == wanted:
            yield self.passed(made, wanted, part="frames", unit="frames")
        else:
            yield self.failed(f"{made} frames instead of {wanted}", made, wanted, part="frames", unit="frames")
        asked = request or cut
        if asked:
            yield from self._form(subject, asked.width, asked.height, asked.rate)
        if subject.container:
            yield from self._file(subject)

    def _form(self, subject: Subject, width: int, height: int, rate: Fraction) -> Iterator[Finding]:
        measures = subject.measures
        if measures.frames:
            same = (measures.width, measures.height) == (width, height)
            words = f"{measures.width}x{measures.height} instead of {width}x{height}"
            off = measures.width * measures.height
            yield (
                self.passed(off, width * height, part="size", unit="pixels")
                if same
                else self.failed(words, off, width * height, part="size", unit="pixels")
            )
        if subject.rate == rate:
            yield self.passed(float(subject.rate), float(rate), part="rate", unit="fps")
        else:
            words = f"{rate_text(subject.rate)} frames a second instead of {rate_text(rate)}"
            yield self.failed(words, float(subject.rate), float(rate), part="rate", unit="fps")
        made, asked = (
            measures.frames / float(subject.rate),
            (subject.request or subject.cut or measures).frames / float(rate),
        )
        frame = 1 / float(rate)
        if abs(made - asked) < frame / 2:
            yield self.passed(made, asked, part="length", unit="s")
        else:
            yield self.failed(f"{made:.3f} s long instead of {asked:.3f} s", made, asked, part="length", unit="s")

    def _file(self, subject: Subject) -> Iterator[Finding]:
        file = subject.container
        assert file is not None
        if file.pictures != 1:
            yield self.failed(f"{file.pictures} picture streams instead of 1", file.pictures, 1, part="streams")
        elif file.sounds > 1:
            yield self.failed(f"{file.sounds} sound streams instead of at most 1", file.sounds, 1, part="streams")
        else:
            yield self.passed(file.pictures + file.sounds, part="streams")
        if subject.kind == "file":
            for part in ("pixel_format", "colour_tags", "faststart"):
                yield self.not_applicable("nothing says what was asked for", part=part)
        else:
            if file.pixel_format == "yuv420p":
                yield self.passed(part="pixel_format")
            else:
                words = f"pixel format {file.pixel_format or 'unknown'} instead of yuv420p"
                yield self.failed(words, 1, 0, part="pixel_format")
            if file.colour == BT709 and not file.full_range:
                yield self.passed(part="colour_tags")
            else:
                tags = "/".join(map(str, file.colour))
                words = f"colour is tagged {tags} (H.273) instead of limited-range BT.709, 1/1/1"
                yield self.failed(words, 1, 0, part="colour_tags")
            if subject.kind == "take":
                yield self.not_applicable("a take is read whole, not streamed", part="faststart")
            elif file.faststart is None:
                yield self.not_applicable(f"{file.format} has no index to put first", part="faststart")
            elif file.faststart:
                yield self.passed(part="faststart")
            else:
                yield self.failed(
                    "the index comes after the media, so it cannot start playing early", 1, 0, part="faststart"
                )
        if file.sounds and file.pictures:
            yield from self._sync(subject)
        else:
            yield self.not_applicable("there is no sound beside the picture", part="av_offset")

    def _sync(self, subject: Subject) -> Iterator[Finding]:
        file, sound = subject.container, subject.sound
        assert file is not None
        offset = 1000 * ((file.sound_start or 0.0) - (file.picture_start or 0.0))
        if abs(offset) <= self.offset_ms:
            yield self.passed(offset, self.offset_ms, part="av_offset", unit="ms")
        else:
            yield self.failed(
                f"sound starts {offset:+.0f} ms from the picture", offset, self.offset_ms, part="av_offset", unit="ms"
            )
        heard = len(sound.samples) / sound.rate if sound is not None else 0.0
        longer = heard - subject.measures.frames / float(subject.rate)
        limit = self.length_seconds + 1 / float(subject.rate)
        if abs(longer) <= limit:
            yield self.passed(longer, limit, part="sound_length", unit="s")
        else:
            words = f"sound is {abs(longer):.2f} s {'longer' if longer > 0 else 'shorter'} than the picture"
            yield self.failed(words, longer, limit, part="sound_length", unit="s")
