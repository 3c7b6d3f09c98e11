"""Commands that look after a project's folder."""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from reelgraph.commands.opening import loudness_of, open_memory_of, open_project, placed
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.project import Project

Outcome = tuple[int, dict[str, Any]]

_UNPROVEN = "what a person edits, the inbox, exports, jobs, and what is safe to delete"


def status(options: argparse.Namespace) -> Outcome:
    """Say how far the films of a project are."""
    from reelgraph.video_tools.tools import is_edited

    project = open_project(options, create=False)
    films: list[dict[str, Any]] = []
    for film in project.films():
        board, cut, review = film.storyboard(), film.cut(), film.verdict()
        open_calls = [
            a for a in project.ledger.attempts() if a.film == film.name and a.state in ("submitted", "ambiguous")
        ]
        films.append(
            {
                "film": film.name,
                "storyboard": board.number if board else None,
                "edited": board is not None and is_edited(film),
                "shots": len(board.shots) if board else 0,
                "cut": cut.number if cut else None,
                "slates": [c.shot for c in cut.clips if c.take is None] if cut else [],
                "approved": bool(review and review.approved),
                "person": review.person if review else "",
                "open_notes": sum(note.blocking for note in review.notes) if review else 0,
                "open_calls": {a.shot: a.state for a in open_calls},
                "spend": project.ledger.spend(film.name).model_dump(),
            }
        )
    if not options.json:
        for row in films:
            stage = "approved" if row["approved"] else f"cut {row['cut']}" if row["cut"] else "planned"
            shots = f"{row['shots']:>3} shot{'s' * (row['shots'] != 1)}"
            print(f"{row['film']:<32} {shots:<9}  {stage:<10} {row['open_notes']} open notes")
            said = project.film(row["film"]).decisions()[-1:]
            if row["person"] == "asked":
                print(f"  a person's yes is still wanted: `reelgraph resume --film {row['film']}` asks")
            elif not row["approved"] and said and not said[0].approved:
                print(f"  a person said no to the {said[0].gate}{f': {said[0].words}' if said[0].words else ''}")
            for shot, state in row["open_calls"].items():
                print(f"  {shot}: a paid call is {state}")
            if row["edited"]:
                print(f"  storyboard.yaml was edited: `reelgraph resume --film {row['film']}` takes it in")
        print(
            f"{len(films)} film{'s' * (len(films) != 1)} in {project.root}"
            if films
            else f"no film yet in {project.root}: `reelgraph make BRIEF`"
        )
    return 0, {"project": str(project.root), "films": films}


def takes(options: argparse.Namespace) -> Outcome:
    """List the takes."""
    project = open_project(options, create=False)
    rows = []
    for take in project.ledger.takes():
        if options.film and take.film != options.film:
            continue
        failed = [f.check for f in findings_of(project.ledger, take) if f.outcome == "failed"]
        rows.append({**take.model_dump(mode="json"), "failed_checks": failed})
    rows.sort(key=lambda row: (row["film"], row["shot"], row["attempt"]))
    if not options.json:
        for row in rows:
            print(f"{row['key'][:12]}  {row['film']:<20} {row['shot']:<15} {row['frames']:>4} frames  "
                  f"{', '.join(row['failed_checks']) or 'ok'}")  # fmt: skip
    return 0, {"takes": rows}


def export(options: argparse.Namespace) -> Outcome:
    """Copy what was delivered into another folder."""
    from reelgraph.video_tools.delivering import export_film
    from reelgraph.video_tools.verdict import not_approved

    project = open_project(options, create=False)
    film, folder = project.only_film(options.film), Path(options.folder).expanduser()
    if bool(options.certificates) != bool(options.key):
        raise InvalidRequest("to sign, give both --certificates CHAIN.pem and --key KEY.pem")
    loudness = loudness_of(options.loudness)
    made = export_film(
        project, film, folder,
        presets=options.preset, timelines=options.timeline, focus=options.focus, loudness=loudness,
    )  # fmt: skip
    if options.key:
        from reelgraph.video_tools.editing.signing import sign

        said = json.loads((film.deliver / "provenance.json").read_text(encoding="utf-8"))
        chain, key = Path(options.certificates).expanduser(), Path(options.key).expanduser()
        sign(folder / "film.mp4", folder / "film.mp4", said, certificates=chain, key=key)
    verdict = film.verdict()
    approved = verdict is not None and verdict.approved
    if not approved:
        print(f"this cut of {film.name} is {not_approved(verdict) if verdict else 'not reviewed'}", file=sys.stderr)
    if not options.json:
        print("\n".join([*map(str, made.files), *made.lost]))
    result = {"files": [str(p) for p in made.files], "lost": made.lost, "approved": approved}
    return int(not approved), {**result, "person": verdict.person if verdict else ""}


