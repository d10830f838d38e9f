"""bf16 as a processor computes it that has products in bf16, and on several of its cores at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.nn import functional

from zsr_tui.scoring.networks import choose, processor, products, rows
from zsr_tui.scoring.networks.products import Activation, OneDnnProduct, Product
from zsr_tui.scoring.scorer import Tokens

from .tiny_networks import LENGTHS, inputs, made, packed

needs_bf16 = pytest.mark.skipif(
    not processor.multiplies(torch.bfloat16),
    reason="this processor has no products in bf16, so that none are laid out for it",
)


@pytest.mark.parametrize("has_tiles", [True, False], ids=["in tiles", "as two products"])
def test_attention_in_bf16_is_what_fp32_gives(has_tiles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "has_tiles", lambda: has_tiles)
    torch.manual_seed(1)
    lengths = (*LENGTHS, 64, 65, 80, 95, 200, 530)
    batch = packed(inputs(lengths=lengths))
    query, key, value = torch.randn(3, batch.tokens, 4, 16).bfloat16()
    with torch.inference_mode():
        found = processor.attend(query, key, value - 3, batch, 0.25).float()
    start = 0
    for length in lengths:
        parts = (each[start : start + length].float().transpose(0, 1) for each in (query, key, value - 3))
        expected = functional.scaled_dot_product_attention(*parts, None, 0.0, False, scale=0.25)
        assert torch.allclose(found[start : start + length], expected.transpose(0, 1), atol=0.03), length
        start += length


@needs_bf16
@pytest.mark.parametrize("activation", ["gelu", "gelu_tanh", "relu"])
def test_products_in_the_layout_of_onednn_are_closer_to_fp32_than_bf16_is(activation: Activation) -> None:
    torch.manual_seed(1)
    weight, bias, states = torch.randn(48, 32) / 6, torch.randn(48), torch.randn(40, 32).bfloat16()
    laid_out, plain = (kind(weight.bfloat16(), bias) for kind in (OneDnnProduct, Product))
    exact = Product(weight.bfloat16().float(), bias)
    for found, expected in (
        (laid_out(states), exact(states.float())),
        (laid_out.activated(states, activation), exact.activated(states.float(), activation)),
    ):
        assert torch.allclose(found.float(), expected, rtol=2**-8, atol=1e-6)
    assert torch.allclose(laid_out(states).float(), plain(states).float(), atol=0.05)


@needs_bf16
@pytest.mark.parametrize(("out", "inner"), [(96, 384), (384, 1536), (512, 512)])
def test_a_row_of_a_bf16_product_does_not_depend_on_the_others(out: int, inner: int) -> None:
    torch.manual_seed(1)
    product = OneDnnProduct((torch.randn(out, inner) / 20).bfloat16(), torch.randn(out))
    states = torch.randn(3000, inner).bfloat16()
    expected = product.activated(states, "gelu")
    for some in (1, 3, 7, 33, 60, 190, 300, 400, 700, 1023, 1500):
        assert torch.equal(product.activated(states[:some], "gelu"), expected[:some]), some


@pytest.mark.parametrize(
    ("count", "given"),
    [
        pytest.param(1, [1], id="as many"),
        pytest.param(3, [4], id="filled up"),
        pytest.param(9, [4, 4, 4], id="in parts"),
        pytest.param(90, [128], id="far filled up"),
        pytest.param(150, [128, 128], id="in large parts"),
    ],
)
def test_rows_are_filled_up_to_numbers_that_have_them_as_among_many(
    count: int, given: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "sizes_of", lambda out, inner: (1, 4, 128, rows.MANY))
    seen: list[int] = []

    def run(states: torch.Tensor) -> torch.Tensor:
        seen.append(len(states))
        return states[:, :2] * 2

    states = torch.randn(count, 3)
    assert torch.equal(rows.alike(run, states, 2), states[:, :2] * 2)
    assert seen == given


@needs_bf16
def test_networks_use_them() -> None:
    assert isinstance(products.product(torch.randn(8, 8), None, torch.bfloat16, "cpu"), OneDnnProduct)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
def test_several_threads_get_what_one_gets(dtype: torch.dtype) -> None:
    network = choose.network(made("bert"), dtype, "cpu")
    assert network is not None
    given = [
        [Tokens((torch.arange(2, 2 + size).numpy(),)) for size in (length, length // 2)] for length in range(5, 40)
    ]

    @torch.inference_mode()
    def states(of: list[Tokens]) -> torch.Tensor:
        found: torch.Tensor = network(packed(of))
        return found

    expected = [states(each) for each in given]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(states, given))
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(found, expected, strict=True))
