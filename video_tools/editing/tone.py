"""High dynamic range brought to BT.709: what is as bright as paper stays so, what is brighter is pressed together."""

import av
import numpy as np

# Transfer functions by ffmpeg's numbers. Source: ITU-T H.273, table 3.
PQ, HLG = 16, 18

# Diffuse white in HDR. Source: ITU-R BT.2408-7, 2.1.
_WHITE = 203.0
# Up to this share of white nothing changes; above it, highlights approach 1 and never reach it.
_KNEE = 0.75

# Linear BT.2020 to BT.709. Source: ITU-R BT.2087-0, annex 2.
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)


def is_hdr(frame: av.VideoFrame) -> str:
    """Name the high-dynamic-range form of a frame: `PQ`, `HLG`, or nothing."""
    return {PQ: "PQ", HLG: "HLG"}.get(int(frame.color_trc), "")


def tone_mapped(frame: av.VideoFrame) -> av.VideoFrame:
    """Return an HDR frame as `rgb24` with the BT.709 curve."""
    coded = frame.reformat(format="rgb48le", src_colorspace=9).to_ndarray().astype(np.uint16, copy=False)
    linear = _linear_table(int(frame.color_trc))[coded >> 4]
    if int(frame.color_trc) == HLG:
        # The system gamma for a display of 1000 nits. Source: ITU-R BT.2100-3, table 5.
        luma = linear @ np.array([0.2627, 0.6780, 0.0593], np.float32)
        linear = linear * np.maximum(luma, 1e-6)[..., None] ** 0.2 * 1000
    light = np.maximum((linear / _WHITE) @ _TO_709.T, 0)
    most = light.max(-1, keepdims=True)
    over = np.maximum(most - _KNEE, 0) / (1 - _KNEE)
    pressed = np.where(most > _KNEE, _KNEE + (1 - _KNEE) * over / (1 + over), most)
    light = light * (pressed / np.maximum(most, 1e-6))  # all three alike, so that hues stay
    curved = np.where(light < 0.018, 4.5 * light, 1.099 * np.maximum(light, 1e-9) ** 0.45 - 0.099)
    return av.VideoFrame.from_ndarray(np.rint(np.clip(curved, 0, 1) * 255).astype(np.uint8), format="rgb24")


def _linear_table(transfer: int) -> np.ndarray:
    """Return linear light by 12-bit code: nits for PQ, scene light 0 to 1 for HLG."""
    code = np.arange(4096, dtype=np.float64) / 4095
    if transfer == PQ:
        # Source: ITU-R BT.2100-3, table 4 (SMPTE ST 2084).
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = code ** (1 / m2)
        return np.asarray(10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1), np.float32)
    # Source: ITU-R BT.2100-3, table 5.
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.asarray(np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12), np.float32)
