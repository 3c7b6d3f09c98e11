"""What is remembered of takes: which count as approved or refused, why, and what they show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np

from reelgraph.memory.embedders import Frame
from reelgraph.memory.records import ShotRecord, plain
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.film import Bible, Character, Cut, Finding, Note, Place, Review, Shot, Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.ledger import Ledger

# How much of a picture somebody takes up, by shot size; a reference shows its character large and alone.
_CLOSENESS = {"extreme_close": 3, "close": 4, "medium": 5, "full": 4, "wide": 2, "extreme_wide": 1, "insert": 0}


def is_approved(shot: Shot, review: Review) -> bool:
    """Tell whether the checks approve a shot: the blocking ones passed, and no note on it objects."""
    objections = any(note.blocking and note.shot == shot.id for note in review.notes)
    findings = review.findings.get(shot.id, [])
    return not objections and not any(f.blocking and f.outcome in ("failed", "unknown") for f in findings)


@dataclass
class Told:
    """A take with what is told of it.

    Attributes:
        shot: The shot that it was made for, as it was planned then.
        board: The storyboard of that shot.
        take: The take.
        findings: What the checks measured.
        why: Reasons for what became of it.
        trust: Whose word that is.
    """

    shot: Shot
    board: Storyboard
    take: Take
    findings: Sequence[Finding] = ()
    why: list[str] = field(default_factory=list)
    trust: Literal["person", "checks"] = "checks"


def refused(film: Film, board: Storyboard, ledger: Ledger, chosen: Iterable[str]) -> list[Told]:
    """Find the takes that a blocking note spoke against, or a blocking check before any cut, and what they said.

    Args:
        film: The film, with all its reviews.
        board: Its storyboard now.
        ledger: Where its takes are.
        chosen: Keys of takes that were approved in the end, whatever was said of them before.
    """
    approved = set(chosen)
    found: dict[str, Told] = {}
    for review in film.reviews():
        cut = film.cut(review.cut)
        then = film.storyboard(cut.storyboard) if cut else None
        if cut is None or then is None:
            continue
        shots = {shot.id: shot for shot in then.shots if shot.kind == "shot"}
        for note in review.notes:
            key = _meant(note, cut)
            if not note.blocking or review.only_unknown(note):
                continue
            if note.shot not in shots or key is None or key in approved:
                continue
            if key not in found and (take := ledger.take(key)):
                found[key] = Told(shots[note.shot], then, take, review.measured(note.shot, key))
            if key in found and (said := plain(note.message, 200)) not in found[key].why:
                found[key].why.append(said)
    shots = {shot.id: shot for shot in board.shots if shot.kind == "shot"}
    for take in ledger.takes():
        if take.film != film.name or take.shot not in shots or take.key in approved or take.key in found:
            continue
        findings = findings_of(ledger, take)
        wrong = [f.message or f"failed {f.check}" for f in findings if f.blocking and f.outcome == "failed"]
        if wrong:  # passed over for another take before there was a cut of it
            said_once = list(dict.fromkeys(plain(message, 200) for message in wrong))
            found[take.key] = Told(shots[take.shot], board, take, findings, said_once)
    return list(found.values())


def _meant(note: Note, cut: Cut) -> str | None:
    """Return the key of the take that a note speaks against: the one it names, else the only one of its shot."""
    shown = {clip.take for clip in cut.clips if clip.shot == note.shot}
    return note.take or (shown.pop() if len(shown) == 1 else None)


def reasons(told: Told, siblings: Iterable[Take], refusals: Mapping[str, Told], ledger: Ledger) -> list[str]:
    """Say why a take was chosen: what it passed, and against each sibling what was wrong or different there."""
    score, passed = _score(told.findings)
    lines = [passed] if score is not None else []
    for take in siblings:
        if take.key == told.take.key:
            continue
        findings = findings_of(ledger, take)
        failed = [f.check for f in findings if f.outcome == "failed"]  # advice alone: what blocks was refused
        theirs, less = _score(findings)
        if take.key in refusals and refusals[take.key].why:
            said = refusals[take.key].why[0]
        elif failed:
            said = f"it failed {', '.join(dict.fromkeys(failed))}"
        elif score is not None and theirs is not None and theirs < score:
            said = f"it {less}"
        else:
            said = f"no check speaks against it, and the plan asks for another {_changed(take, told.take)}"
        lines.append(plain(f"over take {take.key[:8]}: {said}", 300))
    return lines[:8]


def _changed(old: Take, new: Take) -> str:
    """Name what two takes of a shot were asked for differently."""
    before, after = old.request.model_dump(), new.request.model_dump()
    return ", ".join(name.replace("_", " ") for name in before if before[name] != after[name])


def record_of(
    told: Told, *, film: str, ids: Mapping[str, str], verdict: str, trust: str, poster: Frame | None
) -> ShotRecord:
    """Put a take into the form in which it is remembered; its text is cleaned, and what that altered is named.

    Args:
        told: The take, and what is told of it.
        film: The film's name.
        ids: The project's ids of the storyboard's characters and places, as `merge` gives them.
        verdict: `approved` or `rejected`.
        trust: Whose word that is: `person` or `checks`.
        poster: A picture of it, `(height, width, 3) uint8 RGB`, if there is one.
    """
    shot, bible, request = told.shot, told.board.bible, told.take.request
    cast = [character for id in shot.characters if (character := bible.character(id))]
    place = bible.place(shot.place)
    told_text = {
        "prompt": (shot.prompt, 4000),
        "place_name": (place.name if place else "", 120),
        "look": (", ".join(filter(None, (bible.style.look, bible.style.lens, bible.style.grade))), 500),
        "backend": (request.backend, 80),
        "model": (request.model, 200),
        "origin": (f"{told.board.planner} planner", 200),
    }
    clean = {name: plain(text, limit) for name, (text, limit) in told_text.items()}
    return ShotRecord.model_validate(
        {
            **clean,
            "prompt": clean["prompt"] or "(nothing readable)",
            "film": film,
            "shot": shot.id,
            "take": told.take.key,
            "content": told.take.content,
            "characters": [ids.get(f"character:{c.id}", c.id) for c in cast],
            "names": [plain(c.name, 80) for c in cast],
            "place": ids.get(f"place:{place.id}", place.id) if place else "",
            "size": shot.size,
            "camera": shot.camera,
            "palette": palette_of(poster) if poster is not None else [],
            "seed": request.seed,
            "steps": request.steps,
            "guidance": request.guidance,
            "score": _score(told.findings)[0],
            "verdict": verdict,
            "why": [plain(reason, 500) for reason in told.why[:16]],
            "trust": trust,
            "altered": sorted(name for name, (text, _) in told_text.items() if clean[name] != text),
        }
    )


def with_references(bible: Bible, told: Sequence[Told], most: int = 4) -> Bible:
    """Add to each character and place of a bible the approved take that shows it best, up to `most` in all.

    Who is alone and large in the picture is shown best; a place, where nobody stands in it.
    """

    def best(id: str, of_place: bool) -> list[str]:
        shown = [t for t in told if (t.shot.place == id if of_place else id in t.shot.characters)]
        wide = -1 if of_place else 1

        def merit(t: Told) -> tuple[float, float, float]:
            return -len(t.shot.characters), wide * _CLOSENESS[t.shot.size], _score(t.findings)[0] or 0.0

        return [max(shown, key=merit).take.content] if shown else []  # the first of equals

    def grown(references: list[str], more: list[str]) -> list[str]:
        return list(dict.fromkeys([*references, *more]))[: max(most, len(references))]

    def character(c: Character) -> Character:
        return c.model_copy(update={"references": grown(c.references, best(c.id, False))})

    def place(p: Place) -> Place:
        return p.model_copy(update={"references": grown(p.references, best(p.id, True))})

    return bible.model_copy(
        update={"characters": [character(c) for c in bible.characters], "places": [place(p) for p in bible.places]}
    )


def palette_of(frame: Frame, colours: int = 5) -> list[str]:
    """Return the colours that a picture, `(height, width, 3) uint8 RGB`, shows most of, as `#rrggbb`, most first."""
    from PIL import Image

    small = Image.fromarray(frame).resize(_SMALL, Image.Resampling.BOX)
    return list(_palette(small.tobytes(), colours))


_SMALL = (96, 54)


@lru_cache(maxsize=256)  # a film is remembered anew after each change, and few of its takes are new
def _palette(pixels: bytes, colours: int) -> tuple[str, ...]:
    from PIL import Image

    image = Image.frombytes("RGB", _SMALL, pixels)
    reduced = image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    counts = np.bincount(np.asarray(reduced).ravel(), minlength=colours)
    table = reduced.getpalette() or []
    order = np.argsort(-counts, kind="stable")
    found = ["#{:02x}{:02x}{:02x}".format(*table[3 * i : 3 * i + 3]) for i in order if counts[i]]
    return tuple(dict.fromkeys(found))


def _score(findings: Sequence[Finding]) -> tuple[float | None, str]:
    """Return the share of checks that a take passed, and a line that says so."""
    told = [f for f in findings if f.outcome != "not_applicable"]
    passed = [f for f in told if f.outcome == "passed"]
    return (len(passed) / len(told), f"passed {len(passed)} of {len(told)} checks") if told else (None, "")
