"""Cut a film: takes become a cut, a person's edits are patches laid over it, and the cut becomes a file.

A cut follows from the storyboard, the takes and the edits, in that order. So when a shot is made again, the edits of
the version before are laid over the new cut, as a branch is rebased; one that does not fit is left out, said, and laid
over the next cut that it fits.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import InvalidRequest, Refused
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Cut, Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import heed_person
from reelgraph.video_tools.generation import Unmade
from reelgraph.video_tools.music import scored, wanted_music
from reelgraph.video_tools.rebasing import as_kept, edits_of_plans, laid_over
from reelgraph.video_tools.shooting import check_makers, shoot_wave
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.substitutions import of_the_whole
from reelgraph.video_tools.tools import add_storyboard


def assemble_cut(
    studio: Studio,
    film: Film,
    board: Storyboard,
    chosen: dict[str, Take | None],
    *,
    reasons: Mapping[str, str] = {},
    edits: Sequence[Mapping[str, object]] = (),
) -> Cut:
    """Cut the chosen takes together, lay the edits so far over them, render, and write what is delivered.

    What makes the same cut as before makes no new version; shots without a take become slates, which say why. An edit
    that does not fit is left out and said.

    Args:
        studio: Where it is made.
        film: The film.
        board: Its storyboard.
        chosen: By shot id, its take, or None.
        reasons: By shot id, why there is no take.
        edits: Edits to make where they were not made yet, as `edit_cut` takes them.

    Raises:
        CorruptProject: A take is gone or is not what its record says; the cut and the film there were stay.
    """
    from reelgraph.video_tools.editing.timeline import first_cut

    studio = commission(studio, film)
    settings, old = studio.project.settings, film.cut()
    cut = first_cut(
        board, chosen, width=settings.size[0], height=settings.size[1], rate=settings.rate, labels=dict(reasons)
    )
    cut, hindered = _with_music(studio, film, board, cut)
    kept, waiting = (old.edits, old.waiting) if old else ([], [])
    cut, dropped = laid_over(cut, [*kept, *edits_of_plans(film, board)], studio, wanted=edits, waiting=waiting)
    for edit, why in dropped:
        studio.tell(event("edit.dropped", film=film.name, edit=edit, why=why))
    for edit in [one.edit for one in waiting if one.edit not in [still.edit for still in cut.waiting]]:
        studio.tell(event("edit.returned", film=film.name, edit=edit))
    for of, one in of_the_whole(studio.project.ledger, film.name, board, cut, why=hindered):
        studio.tell(event("substitution", film=film.name, shot=of, **one.model_dump()))
    cut = cut.model_copy(update={"storyboard": board.number})
    return _published(studio, film, board, cut, old)


def _with_music(studio: Studio, film: Film, board: Storyboard, cut: Cut) -> tuple[Cut, str]:
    """Lay the storyboard's music under a cut, made first if it is not there; the film goes on without what cannot be.

    Returns:
        The cut, and what hindered the music, if anything did.
    """
    try:
        wanted = wanted_music(studio, film.name, board)
        if wanted is not None and studio.project.ledger.take(wanted.request.key) is None:
            check_makers(studio, [wanted])
            heed_person(studio, film, board)
    except (InvalidRequest, Refused) as error:
        return cut, str(error)
    if wanted is None:
        return cut, ""
    (made,) = shoot_wave(studio, film, [wanted])
    return (cut, str(made.error)) if isinstance(made, Unmade) else (scored(cut, made.take), "")


def edit_cut(studio: Studio, film: Film, edits: Sequence[Mapping[str, object]]) -> Cut:
    """Make the next version of a film's cut by typed edits, and render it.

    Args:
        studio: Where it is made.
        film: The film.
        edits: Edits as plain data, such as `{"op": "trim", "clip": "s01-02", "tail": 12}`; see `editing.operations`.
            A `narrate` may say `text` (with `voice` and `pace`) in place of the take: it is then spoken.

    Raises:
        InvalidRequest: There is no cut yet, or an edit cannot be: none of them is then made.
    """
    studio = studio.for_film(film)
    old = _cut_of(film)
    board = film.storyboard(old.storyboard)
    assert board is not None  # the cut was made of it
    return _published(studio, film, board, edited(studio, film, edits), old)


def edited(studio: Studio, film: Film, edits: Sequence[Mapping[str, object]]) -> Cut:
    """Return the cut that edits make of a film's newest one, written nowhere yet.

    Args:
        studio: Where it is made, with the film's settings.
        film: The film.
        edits: As for `edit_cut`.

    Raises:
        InvalidRequest: There is no cut yet, or an edit cannot be.
    """
    from reelgraph.video_tools.editing.operations import apply, read_operation

    cut = old = _cut_of(film)
    made = [as_kept(studio, edit, old.rate) for edit in edits]
    for edit in made:
        cut = apply(cut, read_operation(edit), studio.project.ledger)
    return cut.model_copy(update={"edits": [*old.edits, *made]})


def _cut_of(film: Film) -> Cut:
    cut = film.cut()
    if cut is None:
        raise InvalidRequest(f"film {film.name} is not cut yet: `reelgraph resume --film {film.name}` goes on")
    return cut


def arrange_cut(studio: Studio, film: Film, timeline: Path) -> Cut:
    """Make the next version of a film's cut from a timeline that began as one of it, and render it.

    A timeline that shows the same clips as the newest cut makes no version.

    Args:
        studio: Where it is made.
        film: The film.
        timeline: An `.otio`, or an `.edl`, `.xml` or `.fcpxml` of the newest cut, edited or not.

    Raises:
        InvalidRequest: It cannot be read, is another film's, or shows what the film has not.
    """
    from reelgraph.video_tools.editing.adapters import read_exchange
    from reelgraph.video_tools.editing.exchange import read_otio

    old = _cut_of(film)
    is_otio = timeline.suffix.lower() == ".otio"
    read = read_otio(timeline, of=film.name) if is_otio else read_exchange(timeline, old, of=film.name)
    if read.clips == old.clips:
        return old
    clips = [clip.model_dump(mode="json", exclude_defaults=True) for clip in read.clips]
    return edit_cut(studio, film, [{"op": "arrange", "clips": clips}])


def return_to(studio: Studio, film: Film, number: int) -> Cut:
    """Make an earlier version of a cut the newest again; what came between stays in the film's folder.

    Its plan and its format are the newest again with it, or the next step would make what came between once more.

    Raises:
        InvalidRequest: There is no cut of that number.
    """
    earlier, old = film.cut(number), film.cut()
    board = film.storyboard(earlier.storyboard) if earlier else None
    if earlier is None or old is None or board is None:
        raise InvalidRequest(f"film {film.name} has no cut {number}")
    if film.storyboard() != board:
        board = add_storyboard(studio, film, board)
        earlier = earlier.model_copy(update={"storyboard": board.number})
    asked, form = film.commission(), {"size": (earlier.width, earlier.height), "rate": earlier.rate}
    if asked is not None and (returned := asked.model_copy(update=form)) != asked:
        film.add(returned)
    return _published(studio, film, board, earlier, old)


def _published(studio: Studio, film: Film, board: Storyboard, cut: Cut, old: Cut | None) -> Cut:
    """Number a cut, render it with its captions and timeline, and write it if it is new."""
    from reelgraph.video_tools.editing.captions import write_srt
    from reelgraph.video_tools.editing.exchange import write_otio
    from reelgraph.video_tools.editing.provenance import write_provenance
    from reelgraph.video_tools.editing.render import render_cut

    ledger, deliver = studio.project.ledger, film.deliver
    if old is not None and cut.model_copy(update={"number": old.number, "parent": old.parent}) == old:
        cut = old
    else:
        cut = cut.model_copy(update={"number": film.next_number("cuts"), "parent": old.number if old else None})
    # All is made aside before the version is written, so that whatever fails leaves the cut before with its own film.
    # What says which cut the film is of takes its place last.
    with (
        staged_file(deliver / "provenance.json") as origin,
        staged_file(deliver / "film.srt") as words,
        staged_file(deliver / "film.otio") as timeline,
        staged_file(deliver / "film.mp4") as picture,
    ):
        rendered = render_cut(cut, ledger, studio.project.render, picture, embed_captions=True)
        write_srt(cut.captions, cut.rate, words)
        write_otio(cut, ledger, board, timeline, film=deliver / "film.mp4", of=film.name)
        write_provenance(cut, ledger, board, picture, origin, name="film.mp4")
        if cut is not old:
            film.add(cut)
            (deliver / "report.html").unlink(missing_ok=True)  # it speaks of the cut before
    counts = {"frames": rendered.frames, "copied": rendered.copied_frames, "encoded": rendered.encoded_frames}
    studio.tell(event("cut.ready", film=film.name, cut=cut.number, **counts))
    return cut
