"""What a review changes in the cut: typed edits, which generate nothing and come before anything is shot again.

An edit says in `why` which note and remedy it is, so the film's cuts alone say what was tried, and in `only_take` which
take it is for, so that it goes with that take. What does not help is taken back, and where a person made the same kind
of edit, theirs stands.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from reelgraph.graphs.remedies import REMEDIES, row_of
from reelgraph.video_tools.cutting import edit_cut, return_to
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Note, Review, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.timebase import frames_of

Edit = dict[str, Any]

# Advice is worth these edits too, which change nothing that is seen and no rhythm.
_FOR_ADVICE = frozenset({"remix_sound", "shift_captions"})
_TRIM_NEAR = 0.25  # seconds from the clip's end within which a fault belongs to its head or tail
_TRIM_LEFT = Fraction(2, 3)  # of the clip that must be left; less is another shot
_SLOWEST = Fraction(7, 10)  # below it a slowed movement looks slowed


def mend_cut(
    studio: Studio, film: Film, board: Storyboard, cut: Cut, review: Review, judge: Callable[[Cut], Review]
) -> tuple[Cut, Review]:
    """Edit what edits can mend, judge again, and keep only what helps, also of what a run tried that ended meanwhile.

    Args:
        studio: Where the film is made.
        film: The film.
        board: Its storyboard.
        cut: Its newest cut.
        review: What is wrong with it.
        judge: Reviews another cut of it.

    Returns:
        The newest cut and its review.
    """
    if (before := _untried(film, cut, review)) and not _faults(review) < _faults(before):
        cut = return_to(studio, film, before.cut)
        review = judge(cut)
    while edits := edits_for(studio, film, board, cut, review):
        edited = edit_cut(studio, film, edits)
        again = judge(edited)
        if _faults(again) < _faults(review):
            cut, review = edited, again
        else:
            cut = return_to(studio, film, cut.number)
            review = judge(cut)
    return cut, review


def _untried(film: Film, cut: Cut, review: Review) -> Review | None:
    """Return the review of the cut before, where remedies alone are new since, and this review is the first of them."""
    parent, reviews = film.cut(cut.parent) if cut.parent else None, film.reviews()
    if parent is None or [one for one in reviews if one.cut == cut.number] != [review]:
        return None
    more = cut.edits[len(parent.edits) :]
    alike = (parent.storyboard, parent.edits) == (cut.storyboard, cut.edits[: len(parent.edits)])
    if not more or not alike or _by_hand(cut.model_copy(update={"edits": more})):
        return None
    return next((one for one in reversed(reviews) if one.cut == parent.number), None)


def edits_for(studio: Studio, film: Film, board: Storyboard, cut: Cut, review: Review) -> list[Edit]:
    """Choose the next untried edit for each note that one may mend; at most one of a kind for each clip."""
    from reelgraph.video_tools.editing.operations import apply, read_operation

    tried = tried_edits(film)
    chosen: list[Edit] = []
    for note in review.notes:
        for name in row_of(note.check):
            allowed = REMEDIES[name].kind == "edit" and (note.blocking or name in _FOR_ADVICE)
            why = f"{note.check}:{name}"
            if not allowed or any(why in tried.get(place, ()) for place in (note.shot, "")):
                continue
            made = _EDITS[name](studio, film, board, cut, note)
            if made is None or any(_same_place(made, edit) for edit in [*chosen, *_by_hand(cut)]):
                continue
            if chosen and "effects" in {made["op"], *(edit["op"] for edit in chosen)}:
                continue  # what colours are matched to may just be changing: in the next pass, then
            made["why"] = why
            try:
                trial = cut
                for edit in [*chosen, made]:
                    trial = apply(trial, read_operation(edit), studio.project.ledger)
            except InvalidRequest:  # such as a trim that leaves too little for a transition: the next remedy, then
                continue
            chosen.append(made)
            break
    return chosen


def tried_edits(film: Film) -> dict[str, set[str]]:
    """Say by shot (empty for the film as a whole) which remedies were edits of it, as `check:remedy`."""
    tried: dict[str, set[str]] = {}
    for cut in film.cuts():
        for shot, why in edits_of(cut):
            tried.setdefault(shot, set()).add(why)
    return tried


def edits_of(cut: Cut) -> list[tuple[str, str]]:
    """List the remedies that are edits of a cut, each as its shot (empty for the film) and `check:remedy`."""
    return [
        (str(edit.get("clip", "")).partition("#")[0], str(edit["why"]))
        for edit in cut.edits
        if str(edit.get("why", "")).rpartition(":")[2] in REMEDIES
    ]


def _by_hand(cut: Cut) -> list[Edit]:
    """List the edits that a person or a host's tool made: where they edited, nothing else does."""
    return [edit for edit in cut.edits if str(edit.get("why", "")).rpartition(":")[2] not in REMEDIES]


def _same_place(a: Edit, b: Edit) -> bool:
    return bool(a["op"] == b["op"] and a.get("clip") == b.get("clip"))


def _faults(review: Review) -> tuple[int, int]:
    return sum(note.blocking for note in review.notes), len(review.notes)


def _clip(cut: Cut, note: Note) -> int | None:
    """Return the place of the one clip that shows a note's shot; a shot that somebody split is theirs to mend."""
    places = [i for i, clip in enumerate(cut.clips) if clip.shot == note.shot]
    return places[0] if len(places) == 1 else None


