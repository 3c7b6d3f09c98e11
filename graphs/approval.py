"""A person's gates: what was decided is written in the film's folder, so it is asked once and stands."""

from typing import Any

from langgraph.types import interrupt

from reelgraph.graphs.context import Gate
from reelgraph.video_tools.film import Decision
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.studio import Studio


def ask(studio: Studio, film: Film, gate: Gate, number: int, shown: dict[str, Any]) -> bool:
    """Return whether a person approved a storyboard or cut, interrupting the graph to ask if nobody has yet.

    The graph is resumed with `True`, `False`, or `{"approved": bool, "words": "why"}`. Nothing is held while it waits,
    and whatever runs before this in a node runs again on resume, so it must be free to repeat.
    """
    for decision in film.decisions():
        if (decision.gate, decision.number) == (gate, number):
            return decision.approved
    answer = interrupt({"v": 1, "gate": gate, "film": film.name, "number": number, "shown": shown})
    given = answer if isinstance(answer, dict) else {"approved": answer}
    # Anything but a clear yes is a no: approval is never read into an odd answer.
    approved = given.get("approved") in (True, "yes", "y", "approved")
    with studio.project.writing():
        film.add(Decision(gate=gate, number=number, approved=approved, words=str(given.get("words", ""))[:2000]))
    return approved
