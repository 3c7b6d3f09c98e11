"""Commands of the editing room: edit and compare cuts, and work with real footage."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelgraph.commands.opening import loudness_of, open_project, open_studio, size_of
from reelgraph.commands.telling import counter, say
from reelgraph.video_tools.atomic import staged_file, write_text
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.timebase import parse_rate
from reelgraph.video_tools.wording import counted

if TYPE_CHECKING:
    from reelgraph.video_tools.film import Finding
    from reelgraph.video_tools.ledger import Ledger

Outcome = tuple[int, dict[str, Any]]


def edit(options: argparse.Namespace) -> Outcome:
    """Make the next version of a cut by typed edits, or return to an earlier one."""
    from reelgraph.video_tools.cutting import arrange_cut, edit_cut, return_to
    from reelgraph.video_tools.editing.compare import diff as compare
    from reelgraph.video_tools.reviewing import review_cut, wrap_film

    studio = open_studio(options, now=["judge"])  # it is asked of the cut that this makes
    film = studio.project.only_film(options.film)
    studio, before = studio.for_film(film), film.cut()
    if bool(options.edits) + (options.return_to is not None) + bool(options.timeline) != 1:
        raise InvalidRequest(
            'give edits, such as \'{"op": "trim", "clip": "s01-02", "tail": 12}\', or --from TIMELINE, or --return-to N'
        )
    with studio.project.writing():
        if options.return_to is not None:
            after = return_to(studio, film, options.return_to)
        elif options.timeline:
            after = arrange_cut(studio, film, Path(options.timeline).expanduser())
        else:
            after = edit_cut(studio, film, [_whole(studio.project.ledger, _edit(text)) for text in options.edits])
        board = film.storyboard(after.storyboard)
        assert board is not None  # the cut was made of it
        review_cut(studio, film, board, after)
        wrap_film(studio, film)
        review = film.verdict()
    assert review is not None  # it was just written
    changes = compare(before, after) if before else []
    say(options, *(changes or ["nothing changed"]), f"film    {film.deliver / 'film.mp4'}")
    result = {"film": film.name, "cut": after.number, "changes": changes, "approved": review.approved}
    return int(not review.approved), result


def diff(options: argparse.Namespace) -> Outcome:
    """Say what changed between two cuts, in editors' words."""
    from reelgraph.video_tools.editing.compare import diff as compare

    studio = open_studio(options)
    film = studio.project.only_film(options.film)
    numbers = [cut.number for cut in film.cuts()]
    if options.a is None and len(numbers) < 2:
        raise InvalidRequest(f"film {film.name} has {counted(len(numbers), 'cut')}: there is nothing to compare yet")
    a = film.cut(options.a if options.a is not None else numbers[-2])
    b = film.cut(options.b if options.b is not None else numbers[-1])
    assert a is not None and b is not None  # a number that is not there is refused
    changes = compare(a, b)
    if options.html:
        from reelgraph.video_tools.editing.compare_page import write_comparison

        page = Path(options.html).expanduser()
        with staged_file(page) as path:
            write_comparison(a, b, studio.project.ledger, path, title=film.name)
    say(options, *(changes or ["nothing changed"]))
    return 0, {"film": film.name, "changes": changes}


def assemble(options: argparse.Namespace) -> Outcome:
    """Join real footage into a film, with no agent."""
    from reelgraph.video_tools.editing.assemble import assemble as join

    out = Path(options.output).expanduser()
    made = join(
        [Path(f).expanduser() for f in options.files],
        out,
        cache=out.parent / ".reelgraph-render",
        size=size_of(options.size),
        rate=parse_rate(options.rate) if options.rate else None,
        transition=_transition(options.transition),
        title=options.title or "",
        music=Path(options.music).expanduser() if options.music else None,
        captions=Path(options.captions).expanduser() if options.captions else None,
        burn_captions=options.burn,
        loudness=loudness_of(options.loudness),
        on_progress=counter(options),
    )
    say(options, *made.notes, f"film    {out}")
    return 0, {"film": str(out), "frames": made.rendered.frames, "notes": made.notes}


