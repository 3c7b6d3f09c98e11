"""Measure the offline planner on public prompt sets, and planning with a small chat model beside it.

    python benchmarks/planner.py --data DIR [--json] [--quick] [--chat 20]

DIR holds `storyeval/prompts.json`, `vbench/plots.txt` and `vimax/*.json` (StoryEval, VBench 2.0 Complex Plot and ViMax
prompt sets, Apache-2.0 and MIT; see each project's repository). Nothing of them is part of this project. The measure
has its own words and its own way of comparing them: it shares neither code nor lists with the planner.

The offline planner's rules and word lists were written while looking at these sets, so its figures say how well it does
on what it was made for, not on briefs that nobody has seen.

The second column (`chat_...`) plans a seeded sample of the StoryEval prompts with a chat model of 135 million
parameters that ships in a package (see `packaged_model.py`); it says what the steps, the checks and the repairs make of
a very weak model. A brief of which it gives no usable plan counts as not covered.
"""

import argparse
import json
import platform
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import packaged_model  # beside this file

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
from reelgraph.video_tools.errors import PermanentFailure
from reelgraph.video_tools.film import Brief, Shot, Spend, Storyboard, TakeRequest
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.fit import requests_of, split_long
from reelgraph.video_tools.planning.model import plan_with_model
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.replan import replan
from reelgraph.video_tools.planning.rules import faults_against
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import estimate_cost, open_film, plan_storyboard

GOALS: dict[str, tuple[str, float]] = {
    "valid": (">=", 1.0), "event_coverage": (">=", 0.97), "order_kept": (">=", 0.97), "sentence_coverage": (">=", 1.0),
    "invented_entities": ("<=", 0), "character_f1": (">=", 0.9), "entity_reference_coverage": (">=", 0.97),
    "shots_changed_over_minimum": ("<=", 1.1), "ms_per_page": ("<=", 25), "ms_per_page_growth": ("<=", 1.3),
}  # fmt: skip
# A page of screenplay or manuscript, in signs.
PAGE = 1800
BACKENDS = {
    "wan-like": Capabilities(
        frames=FrameRule(4, 1, 5, 81), sizes=SizeRule(16), rates=(Fraction(16),), negative_prompt=True
    ),
    "ltx-like": Capabilities(frames=FrameRule(8, 1, 9, 161), sizes=SizeRule(32), prompt_tokens=256),
    "panels": Capabilities(panel=True, animatic=True),
}
# Of so many prompts the films are made, with takes that cost something.
COSTED = 6
# Words that carry no event: what is left of a sentence without them are its verb and nouns (and what tells them apart).
EMPTY = set(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "then",
        "finally",
        "next",
        "after",
        "before",
        "as",
        "while",
        "when",
        "with",
        "without",
        "into",
        "onto",
        "to",
        "from",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "over",
        "under",
        "up",
        "down",
        "out",
        "off",
        "back",
        "away",
        "its",
        "it",
        "his",
        "her",
        "him",
        "them",
        "their",
        "they",
        "he",
        "she",
        "this",
        "that",
        "these",
        "those",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "has",
        "have",
        "had",
        "some",
        "another",
        "other",
        "again",
        "all",
        "each",
        "both",
        "very",
        "more",
        "so",
        "there",
    ]
)


