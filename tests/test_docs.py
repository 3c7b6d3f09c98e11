"""The documentation is true: generated pages are what would be generated, and code blocks are files that tests run."""

import re
from pathlib import Path

import pytest

from reelgraph.video_tools.toolkit_reference import reference

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```\w+\n# (examples/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_tools_reference_is_what_the_tools_say() -> None:
    page = (ROOT / "docs" / "tools.md").read_text()
    assert page == reference(), "run: python -m reelgraph.video_tools.toolkit_reference > docs/tools.md"


def test_every_block_of_the_plug_in_page_is_the_file_it_names() -> None:
    text = (ROOT / "docs" / "writing-plugins.md").read_text()
    blocks = BLOCK.findall(text)
    assert len(blocks) == text.count("```") // 2 == 13
    for name, code in blocks:
        assert (ROOT / name).read_text() == code, f"docs/writing-plugins.md differs from {name}"


@pytest.mark.parametrize("page", ["tools.md", "writing-plugins.md"])
def test_names_in_the_pages_exist(page: str) -> None:
    """What stands in backticks as `video_tools.x.Y` or the like can be imported."""
    from importlib import import_module

    text = (ROOT / "docs" / page).read_text()
    for room, rest in re.findall(r"`(video_tools|graphs|memory)\.([\w.]+)`", text):
        parts = f"reelgraph.{room}.{rest}".split(".")
        for cut in range(len(parts), 0, -1):
            try:
                found = import_module(".".join(parts[:cut]))
                break
            except ModuleNotFoundError:
                continue
        for name in parts[cut:]:
            found = getattr(found, name)