def check(options: argparse.Namespace) -> Outcome:
    """Check any video: run every applicable check, and exit 1 when one fails."""
    from reelgraph.video_tools.checks import report

    for name in options.files:  # before any of them is measured
        path = Path(name).expanduser()
        if not path.is_file():
            raise InvalidRequest(f"{name} is {'a folder' if path.is_dir() else 'not there'}: name a media file")
    settings = _settings_of_checks(options)
    found = {name: _findings(Path(name).expanduser(), settings) for name in options.files}
    if options.junit:
        write_text(Path(options.junit).expanduser(), report.junit(found))
    say(options, report.table(found, all=options.verbose))
    return int(not all(report.verdict(findings) for findings in found.values())), report.as_json(found)


def _settings_of_checks(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return what the project sets of checks, once it is proved; nothing where no project is named and none is here."""
    from reelgraph.video_tools.checks.base import load_checks
    from reelgraph.video_tools.checks.identity import others

    if options.project == "." and not Path("reelgraph.toml").exists():
        others({})  # a package's check that cannot be used is no fault of a file
        return {}
    settings = open_project(options, create=False).settings.checks
    load_checks(settings)
    return settings


def _findings(path: Path, settings: dict[str, dict[str, Any]]) -> "list[Finding]":
    """Check a file that may be anybody's: one that cannot be read, or ends its decoder, is a fault like others.

    So the files beside it are checked.
    """
    from reelgraph.video_tools.checks.contract import Contract
    from reelgraph.video_tools.editing.apart import apart

    try:
        return apart(_checked, path, settings)
    except InvalidRequest as error:
        return [Contract().failed(str(error), 0, 1, part="readable")]


def _checked(path: Path, settings: dict[str, dict[str, Any]]) -> "list[Finding]":
    """Check a film against the timeline beside it, which says what is still or cut on purpose, and else as footage."""
    from reelgraph.video_tools.checks.contract import Contract
    from reelgraph.video_tools.checks.film import check_film
    from reelgraph.video_tools.checks.take import check_file
    from reelgraph.video_tools.editing.exchange import is_ours, read_otio
    from reelgraph.video_tools.editing.named_takes import read_takes

    timeline, said = path.with_suffix(".otio"), []
    try:  # another program's says nothing of what is meant
        ours = timeline.is_file() and is_ours(timeline)
    except InvalidRequest as error:
        ours, said = False, [Contract().unknown(f"checked as footage, since {error}", part="timeline")]
    if ours:
        return check_film(path, read_otio(timeline), takes=read_takes(timeline), checks=settings)
    return [*said, *check_file(path, checks=settings)]


def import_files(options: argparse.Namespace) -> Outcome:
    """Take footage, pictures or sound into the project, as takes."""
    from reelgraph.video_tools.editing.apart import apart
    from reelgraph.video_tools.editing.media import probe
    from reelgraph.video_tools.importing import import_footage, put

    paths = [Path(name).expanduser() for name in options.files]
    if twice := [p.name for p in paths if [q.name for q in paths].count(p.name) > 1]:
        raise InvalidRequest(f"two files are called {twice[0]}: import them one after the other, renaming one")
    for path in paths:  # all are looked at before any is taken in
        apart(probe, path)
    studio = open_studio(options, create=True)
    rows = []
    with studio.project.writing():
        for name in [put(studio, path) for path in paths]:
            made = import_footage(studio, name)
            rows.append({"file": name, "take": made.take.key, "content": made.take.content, "notes": made.notes})
            say(options, f"{name}: take {made.take.key[:12]}", *(f"  {note}" for note in made.notes))
    return 0, {"takes": rows}


def _edit(text: str) -> dict[str, object]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"edit {text!r} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidRequest(f'edit {text!r} is not an object: write one such as {{"op": "delete", "clip": "s01-02"}}')
    return data


def _whole(ledger: "Ledger", data: Any) -> Any:
    """Write out the takes that an edit names by how their ids begin, as commands print them.

    Raises:
        InvalidRequest: There is none such, or several begin so.
    """
    if isinstance(data, dict):
        whole = {key: _whole(ledger, value) for key, value in data.items()}
        if isinstance(whole.get("take"), str):
            whole["take"] = ledger.find(whole["take"].lower()).key
        return whole
    return [_whole(ledger, item) for item in data] if isinstance(data, list) else data


def _transition(text: str | None) -> tuple[str, float]:
    """Read `crossfade:0.5`: a kind, and its length in seconds."""
    kind, _, seconds = (text or "cut").partition(":")
    try:
        return kind, float(seconds or 0)
    except ValueError as error:
        raise InvalidRequest(f"transition {text!r} is not KIND:SECONDS: write it such as crossfade:0.5") from error
