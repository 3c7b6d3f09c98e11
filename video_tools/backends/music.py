"""Make a film's music with a diffusers pipeline on this machine's own device: takes that are sound alone."""

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.backends.base import (
    NO_PICTURE,
    Call,
    Capabilities,
    Failed,
    Made,
    OnEvent,
    SizeRule,
    Sound,
    check_request,
)
from reelgraph.video_tools.backends.device import (
    device_named,
    dtype_of,
    full_name,
    load_pipeline,
    require_packages,
    resident_key,
)
from reelgraph.video_tools.backends.made_here import made_here
from reelgraph.video_tools.backends.model_folder import ModelFolder
from reelgraph.video_tools.backends.pace import Pace
from reelgraph.video_tools.backends.pipeline_call import seed_of
from reelgraph.video_tools.backends.placement import placement_for
from reelgraph.video_tools.backends.prompts import unread
from reelgraph.video_tools.backends.settings import ModelSettings
from reelgraph.video_tools.backends.sound_families import SOUND_FAMILIES, SoundFamily
from reelgraph.video_tools.backends.steps import Steps, failure_of
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
from reelgraph.video_tools.film import Spend, Substitution, Take, TakeRequest, digest
from reelgraph.video_tools.timebase import samples_of

if TYPE_CHECKING:
    import torch

# Part of every fingerprint: raised when requests are turned into arguments in a way that changes the sound.
_RULES = 1


