"""The conformance kit for back ends: what every one does, says of itself, and refuses."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reelgraph.video_tools.backends.base import (
    Backend,
    Call,
    Capabilities,
    Event,
    Failed,
    Made,
    OnEvent,
    Progress,
    Submitted,
    check_ready,
    check_request,
)
from reelgraph.video_tools.editing.media import decode, probe
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.film import Character, Panel, Reference, TakeRequest
from reelgraph.video_tools.timebase import samples_of

MODES = frozenset({"text", "image", "last_frame", "keyframes", "video", "reference", "still"})
_ROLES = {
    "image": ("first_frame",), "last_frame": ("first_frame", "last_frame"), "keyframes": ("keyframe",),
    "video": ("video",), "reference": ("reference",),
}  # fmt: skip


def _ignore(event: Event) -> None:
    pass


def _read(result: Made | Failed) -> Made | Failed:
    """Draw the frames of a result that draws them only as they are read."""
    if isinstance(result, Failed) or result.frames is None or isinstance(result.frames, np.ndarray):
        return result
    return replace(result, frames=np.stack(list(result.frames)))


def frames_of(made: Made) -> np.ndarray:
    """Return all frames of a result, `(frames, height, width, 3) uint8 RGB`, deleting a file that it came in."""
    if made.media is not None:
        frames = np.stack(list(decode(made.media)))
        made.media.unlink()
        return frames
    assert isinstance(made.frames, np.ndarray), "a result has frames or a media file"
    return made.frames


class BackendConformance:
    """What every back end must do; override the attributes below where yours needs other requests.

    Attributes:
        prompt: A prompt that the back end understands.
        frames: Frames to ask for; fitted to the nearest legal count above.
        roles: References that every request must carry, where one of its modes alone is not enough.
        side: Width and height to ask for; fitted to the nearest legal side above.
        tolerance: How many of 255 levels two runs of one request may differ by, and the mean by a hundredth of that.
    """

    prompt = "a red ball rolls over the dunes"
    roles: tuple[str, ...] = ()
    frames = 9
    side = 64
    tolerance = 1

    @pytest.fixture
    def backend(self) -> Backend:
        """The back end under test: override this."""
        raise NotImplementedError("give your test class a fixture named backend")

    # --- what is asked ---

    @property
    def longer(self) -> str:
        """The prompt said twice: another length, in words that the back end understands."""
        return f"{self.prompt} {self.prompt}"

    def request_for(self, backend: Backend, **changes: Any) -> TakeRequest:
        """Build a small legal request."""
        can = backend.capabilities()
        rate = can.rates[0] if can.rates else Fraction(16)
        width, height = _small_size(can, self.side)
        panel = Panel(
            shot="s01-01", size="wide", camera="still", figures=[Character(id="ball", name="Ball", palette=["#cc2222"])]
        )
        request = TakeRequest(
            backend=backend.name, model=backend.fingerprint(), prompt=self.prompt, width=width, height=height,
            frames=can.frames.fit(min(self.frames, can.frames.most)), rate=rate, seed=7 if can.seeded else None,
            panel=panel if can.panel else None,
        )  # fmt: skip
        # A model that takes no bare text needs a picture to begin with; `call_for` draws it.
        roles = self.roles or (() if {"text", "still"} & can.modes else ("first_frame",))
        return request.model_copy(update={"references": [_reference(role) for role in roles]} | changes)

    def call_for(self, request: TakeRequest, folder: Path, attempt: str = "a1") -> Call:
        """Build a call, with a picture or clip for each reference."""
        files = {}
        for reference in request.references:
            path = folder / f"{reference.content}.png"
            _draw(path, request.width, request.height, reference.content)
            files[reference.content] = path
        return Call(request, attempt, references=files)

    def make(self, backend: Backend, calls: Sequence[Call], on_event: OnEvent = _ignore) -> list[Made | Failed]:
        """Run the back end to its end, reading the frames of each result as it comes."""
        return [_read(result) for result in backend.generate(calls, on_event)]

    def make_one(self, backend: Backend, request: TakeRequest, folder: Path, on_event: OnEvent = _ignore) -> Made:
        """Make one request that must succeed."""
        (result,) = self.make(backend, [self.call_for(request, folder)], on_event)
        assert isinstance(result, Made), f"a legal request failed: {result}"
        return result

    # --- what it says of itself ---

    def test_capabilities_are_well_formed(self, backend: Backend) -> None:
        """It is set up, and declares known modes, and rules that hold together."""
        check_ready(backend)
        can = backend.capabilities()
        assert can.modes and can.modes <= MODES
        assert can.frames.fit(can.frames.least) >= can.frames.least >= 1
        assert can.frames.fit(can.frames.most) == can.frames.most, "the most must itself be a legal count"
        if can.native_size:
            can.sizes.check(*can.native_size)
        assert all(1 <= rate <= 240 for rate in can.rates)
        assert can.max_batch >= 1 and can.max_references >= 0
        assert ("reference" in can.modes) == (can.max_references > 0)
        assert can == backend.capabilities(), "what is declared must not change"

    def test_fingerprint_is_stable_and_price_counts_a_call(self, backend: Backend) -> None:
        """It names what determines its pixels, and says what a request costs."""
        assert backend.name and backend.fingerprint()
        assert backend.fingerprint() == backend.fingerprint()
        assert backend.price(self.request_for(backend)).calls >= 1

    # --- what it makes ---

    def test_legal_request_makes_what_was_asked(self, backend: Backend, tmp_path: Path) -> None:
        """Frames, size, rate and sound are as asked, or a substitution says otherwise."""
        request = self.request_for(backend)
        check_request(backend.capabilities(), request)
        made = self.make_one(backend, request, tmp_path)
        self.check_made(backend, made)

    def check_made(self, backend: Backend, made: Made) -> np.ndarray:
        """Compare a result with its request; returns its frames."""
        request, said = made.call.request, {s.what for s in made.substitutions}
        rate, sound = made.rate, made.sound
        if made.media is not None:
            facts = probe(made.media)
            rate = facts.rate
            assert facts.has_sound == backend.capabilities().sound
        frames = frames_of(made)
        assert frames.dtype == np.uint8 and frames.ndim == 4 and frames.shape[3] == 3
        count, height, width = frames.shape[:3]
        for what, asked, got in (
            ("frames", request.frames, count), ("width", request.width, width), ("height", request.height, height),
            ("rate", request.rate, rate),
        ):  # fmt: skip
            assert (asked != got) == (what in said), f"{what}: asked {asked}, made {got}, substitutions {said}"
        if made.media is None:
            assert (sound is not None) == (backend.capabilities().sound and request.frames > 1)
        if sound is not None:
            assert sound.samples.dtype == np.float32 and sound.samples.ndim == 2
            want = samples_of(count, rate, sound.rate)
            assert abs(len(sound.samples) - want) <= sound.rate // 4, "sound and picture differ in length"
        assert made.spent.calls >= 1
        return frames

    @pytest.mark.parametrize("mode", sorted(MODES - {"text", "still"}))
    def test_declared_mode_works_and_others_are_refused(self, backend: Backend, tmp_path: Path, mode: str) -> None:
        """A reference of each declared mode is used, and changes pixels; of any other, it is refused."""
        can = backend.capabilities()
        references = [_reference(role) for role in dict.fromkeys((*self.roles, *_ROLES[mode]))]
        request = self.request_for(backend, references=references)
        (result,) = self.make(backend, [self.call_for(request, tmp_path)])
        if mode in can.modes:
            assert isinstance(result, Made), f"declared, and failed: {result}"
            frames = self.check_made(backend, result)
            other = [r.model_copy(update={"content": r.content[::-1]}) for r in references]
            changed = self.make_one(backend, request.model_copy(update={"references": other}), tmp_path)
            assert not np.array_equal(frames, frames_of(changed)), f"another {mode} reference changed nothing"
        else:
            assert isinstance(result, Failed) and isinstance(result.error, InvalidRequest)

    def test_still_is_one_frame(self, backend: Backend, tmp_path: Path) -> None:
        """Where stills are declared, one frame can be asked for."""
        if "still" not in backend.capabilities().modes:
            pytest.skip("it makes no stills")
        made = self.make_one(backend, self.request_for(backend, frames=1, rung="still"), tmp_path)
        assert len(self.check_made(backend, made)) == 1

    def test_seed_decides_the_result(self, backend: Backend, tmp_path: Path) -> None:
        """The same seed makes the same frames, and another seed others."""
        if not backend.capabilities().seeded:
            pytest.skip("it takes no seed")
        request = self.request_for(backend)
        first, again = (frames_of(self.make_one(backend, request, tmp_path)) for _ in range(2))
        assert self.alike(first, again)
        other = frames_of(self.make_one(backend, request.model_copy(update={"seed": 8}), tmp_path))
        assert backend.capabilities().animatic or not self.alike(first, other), "another seed made the same frames"

    def test_batch_equals_singles(self, backend: Backend, tmp_path: Path) -> None:
        """Requests made in one call are the same as each alone, though one says more than the other.

        One that notes how many takes a run made must have made both in one, where nothing but words is asked for.
        """
        if backend.capabilities().max_batch < 2:
            pytest.skip("it makes one request a call")
        base = self.request_for(backend)
        seed = 8 if base.seed is not None else None
        requests = [base, base.model_copy(update={"prompt": self.longer, "seed": seed, "variant": 1})]
        calls = [self.call_for(r, tmp_path, f"a{i}") for i, r in enumerate(requests)]
        together = {r.call.attempt: r for r in self.make(backend, calls)}
        assert sorted(together) == ["a0", "a1"]
        for i, request in enumerate(requests):
            result = together[f"a{i}"]
            assert isinstance(result, Made), result
            assert base.references or result.notes.get("batch", "2") == "2", "they were made one by one"
            assert self.alike(frames_of(result), frames_of(self.make_one(backend, request, tmp_path)))

    def alike(self, one: np.ndarray, other: np.ndarray) -> bool:
        """Whether two results are the same within `tolerance`."""
        if one.shape != other.shape:
            return False
        apart = np.abs(one.astype(np.int16) - other.astype(np.int16))
        return bool(apart.max() <= self.tolerance and apart.mean() <= self.tolerance / 100)

    # --- how it goes about it ---

    def test_progress_only_grows_and_ends_complete(self, backend: Backend, tmp_path: Path) -> None:
        """Steps are told in order, for the attempt they belong to, up to the last."""
        events: list[Event] = []
        self.make_one(backend, self.request_for(backend), tmp_path, events.append)
        told = [e for e in events if isinstance(e, Progress)]
        assert told, "no progress was told"
        assert {e.attempt for e in events} == {"a1"}
        steps = [e.step / e.steps for e in told]
        assert steps == sorted(steps) and steps[0] >= 0 and steps[-1] == 1
        jobs = [i for i, e in enumerate(events) if isinstance(e, Submitted)]
        assert jobs in ([], [0]), "a server's job must be told once, before any progress"

    def test_cancel_stops_within_a_step_and_leaves_it_usable(self, backend: Backend, tmp_path: Path) -> None:
        """`Cancelled` raised by the listener passes through at once, and the next request is made as ever."""
        request = self.request_for(backend)
        before = frames_of(self.make_one(backend, request, tmp_path))
        heard: list[Progress] = []

        def stop(event: Event) -> None:
            if isinstance(event, Progress):
                heard.append(event)
                raise Cancelled("enough")

        with pytest.raises(Cancelled, match="enough"):
            self.make(backend, [self.call_for(request, tmp_path)], stop)
        assert len(heard) == 1, "it went on after it was told to stop"
        assert self.alike(before, frames_of(self.make_one(backend, request, tmp_path)))

    # --- what it refuses ---

    def illegal(self, backend: Backend) -> Iterator[tuple[str, TakeRequest]]:
        """Yield requests that cannot be made, each with what the refusal must quote."""
        can, request = backend.capabilities(), self.request_for(backend)
        if can.frames.step > 1:
            wrong = request.frames + 1
            yield str(can.frames.fit(wrong)), request.model_copy(update={"frames": wrong})
        yield str(can.frames.most), request.model_copy(update={"frames": can.frames.most + 1})
        if can.sizes.only:
            width, height = can.sizes.only[0]
            yield f"{width}x{height}", request.model_copy(update={"width": width + 2, "height": height + 2})
        elif can.sizes.multiple > 1:
            yield str(request.width), request.model_copy(update={"width": request.width + 1})
        if can.rates:
            odd = next(Fraction(r) for r in (24, 25, 30, 16) if Fraction(r) not in can.rates)
            yield str(can.rates[0]), request.model_copy(update={"rate": odd})
        if can.max_references:
            many = [_reference("reference", i) for i in range(can.max_references + 1)]
            yield str(can.max_references), request.model_copy(update={"references": many})

    def test_illegal_request_is_yielded_as_failed_and_the_others_go_on(self, backend: Backend, tmp_path: Path) -> None:
        """Nothing is rounded: the refusal names the nearest legal value, and the request beside it is made."""
        cases = list(self.illegal(backend))
        good = self.request_for(backend)
        for quoted, request in cases:
            calls = [self.call_for(request, tmp_path, "bad"), self.call_for(good, tmp_path, "good")]
            results = {r.call.attempt: r for r in self.make(backend, calls[:1])}
            refused = results["bad"]
            assert isinstance(refused, Failed), f"made, though illegal: {request}"
            assert isinstance(refused.error, InvalidRequest) and quoted in str(refused.error)
        if backend.capabilities().max_batch > 1 and cases:
            calls = [self.call_for(cases[0][1], tmp_path, "bad"), self.call_for(good, tmp_path, "good")]
            results = {r.call.attempt: r for r in self.make(backend, calls)}
            assert isinstance(results["bad"], Failed) and isinstance(results["good"], Made)

    def test_long_prompt_is_never_cut_silently(self, backend: Backend, tmp_path: Path) -> None:
        """A prompt longer than the model reads is refused, or the cut is a substitution."""
        limit = backend.capabilities().prompt_tokens
        if limit is None:
            pytest.skip("it reads any length")
        request = self.request_for(backend, prompt=" ".join([self.prompt] * limit))
        (result,) = self.make(backend, [self.call_for(request, tmp_path)])
        if isinstance(result, Failed):
            assert isinstance(result.error, InvalidRequest) and str(limit) in str(result.error)
        else:
            assert "prompt" in {s.what for s in result.substitutions}


def _small_size(can: Capabilities, least: int) -> tuple[int, int]:
    if can.sizes.only:
        return min(can.sizes.only)
    side = -(-max(least, can.sizes.least) // can.sizes.multiple) * can.sizes.multiple
    return side, side


def _reference(role: Any, number: int = 0) -> Reference:
    return Reference(content=f"{number:x}{'0123456789abcdef' * 4}"[:64], role=role)


def _draw(path: Path, width: int, height: int, content: str) -> None:
    """Draw a picture that its content hash decides: two colours, split across."""
    colours = bytes.fromhex(content[2:14])
    picture = np.empty((height, width, 3), np.uint8)
    picture[:, : width // 2], picture[:, width // 2 :] = tuple(colours[:3]), tuple(colours[3:])
    Image.fromarray(picture).save(path)
