"""Plan a film with a chat model: beats, then the bible, then the shots, each checked by code before the next is asked
for."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
from reelgraph.video_tools.film import Bible, Brief, Storyboard
from reelgraph.video_tools.planning.asking import Asked
from reelgraph.video_tools.planning.assemble import Drafted, DraftedBeat, DraftedShot, assemble
from reelgraph.video_tools.planning.files import MOST_SHOTS, storyboard_from_data
from reelgraph.video_tools.planning.offline import length_asked, plan_offline
from reelgraph.video_tools.planning.questions import (
    BEATS_AT_ONCE,
    EXAMPLE_NAME,
    RULES,
    BeatsReply,
    BibleReply,
    ShotsReply,
    beats_question,
    bible_question,
    passages,
    shots_question,
)
from reelgraph.video_tools.planning.replies import build_model
from reelgraph.video_tools.planning.rules import faults_against, faults_of_words, invented, made_up

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def plan_with_model(
    brief: Brief,
    chat_model: "BaseChatModel",
    *,
    bible: Bible | None = None,
    recalled: Sequence[str] = (),
    facts: Sequence[str] = (),
) -> Storyboard:
    """Plan a storyboard with a chat model.

    A model that answers the first question with a whole storyboard is taken at its word, if that passes the same
    checks. A brief that is a storyboard already needs no model.

    Args:
        brief: What somebody wants to see.
        chat_model: Any LangChain chat model.
        bible: What the project knows already: its characters keep their ids, words and colours.
        facts: What a host's tools found out about the brief, one a line.
        recalled: What earlier shots of the project showed, one a line, to be in keeping with.

    Raises:
        PermanentFailure: The model gave nothing usable after two repairs; the message holds the fault and the reply's
            start.
        TransientFailure: The model could not be reached.
    """
    if brief.form in ("storyboard", "timeline"):
        return plan_offline(brief, bible=bible)
    model = Asked(chat_model)
    drafted = Drafted()
    parts = passages(brief.text)
    for number, passage in enumerate(parts, 1):
        part = brief.model_copy(update={"text": passage})
        question = beats_question(passage, number, len(parts), bible, recalled, facts)
        beats = model.ask("beats", BeatsReply, RULES, question, _beats_builder(part, bible, whole=len(parts) == 1))
        if isinstance(beats, Storyboard):
            return beats.model_copy(update={"planner": model.name, "brief": brief.key})
        drafted.title, drafted.look = drafted.title or beats.title, drafted.look or beats.look
        for beat in beats.beats:
            said = [(line.who, line.text, line.manner) for line in beat.said]
            drafted.beats.append(DraftedBeat(beat.see, beat.place, beat.time, said))
    if len(drafted.beats) > MOST_SHOTS:
        raise PermanentFailure(
            f"{model.name} gave {len(drafted.beats)} beats: at most {MOST_SHOTS} are planned at once"
        )
    found = model.ask("bible", BibleReply, RULES, bible_question(drafted, bible), _bible_builder(brief, bible))
    drafted.characters = [(c.name, c.description, c.kind, c.aliases) for c in found.characters]
    drafted.places = [(p.name, p.description) for p in found.places]
    seconds = length_asked(brief)
    for first in range(0, len(drafted.beats), BEATS_AT_ONCE):
        last = min(first + BEATS_AT_ONCE, len(drafted.beats))
        question = shots_question(drafted, first, last, seconds)
        drafted.shots += model.ask("shots", ShotsReply, RULES, question, _shots_builder(first, last, drafted))
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
        copied = EXAMPLE_NAME in seen and EXAMPLE_NAME not in brief.text
        _refuse([f"{EXAMPLE_NAME} is of the example: tell the brief alone"] if copied else [])
        _refuse(made_up(brief, [f"{b.see} {b.place}".strip() for b in beats.beats]))
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
