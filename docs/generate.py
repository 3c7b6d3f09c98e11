"""Write the generated pages of the documentation: `python docs/generate.py`. A test fails when they are out of date."""

import argparse
import inspect
import json
import re
from collections.abc import Container, Sequence
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

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
        "differs from the others of its class (Wan 2.2 5B, CogVideoX 1.5) is told by its configs, and one that its",
        "class fails at is refused (CogVideoX 1.5 where a clip is followed). Where a class needs more steps than were",
        "asked for (Mochi: two), it takes them, and a substitution says so.",
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
smallest row gets the smallest. Without a CUDA card the model stays whole in the machine's own memory. Of several cards,
`device = "cuda:1"` takes the second; a device that is not here is refused with those that are.

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
that row is taken at once, and said in a substitution; takes as large are not tried in the larger row again, and the
time that was lost is part of what the take cost.

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


def settings() -> str:
    """Write what `reelgraph.toml` may say from the models that read it."""
    from reelgraph.video_tools.backends.dialects import DIALECTS
    from reelgraph.video_tools.backends.local_settings import LocalSettings
    from reelgraph.video_tools.backends.remote_settings import RemoteSettings
    from reelgraph.video_tools.backends.settings import ModelSettings
    from reelgraph.video_tools.budget import Limits
    from reelgraph.video_tools.settings import NEW_SETTINGS, Settings

    tables = [name for name, field in Settings.model_fields.items() if str(field.annotation).startswith("dict")]
    tables += [name for name, field in Settings.model_fields.items() if field.annotation is Limits]
    text = f"""\
# Settings

<!-- Generated: python docs/generate.py -->

What a project's `reelgraph.toml` may say. An option counts over it, and what decides a film's takes is kept with the
film ([resuming.md](resuming.md)); in Python they are arguments of `Project.open`. A new project begins with this:

```toml
{NEW_SETTINGS}```

{_fields(Settings, without=tables, options=True)}
## [budget] and [project_budget]

Ceilings of each film (`--budget calls=100`), and of all films of the project together. What is not set has none.

{_fields(Limits)}
## [backend_by_kind]

{Settings.model_fields["backend_by_kind"].description}

## [backends.local]

A diffusers model on this machine: [backends.md](backends.md), [gpus.md](gpus.md).

{_fields(LocalSettings)}
## [backends.music]

A diffusers model for sound on this machine.

{_fields(ModelSettings)}
## [backends.remote]

Video servers. A table of any other name is a back end too, where it says which of these it is: `kind = "remote"`.

{_fields(RemoteSettings)}"""
    for name, (kind, _) in DIALECTS.items():
        text += f"\nWhere `dialect` is `{name}`:\n\n{_fields(kind, without=RemoteSettings.model_fields)}"
    return (
        text
        + """
## [checks.NAME]

Each check's thresholds, and `on = false` to leave it out: [checks.md](checks.md).
"""
    )


def _fields(kind: type[BaseModel], *, without: Container[str] = (), options: bool = False) -> str:
    """Write a table of a model's fields: what each is without being set, and what it says of itself."""
    flags = {action.dest: action.option_strings[0] for action in _of_command("make") if action.option_strings}
    said = _attributes(kind) | {name: f.description for name, f in kind.model_fields.items() if f.description}
    rows = ["| setting | if not set | what |", "| --- | --- | --- |"]
    for name, field in kind.model_fields.items():
        if name not in without:
            option = f" (`{flags[name]}`)" if options and name in flags else ""
            rows.append(f"| `{name}`{option} | {_toml(field)} | {said[name]} |")
    return "\n".join(rows) + "\n"


def _toml(field: FieldInfo) -> str:
    if field.is_required():
        return "has to be"
    value = field.get_default(call_default_factory=True)
    if value is None or value == "":
        return ""
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"


def _attributes(kind: type[BaseModel]) -> dict[str, str]:
    """Read what the docstrings of a class and of those it builds on say of attributes."""
    found: dict[str, str] = {}
    for own in reversed(kind.__mro__):
        section = (inspect.getdoc(own) or "").partition("Attributes:\n")[2] if own.__doc__ else ""
        for name, text in re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE):
            found[name] = " ".join(text.split())
    return found


def _of_command(name: str) -> Sequence[argparse.Action]:
    top = parser()
    return next(a for a in top._actions if isinstance(a, argparse._SubParsersAction)).choices[name]._actions


def _yes(done: bool) -> str:
    return "yes" if done else ""


PAGES = {"commands.md": commands, "families.md": families, "gpus.md": gpus, "settings.md": settings}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")
