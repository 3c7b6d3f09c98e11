"""A child process that kills itself with SIGKILL at its Nth file operation in a project."""

import os
import subprocess
import sys
from pathlib import Path

from reelgraph.video_tools.project import Project

# An open, rename, mkdir or unlink in the project is an operation.
CHILD = """
import os, signal, sys
root, last, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
seen = 0
def hook(name, arguments):
    global seen
    if name in ("open", "os.rename", "os.mkdir", "os.remove", "sqlite3.connect") and root in str(arguments[0]):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from reelgraph.cli import main
status = main(words)
print("OPERATIONS", seen, file=sys.stderr)
sys.exit(status)
"""


def run(root: Path, last: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is killed at its `last`th operation; 0 lets it end, and stderr says how many there were."""
    command = [sys.executable, "-c", CHILD, str(root), str(last), *words, "-p", str(root), "--json", "-q"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ})


def published(root: Path) -> dict[str, str]:
    return {take.key: take.attempt for take in Project.open(root).ledger.takes()}
