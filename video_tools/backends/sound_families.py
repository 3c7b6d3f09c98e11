"""What each diffusers pipeline class for sound needs, one row a class; nothing else branches on a class's name.

A row's defaults are those that the model's authors publish with it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reelgraph.video_tools.backends.family import Configs


def _as_it_is(row: "SoundFamily", configs: Configs) -> "SoundFamily":
    return row


@dataclass(frozen=True)
class SoundFamily:
    """How one pipeline class is asked for sound.

    Attributes:
        pipeline: The class's name in diffusers, which is `_class_name` in a model's `model_index.json`.
        seconds_argument: The name of the argument that says how long it shall last.
        most_seconds: Finds the longest sound that it was trained to make.
        rate: Finds how many samples a second it makes.
        steps: Denoising steps.
        guidance: Guidance scale.
        guided: Whether another guidance scale changes anything.
        prompt_tokens: The longest prompt that it reads; the class's own default.
        negative_prompt: Whether it reads one.
        wraps: Whether the class puts the prompt among words of its own, which count as well.
        callback: Whether it tells of each step by `callback_on_step_end`.
        exact: Components kept in float32 whatever the precision.
        extras: Further arguments.
        adapt: Changes the row to suit a checkpoint.
    """

    pipeline: str
    seconds_argument: str
    most_seconds: Callable[[Configs], float]
    rate: Callable[[Configs], int]
    steps: int
    guidance: float
    prompt_tokens: int
    guided: bool = True
    negative_prompt: bool = False
    wraps: bool = False
    callback: bool = True
    exact: tuple[str, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    adapt: Callable[["SoundFamily", Configs], "SoundFamily"] = _as_it_is


def _rate(configs: Configs) -> int:
    return int(configs["vae"].get("sampling_rate", 44100))


def _hop(configs: Configs) -> int:
    return math.prod(configs["vae"].get("downsampling_ratios", (2, 4, 4, 8, 8)))


def _whole_canvas(configs: Configs) -> float:
    """Stable Audio denoises one length always, and cuts what was asked for out of it."""
    return int(configs["transformer"].get("sample_size", 1024)) * _hop(configs) / _rate(configs)


def _ten_minutes(configs: Configs) -> float:
    # Source: the model card of ACE-Step 1.5, trained on songs of up to ten minutes.
    return 600.0


def _turbo(row: SoundFamily, configs: Configs) -> SoundFamily:
    """Turbo checkpoints have their guidance within, and need few steps. Source: the model card of ACE-Step 1.5."""
    config = configs["transformer"]
    turbo = config.get("is_turbo") or config.get("model_version") == "turbo"
    return replace(row, steps=8, guidance=1.0, guided=False) if turbo else row


_ROWS = [
    SoundFamily(
        "StableAudioPipeline", seconds_argument="audio_end_in_s", most_seconds=_whole_canvas, rate=_rate, steps=100,
        guidance=7.0, prompt_tokens=128, negative_prompt=True, callback=False,
    ),
    SoundFamily(
        # Its word for music in which nobody sings. Source: the model card of ACE-Step 1.5.
        "AceStepPipeline", seconds_argument="audio_duration", most_seconds=_ten_minutes, rate=_rate, steps=50,
        guidance=7.0, prompt_tokens=256, wraps=True, extras={"lyrics": "[Instrumental]"}, adapt=_turbo,
    ),
]  # fmt: skip
SOUND_FAMILIES: dict[str, SoundFamily] = {row.pipeline: row for row in _ROWS}
