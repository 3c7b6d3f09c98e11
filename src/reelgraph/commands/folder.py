"""Commands that look after a project's folder."""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from reelgraph.commands.opening import loudness_of, open_memory_of, open_project
from reelgraph.commands.telling import placed, say
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.wording import counted

Outcome = tuple[int, dict[str, Any]]

_UNPROVEN = "what a person edits, the inbox, exports, jobs, and what is safe to delete"


def status(options: argparse.Namespace) -> Outcome:
    """Say how far the films of a project are."""
    from reelgraph.video_tools.gates import after_no
    from reelgraph.video_tools.tools import is_edited

    project = open_project(options, create=False)
    films: list[dict[str, Any]] = []
    for film in project.films():
        board, cut, review = film.storyboard(), film.cut(), film.verdict()
        open_calls = [
            a for a in project.ledger.attempts() if a.film == film.name and a.state in ("submitted", "ambiguous")
        ]
        waiting, no = _waiting(project, film), film.decisions()[-1:]
        refused = no[0] if no and not no[0].approved and not waiting and not (review and review.approved) else None
        films.append(
            {
                "film": film.name,
                "storyboard": board.number if board else None,
                "edited": board is not None and is_edited(film),
                "shots": len(board.shots) if board else 0,
                "cut": cut.number if cut else None,
                "uncut_storyboard": board.number if board and cut and cut.storyboard != board.number else None,
                "slates": [c.shot for c in cut.clips if c.take is None] if cut else [],
                "approved": bool(review and review.approved),
                "person": review.person if review else "",
                "waiting": waiting,
                "rejected": refused.gate if refused else "",
                "words": refused.words if refused else "",
                "open_notes": sum(note.blocking for note in review.notes) if review else 0,
                "open_calls": {a.shot: a.state for a in open_calls},
                "spend": project.ledger.spend(film.name).model_dump(),
            }
        )
    for row in films:
        stage = "approved" if row["approved"] else f"cut {row['cut']}" if row["cut"] else "planned"
        noted = f"{counted(row['open_notes'], 'open note')}" if row["cut"] else ""
        say(options, f"{row['film']:<32} {counted(row['shots'], 'shot'):>9}  {stage:<10} {noted}".rstrip())
        again = f"`reelgraph resume --film {row['film']}`"
        if row["uncut_storyboard"]:
            say(options, f"  that is cut {row['cut']}; storyboard {row['uncut_storyboard']} is not cut yet: {again}")
        if row["waiting"]:
            say(options, f"  a person's yes is wanted at the {row['waiting']}: {again} asks")
        if row["rejected"]:
            say(options, f"  {after_no(row['rejected'], row['film'], words=row['words'])}")
        for shot, state in row["open_calls"].items():
            say(options, f"  {shot}: a paid call is {state}")
        if row["edited"]:
            say(options, f"  storyboard.yaml was edited: {again} takes it in")
    there = f"{counted(len(films), 'film')} in" if films else "no film yet in"
    say(options, f"{there} {project.root}" + ("" if films else ": `reelgraph make BRIEF`"))
    return 0, {"project": str(project.root), "films": films}


def _waiting(project: Project, film: Film) -> str:
    """Name the gate at which a person's yes to a film is wanted next, empty where none is."""
    from reelgraph.video_tools.studio import Studio
    from reelgraph.video_tools.verdict import wanted_at

    review = film.verdict()
    try:
        gate = wanted_at(Studio(project), film)
    except InvalidRequest:  # what makes it is set no longer, so it cannot be said what it would cost
        gate = None
    return gate or ("cut" if review is not None and review.person == "asked" else "")


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
    for row in rows:
        frames = f"{row['frames']:>4} frame{'s' * (row['frames'] != 1)}"
        where = f"{row['key'][:12]}  {row['film']:<20} {row['shot']:<15} {frames:<11}"
        say(options, f"{where}  {', '.join(row['failed_checks']) or 'ok'}")
    if not rows:
        if options.film:
            project.only_film(options.film)  # refuses one that there is not
        of = f"film {options.film} has no take yet" if options.film else f"no take yet in {project.root}"
        say(options, f"{of}: `reelgraph shoot{f' --film {options.film}' if options.film else ''}` makes them")
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
        said = not_approved(verdict) if verdict else "not reviewed"
        say(options, f"this cut of {film.name} is {said}", error=True)
    for form, why in made.refused.items():
        say(options, f"{form} was not written: {why}", error=True)
    say(options, *map(str, made.files), *made.lost)
    result = {"files": [str(p) for p in made.files], "lost": made.lost, "refused": made.refused, "approved": approved}
    status = InvalidRequest.exit_status if made.refused else int(not approved)
    return status, {**result, "person": verdict.person if verdict else ""}


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
    say(options, *(f"{problem['path']} {problem['message']}" for problem in found))
    totals = ((count, "take"), (len(films), "film"), (len(problems), "problem"))
    say(options, ", ".join(counted(number, what) for number, what in totals), f"not looked at: {_UNPROVEN}")
    result = {"takes": count, "films": len(films), "problems": found, "not_looked_at": _UNPROVEN}
    return (5 if problems else 0), result


def _credential(options: argparse.Namespace) -> Outcome:
    from reelgraph.video_tools.editing.signing import read_credential

    found = read_credential(Path(options.file).expanduser())
    if found is None:
        raise InvalidRequest(f"{options.file} carries no credential: `reelgraph export --certificates --key` signs one")
    say(options, f"{found.state}, signed by {found.issuer}" + (f": {'; '.join(found.faults)}" if found.faults else ""))
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
    parts = [f"{counted(len(folders), 'take')} that nothing uses"] if folders else []
    parts += ["rendered segments"] if rendered else []
    done = "removed" if options.yes else "would remove (say --yes to do it)"
    nothing = "nothing to remove: everything here is used by a film or the memory"
    say(options, f"{done}: {' and '.join(parts)}; {size / 1e6:.1f} MB" if parts else nothing)
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
