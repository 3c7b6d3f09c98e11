"""The nouns of a film: brief, bible, storyboard, take, cut, review.

Frozen pydantic models that hold ids, text and numbers; media are named by the SHA-256 of their bytes and found through
the ledger. Each file-level noun carries `schema_version`; `read_noun` upgrades older files step by step. They live in
rooms of their own, and are imported from here:

    nouns       what all share
    story       brief -> plan -> bible, storyboard > scene > shot
    takes       request -> attempt -> take
    cut         clip, title, inset, sound, caption
    findings    finding -> note -> review, decision
"""

from reelgraph.video_tools.cut import Caption, Clip, Cut, Effect, Inset, SoundClip, Speed, Title, Waiting, overlap
from reelgraph.video_tools.findings import Decision, Finding, Gate, Note, Review
from reelgraph.video_tools.nouns import (
    UPGRADES,
    Colour,
    ContentHash,
    Noun,
    canonical,
    digest,
    first_fault,
    read_noun,
    upgraded,
    write_noun,
)
from reelgraph.video_tools.story import (
    MOST_SECONDS,
    Adapter,
    Angle,
    Bible,
    Brief,
    CameraMove,
    Character,
    Line,
    Place,
    Plan,
    Recall,
    Reference,
    Rung,
    Scene,
    Shot,
    ShotId,
    ShotSize,
    Span,
    Storyboard,
    Style,
    Transition,
    Words,
)
from reelgraph.video_tools.takes import MOST_FRAMES, Attempt, Panel, Spend, Substitution, Take, TakeRequest

__all__ = [
    "MOST_FRAMES",
    "MOST_SECONDS",
    "UPGRADES",
    "Adapter",
    "Angle",
    "Attempt",
    "Bible",
    "Brief",
    "CameraMove",
    "Caption",
    "Character",
    "Clip",
    "Colour",
    "ContentHash",
    "Cut",
    "Decision",
    "Effect",
    "Finding",
    "Gate",
    "Inset",
    "Line",
    "Note",
    "Noun",
    "Panel",
    "Place",
    "Plan",
    "Recall",
    "Reference",
    "Review",
    "Rung",
    "Scene",
    "Shot",
    "ShotId",
    "ShotSize",
    "SoundClip",
    "Span",
    "Speed",
    "Spend",
    "Storyboard",
    "Style",
    "Substitution",
    "Take",
    "TakeRequest",
    "Title",
    "Transition",
    "Waiting",
    "Words",
    "canonical",
    "digest",
    "first_fault",
    "overlap",
    "read_noun",
    "upgraded",
    "write_noun",
]
