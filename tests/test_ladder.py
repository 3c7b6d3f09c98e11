from typing import Any

from reelgraph.video_tools.backends.base import Capabilities, SizeRule
from reelgraph.video_tools.backends.ladder import at_rung, climb, leans_on
from reelgraph.video_tools.film import Reference, Take, TakeRequest

HASH = "ab" * 32


def request(**changes: Any) -> TakeRequest:
    asked = {"backend": "local", "prompt": "a fox", "width": 64, "height": 64, "frames": 9, "rate": "16", "seed": 1}
    return TakeRequest.model_validate(asked | changes)


def take(**changes: Any) -> Take:
    asked = request(rung="draft", seed=7, **changes)
    return Take(
        key=asked.key, request=asked, content=HASH, files={}, width=64, height=64, frames=asked.frames, rate=asked.rate
    )


def test_final_is_made_from_its_draft_where_the_model_takes_clips() -> None:
    final = climb(request(), take(), Capabilities(modes=frozenset({"text", "video"})))
    assert final.references == [Reference(content=HASH, role="video", strength=0.4)]
    assert final.seed == 7 and final.rung == "final" and leans_on(final, take())


def test_draft_begins_on_its_still_where_the_model_takes_pictures() -> None:
    still = take(frames=1)
    draft = climb(request(rung="draft"), still, Capabilities(modes=frozenset({"text", "image"})))
    assert draft.references == [Reference(content=HASH, role="first_frame")]


def test_seed_alone_is_shared_where_the_model_takes_neither() -> None:
    for below in (take(), take(frames=1)):
        above = climb(request(), below, Capabilities())
        assert above.references == [] and above.seed == 7 and not leans_on(above, below)


def test_draft_that_is_too_short_or_beside_other_references_is_not_leant_on() -> None:
    can = Capabilities(modes=frozenset({"text", "image", "video"}))
    assert climb(request(), take(frames=5), can).references == []
    first = Reference(content="cd" * 32, role="first_frame")
    assert climb(request(references=[first]), take(), can).references == [first]


def test_draft_is_leant_on_beside_what_the_model_takes_together_with_a_clip() -> None:
    together = frozenset({frozenset({"first_frame", "video"})})
    can = Capabilities(modes=frozenset({"text", "image", "reference", "video"}), together=together)
    first = Reference(content="cd" * 32, role="first_frame")
    clip = Reference(content=HASH, role="video", strength=0.4)
    assert climb(request(references=[first]), take(), can).references == [first, clip]
    other = Reference(content="cd" * 32, role="reference")
    assert climb(request(references=[other]), take(), can).references == [other]


def test_draft_is_not_leant_on_by_a_take_that_is_made_in_pieces() -> None:
    can = Capabilities(modes=frozenset({"text", "image", "video"}), at_once=9)
    assert climb(request(frames=9), take(frames=9), can).references[0].role == "video"
    assert climb(request(frames=17), take(frames=17), can).references == []


def test_draft_has_fewer_steps_than_its_shot_names_and_half_its_sides_or_says_why_not() -> None:
    draft, said = at_rung(request(steps=10), "draft", Capabilities(sizes=SizeRule(16, 16, 128)))
    assert (draft.width, draft.height, draft.steps, said) == (32, 32, 4, [])
    assert at_rung(request(), "draft", Capabilities())[0].steps is None, "the back end's own, which it lowers itself"
    draft, (change,) = at_rung(request(), "draft", Capabilities(sizes=SizeRule(only=((64, 64),))))
    assert (draft.width, draft.height) == (64, 64)
    assert (change.what, change.asked, change.made) == ("size", "a draft of 32x32", "64x64")
