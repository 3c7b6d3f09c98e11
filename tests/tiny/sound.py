"""What makes sound alone: Stable Audio and ACE-Step, at 800 samples a second."""

from typing import Any

import diffusers
import transformers

from tiny.parts import t5, tokenizer


def oobleck() -> Any:
    """Sixteen samples to a latent, at 800 samples a second."""
    return diffusers.AutoencoderOobleck(
        encoder_hidden_size=4, downsampling_ratios=[2, 8], decoder_channels=4, decoder_input_channels=4,
        audio_channels=2, channel_multiples=[1, 2], sampling_rate=800,
    ).eval()  # fmt: skip


def stable_audio() -> Any:
    """Four seconds at most."""
    transformer = diffusers.StableAudioDiTModel(
        sample_size=200, in_channels=4, num_layers=1, attention_head_dim=8, num_attention_heads=2,
        num_key_value_attention_heads=2, out_channels=4, cross_attention_dim=16, time_proj_dim=16,
        global_states_input_dim=32, cross_attention_input_dim=16,
    )  # fmt: skip
    projection = diffusers.StableAudioProjectionModel(
        text_encoder_dim=16, conditioning_dim=16, min_value=0, max_value=512
    )
    return diffusers.StableAudioPipeline(
        vae=oobleck(), transformer=transformer.eval(), text_encoder=t5(), projection_model=projection.eval(),
        tokenizer=tokenizer(), scheduler=diffusers.EDMDPMSolverMultistepScheduler(),
    )  # fmt: skip


def ace_step() -> Any:
    from diffusers.pipelines.ace_step import AceStepConditionEncoder

    size: dict[str, Any] = {
        "hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
    }  # fmt: skip
    transformer = diffusers.AceStepTransformer1DModel(
        **size, num_hidden_layers=2, in_channels=12, audio_acoustic_hidden_dim=4
    )
    conditions = AceStepConditionEncoder(
        **size, text_hidden_dim=16, timbre_hidden_dim=4, num_lyric_encoder_hidden_layers=1,
        num_timbre_encoder_hidden_layers=1,
    )  # fmt: skip
    config = transformers.Qwen3Config(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8,
    )  # fmt: skip
    return diffusers.AceStepPipeline(
        vae=oobleck(), text_encoder=transformers.Qwen3Model(config).eval(), tokenizer=tokenizer(512),
        transformer=transformer.eval(), condition_encoder=conditions.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    )  # fmt: skip
