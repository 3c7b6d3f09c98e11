"""Where every frame of a film came from, as JSON beside it: takes, requests, models and edits, by their hashes."""

import json
from pathlib import Path
from typing import Any

from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.editing.conform import TakeFiles
from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.film import Clip, Cut, Storyboard, Take
from reelgraph.video_tools.timebase import rate_text

# Source: IPTC NewsCodes, digital source type. Imported files say nothing of their origin, so nothing is said for them.
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_DRAWN = {"animatic", "titles", "espeak-ng"}


def provenance(
    cut: Cut, takes: TakeFiles, storyboard: Storyboard | None, film: Path, *, name: str = ""
) -> dict[str, Any]:
    """Say for every clip, inset and sound which take it is, who made that from what, and what was done to it.

    Args:
        cut: The cut.
        takes: Where its takes are.
        storyboard: What it was cut from.
        film: Its render.
        name: What the render is called where it is delivered; its file's name if empty.
    """
    used = {
        key: take
        for key in [c.take for c in cut.clips] + [i.take for i in cut.insets] + [s.take for s in cut.sounds]
        if key and (take := takes.take(key))
    }
    starts = cut.starts
    return {
        "schema": "reelgraph.provenance/1",
        "film": {
            "file": name or film.name,
            "sha256": sha256_of(film),
            "frames": cut.frames,
            "rate": rate_text(cut.rate),
            "size": [cut.width, cut.height],
            "cut": cut.number,
            "parent": cut.parent,
        },
        "storyboard": (
            {
                "number": storyboard.number,
                "title": storyboard.title,
                "planner": storyboard.planner,
                "brief": storyboard.brief,
            }
            if storyboard
            else None
        ),
        "digital_source_type": _source_type(list(used.values())),
        "clips": [
            {
                "clip": name,
                "first_frame": start,
                "frames": clip.frames,
                "take": clip.take,
                "edits": edits_of(clip),
            }
            for name, clip, start in zip(clip_names(cut.clips), cut.clips, starts, strict=True)
        ],
        "insets": [i.model_dump(mode="json") for i in cut.insets],
        "sounds": [s.model_dump(mode="json") for s in cut.sounds],
        "titles": [t.model_dump(mode="json") for t in cut.titles],
        "takes": {key: _take(take) for key, take in sorted(used.items())},
    }


def write_provenance(
    cut: Cut, takes: TakeFiles, storyboard: Storyboard | None, film: Path, path: Path, *, name: str = ""
) -> None:
    """Write `provenance.json`; see `provenance`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(provenance(cut, takes, storyboard, film, name=name), indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def edits_of(clip: Clip) -> dict[str, Any]:
    """Return what an edit did to a take: whatever of the clip is not as it would be untouched."""
    return clip.model_dump(mode="json", exclude_defaults=True, exclude={"shot", "take", "frames"})


def _take(take: Take) -> dict[str, Any]:
    request = take.request
    return {
        "content": take.content,
        "files": take.files,
        "backend": request.backend,
        "model": request.model,
        "request": request.model_dump(mode="json", exclude_defaults=True),
        "substitutions": [s.model_dump(mode="json") for s in take.substitutions],
        "spent": take.spent.model_dump(mode="json"),
        "digital_source_type": _source_type([take]),
        "notes": take.notes,
    }


def _source_type(takes: list[Take]) -> str | None:
    kinds = {
        None
        if t.request.is_brought_in
        else "algorithmicMedia"
        if t.request.backend in _DRAWN
        else "trainedAlgorithmicMedia"
        for t in takes
    }
    if not kinds or kinds == {None}:
        return None
    if len(kinds) == 1:
        return _IPTC + str(kinds.pop())
    return _IPTC + ("compositeWithTrainedAlgorithmicMedia" if "trainedAlgorithmicMedia" in kinds else "composite")
