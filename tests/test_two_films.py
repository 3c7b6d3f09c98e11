"""A second brief in the same project finds the characters, places and style of the first."""

from pathlib import Path

import pytest
from remembered import record

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.memory.bible import KnownBible, write_bible
from reelgraph.memory.embedders import NgramText
from reelgraph.memory.opening import open_memory
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Bible, Character, Style
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.shooting import next_seed, wanted_takes
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

FIRST = "Oda, an old woman in a yellow raincoat, lights the lamp of the lighthouse. Oda looks out to sea."
SECOND = "Oda rows a small boat across the bay."


def test_second_film_recalls_who_was_in_the_first_and_says_from_which_shot(tmp_path: Path) -> None:
    project = Project.open(tmp_path, size=(128, 72), rate="8")
    first = run_film(FilmContext(Studio(project)), FIRST, film="first")
    assert first["approved"], first
    # Another process, as a person coming back the next day.
    second = run_film(FilmContext(Studio(Project.open(tmp_path, size=(128, 72), rate="8"))), SECOND, film="second")
    assert second["approved"], second
    was, now = project.film("first").storyboard(), project.film("second").storyboard()
    assert was is not None and now is not None
    old, new = was.bible.character("oda"), now.bible.character("oda")
    assert old is not None and new is not None
    assert new.palette == old.palette != []
    assert "yellow raincoat" in new.description
    [shot] = [s for s in now.shots if "oda" in s.characters]
    takes = {take.key: take.shot for take in project.ledger.takes() if take.film == "first"}
    assert shot.recalled, "the storyboard says what it leaned on"
    for recall in shot.recalled:
        assert recall.film == "first" and takes[recall.take] == recall.shot


def test_films_of_other_projects_are_not_recalled(tmp_path: Path) -> None:
    run_film(FilmContext(Studio(Project.open(tmp_path / "a", size=(128, 72), rate="8"))), FIRST, film="first")
    project = Project.open(tmp_path / "b", size=(128, 72), rate="8")
    run_film(FilmContext(Studio(project)), SECOND, film="second")
    board = project.film("second").storyboard()
    assert board is not None and not any(shot.recalled for shot in board.shots)


def test_memory_of_another_embedder_is_said_and_the_film_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_film(FilmContext(Studio(Project.open(tmp_path, size=(128, 72), rate="8"))), FIRST, film="first")
    monkeypatch.setattr(NgramText, "version", "2")
    told: list[dict[str, object]] = []
    project = Project.open(tmp_path, size=(128, 72), rate="8")
    result = run_film(FilmContext(Studio(project, tell=told.append)), SECOND, film="second")
    assert result["approved"]
    [once] = [str(e["error"]) for e in told if e["type"] == "memory.skipped"]
    assert "ngrams 1" in once and "ngrams 2" in once and "reelgraph memory rebuild" in once


def test_embedder_that_there_is_not_is_a_wrong_setting(tmp_path: Path) -> None:
    project = Project.open(tmp_path, size=(128, 72), rate="8", text_embedder="oracle")
    with pytest.raises(InvalidRequest, match="oracle"):
        run_film(FilmContext(Studio(project)), FIRST, film="first")


def test_a_take_that_was_refused_is_not_asked_for_again(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    film = open_film(studio, FIRST)
    first = plan_storyboard(studio, film)
    bad, good = [item.request for item in wanted_takes(studio, film, first)]
    again = bad.model_copy(update={"seed": next_seed(first.shots[0], bad)["seed"]})
    open_memory(studio.project).shots.remember(
        [
            record(n, "the lamp", film=film.name, verdict="rejected", why=["nothing moves"]).model_copy(
                update={"take": request.key}
            )
            for n, request in enumerate((bad, again), 1)
        ]
    )
    second = plan_storyboard(studio, film, replan_all=True)
    one, two = [item.request for item in wanted_takes(studio, film, second)]
    assert one.key not in (bad.key, again.key)
    assert one.model_copy(update={"seed": bad.seed}).key == bad.key  # the seed alone is another
    assert second.shots[0].why[-1] == "another seed: the take that this asked for was refused before"
    assert two.key == good.key


MARA = {"description": "an old keeper in a yellow coat", "palette": ["#f2c811"]}


@pytest.mark.parametrize("id", ["mara-voss", "keeper"])
def test_storyboard_that_somebody_wrote_shows_those_whom_it_names_by_id_as_they_are_known(
    tmp_path: Path, id: str
) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"), backend=Rehearsal())
    known = KnownBible(bible=Bible(characters=[Character.model_validate({"id": id, "name": "Mara Voss", **MARA})]))
    write_bible(studio.project.memory, known)
    film = open_film(studio, f"shots: [{{prompt: she climbs, seconds: 1, characters: [{id}]}}]", name="one")
    board = plan_storyboard(studio, film)
    assert [(c.id, c.description, c.palette) for c in board.bible.characters] == [(id, *MARA.values())]
    (item,) = wanted_takes(studio, film, board)
    assert str(MARA["description"]) in item.request.prompt


def test_changed_storyboard_shows_whom_it_names_as_it_did(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    assert studio.memory is not None
    studio.memory.remember_character("Mara", **MARA)  # type: ignore[arg-type]
    brief = """
bible: {characters: [{id: mara, name: Mara}]}
shots: [{prompt: Mara climbs, seconds: 1, characters: [mara]}, {prompt: waves, seconds: 1}]
"""
    film = open_film(studio, brief, name="one")
    first = wanted_takes(studio, film, plan_storyboard(studio, film))
    film = open_film(studio, brief.replace("waves", "storms"), name="one")
    second = wanted_takes(studio, film, plan_storyboard(studio, film))
    assert [a.request.key == b.request.key for a, b in zip(first, second, strict=True)] == [True, False]


def test_look_that_a_project_learns_later_is_not_that_of_a_film_begun_before(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    for brief, changed in (
        ("shots: [{prompt: a boat, seconds: 1}, {prompt: waves, seconds: 1}]", "storms, seconds: 1"),
        ("A boat leaves the harbour. Waves break.", "Storms rage"),
    ):
        write_bible(studio.project.memory, KnownBible())
        name = changed[:6].strip().lower()
        film = open_film(studio, brief, name=name)
        first = wanted_takes(studio, film, plan_storyboard(studio, film))
        write_bible(studio.project.memory, KnownBible(bible=Bible(style=Style(look="ink"))))
        film = open_film(studio, brief.replace("waves, seconds: 1", changed).replace("Waves break", changed), name=name)
        second = wanted_takes(studio, film, plan_storyboard(studio, film))
        assert first[0].request.key == second[0].request.key and len(second) == 2


def test_somebody_known_whom_a_changed_brief_names_looks_as_known(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    assert studio.memory is not None
    studio.memory.remember_character("Mara", **MARA)  # type: ignore[arg-type]
    brief = "A boat leaves the harbour. Waves break."
    film = open_film(studio, brief, name="one")
    plan_storyboard(studio, film)
    film = open_film(studio, brief + " Mara lights the lamp.", name="one")
    board = plan_storyboard(studio, film)
    (mara,) = [c for c in board.bible.characters if c.id == "mara"]
    assert (mara.description, mara.palette) == tuple(MARA.values())
