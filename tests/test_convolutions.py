"""One small clip on a processor is convolved by the kernel that a batch gets, with the same result."""

from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")

from torch.profiler import ProfilerActivity, profile  # noqa: E402  # behind the skip

from reelgraph.video_tools.backends.convolutions import convolve_as_in_a_batch  # noqa: E402

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this PyTorch is without oneDNN")


def _kernels(layer: "torch.nn.Module", clip: "torch.Tensor") -> set[str]:
    with profile(activities=[ProfilerActivity.CPU]) as seen, torch.no_grad():
        layer(clip)
    return {event.key for event in seen.key_averages()} & {"aten::mkldnn_convolution", "aten::slow_conv3d_forward"}


def _layer(**settings: object) -> "torch.nn.Conv3d":
    torch.manual_seed(1)
    return torch.nn.Conv3d(4, 6, 3, **settings)


def test_one_small_clip_gets_the_kernel_of_two_and_the_same_result() -> None:
    layer, clip = _layer(padding=(0, 1, 1), stride=(1, 2, 1)), torch.randn(1, 4, 5, 8, 16)
    assert _kernels(layer, clip) == {"aten::slow_conv3d_forward"}
    assert _kernels(layer, clip.repeat(2, 1, 1, 1, 1)) == {"aten::mkldnn_convolution"}
    with torch.no_grad():
        before = layer(clip)
        convolve_as_in_a_batch(SimpleNamespace(components={"vae": torch.nn.Sequential(layer), "scheduler": None}))
        assert _kernels(layer, clip) == {"aten::mkldnn_convolution"}
        assert torch.allclose(layer(clip), before, atol=1e-6)


@pytest.mark.parametrize("settings", [{"padding": "same"}, {"padding": 1, "padding_mode": "replicate"}])
def test_layers_that_pad_in_their_own_way_are_left_alone(settings: dict[str, object]) -> None:
    layer = _layer(**settings)
    convolve_as_in_a_batch(SimpleNamespace(components={"vae": layer}))
    assert "_conv_forward" not in vars(layer)


def test_other_number_types_keep_their_own_kernel() -> None:
    layer, clip = _layer().double(), torch.randn(1, 4, 5, 8, 16, dtype=torch.float64)
    convolve_as_in_a_batch(SimpleNamespace(components={"vae": layer}))
    assert _kernels(layer, clip) == {"aten::slow_conv3d_forward"}
