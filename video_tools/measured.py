"""What the checks say of a take that is there: as it was measured when it was made, or again.

It is measured again where other checks run by now, where they have other settings, or where the take is meant to be
something else; and where a check broke, which may be mended.

A take's own `checks.json` is never rewritten; what is measured again is kept in the `render` folder, safe to delete.
"""

from collections.abc import Sequence

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.errors import ReelgraphError
from reelgraph.video_tools.examined import examined, meant, read_findings, settings_digest, write_findings
from reelgraph.video_tools.film import Finding, Shot, Take, digest
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.wording import broke


def findings_now(studio: Studio, take: Take, shot: Shot | None = None) -> list[Finding]:
    """Return what the checks say of a take with the settings that they have now.

    Args:
        studio: Whose checks are meant.
        take: The take.
        shot: The shot that it is for, which says what is still or dark on purpose; the one it was made for, if None.

    Raises:
        InvalidRequest: A setting names a check or a field that there is not.
        CorruptProject: What was measured cannot be read.
    """
    from reelgraph.video_tools.checks.examiner import unexamined

    if shot is not None and shot.take:
        shot = None  # what somebody filmed is judged as footage, not by what a plan says of it
    ledger, checks = studio.project.ledger, studio.checks_for(take.request.backend)
    known, now = examined(ledger, take), settings_digest(checks)
    if known is not None:
        shot = shot or known.shot
        as_now = known.settings == now and meant(known.shot or shot) == meant(shot)
        if as_now and _is_whole(known.findings):
            return known.findings
    kept = studio.project.render / "checks" / f"{take.key}-{digest([now, meant(shot)])[:16]}.json"
    if kept.exists() and _is_whole(again := read_findings(kept).findings):
        return again
    from reelgraph.video_tools.checks.take import check_take

    try:
        found = check_take(ledger.picture(take), take.request, shot=shot, sound=_sound(ledger, take), checks=checks)
    except ReelgraphError:
        raise
    except Exception as error:  # nothing that is wrong with measuring may end a film
        return [unexamined(broke(error))]
    if _is_whole(found):
        write_findings(kept, found, checks, shot)
    return found


def _is_whole(findings: Sequence[Finding]) -> bool:
    """Say whether nothing broke that measured, so that there is no more to know."""
    from reelgraph.video_tools.checks.base import failed_itself
    from reelgraph.video_tools.checks.examiner import UNEXAMINED

    return not any(finding.check == UNEXAMINED or failed_itself(finding) for finding in findings)


def fails(studio: Studio, take: Take, shot: Shot | None = None) -> bool:
    """Say whether a take fails a check that blocks: what would stand on it is not paid for."""
    return any(f.blocking and f.outcome in ("failed", "unknown") for f in findings_now(studio, take, shot))


def _sound(ledger: Ledger, take: Take) -> Sound | None:
    from reelgraph.video_tools.editing.media import read_sound

    path = ledger.sound(take)
    return read_sound(path) if path else None
