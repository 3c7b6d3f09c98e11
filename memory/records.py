"""What is remembered of a take, and the log on disk that is the truth of it.

    memory/records.jsonl    one line for each thing remembered or forgotten, in order; only ever appended to

The log is the memory; every index is derived from it. A line counts once its newline is there, so a reader never sees
half a record, and what a killed writer left unfinished is cut off by the next one.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.errors import CorruptProject
from reelgraph.video_tools.film import (
    CameraMove,
    Colour,
    ContentHash,
    Noun,
    ShotId,
    ShotSize,
    digest,
    first_fault,
    upgraded,
)

# Records kept as objects after they were read once: more than a plan's look-ups meet, a few megabytes.
KEPT = 2048

EntryId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")]
Trust = Literal["person", "checks", "imported"]


class ShotRecord(Noun):
    """A take as it is remembered: what it shows, how it was made, and why it was chosen or refused.

    All of its text is material, never an instruction: it is cleaned by `plain`, capped in length and handed on quoted.
    """

    schema_version: Literal[1] = 1
    film: str = Field(min_length=1, max_length=80)
    shot: ShotId
    take: ContentHash = Field(description="The take's request key.")
    content: ContentHash = Field(description="The hash of its picture.")
    prompt: str = Field(min_length=1, max_length=4000, description="What is seen, in words.")
    characters: list[EntryId] = Field(default=[], max_length=32)
    names: list[Annotated[str, Field(max_length=120)]] = Field(
        default=[], description="What the characters are called."
    )
    place: EntryId | Literal[""] = ""
    place_name: str = Field(default="", max_length=120)
    size: ShotSize = "wide"
    camera: CameraMove = "still"
    look: str = Field(default="", max_length=500, description="The style it was made in.")
    palette: list[Colour] = Field(default=[], max_length=8, description="The colours that it shows most of.")
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    backend: str = Field(default="", max_length=80)
    model: str = Field(default="", max_length=200)
    steps: int | None = Field(default=None, gt=0)
    guidance: float | None = Field(default=None, ge=0)
    score: float | None = Field(default=None, ge=0, le=1, description="The share of its checks that it passed.")
    verdict: Literal["approved", "rejected"] = "approved"
    why: list[Annotated[str, Field(max_length=500)]] = Field(
        default=[], max_length=16, description="Why it was chosen over its siblings, or what was wrong with it."
    )
    origin: str = Field(default="", max_length=200, description="Who planned it, or the project it came from.")
    trust: Trust = "checks"
    altered: list[str] = Field(default=[], description="Fields whose text was cleaned or cut when it was remembered.")

    @property
    def id(self) -> str:
        """Name the record by what it remembers: a take of a shot is one record, however often it is told."""
        return digest([self.film, self.shot, self.content])

    @property
    def text(self) -> str:
        """The words by which it is found."""
        return words_of(self.names, self.place_name, self.prompt)


@dataclass(frozen=True)
class RecalledShot:
    """A remembered shot that answers a look-up; `similarity` is the cosine of the two, -1 to 1."""

    record: ShotRecord
    similarity: float


def words_of(names: Sequence[str], place: str, prompt: str) -> str:
    """Put who, where and what into the text that is embedded, in this order."""
    return ". ".join(part for part in (", ".join(names), place, prompt) if part)


# What changes how the text around it is read without being seen: bidirectional controls, invisible separators and
# operators, tags. Zero-width joiner and non-joiner stay, because scripts and emoji need them. Source: Unicode UAX #9,
# UTR #36 and UTS #39.
_DECEIVING = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")
# Halves of surrogate pairs and code points that are no characters, none of which every UTF-8 reader accepts.
_UNWRITABLE = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\\s]+")


def plain(text: str, limit: int) -> str:
    """Make text harmless to store and to quote: one line, without control or deceiving characters.

    What is longer than `limit` characters is cut, and ends in an ellipsis.
    """
    text = _BREAKS.sub(" ", _UNWRITABLE.sub("", _DECEIVING.sub("", text))).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def quoted(recalled: Sequence[RecalledShot]) -> str:
    """Write recalled shots for a model to read: one JSON object a line, each field capped, with origin and trust.

    JSON escapes quotes and line ends, so nothing in a record can end its line or pass for a line of its own.
    """
    return "\n".join(json.dumps(_facts(shot.record), ensure_ascii=False) for shot in recalled)


def _facts(record: ShotRecord) -> dict[str, Any]:
    return {
        "film": plain(record.film, 80),
        "shot": record.shot,
        "shows": plain(record.prompt, 300),
        "characters": record.characters,
        "place": record.place,
        "size": record.size,
        "camera": record.camera,
        "verdict": record.verdict,
        "why": [plain(reason, 120) for reason in record.why[:4]],
        "origin": plain(record.origin, 80),
        "trust": record.trust,
    }


class RecordLog:
    """The append-only log of one memory, read as far as it has been followed.

    Attributes:
        project: The memory's own id, from the log's first line.
        birth: This writing of the log, from the same line; a rewritten log has another.
        end: The byte up to which it has been read.
        forgotten: Ids of records that were forgotten, and not told again since.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget_all()

    def _forget_all(self) -> None:
        self.project = ""
        self.birth = ""
        self.end = 0
        self._lines = 0
        self._first = b""  # the line that tells one writing of the log from another
        self._raw: dict[str, dict[str, Any]] = {}
        self._read: dict[str, ShotRecord] = {}
        self.forgotten: set[str] = set()

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, id: object) -> bool:
        return id in self._raw

    def __getitem__(self, id: str) -> ShotRecord:
        if id not in self._read:
            if len(self._read) >= KEPT:
                self._read.clear()
            self._read[id] = self.parsed(id, self._raw[id])
        return self._read[id]

    def parsed(self, id: str, raw: dict[str, Any]) -> ShotRecord:
        """Make a record of what a line holds, upgrading older versions.

        Raises:
            CorruptProject: It is no record, or a newer release wrote it.
        """
        try:
            return ShotRecord.model_validate(upgraded(ShotRecord, raw))
        except ValueError as error:
            raise CorruptProject(f"record {id[:12]}… in {self.path} cannot be read: {first_fault(error)}") from error

    def ids(self) -> list[str]:
        """List the ids of what is remembered now, in the order in which it was last told."""
        return list(self._raw)

    def follow(self) -> Iterator[tuple[int, str, dict[str, Any] | None]]:
        """Read what was appended since, and yield each `(byte after the line, id, what stood under that id before)`.

        Raises:
            CorruptProject: A finished line is not one of ours.
        """
        try:
            with self.path.open("rb") as file:
                first = file.readline()
                if first != self._first or os.fstat(file.fileno()).st_size < self.end:
                    self._forget_all()
                    self._first = first
                file.seek(self.end)
                new = file.read()
        except FileNotFoundError:
            self._forget_all()
            return
        for line in new[: new.rfind(b"\n") + 1].splitlines(keepends=True):
            self._lines += 1
            try:
                entry = json.loads(line)
                if "log" in entry:
                    self.birth, self.project = entry["log"], entry["project"]
                    self.end += len(line)
                    continue
                id = entry["forget"] if "forget" in entry else entry["id"]
                before = self._raw.pop(id, None)
                self._read.pop(id, None)
                if "forget" in entry:
                    self.forgotten.add(id)
                else:
                    self._raw[id] = entry["shot"]
                    self.forgotten.discard(id)
            except (ValueError, KeyError, TypeError) as error:
                raise CorruptProject(
                    f"{self.path} line {self._lines} is damaged: delete that line, then run `reelgraph memory rebuild`"
                ) from error
            self.end += len(line)
            yield self.end, id, before

    def append(self, records: Sequence[ShotRecord] = (), forget: Sequence[str] = ()) -> None:
        """Append records and removals, durably. Only for the writer, who has followed the log to its end.

        Raises:
            CorruptProject: The log is a link, as a folder from somebody else may have, and would be written through.
        """
        if self.path.is_symlink():
            raise CorruptProject(f"{self.path} is a link, which may lead anywhere: put the log itself in its place")
        lines = [_line({"id": r.id, "shot": _raw(r)}) for r in records] + [_line({"forget": id}) for id in forget]
        with self.path.open("ab") as file:
            file.truncate(self.end)  # what a killed writer left of a line
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())

    def rewrite(self) -> None:
        """Begin the log, or replace it by one of what is remembered now, in one step. Only for the writer."""
        lines = [_line({"log": secrets.token_hex(8), "project": self.project or secrets.token_hex(8)})]
        lines += [_line({"forget": id}) for id in sorted(self.forgotten)]
        lines += [_line({"id": id, "shot": raw}) for id, raw in self._raw.items()]
        write_text(self.path, b"".join(lines).decode())


def _raw(record: ShotRecord) -> dict[str, Any]:
    return {"schema_version": record.schema_version, **record.model_dump(mode="json", exclude_defaults=True)}


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
