"""Write the generated pages of the documentation: `python docs/generate.py`. A test fails when they are out of date."""

import argparse
from pathlib import Path

from reelgraph.cli import COMMANDS, parser

HERE = Path(__file__).parent


def commands() -> str:
    """Write the command reference from the parser itself."""
    top = parser()
    found = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction)).choices
    lines = ["# Commands", "", "<!-- Generated: python docs/generate.py -->", ""]
    lines += [
        "Every command takes `-p DIR` (the project), `--json`, `-q` and `-v`. Exit status: 0 done and approved; 1 a"
    ]
    lines += [
        "result is there but not approved; 2 the request was wrong; 3 no film because the back end failed; 4 no film"
    ]
    lines += ["because the budget ended; 5 project busy or corrupt; 130 interrupted, and resumable.", ""]
    for name, (_, text) in COMMANDS.items():
        lines += [f"## reelgraph {name}", "", f"{text[0].upper()}{text[1:]}.", ""]
        for action in found[name]._actions:
            if action.dest in ("help", "project", "json", "quiet", "verbose"):
                continue
            flags = ", ".join(f"`{flag}`" for flag in action.option_strings) or f"`{action.metavar or action.dest}`"
            value = ""
            if action.option_strings and action.nargs != 0:
                value = f" `{action.metavar or (', '.join(action.choices) if action.choices else action.dest.upper())}`"
            elif not action.option_strings and action.choices:
                value = f" ({', '.join(action.choices)})"
            lines.append(f"- {flags}{value}: {action.help}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def families() -> str:
    """Write the table of pipeline classes from the rows themselves."""
    from reelgraph.video_tools.backends.families import FAMILIES

    lines = ["# Pipeline classes", "", "<!-- Generated: python docs/generate.py -->", ""]
    lines += [
        "What the `local` back end knows of each diffusers pipeline class. Frame steps and size multiples that follow"
    ]
    lines += ["from a model's VAE are read from its configs; the most frames are those it was trained on.", ""]
    lines += ["| class | conditioned on | rate | most frames | best size | steps | guidance |"]
    lines += ["| --- | --- | ---: | ---: | --- | ---: | ---: |"]
    for name, row in sorted(FAMILIES.items()):
        roles = ", ".join(sorted(r.replace("_", " ") for r in row.modes))
        size = "x".join(map(str, row.size)) if row.size else ""
        lines.append(
            f"| `{name}` | {roles} | {row.rate or ''} | {row.most_frames} | {size} | {row.steps} | {row.guidance} |"
        )
    return "\n".join(lines) + "\n"


PAGES = {"commands.md": commands, "families.md": families}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")
