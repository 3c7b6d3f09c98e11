"""Two cuts side by side as one self-contained page."""

import base64
import io
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from PIL import Image

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.editing.compare import diff
from reelgraph.video_tools.editing.conform import TakeFiles
from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.editing.slate import draw_slate
from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.film import Clip, Cut
from reelgraph.video_tools.wording import counted

_WIDTH = 288


@dataclass(frozen=True)
class Side:
    """A clip as one side of the page shows it."""

    name: str
    frames: int
    facts: str
    picture: str


@dataclass(frozen=True)
class Row:
    """The same clip on both sides, or a clip that only one side has."""

    status: str
    sides: tuple[Side | None, Side | None]


def write_comparison(a: Cut, b: Cut, takes: TakeFiles, path: Path, *, title: str = "film") -> None:
    """Write the page: what changed in words, both cuts as strips, and each clip's middle frame."""
    from jinja2 import Environment, StrictUndefined

    template = (Path(__file__).parent / "compare.html").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(template)
    sides = [{"number": cut.number, "frames": cut.frames, "rate": str(cut.rate)} for cut in (a, b)]
    write_text(path, page.render(title=title, a=sides[0], b=sides[1], lines=diff(a, b), rows=rows_of(a, b, takes)))


def rows_of(a: Cut, b: Cut, takes: TakeFiles) -> list[Row]:
    """Pair the clips of two cuts, in the order of the new one with what is gone in between."""
    olds = dict(zip(clip_names(a.clips), a.clips, strict=True))
    news = dict(zip(clip_names(b.clips), b.clips, strict=True))
    rows: list[Row] = []
    for tag, i, j, k, m in SequenceMatcher(None, list(olds), list(news), autojunk=False).get_opcodes():
        if tag == "equal":
            for name in list(news)[k:m]:
                status = "same" if olds[name] == news[name] else "changed"
                rows.append(Row(status, (_side(name, olds[name], a, takes), _side(name, news[name], b, takes))))
            continue
        rows += [Row("removed", (_side(name, olds[name], a, takes), None)) for name in list(olds)[i:j]]
        rows += [Row("added", (None, _side(name, news[name], b, takes))) for name in list(news)[k:m]]
    return rows


def _side(name: str, clip: Clip, cut: Cut, takes: TakeFiles) -> Side:
    facts = [counted(clip.frames, "frame")]
    if clip.in_frame:
        facts.append(f"from frame {clip.in_frame}")
    if clip.speed != 1:
        facts.append(f"at speed {clip.speed}")
    if clip.transition.frames:
        facts.append(f"{clip.transition.kind.replace('_', ' to ')} of {clip.transition.frames}")
    facts += [effect.name for effect in clip.effects]
    return Side(name, clip.frames, ", ".join(facts), _picture(clip, cut, takes))


def _picture(clip: Clip, cut: Cut, takes: TakeFiles) -> str:
    take = takes.take(clip.take) if clip.take else None
    size = (_WIDTH, max(1, round(_WIDTH * cut.height / cut.width)))
    if take is None:
        image = Image.fromarray(draw_slate(clip, *size, cut.rate))
    else:
        middle = source_frame(clip.in_frame, clip.speed, clip.frames // 2)
        wanted = int((middle + 0.5) / cut.rate * take.rate)
        shown = None
        for number, shown in enumerate(decode(takes.picture(take))):  # noqa: B007 - a take shorter than said shows its last
            if number >= wanted:
                break
        image = Image.fromarray(shown) if shown is not None else Image.new("RGB", size)
        image.thumbnail((_WIDTH, _WIDTH))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()
