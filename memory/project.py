"""The memory of a project as film-making uses it: what a brief brings back, what shots lean on, what a film leaves."""

import functools
from collections.abc import Sequence

import numpy as np

from reelgraph.memory.bible import Difference, Origin, filled, find, mentioned, merge, read_bible, write_bible
from reelgraph.memory.embedders import Frame, open_picture_embedder, open_text_embedder
from reelgraph.memory.records import RecalledShot, ShotRecord, plain, words_of
from reelgraph.memory.shots import Lookup, ShotMemory
from reelgraph.video_tools.film import Bible, Cut, Finding, Recall, Review, Shot, Storyboard, Take
from reelgraph.video_tools.project import Project

# Past shots that one shot leans on: more than three references are more than any back end of today takes.
LEANS = 3


class ProjectMemory:
    """Past shots and the bible of one project.

    Attributes:
        shots: The remembered shots.
        folder: The project's `memory` folder.
        differences: What the last ending told of the bible that disagreed with what was known; what was known stands.
    """

    def __init__(self, project: Project, shots: ShotMemory) -> None:
        self.project = project
        self.shots = shots
        self.folder = project.memory
        self.differences: list[Difference] = []

    # --- before a film

    def bible_for(self, text: str) -> Bible:
        """Return what is known of the characters and places that a brief names, and the project's style."""
        return mentioned(read_bible(self.folder).bible, text)

    def lean(self, film: str, storyboard: Storyboard) -> Storyboard:
        """Pin in each shot the past shots that it leans on, and fill what the bible leaves empty with what is known.

        A past shot is recalled for a character or a place that it shares with the planned one, never for like words
        alone.
        """
        known = read_bible(self.folder).bible
        board = storyboard.model_copy(update={"bible": filled(storyboard.bible, known)})
        lookups = {shot.id: _lookups(shot, board.bible, known) for shot in board.shots if shot.kind == "shot"}
        # Twice as many as may be pinned, because those of this film itself are left out.
        found = iter(self.shots.recall([item for items in lookups.values() for item in items], k=2 * LEANS))
        answers = {id: [next(found) for _ in items] for id, items in lookups.items()}
        return board.with_shots(
            [
                _leaning(shot, lookups[shot.id], answers[shot.id], film)
                for shot in board.shots
                if any(answers.get(shot.id, []))
            ]
        )

    # --- after it

    def remember_film(self, film: str, storyboard: Storyboard, cut: Cut, review: Review, takes: dict[str, Take]) -> int:
        """Remember the shots of a cut that were approved, and add its bible to the project's.

        Args:
            film: The film's name.
            storyboard: What was planned.
            cut: What was cut.
            review: The verdict on it.
            takes: The cut's takes, by shot id.

        Returns:
            How many shots were remembered.
        """
        approved = [shot for shot in storyboard.shots if shot.id in takes and is_approved(shot, review)]
        merged = merge(read_bible(self.folder), storyboard.bible, Origin(by="film", source=film))
        self.differences = merged.differences
        if approved:
            write_bible(self.folder, merged.known)
        records = [
            self._record(film, storyboard, shot, takes[shot.id], review, merged.ids)
            for shot in approved
            if shot.kind == "shot"
        ]
        self.shots.remember(records)
        return len(records)

    def _record(
        self, film: str, storyboard: Storyboard, shot: Shot, take: Take, review: Review, ids: dict[str, str]
    ) -> ShotRecord:
        cast = [character for id in shot.characters if (character := storyboard.bible.character(id))]
        place = storyboard.bible.place(shot.place)
        style = storyboard.bible.style
        score, why = _merits(review.findings.get(shot.id, []))
        picture = self.shots.keyframe(take.key)
        told = {
            "prompt": (shot.prompt, 4000),
            "place_name": (place.name if place else "", 120),
            "look": (", ".join(filter(None, (style.look, style.lens, style.grade))), 500),
            "backend": (take.request.backend, 80),
            "model": (take.request.model, 200),
            "origin": (f"{storyboard.planner} planner", 200),
        }
        clean = {name: plain(text, limit) for name, (text, limit) in told.items()}
        return ShotRecord.model_validate(
            {
                **clean,
                "prompt": clean["prompt"] or "(nothing readable)",
                "film": film,
                "shot": shot.id,
                "take": take.key,
                "content": take.content,
                "characters": [ids.get(c.id, c.id) for c in cast],
                "names": [plain(c.name, 80) for c in cast],
                "place": ids.get(place.id, place.id) if place else "",
                "size": shot.size,
                "camera": shot.camera,
                "palette": palette_of(picture) if picture is not None else [],
                "seed": take.request.seed,
                "steps": take.request.steps,
                "guidance": take.request.guidance,
                "score": score,
                "why": why,
                "trust": "person" if review.person == "approved" else "checks",
                "altered": sorted(name for name, (text, _) in told.items() if clean[name] != text),
            }
        )


