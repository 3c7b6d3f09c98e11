import json
import queue
import re
import shutil
import subprocess
import threading
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import Markup
from PIL import Image

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.film import (
    Adapter,
    Note,
    Recall,
    Reference,
    Review,
    Spend,
    Substitution,
    write_noun,
)
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.review.page import ShotView, TakeView, clock, number, write_report
from reelgraph.video_tools.review.sheet import contact_sheet, jpeg, take_sheet
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.take_actions import inspect_take

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt-get install chromium")
ATTACK = "<script>document.title='broken in'</script><img src=x onerror=\"document.title='broken in'\">"
STORYBOARD = f"""
title: "The Lamp {ATTACK.replace('"', "'")}"
bible:
  characters: [{{id: oda, name: "Oda <b>", palette: ["#e2b22c"]}}]
shots:
  - {{id: s01-01, prompt: "Oda climbs. {ATTACK.replace('"', "'")}", seconds: 1, characters: [oda], camera: pan_left}}
  - {{id: s01-02, prompt: "Oda speaks.", seconds: 1.5, size: close, characters: [oda],
     lines: [{{text: "Hold on & <i>wait</i> --> now", character: oda, manner: softly}}]}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which a hostile storyboard of two shots has become a film."""
    root = tmp_path_factory.mktemp("report")
    (root / "board.yaml").write_text(STORYBOARD)
    main(
        [
            "make",
            str(root / "board.yaml"),
            "-p",
            str(root / "p"),
            "--film",
            "lamp",
            "--size",
            "128x72",
            "--rate",
            "8",
            "-q",
        ]
    )
    return Project.open(root / "p")


@pytest.fixture
def film(project: Project) -> Film:
    return project.film("lamp")


def facts(project: Project, film: Film, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "film": film, "brief": film.briefs()[-1], "storyboard": film.storyboard(), "cut": film.cut(),
        "review": film.review(), "ledger": project.ledger, "spent": project.ledger.spend("lamp"), "animatic": True,
    }  # fmt: skip
    return given | changes


def written(project: Project, film: Film, **changes: Any) -> str:
    path = film.deliver / "report.html"
    write_report(path, **facts(project, film, **changes))
    return path.read_text("utf-8")


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def browser(profile: Path, *more: str) -> list[str]:
    return [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
        f"--user-data-dir={profile}", *more,
    ]  # fmt: skip


# Looks again until every page has read its film or has said that there is none, and sends its facts only then:
# films load in their own time.
PROBE = """
<iframe id=beside width=1200 src="deliver/report.html#s01-02"></iframe>
<iframe id=narrow width=390 src="deliver/report.html"></iframe>
<iframe id=alone src="alone/report.html"></iframe>
<iframe id=lost src="lost/report.html"></iframe>
<script>
const parts = (frame) => [frame.contentDocument, frame.contentDocument.getElementById("film")];
const lost = (page) => !page.getElementById("lost").hidden;
const cues = (film) => [...(film.textTracks[0]?.cues ?? [])].map((cue) => cue.text);
const settled = (frame) => {
  const [page, film] = parts(frame);
  return lost(page) || (film.readyState >= 1 && !film.seeking && cues(film).length > 0);
};
const facts = (frame) => {
  const [page, film] = parts(frame);
  return {
    title: page.title, length: film.duration, at: film.currentTime, lost: lost(page), captions: cues(film),
    marked: [...page.querySelectorAll("[aria-current]")].map((one) => one.id || one.dataset.shot),
    wide: page.documentElement.scrollWidth - page.documentElement.clientWidth,
  };
};
addEventListener("load", () => {
  const frames = [...document.querySelectorAll("iframe")];
  const looking = setInterval(() => {
    if (!frames.every(settled)) return;
    clearInterval(looking);
    const found = Object.fromEntries(frames.map((frame) => [frame.id, facts(frame)]));
    fetch("ADDRESS", {method: "POST", mode: "no-cors", body: JSON.stringify(found)});
  }, 50);
});
</script>
"""


