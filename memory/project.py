"""The memory of a project as film-making uses it: what a brief brings back, what shots lean on, what a film leaves."""

from collections.abc import Sequence
from pathlib import Path

from reelgraph.memory.bible import (
    Difference,
    KnownBible,
    Merged,
    Origin,
    character_of,
    edited,
    entries_called,
    forget_entry,
    merge,
    put_character,
    read_bible,
    write_bible,
)
from reelgraph.memory.conditioning import Conditioning, conditioning_for
from reelgraph.memory.embedders import Frame, Vectors, identity
from reelgraph.memory.embedding import pictures
from reelgraph.memory.finished import films_of, finished
from reelgraph.memory.foreign import read_foreign
from reelgraph.memory.leaning import LEANS, lean
from reelgraph.memory.likeness import likenesses
from reelgraph.memory.lookups import Lookup, Verdict
from reelgraph.memory.names import find, mentioned
from reelgraph.memory.records import ShotRecord, plain, quoted
from reelgraph.memory.shots import ShotMemory
from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest, ReelgraphError
from reelgraph.video_tools.film import (
    Adapter,
    Bible,
    Character,
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
        """Write down, for a model that plans, the past shots of those whom a brief names: one quoted object a line.

        Approved ones come first, then those to avoid.
        """
        known = self.bible_for(text)
        whom = [{"character": c.id} for c in known.characters] + [{"place": p.id} for p in known.places]
        verdicts: tuple[Verdict, ...] = ("approved", "rejected")
        lookups = [Lookup(text[:4000], verdict=verdict, **who) for verdict in verdicts for who in whom]
        answers = self.shots.recall(lookups, k=LEANS)
        lines = [quoted([hit]) for answer in answers for hit in answer]
        return list(dict.fromkeys(lines))

    def lean(self, film: str, storyboard: Storyboard) -> Storyboard:
        """Pin in each shot the past shots that it leans on, and fill what the bible leaves empty with what is known.

        A past shot is recalled for a character or a place that it shares with the planned one, never for like words
        alone. What was wrong with refused takes much like it is said among its reasons.
        """
        return lean(storyboard, self.bible().bible, film, self.shots.recall)

    def refused(self) -> set[str]:
        """Return the request keys of refused takes: asked for again, they would come out the same."""
        return {record.take for record in self.shots.records() if record.verdict == "rejected"}

    def condition(
        self,
        storyboard: Storyboard,
        shots: Sequence[Shot],
        capabilities: Capabilities,
        *,
        backend: str = "",
        model: str = "",
    ) -> dict[str, Conditioning]:
        """Turn what is pinned in shots into references and seeds that a back end takes, by shot id.

        Args:
            storyboard: The plan.
            shots: Those of its shots that this back end makes.
            capabilities: What it declares.
            backend: Its name.
            model: Its fingerprint.
        """
        by_take = {record.take: record for record in self.shots.records() if record.verdict == "approved"}
        return {
            shot.id: conditioning_for(
                shot,
                storyboard.bible,
                [by_take[recall.take] for recall in shot.recalled if recall.take in by_take],
                capabilities,
                backend=backend,
                model=model,
            )
            for shot in shots
        }

    @property
    def compares_by(self) -> str:
        """What pictures are compared by, named so that a change of what it computes changes the name."""
        return identity(self.shots.picture)

    def likeness(self, storyboard: Storyboard, shot: Shot, frames: Sequence[Frame]) -> list[Likeness]:
        """Compare frames of a take, `(height, width, 3) uint8 RGB`, with those of the bible whom its shot shows."""

        def embed(seen: Sequence[Frame]) -> Vectors:
            return pictures(self.shots.picture, seen)

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
            self._rows[content] = pictures(self.shots.picture, [frame])
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

    def remember_film(self, film: str, storyboard: Storyboard, review: Review, takes: dict[str, Take]) -> int:
        """Remember the approved shots of a cut and the refused takes of its film, and add its bible to the project's.

        Args:
            film: The film's name.
            storyboard: What its cut was made from.
            review: The verdict on it.
            takes: The cut's takes, by shot id.

        Returns:
            How many approved shots are remembered.
        """
        told = finished(self.project.film(film), self.project.ledger, storyboard, review, takes)
        ids: dict[str, str] = {}
        if told.approved:
            merged = merge(self.bible(), told.bible, Origin(by="film", source=film))
            self.differences, ids = merged.differences, merged.ids
            write_bible(self.folder, merged.known)
        self.shots.remember(told.records(ids, self.shots.keyframe))
        return len(told.approved)

    def rebuild(self) -> int:
        """Build the index anew from the records, and from the ledger what they lack; return how many there are."""
        records: list[ShotRecord] = []
        known = self.bible()
        for told in films_of(self.project):
            records += told.records(merge(known, told.bible, Origin()).ids, self.shots.keyframe)
        return self.shots.rebuild(records)

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
        adapters: Sequence[Adapter] = (),
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
            adapters: Adapters (LoRA) that draw them, for back ends that have those.
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
            "adapters": list(adapters),
        }
        new = character_of(name, **{key: value for key, value in told.items() if value})
        known = self.bible()
        old = known.bible.character(name) or find(known.bible.characters, new)
        now = edited(old, new) if old else new
        write_bible(self.folder, put_character(known, now, plain(source, 200)))
        return now

    def forget(self, what: str) -> int:
        """Forget a character or a place by id, or remembered shots by film, `FILM/SHOT` or record id.

        Where a name is that of several of these, `character:ID`, `place:ID` and `FILM/` tell them apart.

        Returns:
            How many entries and shots were forgotten.

        Raises:
            InvalidRequest: Nothing of that name is remembered, or several; the message names them.
        """
        film, _, shot = what.partition("/")
        ids = [r.id for r in self.shots.records() if what == r.id or (film == r.film and shot in ("", r.shot))]
        called = [*([f"{film}/"] if ids else []), *entries_called(self.bible(), what)]
        if len(called) > 1:
            raise InvalidRequest(f"{what!r} is the name of several: say which to forget, {' or '.join(called)}")
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
        """Prove that the bible and the records can be read and that the index holds them; say what to do where not.

        The index is first brought up to the records, as it is by whoever is next inside.
        """
        problems: list[Problem] = []
        try:
            self.bible()
        except CorruptProject as error:
            problems.append(Problem(self.folder / "bible.json", str(error)))
        try:
            return [*problems, *self.shots.check()]
        except ReelgraphError as error:
            return [*problems, Problem(self.folder, str(error))]
