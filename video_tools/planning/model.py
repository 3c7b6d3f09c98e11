"""Plan a film with a chat model: beats, then the bible, then the shots, each checked by code before the next is asked
for."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError, TransientFailure
from reelgraph.video_tools.film import Angle, Bible, Brief, CameraMove, ShotSize, Storyboard, digest
from reelgraph.video_tools.planning.assemble import Drafted, DraftedBeat, DraftedShot, assemble
from reelgraph.video_tools.planning.files import MOST_SHOTS, storyboard_from_data
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.replies import build_model, read_reply
from reelgraph.video_tools.planning.rules import faults_against, faults_of_words, invented
from reelgraph.video_tools.planning.sentences import sentences

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

REPAIRS = 2
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

    characters: list[CharacterReply] = Field(default=[], max_length=60)
    places: list[PlaceReply] = Field(default=[], max_length=200)


class ShotReply(_Reply):
    """One shot of one beat."""

    beat: int = Field(ge=1, description="The number of the beat it shows.")
    prompt: str = Field(min_length=1, max_length=2000)
    seconds: float = Field(gt=0, le=60)
    size: ShotSize = "medium"
    camera: CameraMove = "still"
    angle: Angle = "eye"
    characters: list[str] = Field(default=[], description="Names of those seen in it.")


class ShotsReply(_Reply):
    """The shots of some beats, in order."""

    shots: list[ShotReply] = Field(min_length=1, max_length=100)


_RULES = (
    "You plan short films. Keep the brief's order and everything in it. Invent no person, name or brand. "
    "Answer with one JSON object that fits the schema, and nothing else."
)
R = TypeVar("R")


def plan_with_model(
    brief: Brief, chat_model: "BaseChatModel", *, bible: Bible | None = None, recalled: Sequence[str] = ()
) -> Storyboard:
    """Plan a storyboard with a chat model.

    A model that answers the first question with a whole storyboard is taken at its word, if that passes the same
    checks. A brief that is a storyboard already needs no model.

    Args:
        brief: What somebody wants to see.
        chat_model: Any LangChain chat model.
        bible: What the project knows already: its characters keep their ids, words and colours.
        recalled: What earlier shots of the project showed, one a line, to be in keeping with.

    Raises:
        PermanentFailure: The model gave nothing usable after two repairs; the message holds the fault and the reply's
            start.
        TransientFailure: The model could not be reached.
    """
    if brief.form in ("storyboard", "timeline"):
        return plan_offline(brief, bible=bible)
    model = _Asked(chat_model)
    drafted = Drafted()
    passages = _passages(brief.text)
    for number, passage in enumerate(passages, 1):
        part = brief.model_copy(update={"text": passage})
        question = _beats_question(passage, number, len(passages), bible, recalled)
        beats = model.ask("beats", BeatsReply, question, _beats_builder(part, bible, whole=len(passages) == 1))
        if isinstance(beats, Storyboard):
            return beats.model_copy(update={"planner": model.name, "brief": digest(brief.text)})
        drafted.title, drafted.look = drafted.title or beats.title, drafted.look or beats.look
        for beat in beats.beats:
            said = [(line.who, line.text, line.manner) for line in beat.said]
            drafted.beats.append(DraftedBeat(beat.see, beat.place, beat.time, said))
    if len(drafted.beats) > MOST_SHOTS:
        raise PermanentFailure(
            f"{model.name} gave {len(drafted.beats)} beats: at most {MOST_SHOTS} are planned at once"
        )
    found = model.ask("bible", BibleReply, _bible_question(drafted, bible), _bible_builder(brief, bible))
    drafted.characters = [(c.name, c.description, c.kind, c.aliases) for c in found.characters]
    drafted.places = [(p.name, p.description) for p in found.places]
    for first in range(0, len(drafted.beats), BEATS_AT_ONCE):
        last = min(first + BEATS_AT_ONCE, len(drafted.beats))
        question = _shots_question(drafted, first, last, brief.seconds)
        drafted.shots += model.ask("shots", ShotsReply, question, _shots_builder(first, last, drafted))
    return assemble(brief, drafted, bible).model_copy(update={"planner": model.name})


def _beats_builder(brief: Brief, bible: Bible | None, *, whole: bool) -> Callable[[dict[str, Any]], Any]:
    """Return a builder that takes beats, or a whole storyboard, if they keep to the brief."""

    def build(data: dict[str, Any]) -> Any:
        if whole and {"shots", "scenes"} & data.keys():
            storyboard = storyboard_from_data(data, "the plan")
            _refuse(faults_against(brief, storyboard, bible))
            return storyboard
        beats = build_model(BeatsReply)(data)
        seen = " ".join(
            [beats.title, *(f"{b.see} {b.place} {' '.join(line.who for line in b.said)}" for b in beats.beats)]
        )
        _refuse(faults_of_words(brief, seen, [line.text for beat in beats.beats for line in beat.said]))
        return beats

    return build


def _bible_builder(brief: Brief, bible: Bible | None) -> Callable[[dict[str, Any]], BibleReply]:
    """Return a builder that takes a bible in which nobody is invented."""

    def build(data: dict[str, Any]) -> BibleReply:
        reply: BibleReply = build_model(BibleReply)(data)
        _refuse(invented(brief, [character.name for character in reply.characters], bible))
        return reply

    return build


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InvalidRequest("; ".join(faults[:3]))


class _Asked:
    """A chat model that is asked for objects."""

    def __init__(self, chat_model: "BaseChatModel") -> None:
        self.model = chat_model
        given = getattr(chat_model, "model_name", None) or getattr(chat_model, "model", None)
        self.name = given if isinstance(given, str) else type(chat_model).__name__

    def ask(
        self, step: str, kind: type[BaseModel], question: str, build: Callable[[dict[str, Any]], R] | None = None
    ) -> Any:
        """Ask for an object, telling the model the exact fault of a reply that does not fit, at most twice.

        Raises:
            PermanentFailure: No reply fits.
            TransientFailure: The model could not be reached.
        """
        from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

        schema = json.dumps(kind.model_json_schema(), ensure_ascii=False)
        messages: list[BaseMessage] = [SystemMessage(f"{_RULES}\nSchema: {schema}"), HumanMessage(question)]
        reply, fault = "", ""
        for _ in range(1 + REPAIRS):
            reply = self._reply(messages, kind)
            try:
                return read_reply(reply, build or build_model(kind))
            except InvalidRequest as error:
                fault = str(error)
            again = f"That cannot be used: {fault}. Answer again with the whole JSON object, this mended."
            messages += [AIMessage(reply), HumanMessage(again)]
        start = " ".join(reply.split())[:300]
        raise PermanentFailure(
            f"{self.name} gave no usable {step} in {1 + REPAIRS} replies: {fault}; the last began {start!r}"
        )

    def _reply(self, messages: "list[BaseMessage]", kind: type[BaseModel]) -> str:
        """Send messages; structured output where the model has it, read tolerantly all the same."""
        from langchain_core.messages import AIMessage

        try:
            structured = self.model.with_structured_output(kind, include_raw=True)
        except (NotImplementedError, ValueError, TypeError):  # a model without tools says so in one of these
            structured = None
        try:
            answer: Any = (structured or self.model).invoke(messages)
        except ReelgraphError:
            raise
        except Exception as error:  # providers raise types of their own, which share no base
            raise _mapped(self.name, error) from error
        message = answer["raw"] if isinstance(answer, dict) and "raw" in answer else answer
        if isinstance(message, AIMessage):
            if message.tool_calls:
                return json.dumps(message.tool_calls[-1]["args"], ensure_ascii=False)
            if message.invalid_tool_calls:
                return str(message.invalid_tool_calls[-1]["args"] or "")
        return str(message.text)


def _mapped(name: str, error: Exception) -> ReelgraphError:
    status = getattr(error, "status_code", None)
    said = f"{name} failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    again = (
        isinstance(error, TimeoutError | ConnectionError)
        or status in (408, 409, 429)
        or (isinstance(status, int) and status >= 500)
    )
    return TransientFailure(said) if again or "Timeout" in type(error).__name__ else PermanentFailure(said)


def _passages(text: str) -> list[str]:
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


def _beats_question(passage: str, number: int, count: int, bible: Bible | None, recalled: Sequence[str]) -> str:
    known = [f"{c.name}: {c.description}" for c in bible.characters] if bible else []
    parts = [f"Part {number} of {count} of the brief." if count > 1 else "The brief."]
    parts += [f"<brief>\n{passage}\n</brief>"]  # said to be material, so that orders inside it are not followed
    if known:
        parts.append("Characters that the project knows:\n" + "\n".join(known))
    if recalled:
        parts.append("Earlier shots of the project, to be in keeping with:\n" + "\n".join(recalled))
    parts.append("List the beats: one for each thing that happens, in order, with what is said in each, word for word.")
    return "\n\n".join(parts)


def _bible_question(drafted: Drafted, bible: Bible | None) -> str:
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


def _shots_question(drafted: Drafted, first: int, last: int, seconds: float | None) -> str:
    names = ", ".join(name for name, *_ in drafted.characters) or "nobody"
    aim = f" The whole film of {len(drafted.beats)} beats is to last {seconds:g} s." if seconds else ""
    listed = "\n".join(_numbered(drafted, first, last))
    return (
        f"Characters: {names}\n\nThe beats:\n{listed}\n\n"
        f"Give at least one shot for each of beats {first + 1} to {last}, in order.{aim}"
    )


def _shots_builder(first: int, last: int, drafted: Drafted) -> Callable[[dict[str, Any]], list[DraftedShot]]:
    """Return a builder that holds shots to their beats and to the bible."""
    return lambda data: _checked_shots(build_model(ShotsReply)(data), first, last, drafted)


def _checked_shots(reply: ShotsReply, first: int, last: int, drafted: Drafted) -> list[DraftedShot]:
    numbers = [shot.beat for shot in reply.shots]
    if outside := [n for n in numbers if not first < n <= last]:
        raise InvalidRequest(f"shots.beat {outside[0]} is none of the beats {first + 1} to {last}")
    if missing := [n for n in range(first + 1, last + 1) if n not in numbers]:
        raise InvalidRequest(f"beat {missing[0]} has no shot: give each of beats {first + 1} to {last} at least one")
    if numbers != sorted(numbers):
        raise InvalidRequest(f"the shots are out of order: their beats are {numbers}")
    names = {n.lower() for name, _, _, aliases in drafted.characters for n in (name, *aliases)}
    for shot in reply.shots:
        for name in shot.characters:
            if name.lower() not in names:
                known = ", ".join(name for name, *_ in drafted.characters) or "nobody"
                raise InvalidRequest(f"shots.characters names {name!r}, whom the bible does not know: it has {known}")
    return [DraftedShot(s.beat - 1, s.prompt, s.seconds, s.size, s.camera, s.angle, s.characters) for s in reply.shots]
