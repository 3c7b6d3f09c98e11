"""Whether a plan can be shot: it passes the rules, fits three back ends, and costs what the estimate says."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.backends.base import (
    Call,
    Capabilities,
    Failed,
    FrameRule,
    Made,
    OnEvent,
    SizeRule,
    check_request,
)
from reelgraph.video_tools.estimate import estimate_cost
from reelgraph.video_tools.film import Brief, Spend, Storyboard, TakeRequest
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.fit import requests_of
from reelgraph.video_tools.planning.legal import legal_rate, longest_shot
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.rules import faults_against
from reelgraph.video_tools.planning.splitting import fit_lengths
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

BACKENDS = {
    "wan-like": Capabilities(
        frames=FrameRule(4, 1, 5, 81), sizes=SizeRule(16), rates=(Fraction(16),), negative_prompt=True
    ),
    "ltx-like": Capabilities(frames=FrameRule(8, 1, 9, 161), sizes=SizeRule(32), prompt_tokens=256),
    "panels": Capabilities(panel=True, animatic=True),
}


class Priced(Rehearsal):
    """A back end that draws in no time and has a price by the second, as a server has."""

    def price(self, request: TakeRequest) -> Spend:
        """Return the price of a take."""
        seconds = request.frames / float(Fraction(request.rate))
        return Spend(calls=1, generation_seconds=2 * seconds, money=0.05 * seconds)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Draw, and bill what was said."""
        for made in super().generate(calls, on_event):
            yield replace(made, spent=self.price(made.call.request))


def cost_faults(text: str) -> list[str]:
    """Make a film of a brief, one take of it going wrong at first, and hold what it cost to what the estimate said."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project.open(folder, create=True, size=(64, 36), memory=False)
        first = plan_offline(Brief(text=text)).shots[0].prompt[:40]
        studio = Studio(project, backend=Priced(faults={first: ["black"]}))
        film = open_film(studio, text, paths=False)
        estimate = estimate_cost(studio, film, plan_storyboard(studio, film))
        run_film(FilmContext(studio), "", film=film.name)
        spent = project.ledger.spend(film.name)
    out = [
        f"{name} {getattr(spent, name):g} is outside {low:g} to {high:g}"
        for name in ("calls", "generation_seconds", "money")
        for low, high in [(getattr(estimate.once, name), getattr(estimate.most, name))]
        if not low - 1e-6 <= getattr(spent, name) <= high + 1e-6
    ]
    return out if spent.calls > estimate.once.calls else [*out, "the take that went wrong was not made again"]


def measure_validity(texts: list[str], costed: set[str], missed: list[str]) -> float:
    """A plan is valid when it passes every rule, survives its own file, and three back ends can make it as fitted; for
    some of them, whose films are made, also when they cost what the estimate says within its range."""
    good = 0
    for text in texts:
        brief = Brief(text=text, form="markdown" if "\n- " in text else "prose")
        storyboard = plan_offline(brief)
        faults = faults_against(brief, storyboard)
        if storyboard_from_text(storyboard_to_yaml(storyboard)) != storyboard:
            faults.append("its file reads back differently")
        for name, capabilities in BACKENDS.items():
            fitted = _fitted(storyboard, capabilities)
            if _said(fitted) != _said(storyboard):
                faults.append(f"brought to the lengths of {name}, it says something else")
            for _, request, _ in requests_of(
                fitted,
                fitted.shots,
                capabilities=capabilities,
                backend=name,
                model="m",
                width=512,
                height=288,
                rate=Fraction(24),
                film="f",
            ):
                check_request(capabilities, request)
        faults += cost_faults(text) if text in costed else []
        good += not faults
        missed += [f"invalid: {fault}: {text[:80]!r}" for fault in faults]
    return good / len(texts)


def _fitted(storyboard: Storyboard, capabilities: Capabilities) -> Storyboard:
    most = longest_shot(capabilities, legal_rate(capabilities, Fraction(24)))
    return fit_lengths(storyboard, lambda shot: most, lambda shot: "image" in capabilities.modes)


def _said(storyboard: Storyboard) -> list[str]:
    return [line.text for shot in storyboard.shots for line in shot.lines]
