"""What a person is asked at a gate, in a terminal or by the next command."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from reelgraph.commands.telling import harmless
from reelgraph.video_tools.answers import money
from reelgraph.video_tools.film import Spend


def answer_of(options: argparse.Namespace, project: Path) -> Callable[[dict[str, Any]], Any] | None:
    """Return what answers at gates: `--yes`, `--no` once and then nobody, whoever sits at a terminal, or nobody."""
    if options.yes:
        return lambda payload: True
    if options.no is not None:
        words = [{"approved": False, "words": options.no}]
        return lambda payload: words.pop() if words else None
    return partial(_ask, project=project) if sys.stdin.isatty() else None


def _ask(payload: dict[str, Any], *, project: Path) -> dict[str, Any] | None:
    """Put a gate's question to whoever sits at the terminal, and return what they say, or None if they leave."""
    print(f"{payload['gate']} {payload['number']} of {payload['film']}:", file=sys.stderr)
    print(*map(harmless, _shown(payload["shown"], project)), sep="\n", file=sys.stderr)
    print("approve? [y/N, or say what to change, or why not] ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:  # the end of input is no answer
        print(file=sys.stderr)
        return None
    words = line.strip()
    yes = words.lower() in ("y", "yes")
    return {"approved": yes, "words": "" if yes or words.lower() in ("n", "no") else words}


def waiting(payload: Mapping[str, Any], project: Path) -> str:
    """Say in one line what a film waits for, what is asked, and who asks it next."""
    shown, film = payload["shown"], payload["film"]
    again = f"`reelgraph resume --film {film}`"
    folder = project / "films" / film
    look = {
        "storyboard": f"look at {folder / 'storyboard.yaml'}",
        "references": f"look at {folder / 'references.jpg'}",
        "cost": f"shooting costs {_money(shown.get('once'))} (at most {_money(shown.get('most'))})",
        "cut": f"look at {project / str(shown.get('film'))}{_noted(shown.get('notes', []))}",
    }[payload["gate"]]
    if payload["gate"] == "references" and not (folder / "references.jpg").exists():
        look = "look at it"
    asks = f"{again} asks in a terminal; --yes says yes, and --no WORDS what to change, or why not"
    return f"waiting for a person at the {payload['gate']}: {look}, then {asks}"


def _shown(shown: Mapping[str, Any], project: Path) -> Iterator[str]:
    """Tell what a gate shows, a line for each thing; what is in the project's folder by its path."""
    for shot in shown.get("shots", []):
        yield from _shot_lines(shot)
    for entry in shown.get("entries", []):
        pictures = [str(project / picture) for picture in entry.get("pictures", [])]
        looks = ", ".join(filter(None, [entry["description"], *entry["palette"], *pictures]))
        yield _line(entry["name"], looks)
    of_all = {**shown.get("style", {}), **{name: shown.get(name) for name in ("music", "fade_out")}}
    for name, said in of_all.items():
        if said:
            yield _line(name, ", ".join(map(str, said)) if isinstance(said, list) else said)
    if "once" in shown:
        yield _line("to make", ", ".join(shown["to_make"]) or "nothing that is missing")
        yield _line("costs", f"{_money(shown['once'])}, if every shot is right at once")
        if len(parts := shown["parts"]) > 1:
            yield from (_line("", f"{part}: {_money(price)}") for part, price in parts.items())
        yield _line("at most", f"{_money(shown['most'])}, if every one is shot again in each round")
        yield _line("spent", _money(shown["spent"]))
    if "film" in shown:
        yield _line("film", f"{project / shown['film']}, {shown['seconds']:.1f} s")
    for note in shown.get("notes", []):
        yield _line("blocking" if note["blocking"] else "advice", f"{note['shot'] or 'film':<9}{note['message']}")


def _line(name: str, said: object) -> str:
    return f"  {name:<12} {said}"


def _money(spend: Any) -> str:
    return money(Spend.model_validate(spend)) if spend else "nothing"


def _noted(notes: list[Any]) -> str:
    return f" ({len(notes)} note{'s' * (len(notes) != 1)} on it)" if notes else ""


def _shot_lines(shot: Mapping[str, Any]) -> list[str]:
    """Tell a planned shot as a person is asked about it: what is seen, who and where, the card, what is said."""
    usual = {"camera": "still", "angle": "eye", "kind": "cut"}
    how = {"size": shot["size"], "camera": shot["camera"], "angle": shot["angle"], "kind": shot["transition"]["kind"]}
    picture = ", ".join(said.replace("_", " ") for name, said in how.items() if said != usual.get(name))
    by = f"footage {shot['take']:.12}" if shot["take"] else shot["backend"]
    where = ", ".join(filter(None, [*shot["characters"], shot["place"], shot["time"], by]))
    spoken = [f"{line.get('character') or 'narrator'}: {line['text']}" for line in shot["lines"]]
    card = f"card: {shot['title']}" if shot["title"] else ""
    more = [f"{'':<19} {said}" for said in (where, card, *spoken) if said]
    return [f"  {shot['id']}  {shot['seconds']:5.2f} s  {picture:<12} {shot['prompt']}", *more]
