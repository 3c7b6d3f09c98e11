"""The review page: one file that shows the film, what it was planned from, what was measured, and how to go on."""

import base64
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from PIL import Image

from reelgraph.video_tools.checks.notes import scope_of
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.film import (
    Attempt,
    Brief,
    Cut,
    Finding,
    Note,
    Review,
    Shot,
    Spend,
    Storyboard,
    Take,
)
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.substitutions import substituted
from reelgraph.video_tools.timebase import seconds_of

HERE = Path(__file__).parent
MOST_EMBEDDED = 8 * 2**20  # bytes of film that the page carries itself, so that it can be sent alone
POSTER, THUMB = 512, 224  # pixels wide


@dataclass(frozen=True)
class Measured:
    """What was measured of a take, or of the film as a whole."""

    findings: list[Finding]

    @property
    def failed(self) -> list[Finding]:
        """What did not pass."""
        return [f for f in self.findings if f.outcome in ("failed", "unknown")]

    @property
    def summary(self) -> str:
        """Count the outcomes, worst first."""
        counts = Counter(str(f.outcome) for f in self.findings)
        words = {"failed": "failed", "unknown": "unknown", "passed": "passed", "not_applicable": "not applicable"}
        return ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key]) or "not measured"


@dataclass(frozen=True)
class TakeView(Measured):
    """A take as the page shows it."""

    take: Take
    poster: Markup
    in_cut: bool


@dataclass(frozen=True)
class ShotView:
    """A shot of the storyboard as the page shows it."""

    shot: Shot
    start: float | None
    seconds: float
    share: float
    poster: Markup
    takes: list[TakeView]
    attempts: list[Attempt]
    notes: list[Note]
    lines: list[tuple[str, str, str]]
    reason: str

    @property
    def blocked(self) -> bool:
        """Whether a blocking note names the shot."""
        return any(note.blocking for note in self.notes)

    @property
    def given(self) -> str:
        """Name the pictures and adapters that the take in the cut was made from."""
        request = next((view.take.request for view in self.takes if view.in_cut), None)
        if request is None:
            return ""
        pictures = [f"{r.role.replace('_', ' ')} {r.content[:8]}" for r in request.references]
        return ", ".join([*pictures, *(f"adapter {a.name} at {a.scale:g}" for a in request.adapters)])


def write_report(
    path: Path,
    *,
    film: Film,
    brief: Brief,
    storyboard: Storyboard,
    cut: Cut,
    review: Review,
    ledger: Ledger,
    spent: Spend,
    animatic: bool,
) -> None:
    """Write the page.

    Args:
        path: The file; the page refers to `film.mp4` beside it.
        film: Whose deliverables lie in `film.deliver`.
        brief: What was asked for.
        storyboard: The plan.
        cut: The version that was rendered.
        review: The verdict on that version.
        ledger: Where takes, posters and attempts are.
        spent: What the film has cost.
        animatic: Whether the film is a drawing of the plan.
    """
    in_cut = {clip.take for clip in cut.clips}
    takes = [take for take in ledger.takes() if take.film == film.name or take.key in in_cut]
    shots = _shots(film, storyboard, cut, review, ledger, takes)
    style, script = (Markup((HERE / name).read_text("utf-8")) for name in ("report.css", "report.js"))
    notes = sorted(review.notes, key=lambda note: (not note.blocking, note.shot, note.first_frame or 0))
    film_file = film.deliver / "film.mp4"
    page = _template().render(
        style=style,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        title=storyboard.title or brief.title or film.name,
        film=film,
        brief=brief,
        storyboard=storyboard,
        cut=cut,
        review=review,
        verdict=_verdict(review),
        animatic=animatic,
        spent=spent,
        shots=shots,
        starts=_starts(cut),
        notes=notes,
        film_findings=Measured(review.findings.get("film", [])),
        substitutions=substituted(ledger, film.name, storyboard, cut),
        recalled=[(view.shot, recall) for view in shots for recall in view.shot.recalled],
        failures=[a for view in shots for a in view.attempts],
        seconds=float(seconds_of(cut.frames, cut.rate)),
        embedded=_embedded_film(film_file) if film_file.stat().st_size <= MOST_EMBEDDED else "",
        captions=_captions(cut),
        poster=next((view.poster for view in shots if view.poster), Markup("")),
    )
    path.write_text(page, encoding="utf-8", newline="\n")


@cache  # compiling it takes longer than filling it
def _template() -> Template:
    env = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.filters["clock"] = clock
    env.filters["number"] = number
    return env.get_template("report.html")


