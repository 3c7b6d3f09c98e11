"""What an agent may do with a cut, as `actions.py` with takes: assemble, edit, review, deliver."""

from collections.abc import Mapping, Sequence
from typing import Any

from reelgraph.video_tools import cutting, delivering, reviewing, shooting, tools
from reelgraph.video_tools.answers import (
    Answer,
    ceilings,
    cost_line,
    left_of,
    listed,
    money,
    plain_data,
    posters_of,
    stage_of,
)
from reelgraph.video_tools.desk import board_of, board_to_go_on, edited_by_hand, film_of, take_by_id, writing
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.estimate import estimate_cost
from reelgraph.video_tools.film import Cut, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.importing import asset
from reelgraph.video_tools.project import slug
from reelgraph.video_tools.revising import revise
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.verdict import not_approved


def assemble_cut(studio: Studio, *, film: str = "", storyboard: int | None = None) -> Answer:
    """Cut the takes there are into a film and render it, going back to an earlier storyboard first where asked.

    A person's edit of `storyboard.yaml` is taken in first.

    Raises:
        InvalidRequest: There is no such storyboard, or the edited file cannot be one.
    """
    found = film_of(studio, film)
    with writing(studio):
        board, edited = board_to_go_on(studio, found)
        if storyboard is not None and storyboard != board.number:
            earlier = found.storyboard(storyboard)
            assert earlier is not None  # a number that is not there is refused
            board = tools.add_storyboard(
                studio, found, earlier.model_copy(update={"number": found.next_number("storyboards")})
            )
        chosen = shooting.chosen_takes(studio, shooting.wanted_takes(studio, found, board))
        cut = cutting.assemble_cut(studio, found, board, chosen)
    return _cut_answer(studio, found, cut, changes=edited)


def edit_cut(
    studio: Studio, *, film: str = "", edits: Sequence[Mapping[str, Any]] = (), cut: int | None = None
) -> Answer:
    """Edit the newest cut (all edits are made, or none), or go back to an earlier one, and say what changed.

    Raises:
        InvalidRequest: There is no such cut, nothing or too much is asked, or an edit cannot be.
    """
    if bool(edits) == (cut is not None):
        raise InvalidRequest("give either edits, or the number of a cut to go back to")
    from reelgraph.video_tools.editing.compare import diff

    found = film_of(studio, film)
    with writing(studio):
        old = found.cut()
        if old is None:
            raise InvalidRequest(f"film {found.name} is not cut yet: assemble_cut first")
        if cut is not None:
            made = cutting.return_to(studio, found, cut)
        else:
            made = cutting.edit_cut(studio, found, [_whole(studio, edit) for edit in edits])
    return _cut_answer(studio, found, made, changes=diff(old, made))


def revise_film(studio: Studio, *, words: str, film: str = "") -> Answer:
    """Change a film as a person says, by its plan, its cut or both, and say what is to be made of it.

    Raises:
        InvalidRequest: The words are not understood, or what they ask for cannot be: nothing is then changed.
        PermanentFailure: The planner's model gave nothing usable.
    """
    from reelgraph.video_tools.editing.compare import diff

    found = film_of(studio, film)
    with writing(studio):
        old = found.cut()
        revise(studio, found, words)
    board, cut = board_of(found), found.cut()
    cost = estimate_cost(studio, found, board)
    changes = diff(old, cut) if old and cut else []
    lines = [f"{found.name} is storyboard {board.number}{f', cut {cut.number}' if cut else ''} now.", *listed(changes)]
    is_cut = cut is not None and cut.storyboard == board.number
    if board.edits and not is_cut:
        lines.append(f"To be made in the next cut: {', '.join(str(edit['op']) for edit in board.edits)}.")
    then = "review_cut" if is_cut else "assemble_cut"
    lines += [cost_line(studio, found, cost), f"Next: {'generate_take' if cost.to_make else then}."]
    record = {"film": found.name, "storyboard": board.number, "cut": cut.number if cut else None, "changes": changes}
    return Answer("\n".join(lines), {**record, "estimate": plain_data(cost)})


def _whole(studio: Studio, data: Any) -> Any:
    """Write out the take ids that a model shortened, and find the files that it names in the inbox."""
    if isinstance(data, Mapping):
        whole = {key: _whole(studio, value) for key, value in data.items()}
        if isinstance(whole.get("take"), str):
            whole["take"] = take_by_id(studio, whole["take"]).key
        # Of a colour table: one that a cut has already, or of the inbox; never a path of a model's choosing.
        if "file" in whole and not studio.project.ledger.keeps(str(whole["file"])):
            whole["file"] = str(asset(studio, str(whole["file"])))
        return whole
    return [_whole(studio, item) for item in data] if isinstance(data, list) else data


def _cut_answer(studio: Studio, film: Film, cut: Cut, *, changes: Sequence[str] = ()) -> Answer:
    path = (film.deliver / "film.mp4").relative_to(studio.project.root).as_posix()
    slates = [clip.shot for clip in cut.clips if clip.take is None]
    clips = f"{len(cut.clips)} clip{'s' * (len(cut.clips) != 1)}"
    lines = [
        f"{film.name} cut {cut.number} of storyboard {cut.storyboard}: {clips}, {cut.frames} frames, "
        f"{float(cut.frames / cut.rate):.2f} s at {cut.width}x{cut.height}, in {path}."
    ]
    lines += listed(changes)
    if slates:
        lines.append(f"Slates, for there is no take: {', '.join(slates)}. generate_take makes them.")
    lines += [f"{clip.shot}: {clip.label}" for clip in cut.clips if clip.take and clip.label]
    lines.append("Next: review_cut.")
    record = {"film": film.name, "path": path, "slates": slates, "cut": cut.model_dump(mode="json")}
    return Answer("\n".join(lines), record, posters_of(studio, _tiles(studio, cut)), film.deliver / "film.mp4")