def main() -> int:
    """Run the benchmark and return the exit status: 0 if every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="the folder with storyeval/, vbench/ and vimax/")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="every fifth prompt")
    parser.add_argument("--chat", type=int, default=20, metavar="N", help="prompts for the chat model; 0 leaves it out")
    parser.add_argument("--show", action="store_true", help="print what was missed")
    options = parser.parse_args()
    missing = [
        name
        for name in ("storyeval/prompts.json", "vbench/plots.txt", "vimax")
        if not (options.data and (options.data / name).exists())
    ]
    if missing:
        print(
            f"--data DIR must name a folder that holds {', '.join(missing)}: download the sets named in this file",
            file=sys.stderr,
        )
        return 2
    step = 5 if options.quick else 1
    missed: list[str] = []
    events = list(json.loads((options.data / "storyeval/prompts.json").read_text("utf-8")).values())[::step]
    plots = [line for line in (options.data / "vbench/plots.txt").read_text("utf-8").split("\n") if line.strip()]
    stories = [json.loads(path.read_text("utf-8")) for path in sorted((options.data / "vimax").glob("*.json"))[::step]]
    figures: dict[str, float] = {}
    figures |= measure_events(events, missed)
    figures |= measure_plots(plots[::step], missed)
    figures |= measure_characters(plots, missed)
    figures |= measure_stories(stories, missed)
    texts = [e["prompt"] for e in events] + plots[::step]
    shot = set(random.Random(5).sample([e["prompt"] for e in events], COSTED))
    figures["valid"] = measure_validity([*texts, *(story_text(story) for story in stories)], shot, missed)
    figures |= measure_edits(texts, 40 if options.quick else 200, missed)
    figures |= measure_speed(plots)
    figures |= measure_chat(events, options.chat, missed)
    met = all(figures[key] >= goal if sign == ">=" else figures[key] <= goal for key, (sign, goal) in GOALS.items())
    if options.show:
        print("\n".join(missed), file=sys.stderr)
    report = {
        "name": "planner",
        "versions": {"python": platform.python_version()},
        "figures": {key: round(value, 4) for key, value in figures.items()},
        "goals": {key: list(goal) for key, goal in GOALS.items()},
        "met": met,
    }
    if options.json:
        print(json.dumps(report))
    else:
        for key, value in report["figures"].items():
            goal = GOALS.get(key)
            print(f"{key:32} {value:10g}   {f'goal {goal[0]} {goal[1]:g}' if goal else ''}")
        print("met" if met else "not met")
    return 0 if met else 1


def root(word: str) -> str:
    """Cut a word to what its forms share, crudely: at most its first five letters, endings off."""
    if word.endswith("ies") and len(word) > 4:
        word = f"{word[:-3]}y"
    for ending in ("ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:5].rstrip("ey")


def content(text: str) -> list[str]:
    """Return the roots of a text's telling words."""
    words = re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower().replace("’", "'"))
    return [root(w.removesuffix("'s")) for w in words if w not in EMPTY and not (w.endswith("ly") and len(w) > 5)]


def shot_words(storyboard: Storyboard, shot: Shot) -> set[str]:
    """Return what a shot says and shows: its words, its lines, and the names and descriptions of who is in it."""
    who = [storyboard.bible.character(id) for id in shot.characters]
    text = " ".join(
        [shot.prompt, *(line.text for line in shot.lines), *(f"{c.name} {c.description}" for c in who if c)]
    )
    return set(content(text))


def measure_events(
    prompts: list[dict[str, Any]], missed: list[str], plan: Callable[[Brief], Storyboard | None] = plan_offline
) -> dict[str, float]:
    """An event counts when a shot of its own holds its verb and nouns; order is kept when those shots are in order."""
    covered = total = ordered = 0
    for prompt in prompts:
        storyboard = plan(Brief(text=prompt["prompt"]))
        said = [shot_words(storyboard, shot) for shot in storyboard.shots] if storyboard else []
        wanted = [set(content(event)) for event in prompt["event_list"]]
        match = assign([[n for n, words in enumerate(said) if want <= words] for want in wanted])
        total += len(wanted)
        covered += sum(n is not None for n in match)
        for event, n in zip(prompt["event_list"], match, strict=True):
            if n is None:
                missed.append(
                    f"event {event!r} of {[shot.prompt for shot in storyboard.shots] if storyboard else 'no plan'}"
                )
        found = [n for n in match if n is not None]
        ordered += found == sorted(found) and len(found) == len(wanted)
    return {
        "event_coverage": covered / total,
        "order_kept": ordered / len(prompts),
        "prompts": len(prompts),
        "events": total,
    }


def assign(choices: list[list[int]]) -> list[int | None]:
    """Give each event a shot of its own, as many as can have one (augmenting paths)."""
    owner: dict[int, int] = {}

    def place(event: int, tried: set[int]) -> bool:
        for shot in choices[event]:
            if shot not in tried:
                tried.add(shot)
                if shot not in owner or place(owner[shot], tried):
                    owner[shot] = event
                    return True
        return False

    for event in range(len(choices)):
        place(event, set())
    found = {event: shot for shot, event in owner.items()}
    return [found.get(event) for event in range(len(choices))]


