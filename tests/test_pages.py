"""The documentation says what is true: generated pages are fresh, and links lead somewhere."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))
from generate import PAGES  # noqa: E402  # the folder is no package

PAGES_OF_PROSE = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "AGENTS.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "run: python docs/generate.py"


@pytest.mark.parametrize("page", PAGES_OF_PROSE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES_OF_PROSE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_named_in_backticks_exist(page: Path) -> None:
    for name in re.findall(
        r"`((?:video_tools|graphs|memory|tests|docs|examples|benchmarks)/[\w./-]+\.\w+)`", page.read_text()
    ):
        assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_agent_guide_is_short() -> None:
    assert len((ROOT / "AGENTS.md").read_text().splitlines()) < 60
