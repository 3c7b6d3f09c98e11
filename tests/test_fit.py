from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.video_tools.backends.base import Capabilities, FrameRule, SizeRule, check_request
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    Adapter,
    Bible,
    Character,
    Line,
    Place,
    Reference,
    Scene,
    Shot,
    Storyboard,
    Style,
    Substitution,
    TakeRequest,
)  # fmt: skip
from reelgraph.video_tools.planning.briefs import read_brief
from reelgraph.video_tools.planning.fit import derived_seed, requests_of
from reelgraph.video_tools.planning.legal import legal_rate, longest_shot
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.splitting import fit_lengths

EXAMPLES = Path(__file__).parent.parent / "examples" / "briefs"
WAN = Capabilities(
    modes=frozenset({"text", "image"}), frames=FrameRule(4, 1, 5, 81), sizes=SizeRule(16, 64, 1280),
    rates=(Fraction(16),), negative_prompt=True,
)  # fmt: skip
LTX = Capabilities(frames=FrameRule(8, 1, 9, 161), sizes=SizeRule(32, 64, 1280), max_batch=4, prompt_tokens=60)
DRAWN = Capabilities(panel=True, animatic=True)
SERVER = Capabilities(
    frames=FrameRule(1, 0, 96, 288), sizes=SizeRule(only=((1280, 720), (720, 1280))), rates=(Fraction(24),),
    seeded=False,
)  # fmt: skip
ALL = pytest.mark.parametrize("capabilities", [WAN, LTX, DRAWN, SERVER], ids=["wan", "ltx", "drawn", "server"])


