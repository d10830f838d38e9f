"""Tiny transformers models with random weights, and inputs whose lengths differ widely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModel

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.networks.batch import Batch, Layout, Packer, Tokens, lengths_of

LENGTHS = (40, 3, 1, 17, 2, 33)
PADDING = 1
SHAPE: dict[str, Any] = {
    "vocab_size": 90, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96,
    "max_position_embeddings": 64, "pad_token_id": PADDING,
}  # fmt: skip


def made(kind: str, like: Any = AutoModel, **more: Any) -> Any:
    torch.manual_seed(5)
    model = like.from_config(AutoConfig.for_model(kind, **{**SHAPE, **more})).eval()
    for parameter in model.parameters():  # larger than at the start of a training, so that what is wrong is seen
        parameter.data += 0.05 * torch.randn_like(parameter)
    return model


def inputs(types: bool = False, lengths: Sequence[int] = LENGTHS) -> list[Tokens]:
    """With a padding token within some; the second text begins at the middle, where there are `types`."""
    draw = np.random.default_rng(3)
    ids = [draw.integers(2, 90, length).astype(np.int32) for length in lengths]
    ids[0][7] = ids[3][3] = PADDING
    return [Tokens((each,), len(each) // 2 if types else 0) for each in ids]


def packed(given: Sequence[Tokens]) -> Batch:
    return Packer(Device("cpu", 10**9, 2048)).pack(given)


def roomy(given: Sequence[Tokens]) -> Batch:
    """With room to spare, as a recorded graph has it: for more tokens, for more inputs, and for longer ones than the
    models have places for."""
    lengths = lengths_of(given)
    layout = Layout(int(lengths.sum()) + 70, len(given) + 3, 2 * SHAPE["max_position_embeddings"])
    flat = torch.empty(layout.size, dtype=torch.int32)
    Packer(Device("cpu", 10**9, 2048)).pack_into(flat, layout, given, lengths)
    return Batch(flat, layout, lengths)


def one_by_one(model: Any, given: Sequence[Tokens], types: bool = False) -> list[Any]:
    """What transformers gives for each input alone."""
    found = []
    with torch.inference_mode():
        for (ids,), second in given:
            features = {"input_ids": torch.tensor(ids)[None].long(), "attention_mask": torch.ones(1, len(ids))}
            if types:
                kinds = (np.arange(len(ids)) >= second) & (second > 0)
                features["token_type_ids"] = torch.tensor(kinds[None]).long()
            found.append(model(**features))
    return found


def states_of(model: Any, given: Sequence[Tokens], types: bool = False) -> torch.Tensor:
    """(tokens, width), fp32."""
    return torch.cat([each.last_hidden_state[0].float() for each in one_by_one(model, given, types)])