def verify(options: argparse.Namespace) -> Outcome:
    """Prove takes, attempts, versions and renders against their hashes, or read a film's own credential back."""
    if options.file:
        return _credential(options)
    from reelgraph.video_tools.care import verify_film

    project = open_project(options, create=False)
    films = project.film_folders()
    problems = [*project.ledger.verify(), *(problem for film in films for problem in verify_film(film))]
    problems += open_memory_of(project).check()
    found = [{"path": str(p.path), "message": placed(options, p.message)} for p in problems]
    count = sum(1 for _ in (project.root / "takes").glob("[0-9a-f][0-9a-f]/*"))
    if not options.json:
        for problem in found:
            print(f"{problem['path']} {problem['message']}")
        for number, what in ((count, "take"), (len(films), "film"), (len(problems), "problem")):
            print(f"{number} {what}{'s' * (number != 1)}", end=", " if what != "problem" else "\n")
        print(f"not looked at: {_UNPROVEN}")
    result = {"takes": count, "films": len(films), "problems": found, "not_looked_at": _UNPROVEN}
    return (5 if problems else 0), result


def _credential(options: argparse.Namespace) -> Outcome:
    from reelgraph.video_tools.editing.signing import read_credential

    found = read_credential(Path(options.file).expanduser())
    if found is None:
        raise InvalidRequest(f"{options.file} carries no credential: `reelgraph export --certificates --key` signs one")
    if not options.json:
        print(f"{found.state}, signed by {found.issuer}" + (f": {'; '.join(found.faults)}" if found.faults else ""))
    return int(found.state == "Invalid"), vars(found)


def prune(options: argparse.Namespace) -> Outcome:
    """Remove takes that no film and no memory uses, and what can be rendered again."""
    project = open_project(options, create=False)
    with project.writing():
        everything = list(project.ledger.takes())
        used, pictures = _in_use(project)
        used |= {take.key for take in everything if not take.film}  # a person brought it in, or spoke it
        pictures |= {r.content for take in everything if take.key in used for r in take.request.references}
        spare = [take.key for take in everything if take.key not in used and take.content not in pictures]
        folders = [project.ledger.folder(key) for key in spare]
        rendered = [p for p in project.render.rglob("*") if p.is_file()]
        size = sum(p.stat().st_size for folder in folders for p in folder.iterdir())
        size += sum(p.stat().st_size for p in rendered)
        if options.yes:
            for folder in [*folders, project.render]:
                shutil.rmtree(folder, ignore_errors=True)
    if not options.json:
        takes = f"{len(folders)} take{'' if len(folders) == 1 else 's'} that nothing uses"
        parts = [takes] * bool(folders) + ["rendered segments"] * bool(rendered)
        if parts:
            done = "removed" if options.yes else "would remove (say --yes to do it)"
            print(f"{done}: {' and '.join(parts)}; {size / 1e6:.1f} MB")
        else:
            print("nothing to remove: everything here is used by a film or the memory")
    return 0, {"takes": [f.name for f in folders], "bytes": size, "removed": bool(options.yes)}


def _in_use(project: Project) -> tuple[set[str], set[str]]:
    """Return the keys of takes, and the content hashes of pictures, that films and the memory name."""
    from reelgraph.video_tools.care import takes_in_use

    known = open_memory_of(project)
    bibles = [known.bible().bible]
    used = {record.take for record in known.shots.records() if record.verdict == "approved"}
    pictures: set[str] = set()
    for film in project.film_folders():
        used |= takes_in_use(project, film)
        for board in film.storyboards():
            bibles.append(board.bible)
            used |= {recall.take for shot in board.shots for recall in shot.recalled}
            pictures |= {reference.content for shot in board.shots for reference in shot.references}
    for bible in bibles:
        pictures |= {content for who in bible.characters for content in who.references}
        pictures |= {content for place in bible.places for content in place.references}
    return used, pictures
