"""What a check must be to run, and what may be set of it: what is wrong is said before anything is paid for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.wording import broke, meant

if TYPE_CHECKING:
    from reelgraph.video_tools.checks.base import Check

C = TypeVar("C", bound="Check")

_TAKEN = ("examiner", "judge", "take")  # what findings that are no check's go by


def prove(check: "Check", who: str, known: Sequence[str]) -> None:
    """Refuse a check that could not run, or whose findings nobody could tell from others'.

    Args:
        check: The check.
        who: What to call it.
        known: The needs that there are.

    Raises:
        InvalidRequest: It has no name that its findings can go by, or needs what there is not.
    """
    name, needs = getattr(check, "name", None), check.needs
    if not isinstance(name, str) or not name or "." in name or name in _TAKEN:
        a = f"{who} cannot be named {name!r}" if name else f"{who} has no name"
        raise InvalidRequest(f"{a}: write one in its class (name = 'mine'), without a point, and none of {_TAKEN}")
    if isinstance(needs, str) or not isinstance(needs, Collection):
        raise InvalidRequest(f"{who}: needs cannot be {needs!r}: write it as frozenset({{'frames'}}) is")
    for need in needs:
        if need not in known:
            raise InvalidRequest(f"{who} cannot need {need!r}: {meant(str(need), known)}")


def with_settings(check: C, options: Mapping[str, Any]) -> C:
    """Set fields of a check.

    Raises:
        InvalidRequest: It has no such field, or a value is none for it.
    """
    legal = [f.name for f in fields(check)]
    for option, value in options.items():
        if option not in legal:
            raise InvalidRequest(f"check {check.name!r} has no setting {option!r}: {meant(option, legal)}")
        usual = getattr(check, option)
        if not _like(value, usual):
            raise InvalidRequest(f"check {check.name!r}: {option} cannot be {value!r}: write it as {usual!r} is")
    try:
        return replace(check, **options)
    except Exception as error:  # by a package's own rules for its fields
        raise InvalidRequest(f"check {check.name!r} cannot be set so ({broke(error)}): mend its settings") from error


def _like(value: Any, usual: Any) -> bool:
    """Say whether a setting is of the kind of its usual value, where that is plain."""
    if isinstance(usual, bool) or not isinstance(usual, int | float | str):
        return isinstance(value, bool) or not isinstance(usual, bool)
    if isinstance(usual, str):
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)
