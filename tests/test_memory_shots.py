import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from remembered import colour_of, memory_in, record, shots

from reelgraph.memory.embedders import ColourLayout, NgramText
from reelgraph.memory.index import close
from reelgraph.memory.lookups import Lookup
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest, ProjectBusy

TOLD = [
    record(1, "Mara climbs the tower stairs with a lamp", "mara", place="lighthouse"),
    record(2, "Tomek rows a boat through the storm", "tomek", place="sea"),
    record(3, "Mara and Tomek drink tea", "mara", "tomek", place="kitchen"),
    record(4, "The sea in the morning", place="sea"),
]


class Renamed(NgramText):
    name = "other"


class Longer(NgramText):
    dimension = 1024


class Revised(ColourLayout):
    version = "2"


class Odd(NgramText):
    """Gives what a test wants in place of its rows."""

    name = "odd"

    def __init__(self, give: Callable[[np.ndarray], Any]) -> None:
        self.give = give

    def documents(self, texts: Sequence[str]) -> Any:
        return self.give(super().documents(texts))

    def queries(self, texts: Sequence[str], rarity: Any) -> Any:
        return self.give(super().queries(texts, rarity))


class OddLayout(ColourLayout):
    name = "odd"

    def pictures(self, frames: Sequence[np.ndarray]) -> Any:
        return super().pictures(frames) * 3


