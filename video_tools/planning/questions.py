"""What a model that plans is asked, step by step: the schema of each answer, the question, and one worked example.

A small model answers far better after an example than after a description. The example's people are nobody of any
brief, so that code finds them where a model only copies.
"""

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from reelgraph.video_tools.film import Angle, Bible, CameraMove, ShotSize, Words
from reelgraph.video_tools.planning.assemble import Drafted
from reelgraph.video_tools.planning.sentences import sentences

# What a small model reads and answers well in one go.
BRIEF_CHARACTERS = 6000
BEATS_AT_ONCE = 10


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Said(_Reply):
    """Words that somebody says."""

    who: str = Field(default="", description="Who says it; empty for a narrator.")
    text: str = Field(min_length=1, description="The words, exactly as in the brief.")
    manner: str = ""


class BeatReply(_Reply):
    """One thing that happens."""

    see: str = Field(min_length=1, max_length=1200, description="What the audience sees, in one or two sentences.")
    said: list[Said] = []
    place: str = Field(default="", description="Where, in a few words; the same words each time.")
    time: str = Field(default="", description="Time of day, if the brief says one.")


class BeatsReply(_Reply):
    """What happens, in the brief's order."""

    title: str = ""
    look: str = Field(default="", description="The look of the whole film, only if the brief says one.")
    beats: list[BeatReply] = Field(min_length=1, max_length=200)


class CharacterReply(_Reply):
    """Somebody who must look the same in every shot."""

    name: str = Field(min_length=1, max_length=80)
    description: str = Field(
        default="", max_length=600, description="What they look like: age, build, hair, dress, colours."
    )
    kind: str = Field(default="person", pattern="^(person|animal|object)$")
    aliases: list[str] = []


class PlaceReply(_Reply):
    """A place of the film."""

    name: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=600)


class BibleReply(_Reply):
    """Who and where the film is about."""

    characters: list[CharacterReply] = Field(max_length=60, description="Empty where nobody is seen or heard.")
    places: list[PlaceReply] = Field(default=[], max_length=200)


class ShotReply(_Reply):
    """One shot of one beat."""

    beat: int = Field(ge=1, description="The number of the beat it shows.")
    prompt: Words = Field(max_length=2000)
    seconds: float = Field(gt=0, le=60)
    size: ShotSize = "medium"
    camera: CameraMove = "still"
    angle: Angle = "eye"
    characters: list[str] = Field(default=[], description="Names of those seen in it.")


class ShotsReply(_Reply):
    """The shots of some beats, in order."""

    shots: list[ShotReply] = Field(min_length=1, max_length=100)


RULES = (
    "You plan short films. Keep the brief's order and everything in it. Invent no person, name or brand. "
    "Answer with one JSON object that fits the schema, and nothing else."
)

# Who is in the example, and in no brief.
EXAMPLE_NAME = "Ostrik"
# By step: a question and its answer.
_EXAMPLES = {
    "beats": (
        "The brief.\n\n<brief>\nOstrik pushes the boat into the lake. \"Row!\" he shouts, and the dog jumps in.\n"
        "</brief>",
        {"beats": [
            {"see": "Ostrik pushes the boat into the lake.", "place": "lake"},
            {"see": "Ostrik shouts, and the dog jumps in.", "place": "lake",
             "said": [{"who": "Ostrik", "text": "Row!"}]},
        ]},
    ),
    "bible": (
        "The beats:\n1. [lake] Ostrik pushes the boat into the lake.\n"
        "2. [lake] Ostrik shouts, and the brown dog jumps in.",
        {
            "characters": [{"name": "Ostrik"}, {"name": "dog", "description": "brown", "kind": "animal"}],
            "places": [{"name": "lake"}],
        },
    ),
    "shots": (
        "Characters: Ostrik, dog\n\nThe beats:\n1. [lake] Ostrik pushes the boat into the lake.\n"
        "2. [lake] Ostrik shouts, and the dog jumps in.\n\nGive at least one shot for each of beats 1 to 2, in order.",
        {"shots": [
            {"beat": 1, "prompt": "Ostrik pushes the boat into the lake", "seconds": 4, "size": "wide",
             "characters": ["Ostrik"]},
            {"beat": 2, "prompt": "Ostrik shouts from the boat, and the dog jumps in", "seconds": 3, "size": "medium",
             "characters": ["Ostrik", "dog"]},
        ]},
    ),
    "changes": (
        "The shots:\n1. s01-01, 4 s: Ostrik pushes the boat into the lake\n2. s01-02, 3 s: The dog jumps in\n\n"
        "<note>\nThe boat takes too long, and I'd rather see the dog from close by.\n</note>",
        {"instructions": ["make shot 1 shorter by 1.5 seconds", "shot 2: A close view of the dog as it jumps in"]},
    ),
}  # fmt: skip


