"""What the checks measured of a take, kept beside it with the digest of the settings that they had."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.errors import CorruptProject
from reelgraph.video_tools.film import Finding, Take, canonical, digest, first_fault
from reelgraph.video_tools.ledger import Ledger


def findings_of(ledger: Ledger, take: Take, *, checks: Mapping[str, Any] | None = None) -> list[Finding] | None:
    """Read what the checks measured when a take was made, or None if they were not run.

    Args:
        ledger: Where the take is.
        take: The take.
        checks: Settings with which they must have been run; any, if None.

    Raises:
        CorruptProject: It cannot be read.
    """
    path = ledger.folder(take.key) / "checks.json"
    if not path.exists():
        return None
    settings, findings = read_findings(path)
    return findings if checks is None or settings == settings_digest(checks) else None


def write_findings(path: Path, findings: Sequence[Finding], checks: Mapping[str, Any]) -> None:
    """Write findings to a file in one step, with the digest of the settings with which they were measured."""
    told = {"settings": settings_digest(checks), "findings": [f.model_dump(mode="json") for f in findings]}
    write_text(path, canonical(told).decode())


def read_findings(path: Path) -> tuple[str, list[Finding]]:
    """Read findings from a file, with the digest of the settings with which they were measured.

    Raises:
        CorruptProject: It cannot be read.
    """
    try:
        data = json.loads(path.read_bytes())
        if isinstance(data, list):  # before settings were kept, they were taken to be what was shipped
            data = {"settings": settings_digest({}), "findings": data}
        return str(data["settings"]), [Finding.model_validate(f) for f in data["findings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptProject(
            f"{path} is not what the checks measured: {first_fault(error)}; delete it, and the take is measured again"
        ) from error


def settings_digest(checks: Mapping[str, Any]) -> str:
    """Return the digest of the settings of registered checks; a caller's own checks have none."""
    return digest({name: own for name, own in checks.items() if isinstance(own, Mapping)})
