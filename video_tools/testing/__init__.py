"""The conformance kits: subclass one with a fixture, and pytest runs it.

    class TestMine(BackendConformance):
        @pytest.fixture
        def backend(self):
            return Mine({"url": "http://127.0.0.1:8000"})

A back end that can go wrong once a call is made (a server, a model) passes `FaultConformance`, which has all of
`BackendConformance` and the faults; one that makes sound alone passes `MusicConformance`. `EmbedderConformance` and
`NodeConformance` are of rooms above this one, which register them. What ships with reelgraph passes the same kits.
They need pytest, and nothing else that reelgraph does not bring.
"""

from typing import Any

from reelgraph.video_tools import registry
from reelgraph.video_tools.testing.backend import BackendConformance
from reelgraph.video_tools.testing.check import CheckConformance
from reelgraph.video_tools.testing.effect import EffectConformance
from reelgraph.video_tools.testing.faults import Fault, FaultConformance
from reelgraph.video_tools.testing.music import MusicConformance
from reelgraph.video_tools.testing.tool import ToolConformance

__all__ = [
    "BackendConformance",
    "CheckConformance",
    "EffectConformance",
    "Fault",
    "FaultConformance",
    "MusicConformance",
    "ToolConformance",
]


def __getattr__(name: str) -> Any:
    """Find a kit of a higher room by its entry point."""
    if name in registry.names("reelgraph.kits"):
        return registry.load("reelgraph.kits", name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
