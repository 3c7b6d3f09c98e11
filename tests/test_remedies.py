import pytest

from reelgraph.graphs.remedies import REMEDIES, TABLE, Around, Remedy, as_made, mend, next_seed, remedy_for
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.checks.base import load_checks
from reelgraph.video_tools.film import Line, Note, Shot, Take, TakeRequest, digest

ALL = Capabilities(modes=frozenset({"text", "image", "reference"}), max_references=2)


def note(check: str, first: int | None = None) -> Note:
    return Note(id="n", check=check, shot="s01-01", message="wrong", first_frame=first, last_frame=first)


def chain(check: str, can: Capabilities) -> list[Remedy]:
    tried: list[Remedy] = []
    while remedy := remedy_for(note(check, 3), [r.name for r in tried], can):
        tried.append(remedy)
    return tried


@pytest.mark.parametrize("check", sorted(TABLE))
def test_remedies_go_from_edit_to_reshoot_to_plan_and_end(check: str) -> None:
    edits = [name for name in TABLE[check] if REMEDIES[name].kind == "edit"]
    again = chain(check, ALL)
    kinds = [["reshoot", "plan"].index(r.kind) for r in again]
    assert kinds == sorted(kinds)
    assert sorted([*edits, *(r.name for r in again)]) == sorted(set(TABLE[check]))


def test_every_row_names_remedies_that_exist_and_every_check_has_a_row() -> None:
    assert {name for row in TABLE.values() for name in row} == set(REMEDIES)
    assert {check.name for check in load_checks()} <= {name.split(".")[0] for name in TABLE}


def test_remedies_that_the_back_end_cannot_do_are_left_out() -> None:
    assert "last_frame" not in [r.name for r in chain("joint", Capabilities())]
    assert "reference" not in [r.name for r in chain("likeness", Capabilities(modes=frozenset({"reference"})))]
    assert [r.name for r in chain("frozen", Capabilities(animatic=True))] == ["new_seed", "shorter"]


def test_what_worked_before_comes_first_among_its_kind() -> None:
    first = remedy_for(note("frozen", 1), [], ALL, worked={"frozen": ["rephrase", "shorter"]})
    assert first is not None
    assert first.name == "rephrase"


def test_a_check_without_a_row_is_shot_again() -> None:
    assert [r.name for r in chain("my_plugin", ALL)] == ["new_seed", "rephrase"]


ASKED = TakeRequest(
    backend="b", prompt="a hill", width=64, height=64, frames=8, rate="8", seed=5, steps=10, guidance=4.0
)
SHOT = Shot(id="s01-01", prompt="a hill", seconds=3)


def mended(name: str, why: Note, shot: Shot = SHOT, request: TakeRequest = ASKED) -> dict[str, object]:
    """Return what a remedy changed, without the record of it."""
    (new,) = mend(shot, request, REMEDIES[name], why)
    assert new.tried == [*shot.tried, f"{why.check}:{name}"]
    before, after = shot.model_dump(), new.model_dump()
    return {k: v for k, v in after.items() if v != before[k] and k not in ("why", "tried")}


def test_mend_changes_one_thing() -> None:
    assert mended("more_steps", note("black")) == {"steps": 15}
    assert mended("stronger_guidance", note("black")) == {"guidance": 5.2}
    assert mended("rephrase", note("adherence.red ball")) == {"prompt": "red ball. a hill"}
    assert mended("rephrase", note("camera.pan_left")) == {"prompt": "pan left. a hill"}
    assert mended("shorter", note("black")) == {"seconds": 2.0}


@pytest.mark.parametrize("check", sorted({name for name, row in TABLE.items() if "rephrase" in row}))
def test_every_rephrasing_has_words_to_say(check: str) -> None:
    who = Around(described={"Mara": "a tall woman in a yellow raincoat"})
    part = {"adherence": "adherence.red ball", "camera": "camera.pan_left"}.get(check, check)
    why = Note(id="n", check=part, message="the colour #f0c020 of Mara is not in the picture")
    (new,) = mend(SHOT, ASKED, REMEDIES["rephrase"], why, who)
    assert new.prompt.endswith(". a hill")