def sheet_of(studio: Studio, film: Film) -> bytes:
    """Draw the newest cut's shots side by side, as JPEG.

    Raises:
        InvalidRequest: The film is not cut yet, or has slates alone.
    """
    cut = film.cut()
    draw = posters_of(studio, _tiles(studio, cut)) if cut else None
    if draw is None:
        raise InvalidRequest(f"film {film.name} has nothing to show yet: assemble_cut first")
    return draw()


def _tiles(studio: Studio, cut: Cut) -> list[tuple[str, Take]]:
    takes = [(clip.shot, clip.take and studio.project.ledger.take(clip.take)) for clip in cut.clips]
    return [(shot, take) for shot, take in takes if take]


def review_cut(studio: Studio, *, film: str = "") -> Answer:
    """Measure the newest cut, write the report, and say what is wrong and what may help."""
    found = film_of(studio, film)
    with writing(studio):
        cut = found.cut()
        if cut is None:
            raise InvalidRequest(f"film {found.name} is not cut yet: assemble_cut first")
        board = found.storyboard(cut.storyboard)
        assert board is not None
        last = found.review()
        reviewing.review_cut(studio, found, board, cut, round=last.round if last else 1)
        reviewing.wrap_film(studio, found)
    review = found.verdict()
    assert review is not None  # it was just written
    notes = sorted(review.notes, key=lambda note: not note.blocking)
    stands = "approved" if review.approved else not_approved(review)
    lines = [f"{found.name} cut {cut.number}: {stands}."]
    lines += listed(
        [
            f"{'blocking' if n.blocking else 'advice'} {n.shot or 'film'} {n.check}: {n.message}"
            + (f" ({n.suggestion})" if n.suggestion else "")
            for n in notes
        ]
    )
    mend = "generate_take for the shots named, assemble_cut."
    if review.person == "asked":
        mend = f"`reelgraph resume --film {found.name}` asks a person."
    lines.append(f"Next: {'export_cut.' if review.approved else mend}")
    lines += edited_by_hand(found)
    record = {"film": found.name, "review": review.model_dump(mode="json")}
    return Answer("\n".join(lines), record, film=found.deliver / "film.mp4")


def export_cut(
    studio: Studio,
    *,
    film: str = "",
    name: str = "",
    presets: Sequence[str] = (),
    timelines: Sequence[str] = (),
    focus: float = 0.5,
    loudness: float | None = None,
) -> Answer:
    """Deliver the newest cut into the project's `exports` folder, in other forms too where asked.

    Raises:
        InvalidRequest: There is no render of the newest cut, or a form cannot hold it.
        ProjectBusy: It was cut anew meanwhile, or a form has to be rendered while another process writes.
    """
    found, root = film_of(studio, film), studio.project.root
    made = delivering.export_film(
        studio.project,
        found,
        root / "exports" / slug(name or found.name),
        presets=presets,
        timelines=timelines,
        focus=focus,
        loudness=loudness,
    )
    files = [path.relative_to(root).as_posix() for path in made.files]
    verdict = found.verdict()
    approved = bool(verdict and verdict.approved)
    stands = "" if approved else " This cut is not approved."
    if verdict is None:
        stands = " This cut is not reviewed, so no report.html is with it: review_cut writes one."
    lines = [f"Exported {', '.join(files)}.{stands}", *made.lost]
    lines += [f"{form} was not written: {why}" for form, why in made.refused.items()]
    record = {"film": found.name, "files": files, "approved": approved, "lost": made.lost, "refused": made.refused}
    return Answer("\n".join(lines), record)


def list_film(studio: Studio, *, film: str = "") -> Answer:
    """Say what films there are, or how far one is: its shots, takes, cut, notes and spend."""
    films = studio.project.films()
    if not film and len(films) != 1:
        rows = [stage_of(f) for f in films]
        text = "\n".join(listed([f"{r['film']}: {r['stage']}" for r in rows]))
        return Answer(text or "There is no film yet: plan_storyboard makes one.", {"films": rows})
    found = film_of(studio, film)
    board = board_of(found)
    cost = estimate_cost(studio, found, board)
    lacking = set(cost.to_make)
    row = stage_of(found)
    lines = [f"{found.name}: {row['stage']}, storyboard {board.number}."]
    lines += listed(
        [f"{s.id} {s.seconds:g} s {'no take' if s.id in lacking else 'ready'}: {s.prompt}" for s in board.shots]
    )
    lines.append(f"{cost_line(studio, found, cost)} Spent: {money(cost.spent)}. {ceilings(studio, found)}")
    lines += edited_by_hand(found)
    left = left_of(studio, found)
    record = {**row, "storyboard": board.model_dump(mode="json"), "estimate": plain_data(cost), "left": left}
    return Answer("\n".join(lines), record)
