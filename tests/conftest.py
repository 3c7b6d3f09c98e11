"""What all tests share: one torch thread, strict checkpoints, and projects in temporary folders."""

import os

# Set before anything imports them: strict msgpack is read at import, and a second OpenMP thread on a busy core is slow.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from pathlib import Path

import pytest
from hypothesis import settings

from reelgraph.video_tools.project import Project

# The same examples at every run of the gate; at a desk, new ones go on being found. How long one takes says what else
# the machine does.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A new project of small films: 128x72 at 8 frames a second."""
    return Project.open(tmp_path / "project", size=(128, 72), rate="8")