class Music:
    """A diffusers model for sound on this machine.

    Args:
        settings: See `ModelSettings`.

    Raises:
        InvalidRequest: A setting is unknown or out of range.
    """

    name = "music"

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings = ModelSettings.read(self.name, settings)
        self._pace = Pace()

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
    def row(self) -> SoundFamily:
        """How the model's class is asked.

        Raises:
            InvalidRequest: The class is not in the table, or takes no guidance scale.
        """
        row = SOUND_FAMILIES.get(self.folder.pipeline)
        if row is None:
            raise InvalidRequest(
                f"{self.folder.pipeline} has no row in sound_families.py: use a model of "
                f"{' or '.join(sorted(SOUND_FAMILIES))}, or import a recorded file"
            )
        row = row.adapt(row, self.folder.configs)
        if self.settings.guidance is not None and not row.guided:
            raise InvalidRequest("this model has its guidance within it: leave guidance out of backends.music")
        return row

    def capabilities(self) -> Capabilities:
        """Declare what can be made, from the model's configs alone."""
        row = self.row
        return Capabilities(
            modes=frozenset({"music"}), sizes=SizeRule(only=(NO_PICTURE,)), native_size=NO_PICTURE, sound=True,
            most_seconds=row.most_seconds(self.folder.configs), prompt_tokens=row.prompt_tokens,
            negative_prompt=row.negative_prompt,
        )  # fmt: skip

    def fingerprint(self) -> str:
        """Hash the weights and every setting that changes the sound."""
        settings = self.settings
        return digest({
            "rules": _RULES, "weights": self.folder.fingerprint(), "dtype": settings.dtype, "steps": self._steps(None),
            "guidance": self._guidance(None), "long_prompts": settings.long_prompts, "placement": settings.placement,
        })  # fmt: skip

    def price(self, request: TakeRequest) -> Spend:
        """Say what a request will cost by the slowest take yet, with a margin; before the first, nobody knows."""
        return self._pace.price("music", self._work(request))

    def learn(self, takes: Iterable[Take]) -> None:
        """Learn from takes that this back end made on this device how long it needs; others are passed over."""
        for take in made_here(takes, backend=self.name, fingerprint=self.fingerprint, device=self.settings.device):
            self._pace.learn("music", self._work(take.request), take.spent.generation_seconds)

    def _work(self, request: TakeRequest) -> float:
        return float(request.frames / request.rate) * self._steps(request)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Make each request, one after another."""
        for call in calls:
            yield self._make(call, on_event)

    def _make(self, call: Call, on_event: OnEvent) -> Made | Failed:
        request, row, folder = call.request, self.row, self.folder
        seconds, total = float(request.frames / request.rate), self._steps(request)
        device = device_named(self.settings.device)
        placement = placement_for(self.settings.placement, device.name)
        dtype = dtype_of(self.settings.dtype, device.name)
        steps = None
        started = time.perf_counter()
        try:
            check_request(self.capabilities(), request)
            if request.caches or request.precision:
                raise InvalidRequest("music cannot be asked for with caches or a precision: leave them out")
            with device.using(
                resident_key(folder, dtype, placement),
                placement,
                lambda: load_pipeline(folder, row, dtype, device.name, placement),
            ) as loaded:
                pipe = loaded.pipe(row)
                arguments, said = self._arguments(pipe, request, seconds, total)
                steps = Steps([call.attempt], total, on_event)
                started = time.perf_counter()
                with loaded.running(pipe, dtype), steps.watching(pipe, row):
                    audio = pipe(**arguments, **steps.callback(row)).audios[0]
                rate = row.rate(folder.configs)
                sound = Sound(_samples(audio)[: samples_of(request.frames, request.rate, rate)], rate)
        except Exception as error:  # a pipeline may raise anything, and it is this take's failure, not the film's
            if steps is not None and error is steps.stopped:
                raise
            spent = Spend(calls=1, generation_seconds=time.perf_counter() - started) if steps else Spend()
            what = f"{seconds:g} s of music"
            return Failed(call, failure_of(error, row.pipeline, what, device.name, placement), spent=spent)
        spent = Spend(calls=1, generation_seconds=time.perf_counter() - started)
        self._pace.learn("music", self._work(request), spent.generation_seconds)
        notes = {
            "model": self.settings.model, "weights": folder.fingerprint(), "pipeline": row.pipeline,
            "device": full_name(device.name), "dtype": str(dtype).removeprefix("torch."), "placement": str(placement),
            **{name: version(name) for name in ("torch", "diffusers", "transformers")},
        }  # fmt: skip
        return Made(call=call, rate=request.rate, sound=sound, substitutions=tuple(said), spent=spent, notes=notes)

    def _arguments(
        self, pipe: Any, request: TakeRequest, seconds: float, steps: int
    ) -> tuple[dict[str, Any], list[Substitution]]:
        """Write a request as the pipeline's arguments, and say what of it the model does not read."""
        import torch

        row, said = self.row, []
        limit = min(row.prompt_tokens, pipe.tokenizer.model_max_length)
        if row.wraps:
            limit -= len(pipe.tokenizer(pipe._format_prompt("", audio_duration=seconds)[0]).input_ids)
        texts = {"prompt": request.prompt}
        if request.negative_prompt and row.negative_prompt:
            texts["negative_prompt"] = request.negative_prompt
        for what, text in texts.items():
            if (change := unread(pipe.tokenizer, what, text, limit, self.settings.long_prompts)) is not None:
                texts[what] = change.made
                said.append(change)
        arguments: dict[str, Any] = {
            **texts, row.seconds_argument: seconds, "num_inference_steps": steps,
            "guidance_scale": self._guidance(request), "output_type": "pt",
            # Drawn on the CPU, so that a seed means the same noise on every device.
            "generator": torch.Generator("cpu").manual_seed(seed_of(request)), **row.extras,
        }  # fmt: skip
        return arguments, said

    def _steps(self, request: TakeRequest | None) -> int:
        return (request and request.steps) or self.settings.steps or self.row.steps

    def _guidance(self, request: TakeRequest | None) -> float:
        asked = (request.guidance if request else None, self.settings.guidance)
        return next((guidance for guidance in asked if guidance is not None), self.row.guidance)


def _samples(audio: "torch.Tensor") -> Any:
    """Turn a tensor `(channels, samples)` into `(samples, channels) float32`, -1 to 1.

    Raises:
        PermanentFailure: The model made numbers that are no sound.
    """
    import torch

    if not torch.isfinite(audio).all():
        raise PermanentFailure("the model made NaN in place of sound: set dtype to float32 (or bfloat16) for it")
    return audio.float().clamp_(-1, 1).cpu().numpy().T.copy()