def test_somebody_unlike_the_bible_is_described_first() -> None:
    who = Around(described={"Tomek": "an old man", "Mara": "a tall woman in a yellow raincoat"})
    why = Note(id="n", check="likeness.palette", message="the colour #f0c020 of Mara is not in the picture")
    (new,) = mend(SHOT, ASKED, REMEDIES["rephrase"], why, who)
    assert new.prompt == "Mara: a tall woman in a yellow raincoat. a hill"
    assert mend(SHOT, ASKED, REMEDIES["rephrase"], why, Around()) == []


def test_a_shot_leans_on_the_shot_before_or_on_a_reference_once() -> None:
    before, picture = digest("before"), digest("picture")
    take = Take(key=before, request=ASKED, content=before, files={}, width=64, height=64, frames=8, rate="8")
    around = Around(take, [picture])
    (begun,) = mend(SHOT, ASKED, REMEDIES["last_frame"], note("joint"), around)
    assert [(r.content, r.role) for r in begun.references] == [(before, "first_frame")]
    (shown,) = mend(begun, ASKED, REMEDIES["reference"], note("likeness"), around)
    assert [r.role for r in shown.references] == ["first_frame", "reference"]
    assert mend(shown, ASKED, REMEDIES["first_frame"], note("likeness"), around) == []
    assert mend(shown, ASKED, REMEDIES["reference"], note("likeness"), around) == []


def test_a_split_shot_goes_on_nearer_with_a_seed_of_its_own() -> None:
    first, second = mend(SHOT, ASKED, REMEDIES["split"], note("cut"))
    assert (first.id, first.seconds, first.size) == ("s01-01", 1.5, "wide")
    assert (second.id, second.seconds, second.size, second.seed) == ("s01-01b", 1.5, "medium", None)
    assert mend(second, ASKED, REMEDIES["split"], note("cut")) == []


def test_every_try_has_a_seed_of_its_own_and_the_same_everywhere() -> None:
    shot, request, seeds = SHOT, ASKED, [5]
    for _ in range(4):
        shot = shot.model_copy(update=next_seed(shot, request))
        request = request.model_copy(update={"seed": shot.seed})
        seeds.append(shot.seed or 0)
    assert len(set(seeds)) == 5
    assert seeds[1] == int(digest([5, 1])[:8], 16)
    unseeded = ASKED.model_copy(update={"seed": None})
    assert mended("new_seed", note("black"), request=unseeded) == {"variant": 1}


def test_mend_says_when_it_changes_nothing() -> None:
    shot = SHOT.model_copy(update={"prompt": "sharp focus. a hill", "negative": "blurry"})
    plain = ASKED.model_copy(update={"steps": None})
    assert mend(shot, plain, REMEDIES["rephrase"], note("blur")) == []
    assert mend(shot, plain, REMEDIES["more_steps"], note("blur")) == []
    assert mend(shot, plain, REMEDIES["reference"], note("palette")) == []
    said = shot.model_copy(update={"lines": [Line(text="I must say all of this")]})
    assert mend(said, plain, REMEDIES["shorter"], note("black")) == []


@pytest.mark.parametrize("check", sorted(TABLE))
def test_every_row_gives_more_steps_and_guidance_to_a_shot_that_names_none(check: str) -> None:
    can = Capabilities(modes=ALL.modes, max_references=2, steps=50, guidance=5.0)
    plain = ASKED.model_copy(update={"steps": None, "guidance": None})
    assert plain.key != ASKED.key == as_made(ASKED, can).key, "what a request names stands"
    own = {"more_steps": {"steps": 75}, "stronger_guidance": {"guidance": 6.5}}
    for remedy in chain(check, can):
        if remedy.name in own:
            assert mended(remedy.name, note(check), request=as_made(plain, can)) == own[remedy.name]


def test_model_that_works_without_guidance_gets_none() -> None:
    for guidance in (None, 1.0):
        plain = as_made(ASKED.model_copy(update={"guidance": None}), Capabilities(guidance=guidance))
        assert mend(SHOT, plain, REMEDIES["stronger_guidance"], note("frozen")) == []
