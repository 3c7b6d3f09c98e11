"""A check: no shot begins dark, for players that show the first frame as a still."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Subject
from reelgraph.video_tools.film import Finding


@dataclass(frozen=True)
class BrightStart(Check):
    """Fails takes whose first frame has a mean luma below `least` (of 255)."""

    least: float = 30.0
    name: ClassVar[str] = "bright_start"

    def findings(self, subject: Subject) -> Iterable[Finding]:
        """Measure the first frame."""
        luma = float(subject.measures.histogram[0] @ np.arange(256))
        if luma >= self.least:
            return [self.passed(luma, self.least, unit="luma")]
        return [self.failed("it begins dark", luma, self.least, unit="luma", frames=(0, 0))]
