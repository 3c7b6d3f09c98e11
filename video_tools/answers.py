"""What an action says: words that a model can act on, a picture for those who can look, and the record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from reelgraph.video_tools.estimate import Estimate
from reelgraph.video_tools.film import Finding, Spend, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.wording import counted

LISTED = 40  # shots, takes or notes that one answer lists; more would push out what a model has to remember


@dataclass(frozen=True)
class Answer:
    """What an action says.

    Attributes:
        text: Words for a model or a person.
        record: The typed result as plain JSON data.
        picture: Draws a JPEG that shows it, for whoever can look.
        film: The take or film that it is of, for whoever takes video.
    """

    text: str
    record: dict[str, Any]
    picture: Callable[[], bytes] | None = None
    film: Path | None = None


def money(spend: Spend) -> str:
    """Say a cost in words, and that of a part of it nobody knows how long it takes."""
    parts = [f"{spend.calls} call{'s' * (spend.calls != 1)}"]
    if spend.untimed_calls < max(1, spend.calls) or spend.generation_seconds:
        parts.append(f"{spend.generation_seconds:.1f} s of generation")
    if spend.untimed_calls:
        which = "" if spend.untimed_calls == spend.calls else f" of {spend.untimed_calls} of them"
        parts.append(f"the time{which} not known")
    return ", ".join([*parts, f"{spend.money:.2f} in money"] if spend.money else parts)


def when_known(spend: Spend) -> str:
    """Say when it will be known how long takes last here, where it is not; empty where it is."""
    return "How long they take here is known after the first." if spend.untimed_calls else ""


def cost_line(studio: Studio, film: Film, cost: Estimate) -> str:
    """Say what a film's missing takes will cost."""
    studio = studio.for_film(film)
    rounds = counted(studio.project.settings.most_rounds, "round")
    if not cost.to_make:
        again = f" Mending what a review finds wrong costs at most {money(cost.most)} over {rounds}."
        return f"Every shot has a take.{again if cost.most.calls else ''}"
    pictures = f", and {counted(len(cost.pictures), 'picture')} of who and where" if cost.pictures else ""
    which = f" ({', '.join(listed(cost.to_make))})" if cost.ready else ""
    lacking = f"{len(cost.to_make)} of {len(cost.to_make) + len(cost.ready)} shots have no take{which}"
    price = f"{money(cost.once)} with {studio.backend_for().name} (at most {money(cost.most)} over {rounds})"
    more = " ".join(filter(None, [parts_line(cost), when_known(cost.once)]))
    return f"{lacking}; shooting them{pictures} costs {price}. {more}".strip()


def parts_line(cost: Estimate) -> str:
    """Say what an estimate is made up of, where that is more than takes of one rung; empty where it is not."""
    if len(cost.parts) < 2:
        return ""
    return f"Of that {'; '.join(f'{part}: {money(price)}' for part, price in cost.parts.items())}."


def ceilings(studio: Studio, film: Film) -> str:
    """Say what the film, and all films of the project together, may cost at most, and what is left of that."""
    settings, left = studio.for_film(film).project.settings, left_of(studio, film)
    said = []
    for whose, limits, rest in (
        ("this film", settings.budget, left["film"]),
        ("all films here together", settings.project_budget, left["project"]),
    ):
        each = [
            f"{limit:g} {name.replace('_', ' ').removesuffix('s' * (limit == 1))}"
            + (f" ({rest[name]:g} left)" if name in rest else "")
            for name, limit in limits.model_dump(exclude_none=True).items()
        ]
        said += [f"Ceiling of {whose}: {', '.join(each)}."] if each else []
    return " ".join(said) or "There is no ceiling."


def left_of(studio: Studio, film: Film) -> dict[str, dict[str, float]]:
    """Return what the film, and the project, may still spend under their ceilings; what has none is not there."""
    settings, ledger = studio.for_film(film).project.settings, studio.project.ledger
    return {
        "film": settings.budget.left(ledger.spend(film.name)),
        "project": settings.project_budget.left(ledger.spend(None)),
    }


def shape_of(take: Take) -> str:
    """Say a take's size and length."""
    return f"{take.width}x{take.height}, {take.frames} frames, {float(take.frames / take.rate):.2f} s" + (
        ", with sound" if take.sound else ""
    )


def measure(finding: Finding) -> str:
    """Say a finding in one line."""
    value = "" if finding.value is None else f" {finding.value:g}{finding.unit and ' ' + finding.unit}"
    limit = "" if finding.threshold is None else f" (limit {finding.threshold:g})"
    return f"{finding.check} {finding.outcome}{value}{limit}{finding.message and ': ' + finding.message}"


def faults_in(findings: Sequence[Finding]) -> str:
    """Say what is wrong with a take; empty if nothing is."""
    return "; ".join(measure(f) for f in findings if f.outcome in ("failed", "unknown"))


def verdict_in(findings: Sequence[Finding]) -> str:
    """Say what is wrong with a take, or that nothing is."""
    return faults_in(findings) or "All checks passed."


def frames_of(studio: Studio, take: Take) -> Callable[[], bytes]:
    """Draw frames of a take in time order."""

    def draw() -> bytes:
        from reelgraph.video_tools.review.sheet import jpeg, take_sheet

        return jpeg(take_sheet(studio.project.ledger.picture(take)))

    return draw


def posters_of(studio: Studio, tiles: Sequence[tuple[str, Take]]) -> Callable[[], bytes] | None:
    """Draw takes side by side, as many as can still be told apart."""

    def draw() -> bytes:
        from reelgraph.video_tools.review.sheet import contact_sheet, jpeg

        shown = tiles[:24]
        return jpeg(contact_sheet([studio.project.ledger.poster(t) for _, t in shown], [label for label, _ in shown]))

    return draw if tiles else None


def listed(lines: Sequence[str]) -> list[str]:
    """Keep as many lines as one answer lists, and say how many more there are."""
    rest = len(lines) - LISTED
    return [*lines[:LISTED], f"... and {rest} more"] if rest > 0 else list(lines)


def stage_of(film: Film) -> dict[str, Any]:
    """Say how far a film is."""
    board, cut, current = film.storyboard(), film.cut(), film.verdict()
    notes = sum(n.blocking for n in current.notes) if current else 0
    if cut is None:
        stage = "planned, not cut" if board else "not planned"
    elif current is None:
        stage = f"cut {cut.number}, not reviewed"
    else:
        waits = ", a person is still to be asked" if current.person == "asked" else ""
        stands = "approved" if current.approved else f"not approved, {counted(notes, 'blocking note')}{waits}"
        stage = f"cut {cut.number}, {stands}"
    if board and cut and cut.storyboard != board.number:
        stage += f", and storyboard {board.number} is not cut yet"
    return {
        "film": film.name,
        "stage": stage,
        "shots": len(board.shots) if board else 0,
        "cut": cut.number if cut else None,
        "approved": bool(current and current.approved),
        "open_notes": notes,
    }


def plain_data(cost: Estimate) -> dict[str, Any]:
    """Return an estimate as plain data."""
    plain: dict[str, Any] = TypeAdapter(Estimate).dump_python(cost, mode="json")
    return plain
