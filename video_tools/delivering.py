"""Deliver the newest cut: the film itself, other forms of it, and edit lists for other programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.reviewing import deliver_cut, export_cut


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        files: The files.
        lost: What the edit lists cannot hold of the cut, one line each.
        refused: By form, why an edit list was not written, such as one that has no timecode at the film's rate.
    """

    files: list[Path]
    lost: list[str]
    refused: dict[str, str]


def export_film(
    project: Project,
    film: Film,
    to: Path,
    *,
    presets: Sequence[str] = (),
    timelines: Sequence[str] = (),
    focus: float = 0.5,
    loudness: float | None = None,
) -> Exported:
    """Write all that is asked for of the newest cut into a folder.

    Args:
        project: The film's.
        film: The film.
        to: The folder.
        presets: Forms beside the film itself, keys of `editing.delivery.PRESETS`.
        timelines: Edit lists beside film.otio: `edl`, `xml`, `fcpxml`.
        focus: What a vertical or square form is cut out around, from 0 (left) to 1 (right).
        loudness: LUFS of the forms; see `deliver_cut`.

    Raises:
        InvalidRequest: Nothing was delivered of the newest cut, or there is no such form; nothing was written.
        ProjectBusy: It was cut anew meanwhile, or a form has to be rendered and another process writes.
    """
    from reelgraph.video_tools.editing.adapters import write_exchange
    from reelgraph.video_tools.editing.delivery import preset_of

    for preset in presets:  # before what takes long
        preset_of(preset)
    files, cut = export_cut(film, to), film.cut()
    assert cut is not None  # there is a render of it
    board, lost, refused = film.storyboard(cut.storyboard), list[str](), dict[str, str]()
    for form in dict.fromkeys(timelines):
        path = to / f"{film.name}.{form}"
        try:
            lost += [f"{form}: {loss}" for loss in write_exchange(cut, project.ledger, path, board, of=film.name)]
            files.append(path)
        except InvalidRequest as error:  # the others are wanted all the same
            refused[form] = str(error)
    files += [
        deliver_cut(project, film, preset, to, focus=focus, loudness=loudness) for preset in dict.fromkeys(presets)
    ]
    return Exported(files, lost, refused)
