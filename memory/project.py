"""The memory of a project as film-making uses it: what a brief brings back, what shots lean on, what a film leaves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from reelgraph.memory.bible import (
    Difference,
    KnownBible,
    Merged,
    Origin,
    character_of,
    edited,
    filled,
    forget_entry,
    merge,
    put_character,
    read_bible,
    write_bible,
)
from reelgraph.memory.conditioning import Conditioning, conditioning_for
from reelgraph.memory.embedders import Frame, Vectors, open_picture_embedder, open_text_embedder
from reelgraph.memory.foreign import read_foreign
from reelgraph.memory.leaning import LEANS, choose, lookups_of, refusals_of, warnings_of
from reelgraph.memory.likeness import likenesses
from reelgraph.memory.lookups import Lookup
from reelgraph.memory.names import find, mentioned
from reelgraph.memory.records import ShotRecord, plain, quoted
from reelgraph.memory.shots import ShotMemory
from reelgraph.memory.takes import Told, is_approved, reasons, record_of, refused, with_references
from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    Bible,
    Character,
    Cut,
    Recall,
    Review,
    Shot,
    Storyboard,
    Take,
    write_noun,
)
from reelgraph.video_tools.ledger import Problem
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Likeness


class ProjectMemory:
    """Past shots and the bible of one project.

    Attributes:
        project: The project.
        shots: The remembered shots.
        folder: The project's `memory` folder.
        differences: What the last film told of the bible that disagreed with what was known; what was known stands.
    """

    def __init__(self, project: Project, shots: ShotMemory) -> None:
        self.project = project
        self.shots = shots
        self.folder = project.memory
        self.differences: list[Difference] = []
        self._rows: dict[str, Vectors] = {}

    # --- before a film

    def bible_for(self, text: str) -> Bible:
        """Return what is known of the characters and places that a brief names, and the project's style."""
        return mentioned(self.bible().bible, text)

    def told(self, text: str) -> list[str]:
        """Write down, for a model that plans, the past shots of those whom a brief names: one quoted object a line."""
        known = self.bible_for(text)
        lookups = [Lookup(text[:4000], character=c.id) for c in known.characters]
        lookups += [Lookup(text[:4000], place=p.id) for p in known.places]
        answers = self.shots.recall(lookups, k=LEANS)
        lines = [quoted([hit]) for answer in answers for hit in answer]
        return list(dict.fromkeys(lines))

    def lean(self, film: str, storyboard: Storyboard) -> Storyboard:
        """Pin in each shot the past shots that it leans on, and fill what the bible leaves empty with what is known.

        A past shot is recalled for a character or a place that it shares with the planned one, never for like words
        alone. What was wrong with refused takes much like it is said among its reasons.
        """
        known = self.bible().bible
        board = storyboard.model_copy(update={"bible": filled(storyboard.bible, known)})
        wanted = {s.id: looks for s in board.shots if s.kind == "shot" and (looks := lookups_of(s, board.bible, known))}
        refusals = {id: refusals_of(board.shot(id), board.bible, looks) for id, looks in wanted.items()}
        asked = [item for group in (wanted, refusals) for looks in group.values() for item in looks]
        # Twice as many as may be pinned, because those of this film itself are left out.
        found = iter(self.shots.recall(asked, k=2 * LEANS))
        good, bad = ({id: [next(found) for _ in looks] for id, looks in group.items()} for group in (wanted, refusals))
        changed = []
        for shot in board.shots:
            if shot.id in wanted:
                recalled = choose(wanted[shot.id], good[shot.id], film)
                said = [f"leans on {recall.film} {recall.shot}, which {recall.why}" for recall in recalled]
                said += warnings_of(bad[shot.id])
                changed.append(shot.model_copy(update={"recalled": recalled, "why": [*shot.why, *said]}))
        return board.with_shots(changed)

    def condition(
        self,
        storyboard: Storyboard,
        shots: Sequence[Shot],
        capabilities: Capabilities,
        *,
        backend: str = "",
        model: str = "",
        takes: Mapping[str, Take] | None = None,
    ) -> dict[str, Conditioning]:
        """Turn what is pinned in shots into references and seeds that a back end takes, by shot id.

        Args:
            storyboard: The plan.
            shots: Those of its shots that this back end makes.
            capabilities: What it declares.
            backend: Its name.
            model: Its fingerprint.
            takes: Takes there are already, by shot id, for shots that continue another.
        """
        by_take = {record.take: record for record in self.shots.records() if record.verdict == "approved"}
        before = {b.id: a.id for a, b in zip(storyboard.shots, storyboard.shots[1:], strict=False)}
        return {
            shot.id: conditioning_for(
                shot,
                storyboard.bible,
                [by_take[recall.take] for recall in shot.recalled if recall.take in by_take],
                capabilities,
                backend=backend,
                model=model,
                before=(takes or {}).get(before.get(shot.id, "")),
            )
            for shot in shots
        }

    def likeness(self, storyboard: Storyboard, shot: Shot, frames: Sequence[Frame]) -> list[Likeness]:
        """Compare frames of a take, `(height, width, 3) uint8 RGB`, with those of the bible whom its shot shows."""
        embed = self.shots.picture.pictures
        return likenesses(storyboard.bible, shot, frames, embed, self._reference)

    def _reference(self, content: str) -> Vectors | None:
        """Return the row of a reference picture; every take of a character is compared with the same few."""
        if content not in self._rows:
            try:
                frame = self.shots.keyframe(self.project.ledger.by_content(content).key)
            except InvalidRequest:  # pruned, or another project's
                frame = None
            if frame is None:
                return None
            self._rows[content] = self.shots.picture.pictures([frame])
        return self._rows[content]

    def recall(self, text: str, *, character: str = "", place: str = "", most: int = 5) -> list[Recall]:
        """Find the approved shots that are most alike to some words, of one character, at one place, or both.

        Returns:
            The shots, most alike first; `why` is what each shows.

        Raises:
            InvalidRequest: Nobody, or no place, has that id; the message lists those there are.
        """
        bible = self.bible().bible
        for kind, id, entries in (("character", character, bible.characters), ("place", place, bible.places)):
            if id and id not in {entry.id for entry in entries}:
                there = ", ".join(entry.id for entry in entries) or "none yet"
                raise InvalidRequest(f"no {kind} {id!r} in the bible: there is {there}")
        if character and place:  # neither collection knows of the other: all shots of the one, kept by the other
            (hits,) = self.shots.recall([Lookup(text, character=character)], k=max(self.shots.count(), 1))
            hits = [hit for hit in hits if hit.record.place == place]
        else:
            (hits,) = self.shots.recall([Lookup(text, character, place)], k=most)
        return [
            Recall(
                take=hit.record.take,
                film=hit.record.film,
                shot=hit.record.shot,
                why=plain(hit.record.prompt, 300),
                score=hit.similarity,
            )
            for hit in hits[:most]
        ]

    # --- after it

    def remember_film(self, film: str, storyboard: Storyboard, cut: Cut, review: Review, takes: dict[str, Take]) -> int:
        """Remember the approved shots of a cut and the refused takes of its film, and add its bible to the project's.

        Args:
            film: The film's name.
            storyboard: What was planned.
            cut: What was cut.
            review: The verdict on it.
            takes: The cut's takes, by shot id.

        Returns:
            How many approved shots are remembered.
        """
        approved, refusals, bible = self._told(film, storyboard, review, takes)
        ids: dict[str, str] = {}
        if approved:
            merged = merge(self.bible(), bible, Origin(by="film", source=film))
            self.differences, ids = merged.differences, merged.ids
            write_bible(self.folder, merged.known)
        good, bad = self._records(film, approved, refusals, review, ids)
        self.shots.remember([*bad, *good])
        return len(good)

    def rebuild(self) -> int:
        """Build the index anew from the records, and from the ledger what they lack; return how many there are."""
        records: list[ShotRecord] = []
        known = self.bible()
        for film in self.project.films():
            cut, review = film.cut(), film.review()
            board = film.storyboard(cut.storyboard) if cut else None
            if cut is None or review is None or board is None:
                continue
            takes = {c.shot: take for c in cut.clips if c.take and (take := self.project.ledger.take(c.take))}
            approved, refusals, bible = self._told(film.name, board, review, takes)
            ids = merge(known, bible, Origin()).ids
            good, bad = self._records(film.name, approved, refusals, review, ids)
            records += [*bad, *good]
        return self.shots.rebuild(records)

    def _told(
        self, film: str, storyboard: Storyboard, review: Review, takes: Mapping[str, Take]
    ) -> tuple[list[Told], list[Told], Bible]:
        """Sort a film's takes into approved and refused ones, and add the best pictures to its bible."""
        ledger = self.project.ledger
        shots = [s for s in storyboard.shots if s.kind == "shot" and s.id in takes and is_approved(s, review)]
        approved = [Told(s, storyboard, takes[s.id], review.findings.get(s.id, [])) for s in shots]
        refusals = refused(self.project.film(film), ledger, [told.take.key for told in approved])
        by_key = {told.take.key: told for told in refusals}
        siblings: dict[str, list[Take]] = {}
        for take in ledger.takes():
            if take.film == film:
                siblings.setdefault(take.shot, []).append(take)
        for told in approved:
            told.why = reasons(told, siblings.get(told.shot.id, []), by_key, ledger)
        return approved, refusals, with_references(storyboard.bible, approved)

    def _records(
        self, film: str, approved: Sequence[Told], refusals: Sequence[Told], review: Review, ids: Mapping[str, str]
    ) -> tuple[list[ShotRecord], list[ShotRecord]]:
        trust = "person" if review.person == "approved" else "checks"
        good, bad = (
            [
                record_of(
                    told, film=film, ids=ids, verdict=verdict, trust=whose, poster=self.shots.keyframe(told.take.key)
                )
                for told in group
            ]
            for group, verdict, whose in ((approved, "approved", trust), (refusals, "rejected", "checks"))
        )
        return good, bad

    # --- the bible, in people's hands

    def bible(self) -> KnownBible:
        """Return the bible with the origin of each entry."""
        return read_bible(self.folder)

    def remember_character(
        self,
        name: str,
        *,
        description: str = "",
        palette: Sequence[str] = (),
        references: Sequence[str] = (),
        voice: str = "",
        aliases: Sequence[str] = (),
        source: str = "",
    ) -> Character:
        """Write a character as somebody says: what is given replaces what was known, references and aliases add up.

        Args:
            name: The character's name, an alias, or the id that somebody has already.
            description: The words that describe them.
            palette: Their colours, as `#rrggbb`.
            references: Content hashes of takes that show them.
            voice: How they sound.
            aliases: What else they are called.
            source: Who says so.

        Returns:
            The character as it is known now.

        Raises:
            InvalidRequest: A field is not what a character may have, or another character's name looks like this one.
        """
        told = {
            "description": description,
            "palette": list(palette),
            "references": list(references),
            "voice": voice,
            "aliases": list(aliases),
        }
        new = character_of(name, **{key: value for key, value in told.items() if value})
        known = self.bible()
        old = known.bible.character(name) or find(known.bible.characters, new)
        now = edited(old, new) if old else new
        write_bible(self.folder, put_character(known, now, plain(source, 200)))
        return now

    def forget(self, what: str) -> int:
        """Forget a character or a place by id, or remembered shots by film, `FILM/SHOT` or record id.

        Returns:
            How many entries and shots were forgotten.

        Raises:
            InvalidRequest: Nothing of that name is remembered.
        """
        film, _, shot = what.partition("/")
        ids = [r.id for r in self.shots.records() if what == r.id or (film == r.film and shot in ("", r.shot))]
        if ids:
            return self.shots.forget(ids)
        write_bible(self.folder, forget_entry(self.bible(), what))
        return 1

    def export_bible(self, path: Path) -> None:
        """Write the bible into a file that another project can import."""
        write_text(path, write_noun(self.bible()))

    def import_bible(self, source: Path) -> Merged:
        """Add another project's bible to this one's, replacing nothing.

        Args:
            source: A project's folder, whose reference pictures are copied too; or a file from `export_bible`, whose
                references are kept only where this project has those pictures.

        Returns:
            What the bible is now, with what differed and what is missing.

        Raises:
            InvalidRequest: It is neither.
        """
        offered, lost = read_foreign(source, self.project.ledger)
        merged = merge(self.bible(), offered, Origin(by="import", source=plain(source.name, 200)))
        write_bible(self.folder, merged.known)
        return merged.model_copy(update={"differences": [*merged.differences, *lost]})

    def check(self) -> list[Problem]:
        """Compare the index with the records, and say what differs and what to do."""
        return self.shots.check()


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
