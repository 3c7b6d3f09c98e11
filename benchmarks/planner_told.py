"""What of a prompt a plan tells: events, sentences, people and entities, compared by words of this file alone."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reelgraph.video_tools.film import Brief, Shot, Storyboard
from reelgraph.video_tools.planning.offline import plan_offline

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
