"""Cosmos, which is not run without a checker of its makers, and what stands in for that."""

from typing import Any

import diffusers
import transformers

from tiny.parts import qwen, t5, tokenizer
from tiny.wan import wan_vae


class Guardrail:
    """Stands in for the checker that Cosmos is not run without: refuses `a weapon`, and blackens nothing."""

    asked: list[str] = []

    def to(self, device: Any) -> None:
        """Live nowhere."""

    def check_text_safety(self, text: str) -> bool:
        """Whether a prompt may be used."""
        self.asked.append(text)
        return "weapon" not in text

    def check_video_safety(self, video: Any) -> Any:
        """Return a clip as it may be shown, `(frames, height, width, 3) uint8`."""
        return video


def cosmos(kind: str = "CosmosTextToWorldPipeline") -> Any:
    second = kind.startswith("Cosmos2")
    channels = 16 if second else 4
    transformer = diffusers.CosmosTransformer3DModel(
        in_channels=channels + (kind != "CosmosTextToWorldPipeline"), out_channels=channels, num_attention_heads=2,
        attention_head_dim=16, num_layers=2, mlp_ratio=2, text_embed_dim=16, adaln_lora_dim=4, max_size=(4, 32, 32),
        patch_size=(1, 2, 2), rope_scale=(2.0, 1.0, 1.0), concat_padding_mask=True,
        extra_pos_embed_type=None if second else "learnable",
    )  # fmt: skip
    vae = wan_vae() if second else diffusers.AutoencoderKLCosmos(
        latent_channels=4, encoder_block_out_channels=(8, 8, 8, 8), decode_block_out_channels=(8, 8, 8, 8),
        attention_resolutions=(8,), resolution=64, num_layers=1, latents_mean=None, latents_std=None,
    ).eval()  # fmt: skip
    scheduler = (
        diffusers.FlowMatchEulerDiscreteScheduler(use_karras_sigmas=True)
        if second
        else diffusers.EDMEulerScheduler(final_sigmas_type="sigma_min")
    )
    return getattr(diffusers, kind)(
        text_encoder=t5(), tokenizer=tokenizer(), transformer=transformer.eval(), vae=vae, scheduler=scheduler,
        safety_checker=Guardrail(),
    )  # fmt: skip


def cosmos25() -> Any:
    transformer = diffusers.CosmosTransformer3DModel(
        in_channels=17, out_channels=16, num_attention_heads=2, attention_head_dim=16, num_layers=2, mlp_ratio=2,
        text_embed_dim=48, adaln_lora_dim=4, max_size=(4, 32, 32), patch_size=(1, 2, 2), rope_scale=(2.0, 1.0, 1.0),
        concat_padding_mask=True, extra_pos_embed_type=None,
    )  # fmt: skip
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = transformers.Qwen2_5_VLConfig(text_config=qwen(), vision_config=vision)
    words = tokenizer()
    words.chat_template = "{% for said in messages %}{{ said['content'][0]['text'] }}{% endfor %}"
    return diffusers.Cosmos2_5_PredictBasePipeline(
        text_encoder=transformers.Qwen2_5_VLForConditionalGeneration(config).eval(), tokenizer=words,
        transformer=transformer.eval(), vae=wan_vae(), safety_checker=Guardrail(),
        scheduler=diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True),
    )  # fmt: skip
