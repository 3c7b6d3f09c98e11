"""Footage, pictures and sound from a project's inbox become takes, named by what is in them."""

import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reelgraph.video_tools.atomic import sha256_of, staged_file
from reelgraph.video_tools.backends.base import NO_PICTURE
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import MOST_FRAMES, Take, TakeRequest
from reelgraph.video_tools.sound_alone import write_no_picture, write_sound_alone
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.timebase import frames_of

if TYPE_CHECKING:
    from reelgraph.video_tools.backends.base import Sound

BACKEND = "file"


@dataclass(frozen=True)
class Imported:
    """A file as a take.

    Attributes:
        take: The take.
        notes: What was done to it so that it fits, one line each.
        reused: Whether the ledger had it.
    """

    take: Take
    notes: list[str]
    reused: bool


def import_footage(studio: Studio, name: str) -> Imported:
    """Read a file of the inbox into the ledger; the same file again is the same take.

    Args:
        studio: Where films are made.
        name: The file's name in the project's `inbox` folder.

    Raises:
        InvalidRequest: There is no such file, or it is no media that can be read; the message lists what there is.
    """
    from reelgraph.video_tools.editing.apart import apart
    from reelgraph.video_tools.editing.assemble import normalised, notes_of, rate_for
    from reelgraph.video_tools.editing.media import decode, probe, write_png
    from reelgraph.video_tools.editing.pcm import extract_sound
    from reelgraph.video_tools.editing.stills import read_still

    path, ledger = asset(studio, name), studio.project.ledger
    content = sha256_of(path)
    facts = apart(probe, path)
    rate = rate_for(facts) if facts.rate else Fraction(24)
    still = facts.container == "still" or not facts.frames
    frames = 1 if still else max(1, frames_of(Fraction(facts.duration).limit_denominator(10**6), rate))
    _check_length(name, frames)
    if facts.container == "still":
        picture = apart(read_still, path)
        height, width = (side // 2 * 2 for side in picture.shape[:2])
    else:
        width, height = (facts.width // 2 * 2, facts.height // 2 * 2) if facts.frames else NO_PICTURE
    request = TakeRequest(
        backend=BACKEND, model=content, prompt=name, width=width, height=height, frames=frames, rate=rate
    )
    notes = notes_of(name, facts, (width, height), rate) if facts.frames else []
    known = ledger.take(request.key)
    if known is not None:
        return Imported(known, notes, reused=True)
    with ledger.staging() as folder:
        kind: Literal["picture.png", "picture.mp4"] = "picture.png" if still else "picture.mp4"
        if facts.container == "still":
            write_png(picture[:height, :width], folder / kind)
            _jpeg(folder / kind, folder / "poster.jpg")
        elif still:
            write_no_picture(folder)
        else:
            apart(normalised, path, folder / kind)
        if facts.has_sound and not apart(extract_sound, path, folder / "sound.wav", facts.sample_rate):
            (folder / "sound.wav").unlink(missing_ok=True)  # a stream without a sample in it
        if not still:
            middle = next(f for n, f in enumerate(decode(folder / kind)) if n == frames // 2)
            write_png(middle, folder / "poster.png")
            _jpeg(folder / "poster.png", folder / "poster.jpg")
            (folder / "poster.png").unlink()
        files = {p.name: sha256_of(p) for p in sorted(folder.iterdir())}
        take = Take(
            key=request.key,
            request=request,
            content=files[kind],
            picture=kind,
            sound=files.get("sound.wav"),
            files=files,
            width=width,
            height=height,
            frames=frames,
            rate=rate,
            notes={"file": name},
        )
        return Imported(ledger.publish(take, folder), notes, reused=False)


def import_sound(studio: Studio, sound: "Sound", *, backend: str, model: str, words: str) -> Take:
    """Keep sound that was made here as a take; the same words of the same voice are the same take.

    Args:
        studio: Where films are made.
        sound: What was made.
        backend: What made it.
        model: With which voice and settings.
        words: What it was made from.

    Raises:
        InvalidRequest: It is longer than a take can be.
    """
    rate = studio.project.settings.rate
    frames = max(1, frames_of(Fraction(len(sound.samples), sound.rate), rate))
    _check_length("the sound", frames)
    request = TakeRequest(
        backend=backend, model=model, prompt=words, width=NO_PICTURE[0], height=NO_PICTURE[1], frames=frames, rate=rate
    )
    ledger = studio.project.ledger
    if (known := ledger.take(request.key)) is not None:
        return known
    with ledger.staging() as folder:
        files = write_sound_alone(sound, folder)
        take = Take(
            key=request.key,
            request=request,
            content=files["picture.png"],
            picture="picture.png",
            sound=files["sound.wav"],
            files=files,
            width=NO_PICTURE[0],
            height=NO_PICTURE[1],
            frames=frames,
            rate=rate,
        )
        return ledger.publish(take, folder)


def _check_length(name: str, frames: int) -> None:
    if frames > MOST_FRAMES:
        raise InvalidRequest(
            f"{name} has {frames} frames, and a take has at most {MOST_FRAMES}: cut it in pieces first"
        )


def assets(studio: Studio) -> dict[str, Path]:
    """Map the names of what may be imported to the files; a link is none, because it may lead anywhere."""
    inbox = studio.project.inbox
    if not inbox.is_dir():
        return {}
    return {p.name: p for p in sorted(inbox.iterdir()) if p.is_file() and not p.is_symlink() and p.name[0] != "."}


def asset(studio: Studio, name: str) -> Path:
    """Find a file of the inbox.

    Raises:
        InvalidRequest: There is none of that name; the message lists those there are.
    """
    found = assets(studio)
    if name not in found:
        there = ", ".join(list(found)[:20]) or f"none: put files into {studio.project.inbox}"
        raise InvalidRequest(f"no file {name!r} in the inbox: there are {there}")
    return found[name]


def put(studio: Studio, path: Path) -> str:
    """Copy a file into the inbox, and return its name there; for people and hosts, who may name paths.

    Raises:
        InvalidRequest: It cannot be read, or another file has its name.
        ProjectBusy: Another process writes the project.
    """
    inbox = studio.project.inbox
    try:
        inbox.mkdir(parents=True, exist_ok=True)
        target = inbox / path.name
        if target.exists() and sha256_of(target) != sha256_of(path):
            raise InvalidRequest(f"the inbox has another {path.name} already: rename one of them")
        if not target.exists():
            with studio.project.writing(), staged_file(target) as temporary:
                shutil.copyfile(path, temporary)
        return path.name
    except OSError as error:
        raise InvalidRequest(f"cannot read {path}: {error.strerror}; give a file that exists") from error


def _jpeg(picture: Path, path: Path) -> None:
    from PIL import Image

    with Image.open(picture) as image:
        image.convert("RGB").save(path, quality=85)