def measure_plots(plots: list[str], missed: list[str]) -> dict[str, float]:
    """Every sentence of a plot is told by the shots that come from it, and nobody and nowhere is made up."""
    covered = total = invented = 0
    for plot in plots:
        storyboard = plan_offline(Brief(text=plot))
        for match in re.finditer(r"\S[^.!?]*(?:[.!?](?=\S)[^.!?]*)*[.!?]?", plot):
            shots = [
                s for s in storyboard.shots if s.span and s.span.start < match.end() and s.span.end > match.start()
            ]
            told = set(content(" ".join(f"{s.prompt} {' '.join(line.text for line in s.lines)}" for s in shots)))
            total += 1
            if set(content(match[0])) <= told:
                covered += 1
            else:
                missed.append(f"sentence {match[0]!r}: {set(content(match[0])) - told}")
        source = set(re.findall(r"[a-z0-9]+", plot.lower()))
        for entity in [*storyboard.bible.characters, *storyboard.bible.places]:
            words = re.findall(r"[a-z0-9]+", entity.name.lower())
            if not all(w in source or f"{w}s" in source for w in words):
                invented += 1
                missed.append(f"invented {entity.name!r}")
    return {"sentence_coverage": covered / total, "invented_entities": invented}


def measure_characters(plots: list[str], missed: list[str]) -> dict[str, float]:
    """Compare who a plot is about with names labelled by hand (`planner_labels.json`): people, animals and groups."""
    labels = json.loads(Path(__file__).with_name("planner_labels.json").read_text("utf-8"))
    right = found = wanted = 0
    for start, names in labels.items():
        plot = next((p for p in plots if p.startswith(start)), None)
        if plot is None:
            raise SystemExit(f"vbench/plots.txt has no plot that begins {start!r}: it is another version of the set")
        bible = plan_offline(Brief(text=plot)).bible
        cast = [c for c in bible.characters if c.kind != "object"]
        known = [{content_of for name in (c.name, *c.aliases) for content_of in content(name)} for c in cast]
        # one label may be found once; a label is alternatives parted by a slash
        choices = [
            [n for n, words in enumerate(known) if any(set(content(a)) <= words for a in label.split("/"))]
            for label in names
        ]
        match = assign(choices)
        hits = sum(n is not None for n in match)
        right, found, wanted = right + hits, found + len(cast), wanted + len(names)
        if hits < len(names) or hits < len(cast):
            extra = [c.name for n, c in enumerate(cast) if n not in match]
            lacking = [name for name, n in zip(names, match, strict=True) if n is None]
            missed.append(f"cast of {start!r}: lacking {lacking}, extra {extra}")
    precision, recall = right / found, right / wanted
    return {
        "character_f1": 2 * precision * recall / (precision + recall),
        "character_precision": precision,
        "character_recall": recall,
    }


def story_text(story: dict[str, Any]) -> str:
    """Write a ViMax story as a synopsis and a list of shots."""
    lines = [story["story_overview"], ""]
    for scene in story["scenes"]:
        lines.append(f"Scene {scene['scene_num']}")
        lines += [
            f"- {' '.join((shot['first_frame'] + ' ' + shot['video_prompt']).split())}" for shot in scene["shots"]
        ]
        lines.append("")
    return "\n".join(lines)


def measure_stories(stories: list[dict[str, Any]], missed: list[str]) -> dict[str, float]:
    """Each shot of a story knows which of the story's entities it shows.

    An entity is a numbered name (`Character A`) or a role (`the chef`, `dancer`) that the shots of a
    story keep using; a shot refers to it where it says its name.
    """
    known = total = 0
    for story in stories:
        storyboard = plan_offline(Brief(text=story_text(story), form="markdown"))
        shots = [
            " ".join((s["first_frame"] + " " + s["video_prompt"]).split())
            for scene in story["scenes"]
            for s in scene["shots"]
        ]
        planned = {" ".join(shot.prompt.split()): shot for shot in storyboard.shots}
        names = set(
            re.findall(
                r"\b(?:Character|Scientist|Partner|Sibling|Friend|Musician|Guest|Judge|Chef|Artisan) [A-D]\b",
                " ".join(shots),
            )
        )
        roles = set(
            re.findall(
                r"\b(?:artist|chef|dancer|model|filmmaker|musician|photographer|scientist|writer)\b",
                story["story_overview"].lower(),
            )
        )
        for text in shots:
            shot = planned.get(text)
            cast = [storyboard.bible.character(id) for id in shot.characters] if shot else []
            said = " | ".join(f"{c.name} {' '.join(c.aliases)} {c.description}" for c in cast if c).lower()
            for name in [
                *(n for n in names if re.search(rf"\b{n}\b", text)),
                *(r for r in roles if re.search(rf"\b{r}\b", text.lower())),
            ]:
                total += 1
                if re.search(rf"\b{name.lower()}\b", said):
                    known += 1
                else:
                    missed.append(f"entity {name!r} not known in {text[:120]!r}: {said[:100]!r}")
    return {"entity_reference_coverage": known / (total or 1), "entity_references": total}


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
            fitted = split_long(storyboard, capabilities, Fraction(24))
            if abs(sum(s.seconds for s in fitted.shots) - sum(s.seconds for s in storyboard.shots)) > 1e-6:
                faults.append(f"splitting for {name} changes its length")
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


