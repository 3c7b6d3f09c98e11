"""A node: between editor and critic, a lawyer marks every claim that needs a proof with a title on the cut."""

import re
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext, studio_of
from reelgraph.graphs.editor import editor
from reelgraph.graphs.state import FilmState
from reelgraph.video_tools.cutting import edit_cut

CLAIM = re.compile(r"\b(best|cures?|guaranteed|never fails|100 ?%)", re.IGNORECASE)


def editor_to_lawyer(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["lawyer"]]:
    """The editor as it is, which hands over to the lawyer."""
    return Command(update=editor(state, runtime).update, goto="lawyer")


def lawyer(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["critic"]]:
    """Mark claims, and change nothing where there are none or they are marked."""
    studio = studio_of(runtime)
    film = studio.project.film(state["film"])
    cut = film.cut()
    assert cut is not None
    marks = [
        {"start": start, "frames": clip.frames, "text": "proof needed", "kind": "lower_third"}
        for start, clip in zip(cut.starts, cut.clips, strict=True)
        if any(CLAIM.search(c.text) for c in cut.captions if start <= c.start < start + clip.frames)
    ]
    edit = {"op": "titles", "titles": marks}
    if not marks or edit in cut.edits:
        return Command(goto="critic")
    with studio.project.writing():
        cut = edit_cut(studio, film, [edit])
    return Command(update={"cut": cut.number}, goto="critic")


NODES = {"editor": editor_to_lawyer, "extra_nodes": {"lawyer": lawyer}}
