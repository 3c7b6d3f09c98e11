"""Takes are published whole or not at all, and every call leaves its record."""

import hashlib
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from reelgraph.video_tools.atomic import sweep
from reelgraph.video_tools.budget import Limits, reserve
from reelgraph.video_tools.errors import BudgetExceeded, CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Shot, Spend, Take, TakeRequest
from reelgraph.video_tools.generation import Published, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.rehearsal import Rehearsal

REQUEST = TakeRequest(backend="b", prompt="a ball", width=64, height=64, frames=17, rate=Fraction(8), seed=1)


def publish(ledger: Ledger, request: TakeRequest = REQUEST, content: bytes = b"picture") -> Take:
    with ledger.staging() as folder:
        (folder / "picture.mp4").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        take = Take(
            key=request.key,
            request=request,
            content=digest,
            files={"picture.mp4": digest},
            width=64,
            height=64,
            frames=17,
            rate=Fraction(8),
        )
        return ledger.publish(take, folder)


def test_request_key_is_the_hash_of_what_is_asked_and_nothing_else() -> None:
    canonical = b'{"backend":"b","frames":17,"height":64,"prompt":"a ball","rate":"8/1","seed":1,"width":64}'
    assert REQUEST.key == hashlib.sha256(canonical).hexdigest()
    assert REQUEST.model_copy(update={"variant": 0}).key == REQUEST.key
    for change in (
        {"seed": 2},
        {"prompt": "a box"},
        {"width": 66},
        {"rate": Fraction(9)},
        {"model": "x"},
        {"steps": 4},
    ):
        assert REQUEST.model_copy(update=change).key != REQUEST.key, change


def test_published_take_reads_back_and_is_never_replaced(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = publish(ledger)
    second = publish(ledger, content=b"another result of the same request")
    assert second == first == ledger.take(REQUEST.key)
    assert ledger.picture(first).read_bytes() == b"picture"
    assert list(ledger.takes()) == [first]
    assert not list(tmp_path.rglob(".tmp-*"))
    assert ledger.by_content(first.content) == first
    assert ledger.find(first.key[:8]) == first


def test_unpublished_files_leave_no_take_and_are_swept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    with pytest.raises(RuntimeError), ledger.staging() as folder:
        (folder / "picture.mp4").write_bytes(b"half")
        raise RuntimeError("the encoder died")
    assert ledger.take(REQUEST.key) is None
    left = tmp_path / "takes" / ".tmp-crash"
    left.mkdir()
    (left / "picture.mp4").write_bytes(b"half")
    assert sweep(tmp_path) == 1
    assert not left.exists()


@pytest.mark.parametrize("folder", ["files", "inbox", "films/a-film/deliver"])
def test_half_a_file_of_a_crash_is_no_damage_and_is_swept(tmp_path: Path, folder: str) -> None:
    left = tmp_path / folder / ".tmp-crash.cube"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert list(Ledger(tmp_path).verify()) == []
    assert (sweep(tmp_path), left.exists()) == (1, False)


@pytest.mark.parametrize("folder", ["inbox", "films", "files"])
def test_sweep_removes_nothing_where_a_link_leads_out_of_the_project(tmp_path: Path, folder: str) -> None:
    theirs = tmp_path / "elsewhere" / ".tmp-theirs"
    theirs.mkdir(parents=True)
    (theirs / "notes.txt").write_text("mine")
    project = tmp_path / "project"
    project.mkdir()
    (project / folder).symlink_to(theirs.parent)
    (project / ".tmp-link").symlink_to(theirs)
    assert sweep(project) == 1, "the link in the project itself"
    assert (theirs / "notes.txt").read_text() == "mine" and not (project / ".tmp-link").exists()


def test_unknown_take_is_an_error_that_says_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="reelgraph takes"):
        Ledger(tmp_path).find("abcd")
    with pytest.raises(InvalidRequest, match="reelgraph takes"):
        Ledger(tmp_path).by_content("0" * 64)


