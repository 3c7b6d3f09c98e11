"""What is said in a film: in the prompts of models that speak, and said where it is only captioned."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from reelgraph.cli import main
from reelgraph.video_tools import actions, cut_actions, take_actions
from reelgraph.video_tools.backends.base import Call, Capabilities, Failed, Made, OnEvent, Sound
from reelgraph.video_tools.checks.adherence import attributes
from reelgraph.video_tools.checks.intent import intent_of_take
from reelgraph.video_tools.cutting import edit_cut
from reelgraph.video_tools.film import Bible, Brief, Character, Line, Scene, Shot, Storyboard, TakeRequest
from reelgraph.video_tools.importing import import_sound
from reelgraph.video_tools.planning.fit import requests_of
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.substitutions import substituted

BIBLE = Bible(
    characters=[Character(id="mara", name="Mara", voice="low and warm"), Character(id="tom", name="Tom")],
)


def board_of(prompt: str, *lines: Line, characters: Sequence[str] = ("mara",)) -> Storyboard:
    shot = Shot(id="s01-01", prompt=prompt, seconds=2, characters=list(characters), lines=list(lines))
    return Storyboard(bible=BIBLE, scenes=[Scene(id="s01", shots=[shot])])


def request_of(board: Storyboard, *, sound: bool, **more: Any) -> TakeRequest:
    can = Capabilities(sound=sound, **more)
    ((_, request, _),) = requests_of(
        board, board.shots, capabilities=can, backend="b", model="m", width=128, height=72,
        rate=Fraction(24), film="f",
    )  # fmt: skip
    return request


@pytest.mark.parametrize(
    ("prompt", "line", "said"),
    [
        (
            "Mara stands by the lamp",
            Line(text="Not tonight, my friend.", character="mara", manner="softly"),
            'Mara stands by the lamp. Mara, low and warm, says softly: "Not tonight, my friend."',
        ),
        ("Mara turns", Line(text="Why?", character="tom", manner="O.S."), 'Mara turns. Tom, off screen, says: "Why?"'),
        ("Mara and Tom row", Line(text="Why?", character="tom"), 'Mara and Tom row. Tom says: "Why?"'),
        ("A lamp", Line(text="It was late."), 'A lamp. A narrator says: "It was late."'),
        ("A lamp", Line(text="Home", character="tom", manner="V.O., sung"), 'A lamp. Tom, off screen, sings: "Home"'),
        ("A lamp", Line(text='He said "no".', character="Bo"), "A lamp. Bo says: \"He said 'no'.\""),
        # Prose quotes what is said in its own words: it is not said twice.
        (
            '"Not tonight," Mara whispers.',
            Line(text="Not tonight", character="mara"),
            '"Not tonight," Mara whispers. Mara, low and warm, speaks.',
        ),
        ('"Why?" asks Tom.', Line(text="Why?", character="tom"), '"Why?" asks Tom.'),
        ("„Warum?“, fragt Tom.", Line(text="Warum", character="tom"), "„Warum?“, fragt Tom."),
        ("汤姆说：“为什么？”", Line(text="为什么", character="tom"), "汤姆说：“为什么？”"),
        # What only holds its letters, or goes on, does not say it.
        ("Tom shuts his eyes.", Line(text="Yes.", character="tom"), 'Tom shuts his eyes. Tom says: "Yes."'),
        ("No one but Tom.", Line(text="No!", character="tom"), 'No one but Tom. Tom says: "No!"'),
        ("Tomorrow.", Line(text="Why?", character="tom"), 'Tomorrow. Tom, off screen, says: "Why?"'),
        (
            "Tom sits",
            Line(text="Não.", character="tom", manner="fecha os olhos"),
            'Tom sits. Tom says fecha os olhos: "Não."',
        ),
        ("A lamp", Line(text="Home", character="tom", manner="v.o."), 'A lamp. Tom, off screen, says: "Home"'),
    ],
)
def test_model_that_makes_sound_is_told_who_says_what_and_how(prompt: str, line: Line, said: str) -> None:
    assert request_of(board_of(prompt, line), sound=True).prompt == f"{said} Wide shot."


def test_request_is_the_same_where_nothing_is_said_or_heard() -> None:
    line = Line(text="Not tonight.", character="mara")
    assert request_of(board_of("A lamp", line), sound=False).prompt == "A lamp. Wide shot."
    assert request_of(board_of("A lamp"), sound=True).key == request_of(board_of("A lamp"), sound=False).key


def test_words_are_cut_from_a_prompt_that_is_too_long_after_what_is_less_worth() -> None:
    board = board_of("A lamp", Line(text="Not tonight.", character="mara"))
    said = 'A lamp. Mara, low and warm, says: "Not tonight."'
    assert request_of(board, sound=True, prompt_tokens=17).prompt == said
    assert request_of(board, sound=True, prompt_tokens=8).prompt == "A lamp."


def test_dialogue_of_a_screenplay_is_told() -> None:
    text = "INT. KITCHEN - NIGHT\n\nMara lights the lamp.\n\nMARA\n(softly)\nNot tonight.\n\nTOM (O.S.)\nWhy?\n"
    board = plan_offline(Brief(text=text, form="fountain"))
    fitted = requests_of(
        board, board.shots, capabilities=Capabilities(sound=True), backend="b", model="m", width=128, height=72,
        rate=Fraction(24), film="f",
    )  # fmt: skip
    assert fitted[1][1].prompt == (
        'Mara speaks, softly. Mara says softly: "Not tonight." Tom, off screen, says: "Why?" Kitchen, night. Close-up.'
    )


def test_what_is_said_is_not_looked_for_in_the_picture() -> None:
    prompt = 'A red ball. Mara says: "A blue box, in a blackout!"'
    assert [one.part for one in attributes(prompt)] == ["red ball", "ball"]
    request = TakeRequest(backend="b", prompt=prompt, width=128, height=72, frames=4, rate=Fraction(8))
    assert not intent_of_take(4, request, None).dark.any()
    assert intent_of_take(4, request.model_copy(update={"prompt": "A blackout."}), None).dark.all()


class Talking(Rehearsal):
    """A rehearsal whose takes have a tone."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), sound=True)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for made in super().generate(calls, on_event):
            assert isinstance(made, Made)
            yield replace(made, sound=tone(made.call.request.frames / made.rate))


