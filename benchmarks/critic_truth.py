"""What the critic finds of faults planted with known place and strength, and how often it raises a false alarm.

    python benchmarks/critic_truth.py [--json] [--quick] [--half A|B] [--list]

The thresholds in `reelgraph.video_tools.checks` were fixed on half A; the figures are of half B, which was brought in
afterwards. `footage.py` says how to get the photographed and rendered clips; without them the figures are of drawn and
generated clips and clouds alone, and the output names what is missing.
"""

import argparse
import sys
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from drawings import Clean
from faults import FAULTS, Planted
from footage import clips, missing
from goals import report

from reelgraph.video_tools.checks.take import check_take
from reelgraph.video_tools.film import Finding, Shot, TakeRequest

GOALS: dict[str, tuple[str, float]] = {
    "recall": (">=", 0.95),
    "recall_worst_kind": (">=", 0.85),
    "false_alarms_per_clean_clip": ("<=", 0.02),
    "range_error_frames": ("<=", 2),
}
# The camera's faults need no planting: a clip whose move is known is held to another one.
OPPOSITE = {
    "pan_left": "pan_right", "pan_right": "pan_left", "tilt_up": "tilt_down", "tilt_down": "tilt_up",
    "zoom_in": "zoom_out", "zoom_out": "zoom_in", "still": "pan_left",
}  # fmt: skip


@dataclass
class Tally:
    """What was found and missed, and where the content would not have shown the fault."""

    clean: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, float], list[bool]] = field(default_factory=lambda: defaultdict(list))
    unseen: Counter[str] = field(default_factory=Counter)
    errors: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def main() -> int:
    """Run it and print the figures; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a fifth of the clips")
    parser.add_argument("--half", choices=["A", "B"], default="B", help="A is the half the thresholds were fixed on")
    parser.add_argument("--list", action="store_true", help="name each miss and false alarm, on standard error")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    tally = Tally()
    for number, clip in enumerate(clips(options.half)):
        if not (options.quick and number % 5):
            examine_clip(tally, clip, 6 if options.quick else 24)
    if options.list:
        print("\n".join(tally.lines), file=sys.stderr)
    if not options.json:
        print(f"half {options.half}: clean clips {dict(tally.clean)}, false alarms {dict(tally.alarms)}")
        if missing():
            print(f"not in REELGRAPH_FOOTAGE, and left out: {', '.join(missing())}")
    return report(
        "critic_truth", figures_of(tally), GOALS, options.json, half=options.half, missing=missing(),
        clean_clips=dict(tally.clean), false_alarms=dict(tally.alarms),
    )  # fmt: skip


def examine_clip(tally: Tally, clip: Clean, enough: int) -> None:
    """Check a clip as it is, and then with the kinds of faults that were planted least so far."""
    asked = clip.request or request_of(clip)
    shot = shot_of(clip.camera) if clip.camera else None
    failed = [f for f in check_take(clip.frames, asked, shot=shot) if f.outcome == "failed"]
    tally.clean[clip.kind] += 1
    tally.alarms.update(f.check for f in failed)
    tally.lines += [f"false alarm: {clip.name}: {f.check} {f.value} {f.first_frame}-{f.last_frame}" for f in failed]
    if clip.camera in OPPOSITE and clip.kind == "camera":
        wrong = check_take(clip.frames, asked, shot=shot_of(OPPOSITE[clip.camera]))
        tally.found["camera", 1.0].append(any(f.check.startswith("camera") and f.outcome == "failed" for f in wrong))
    planted = 0
    for kind in sorted(FAULTS, key=lambda kind: len(tally.found[kind, 1.0])):
        if planted == 6 or len(tally.found[kind, 1.0]) >= enough:
            return
        for strength in (1.0, 0.5) if len(tally.found[kind, 1.0]) % 2 else (1.0,):
            random = np.random.default_rng(zlib.crc32(f"{clip.name} {kind}".encode()))
            try:
                fault = FAULTS[kind][1](clip.frames.copy(), random, strength)
            except ValueError:  # there is no room for it in a clip of two seconds
                break
            if not fault.visible:
                tally.unseen[kind] += strength == 1.0
                break
            planted += strength == 1.0
            count(tally, clip, kind, strength, fault)


def count(tally: Tally, clip: Clean, kind: str, strength: float, fault: Planted) -> None:
    """Check a clip with a fault in it, as footage that no drawing explains."""
    names = FAULTS[kind][0].split()
    findings = check_take(fault.frames, request_of(clip, len(fault.frames)))
    own = [f for f in findings if f.check.split(".")[0] in names]
    hits = [f for f in own if f.outcome == "failed"]
    tally.found[kind, strength].append(bool(hits))
    if strength < 1:
        return
    if hits:
        tally.errors.append(min(distance(f, fault) for f in hits))
    else:
        said = [(f.outcome, f.value) for f in own]
        tally.lines.append(f"missed: {kind} in {clip.name} at {fault.first}-{fault.last}: {said}")


def distance(finding: Finding, fault: Planted) -> int:
    """Return how far a finding's range is from the truth, in frames, at its worse end."""
    if finding.first_frame is None or finding.last_frame is None:
        return fault.last - fault.first + 1
    return max(abs(finding.first_frame - fault.first), abs(finding.last_frame - fault.last))


def request_of(clip: Clean, frames: int | None = None) -> TakeRequest:
    """Ask for a clip as it is."""
    count, height, width = clip.frames.shape[:3]
    return TakeRequest(
        backend="footage", prompt="a shot", width=width, height=height, frames=frames or count, rate=clip.rate
    )


def shot_of(camera: str) -> Shot:
    """Ask for a camera move."""
    return Shot.model_validate({"id": "s01-01", "prompt": "a shot", "seconds": 1, "camera": camera})


def figures_of(tally: Tally) -> dict[str, float]:
    """Sum up."""
    kinds = sorted({kind for kind, strength in tally.found if tally.found[kind, 1.0]})
    recall = {kind: float(np.mean(tally.found[kind, 1.0])) for kind in kinds}
    figures = {
        "recall": float(np.mean(list(recall.values()))),
        "recall_worst_kind": min(recall.values()),
        "false_alarms_per_clean_clip": sum(tally.alarms.values()) / max(1, sum(tally.clean.values())),
        "range_error_frames": float(np.median(tally.errors)),
        "kinds": len(kinds),
        "clips_per_kind_least": min(len(tally.found[kind, 1.0]) for kind in kinds),
        "clean_clips": sum(tally.clean.values()),
    }
    halves = [float(np.mean(tally.found[kind, 0.5])) for kind in kinds if tally.found[kind, 0.5]]
    figures["recall_at_half_strength"] = float(np.mean(halves))
    for kind in kinds:
        figures[f"recall {kind}"] = recall[kind]
        if tally.found[kind, 0.5]:
            figures[f"recall {kind} at half"] = float(np.mean(tally.found[kind, 0.5]))
    for kind, unseen in sorted(tally.unseen.items()):
        figures[f"not to be seen {kind}"] = unseen / (unseen + len(tally.found[kind, 1.0]))
    return figures


if __name__ == "__main__":
    sys.exit(main())