def test_verify_names_damaged_missing_and_unreadable_files(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    take = publish(ledger)
    assert list(ledger.verify()) == []
    ledger.picture(take).write_bytes(b"bitten")
    assert [(p.path, "damaged" in p.message) for p in ledger.verify()] == [(ledger.picture(take), True)]
    ledger.picture(take).unlink()
    assert ["missing" in p.message for p in ledger.verify()] == [True]
    (ledger.folder(take.key) / "take.json").write_text("{")
    assert ["not a readable take" in p.message for p in ledger.verify()] == [True]
    with pytest.raises(CorruptProject, match=r"take\.json"):
        ledger.take(take.key)


def test_spend_counts_open_calls_at_their_price_and_settled_ones_at_their_cost(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    price = Spend(calls=1, money=2.0, generation_seconds=10)
    a = ledger.intend("0" * 64, backend="b", film="f", shot="s01-01", price=price)
    ledger.intend("1" * 64, backend="b", film="other", shot="s01-01", price=price)
    assert ledger.spend("f") == price
    ledger.record(a.model_copy(update={"state": "failed", "spent": Spend(calls=1, money=0.5)}))
    assert ledger.spend("f") == Spend(calls=1, money=0.5)
    assert ledger.spend() == Spend(calls=2, money=2.5, generation_seconds=10)
    assert Ledger(tmp_path).spend() == ledger.spend()


def test_call_whose_take_was_published_as_its_process_ended_is_done_and_counts_as_it_cost(tmp_path: Path) -> None:
    ledger, item = Ledger(tmp_path), Wanted(Shot(id="s01-01", prompt="a ball", seconds=1), REQUEST)
    (made,) = shoot(ledger, Rehearsal(price=Spend(calls=1, generation_seconds=4)), [item], film="f")
    assert isinstance(made, Published)
    done = ledger.attempt(made.take.attempt)
    price = Spend(calls=1, generation_seconds=10)
    ledger.record(done.model_copy(update={"state": "submitted", "job": "7", "price": price, "spent": Spend()}))
    again = Ledger(tmp_path)
    assert [attempt.state for attempt in again.attempts()] == ["done"]
    assert again.spend("f") == Spend(calls=1, generation_seconds=4)
    again.intend(REQUEST.key, backend="b", film="f", shot="s01-01", price=price)  # another try at the same is its own
    assert [attempt.state for attempt in again.attempts()] == ["done", "intended"]


def test_ceiling_refuses_the_call_that_would_pass_it_and_records_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    limits = {"f": Limits(money=1.0)}
    for _ in range(2):
        reserve(ledger, "0" * 64, backend="b", film="f", shot="s01-01", price=Spend(calls=1, money=0.5), limits=limits)
    with pytest.raises(BudgetExceeded, match=r"ceiling of 1 money: 1 spent, 0.5 more"):
        reserve(ledger, "0" * 64, backend="b", film="f", shot="s01-01", price=Spend(calls=1, money=0.5), limits=limits)
    assert len(list(ledger.attempts())) == 2
    # What costs nothing under the spent ceiling may still be done.
    reserve(ledger, "0" * 64, backend="b", film="f", shot="s01-01", price=Spend(calls=1), limits=limits)


def test_a_full_folder_and_a_run_that_has_lasted_too_long_begin_no_call(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / "film.mp4").write_bytes(bytes(2_000_000))

    def ask(limits: Limits) -> None:
        reserve(ledger, "0" * 64, backend="b", film="f", shot="s01-01", price=Spend(calls=1), limits={"f": limits})

    with pytest.raises(BudgetExceeded, match=r"ceiling of 2 disk megabytes: 2\.0 MB"):
        ask(Limits(disk_megabytes=2))
    with pytest.raises(BudgetExceeded, match="wall seconds"):
        ask(Limits(wall_seconds=60).after(60.5))
    assert list(ledger.attempts()) == []
    ask(Limits(disk_megabytes=3, wall_seconds=60).after(59))
    assert len(list(ledger.attempts())) == 1


def test_ceiling_holds_between_threads(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ledger = Ledger(tmp_path)

    def one(_: int) -> bool:
        try:
            reserve(
                ledger,
                "0" * 64,
                backend="b",
                film="f",
                shot="s01-01",
                price=Spend(calls=1),
                limits={"f": Limits(calls=5)},
            )
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(20))) == 5


def test_job_that_another_process_gave_up_is_given_up_here_too(tmp_path: Path) -> None:
    here, there = Ledger(tmp_path), Ledger(tmp_path)
    attempt = here.intend(REQUEST.key, backend="b", film="f", shot="s01-01", price=Spend(calls=1, money=1))
    here.record(attempt.model_copy(update={"state": "lost", "job": "video_1", "spent": attempt.price}))
    assert [a.given_up for a in here.attempts()] == [False]
    assert there.give_up("f", "s01-01") == 1
    assert [(a.state, a.given_up) for a in here.attempts()] == [("lost", True)]


def test_disk_ceiling_adds_up_what_stays_while_a_branch_beside_it_renames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, listed = Ledger(tmp_path), os.scandir
    publish(ledger, content=b"0" * 2_000_000)
    wandering = tmp_path / "takes" / ".tmp-wandering"
    wandering.mkdir()

    def scandir(folder: str | Path) -> Iterator[os.DirEntry[str]]:
        if Path(folder) == wandering:
            wandering.rmdir()  # between its listing and the look into it
        return listed(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(BudgetExceeded, match=r"ceiling of 1 disk megabytes: 2\.0 MB are there"):
        Limits(disk_megabytes=1).check_room(tmp_path, "film f")
    assert not wandering.exists()
