"""Make takes with a diffusers pipeline on this machine's own device."""

import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reelgraph.video_tools.backends.base import (
    Call,
    Capabilities,
    Failed,
    Made,
    OnEvent,
    check_request,
)
from reelgraph.video_tools.backends.conditions import read_conditions
from reelgraph.video_tools.backends.device import device_named, dtype_of, full_name, load_pipeline
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.family import Family, capabilities_of, of_card
from reelgraph.video_tools.backends.model_folder import ModelFolder, find_model
from reelgraph.video_tools.backends.pipeline_call import arguments_of, differences, left_out, outputs_of
from reelgraph.video_tools.backends.steps import Steps, failure_of
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError
from reelgraph.video_tools.film import Spend, Substitution, TakeRequest, digest, first_fault

# Part of every fingerprint: raised when requests are turned into arguments in a way that changes pixels.
_RULES = 1

# A draft's share of the final's denoising steps.
_DRAFT = 0.4


class LocalSettings(BaseModel):
    """What `[backends.local]` may say.

    Attributes:
        model: A folder, the name of a model that ships with reelgraph, or a hub id.
        revision: The hub revision, as a commit's 40 digits.
        device: As torch names it, or `auto`.
        dtype: Precision of the weights; `auto` is bfloat16 on cards that are fast at it, else float32.
        steps: Denoising steps of a final take, in place of the family's.
        guidance: Guidance scale, in place of the family's.
        most_frames: The longest take, in place of the family's.
        max_batch: Takes of one shape that are made together.
        long_prompts: Whether a prompt longer than the model reads is refused, or cut and recorded as a substitution.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = ""
    revision: str = ""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    steps: int | None = Field(default=None, gt=0)
    guidance: float | None = Field(default=None, ge=0)
    most_frames: int | None = Field(default=None, gt=0)
    max_batch: int = Field(default=1, ge=1, le=64)
    long_prompts: Literal["refuse", "cut"] = "refuse"


class Local:
    """A diffusers model on this machine.

    Args:
        settings: See `LocalSettings`.

    Raises:
        InvalidRequest: A setting is unknown or out of range.
    """

    name = "local"

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        try:
            self.settings = LocalSettings.model_validate(settings or {})
        except ValidationError as error:
            raise InvalidRequest(f"backends.local: {first_fault(error)}") from error
        self._folder: ModelFolder | None = None

    @property
    def folder(self) -> ModelFolder:
        """The model's folder, found and checked on first use."""
        if self._folder is None:
            self._folder = ModelFolder.open(find_model(self.settings.model, self.settings.revision))
        return self._folder

    @property
    def rows(self) -> list[Family]:
        """The model's own class, then the classes that are made of the same components.

        Raises:
            InvalidRequest: The model's class is not in the table.
        """
        own = FAMILIES.get(self.folder.pipeline)
        if own is None:
            raise InvalidRequest(
                f"{self.folder.pipeline} has no row in families.py: choose a model of {', '.join(sorted(FAMILIES))}"
            )
        configs = self.folder.configs
        rows = [own, *(row for row in map(FAMILIES.__getitem__, own.also) if row.usable(configs))]
        return [of_card(row.adapt(row, configs), self.folder.card) for row in rows]

    def capabilities(self) -> Capabilities:
        """Declare what the model can make, from its configs alone."""
        settings = self.settings
        return capabilities_of(self.rows, self.folder, most_frames=settings.most_frames, max_batch=settings.max_batch)

    def fingerprint(self) -> str:
        """Hash the weights and every setting that changes pixels."""
        settings = self.settings
        own = self.rows[0]
        guidance = own.guidance if settings.guidance is None else settings.guidance
        return digest({
            "rules": _RULES, "weights": self.folder.fingerprint(), "dtype": settings.dtype,
            "steps": settings.steps or own.steps, "guidance": guidance, "long_prompts": settings.long_prompts,
        })  # fmt: skip

    def price(self, request: TakeRequest) -> Spend:
        """Say what a request will cost."""
        return Spend(calls=1)

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
            most = self.settings.max_batch if self._row(batch[0].request).batches else 1
            for start in range(0, len(batch), most):
                yield from self._make(batch[start : start + most], on_event)

    def _shape(self, request: TakeRequest) -> str:
        """Check a request, and name what others must share to be made with it."""
        check_request(self.capabilities(), request)
        self._row(request)
        if request.precision not in ("", self.settings.dtype):
            raise InvalidRequest(
                f"precision {request.precision} cannot be had: this model is loaded as {self.settings.dtype}"
            )
        if request.caches or request.adapters:
            raise InvalidRequest("adapters and step caches cannot be used here")
        if request.references:
            return request.key  # pipelines take one picture for a whole batch
        alone = {"prompt", "negative_prompt", "seed", "variant", "panel"}
        return digest(request.model_dump(mode="json", exclude=alone))

    def _row(self, request: TakeRequest) -> Family:
        roles = frozenset(reference.role for reference in request.references)
        for row in self.rows:
            if row.takes(roles):
                return row
        offered = "; ".join(", ".join(sorted(row.accepts)) or "no references" for row in self.rows)
        asked = ", ".join(sorted(roles)) or "none"
        raise InvalidRequest(f"references as {asked} cannot be used together here: use {offered}")

    def _make(self, batch: list[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        try:
            made = self._run(batch, on_event)
        except ReelgraphError as error:
            if isinstance(error, PermanentFailure | InvalidRequest):
                made = [Failed(call, error, spent=Spend()) for call in batch]
            else:
                raise
        yield from made

    def _run(self, batch: list[Call], on_event: OnEvent) -> list[Made | Failed]:
        """Make one batch while holding the device, let go before results are read: a slow reader blocks nobody."""
        settings, folder = self.settings, self.folder
        row = self._row(batch[0].request)
        latent, asked = row.temporal(folder.configs), self._steps(row, batch[0].request)
        conditions = read_conditions(batch[0], steps=asked, latent=latent)
        device = device_named(settings.device)
        dtype = dtype_of(settings.dtype, device.name)
        key = digest([str(folder.path), folder.fingerprint(), str(dtype)])
        results: list[Made | Failed] = []
        with device.using(key, lambda: load_pipeline(folder, self.rows[0], dtype, device.name)) as loaded:
            pipe = loaded.pipe(row)
            ready: list[tuple[Call, list[Substitution]]] = []
            for call in batch:
                try:
                    unsaid = left_out(pipe.tokenizer, row, folder.configs, call.request, settings.long_prompts)
                    ready.append((call, [*conditions.substitutions, *unsaid]))
                except InvalidRequest as error:
                    results.append(Failed(call, error, spent=Spend()))
            if not ready:
                return results
            windows = row.windows(batch[0].request.frames)
            steps = Steps([call.attempt for call, _ in ready], asked, on_event, windows)
            started = time.perf_counter()
            try:
                requests = [call.request for call, _ in ready]
                guidance = self._guidance(row, requests[0])
                arguments = arguments_of(row, folder.configs, requests, conditions, steps=asked, guidance=guidance)
                with steps.watching(pipe, row):
                    takes = outputs_of(row, folder.configs, pipe(**arguments, **steps.callback(row)))
            except Exception as error:  # a pipeline may raise anything, and it is this shot's failure, not the film's
                pipe.maybe_free_model_hooks()
                if error is steps.stopped:
                    raise
                spent = Spend(calls=1, generation_seconds=(time.perf_counter() - started) / len(ready))
                failure = failure_of(error, row, ready[0][0].request, device.name)
                return results + [Failed(call, failure, spent=spent) for call, _ in ready]
            spent = Spend(calls=1, generation_seconds=(time.perf_counter() - started) / len(ready))
        notes = self._notes(row, device.name, str(dtype).removeprefix("torch."), len(ready))
        for (call, substitutions), (frames, sound) in zip(ready, takes, strict=True):
            results.append(
                Made(
                    call=call,
                    rate=call.request.rate,
                    frames=frames,
                    sound=sound,
                    spent=spent,
                    notes=notes,
                    substitutions=(*substitutions, *differences(call.request, frames)),
                )
            )
        return results

    def _steps(self, row: Family, request: TakeRequest) -> int:
        final = self.settings.steps or row.steps
        return request.steps or (max(1, round(final * _DRAFT)) if request.rung == "draft" else final)

    def _guidance(self, row: Family, request: TakeRequest) -> float:
        if request.guidance is not None:
            return request.guidance
        return row.guidance if self.settings.guidance is None else self.settings.guidance

    def _notes(self, row: Family, device: str, dtype: str, batch: int) -> dict[str, str]:
        packages = {name: version(name) for name in ("torch", "diffusers", "transformers")}
        return {
            "model": self.settings.model, "weights": self.folder.fingerprint(), "pipeline": row.pipeline,
            "device": full_name(device), "dtype": dtype, "batch": str(batch), **packages,
        }  # fmt: skip