class Ear(BaseHTTPRequestHandler):
    """Hears what the probe has found."""

    heard: "queue.Queue[bytes]"

    def do_POST(self) -> None:
        self.heard.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def seen(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a browser makes of the page beside its film, in a narrow window, alone, and without any film."""
    root, film = tmp_path_factory.mktemp("browser"), project.film("lamp")
    text = written(project, film)
    shutil.copytree(film.deliver, root / "deliver")
    without = re.sub(r'<source src="data:[^>]*>', "", text)
    for name, page in (("alone", text), ("lost", without)):
        (root / name).mkdir()
        (root / name / "report.html").write_text(page)
    heard: queue.Queue[bytes] = queue.Queue()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("OneEar", (Ear,), {"heard": heard})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (root / "probe.html").write_text(PROBE.replace("ADDRESS", f"http://127.0.0.1:{server.server_port}/"))
        try:
            for attempt in range(2):  # a browser may hang as it starts, on a machine that does much else
                page = (root / "probe.html").as_uri()
                command = browser(root / f"profile{attempt}", "--allow-file-access-from-files", page)
                with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                    try:
                        result: dict[str, dict[str, Any]] = json.loads(heard.get(timeout=60))
                        return result
                    except queue.Empty:
                        pass
                    finally:
                        process.terminate()
        finally:
            server.shutdown()
    pytest.fail("the browser was started twice and said nothing")


def test_hostile_text_is_shown_and_never_markup(project: Project, film: Film) -> None:
    text = written(project, film)
    assert "&lt;script&gt;document.title" in text and "Oda &lt;b&gt;" in text
    page = Page(text)
    assert len(page.all("script")) == 1
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    [policy] = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert (
        policy is not None and "default-src 'none'" in policy and "'unsafe-inline'" not in policy.split("script-src")[1]
    )


def test_page_asks_for_nothing_but_the_film_beside_it(project: Project, film: Film) -> None:
    page = Page(written(project, film))
    sources = {str(a[k]) for _, a in page.tags for k in ("src", "href", "poster") if k in a}
    assert {s for s in sources if not s.startswith(("data:", "#"))} == {"film.mp4"}
    assert next(s["src"] for s in page.all("source")) == "film.mp4"


def test_film_is_embedded_only_when_it_is_small(project: Project, film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(Page(written(project, film)).all("source")[1]["src"]).startswith("data:video/mp4;base64,")
    size = (film.deliver / "film.mp4").stat().st_size
    monkeypatch.setattr("reelgraph.video_tools.review.page.MOST_EMBEDDED", size - 1)
    assert [s["src"] for s in Page(written(project, film)).all("source")] == ["film.mp4"]


def test_every_shot_has_a_panel_that_seeks_to_its_start(project: Project, film: Film) -> None:
    page = Page(written(project, film))
    panels = [b for b in page.all("button") if b.get("class") == "picture"]
    assert [(b["data-shot"], b["data-seek"], b["aria-label"]) for b in panels] == [
        ("s01-01", "0.0", "Play s01-01 at 0:00.0"), ("s01-02", "1.0", "Play s01-02 at 0:01.0"),
    ]  # fmt: skip
    assert all("alt" in image for image in page.all("img"))
    assert [t for t, _ in page.tags if t in ("h1", "h2")] == ["h1", *["h2"] * 5]


def test_verdict_names_the_first_blocking_note_and_lists_blocking_notes_first(project: Project, film: Film) -> None:
    notes = [
        Note(id="a", message="a little dark", blocking=False, shot="s01-01"),
        Note(id="b", check="frozen", message="the picture stands still", value=0.2, threshold=1.0, first_frame=3,
             last_frame=9, shot="s01-02", suggestion="shoot it again with another seed"),
    ]  # fmt: skip
    text = written(project, film, review=Review(number=7, cut=1, notes=notes))
    assert "Not approved</strong> Blocking: the picture stands still in s01-02." in text
    listed = text.partition('<section id="notes">')[2]
    assert 0 < listed.index("the picture stands still</p>") < listed.index("a little dark</p>")
    assert "0.2 against 1" in text and "frames 3 to 9" in text and "shoot it again with another seed" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"approved": True}, "Approved</strong> Every blocking check ran and passed."),
        ({"approved": True, "person": "approved"}, "Every blocking check ran and passed, and a person said yes."),
        ({"person": "rejected"}, "A person said no."),
        ({}, "Nothing blocks it; a person&#39;s yes is still wanted."),
    ],
)
def test_verdict_says_why(project: Project, film: Film, changes: dict[str, Any], said: str) -> None:
    assert said in written(project, film, review=Review(number=7, cut=1, **changes))


def test_missing_take_is_a_slate_with_its_reason(project: Project, film: Film) -> None:
    cut = film.cut()
    assert cut is not None
    clips = [cut.clips[0].model_copy(update={"take": None, "label": "the server refused it"}), *cut.clips[1:]]
    text = written(project, film, cut=cut.model_copy(update={"clips": clips}))
    assert 'class="slate">no take: the server refused it' in text


def test_takes_substitutions_recalled_and_spend_are_listed(project: Project, film: Film) -> None:
    board = film.storyboard()
    assert board is not None
    leaned = board.shots[0].model_copy(
        update={"recalled": [Recall(take="a" * 64, film="older", shot="s04-02", why="the same lamp")]}
    )
    spent = Spend(generation_seconds=12.34, calls=3, money=0.5)
    text = written(project, film, storyboard=board.with_shots([leaned]), spent=spent)
    for take in project.ledger.takes():
        assert f"<code>{take.key[:8]}</code>" in text
    assert "on s04-02 of <i>older</i> (take aaaaaaaa): the same lamp" in text
    assert "None: everything was made as it was asked for." in text
    for name, value in (("Generation calls", "3"), ("Generation time", "12.3 s"), ("Money", "0.50")):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in text
    assert "reelgraph resume --film lamp" in text and str(project.root) not in text


def test_how_a_take_was_made_is_told_in_report_and_tools(project: Project, film: Film) -> None:
    take = next(iter(project.ledger.takes()))
    told = take.model_copy(update={"notes": {"placement": "24 GB", "rung": "final, from the seed of <draft>"}})
    record = project.ledger.folder(take.key) / "take.json"
    before = record.read_bytes()
    record.write_text(write_noun(told))
    text = written(project, film)
    said = inspect_take(Studio(project), take=take.key[:12], film=film.name).text
    record.write_bytes(before)
    assert "placement <code>24 GB</code> · rung <code>final, from the seed of &lt;draft&gt;</code>" in text
    assert "Made with placement 24 GB; rung final, from the seed of <draft>." in said


def test_takes_of_another_film_that_a_cut_shows_say_what_of_them_was_not_as_asked(tmp_path: Path) -> None:
    project = Project.open(tmp_path / "p", size=(128, 72), rate="8")
    studio = Studio(project, backend=Rehearsal())
    board = "shots: [{prompt: waves, seconds: 2, seed: 7}]"
    for name in ("older", "newer"):  # of equal requests: the newer film has no take of its own
        run_film(FilmContext(studio), board, film=name)
    (take,) = project.ledger.takes()
    said = Substitution(what="frames", asked="16", made="15", why="the server made it so")
    record = project.ledger.folder(take.key) / "take.json"
    record.write_text(write_noun(take.model_copy(update={"substitutions": [said]})))
    film = project.film("newer")
    text = written(project, film, spent=Spend())
    assert take.film == "older" and f"<code>{take.key[:8]}</code>" in text and "in the cut</span>" in text
    assert "the server made it so" in text and "None: everything was made as it was asked for." not in text
    measured = text.partition("Measures of the film as a whole")[2]
    assert "not measured" not in measured.partition("</summary>")[0] and "passed" in measured.partition("</summary>")[0]


def test_pictures_and_adapters_that_a_take_was_made_from_are_named(project: Project, film: Film) -> None:
    take = next(take for take in project.ledger.takes() if take.shot == "s01-02")
    request = take.request.model_copy(
        update={
            "references": [Reference(content="c" * 64, role="first_frame")],
            "adapters": [Adapter(name="oda <b>", scale=0.8)],
        }
    )
    view = ShotView(
        **dict.fromkeys(("shot", "start", "seconds", "share", "poster", "attempts", "notes", "lines", "reason")),
        takes=[TakeView([], take.model_copy(update={"request": request}), Markup(""), True)],
    )
    assert view.given == "first frame cccccccc, adapter oda <b> at 0.8"
    assert "was made from" not in written(project, film)  # an animatic's takes are made from the plan alone


def test_number_and_clock_are_short() -> None:
    assert [number(v) for v in (None, 0.123456, -0.0, 147456.0)] == ["–", "0.1235", "-0", "147,456"]
    assert [clock(v) for v in (0.0, 59.96, 83.25)] == ["0:00.0", "1:00.0", "1:23.2"]


def test_contact_sheet_fits_pictures_of_any_shape_into_like_tiles() -> None:
    wide, tall = np.full((90, 160, 3), 200, np.uint8), np.full((160, 90, 3), 90, np.uint8)
    sheet = contact_sheet([wide, tall, wide], ["one", "two " * 40, "three"], columns=2, width=400)
    assert sheet.width == 400
    pixels = np.asarray(sheet)
    assert (pixels[:, 200:] == 90).all(axis=2).sum() > 10_000  # the tall one is whole, in the right column
    assert (pixels[:, :200] == 200).all(axis=2).sum() > 2 * 190 * 100  # two wide ones in the left


def test_take_sheet_shows_frames_in_time_order(project: Project) -> None:
    take = next(t for t in project.ledger.takes() if t.shot == "s01-01")
    sheet = take_sheet(project.ledger.picture(take), frames=4, width=400)
    assert sheet.width == 400
    data = jpeg(sheet, most=12_000)
    assert data[:3] == b"\xff\xd8\xff" and len(data) <= 12_000


@needs_chromium
def test_page_plays_the_film_and_opens_at_the_shot_of_its_address(seen: dict[str, dict[str, Any]]) -> None:
    page = seen["beside"]
    assert page["length"] == pytest.approx(2.5, abs=0.02) and page["at"] == pytest.approx(1.001)
    assert page["marked"] == ["s01-02", "s01-02"] and not page["lost"]
    assert page["title"].startswith("The Lamp <script>")
    assert page["captions"] == ["Hold on &amp; &lt;i&gt;wait&lt;/i&gt; --&gt; now"]


@needs_chromium
def test_page_sent_alone_plays_the_film_that_it_carries(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["alone"]["length"] == pytest.approx(2.5, abs=0.02) and not seen["alone"]["lost"]


@needs_chromium
def test_page_says_when_the_film_is_not_there(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["lost"]["lost"] and seen["lost"]["length"] is None


@needs_chromium
@pytest.mark.parametrize("window", ["beside", "narrow"])
def test_page_fits_the_window_without_sideways_scrolling(seen: dict[str, dict[str, Any]], window: str) -> None:
    assert seen[window]["wide"] == 0


@needs_chromium
def test_page_shows_its_panels(project: Project, film: Film, tmp_path: Path) -> None:
    written(project, film)
    shot = tmp_path / "page.png"
    page = (film.deliver / "report.html").as_uri()
    picture = (f"--screenshot={shot}", "--window-size=1200,1400", "--virtual-time-budget=8000", page)
    subprocess.run(browser(tmp_path / "profile", *picture), capture_output=True, timeout=90, check=True)
    pixels = np.asarray(Image.open(shot).convert("RGB")).astype(int)
    assert (pixels[:250] == (250, 249, 246)).all(axis=2).mean() > 0.6  # paper
    coat = np.abs(pixels - (226, 178, 44)).max(axis=2) <= 20
    assert coat.sum() > 500
