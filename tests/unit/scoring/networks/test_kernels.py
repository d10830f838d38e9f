"""The Triton kernels against torch, by Triton's interpreter where there is no GPU. Skipped without triton."""

import os

import pytest
import torch
from torch.nn import functional

os.environ.setdefault("TRITON_INTERPRET", "0" if torch.cuda.is_available() else "1")  # read when triton is imported
pytest.importorskip("triton")
from zsr_tui.scoring.networks import kernels
from zsr_tui.scoring.networks.biased import Distances

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
WIDTHS = [384, 768, 100]
ACTIVATIONS = {
    "relu": torch.relu,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "gelu_tanh": lambda states: functional.gelu(states, approximate="tanh"),
}


def made(*shape):
    torch.manual_seed(sum(shape))
    return torch.randn(shape, device=DEVICE)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("mean_square", [False, True], ids=["layer norm", "mean square"])
@pytest.mark.parametrize("whole", [False, True], ids=["alone", "with all that is added"])
def test_norms(width, mean_square, whole):
    product, weight = made(33, width), made(width)
    product_bias, before, bias = (made(width), made(33, width), made(width)) if whole else (None, None, None)
    total = product if product_bias is None or before is None else product + product_bias + before
    if mean_square:
        bias, expected = None, functional.rms_norm(total, (width,), weight, 1e-5)
    else:
        expected = functional.layer_norm(total, (width,), weight, bias, 1e-5)
    for keeps_total in (False, True):
        kept, normed = kernels.norm(
            product, product_bias, before, weight, bias, 1e-5, torch.float32,
            mean_square=mean_square, keeps_total=keeps_total,
        )  # fmt: skip
        assert torch.allclose(normed, expected, atol=1e-5)
        assert torch.allclose(kept, total if keeps_total else expected, atol=1e-5)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(width, name):
    product, bias = made(33, width), made(width)
    expected = ACTIVATIONS[name](product + bias)
    found = kernels.activation(product, bias, name, torch.float32, is_gated=False)
    assert torch.allclose(found, expected, atol=1e-5)
    first, second = product.chunk(2, dim=-1)
    found = kernels.activation(product, None, name, torch.float32, is_gated=True)
    assert torch.allclose(found, ACTIVATIONS[name](first) * second, atol=1e-5)


@pytest.mark.parametrize(("heads", "key_heads", "width"), [(4, 4, 16), (8, 2, 24)])
@pytest.mark.parametrize("whole", [False, True], ids=["alone", "with bias and norms"])
def test_turns(heads, key_heads, width, whole):
    projected = made(9, (heads + 2 * key_heads) * width)
    cosine, sine = made(9, width // 2), made(9, width // 2) + 1
    bias, norms = (made(projected.shape[1]), (made(width), 1 - made(width))) if whole else (None, (None, None))
    query, key = kernels.turn(projected, cosine, sine, heads, key_heads, bias, *norms, 1e-5)
    projected = projected if bias is None else projected + bias

    def turned(states, norm):
        states = states if norm is None else functional.rms_norm(states, (width,), norm, 1e-5)
        first, second = states.chunk(2, dim=-1)
        across, up = cosine[:, None], sine[:, None]
        return torch.cat([first * across - second * up, second * across + first * up], dim=-1)

    split = heads * width, (heads + key_heads) * width
    assert torch.allclose(query, turned(projected[:, : split[0]].view(9, heads, width), norms[0]), atol=1e-5)
    expected = turned(projected[:, split[0] : split[1]].view(9, key_heads, width), norms[1])
    assert torch.allclose(key, expected, atol=1e-5)


@pytest.mark.parametrize("width", [16, 32, 64])
@pytest.mark.parametrize("reach", [0, 16, 128], ids=["alone", "near bias", "far bias"])
def test_attention(width, reach):
    lengths, heads = [1, 70, 128, 5, 200], 3
    offsets = torch.tensor([0, *lengths, 0], device=DEVICE).cumsum(0).int()
    states = made(sum(lengths) + 13, 3, heads, width).half()
    distances = Distances(made(heads, 2 * reach + 1), torch.half) if reach else None
    found = kernels.attention(
        *states.unbind(1), offsets[:, None], distances.squares if distances else None, 0.3, sizes=(200,)
    )
    for start, length in zip(offsets.tolist(), lengths, strict=False):
        query, key, value = (each[start : start + length].float().transpose(0, 1) for each in states.unbind(1))
        places = torch.arange(length, device=DEVICE)
        bias = distances.between(places, places) if distances else 0.0
        expected = (query @ key.transpose(1, 2) * 0.3 + bias).softmax(-1) @ value
        assert torch.allclose(found[start : start + length].float(), expected.transpose(0, 1), atol=5e-3)