def tone(seconds: Fraction) -> Sound:
    at = np.arange(int(seconds * 16_000)) / 16_000
    return Sound((0.2 * np.sin(2 * np.pi * 300 * at)).astype(np.float32)[:, None], 16_000)


SPOKEN = json.dumps(
    {
        "bible": {"characters": [{"id": "mara", "name": "Mara"}]},
        "shots": [
            {"prompt": "a lamp burns", "seconds": 2, "lines": [{"text": "Not tonight.", "character": "mara"}]},
            {"prompt": "a dog digs", "seconds": 1},
            {"prompt": "a door shuts", "seconds": 1, "lines": [{"text": "Why?"}]},
        ],
    }
)


def lacks(studio: Studio) -> list[tuple[str, str, str, str, str]]:
    film = studio.project.film("f")
    board, cut = film.storyboard(), film.cut()
    assert board and cut
    said = substituted(studio.project.ledger, film.name, board, cut)
    return [(of, one.what, one.asked, one.made, one.why) for of, one in said]


def cut_of(studio: Studio) -> None:
    actions.plan_storyboard(studio, brief=SPOKEN, film="f")
    take_actions.generate_take(studio, shot="all")
    cut_actions.assemble_cut(studio)


def test_lines_that_nobody_speaks_are_said_once_a_film_until_narration_speaks_them(project: Project) -> None:
    told: list[dict[str, Any]] = []
    studio = Studio(project, backend=Rehearsal(), tell=told.append)
    cut_of(studio)
    why = "takes of rehearsal carry no sound: the edit `narrate` speaks them"
    assert lacks(studio) == [("lines", "lines", '"Not tonight." and 1 more in s01-01, s01-03', "captions", why)]
    (event,) = [event for event in told if event["type"] == "substitution"]
    assert (event["shot"], event["made"]) == ("lines", "captions")
    voice = import_sound(studio, tone(Fraction(2)), backend="voice", model="a person", words="Not tonight.")
    edit_cut(studio, project.film("f"), [{"op": "narrate", "take": voice.key, "frames": 16, "start": 0}])
    assert lacks(studio) == [("lines", "lines", '"Why?" in s01-03', "captions", why)]


def test_nothing_is_said_of_lines_that_a_model_speaks_or_a_panel_letters(project: Project) -> None:
    talking = Talking()
    cut_of(Studio(project, backend=talking))
    assert any('Mara, off screen, says: "Not tonight."' in request.prompt for request in talking.requests)
    assert lacks(Studio(project)) == []
    cut_of(Studio(Project.open(project.root.parent / "drawn", size=(128, 72), rate="8")))
    assert lacks(Studio(Project.open(project.root.parent / "drawn"))) == []


def test_plan_says_before_anything_is_paid_which_lines_will_be_silent(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "reelgraph.toml").write_text(
        'backend = "remote"\n[backends.remote]\nbase_urls = ["http://127.0.0.1:9"]\n', "utf-8"
    )
    where = ["-p", str(project.root), "--json", "--film", "f", "--size", "128x72"]
    assert main(["plan", SPOKEN, *where]) == 0
    said = [item for item in json.loads(capsys.readouterr().out)["substitutions"] if item["what"] == "lines"]
    assert [(item["shot"], item["made"]) for item in said] == [("lines", "captions")]
