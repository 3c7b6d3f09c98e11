"""Whose code a class is, and which: what somebody else's code made stands for as long as that code is the same."""

import sys
from functools import lru_cache
from inspect import getmodule, getsource
from typing import Any
from uuid import uuid4

from reelgraph.video_tools.film import digest

_PROCESS = uuid4().hex


def is_ours(module: str) -> bool:
    """Say whether a module, by its full name, is one that ships."""
    return module.partition(".")[0] == "reelgraph"


@lru_cache(maxsize=64)
def written(kind: type) -> str:
    """Return the digest of a class's source, as it was when it was first asked for: what runs is not what is edited.

    The source is that of whole files, so that what a class leans on beside it counts; where none can be read, as of a
    notebook's cell, the class is itself alone, in this process.
    """
    told: list[Any] = []
    for base in kind.__mro__:
        if is_ours(base.__module__) or base.__module__.partition(".")[0] in sys.stdlib_module_names:
            continue
        try:
            told.append(getsource(getmodule(base) or base))
        except (OSError, TypeError):
            told.append([id(base), _PROCESS])
    return digest(told)