def example(step: str) -> tuple[str, str]:
    """Return a step's worked example: a question and the answer to it."""
    question, answer = _EXAMPLES[step]
    return question, json.dumps(answer)


def passages(text: str) -> list[str]:
    """Divide a long brief at sentences into passages that a small model reads well."""
    passages = [""]
    at = 0
    for _, end in sentences(text):
        if len(passages[-1]) + end - at > BRIEF_CHARACTERS and passages[-1]:
            passages.append("")
        passages[-1] += text[at:end]
        at = end
    passages[-1] += text[at:]
    return passages


def beats_question(
    passage: str, number: int, count: int, bible: Bible | None, recalled: Sequence[str], facts: Sequence[str]
) -> str:
    """Ask for the beats of a passage of the brief."""
    known = [f"{c.name}: {c.description}" for c in bible.characters] if bible else []
    parts = [f"Part {number} of {count} of the brief." if count > 1 else "The brief."]
    parts += [f"<brief>\n{passage}\n</brief>"]  # said to be material, so that orders inside it are not followed
    if known:
        parts.append("Characters that the project knows:\n" + "\n".join(known))
    if facts:
        parts.append("What is known about it:\n" + "\n".join(facts))
    if recalled:
        parts.append(
            "Earlier shots of the project, to be in keeping with; those rejected show what to avoid:\n"
            + "\n".join(recalled)
        )
    parts.append("List the beats: one for each thing that happens, in order, with what is said in each, word for word.")
    return "\n\n".join(parts)


def bible_question(drafted: Drafted, bible: Bible | None) -> str:
    """Ask who and where the beats are about."""
    beats = "\n".join(_numbered(drafted, 0, len(drafted.beats)))[: 2 * BRIEF_CHARACTERS]
    known = "\n".join(f"{c.name}: {c.description}" for c in bible.characters) if bible else "none"
    return (
        f"The beats:\n{beats}\n\nCharacters known already:\n{known}\n\n"
        "List everybody seen or heard in the beats, and every place, each once, by the name the beats use, with what "
        "they look like as far as the beats say."
    )


def _numbered(drafted: Drafted, first: int, last: int) -> list[str]:
    out = []
    for number in range(first, last):
        beat = drafted.beats[number]
        said = "".join(f' {who or "narrator"}: "{text}"' for who, text, _ in beat.said)
        out.append(f"{number + 1}. [{beat.place}] {beat.see}{said}")
    return out


def shots_question(drafted: Drafted, first: int, last: int, seconds: float | None) -> str:
    """Ask for the shots of beats `first` to `last` (exclusive), which count from 0."""
    names = ", ".join(name for name, *_ in drafted.characters) or "nobody"
    aim = f" The whole film of {len(drafted.beats)} beats is to last {seconds:g} s." if seconds else ""
    listed = "\n".join(_numbered(drafted, first, last))
    return (
        f"Characters: {names}\n\nThe beats:\n{listed}\n\n"
        f"Give at least one shot for each of beats {first + 1} to {last}, in order.{aim}"
    )
