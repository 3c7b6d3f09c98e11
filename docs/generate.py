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
        "Every command takes `-p DIR` (the project), `--json`, `-q` and `-v`, before its name or after it.",
        "",
        "Exit status: 0 done and approved; 1 a",
    ]
    lines += [
        "result is there but not approved, or a person said no; 2 the request was wrong; 3 no film because the back "
        "end failed; 4 no film"
    ]
    lines += [
        "because the budget ended; 5 project busy or corrupt; 70 an error that nobody foresaw (`-v` shows where); 130"
    ]
    lines += ["interrupted, and resumable.", ""]
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
    from reelgraph.video_tools.backends.sound_families import SOUND_FAMILIES

    lines = ["# Pipeline classes", "", "<!-- Generated: python docs/generate.py -->", ""]
    lines += [
        "What the `local` back end knows of each diffusers pipeline class. Frame steps and size multiples that follow",
        "from a model's VAE are read from its configs; the most frames are those it was trained on. A checkpoint that",
        "differs from the others of its class (Wan 2.2 5B, CogVideoX 1.5) is told by its configs.",
        "",
    ]
    lines += ["| class | conditioned on | rate | most frames | best size | steps | guidance |"]
    lines += ["| --- | --- | ---: | ---: | --- | ---: | ---: |"]
    for name, row in sorted(FAMILIES.items()):
        roles = ", ".join(sorted(r.replace("_", " ") for r in row.modes))
        size = "x".join(map(str, row.size)) if row.size else ""
        lines.append(
            f"| `{name}` | {roles} | {row.rate or ''} | {row.most_frames} | {size} | {row.steps} | {row.guidance} |"
        )
    lines += ["", "What the `music` back end knows of each class for sound:", ""]
    lines += ["| class | steps | guidance |", "| --- | ---: | ---: |"]
    lines += [f"| `{name}` | {row.steps} | {row.guidance} |" for name, row in sorted(SOUND_FAMILIES.items())]
    return "\n".join(lines) + "\n"


_WAITS = {
    "nothing": "nothing: all on the card",
    "text": "the text encoder, all layers but the one at work",
    "parts": "all parts but the one at work",
    "layers": "all layers but the one at work",
}


def gpus() -> str:
    """Write what is done for cards of each size from the presets themselves."""
    from reelgraph.video_tools.backends.known_models import KNOWN_MODELS
    from reelgraph.video_tools.backends.placement import PRESETS
    from reelgraph.video_tools.backends.room import placement_that_fits

    text = """\
# GPU settings by card size

<!-- Generated: python docs/generate.py -->

The `local` back end looks at the card's memory and takes the row whose size fits in it; a card with less than the
smallest row gets the smallest. Without a CUDA card the model stays whole in the machine's own memory.

| card | waits in the machine's memory | pictures decoded in tiles | weights kept in eight bits |
| ---: | --- | --- | --- |
"""
    for size, row in sorted(PRESETS.items()):
        text += f"| {size} GB | {_WAITS[row.offload]} | {_yes(row.tile_vae)} | {_yes(row.eight_bit)} |\n"
    sizes = sorted(PRESETS)
    known = "| model | " + " | ".join(f"{size} GB" for size in sizes) + " |\n"
    known += "| --- |" + " ---: |" * len(sizes) + "\n"
    for model in KNOWN_MODELS:
        rows = [placement_that_fits(model.weights, size) for size in sizes]
        known += f"| {model.name} | " + " | ".join(str(row.memory) if row else "" for row in rows) + " |\n"
    return (
        text
        + """
To set it yourself, for a card that is shared with something else:

```toml
[backends.local]
model = "models/wan-2.2"
placement = 16               # a row of the table, or "auto"
retry_smaller = true         # a take that does not fit is tried again with the next smaller row
compile = true               # minutes for the first take of a shape, sooner from then on
```

Tiles and eight bits change pixels a little, so they are recorded on every take. Moving weights costs time and changes
nothing else. Where a card runs out of memory all the same, the error names the next smaller row; with `retry_smaller`
that row is taken at once, and said in a substitution.

## Which model on which card

The row of the table above with which a model's weights leave a seventh of the card free for pictures. That share is a
guess: large or long takes need more. A row below the card's own is set by hand, as above.

"""
        + known
        + """
On one H200, with models of a third and half of the published size, a take of LTX took 1.0 to 1.7 times as long in the
rows below 80 GB, and one of Wan 1.6 to 1.9 times, most of it for tiles: [performance.md](performance.md).

What a machine can run, with this model and this card: `reelgraph doctor`. Fewer steps for a quick look:
`rung = "draft"`.
"""
    )


def _yes(done: bool) -> str:
    return "yes" if done else ""


PAGES = {"commands.md": commands, "families.md": families, "gpus.md": gpus}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")
