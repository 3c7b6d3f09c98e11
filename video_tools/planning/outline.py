"""What a brief's readers hand to the planner: scenes of beats, each with its place in the brief's text."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from reelgraph.video_tools.film import Angle, CameraMove, ShotSize, Transition
from reelgraph.video_tools.planning.languages import tongue_of

# What a screenplay writes beside who is heard and not seen; small letters without a dot are words ("os" in Portuguese).
UNSEEN = re.compile(r"\b(?:V\.?\s?O|O\.?\s?[SC])\b|(?i:\b(?:v\.\s?o|o\.\s?[sc])\b|voice[- ]?over|off[- ]?screen)")


@dataclass(frozen=True)
class Said:
    """Words said in a beat.

    Attributes:
        text: The words.
        speaker: The name as written, empty for a narrator or where nobody is named.
        manner: How they are said.
        unsigned: Whether somebody says them whom the brief does not name here.
    """

    text: str
    speaker: str = ""
    manner: str = ""
    unsigned: bool = False


@dataclass
class Beat:
    """What becomes one shot.

    Attributes:
        text: What is seen, in the brief's words.
        start: Where it begins in the brief's text.
        end: Where it ends (exclusive).
        said: What is said meanwhile.
        title: The words of a title card, for a beat that is one.
        subject: The noun phrase that acts.
        carried: Whether the subject was said only before.
        speaking: The name of whom the beat shows speaking.
        only_speech: Whether nothing happens but speech.
        scene: The scene that a shot list puts it in.
        seconds: The length written in the brief, if any.
        size: The size written in the brief, if any; so `angle` and `camera`.
        why: Reasons so far.
    """

    text: str
    start: int
    end: int
    said: list[Said] = field(default_factory=list)
    title: str = ""
    subject: str = ""
    carried: bool = False
    speaking: str = ""
    only_speech: bool = False
    scene: str = ""
    seconds: float | None = None
    size: ShotSize | None = None
    angle: Angle | None = None
    camera: CameraMove | None = None
    transition: Transition = field(default_factory=Transition)
    why: list[str] = field(default_factory=list)


@dataclass
class SceneOutline:
    """Beats that share a place and a time.

    Attributes:
        beats: In order.
        heading: As written.
        place: Where.
        time: The time of day.
        seconds: The length that its heading gives it, if any.
    """

    beats: list[Beat] = field(default_factory=list)
    heading: str = ""
    place: str = ""
    time: str = ""
    seconds: float | None = None


@dataclass
class Outline:
    """A brief, read.

    Attributes:
        scenes: In order; none without a beat.
        cues: Names that the brief itself marks as speakers, in order of appearance.
        definitions: What the brief says somebody is, by name, in sentences that are no shots (`Pip is a red ball.`).
        look: What the brief says about the look of the whole film.
        seconds: The length that the brief's words ask for.
    """

    scenes: list[SceneOutline]
    cues: list[str] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    look: str = ""
    seconds: float | None = None

    @cached_property
    def tongue(self) -> str:
        """The language that it is told in (`es`, `zh`, ...); nothing for English and those that are not known here."""
        return tongue_of(" ".join(beat.text for scene in self.scenes for beat in scene.beats))
