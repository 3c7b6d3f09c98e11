"""Install a stranger's package for one test: its module and what it registers, as pip leaves them."""

import sys
from pathlib import Path

import pytest


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, package: str, code: str, **registered: dict[str, str]
) -> None:
    """Put a package of one module on the search path.

    Args:
        folder: Where to write it.
        monkeypatch: Takes it off again.
        package: Its name, and its module's.
        code: The module.
        registered: By group, such as `backends`, names and what of the module they are.
    """
    site = folder / f"site-{package}"
    info = site / f"{package}-1.dist-info"
    info.mkdir(parents=True)
    (site / f"{package}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    lines = []
    for group, names in registered.items():
        lines += [f"[reelgraph.{group}]", *(f"{name} = {package}:{what}" for name, what in names.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, package, raising=False)