ODD: list[tuple[Callable[[np.ndarray], Any], str]] = [
    (lambda rows: 1 / 0, "cannot be used (ZeroDivisionError: division by zero): mend it, or uninstall its package"),
    (lambda rows: rows * np.nan, "gives numbers that are not finite: mend it"),
    (lambda rows: rows[:, :10], "gives an array (1, 10), not (1, 768): mend it"),
    (lambda rows: rows[:0], "gives an array (0, 768), not (1, 768): mend it"),
    (lambda rows: rows.tolist(), "gives list, not an array of float32: mend it"),
    (lambda rows: rows.astype(np.int64), "gives int64, not an array of float32: mend it"),
    (lambda rows: None, "gives NoneType, not an array of float32: mend it"),
    (lambda rows: rows / 2, "gives rows that are not of length 1: mend it"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memory"


def test_empty_memory_answers_nothing_and_makes_no_files(folder: Path) -> None:
    memory = memory_in(folder)
    assert memory.recall(["a boat", Lookup("tea", character="mara")]) == [[], []]
    assert memory.look_alikes([colour_of("ff0000")]) == [[]]
    assert (memory.count(), list(memory.records()), memory.forget(["x"]), memory.check()) == (0, [], 0, [])
    memory.remember([])
    assert not folder.exists()


def test_recall_finds_by_words_by_character_and_by_place(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    found = memory.recall(
        [
            "rowing a boat in a storm",
            Lookup("tea in the kitchen", character="mara"),
            Lookup("morning", place="sea"),
            Lookup("anything", character="nobody"),
        ]
    )
    assert shots(found)[0][0] == "s01-02"
    assert shots(found)[1:] == [["s01-03", "s01-01"], ["s01-04", "s01-02"], []]
    assert found[0][0].record == TOLD[1]
    assert 0.3 < found[0][0].similarity <= 1


def test_recall_gives_at_most_k(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    assert [len(a) for a in memory.recall(["sea", Lookup("sea", place="sea")], k=1)] == [1, 1]


def test_a_look_up_by_character_and_place_at_once_is_refused(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    with pytest.raises(InvalidRequest, match="make two look-ups"):
        memory.recall([Lookup("tea", character="mara", place="kitchen")])


@pytest.mark.parametrize(("give", "said"), ODD)
def test_embedder_that_gives_no_rows_is_named_and_nothing_that_was_told_is_lost(
    folder: Path, give: Callable[[np.ndarray], Any], said: str
) -> None:
    whole = f"embedder 'odd' {said}; or set another and run `reelgraph memory rebuild`"
    odd = Odd(give)
    memory = memory_in(folder, odd)
    for ask in (lambda: memory.remember(TOLD[:1]), lambda: memory.recall(["a lamp"]), memory.rebuild):
        with pytest.raises(InvalidRequest) as refused:
            ask()
        assert str(refused.value) == whole
    odd.give = lambda rows: rows
    assert shots(memory.recall(["a lamp"])) == [["s01-01"]]
    odd.give = give
    with pytest.raises(InvalidRequest) as refused:
        memory.recall(["a lamp"])
    assert str(refused.value) == whole


def test_half_floats_are_rows_too(folder: Path) -> None:
    memory = memory_in(folder, Odd(lambda rows: rows.astype(np.float16)))
    memory.remember(TOLD)
    assert shots(memory.recall(["rowing a boat in a storm"], k=1)) == [["s01-02"]]


def test_embedder_of_pictures_is_held_to_the_same(folder: Path) -> None:
    memory = memory_in(folder, picture=OddLayout(), keyframe=colour_of)
    said = "embedder 'odd' gives rows that are not of length 1: mend it; or set another"
    with pytest.raises(InvalidRequest, match=said):
        memory.remember(TOLD)
    assert memory_in(folder, keyframe=colour_of).rebuild() == 4


def test_remembering_twice_is_remembering_once(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    before = memory.recall(["tea", "boat"])
    memory.remember(TOLD)
    memory.remember([TOLD[0]])
    assert memory.count() == 4
    assert memory.recall(["tea", "boat"]) == before
    assert memory.check() == []


def test_what_is_told_again_replaces_what_was_known(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    memory.remember([TOLD[0].model_copy(update={"prompt": "Ilse bakes bread", "characters": ["ilse"], "place": ""})])
    assert shots(memory.recall([Lookup("x", character="mara"), Lookup("x", place="lighthouse")])) == [["s01-03"], []]
    assert memory.recall([Lookup("bread", character="ilse")])[0][0].record.prompt == "Ilse bakes bread"
    assert memory.check() == []


def test_rejected_takes_are_remembered_apart(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember([*TOLD, record(9, "Mara with three hands", "mara", verdict="rejected", why=["three hands"])])
    assert "s01-09" not in shots(memory.recall([Lookup("Mara hands", character="mara")]))[0]
    avoid = memory.recall([Lookup("Mara", character="mara", verdict="rejected")])
    assert [(h.record.shot, h.record.why) for h in avoid[0]] == [("s01-09", ["three hands"])]


def test_forgetting_is_complete_and_durable(folder: Path) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    assert memory.forget([TOLD[2].id, TOLD[2].id, "no such id"]) == 1
    for reader in (memory, memory_in(folder)):
        assert reader.count() == 3
        assert shots(reader.recall([Lookup("tea", character="tomek")])) == [["s01-02"]]
        assert reader.check() == []


def test_what_was_forgotten_is_not_told_again_by_a_film_or_a_ledger(folder: Path) -> None:
    memory = memory_in(folder)
    assert memory.remember(TOLD) == 4
    memory.forget([TOLD[2].id])
    assert memory.remember(TOLD) == 0
    assert memory.rebuild(TOLD) == 3
    assert memory_in(folder).rebuild(TOLD) == 3


def test_rebuilt_index_gives_the_same_answers(folder: Path) -> None:
    memory = memory_in(folder, keyframe=colour_of)
    memory.remember(TOLD[:2])
    memory.remember([record(7, "a mistake", "mara"), *TOLD[2:]])
    memory.forget([record(7, "a mistake").id])
    asked = ["boat in a storm", Lookup("lamp", character="mara"), Lookup("x", place="sea")]
    answers = memory.recall(asked), memory.look_alikes([colour_of(TOLD[1].take)])
    assert memory.rebuild() == 4
    assert (memory.recall(asked), memory.look_alikes([colour_of(TOLD[1].take)])) == answers
    shutil.rmtree(folder / f"index-{json.loads((folder / 'state.json').read_text())['building']}")
    again = memory_in(folder, keyframe=colour_of)
    assert (again.recall(asked), again.look_alikes([colour_of(TOLD[1].take)])) == answers


@pytest.mark.parametrize("lost", ["index", "state.json", "everything but the records"])
def test_what_is_lost_of_the_index_is_built_again_from_the_records(folder: Path, lost: str) -> None:
    memory = memory_in(folder)
    memory.remember(TOLD)
    answers = memory.recall(["boat", Lookup("lamp", character="mara")])
    for path in folder.iterdir():
        if path.is_dir() and lost != "state.json":
            shutil.rmtree(path)
        if path.name == "state.json" and lost != "index":
            path.unlink()
    assert memory.recall(["boat", Lookup("lamp", character="mara")]) == answers  # the one that had it open
    assert memory_in(folder).recall(["boat", Lookup("lamp", character="mara")]) == answers
    memory.rebuild()
    assert len(list(folder.glob("index-*"))) == 1  # what nobody knows of is swept away


def test_records_from_the_ledger_rebuild_a_lost_log(folder: Path) -> None:
    memory_in(folder).remember(TOLD)
    shutil.rmtree(folder)
    assert memory_in(folder).rebuild(TOLD) == 4
    assert shots(memory_in(folder).recall([Lookup("boat", character="tomek")])) == [["s01-02", "s01-03"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": Renamed()}, r"text embedder ngrams 1 \(768 numbers\), and the settings name other 1 \(768 numbers\)"),
        (
            {"text": Longer()},
            r"text embedder ngrams 1 \(768 numbers\), and the settings name ngrams 1 \(1024 numbers\)",
        ),
        ({"picture": Revised()}, r"picture embedder layout 1 \(328 numbers\), and the settings name layout 2"),
    ],
)
def test_another_embedder_is_refused_at_once_and_rebuilt_on_request(folder: Path, change: dict, said: str) -> None:
    memory_in(folder).remember(TOLD)
    changed = memory_in(folder, **change)
    frame = colour_of("abcdef")
    asks = {"text": lambda: changed.recall(["boat"]), "picture": lambda: changed.look_alikes([frame])}
    (kind,) = change
    for use in (asks.pop(kind), lambda: changed.remember(TOLD)):
        with pytest.raises(InvalidRequest, match=said + r".*`reelgraph memory rebuild`"):
            use()
    (ask,) = asks.values()
    assert len(ask()) == 1 and changed.forget(["x"]) == 0, "what asks the other, or neither, goes on"
    assert changed.count() == 4  # reading the records needs no embedder
    assert changed.rebuild() == 4
    assert shots(changed.recall(["rows a boat"], k=1)) == [["s01-02"]]
    with pytest.raises(InvalidRequest, match="reelgraph memory rebuild"):
        memory_in(folder).remember(TOLD)


def test_collection_of_another_embedder_is_refused_even_if_the_state_was_changed(folder: Path) -> None:
    memory_in(folder).remember(TOLD)
    state = folder / "state.json"
    state.write_text(state.read_text().replace("ngrams 1 (768", "other 1 (768"))
    with pytest.raises(InvalidRequest, match="text embedder ngrams 1"):
        memory_in(folder, text=Renamed()).recall(["boat"])


def test_chroma_holds_our_vectors_alone(folder: Path) -> None:
    memory_in(folder).remember(TOLD)
    database = next(folder.glob("index-*/chroma.sqlite3"))
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        names = [n for (n,) in db.execute("select name from collections order by name")]
        configurations = [json.loads(c) for (c,) in db.execute("select config_json_str from collections")]
        words = db.execute("select count(*) from embedding_metadata").fetchone()
    assert [n.split("-", 2)[2] for n in names] == [
        "approved-all-text",
        "approved-where-kitchen-text",
        "approved-where-lighthouse-text",
        "approved-where-sea-text",
        "approved-who-mara-text",
        "approved-who-tomek-text",
    ]
    assert all((c.get("embedding_function") or {}).get("type", "legacy") == "legacy" for c in configurations)
    assert words == (0,)  # what shots show stays in the project's folder, wherever the index is


def test_look_alikes_are_found_by_picture(folder: Path) -> None:
    memory = memory_in(folder, keyframe=colour_of)
    memory.remember(TOLD)
    found = memory.look_alikes([colour_of(r.take) for r in TOLD], k=1)
    assert shots(found) == [["s01-01"], ["s01-02"], ["s01-03"], ["s01-04"]]
    np.testing.assert_allclose([a[0].similarity for a in found], 1, atol=1e-5)


def test_two_memories_of_one_process_see_each_other(folder: Path) -> None:
    one, other = memory_in(folder), memory_in(folder)
    one.remember(TOLD[:1])
    assert shots(other.recall(["stairs"])) == [["s01-01"]]
    other.remember(TOLD[1:2])
    assert shots(one.recall(["boat"], k=1)) == [["s01-02"]]
    assert other.rebuild() == 2
    one.remember(TOLD[2:])
    assert shots(other.recall(["tea"], k=1)) == [["s01-03"]]
    assert one.check() == other.check() == []


def test_what_was_read_before_another_process_rebuilt_is_counted_once(folder: Path) -> None:
    one, other = memory_in(folder), memory_in(folder)
    one.remember(TOLD)
    for spoken in ("first", "second", "third"):
        other.remember([record(5, f"Ilse reads the {spoken} letter aloud", "ilse")])
    assert one.count() == 5  # has read what it has not yet brought into its index
    other.rebuild()
    other._log.append([record(6, "Tomek mends the nets", "tomek")])  # and was killed before it could index that
    answers = one.recall(["the third letter in the tower"])
    one.rebuild()
    assert one.recall(["the third letter in the tower"]) == answers


def test_threads_share_one_memory(folder: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    memory = memory_in(folder)
    memory.remember(TOLD)

    def turn(number: int) -> list[str]:
        mine = record(10 + number, f"Ilse number{number} counts", "ilse", film="other")
        memory.remember([mine])
        return [hit.record.shot for hit in memory.recall([Lookup(mine.prompt, character="ilse")], k=1)[0]]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(turn, range(8))) == [[f"s01-{10 + n}"] for n in range(8)]
    assert memory.count() == 12
    assert memory.check() == []


def test_who_waits_too_long_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelgraph.memory.shots.PATIENCE", 0.05)
    holder, waiting = memory_in(folder), memory_in(folder)
    holder.remember(TOLD)
    with holder._locked():
        with pytest.raises(ProjectBusy, match="another process has been inside"):
            waiting.recall(["boat"])
        assert waiting.count() == 4  # readers of the records never wait


def test_memory_in_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidRequest, match="cannot write"):
        memory_in(tmp_path / "file" / "memory").remember(TOLD)


@pytest.mark.parametrize("file", ["chroma.sqlite3", "*/data_level0.bin"])
def test_a_damaged_index_is_reported_and_rebuilt_on_request(folder: Path, file: str) -> None:
    memory_in(folder).remember(TOLD)
    answers = memory_in(folder).recall(["boat"])
    close(next(folder.glob("index-*")))
    for path in folder.glob(f"index-*/{file}"):
        path.write_bytes(b"garbage" * 100)
    try:
        found = memory_in(folder).recall(["boat"])
    except CorruptProject as error:
        assert "`reelgraph memory rebuild`" in str(error)
    else:
        assert found == answers  # Chroma mends small files by itself, from what its database holds
    assert memory_in(folder).rebuild() == 4
    assert memory_in(folder).recall(["boat"]) == answers
