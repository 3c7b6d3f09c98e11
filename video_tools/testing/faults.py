"""The conformance kit for back ends that can go wrong once a call is made: all of `BackendConformance`, and the faults.

    class TestMyServer(FaultConformance):
        def backend(self): ...         # a fixture: the back end as it is
        def broken(self, fault): ...   # the back end, with the fault in wait for the next request
        def mended(self): ...          # the same back end and server, with nothing in wait
        def bought(self): ...          # how many jobs the server (or the model) took on, ever

It drives the back end as a film does, through `shoot` and a ledger, so it shows the two together: nothing is bought
twice, nothing that was paid is forgotten, and nothing broken becomes a take.
"""

from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

import pytest

from reelgraph.video_tools.backends.base import Backend, Event, Submitted
from reelgraph.video_tools.errors import Cancelled, OutcomeUnknown
from reelgraph.video_tools.film import Attempt, Shot
from reelgraph.video_tools.generation import Published, Unmade, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.testing.backend import BackendConformance

Fault: TypeAlias = Literal["timeout", "lost_reply", "failed_after_billing", "truncated", "wrong_length", "wrong_size"]


class FaultConformance(BackendConformance):
    """What must hold whatever goes wrong once a call is made.

    Attributes:
        faults: Those that can befall this back end; the tests of others are skipped.
    """

    faults: ClassVar[frozenset[Fault]] = frozenset(
        {"timeout", "lost_reply", "failed_after_billing", "truncated", "wrong_length", "wrong_size"}
    )

    def broken(self, fault: Fault) -> Backend:
        """Return the back end with a fault in wait for its next request: override this."""
        raise NotImplementedError("say how each fault is brought about")

    def mended(self) -> Backend:
        """Return the same back end with nothing in wait: override this."""
        raise NotImplementedError("say how the fault is mended")

    def bought(self) -> int:
        """Return how many jobs were taken on, ever, by the server's own count: override this."""
        raise NotImplementedError("count the jobs that were taken on")

    def shoot(self, ledger: Ledger, backend: Backend, *, shots: int = 1) -> list[Published | Unmade]:
        """Shoot one request for some shots, as a film does."""
        wanted = Wanted(Shot(id="s01-01", prompt="a shot", seconds=1), self.request_for(backend))
        twins = [Wanted(wanted.shot.model_copy(update={"id": f"s01-0{n + 1}"}), wanted.request) for n in range(shots)]
        return list(shoot(ledger, backend, twins, film="f"))

    def breaks(self, fault: Fault, folder: Path) -> tuple[Ledger, Published | Unmade]:
        """Shoot while a fault is in wait; check what must hold after every one of them."""
        if fault not in self.faults:
            pytest.skip(f"{fault} cannot befall it")
        ledger = Ledger(folder / "project")
        backend = self.broken(fault)
        (result,) = self.shoot(ledger, backend)
        assert self.bought() == 1, "one request is one job"
        (attempt,) = ledger.attempts()
        assert attempt.state != "intended", "the ledger knows how the call ended"
        assert ledger.spend("f").calls == 1, "what was taken on is counted"
        assert ledger.spend("f").money == backend.price(self.request_for(backend)).money, "and so is its price"
        assert list(ledger.verify()) == []
        return ledger, result

    def unmade(self, fault: Fault, folder: Path) -> tuple[Ledger, Attempt]:
        """Shoot while a fault is in wait that allows no take."""
        ledger, result = self.breaks(fault, folder)
        assert isinstance(result, Unmade), f"a take was published in spite of {fault}"
        assert str(result.error).strip() and "\n" not in str(result.error)
        assert list(ledger.takes()) == []
        (attempt,) = ledger.attempts()
        assert attempt.error, "the ledger says why"
        return ledger, attempt

    def goes_on(self, ledger: Ledger, attempt: Attempt) -> None:
        """Shoot again when all is mended: a call that may still be answered is asked after, never bought again."""
        (again,) = self.shoot(ledger, self.mended())
        if attempt.open:
            assert self.bought() == 1, "a call of unknown outcome was sent again"
            assert isinstance(again, Published) or isinstance(again.error, OutcomeUnknown)
        else:
            assert isinstance(again, Published) and self.bought() == 2

    def test_timeout_ends_the_call_and_the_next_is_made(self, tmp_path: Path) -> None:
        """A job that never ends is given up within the back end's own deadline."""
        self.goes_on(*self.unmade("timeout", tmp_path))

    def test_lost_reply_after_billing_is_unknown_and_never_sent_again(self, tmp_path: Path) -> None:
        """The server took the job on, and its answer was never heard."""
        ledger, attempt = self.unmade("lost_reply", tmp_path)
        assert attempt.state == "ambiguous"
        self.goes_on(ledger, attempt)

    def test_failure_after_billing_is_paid_for_and_can_be_tried_again(self, tmp_path: Path) -> None:
        """The job ended in a failure that costs all the same."""
        ledger, attempt = self.unmade("failed_after_billing", tmp_path)
        assert attempt.state == "failed"
        self.goes_on(ledger, attempt)

    def test_truncated_file_is_no_take_and_is_not_bought_again(self, tmp_path: Path) -> None:
        """Half a file arrives, however often it is fetched."""
        self.goes_on(*self.unmade("truncated", tmp_path))

    @pytest.mark.parametrize(("fault", "what"), [("wrong_length", {"frames"}), ("wrong_size", {"width", "height"})])
    def test_other_shape_than_asked_is_kept_and_said(self, tmp_path: Path, fault: Fault, what: set[str]) -> None:
        """Another length or size than asked is a take that says so."""
        _, result = self.breaks(fault, tmp_path)
        assert isinstance(result, Published), f"what came is a take all the same: {result}"
        take = result.take
        said = {s.what: s.made for s in take.substitutions}
        assert said and set(said) <= what
        for name, made in said.items():
            assert made == str(getattr(take, name)) != str(getattr(take.request, name))

    def test_request_that_two_shots_share_is_submitted_once(self, tmp_path: Path) -> None:
        """Two shots that ask for the same pixels, and a second run, are one job."""
        ledger, backend = Ledger(tmp_path / "project"), self.mended()
        results = self.shoot(ledger, backend, shots=2)
        assert [isinstance(r, Published) and r.reused for r in results] == [False, True]
        (again,) = self.shoot(ledger, backend)
        assert isinstance(again, Published) and again.reused and self.bought() == 1

    def test_cancelled_job_is_paid_for_and_asked_for_again_only_where_it_was_dropped(self, tmp_path: Path) -> None:
        """A job that was taken on costs its price though it was cancelled, and goes on where the server keeps it."""
        backend = self.mended()
        if not backend.capabilities().remote:
            pytest.skip("its work ends with its call")
        ledger = Ledger(tmp_path / "project")

        def stop(event: Event) -> None:
            if isinstance(event, Submitted):
                raise Cancelled("enough")

        wanted = Wanted(Shot(id="s01-01", prompt="a shot", seconds=1), self.request_for(backend))
        with pytest.raises(Cancelled):
            list(shoot(ledger, backend, [wanted], film="f", on_event=stop))
        (attempt,) = ledger.attempts()
        assert attempt.state in ("submitted", "failed")
        assert ledger.spend("f").money == backend.price(wanted.request).money, "its price is counted"
        self.goes_on(ledger, attempt)

    def test_job_that_a_dead_process_left_is_adopted(self, tmp_path: Path) -> None:
        """A process that ends after its job was taken on: the next one finds the job, and buys nothing."""
        backend = self.mended()
        if not backend.capabilities().remote:
            pytest.skip("its work ends with its process")
        ledger = Ledger(tmp_path / "project")

        def die(event: Event) -> None:
            if isinstance(event, Submitted):
                raise KeyboardInterrupt

        wanted = Wanted(Shot(id="s01-01", prompt="a shot", seconds=1), self.request_for(backend))
        with pytest.raises(KeyboardInterrupt):
            list(shoot(ledger, backend, [wanted], film="f", on_event=die))
        assert [a.state for a in ledger.attempts()] == ["submitted"]
        (again,) = self.shoot(ledger, self.mended())
        assert isinstance(again, Published) and self.bought() == 1
