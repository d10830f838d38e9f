"""The layers that replace transformers' own, against transformers in fp32 and in bf16 on the same weights."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import cpu_encoder

from .. import tiny
from ..made_up import resolved

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


def replaced(kind: str) -> Any:
    made = model(kind, torch.float32)
    cpu_encoder.install(made)
    return made


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
    assert found.mean() <= 0.9 * theirs.mean()
    assert found.max() <= theirs.max()


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


def test_a_model_that_was_rounded_as_a_whole_keeps_its_precision() -> None:
    made = model("bert", torch.bfloat16)
    cpu_encoder.install(made)
    with torch.inference_mode():
        assert made(**batch()).last_hidden_state.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("config", "precision", "device", "expected"),
    [
        pytest.param({"model_type": "bert"}, "bf16", "cpu", True, id="BERT in bf16"),
        pytest.param({"model_type": "bert", "hidden_act": "relu"}, "bf16", "cpu", False, id="another activation"),
        pytest.param({"model_type": "bert", "is_decoder": True}, "bf16", "cpu", False, id="decoder"),
        pytest.param({"model_type": "distilbert"}, "bf16", "cpu", False, id="another model"),
        pytest.param({"model_type": "bert"}, "fp32", "cpu", False, id="fp32"),
        pytest.param({"model_type": "bert"}, "bf16", "cuda:0", False, id="GPU"),
    ],
)
def test_what_it_suits(tmp_path: Path, config: dict[str, Any], precision: str, device: str, expected: bool) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    asked = replace(resolved(), path=tmp_path, precision=precision)
    assert cpu_encoder.suits(asked, Device(device, 10**9, 2048)) is expected


def test_scores_of_a_reranker_in_bf16_are_those_of_fp32_but_for_the_rounding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.reranker(tmp_path / "reranker")
    texts = ["a b c", "d", "e f g h a b c d e f g h a b c d", "h g"]
    exact = tiny.load(folder)
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    rounded = tiny.load(folder)
    expected = exact.run(exact.prepare("a b", texts))
    found = rounded.run(rounded.prepare("a b", texts))
    assert found.dtype == np.float32
    assert (found != expected).any()
    assert np.allclose(found, expected, atol=0.05)
