"""Findings as a table for people, JSON for programs, and JUnit XML for continuous integration."""

from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree

from reelgraph.video_tools.film import Finding

_ORDER = {"failed": 0, "unknown": 1, "passed": 2, "not_applicable": 3}


def table(findings: Mapping[str, Sequence[Finding]], *, all: bool = False) -> str:
    """Lay findings out as lines of text, failures first.

    Args:
        findings: By file (or shot).
        all: Also what passed without a word and what did not apply; else those are only counted.
    """
    lines: list[str] = []
    for subject, own in findings.items():
        counts = {outcome: sum(f.outcome == outcome for f in own) for outcome in _ORDER}
        counted = ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in counts.items() if n)
        lines.append(f"{subject}: {counted or 'nothing was checked'}")
        shown = [f for f in own if all or f.outcome in ("failed", "unknown") or (f.outcome == "passed" and f.message)]
        rows = [_row(f) for f in sorted(shown, key=lambda f: _ORDER[f.outcome])]
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
        lines += ["  " + "  ".join(c.ljust(w) for c, w in zip(row, (*widths, 0), strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _row(finding: Finding) -> tuple[str, str, str, str, str]:
    outcome = finding.outcome.replace("_", " ") + ("" if finding.blocking else " (advice)")
    frames = ""
    if finding.first_frame is not None:
        one = finding.last_frame in (None, finding.first_frame)
        frames = f"frame {finding.first_frame}" if one else f"frames {finding.first_frame}-{finding.last_frame}"
    value = ""
    if finding.value is not None:
        limit = "" if finding.threshold is None else f" (limit {finding.threshold:g})"
        value = f"{finding.value:.4g}{limit} {finding.unit}".rstrip()
    return outcome, finding.check, frames, value, finding.message


def as_json(findings: Mapping[str, Sequence[Finding]]) -> dict[str, object]:
    """Return findings as plain data, with the verdict of each subject."""
    return {
        "passed": all(verdict(own) for own in findings.values()),
        "files": {
            subject: {"passed": verdict(own), "findings": [f.model_dump(mode="json") for f in own]}
            for subject, own in findings.items()
        },
    }


def verdict(findings: Iterable[Finding]) -> bool:
    """Tell whether no blocking check failed; of footage that nobody asked for, what is unknown stops nothing."""
    return not any(f.outcome == "failed" and f.blocking for f in findings)


def junit(findings: Mapping[str, Sequence[Finding]]) -> str:
    """Write findings as JUnit XML: a suite for each subject, a case for each finding.

    Advice that failed is a skipped case with its message, so that it shows without turning a build red.

    Source: the schema that Jenkins and GitLab read (`testsuites` > `testsuite` > `testcase` > `failure`, `error` or
        `skipped`).
    """
    root = ElementTree.Element("testsuites", name="reelgraph check")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for subject, own in findings.items():
        suite = ElementTree.SubElement(root, "testsuite", name=_legible(subject))
        counts = dict.fromkeys(totals, 0)
        for finding in own:
            case = ElementTree.SubElement(suite, "testcase", classname=_legible(subject), name=finding.check)
            counts["tests"] += 1
            kind = _case(finding)
            if not kind:
                continue
            counts[{"failure": "failures", "error": "errors", "skipped": "skipped"}[kind]] += 1
            _, _, frames, value, message = _row(finding)
            words = "; ".join(filter(None, [message, frames, value]))
            ElementTree.SubElement(case, kind, message=_legible(words))
        for name, count in counts.items():
            suite.set(name, str(count))
            totals[name] += count
    for name, count in totals.items():
        root.set(name, str(count))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(finding: Finding) -> str:
    if finding.outcome == "failed":
        return "failure" if finding.blocking else "skipped"
    if finding.outcome == "unknown":
        return "error" if finding.blocking else "skipped"
    return "skipped" if finding.outcome == "not_applicable" else ""


def _legible(text: str) -> str:
    """Leave out the control characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
