"""Make takes with a diffusers pipeline on this machine's own device."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from reelgraph.video_tools.backends.adapters import AdapterFiles, adapter_hashes, adapters_for, use_adapters
from reelgraph.video_tools.backends.base import (
    Call,
    Capabilities,
    Failed,
    Made,
    OnEvent,
    check_request,
    made_otherwise,
)
from reelgraph.video_tools.backends.chain import longer, make_long, pieces_of
from reelgraph.video_tools.backends.cheaper import STEP_CACHES, cheaper_steps
from reelgraph.video_tools.backends.conditions import read_conditions
from reelgraph.video_tools.backends.device import (
    Device,
    device_named,
    dtype_of,
    full_name,
    load_pipeline,
    require_packages,
    resident_key,
)
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.family import Family, capabilities_of, of_card
from reelgraph.video_tools.backends.ladder import draft_steps
from reelgraph.video_tools.backends.local_settings import LocalSettings
from reelgraph.video_tools.backends.made_here import made_here
from reelgraph.video_tools.backends.model_folder import ModelFolder
from reelgraph.video_tools.backends.pace import Pace
from reelgraph.video_tools.backends.pipeline_call import arguments_of, left_out, more_steps, outputs_of, seed_of
from reelgraph.video_tools.backends.placement import Placement, check_placement, placement_for, smaller
from reelgraph.video_tools.backends.prompts import Reading, TooLong, texts_of
from reelgraph.video_tools.backends.signature import family_by_signature
from reelgraph.video_tools.backends.steps import OutOfMemory, Steps, failure_of
from reelgraph.video_tools.backends.upsampling import from_draft, open_upsampler
from reelgraph.video_tools.errors import InvalidRequest, ReelgraphError
from reelgraph.video_tools.film import Spend, Substitution, Take, TakeRequest, digest

# Part of every fingerprint: raised when requests are turned into arguments in a way that changes pixels.
_RULES = 2

_installed = cache(version)  # a file is read for each answer


class Local:
    """A diffusers model on this machine.

    Args:
        settings: See `LocalSettings`.

    Raises:
        InvalidRequest: A setting is unknown or out of range.
    """

    name = "local"

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings = LocalSettings.read(self.name, settings)
        self._pace = Pace()
        # By device and placement, the smallest work that did not fit.
        self._outgrown: dict[tuple[str, Placement], int] = {}

    def check_needs(self) -> None:
        """Refuse to be asked without the packages of the `local` extra, or for a device that is not here.

        Raises:
            InvalidRequest: One is missing.
        """
        require_packages()
        if self.settings.device != "auto":
            device_named(self.settings.device)

    @cached_property
    def folder(self) -> ModelFolder:
        """The model's folder, found and checked on first use."""
        return self.settings.open_model(self.name)

    @cached_property
    def rows(self) -> list[Family]:
        """The model's own class, then the classes that are made of the same components.

        Raises:
            InvalidRequest: The model's class is neither in the table nor of the usual shape, or lacks a package.
        """
        own = FAMILIES.get(self.folder.pipeline) or family_by_signature(self.folder)
        if lacking := [name for name in own.needs if find_spec(name) is None]:
            raise InvalidRequest(
                f"{own.pipeline} is not run without {' and '.join(lacking)}: run `pip install {' '.join(lacking)}`, or "
                "choose another model"
            )
        if own.doubles and device_named(self.settings.device).name.startswith("mps"):
            raise InvalidRequest(f"{own.pipeline} computes in 64 bits, which MPS has not: set device to cpu for it")
        if self.settings.guidance is not None and not own.guidance_argument:
            raise InvalidRequest(f"{own.pipeline} takes no guidance scale: leave guidance out of backends.local")
        configs = self.folder.configs
        rows = [own, *(row for row in map(FAMILIES.__getitem__, own.also) if row.usable(configs))]
        return [of_card(row.adapt(row, configs), self.folder.card) for row in rows]

    @cached_property
    def upsampler(self) -> ModelFolder | None:
        """The folder of what enlarges drafts, found and checked on first use."""
        settings = self.settings
        if not settings.upsampler:
            return None
        return open_upsampler(settings.upsampler, settings.upsampler_revision, self.rows)

    def capabilities(self) -> Capabilities:
        """Declare what can be made, from the model's configs and what the adapters' files hold by now."""
        longest = self.settings.longest_frames
        if longest and not any(row.takes(frozenset({"first_frame"})) for row in self.rows):
            raise InvalidRequest("longest_frames needs a model that can begin on a frame alone: this one cannot")
        able = longer(self._in_one_go, longest) if longest else self._in_one_go
        return replace(able, adapter_files=adapter_hashes(self._adapters))

    @cached_property
    def _adapters(self) -> AdapterFiles:
        return adapters_for(self.settings.adapters, self.rows[0].pipeline, self.folder.configs)

    @cached_property
    def _in_one_go(self) -> Capabilities:
        settings = self.settings
        able = capabilities_of(self.rows, self.folder, most_frames=settings.most_frames, max_batch=settings.max_batch)
        own, guidance = self.rows[0], settings.guidance
        guidance = own.guidance if guidance is None else guidance
        return replace(
            able, adapters=frozenset(self._adapters), steps=max(own.least_steps, settings.steps or own.steps),
            guidance=guidance if own.guidance_argument else None,
        )  # fmt: skip

    def fingerprint(self) -> str:
        """Hash the weights and every setting that changes pixels, but the adapters: requests say what they wear."""
        settings = self.settings
        own = self.rows[0]
        guidance = own.guidance if settings.guidance is None else settings.guidance
        shortened = settings.most_frames or self.folder.card.most_frames  # the family's own is the rules' to tell
        return digest({
            "rules": _RULES, "weights": self.folder.fingerprint(), "dtype": settings.dtype,
            "steps": settings.steps or own.steps, "guidance": guidance, "long_prompts": settings.long_prompts,
            # By default it follows the card, and the machine does not enter a key.
            "placement": settings.placement, "adapters": {},  # empty, as it was for takes that have their keys by it
            "attention": settings.attention, "step_cache": settings.step_cache, "compile": settings.compile,
            **({"upsampler": self.upsampler.fingerprint()} if self.upsampler else {}),
            # A class whose checkpoint is better asked by another one.
            **({"asked_as": own.pipeline} if own.pipeline != self.folder.pipeline else {}),
            **({"last_guidance": own.last_guidance} if own.last_guidance and settings.guidance is None else {}),
            **({"reader": own.reader} if own.reader != "tokenizer" else {}),
            **({"output_type": own.output_type} if own.output_type != "pt" else {}),
            **({"heard": True} if own.guessed and own.sound else {}),
            **({"canvas": own.canvas} if own.canvas else {}), **({"even_steps": True} if own.even_steps else {}),
            **({"piece": self._in_one_go.frames.most} if settings.longest_frames and shortened else {}),
        })  # fmt: skip

    def price(self, request: TakeRequest) -> Spend:
        """Say what a request will cost by the slowest take of its rung yet, with a margin; before it, nobody knows."""
        pieces = len(pieces_of(request.frames, self._in_one_go))
        return self._pace.price(request.rung, _work(request, self._steps(self.rows[0], request)), pieces)

    def learn(self, takes: Iterable[Take]) -> None:
        """Learn from takes that this back end made on this device how long it needs; others are passed over."""
        for take in made_here(takes, backend=self.name, fingerprint=self.fingerprint, device=self.settings.device):
            request, steps = take.request, self._steps(self.rows[0], take.request)
            self._pace.learn(request.rung, _work(request, steps), take.spent.generation_seconds)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Make each request; those of one shape and settings together, with a generator for each."""
        batches: dict[str, list[Call]] = {}
        for call in calls:
            try:
                shape = self._shape(call.request)
            except ReelgraphError as error:
                yield Failed(call, error, spent=Spend())
                continue
            batches.setdefault(shape, []).append(call)
        for batch in batches.values():
            if batch[0].request.frames > self._in_one_go.frames.most:
                yield from (make_long(call, self._in_one_go, self._make_one, on_event) for call in batch)
                continue
            most = self.settings.max_batch if self._row(batch[0].request).batches else 1
            for start in range(0, len(batch), most):
                yield from self._make(batch[start : start + most], on_event)

    def _make_one(self, call: Call, on_event: OnEvent) -> Made | Failed:
        return next(self._make([call], on_event))

    def _shape(self, request: TakeRequest) -> str:
        """Check a request, and name what others must share to be made with it."""
        check_request(self.capabilities(), request)
        self._row(request)
        if request.precision not in ("", self.settings.dtype):
            raise InvalidRequest(
                f"precision {request.precision} cannot be had: this model is loaded as {self.settings.dtype}"
            )
        if len(request.caches) > 1 or not set(request.caches) <= STEP_CACHES.keys():
            raise InvalidRequest(
                f"caches {', '.join(request.caches)} cannot be used: name one of {', '.join(STEP_CACHES)}"
            )
        if request.references:
            return request.key  # pipelines take one picture for a whole batch
        alone = {"prompt", "negative_prompt", "seed", "variant", "panel"}
        # Beside one that says what is unwanted, another would go without what its class leaves out by itself.
        return digest([request.model_dump(mode="json", exclude=alone), bool(request.negative_prompt)])

    def _row(self, request: TakeRequest) -> Family:
        roles = frozenset(reference.role for reference in request.references)
        for row in self.rows:
            if row.takes(roles):
                return row
        offered = "; ".join(", ".join(sorted(row.accepts)) or "no references" for row in self.rows)
        asked = ", ".join(sorted(roles)) or "none"
        raise InvalidRequest(f"references as {asked} cannot be used together here: use {offered}")

    def _make(
        self,
        batch: list[Call],
        on_event: OnEvent,
        said: tuple[Substitution, ...] = (),
        lost: Mapping[str, Spend] = {},  # never written to
    ) -> Iterator[Made | Failed]:
        """Make one batch; what does not fit is made one by one, then, if allowed, with the next placement.

        What did not fit once, and anything larger, is not tried so again. The time that it took is what `lost` has, by
        attempt, and is part of what the take costs.
        """
        device = device_named(self.settings.device)
        placement = self._placement(device.name, batch[0].request)
        pixels = _work(batch[0].request, 1) * len(batch)
        while True:
            less = smaller(placement) if self.settings.retry_smaller else None
            full = batch if pixels >= self._outgrown.get((device.name, placement), pixels + 1) else []
            if not full or (len(batch) == 1 and less is None):
                results = self._run(batch, device, placement, on_event, said)
                # Which of several prompts it is that a model does not read whole shows where each is alone.
                whole = OutOfMemory if len(batch) == 1 else OutOfMemory | TooLong
                failed = {r.call.attempt: r for r in results if isinstance(r, Failed) and isinstance(r.error, whole)}
                if any(isinstance(r.error, OutOfMemory) for r in failed.values()):
                    least = self._outgrown.get((device.name, placement), pixels)
                    self._outgrown[device.name, placement] = min(pixels, least)
                again = failed if len(batch) > 1 or less is not None else {}
                for result in results:
                    if result.call.attempt not in again:
                        yield replace(result, spent=result.spent + lost.get(result.call.attempt, Spend()))
                took = {id: Spend(generation_seconds=r.spent.generation_seconds) for id, r in again.items()}
                lost = {id: spend + lost.get(id, Spend()) for id, spend in took.items()}
                full = [r.call for r in again.values()]
            if not full:
                return
            if len(batch) > 1:
                for call in full:
                    yield from self._make([call], on_event, said, lost)
                return
            assert less is not None
            said = (*said, Substitution(what="placement", asked=str(placement), made=str(less), why="out of memory"))
            placement = less

    def _placement(self, device: str, request: TakeRequest) -> Placement:
        preset = placement_for(self.settings.placement, device)
        return replace(
            preset,
            attention=self.settings.attention or preset.attention,
            step_cache=next((name for name in STEP_CACHES if name in request.caches), self.settings.step_cache),
            compiled=self.settings.compile or preset.compiled,
        )

    def _run(
        self, batch: list[Call], device: Device, placement: Placement, on_event: OnEvent, said: tuple[Substitution, ...]
    ) -> list[Made | Failed]:
        """Make one batch while holding the device, let go before results are read: a slow reader blocks nobody."""
        settings, folder = self.settings, self.folder
        request = batch[0].request
        row = self._row(request)
        asked = self._steps(row, request)
        dtype = dtype_of(settings.dtype, device.name)
        key = resident_key(folder, dtype, placement)
        results: list[Made | Failed] = []
        steps = None
        started = time.perf_counter()
        ready: list[Call] = []
        unsaid: dict[str, list[Substitution]] = {}
        try:
            check_placement(placement)
            conditions = read_conditions(batch[0], steps=asked, latent=row.temporal(folder.configs)).on(row.canvas)
            with device.using(
                key, placement, lambda: load_pipeline(folder, self.rows[0], dtype, device.name, placement)
            ) as loaded:
                pipe = loaded.pipe(row)
                for call in batch:
                    try:
                        unsaid[call.attempt] = left_out(pipe, row, folder.configs, call.request, settings.long_prompts)
                        unsaid[call.attempt] += more_steps(row, self._asked_steps(row, call.request))
                        ready.append(call)
                    except InvalidRequest as error:
                        results.append(Failed(call, error, spent=Spend()))
                if not ready:
                    return results
                steps = Steps([call.attempt for call in ready], asked, on_event, row.windows(request.frames))
                steps.begin()
                with loaded.running(pipe, dtype, placement.attention):  # what is warned of as they are loaded, too
                    worn = use_adapters(pipe, request.adapters, self._adapters, loaded)
                for call in ready:
                    unsaid[call.attempt] += worn
                reading = Reading([texts_of(row, call.request) for call in ready], settings.long_prompts)
                started = time.perf_counter()
                with (
                    loaded.running(pipe, dtype, placement.attention),
                    reading.watching(pipe),
                    steps.watching(pipe, row, reading.unsaid),
                    cheaper_steps(pipe, placement.attention, placement.step_cache),
                ):
                    conditions = from_draft(row, self.upsampler, conditions, loaded, pipe, seed_of(request))
                    arguments = arguments_of(
                        row, folder.configs, [call.request for call in ready], conditions, steps=asked,
                        guidance=settings.guidance if request.guidance is None else request.guidance,
                    )  # fmt: skip
                    arrived = outputs_of(row, folder.configs, request, pipe(**arguments, **steps.callback(row)))
                for call, changes in zip(ready, reading.unsaid(), strict=True):
                    said_before = {(change.what, change.why) for change in unsaid[call.attempt]}
                    unsaid[call.attempt] += [c for c in changes if (c.what, c.why) not in said_before]
            takes = arrived()  # while the device is another take's already
        except Exception as error:  # a pipeline may raise anything, and it is this shot's failure, not the film's
            if steps is not None and error is steps.stopped:
                raise
            failed = ready or batch
            spent = (
                Spend(calls=1, generation_seconds=(time.perf_counter() - started) / len(failed)) if steps else Spend()
            )
            what = f"{request.width}x{request.height}, {request.frames} frames"
            failure = failure_of(error, row.pipeline, what, device.name, placement)
            return results + [Failed(call, failure, spent=spent) for call in failed]
        spent = Spend(calls=1, generation_seconds=(time.perf_counter() - started) / len(ready))
        for call in ready:
            self._pace.learn(call.request.rung, _work(call.request, asked), spent.generation_seconds)
        notes = self._notes(row, device.name, str(dtype).removeprefix("torch."), len(ready), placement)
        if self.upsampler is not None and conditions.latents is not None:
            notes["upsampler"] = self.upsampler.fingerprint()
        for call, (frames, sound) in zip(ready, takes, strict=True):
            count, high, wide = frames.shape[:3]
            different = made_otherwise(call.request, "the pipeline rounded it", frames=count, width=wide, height=high)
            results.append(
                Made(
                    call=call, rate=call.request.rate, frames=frames, sound=sound, spent=spent, notes=notes,
                    substitutions=(*said, *conditions.substitutions, *unsaid[call.attempt], *different),
                )
            )  # fmt: skip
        return results

    def _steps(self, row: Family, request: TakeRequest) -> int:
        return max(row.least_steps, self._asked_steps(row, request))

    def _asked_steps(self, row: Family, request: TakeRequest) -> int:
        final = self.settings.steps or row.steps
        return request.steps or (draft_steps(final) if request.rung == "draft" else final)

    def _notes(self, row: Family, device: str, dtype: str, batch: int, placement: Placement) -> dict[str, str]:
        packages = {name: _installed(name) for name in ("torch", "diffusers", "transformers")}
        return {
            "model": self.settings.model, "weights": self.folder.fingerprint(), "pipeline": row.pipeline,
            "device": full_name(device), "dtype": dtype, "batch": str(batch),
            "placement": str(placement), **packages,
        }  # fmt: skip


def _work(request: TakeRequest, steps: int) -> int:
    return request.width * request.height * request.frames * steps