def measure_edits(texts: list[str], count: int, missed: list[str]) -> dict[str, float]:
    """Change one place of a brief and replan: how many shots change against those whose words were touched."""
    chance = random.Random(11)
    changed = least = 0
    for _ in range(count):
        text = chance.choice(texts)
        old = plan_offline(Brief(text=text))
        edited, touched = edit(text, old, chance)
        patch = replan(old, Brief(text=edited))
        moved = len(patch.changed) + len(patch.added) + len(patch.removed)
        changed += moved
        least += touched
        if moved > touched:
            missed.append(
                f"edit {text[:60]!r} -> {edited[:60]!r}: {moved} shots for {touched}: {patch.summary()[:300]}"
            )
    return {"shots_changed_over_minimum": changed / least, "edits": count}


def edit(text: str, storyboard: Storyboard, chance: random.Random) -> tuple[str, int]:
    """Make one edit and return the text, and how many shots it must change: one swapped, added or taken out."""
    sentences = [m for m in re.finditer(r"[^.!?]+[.!?]\s*", text)]
    kind = chance.choice(["word", "add", "remove"] if len(sentences) > 2 else ["word", "add"])
    if kind == "add":
        place = chance.choice(sentences).end() if sentences else len(text)
        return f"{text[:place].rstrip()} Lightning flashes over the hills. {text[place:].lstrip()}".strip(), 1
    if kind == "remove":
        gone = chance.choice(sentences[1:])
        count = sum(1 for s in storyboard.shots if s.span and gone.start() <= s.span.start < gone.end())
        return text[: gone.start()] + text[gone.end() :], max(1, count)
    shot = chance.choice([s for s in storyboard.shots if s.span])
    assert shot.span
    place = shot.span.end
    while place > shot.span.start and not text[place - 1].isalnum():
        place -= 1
    return f"{text[:place]} quite visibly{text[place:]}", 1


def measure_chat(prompts: list[dict[str, Any]], count: int, missed: list[str]) -> dict[str, float]:
    """Plan a seeded sample of prompts with the packaged chat model; say so where it is not installed."""
    if lacking := packaged_model.missing():
        print(
            f"SKIPPED the chat model's column: {' and '.join(lacking)} not installed: `make test-real` does",
            file=sys.stderr,
        )
    if lacking or not count:
        return {}
    chat_model = packaged_model.PackagedModel()
    plans = 0

    def plan(brief: Brief) -> Storyboard | None:
        nonlocal plans
        try:
            storyboard = plan_with_model(brief, chat_model)
        except PermanentFailure as error:
            missed.append(f"chat: {error}")
            return None
        plans += 1
        return storyboard

    sample = random.Random(9).sample(prompts, min(count, len(prompts)))
    started = time.monotonic()
    figures = measure_events(sample, missed, plan)
    return {
        "chat_planned": plans / len(sample),
        "chat_event_coverage": figures["event_coverage"],
        "chat_order_kept": figures["order_kept"],
        "chat_calls_per_brief": chat_model.calls / len(sample),
        "chat_seconds_per_brief": (time.monotonic() - started) / len(sample),
        "chat_prompts": len(sample),
    }


def measure_speed(plots: list[str]) -> dict[str, float]:
    """Time plans of 10 and of 120 pages, in CPU time of the one thread; linear means a page costs the same in both."""
    text = "\n\n".join(plots)

    def per_page(pages: int) -> float:
        whole = (text * (pages * PAGE // len(text) + 1))[: pages * PAGE]
        times = []
        for _ in range(3):
            started = time.process_time()
            plan_offline(Brief(text=whole))
            times.append((time.process_time() - started) * 1000 / pages)
        return statistics.median(times)

    plan_offline(Brief(text=plots[0]))
    short, long = per_page(10), per_page(120)
    return {"ms_per_page": long, "ms_per_page_growth": long / short}


if __name__ == "__main__":
    sys.exit(main())
