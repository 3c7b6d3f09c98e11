"""The last steps of making a film: review the cut, remember what was approved, write the report, export."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import InvalidRequest, ProjectBusy
from reelgraph.video_tools.events import event
from reelgraph.video_tools.examined import meant, read_findings, settings_digest, write_findings
from reelgraph.video_tools.film import Cut, Finding, Note, Review, Shot, Storyboard, Take, digest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.lending import from_memory
from reelgraph.video_tools.measured import findings_now
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Likeness, Studio


def review_cut(
    studio: Studio,
    film: Film,
    board: Storyboard,
    cut: Cut,
    *,
    round: int = 1,
    notes: Sequence[Note] = (),
    judged: bool = False,
    anew: bool = False,
) -> Review:
    """Check the takes and the film, and write the review with its notes.

    Takes were measured when they were made; of the film, what is new since it was last measured is decoded. A review
    that says the same of the same cut as the last one is not written again.

    Args:
        studio: Where it is made.
        film: The film.
        board: Its storyboard.
        cut: The cut that `deliver` holds a render of.
        round: Which round of the loop this is.
        notes: What others have to say of it, beside the checks.
        judged: Whether the judge was asked of these takes just now: what it could not answer, it is not asked again.
        anew: Whether shots were asked for since the last review, and not made: it is written though it says the same.

    Raises:
        InvalidRequest: The film that is there is of another cut, or the judge's model cannot be opened.
    """
    from reelgraph.video_tools.checks.film import check_film
    from reelgraph.video_tools.checks.notes import as_shown, notes_of

    _is_of(film, cut)
    studio = commission(studio, film)
    studio.open_models("judge")
    ledger, checks = studio.project.ledger, studio.checks_for()
    findings: dict[str, list[Finding]] = {}
    # A shot may be in several clips, and they may show different takes: each is measured once.
    for clip in {(clip.shot, clip.take): clip for clip in cut.clips}.values():
        own = findings.setdefault(clip.shot, [])
        if clip.take is None:
            why = clip.label or "it could not be made"
            own.append(Finding(check="take", outcome="failed", message=f"no take: {why}"))
            continue
        take = ledger.take(clip.take)
        if take is None:
            raise InvalidRequest(f"the take of {clip.shot} is gone from the ledger: shoot again")
        shot = next((shot for shot in board.shots if shot.id == clip.shot), None)
        known = findings_now(studio, take, shot)
        new: list[Finding] = []
        if shot is not None:
            new = [*_compared(studio, board, shot, take), *_judged(studio, film, shot, take, known, judged)]
        known = [f for f in known if f.check.split(".")[0] not in {n.check.split(".")[0] for n in new}]
        clips = [other for other in cut.clips if other.take == clip.take]
        shown = as_shown([*known, *new], take, clips, cut.rate)
        own += [finding.model_copy(update={"take": take.key}) for finding in shown]
    kept = studio.project.render / f"{film.name}.measures.npz"
    findings["film"] = check_film(
        film.deliver / "film.mp4", cut, storyboard=board, takes=ledger, checks=checks, kept=kept
    )
    notes = [*notes_of(findings, cut=cut), *notes]
    old = film.review()
    review = Review(
        number=film.next_number("reviews"),
        cut=cut.number,
        round=round,
        findings=findings,
        notes=notes,
        approved=not any(note.blocking for note in notes),
    )
    if not anew and old is not None and old.model_copy(update={"number": review.number, "person": ""}) == review:
        review = old
    else:
        film.add(review)
    for note in review.notes:
        studio.tell(event("note.raised", film=film.name, **note.model_dump(exclude_none=True)))
    return review


def _is_of(film: Film, cut: Cut) -> None:
    """Refuse a film that was rendered of another cut, which a crash may leave.

    Raises:
        InvalidRequest: It is of another cut, or does not say of which.
    """
    try:
        shown = json.loads((film.deliver / "provenance.json").read_bytes())["film"]["cut"]
    except (OSError, ValueError, KeyError, TypeError):
        shown = None
    if shown != cut.number:
        raise InvalidRequest(
            f"film.mp4 is not of cut {cut.number} yet: `reelgraph cut --film {film.name}`, or assemble_cut, renders it"
        )


def _compared(studio: Studio, board: Storyboard, shot: Shot, take: Take) -> list[Finding]:
    """Compare a take with those of the bible whom its shot shows, which only a memory can; it is kept as measures are.

    What is found hangs on the settings of the checks that need it, the bible, the shot, and what pictures are compared
    by.
    """
    from reelgraph.video_tools.checks.base import Subject, examine, failed_itself, load_checks
    from reelgraph.video_tools.checks.intent import nothing_known
    from reelgraph.video_tools.checks.meter import Meter
    from reelgraph.video_tools.editing.media import decode

    settings = studio.checks_for()
    checks = [check for check in load_checks(settings) if "bible" in check.needs]
    names = [check.name for check in checks]
    settings = {name: own for name, own in settings.items() if name in names}
    cast = [who for id in shot.characters if (who := board.bible.character(id))]
    place = board.bible.place(shot.place)
    described = bool(board.bible.style.palette or (place and (place.palette or place.references)))
    described = described or any(who.palette or who.references for who in cast)
    # A panel is drawn from the bible itself.
    if not checks or not described or studio.memory is None or take.request.panel is not None:
        return []
    # Colours alone need no embedder.
    pictured = any(who.references for who in board.bible.characters) or any(p.references for p in board.bible.places)
    by = from_memory(studio, lambda memory: memory.compares_by, "") if pictured else ""
    now = settings_digest(settings, names)
    about = [now, board.bible.model_dump(mode="json"), meant(shot), by]
    kept = studio.project.render / "checks" / f"{take.key}-bible-{digest(about)[:16]}.json"
    if kept.exists():
        return read_findings(kept).findings
    every = max(1, take.frames // 4)
    frames = [*islice(decode(studio.project.ledger.picture(take)), 0, 3 * every + 1, every)]
    nothing: Sequence[Likeness] | None = None
    alike = from_memory(studio, lambda memory: memory.likeness(board, shot, frames), nothing)
    unseen = Meter().measures()
    subject = Subject("take", take.rate, unseen, nothing_known(0), request=take.request, shot=shot, alike=alike)
    found = examine(subject, checks)
    if alike is not None and not any(map(failed_itself, found)):
        write_findings(kept, found, settings, shot)
    return found


def _judged(
    studio: Studio, film: Film, shot: Shot, take: Take, known: Sequence[Finding], just_now: bool
) -> list[Finding]:
    """Ask the judge for its opinion of a take once, if there is one; an earlier review of the same take says it.

    A reply that could not be read is asked for again by the next review, unless that is of an edit tried just now: the
    judge may be back.
    """
    from reelgraph.video_tools.checks.judge import finding_of, look_at, score

    if studio.judge is None or shot.kind == "title":
        return []
    for review in reversed(film.reviews()):
        if said := [f for f in review.findings.get(shot.id, []) if (f.check, f.take) == ("judge", take.key)]:
            if just_now or said[-1].outcome != "unknown":
                return said
            break
    seen = look_at(studio.project.ledger.picture(take), known)
    return [finding_of(score(studio.judge, shot.prompt, seen))]


def wrap_film(studio: Studio, film: Film) -> int:
    """Remember the newest cut's approved shots and write the report.

    Returns:
        How many shots were remembered.
    """
    from reelgraph.video_tools.review.page import write_report

    cut, review = film.cut(), film.verdict()
    if cut is None or review is None:
        raise InvalidRequest(f"film {film.name} is not reviewed yet: `reelgraph resume --film {film.name}` goes on")
    board, briefs = film.storyboard(cut.storyboard), film.briefs()[::-1]
    assert board is not None  # the cut was made of it
    studio = studio.for_film(film)
    ledger = studio.project.ledger
    takes = {clip.shot: take for clip in cut.clips if clip.take and (take := ledger.take(clip.take))}

    def report() -> None:
        with staged_file(film.deliver / "report.html") as path:
            write_report(
                path,
                film=film,
                brief=next((b for b in briefs if b.key == board.brief), briefs[0]),
                storyboard=board,
                cut=cut,
                review=review,
                ledger=ledger,
                spent=ledger.spend(film.name),
                animatic=studio.backend_for().capabilities().animatic,
            )

    with ThreadPoolExecutor(1) as pool:  # its pictures are drawn while the index works
        written = pool.submit(report)
        remembered = from_memory(studio, lambda memory: memory.remember_film(film.name, board, review, takes), 0)
        written.result()
    return remembered


def export_cut(film: Film, to: Path) -> list[Path]:
    """Copy what was delivered into a folder.

    Raises:
        InvalidRequest: Nothing was delivered of the newest cut, or the folder cannot be written.
        ProjectBusy: It was cut anew meanwhile; the folder is as it was.
    """
    cut = film.cut()
    if cut is None or not (film.deliver / "film.mp4").exists():
        raise InvalidRequest(
            f"film {film.name} has no render yet: `reelgraph resume --film {film.name}`, or assemble_cut, makes one"
        )
    _is_of(film, cut)
    paths = [path for path in sorted(film.deliver.glob("[!.]*")) if path.is_file()]
    with ExitStack() as copies:
        try:
            for path in paths:
                shutil.copyfile(path, copies.enter_context(staged_file(to / path.name)))
            is_whole = film.cut() == cut  # a newer one is written before its files take their places
        except FileNotFoundError:
            is_whole = False
        if not is_whole:
            raise ProjectBusy(f"film {film.name} was cut anew while it was copied: export it again")
    return [to / path.name for path in paths]


def deliver_cut(
    project: Project, film: Film, preset: str, to: Path, *, focus: float = 0.5, loudness: float | None = None
) -> Path:
    """Write the newest cut in another form, into a folder.

    A form of another shape is cut out of the picture; what lies over the picture, and what the animatic drew, cards
    above all, is drawn anew into it.

    Args:
        project: The film's.
        film: The film.
        preset: A key of `editing.delivery.PRESETS`.
        to: The folder.
        focus: What a vertical or square form is cut out around, from 0 (left) to 1 (right).
        loudness: LUFS that the sound is brought to; if None, the cut's own, and else the preset's.

    Raises:
        InvalidRequest: There is no such preset, no render of the newest cut, or no room for its words.
        ProjectBusy: It has to be rendered, and another process writes.
    """
    from reelgraph.video_tools.editing.conform import Conformer, TakeFiles
    from reelgraph.video_tools.editing.delivery import cut_out, deliver, preset_of
    from reelgraph.video_tools.editing.effects import in_place
    from reelgraph.video_tools.editing.overlays import Layer
    from reelgraph.video_tools.editing.profile import DEFAULT
    from reelgraph.video_tools.editing.redrawn import Redrawn
    from reelgraph.video_tools.editing.render import layers_of, render_cut
    from reelgraph.video_tools.editing.timeline import check_cut

    form, cut = preset_of(preset), film.cut()
    if cut is None:
        raise InvalidRequest(f"film {film.name} is not cut yet: `reelgraph resume --film {film.name}` goes on")
    _is_of(film, cut)
    out, source = to / f"{film.name}-{preset}{form.suffix}", film.deliver / "film.mp4"
    wanted = loudness if loudness is not None else cut.loudness if cut.loudness is not None else form.loudness
    shown = cut.model_copy(update={"loudness": wanted})
    takes: TakeFiles = project.ledger
    if form.shape:  # what lies over the picture is drawn into what is cut out, and not cut off with the rest
        box = cut_out((cut.width, cut.height), form.shape, focus)
        takes = Redrawn(takes, project.render, (cut.width, cut.height), box)
        shown = shown.model_copy(update={"titles": [], "insets": [], "burn_captions": False})
    said = bool(cut.captions) and not cut.burn_captions and form.suffix in (".mp4", ".mov")
    if shown == cut and not said:
        return deliver(source, preset, out, focus=focus)

    def over(width: int, height: int) -> list[Layer]:
        sized = in_place(cut.model_copy(update={"width": width, "height": height}), project.ledger)
        check_cut(sized, project.ledger)
        return layers_of(sized, Conformer(sized, project.ledger, project.render, DEFAULT))

    to.mkdir(parents=True, exist_ok=True)
    # The picture is copied, the sound mixed to the level. What is half-written in render/ whoever writes next sweeps.
    with project.writing(), tempfile.TemporaryDirectory(dir=to) as folder:
        film_of_it = Path(folder) / "film.mp4"
        render_cut(shown, takes, project.render, film_of_it, embed_captions=said)
        return deliver(film_of_it, preset, out, focus=focus, over=over if form.shape else None)
