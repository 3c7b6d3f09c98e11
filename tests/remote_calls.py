"""What the tests of every dialect of `remote` share: a request and its call, and a strict server that is broken."""

from typing import Any

from reelgraph.video_tools.backends.base import Backend, Call, Failed, Made
from reelgraph.video_tools.backends.remote import Remote
from reelgraph.video_tools.errors import ReelgraphError
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.testing import Fault, FaultConformance


def request(**changes: Any) -> TakeRequest:
    asked = {"backend": "remote", "prompt": "a fox", "width": 64, "height": 64, "frames": 24, "rate": "24", "seed": 1}
    return TakeRequest.model_validate(asked | changes)


def run(backend: Remote, *calls: Call, on_event: Any = lambda event: None) -> list[Made | Failed]:
    results = list(backend.generate(calls or [Call(request(), "a1")], on_event))
    for result in results:
        if isinstance(result, Made):
            assert result.media is not None
            result.media.unlink()
    return results


def error_of(backend: Remote, *calls: Call) -> ReelgraphError:
    (result,) = run(backend, *calls)
    assert isinstance(result, Failed), "it was made"
    assert "\n" not in str(result.error)
    return result.error


class RemoteConformance(FaultConformance):
    """The promises of a back end over one of our servers, which a test class sets as `server`."""

    frames = 24
    server: Any

    def remote(self, **changes: Any) -> Remote:
        """Return a back end of that server."""
        raise NotImplementedError("say how a back end of your dialect is made")

    def broken(self, fault: Fault) -> Backend:
        if fault == "timeout":
            self.server.looks = 10**6
            return self.remote(deadline=0.05)
        faults: dict[Fault, dict[str, Any]] = {
            "lost_reply": {"drop_reply": 1}, "failed_after_billing": {"fail": "the card ran out of memory"},
            "truncated": {"truncate": 10**6}, "wrong_length": {"frames": 5}, "wrong_size": {"wider": 16},
        }  # fmt: skip
        self.server.faults = type(self.server.faults)(**faults[fault])
        return self.remote()

    def mended(self) -> Backend:
        self.server.faults, self.server.looks = type(self.server.faults)(), 3
        return self.remote()

    def bought(self) -> int:
        return len(self.server.accepted)
