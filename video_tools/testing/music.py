"""The conformance kit for back ends that make sound alone: music in words, asked as shots are."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from reelgraph.video_tools.backends.base import (
    NO_PICTURE,
    Backend,
    Call,
    Event,
    Failed,
    Made,
    OnEvent,
    Progress,
    Sound,
    Submitted,
    check_request,
)
from reelgraph.video_tools.editing.media import read_sound
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.film import Reference, TakeRequest
from reelgraph.video_tools.timebase import samples_of


def _ignore(event: Event) -> None:
    pass


class MusicConformance:
    """What every back end for music must do; override the attributes below where yours needs other requests.

    Attributes:
        prompt: What it is asked for.
        other_prompt: What sounds otherwise.
        seconds: How long the music is asked to be.
        tolerance: By how much samples of two runs of one request may differ.
    """

    prompt = "slow piano"
    other_prompt = "a brass band"
    seconds = 1.5
    tolerance = 1e-4

    @pytest.fixture
    def backend(self) -> Backend:
        """The back end under test: override this."""
        raise NotImplementedError("give your test class a fixture named backend")

    # --- what is asked ---

    def request_for(self, backend: Backend, **changes: Any) -> TakeRequest:
        """Build a small legal request; its frames are those of a film whose music it is."""
        can, rate = backend.capabilities(), Fraction(24)
        request = TakeRequest(
            backend=backend.name, model=backend.fingerprint(), prompt=self.prompt, width=NO_PICTURE[0],
            height=NO_PICTURE[1], frames=round(self.seconds * rate), rate=rate, seed=7 if can.seeded else None,
        )  # fmt: skip
        return request.model_copy(update=changes)

    def make(self, backend: Backend, requests: Sequence[TakeRequest], on_event: OnEvent = _ignore) -> list[Any]:
        """Run the back end to its end."""
        calls = [Call(request, f"a{number}") for number, request in enumerate(requests)]
        return list(backend.generate(calls, on_event))

    def make_one(self, backend: Backend, request: TakeRequest, on_event: OnEvent = _ignore) -> Made:
        """Make one request that must succeed."""
        (result,) = self.make(backend, [request], on_event)
        assert isinstance(result, Made), f"a legal request failed: {result}"
        return result

    def heard(self, backend: Backend, request: TakeRequest) -> np.ndarray:
        """Make one request and return its samples, `(samples, channels) float32`."""
        return sound_of(self.make_one(backend, request)).samples

    def alike(self, one: np.ndarray, other: np.ndarray) -> bool:
        """Whether two results are the same within `tolerance`."""
        return one.shape == other.shape and bool(np.abs(one - other).max() <= self.tolerance)

    # --- what it says of itself ---

    def test_capabilities_are_those_of_music(self, backend: Backend) -> None:
        """It declares the mode, no picture, and the longest music that it makes."""
        can = backend.capabilities()
        assert can.modes == {"music"} and can.sound and can.sizes.only == (NO_PICTURE,)
        assert can.most_seconds is not None and can.most_seconds > 0
        assert can == backend.capabilities(), "what is declared must not change"

    def test_fingerprint_is_stable_and_price_counts_a_call(self, backend: Backend) -> None:
        """It names what determines its sound, and says what a request costs."""
        assert backend.name and backend.fingerprint() and backend.fingerprint() == backend.fingerprint()
        assert backend.price(self.request_for(backend)).calls >= 1

    # --- what it makes ---

    def test_sound_is_as_long_as_was_asked(self, backend: Backend) -> None:
        """It is neither silent nor beyond full scale, and lasts as long as the film's frames."""
        request = self.request_for(backend)
        check_request(backend.capabilities(), request)
        made = self.make_one(backend, request)
        assert made.frames is None, "music has no picture"
        sound = sound_of(made)
        assert sound.samples.dtype == np.float32 and sound.samples.ndim == 2 and sound.samples.shape[1] in (1, 2)
        assert abs(len(sound.samples) - samples_of(request.frames, request.rate, sound.rate)) <= 1
        assert 0 < np.abs(sound.samples).max() <= 1
        assert made.spent.calls >= 1

    def test_seed_and_words_decide_the_sound(self, backend: Backend) -> None:
        """One request makes one sound; another seed or other words make another."""
        request = self.request_for(backend)
        first = self.heard(backend, request)
        others = [request.model_copy(update={"prompt": self.other_prompt})]
        if backend.capabilities().seeded:
            assert self.alike(first, self.heard(backend, request))
            others.append(request.model_copy(update={"seed": 8}))
        for other in others:
            assert not self.alike(first, self.heard(backend, other)), f"nothing changed with {other}"

    # --- how it goes about it ---

    def test_progress_only_grows_and_ends_complete(self, backend: Backend) -> None:
        """Steps are told in order, for the attempt they belong to, up to the last."""
        events: list[Event] = []
        self.make_one(backend, self.request_for(backend), events.append)
        steps = [e.step / e.steps for e in events if isinstance(e, Progress)]
        assert steps and steps == sorted(steps) and steps[0] >= 0 and steps[-1] == 1
        assert {e.attempt for e in events} == {"a0"}
        jobs = [number for number, e in enumerate(events) if isinstance(e, Submitted)]
        assert jobs in ([], [0]), "a server's job must be told once, before any progress"

    def test_cancel_stops_within_a_step_and_leaves_it_usable(self, backend: Backend) -> None:
        """`Cancelled` raised by the listener passes through at once, and the next request is made as ever."""
        request = self.request_for(backend)
        before = self.heard(backend, request)
        told: list[Progress] = []

        def stop(event: Event) -> None:
            if isinstance(event, Progress):
                told.append(event)
                raise Cancelled("enough")

        with pytest.raises(Cancelled, match="enough"):
            self.make(backend, [request], stop)
        assert len(told) == 1, "it went on after it was told to stop"
        assert not backend.capabilities().seeded or self.alike(before, self.heard(backend, request))

    # --- what it refuses ---

    def illegal(self, backend: Backend) -> Iterator[tuple[str, TakeRequest]]:
        """Yield requests that cannot be made, each with what the refusal must quote."""
        can, request = backend.capabilities(), self.request_for(backend)
        assert can.most_seconds is not None
        longer = int(can.most_seconds * request.rate) + 1
        yield f"{can.most_seconds:g} s", request.model_copy(update={"frames": longer})
        yield "16x16", request.model_copy(update={"width": 64, "height": 64})
        picture = Reference(content="ab" * 32, role="first_frame")
        yield "first_frame", request.model_copy(update={"references": [picture]})

    def test_illegal_request_is_yielded_as_failed_and_the_others_go_on(self, backend: Backend) -> None:
        """The refusal names the nearest legal value, and the request behind it is made."""
        good = self.request_for(backend)
        for quoted, request in self.illegal(backend):
            refused, made = self.make(backend, [request, good])
            assert isinstance(refused, Failed), f"made, though illegal: {request}"
            assert isinstance(refused.error, InvalidRequest) and quoted in str(refused.error)
            assert isinstance(made, Made)

    def test_long_prompt_is_never_cut_silently(self, backend: Backend) -> None:
        """A prompt longer than the model reads is refused, or the cut is a substitution."""
        limit = backend.capabilities().prompt_tokens
        if limit is None:
            pytest.skip("it reads any length")
        (result,) = self.make(backend, [self.request_for(backend, prompt=" ".join([self.prompt] * limit))])
        if isinstance(result, Failed):
            assert isinstance(result.error, InvalidRequest) and "tokens" in str(result.error)
        else:
            assert "prompt" in {said.what for said in result.substitutions}


def sound_of(made: Made) -> Sound:
    """Return the sound of a result, deleting a file that it came in."""
    sound = made.sound
    if made.media is not None:
        sound = read_sound(made.media)
        made.media.unlink()
    assert sound is not None, "music has sound"
    return sound
