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
import random
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import packaged_model  # these four are beside this file
from goals import report
from planner_told import measure_characters, measure_events, measure_plots, measure_stories, story_text
from planner_valid import measure_validity

from reelgraph.video_tools.errors import PermanentFailure
from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.planning.model import plan_with_model
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.replan import replan

GOALS: dict[str, tuple[str, float]] = {
    "valid": (">=", 1.0), "event_coverage": (">=", 0.97), "order_kept": (">=", 0.97), "sentence_coverage": (">=", 1.0),
    "invented_entities": ("<=", 0), "character_f1": (">=", 0.9), "entity_reference_coverage": (">=", 0.97),
    "shots_changed_over_minimum": ("<=", 1.1), "ms_per_page": ("<=", 25), "ms_per_page_growth": ("<=", 1.3),
}  # fmt: skip
# A page of screenplay or manuscript, in signs.
PAGE = 1800
# Of so many prompts the films are made, with takes that cost something.
COSTED = 6


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
    if options.show:
        print("\n".join(missed), file=sys.stderr)
    return report("planner", figures, GOALS, options.json, packages=())


def measure_edits(texts: list[str], count: int, missed: list[str]) -> dict[str, float]:
    """Change one place of a brief and replan: how many shots change against those whose words were touched."""
    chance = random.Random(11)
    changed = least = 0
    for _ in range(count):
        text = chance.choice(texts)
        old = plan_offline(Brief(text=text))
        edited, touched = edit(text, old, chance)
        now, then = (plan_offline(Brief(text=words), bible=old.bible) for words in (edited, text))
        patch = replan(old, now, then)
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
