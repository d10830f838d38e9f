from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from zsr_tui.scoring.families import torch_text

from .. import made_up


@pytest.mark.parametrize(
    ("kind", "safe"),
    [("default", True), ("llama3", True), ("yarn", True), ("dynamic", False), ("longrope", False)],
)
def test_a_model_whose_positions_change_with_what_it_reads_is_run_by_one_thread(kind: Any, safe: bool) -> None:
    rotary = nn.Module()
    for given in (kind, {"full_attention": kind, "sliding_attention": "default"}):
        rotary.rope_type = given
        assert torch_text.allows_threads(made_up.resolved(), nn.Sequential(nn.Linear(1, 1), rotary)) == safe


def test_transformers_still_calls_it_so(tmp_path: Path) -> None:
    from transformers import LlamaConfig, LlamaModel

    scaled = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
    config = LlamaConfig(
        vocab_size=8, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        rope_parameters=scaled,
    )  # fmt: skip
    assert not torch_text.allows_threads(made_up.resolved(), LlamaModel(config))


def test_code_of_a_models_own_is_run_by_one_thread() -> None:
    assert not torch_text.allows_threads(replace(made_up.resolved(), trusted=True), nn.Linear(1, 1))
