"""What a benchmark found, against what it is to reach."""

import json
import operator
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

# By figure: a sign of `_HOLDS`, and the number.
Goals: TypeAlias = Mapping[str, tuple[str, float]]
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip


def report(
    name: str,
    figures: Mapping[str, float],
    goals: Goals,
    as_json: bool,
    *,
    packages: Sequence[str] = ("av", "numpy", "opencv-python-headless"),
    **told: Any,
) -> int:
    """Print the figures.

    Args:
        name: The benchmark's.
        figures: What it found.
        goals: What it is to reach; one without a figure is not met.
        as_json: Print one JSON object, with `told` in it.
        packages: Those whose versions decide the figures, beside reelgraph.
        told: What else is to be known of the run.

    Returns:
        The exit status: 0 if every goal is met.
    """
    met = {key: key in figures and _HOLDS[sign](figures[key], goal) for key, (sign, goal) in goals.items()}
    if as_json:
        rounded = {key: round(float(value), 4) for key, value in figures.items()}
        listed = {key: list(goal) for key, goal in goals.items()}
        said = {"name": name, "versions": versions(packages), **told, "figures": rounded, "goals": listed}
        print(json.dumps({**said, "met": all(met.values())}))
    else:
        for key, value in figures.items():
            said = f"   goal {goals[key][0]} {goals[key][1]:g}" if key in goals else ""
            print(f"{key:40} {value:10.3f}{said}{'' if met.get(key, True) else ', missed'}")
        for key in [key for key in goals if key not in figures]:
            print(f"{key:40} has no figure")
        print("met" if all(met.values()) else "not met")
    return 0 if all(met.values()) else 1


def versions(packages: Sequence[str]) -> dict[str, Any]:
    """Name the versions that decide the figures."""
    found: dict[str, Any] = {"python": sys.version.split()[0], "cpus": os.cpu_count()}
    for package in ("reelgraph", *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found
