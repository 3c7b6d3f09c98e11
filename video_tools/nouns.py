"""What all nouns share: frozen pydantic models, read with their upgrades, written and hashed in one form."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from reelgraph.video_tools.errors import CorruptProject
from reelgraph.video_tools.wording import said_of

ContentHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]

# A name that becomes a part of a path, and so leads nowhere else.
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class Noun(BaseModel):
    """Base of all nouns: frozen, and unknown keys or NaN are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


# (class name, version it upgrades from) -> function of the raw dict, returning the next version's dict. Of a storyboard
# that a person wrote, every value may be text, as YAML is read here.
UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


T = TypeVar("T", bound=Noun)


def read_noun(kind: type[T], text: str | bytes, where: str) -> T:
    """Read a noun from JSON, upgrading older versions.

    Args:
        kind: The class to read.
        text: The JSON.
        where: What to call the source in an error.

    Raises:
        CorruptProject: It is not JSON, not this noun, or of a version that this release does not know.
    """
    try:
        return kind.model_validate(upgraded(kind, json.loads(text)))
    except (ValueError, ValidationError) as error:
        raise CorruptProject(f"{where} is not a readable {kind.__name__.lower()}: {first_fault(error)}") from error


def upgraded(kind: type[Noun], data: Any) -> Any:
    """Bring a noun's raw data to the version that this release reads, one version after another.

    Args:
        kind: The noun's class.
        data: What was read; what is no mapping is returned as it is.

    Raises:
        ValueError: A newer release wrote it.
    """
    if "schema_version" not in kind.model_fields or not isinstance(data, dict):
        return data
    if not isinstance(data.get("schema_version"), int):  # it is the first, or what is said of it is refused later
        return data
    while upgrade := UPGRADES.get((kind.__name__, data["schema_version"])):
        data = upgrade(data)
    found, reads = data["schema_version"], kind.model_fields["schema_version"].default
    if found > reads:
        raise ValueError(
            f"a newer reelgraph wrote it (schema_version {found}, and this one reads {reads}): update reelgraph"
        )
    return data


def write_noun(noun: Noun) -> str:
    """Write a noun as indented JSON with a final newline."""
    return json.dumps(noun.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def canonical(data: Any) -> bytes:
    """Encode plain data as canonical JSON: sorted keys, no spaces, UTF-8.

    Source: the subset of RFC 8785 that Python's json module gives for str, int, float, bool, None, list and dict.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(data: Any) -> str:
    """Return SHA-256 of the canonical JSON of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()


def ascii_words(text: str) -> list[str]:
    """Find a text's words as ids and file names are made of them: lower-case ASCII letters and digits, no accents."""
    return re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower())


def first_fault(error: Exception, kind: type[BaseModel] | None = None, *, a: str = "") -> str:
    """Say in one line what is wrong with some input, naming the field.

    Args:
        error: What reading it raised.
        kind: What was to be read; a key that it has not is then said first, as why another is missing.
        a: What its keys are called, such as `setting `.
    """
    if isinstance(error, ValidationError):
        faults = error.errors(include_url=False)
        misspelt = [fault for fault in faults if kind and fault["type"] == "extra_forbidden"]
        return said_of([*misspelt, *faults][0], kind, a=a)
    return re.sub(r"\s+", " ", str(error))
