"""What commands tell a person: progress on stderr, results on stdout, and next steps that can be copied."""

import argparse
import json
import re
import shlex
import sys
import threading
from collections.abc import Callable
from typing import Any

from reelgraph.video_tools.wording import counted

_NO_TAKE = " no take: "  # so begins the note on a slate too, which says why its take failed
# Signs that a terminal obeys instead of showing them, and those that turn the order of what stands beside them: words
# of a storyboard, a file's name or a server's answer may hold any.
_OBEYED = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SHOWN = {code: "\ufffd" for code in _OBEYED if chr(code) not in "\t\n"}
# What is said of an event once: of what is changed in every shot alike, and of what fails in every round.
_ONCE = {
    "substitution": "{what} {asked} {made}",
    "take.failed": "{shot}" + _NO_TAKE + "{error}",
    "note.raised": "{shot} {message}",
}


def teller(options: argparse.Namespace) -> Callable[[dict[str, Any]], None]:
    """Return what tells a person of events: one line each on stderr, nothing with `-q`."""
    if options.quiet:
        return lambda event: None
    live, shots, made, longest = sys.stderr.isatty(), 0, set[str](), 0
    words = {
        "settings.kept": "{film} stays as it was asked for: {what} {kept}, not {file} as the settings say; "
        "--{what} changes it",
        "settings.changed": "{film} from now on: {what} {now}, no longer {before}",
        "maker.changed": "shots of {film} by {backend} will be made again: what backends.{backend} says, its model or "
        "its version changed since",
        "brief.changed": '{film} is made from another brief now, from "{before}" before; another film: --film NAME',
        "storyboard.ready": "storyboard {storyboard}: {counted}",
        "storyboard.changed": "{summary}",
        "planner.fallback": "planned by rule, since {error}",
        "words.read": "understood as:\n  {instructions}",
        "words.unread": "{error}",
        "take.ready": "{shot}: take {take:.8}",
        "take.failed": "{shot}: not made: {error}",
        "substitution": "{where}{what} {asked} became {became}: {why}",
        "cut.ready": "cut {cut}: {frames} frames, {encoded} encoded, {copied} copied",
        "note.raised": "note: {message}",
        "edit.dropped": "left out an edit that does not fit: {why}",
        "edit.returned": "made again an edit that did not fit before: {edit[op]}",
        "memory.skipped": "going on without memory: {error}",
    }

    told: set[str] = set()
    line = threading.Lock()  # takes are made by several threads, and a line is written in parts

    def tell(event: dict[str, Any]) -> None:
        with line:
            say_event(event)

    def say_event(event: dict[str, Any]) -> None:
        nonlocal shots, longest
        if event["type"] == "storyboard.ready":
            shots = event["shots"]
        if event["type"] == "references.ready":
            made.clear()  # they are no shots
        if event["type"] == "take.ready":
            made.add(event["shot"])
        once = _ONCE.get(event["type"], "").format_map(event)
        if once and (once in told or once.startswith(tuple(said for said in told if _NO_TAKE in said))):
            return
        told.add(once)
        if live and event["type"] == "take.progress":
            of = f", {len(made)} of {shots} shots are there" if shots else ""
            said = f" ({event['said']})" if "said" in event else ""
            step = harmless(f"  {event['shot']}: step {event['step']} of {event['steps']}{said}{of} ")
            print("\r" + step.ljust(longest), end="", file=sys.stderr, flush=True)
            longest = len(step)
        elif event["type"] in words:
            # The carriage return clears the counter that may stand on the line, and blanks what of it is longer.
            more = {"instructions": "\n  ".join(event.get("instructions", [])), "counted": counted(shots, "shot")}
            # What is said of a whole film goes by the name of what was asked for, in the place of a shot's.
            shot = event.get("shot", "")
            more["became"] = event.get("made") or "nothing"
            more["where"] = f"{shot}: " if shot != event.get("what", "") else ""
            said = harmless(placed(options, words[event["type"]].format_map({**event, **more})))
            print(("\r" if live else "") + said.ljust(longest), file=sys.stderr)
            longest = 0

    return tell


def counter(options: argparse.Namespace) -> Callable[[int, int], None]:
    """Return what shows on a terminal how many of how many steps are done."""
    live = sys.stderr.isatty() and not options.quiet and not options.json

    def tell(done: int, steps: int) -> None:
        if live:  # the cursor goes back, so that whatever is said next stands over it
            print(f"  {done}/{steps} " if done < steps else " " * 12, end="\r", file=sys.stderr, flush=True)

    return tell


def say(options: argparse.Namespace, *lines: str, error: bool = False) -> None:
    """Tell a person something, with what it advises completed; on stdout there is nothing else where JSON is wanted."""
    for line in lines if error or not options.json else ():
        print(harmless(placed(options, line)), file=sys.stderr if error else sys.stdout)


def harmless(text: str) -> str:
    """Return a text as a terminal may show it: whatever it would obey is a mark that something stood there."""
    return text.translate(_SHOWN)


def placed(options: argparse.Namespace, text: str) -> str:
    """Complete the commands that a text advises with the project's folder, so that they can be copied."""
    if options.project == ".":
        return text
    where = f" -p {shlex.quote(options.project)}"
    return re.sub(r"`reelgraph \w+\b(?! -p )", lambda advised: advised.group() + where, text)


def say_error(options: argparse.Namespace, text: str) -> None:
    """Say in one line why a command ended: on stderr, and as an object on stdout where JSON is wanted."""
    said = placed(options, text)
    print(f"reelgraph: {harmless(said)}", file=sys.stderr)
    if options.json and options.command != "mcp":  # whose stdout is the protocol's
        print(json.dumps({"error": said}))
