"""Lay the edits of one cut over the next, as a branch is rebased; one that does not fit waits for one that it fits."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from pydantic_core import to_jsonable_python

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Storyboard, Waiting
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.studio import Studio

Edit = dict[str, object]


def edits_of_plans(film: Film, board: Storyboard) -> list[Edit]:
    """Return the edits that were asked for together with plans up to this one, of which nothing is cut yet."""
    boards = [b for b in film.storyboards() if b.edits and b.number <= board.number]
    newest = max((cut.storyboard for cut in film.cuts()), default=0) if boards else 0
    return [edit for one in boards if one.number > newest for edit in one.edits]


def laid_over(
    cut: Cut,
    edits: Sequence[Mapping[str, object]],
    studio: Studio,
    *,
    wanted: Sequence[Mapping[str, object]] = (),
    waiting: Sequence[Waiting] = (),
) -> tuple[Cut, list[tuple[Edit, str]]]:
    """Lay edits over a cut that they were not made on.

    Args:
        cut: The cut.
        edits: Edits of the cut before.
        studio: Where it is made.
        wanted: Edits to make after those, but for such as are among them.
        waiting: Edits that did not fit the cut before.

    Returns:
        The cut with the edits that fit, and those that do not and did before, each with the reason. What a person
        wanted waits in the cut for the next; an edit that says why it was made goes with its reason, or is made anew.
    """
    from reelgraph.video_tools.editing.operations import apply, read_operation

    kept: list[Edit] = []
    dropped: list[tuple[Edit, str]] = []

    left: list[Waiting] = []

    def lay(edit: Mapping[str, object], known: Sequence[Edit] | None = None) -> tuple[Edit, str]:
        nonlocal cut
        said = _as_told(edit)
        try:
            said = as_kept(studio, edit, cut.rate)
            if known is not None and said in known:
                return said, ""
            operation = read_operation(said)
            cut = apply(cut, operation.over(cut) if known is None else operation, studio.project.ledger)
            kept.append(said)
        except InvalidRequest as error:
            return said, str(error)
        return said, ""

    for n in range(len(edits) + 1):
        turns = [*((one.edit, True) for one in waiting if one.behind == n), *((e, False) for e in edits[n : n + 1])]
        for edit, waited in turns:
            said, why = lay(edit)
            if why and not (said.get("why") or said.get("only_take")):
                left.append(Waiting(behind=len(kept), edit=said))
            if why and not waited:
                dropped.append((said, why))
    known = [*kept, *(edit for edit, _ in dropped), *(one.edit for one in left)]
    dropped += [(said, why) for edit in wanted for said, why in [lay(edit, known)] if why]
    return cut.model_copy(update={"edits": kept, "waiting": left}), dropped


def as_kept(studio: Studio, edit: Mapping[str, object], rate: Fraction) -> Edit:
    """Return an edit as a cut of that rate keeps it: plain data, spoken, with the files it names taken in.

    Raises:
        InvalidRequest: It is no plain data, its text cannot be spoken, or a file of it cannot be taken in.
    """
    try:
        kept: Edit = _with_files_kept(_spoken(studio, to_jsonable_python(edit), rate), studio.project.ledger)
    except (OSError, ValueError) as error:  # no plain data, or a name that can be no file's
        raise InvalidRequest(f"{edit.get('op')}: not an edit that a cut can keep: {error}") from error
    return kept


def _with_files_kept(data: Any, ledger: Ledger) -> Any:
    """Take in the files that effects name, so that a cut names nothing outside its project."""
    if isinstance(data, dict):
        whole = {key: _with_files_kept(value, ledger) for key, value in data.items()}
        if isinstance(name := whole.get("file"), str) and not ledger.keeps(name):
            whole["file"] = ledger.keep(ledger.file(name))
        return whole
    return [_with_files_kept(item, ledger) for item in data] if isinstance(data, list) else data


def _spoken(studio: Studio, edit: Edit, rate: Fraction) -> Edit:
    """Speak the text of a `narrate` edit and name the take that this makes; other edits pass as they are.

    Raises:
        InvalidRequest: The text cannot be spoken.
    """
    if edit.get("op") != "narrate" or "text" not in edit:
        return edit
    from reelgraph.video_tools.editing.narration import captions_of_words, speak
    from reelgraph.video_tools.importing import import_sound

    text, voice, pace = str(edit["text"]), str(edit.get("voice", "en-us")), edit.get("pace", 160)
    if not isinstance(pace, int):
        raise InvalidRequest(f"narrate: pace {pace!r} is not words a minute: 160 is usual")
    said = speak(text, voice=voice, pace=pace)
    take = import_sound(studio, said.sound, backend="espeak-ng", model=f"{voice}, {pace} words a minute", words=text)
    return {
        **{key: value for key, value in edit.items() if key not in ("text", "voice", "pace")},
        "take": take.key,
        "frames": max(1, math.ceil(len(said.sound.samples) * rate / said.sound.rate)),
        "captions": [c.model_dump(mode="json") for c in captions_of_words(said.words, 0, rate)],
    }


def _as_told(edit: Mapping[str, object]) -> Edit:
    """Return an edit as an event tells it: its values in words where they are no plain data."""
    try:
        plain: Edit = to_jsonable_python(edit)
    except ValueError:
        return {str(name): str(value) for name, value in edit.items()}
    return plain