def is_approved(shot: Shot, review: Review) -> bool:
    """Tell whether a shot may be remembered as good: its blocking checks passed, and nobody objects."""
    if review.person == "rejected":
        return False
    objections = any(note.blocking and note.shot == shot.id for note in review.notes)
    findings = review.findings.get(shot.id, [])
    return not objections and not any(f.blocking and f.outcome in ("failed", "unknown") for f in findings)


def _merits(findings: Sequence[Finding]) -> tuple[float | None, list[str]]:
    """Return the share of checks that a take passed, and a line that says so."""
    told = [f for f in findings if f.outcome != "not_applicable"]
    if not told:
        return None, []
    passed = [f for f in told if f.outcome == "passed"]
    return len(passed) / len(told), [f"passed {len(passed)} of {len(told)} checks"]


def _lookups(shot: Shot, bible: Bible, known: Bible) -> list[Lookup]:
    """Say what to look up for a planned shot: each character and the place, by the ids under which they are known."""
    cast = [character for id in shot.characters if (character := bible.character(id))]
    place = bible.place(shot.place)
    text = words_of([c.name for c in cast], place.name if place else "", shot.prompt)
    lookups = [Lookup(text, character=(find(known.characters, c) or c).id) for c in cast]
    return [*lookups, Lookup(text, place=(find(known.places, place) or place).id)] if place else lookups


def _leaning(shot: Shot, lookups: Sequence[Lookup], answers: Sequence[Sequence[RecalledShot]], film: str) -> Shot:
    """Pin the past shots that a shot leans on.

    Chosen one after the other: whoever shows most of what none so far shows, then most of what is asked, then the most
    alike in words.
    """
    left = {hit.record.id: hit for answer in answers for hit in answer if hit.record.film != film}
    missing = set(lookups)
    chosen: list[Recall] = []
    while left and len(chosen) < LEANS:
        best = max(left.values(), key=functools.partial(_merit, lookups, frozenset(missing)))
        del left[best.record.id]
        shared = _shared(best, lookups)
        missing.difference_update(shared)
        cast = " and ".join(s.character for s in shared if s.character)
        why = "shows " + " at ".join(filter(None, [cast, *(s.place for s in shared if s.place)]))
        record = best.record
        chosen.append(Recall(take=record.take, film=record.film, shot=record.shot, why=why, score=best.similarity))
    if not chosen:
        return shot
    said = [f"leans on {recall.film} {recall.shot}, which {recall.why}" for recall in chosen]
    return shot.model_copy(update={"recalled": chosen, "why": [*shot.why, *said]})


def _merit(lookups: Sequence[Lookup], missing: frozenset[Lookup], hit: RecalledShot) -> tuple[int, int, float, str]:
    shared = _shared(hit, lookups)
    return len(missing.intersection(shared)), len(shared), hit.similarity, hit.record.id


def _shared(hit: RecalledShot, lookups: Sequence[Lookup]) -> list[Lookup]:
    """Say which of what was looked up a past shot shows."""
    record = hit.record
    return [s for s in lookups if (s.character in record.characters if s.character else s.place == record.place)]


def palette_of(frame: Frame, colours: int = 5) -> list[str]:
    """Return the colours that a picture, `(height, width, 3) uint8 RGB`, shows most of, as `#rrggbb`, most first."""
    from PIL import Image

    image = Image.fromarray(frame).resize((96, 54), Image.Resampling.BOX)
    reduced = image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    counts = np.bincount(np.asarray(reduced).ravel(), minlength=colours)
    table = reduced.getpalette() or []
    order = np.argsort(-counts, kind="stable")
    found = ["#{:02x}{:02x}{:02x}".format(*table[3 * i : 3 * i + 3]) for i in order if counts[i]]
    return list(dict.fromkeys(found))


def open_memory(
    project: Project, *, text_embedder: str = "", picture_embedder: str = "", url: str = ""
) -> ProjectMemory:
    """Open a project's memory; Chroma is not loaded before it is used.

    Args:
        project: The project; pictures are read from its ledger.
        text_embedder: A registered embedder of words; the built-in one if empty.
        picture_embedder: A registered embedder of pictures; the built-in one if empty.
        url: A Chroma server on a trusted private network; empty for Chroma in the project's folder.

    Raises:
        InvalidRequest: There is no embedder of that name.
    """

    def poster(key: str) -> Frame | None:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(project.ledger.folder(key) / "poster.jpg") as image:
                return np.asarray(image.convert("RGB"))
        except (FileNotFoundError, UnidentifiedImageError):
            return None

    shots = ShotMemory(
        project.memory,
        text=open_text_embedder(text_embedder or "ngrams"),
        picture=open_picture_embedder(picture_embedder or "layout"),
        keyframe=poster,
        url=url,
    )
    return ProjectMemory(project, shots)
