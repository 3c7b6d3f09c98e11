"""The command line: what there is to say, and who does it.

Only argparse is imported here, so that `--help` answers at once; a command imports what it needs when it runs.
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

from reelgraph import __version__

# command -> (module in reelgraph.commands, what it does)
COMMANDS = {
    "make": ("film", "make a film from a brief: plan, shoot, cut, check, and shoot again what is wrong"),
    "plan": ("steps", "plan a storyboard and show it, shooting nothing"),
    "estimate": ("steps", "say what a film will cost, before anything is spent"),
    "shoot": ("steps", "shoot the takes that a storyboard lacks"),
    "cut": ("steps", "cut the takes there are into a film"),
    "review": ("steps", "check the newest cut"),
    "revise": ("film", "change a film in your own words, making only what that changes"),
    "edit": ("editing", "make the next version of a cut by typed edits, or return to an earlier one"),
    "diff": ("editing", "say what changed between two cuts"),
    "resume": ("film", "go on with a film where it stopped"),
    "status": ("folder", "say how far the films of a project are"),
    "takes": ("folder", "list the takes"),
    "export": ("folder", "copy what was delivered into another folder"),
    "verify": ("folder", "prove takes, versions, renders and the memory against their records"),
    "prune": ("folder", "remove what no film uses"),
    "memory": ("memory", "show or change what the project remembers"),
    "assemble": ("editing", "join real footage into a film, with no agent"),
    "import": ("editing", "take footage, pictures or sound into the project, as takes"),
    "check": ("editing", "run every applicable check on any video"),
    "mcp": ("serving", "serve the tools over the Model Context Protocol, on stdio or HTTP"),
    "backends": ("machine", "list the back ends and what they can do"),
    "doctor": ("machine", "say what this machine can run"),
}


# These make or change a film, so that after an interrupt there is something to go on with.
_RESUMED = ("make", "plan", "shoot", "cut", "review", "resume")
UNFORESEEN = 70  # EX_SOFTWARE of sysexits.h


class _WrongUsage(Exception):
    """The words are no command; what is wrong, in one line."""


class _Parser(argparse.ArgumentParser):
    """A parser that leaves it to `main` to say what is wrong, on stdout too where JSON is wanted."""

    def error(self, message: str) -> NoReturn:
        raise _WrongUsage(f"{message}; see `{self.prog} --help`")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            what = " ".join(action.option_strings) or str(action.metavar or action.dest).lower()
            self.error(f"there is no {what} {value!r}: {_meant(str(value), action.choices)}")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse a whole line, and say of an option that there is not which one is like it."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            commands = next(action for action in self._actions if isinstance(action, argparse._SubParsersAction))
            command = commands.choices.get(options.command, self)
            word = unknown[0].partition("=")[0]
            near = get_close_matches(word, command._option_string_actions, 1, 0.7) if word.startswith("-") else []
            command.error(f"there is no {word}: did you mean {near[0]}?" if near else f"{word} is not wanted there")
        if options.json and not options.command:
            self.error("name a command")
        return options


def _meant(name: str, names: Iterable[str]) -> str:
    from reelgraph.video_tools.wording import meant  # which brings pydantic, and `--help` does not need it

    return meant(name, names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit status.

    0 done and approved; 1 a result is there but not approved, or a person said no; 2 the request was wrong; 3 no film
    because the back end failed; 4 no film because the budget ended; 5 project busy or corrupt; 70 an error that nobody
    foresaw; 130 interrupted, and resumable.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a sign outside the console's code page must not end a command
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parser().parse_args(words)
    except _WrongUsage as wrong:
        print(f"reelgraph: {wrong}", file=sys.stderr)
        if "--json" in words:
            print(json.dumps({"error": str(wrong)}))
        return 2
    if not options.command:
        parser().print_help()
        return 2
    from reelgraph.video_tools.errors import ReelgraphError

    said = ""
    try:
        module = import_module(f"reelgraph.commands.{COMMANDS[options.command][0]}")
        run: Callable[[argparse.Namespace], tuple[int, dict[str, Any]]] = getattr(
            module,
            {"import": "import_files"}.get(options.command, options.command),  # `import` is Python's own word
        )
        status, result = run(options)
    except ReelgraphError as error:
        status, said = error.exit_status, str(error)
    except KeyboardInterrupt:
        on = "; `reelgraph resume` goes on from here" if options.command in _RESUMED else ""
        status, said = 130, f"interrupted{on}"
    except BrokenPipeError:  # whoever read our output has seen enough
        return _hushed(0)
    except Exception as error:
        more = "" if options.verbose else "; -v shows where"
        status, said = UNFORESEEN, f"unforeseen {type(error).__name__}: {' '.join(str(error).split())}{more}"
        if options.verbose:
            traceback.print_exc()
    try:
        if said:
            from reelgraph.commands.telling import say_error

            say_error(options, said)
        elif options.json and options.command != "mcp":  # whose stdout is the protocol's
            print(json.dumps(result))  # ASCII, so that any console carries the exact text
        sys.stdout.flush()
    except BrokenPipeError:
        return _hushed(status)
    return status


def _hushed(status: int) -> int:
    """Send nowhere what is left to be said to nobody, so that Python does not stumble over it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError), open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
    return status


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = _Parser(
        prog="reelgraph",
        description="A video agent: plan a film, shoot it, cut it, check it, and shoot again only what a note names.",
    )
    top.add_argument("--version", action="version", version=f"reelgraph {__version__}")
    _shared(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    # Before the command or after it; what is not said after it must not take back what was said before.
    shared = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    _shared(shared)
    found = {
        name: commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", parents=[shared])
        for name, (_, text) in COMMANDS.items()
    }
    for name in ("make", "plan"):
        found[name].add_argument(
            "brief", metavar="BRIEF", help="a sentence, or a text, Markdown, Fountain, FDX or YAML file"
        )
        found[name].add_argument("--seconds", type=float, help="how long the film should be")
        found[name].add_argument(
            "--planner", metavar="PROVIDER:MODEL", help="a chat model that plans (default: offline)"
        )
        found[name].add_argument(
            "--planner-fallback", action="store_true", default=None, help="plan by rule if the model fails"
        )
        found[name].add_argument("--replan", action="store_true", help="plan afresh, even if the film has a storyboard")
    for name in ("make", "plan", "estimate", "shoot", "cut", "review", "revise", "edit", "diff", "resume", "export",
                 "takes"):  # fmt: skip
        found[name].add_argument(
            "--film", metavar="NAME", help="which film; its name is made from the brief if not given"
        )
    for name in ("make", "plan", "estimate", "shoot", "cut", "review", "revise", "resume"):
        _settings(found[name])
    for name in ("make", "revise", "resume"):
        found[name].add_argument("--approve", action="append", choices=["storyboard", "references", "cut"],
                                 default=[], help="ask a person there; may be given again")  # fmt: skip
        found[name].add_argument("--approve-above", action="append", default=[], metavar="WHAT=N",
                                 help="ask a person where all rounds may cost more, such as money=2")  # fmt: skip
        answers = found[name].add_mutually_exclusive_group()
        answers.add_argument("--yes", action="store_true", help="answer yes to whatever is asked, also after a no")
        answers.add_argument("--no", metavar="WORDS", help="answer no, once, with what to change, or why not")
    found["revise"].add_argument(
        "--planner", metavar="PROVIDER:MODEL", help="a chat model that reads what the grammar does not"
    )
    found["revise"].add_argument("words", metavar="WORDS", help='what to change, such as "shoot shot 2 again"')
    found["resume"].add_argument("--resend", metavar="SHOT", action="append", default=[],
                                 help="send once more a call of unknown outcome, or a lost job")  # fmt: skip
    export = found["export"]
    export.add_argument("folder", metavar="FOLDER", help="where to")
    export.add_argument("--preset", action="append", default=[], metavar="NAME",
                        help="also as web, vertical, square, prores, dnxhr, webm, gif, webp or sheet")  # fmt: skip
    export.add_argument("--focus", type=float, default=0.5, metavar="X",
                        help="what vertical and square cut out around, from 0 (left) to 1 (right)")  # fmt: skip
    export.add_argument("--loudness", metavar="LUFS",
                        help="of the presets: a number, or web (-14, the default for web, vertical, square and webm),"
                        " podcast or ebu")  # fmt: skip
    export.add_argument("--timeline", action="append", default=[], choices=["edl", "xml", "fcpxml"],
                        help="also as an edit list of another program (film.otio is the lossless one)")  # fmt: skip
    export.add_argument("--certificates", metavar="CHAIN.pem", help="sign the film with content credentials")
    export.add_argument("--key", metavar="KEY.pem", help="the signer's private key")
    found["verify"].add_argument("file", nargs="?", metavar="FILE", help="a signed film, whose credential is read back")
    found["prune"].add_argument("--yes", action="store_true", help="remove; without it, only say what would be")
    _editing(found)
    mcp = found["mcp"]
    mcp.add_argument("--http", action="store_true", help="streamable HTTP instead of stdio")
    mcp.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    mcp.add_argument("--port", type=int, default=8080, help="the port to listen on (default: 8080)")
    mcp.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name clients may call it by")
    memory = found["memory"]
    memory.add_argument(
        "action", choices=["show", "add-character", "forget", "rebuild", "export", "import"], help="what to do"
    )
    memory.add_argument("what", nargs="?", help="a name, an id, or a path, as the action needs")
    them = memory.add_argument_group("with add-character")
    them.add_argument("--description", help="the words that describe the character")
    them.add_argument(
        "--colour", action="append", metavar="#RRGGBB", help="a colour of the character; may be given again"
    )
    them.add_argument("--voice", help="how the character sounds")
    them.add_argument("--alias", action="append", metavar="NAME", help="another name of the character")
    them.add_argument(
        "--adapter", action="append", metavar="NAME[:SCALE]", help="an adapter (LoRA) that draws the character"
    )
    return top


def _shared(command: argparse.ArgumentParser) -> None:
    own = command.argument_default is None
    command.add_argument("-p", "--project", metavar="DIR", help="the project's folder (default: this one)",
                         default="." if own else argparse.SUPPRESS)  # fmt: skip
    for names, text in (
        (("--json",), "print exactly one JSON object on stdout"),
        (("-q", "--quiet"), "no progress"),
        (("-v", "--verbose"), "say more, and show where an unforeseen error arose"),
    ):
        command.add_argument(*names, action="store_true", default=False if own else argparse.SUPPRESS, help=text)


def _editing(found: Mapping[str, argparse.ArgumentParser]) -> None:
    found["edit"].add_argument("edits", nargs="*", metavar="EDIT", help="an edit as JSON, such as "
                               '{"op": "trim", "clip": "s01-02", "tail": 12}')  # fmt: skip
    found["edit"].add_argument("--return-to", type=int, metavar="N", help="make cut N and its plan the newest again")
    found["edit"].add_argument(
        "--from", dest="timeline", metavar="TIMELINE",
        help="cut as an .otio, .edl, .xml or .fcpxml of this film says, edited elsewhere",
    )  # fmt: skip
    _judge(found["edit"])
    found["diff"].add_argument("a", type=int, nargs="?", metavar="A", help="a cut's number (default: the last but one)")
    found["diff"].add_argument("b", type=int, nargs="?", metavar="B", help="a later cut's number (default: the last)")
    found["diff"].add_argument("--html", metavar="FILE.html", help="also write a page with both, side by side")
    for name in ("assemble", "import", "check"):
        found[name].add_argument("files", nargs="+", metavar="FILE", help="a video or picture")
    found["check"].add_argument("--junit", metavar="FILE.xml", help="also write the result as JUnit XML")
    join = found["assemble"]
    join.add_argument("-o", "--output", required=True, metavar="OUT.mp4", help="the film to write")
    join.add_argument("--transition", metavar="KIND:SECONDS", help="between files, such as crossfade:0.5")
    join.add_argument("--title", help="words over the first seconds")
    join.add_argument("--music", metavar="FILE", help="sound laid under the film")
    join.add_argument("--captions", metavar="FILE", help="an SRT, VTT, ASS or MicroDVD file")
    join.add_argument("--burn", action="store_true", help="draw the captions into the picture")
    join.add_argument("--loudness", nargs="?", const="web", metavar="LUFS",
                      help="bring the sound to LUFS: a number, or web (-14, the default), podcast or ebu")  # fmt: skip
    join.add_argument("--size", metavar="WxH", help="the film's size; the first file's if not given")
    join.add_argument("--rate", metavar="R", help="the film's frames a second; the first video's if not given")


def _settings(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("settings", "these override reelgraph.toml")
    group.add_argument("--backend", metavar="NAME", help="what shoots: see `reelgraph backends`")
    group.add_argument(
        "--model", metavar="MODEL", help="the back end's model: a folder, a hub id, or a server's name for it"
    )
    group.add_argument("--size", metavar="WxH", help="the film's size, such as 1280x720")
    group.add_argument("--rate", metavar="R", help="the film's frames a second, such as 24 or 30000/1001")
    group.add_argument(
        "--rung", choices=["still", "draft", "final"], help="how good takes shall be; drafts are made sooner"
    )
    group.add_argument(
        "--ladder", metavar="RUNGS", type=lambda rungs: rungs.split(","),
        help="rungs that a shot passes its checks on first, such as still,draft",
    )  # fmt: skip
    group.add_argument(
        "--strict", action="store_true", default=None, help="approve no film in which anything was substituted"
    )
    group.add_argument(
        "--establish", action=argparse.BooleanOptionalAction,
        help="shoot a picture of everybody and every place first, for their shots to lean on",
    )  # fmt: skip
    group.add_argument(
        "--rounds", type=int, metavar="N", help="how often a film may go round, if --best-of wants no more"
    )
    group.add_argument(
        "--best-of", type=int, metavar="N", help="takes of a shot to choose from, while none is faultless"
    )
    _judge(group)
    group.add_argument("--budget", action="append", default=[], metavar="WHAT=N",
                       help="a ceiling: generation_seconds, calls, money, disk_megabytes or wall_seconds")  # fmt: skip


def _judge(command: argparse._ActionsContainer) -> None:
    command.add_argument(
        "--judge", metavar="PROVIDER:MODEL", help="a chat model that sees, to advise on takes (none: nobody)"
    )


if __name__ == "__main__":
    sys.exit(main())
