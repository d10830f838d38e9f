"""The layers that replace transformers' own, against transformers in fp32 and in bf16 on the same weights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import cpu_encoder

from .made_up import resolved

CPU = Device("cpu", 10**9, 2048)
LENGTHS = (40, 3, 1, 17)
SHAPE: dict[str, Any] = {
    "vocab_size": 90, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96,
    "max_position_embeddings": 64, "pad_token_id": 0,
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not cpu_encoder._multiplies_bf16(), reason="this processor has no products in bf16, so nothing is replaced"
)


def model(kind: str, dtype: torch.dtype, **more: Any) -> Any:
    from transformers import AutoConfig

    torch.manual_seed(5)
    made = AutoModel.from_config(AutoConfig.for_model(kind, **SHAPE, **more)).eval()
    for parameter in made.parameters():  # larger than at the start of a training, so that rounding is seen
        parameter.data += 0.05 * torch.randn_like(parameter)
    return made.to(dtype)


def replaced(kind: str, **more: Any) -> Any:
    made = model(kind, torch.bfloat16, **more)
    cpu_encoder.install(made, bf16(), CPU)
    return made


def bf16() -> Any:
    from dataclasses import replace

    return replace(resolved(), precision="bf16")


def batch(lengths: tuple[int, ...] = LENGTHS, *, left: bool = False) -> dict[str, torch.Tensor]:
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        here = slice(ids.shape[1] - length, None) if left else slice(0, length)
        ids[row, here] = torch.arange(1, length + 1) * (row + 3) % 89 + 1
        mask[row, here] = 1
    return {"input_ids": ids, "attention_mask": mask}


def states(made: Any, inputs: dict[str, torch.Tensor]) -> np.ndarray:
    """Of the real tokens, in order."""
    with torch.inference_mode():
        found = made(**inputs).last_hidden_state.float()
    return found[inputs["attention_mask"].bool()].numpy()


@pytest.mark.parametrize("kind", cpu_encoder.ARCHITECTURES)
def test_the_numbers_are_as_close_to_fp32_as_those_of_transformers_in_bf16(kind: str) -> None:
    ours = replaced(kind)
    assert isinstance(ours.encoder, cpu_encoder.Encoder)
    exact = states(model(kind, torch.float32), batch())
    theirs = np.abs(states(model(kind, torch.bfloat16), batch()) - exact)
    found = np.abs(states(ours, batch()) - exact)
    assert np.abs(exact).max() > 1  # an error is measured against something
    assert found.mean() <= 1.1 * theirs.mean()
    assert found.max() <= 1.5 * theirs.max()


@pytest.mark.parametrize("left", [False, True])
def test_padding_changes_nothing(left: bool) -> None:
    ours = replaced("bert")
    together = states(ours, batch(left=left))
    positions = batch(left=left)["attention_mask"].bool()
    start = 0
    for row, length in enumerate(LENGTHS):
        ids = batch(left=left)["input_ids"][row][positions[row]][None]
        places = positions[row].nonzero().T
        with torch.inference_mode():
            alone = ours(input_ids=ids, position_ids=places).last_hidden_state[0].float().numpy()
        assert np.allclose(together[start : start + length], alone, atol=0.05)
        start += length


def test_padding_comes_back_as_zeros() -> None:
    with torch.inference_mode():
        found = replaced("bert")(**batch()).last_hidden_state
    assert found.shape == (4, 40, 64)
    assert not found[~batch()["attention_mask"].bool()].any()


def test_several_threads_get_what_one_gets() -> None:
    ours = replaced("bert")
    inputs = [batch((length, 2 + length // 2)) for length in range(5, 45)]
    expected = [states(ours, each) for each in inputs]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda each: states(ours, each), inputs))
    assert all(np.allclose(a, b, atol=0.05) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("kind", "more"), [("bert", {"hidden_act": "relu"}), ("bert", {"is_decoder": True}), ("distilbert", {})]
)
def test_other_kinds_of_layers_stay(kind: str, more: dict[str, Any]) -> None:
    made = replaced(kind, **more)
    assert not any(isinstance(module, cpu_encoder.Encoder) for module in made.modules())


@pytest.mark.parametrize(("precision", "device"), [("fp32", "cpu"), ("fp16", "cpu"), ("bf16", "cuda:0")])
def test_other_precisions_and_devices_stay(precision: str, device: str) -> None:
    from dataclasses import replace

    made = model("bert", torch.float32)
    cpu_encoder.install(made, replace(resolved(), precision=precision), Device(device, 10**9, 2048))
    assert not isinstance(made.encoder, cpu_encoder.Encoder)
