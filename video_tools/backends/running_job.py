"""A job that a server took on, as the process that waits for it knows it."""

from dataclasses import dataclass

from reelgraph.video_tools.backends.base import Call, Job, Progress
from reelgraph.video_tools.backends.dialect import Form


@dataclass
class RunningJob:
    """A job that was accepted, and when it was last heard of.

    Attributes:
        call: What it is to make.
        job: Where it is.
        form: What was sent to have it made, empty where an earlier process did.
        began: When it was accepted or adopted, by the clock that only goes forward.
        heard: When its server last told of it.
        next_look: When it is to be asked for again.
        told: Percent done, as told so far; it never goes back.
        said: What its server last said of it.
    """

    call: Call
    job: Job
    form: Form
    began: float
    heard: float
    next_look: float
    told: int = 0
    said: str = ""

    @property
    def done(self) -> bool:
        """Whether the server has made it."""
        return self.told == 100

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(self.call.attempt, self.told, 100, said=self.said)

    @property
    def seconds(self) -> float:
        """How long it was heard of; whether it goes on in a server's silence nobody knows, so that counts none."""
        return self.heard - self.began