def clock(seconds: float) -> str:
    """Write seconds as `m:ss.s`."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def number(value: float | None) -> str:
    """Write a measure in at most four significant figures, or a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _verdict(review: Review) -> str:
    """Say why a film is approved, or why it is not."""
    blocking = [note for note in review.notes if note.blocking]
    if review.person == "rejected":
        return "A person said no."
    if blocking:
        more = f", and {len(blocking) - 1} more" if len(blocking) > 1 else ""
        where = f" in {blocking[0].shot}" if blocking[0].shot else ""
        return f"Blocking: {blocking[0].message}{where}{more}."
    if not review.approved:
        return "Nothing blocks it; a person's yes is still wanted."
    yes = ", and a person said yes" if review.person else ""
    return f"Every blocking check ran and passed{yes}. This speaks of {scope_of(review)}."


def _starts(cut: Cut) -> dict[str, float]:
    """Map each shot to the second of the film at which it first begins."""
    starts: dict[str, float] = {}
    for clip, frame in zip(cut.clips, cut.starts, strict=True):
        starts.setdefault(clip.shot, float(seconds_of(frame, cut.rate)))
    return starts


def _shots(
    film: Film, storyboard: Storyboard, cut: Cut, review: Review, ledger: Ledger, takes: list[Take]
) -> list[ShotView]:
    starts = _starts(cut)
    failures = [a for a in ledger.attempts() if a.film == film.name and a.state in ("failed", "lost", "ambiguous")]
    views = []
    for shot in storyboard.shots:
        clips = [clip for clip in cut.clips if clip.shot == shot.id]
        in_cut = [clip.take for clip in clips if clip.take]
        # One of another film, whose shot may have the same name, is there because the cut shows it.
        own = [take for take in takes if (take.film, take.shot) == (film.name, shot.id) or take.key in in_cut]
        own.sort(key=lambda take: (in_cut.index(take.key) if take.key in in_cut else len(in_cut), take.attempt))
        shown = [_take(ledger, take, take.key in in_cut, review.measured(shot.id, take.key)) for take in own]
        frames = sum(clip.frames for clip in clips)
        poster = _picture(ledger.poster(own[0]), POSTER) if in_cut and own else Markup("")
        views.append(
            ShotView(
                shot=shot,
                start=starts.get(shot.id),
                seconds=float(seconds_of(frames, cut.rate)) if clips else shot.seconds,
                share=100 * frames / sum(clip.frames for clip in cut.clips),
                poster=poster,
                takes=shown,
                attempts=[a for a in failures if a.shot == shot.id],
                notes=[note for note in review.notes if note.shot == shot.id],
                lines=[(_speaker(storyboard, line.character), line.manner, line.text) for line in shot.lines],
                reason=next((clip.label for clip in clips if clip.label), ""),
            )
        )
    return views


def _take(ledger: Ledger, take: Take, in_cut: bool, findings: list[Finding]) -> TakeView:
    found = findings if in_cut else findings_of(ledger, take)
    return TakeView(found, take, _picture(ledger.poster(take), THUMB), in_cut)


def _speaker(storyboard: Storyboard, id: str) -> str:
    character = storyboard.bible.character(id)
    return character.name if character else id or "Narrator"


def _picture(path: Path, width: int) -> Markup:
    """Embed a picture, not wider than `width` pixels; nothing if the file is gone."""
    return _embedded(path.read_bytes(), width) if path.exists() else Markup("")


@lru_cache(maxsize=256)  # the next report shows the same posters but for those of new takes; each is some 20 KB
def _embedded(picture: bytes, width: int) -> Markup:
    with Image.open(io.BytesIO(picture)) as image:
        small = image.convert("RGB")
    if small.width > width:
        small = small.resize((width, round(small.height * width / small.width)))
    data = io.BytesIO()
    small.save(data, "WEBP", quality=72, method=4)
    return Markup("data:image/webp;base64,") + base64.b64encode(data.getvalue()).decode()


def _embedded_film(path: Path) -> Markup:
    return Markup("data:video/mp4;base64,") + base64.b64encode(path.read_bytes()).decode()


def _captions(cut: Cut) -> Markup:
    """Embed the captions as WebVTT, so that the film shows them without another file."""
    if not cut.captions:
        return Markup("")

    def stamp(frame: int) -> str:
        ms = round(seconds_of(frame, cut.rate) * 1000)
        return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"

    cues = ["WEBVTT"]
    for caption in cut.captions:
        # A cue's text is markup of its own, and a blank line would end it.
        text = " ".join(caption.text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        cues.append(f"{stamp(caption.start)} --> {stamp(caption.start + caption.frames)}\n{text}")
    return Markup("data:text/vtt;base64,") + base64.b64encode("\n\n".join(cues).encode()).decode()