def fit(
    storyboard: Storyboard,
    capabilities: Capabilities,
    width: int = 512,
    height: int = 288,
    rate: int = 24,
    **more: object,
) -> list[tuple[Shot, TakeRequest, list[Substitution]]]:
    return requests_of(
        storyboard, storyboard.shots, capabilities=capabilities, backend="b", model="m", width=width, height=height,
        rate=Fraction(rate), film="lighthouse", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def divided(storyboard: Storyboard, able: Capabilities) -> Storyboard:
    most = longest_shot(able, legal_rate(able, Fraction(24)))
    return fit_lengths(storyboard, lambda shot: most, lambda shot: "image" in able.modes)


def one_shot(**changes: object) -> Storyboard:
    shot = Shot.model_validate({"id": "s01-01", "prompt": "a red ball rolls", "seconds": 2, **changes})
    return Storyboard(scenes=[Scene(id="s01", shots=[shot])])


@ALL
@pytest.mark.parametrize("name", ["lighthouse.fountain", "red_kite.txt", "clockmaker.md", "tea.yaml"])
def test_every_request_of_the_examples_can_be_made(capabilities: Capabilities, name: str) -> None:
    storyboard = divided(plan_offline(read_brief(EXAMPLES / name)), capabilities)
    fitted = fit(storyboard, capabilities)
    assert [shot.id for shot, _, _ in fitted] == [shot.id for shot in storyboard.shots]
    for shot, request, _ in fitted:
        check_request(capabilities, request)
        assert Fraction(request.frames) / request.rate >= Fraction(round(shot.seconds * 24), 24)
        assert (request.panel is not None) == capabilities.panel
        assert (request.seed is not None) == capabilities.seeded


@ALL
def test_what_is_made_differently_is_always_said(capabilities: Capabilities) -> None:
    storyboard = one_shot(negative="blur", seed=7)
    ((_, request, changes),) = fit(storyboard, capabilities)
    said = {change.what for change in changes}
    assert ("size" in said) == ((request.width, request.height) != (512, 288))
    assert ("rate" in said) == (request.rate != 24)
    assert ("negative_prompt" in said) == (request.negative_prompt != "blur")
    assert ("seed" in said) == (request.seed != 7)
    asked = -(-48 * request.rate // 24)
    assert ("frames" in said) == (request.frames != asked)


@pytest.mark.parametrize(
    ("of_model", "of_shot", "reads"), [(5, None, True), (1, None, False), (1, 5, True), (5, 1, False), (None, 1, True)]
)
def test_negative_prompt_that_guidance_leaves_unread_is_said_and_changes_no_key(
    of_model: float | None, of_shot: float | None, reads: bool
) -> None:
    ((_, request, changes),) = fit(one_shot(negative="blur", guidance=of_shot), replace(WAN, guidance=of_model))
    assert request.negative_prompt == "blur"
    said = [(change.asked, change.made) for change in changes if change.what == "negative_prompt"]
    assert said == ([] if reads else [("blur", "")])


def test_frames_are_the_smallest_legal_count_that_fills_the_shot() -> None:
    ((_, request, changes),) = fit(one_shot(), WAN)
    assert (request.frames, request.rate) == (33, 16)  # 48 film frames are 32 at 16 a second
    assert [(c.what, c.asked, c.made) for c in changes] == [("rate", "24", "16"), ("frames", "32", "33")]


def test_size_covers_the_film_at_the_nearest_shape() -> None:
    assert fit(one_shot(), LTX, 1280, 720)[0][1].height == 736
    assert fit(one_shot(), SERVER, 512, 288)[0][1].width == 1280
    assert fit(one_shot(seconds=4), SERVER, 288, 512)[0][1].height == 1280
    request = fit(one_shot(), LTX, 2560, 1440)[0][1]
    assert (request.width, request.height) == (1280, 736)


def test_seed_is_the_shots_own_or_follows_from_film_and_shot() -> None:
    assert fit(one_shot(seed=5), WAN)[0][1].seed == 5
    assert fit(one_shot(), WAN)[0][1].seed == derived_seed("lighthouse", "s01-01")
    assert derived_seed("lighthouse", "s01-01") == 218008261441819222
    assert derived_seed("lighthouse", "s01-02") != derived_seed("lighthouse", "s01-01")
    assert fit(one_shot(variant=3), SERVER)[0][1].variant == 3


def test_prompt_says_who_in_the_bibles_words_then_what_where_and_how() -> None:
    storyboard = Storyboard(
        bible=Bible(
            characters=[Character(id="oda", name="Oda", description="silver braid, yellow raincoat")],
            places=[Place(id="room", name="Lamp room", description="brass and glass")],
            style=Style(look="ink and wash", negative="text"),
        ),
        scenes=[
            Scene(
                id="s01",
                shots=[
                    Shot(
                        id="s01-01", prompt="She strikes a match", seconds=2, characters=["oda"], place="room",
                        time="NIGHT", size="close", angle="low", camera="dolly_in", negative="blur",
                    )
                ],
            )
        ],
    )  # fmt: skip
    ((_, request, _),) = fit(storyboard, WAN)
    assert request.prompt == (
        "Oda: silver braid, yellow raincoat. She strikes a match. Lamp room, brass and glass, night. "
        "Close-up, low angle, the camera pushes in. Ink and wash."
    )
    assert request.negative_prompt == "text, blur"
    ((_, drawn, _),) = fit(storyboard, DRAWN)
    assert drawn.prompt == "She strikes a match"
    assert drawn.panel and [f.name for f in drawn.panel.figures] == ["Oda"]
    assert (drawn.panel.place, drawn.panel.size, drawn.panel.camera) == ("Lamp room", "close", "dolly_in")


def test_line_of_somebody_unseen_is_signed_with_their_name_in_the_panel() -> None:
    storyboard = one_shot(lines=[Line(text="Hello?", character="glim")])
    storyboard = storyboard.model_copy(update={"bible": Bible(characters=[Character(id="glim", name="Glim")])})
    panel = fit(storyboard, DRAWN)[0][1].panel
    assert panel and panel.lines[0].character == "Glim"


def test_prompt_too_long_for_the_encoder_loses_its_tail_and_says_so() -> None:
    storyboard = one_shot(prompt="a red ball rolls over the dunes " * 4)
    storyboard = storyboard.model_copy(update={"bible": Bible(style=Style(look="a very particular look " * 6))})
    ((_, request, changes),) = fit(storyboard, LTX)
    assert "particular" not in request.prompt and request.prompt.startswith("A red ball")
    assert [c.what for c in changes if c.what == "prompt"] == ["prompt"]
    assert "particular" in next(c.asked for c in changes if c.what == "prompt")


def test_words_outside_a_vocabulary_are_named_and_nothing_left_is_refused() -> None:
    capabilities = Capabilities(vocabulary=frozenset({"red", "ball", "rolls", "blue"}))
    ((_, request, changes),) = fit(one_shot(prompt="A red ball rolls over dunes"), capabilities)
    assert request.prompt == "red ball rolls"
    assert changes[0].why == "b does not know: a, over, dunes"
    pip = Bible(characters=[Character(id="pip", name="Pip", description="a blue ball")])
    storyboard = one_shot(prompt="Pip rolls", characters=["pip"]).model_copy(update={"bible": pip})
    assert fit(storyboard, capabilities)[0][1].prompt == "blue ball rolls", "a word-limited back end is told who it is"
    with pytest.raises(InvalidRequest, match=r"shot s01-01 .* no word that b understands"):
        fit(one_shot(prompt="Una pelota"), capabilities)


def test_references_that_cannot_be_taken_are_named() -> None:
    references = {"s01-01": [Reference(content=c * 64, role="reference") for c in "ab"]}
    capabilities = Capabilities(modes=frozenset({"text", "reference"}), max_references=1)
    ((_, request, changes),) = fit(one_shot(), capabilities, references=references)
    assert [r.content[0] for r in request.references] == ["a"]
    assert [c.asked for c in changes] == ["reference " + "b" * 12]


def test_shot_that_is_too_long_is_refused_with_the_most_there_is() -> None:
    with pytest.raises(InvalidRequest, match=r"shot s01-01 of 9 s is too long here: .* at most 5 s"):
        fit(one_shot(seconds=9), WAN)


def test_long_shot_splits_between_lines_and_keeps_its_length() -> None:
    lines = [Line(text=f"Sentence number {n} of a long speech.", character="mara") for n in range(4)]
    storyboard = divided(one_shot(seconds=12, lines=lines, transition={"kind": "crossfade", "frames": 12}), WAN)
    shots = storyboard.shots
    assert [s.id for s in shots] == ["s01-01", "s01-01b", "s01-01c"]
    assert sum(s.seconds for s in shots) == pytest.approx(12)
    assert [line.text for s in shots for line in s.lines] == [line.text for line in lines]
    assert [s.continues for s in shots] == [False, True, True]
    assert [s.transition.kind for s in shots] == ["crossfade", "cut", "cut"]
    assert all(s.seconds <= longest_shot(WAN, Fraction(16)) for s in shots)
    assert fit(storyboard, WAN)
    assert divided(storyboard, WAN) == storyboard


def test_shot_is_shortened_to_what_its_back_end_makes_unless_its_lines_need_longer() -> None:
    (short,) = fit_lengths(one_shot(seconds=9), lambda _: 2.1).shots
    assert (short.seconds, short.why[-1]) == (2.1, "length: 2.1 s, as long as its back end makes, not 9 s")
    lines = [Line(text="These words take four seconds to say out loud.") for _ in range(2)]
    parts = fit_lengths(one_shot(seconds=9, lines=lines), lambda _: 5.0).shots
    assert [(s.id, len(s.lines)) for s in parts] == [("s01-01", 1), ("s01-01b", 1)]
    assert sum(s.seconds for s in parts) == pytest.approx(9)
    assert fit_lengths(one_shot(seconds=2), lambda _: 2.0) == one_shot(seconds=2)


@pytest.mark.parametrize(
    "why",
    [
        "length 9 s: the brief gives 9 s",
        "length 9 s: the brief says so",
        "length: scaled to a film of 9 s",
        "length: a film of 9 s",
        "length: 9 s",
        "length and place: clip 'a' of the timeline",
    ],
)
def test_length_that_was_asked_for_is_kept_by_parts_that_go_on_or_its_loss_is_told(why: str) -> None:
    told: list[tuple[str, float]] = []
    asked = one_shot(seconds=9, why=[why])
    whole = fit_lengths(asked, lambda _: 2.5, lambda _: True, lambda shot, most: told.append((shot.id, most))).shots
    assert [(s.id, s.seconds, s.continues) for s in whole] == [
        ("s01-01", 2.3, False), ("s01-01b", 2.3, True), ("s01-01c", 2.3, True), ("s01-01d", 2.1, True),
    ]  # fmt: skip
    assert told == []
    (short,) = fit_lengths(asked, lambda _: 2.5, lambda _: False, lambda shot, most: told.append((shot.id, most))).shots
    assert short.seconds == 2.5 and told == [("s01-01", 2.5)]
    (usual,) = fit_lengths(one_shot(seconds=9, why=["length: a usual shot"]), lambda _: 2.5, lambda _: True).shots
    assert usual.seconds == 2.5
    again = one_shot(seconds=9, why=["length: 9 s, as long as its back end makes, not 12 s"])
    assert len(fit_lengths(again, lambda _: 2.5, lambda _: True).shots) == 1, "which nobody asked for"
    long = one_shot(seconds=90, why=[why])  # of more parts than there are letters
    (short,) = fit_lengths(long, lambda _: 2.5, lambda _: True, lambda shot, most: told.append((shot.id, most))).shots
    assert short.seconds == 2.5 and len(told) == 2


@given(st.floats(0.05, 90), st.sampled_from([WAN, LTX, SERVER]))
def test_split_shots_always_fit(seconds: float, capabilities: Capabilities) -> None:
    spoken = [Line(text="word " * 250)]  # longer than any back end makes at once: no shot is shortened
    storyboard = divided(one_shot(seconds=seconds, lines=spoken), capabilities)
    assert sum(s.seconds for s in storyboard.shots) == pytest.approx(seconds)
    for _, request, _ in fit(storyboard, capabilities):
        check_request(capabilities, request)


def test_adapters_of_the_style_and_of_who_is_there_are_asked_for_and_the_rest_is_said() -> None:
    mara = Character(id="mara", name="Mara", adapters=[Adapter(name="mara-v1", scale=0.9), Adapter(name="ink")])
    tomek = Character(id="tomek", name="Tomek", adapters=[Adapter(name="tomek-v1")])
    bible = Bible(characters=[mara, tomek], style=Style(adapters=[Adapter(name="ink", scale=0.5)]))
    shots = [
        Shot(id="s01-01", prompt="Mara reads", seconds=2, characters=["mara"]),
        Shot(id="s01-02", prompt="Tomek rows", seconds=2, characters=["tomek"]),
        Shot(id="s01-03", prompt="End", seconds=2, kind="title"),
    ]
    board = Storyboard(bible=bible, scenes=[Scene(id="s01", shots=shots)])
    able = Capabilities(adapters=frozenset({"ink", "mara-v1"}), adapter_files={"mara-v1": "a" * 64, "oil": "b" * 64})
    (_, one, changed), (_, two, left_out), (_, title, none) = fit(board, able)
    assert one.adapters == [Adapter(name="ink", scale=0.5), Adapter(name="mara-v1", scale=0.9)]
    assert [(c.what, c.asked, c.made) for c in changed] == [("adapters", "ink at 1", "ink at 0.5")]
    assert two.adapters == [Adapter(name="ink", scale=0.5)]
    assert (one.adapter_files, two.adapter_files) == ({"mara-v1": "a" * 64}, {}), "of what they wear alone"
    other = replace(able, adapter_files={"mara-v1": "c" * 64})
    assert [a.key == b.key for (_, a, _), (_, b, _) in zip(fit(board, able), fit(board, other), strict=True)] == [
        False, True, True,
    ]  # fmt: skip
    assert [(c.asked, c.made, c.why) for c in left_out] == [("tomek-v1 at 1", "", "b has no adapter of that name")]
    assert (title.adapters, none) == ([], [])
    check_request(able, one)
    with pytest.raises(InvalidRequest, match="no adapter 'ink' can be used here: this back end has none"):
        check_request(Capabilities(), one)
    with pytest.raises(InvalidRequest, match="the adapter mara-v1 is another file than it was"):
        check_request(other, one)
