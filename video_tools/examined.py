"""What the checks measured of a take, kept beside it with what that hangs on: their settings, and what was planned."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.checks.identity import others
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Finding, Shot, Take, canonical, digest, first_fault
from reelgraph.video_tools.ledger import Ledger

# What of a shot says how its take is meant to be; the rest says how it is made, and why, and how it is cut.
_MEANT = {
    "prompt", "negative", "seconds", "kind", "title", "size", "camera", "angle", "characters", "place", "time", "lines",
}  # fmt: skip


@dataclass(frozen=True)
class Examined:
    """What the checks measured of a take.

    Attributes:
        settings: The digest of the settings that they had.
        shot: The shot that the take was measured for, if any.
        findings: What they found.
    """

    settings: str
    shot: Shot | None
    findings: list[Finding]


def examined(ledger: Ledger, take: Take) -> Examined | None:
    """Read what the checks measured when a take was made, or None if they were not run.

    Raises:
        CorruptProject: It cannot be read.
    """
    path = ledger.folder(take.key) / "checks.json"
    return read_findings(path) if path.exists() else None


def findings_of(ledger: Ledger, take: Take) -> list[Finding]:
    """Read what the checks found when a take was made, whatever their settings were; nothing if they were not run.

    Raises:
        CorruptProject: It cannot be read.
    """
    known = examined(ledger, take)
    return known.findings if known else []


def write_findings(path: Path, findings: Sequence[Finding], checks: Mapping[str, Any], shot: Shot | None) -> None:
    """Write findings to a file in one step, with what they hang on: the checks' settings, and the shot."""
    told = {
        "settings": settings_digest(checks),
        "shot": shot and shot.model_dump(mode="json", exclude_defaults=True),
        "findings": [f.model_dump(mode="json") for f in findings],
    }
    write_text(path, canonical(told).decode())


def read_findings(path: Path) -> Examined:
    """Read findings from a file, with what they hang on.

    Raises:
        CorruptProject: It cannot be read.
    """
    try:
        data = json.loads(path.read_bytes())
        if isinstance(data, list):  # before settings were kept, they were taken to be what was shipped
            data = {"settings": digest({}), "findings": data}
        shot = Shot.model_validate(data["shot"]) if data.get("shot") else None
        return Examined(str(data["settings"]), shot, [Finding.model_validate(f) for f in data["findings"]])
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptProject(
            f"{path} is not what the checks measured: {first_fault(error)}; delete it, and the take is measured again"
        ) from error


def meant(shot: Shot | None) -> str:
    """Return the digest of what a shot says of how its take is meant to be; empty for no shot."""
    return digest(shot.model_dump(mode="json", include=_MEANT, exclude_defaults=True)) if shot else ""


def settings_digest(checks: Mapping[str, Any], only: Collection[str] | None = None) -> str:
    """Return the digest of what decides what checks say: the settings of ours, and what other checks are.

    An embedder counts as its weights, wherever they lie; where it is missing, as none, so that it is asked once it is
    there.

    Args:
        checks: By check name, its settings or a caller's check, as `load_checks` takes them.
        only: Names of those that count, if not all.

    Raises:
        InvalidRequest: A check that another package registers cannot be used.
    """
    foreign = {name: told for name, told in others(checks).items() if only is None or name in only}
    named = _named(checks)
    return digest([named, foreign] if foreign else named)


def _named(checks: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: dict(own) for name, own in checks.items() if isinstance(own, Mapping)}
    if model := named.get("adherence", {}).get("model"):
        named["adherence"]["model"] = _weights(model)
    return named


def _weights(model: str) -> str:
    from reelgraph.video_tools.image_text import ImageText

    try:
        return ImageText(model).fingerprint
    except InvalidRequest:
        return ""