def _trim(studio: Studio, film: Film, board: Storyboard, cut: Cut, note: Note) -> Edit | None:
    """Leave out the bad head or tail of a take, and show as much more of its other end as there is."""
    from reelgraph.video_tools.editing.conform import frames_in

    place = _clip(cut, note)
    if place is None or note.first_frame is None or note.last_frame is None:
        return None
    clip = cut.clips[place]
    take = studio.project.ledger.take(clip.take) if clip.take else None
    there = frames_in(take, cut.rate) if take else None
    if take is None or there is None or clip.speed != 1:
        return None
    if note.in_film:
        first, last = note.first_frame - cut.starts[place], note.last_frame - cut.starts[place]
    else:
        scale = cut.rate / take.rate
        first, last = int(note.first_frame * scale) - clip.in_frame, -int(-(note.last_frame + 1) * scale // 1)
        last -= clip.in_frame + 1
    near = frames_of(_TRIM_NEAR, cut.rate)
    head = tail = 0
    if first <= near and last < clip.frames - 1:
        head = last + 1
        tail = -min(head, max(0, there - clip.in_frame - clip.frames))
    elif last >= clip.frames - 1 - near and first > 0:
        tail = clip.frames - first
        head = -min(tail, clip.in_frame)
    left = clip.frames - head - tail
    spoken = any(shot.id == note.shot and shot.lines for shot in board.shots)
    if (not head and not tail) or left < clip.frames * _TRIM_LEFT or (spoken and left < clip.frames):
        return None
    return {"op": "trim", "clip": clip.shot, "head": head, "tail": tail, "only_take": clip.take}


def _retime(studio: Studio, film: Film, board: Storyboard, cut: Cut, note: Note) -> Edit | None:
    """Slow a take down to the length planned, or to what is said in it; where it has more to show, show that."""
    from reelgraph.video_tools.editing.conform import frames_in

    place = _clip(cut, note)
    shot = next((s for s in board.shots if s.id == note.shot), None)
    if place is None or shot is None:
        return None
    clip = cut.clips[place]
    take = studio.project.ledger.take(clip.take) if clip.take else None
    there = frames_in(take, cut.rate) if take else None
    planned = frames_of(shot.seconds, cut.rate)
    if note.check == "narration":  # it says until when somebody speaks, and when that should end
        planned = clip.frames + frames_of((note.value or 0) - (note.threshold or 0), cut.rate)
    if there is None or clip.speed != 1 or (planned <= clip.frames and there >= planned):
        return None
    if clip.in_frame + planned <= there:
        return {"op": "trim", "clip": clip.shot, "tail": clip.frames - planned, "only_take": clip.take}
    if not _SLOWEST <= Fraction(there, planned) < 1:
        return None
    speed = Fraction(1000 * there // planned, 1000)
    return {"op": "speed", "clip": clip.shot, "speed": str(speed), "frames": planned, "only_take": clip.take}


def _colour_match(studio: Studio, film: Film, board: Storyboard, cut: Cut, note: Note) -> Edit | None:
    """Bring the later shot's light and white balance to those of the shot before it."""
    from reelgraph.video_tools.editing.colour_match import matching

    place = _clip(cut, note)
    if place is None or place == 0:
        return None
    effects = matching(film.deliver / "film.mp4", cut.starts[place], cut.rate)
    own = [effect.model_dump() for effect in cut.clips[place].effects]
    if not effects:
        return None
    added = [effect.model_dump() for effect in effects]
    return {"op": "effects", "clip": note.shot, "effects": [*own, *added], "only_take": cut.clips[place].take}


def _other_transition(studio: Studio, film: Film, board: Storyboard, cut: Cut, note: Note) -> Edit | None:
    """Dissolve over half a second where a plain cut does not work."""
    place = _clip(cut, note)
    if not place or cut.clips[place].transition.kind != "cut":
        return None
    transition = {"kind": "crossfade", "frames": frames_of(0.5, cut.rate)}
    return {"op": "transition", "clip": note.shot, "transition": transition, "only_take": cut.clips[place].take}


def _remix_sound(studio: Studio, film: Film, board: Storyboard, cut: Cut, note: Note) -> Edit | None:
    """Bring the mix to its loudness, or the music further down while somebody speaks."""
    from reelgraph.video_tools.editing.loudness import TARGETS

    if note.check.startswith("speech"):
        lack = abs((note.value or 0.0) - (note.threshold or 0.0)) + 1
        sounds = [s.model_dump() for s in cut.sounds]
        for sound in sounds:
            if sound["role"] == "music":
                sound["duck_db"] = max(-60.0, round(sound["duck_db"] - lack, 1))  # and the music alone stays as it is
        return {"op": "sounds", "sounds": sounds} if sounds != [s.model_dump() for s in cut.sounds] else None
    target = cut.loudness if cut.loudness is not None else note.threshold
    if note.check == "loudness.true_peak":  # its threshold is a peak's: the limiter comes with any loudness
        target = cut.loudness if cut.loudness is not None else TARGETS["web"]
    return {"op": "loudness", "loudness": target}


def _shift_captions(studio: Studio, film: Film, board: Storyboard, cut: Cut, note: Note) -> Edit | None:
    """Put the captions back where the lines are said; those of narration are a person's."""
    from reelgraph.video_tools.editing.captions import captions_of

    captions = captions_of(board, cut)
    if captions == cut.captions or any(edit["op"] == "narrate" for edit in cut.edits):
        return None
    return {"op": "captions", "captions": [caption.model_dump() for caption in captions]}


_EDITS: Mapping[str, Callable[[Studio, Film, Storyboard, Cut, Note], Edit | None]] = {
    "trim": _trim,
    "retime": _retime,
    "colour_match": _colour_match,
    "other_transition": _other_transition,
    "remix_sound": _remix_sound,
    "shift_captions": _shift_captions,
}
