"""Attention of encoders in bf16 on a processor, in place of torch's fused kernel.

Each sequence is computed without its padding, as two matrix products and a softmax, in memory that is used again for
every layer.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from zsr_tui.scoring.devices import Device
    from zsr_tui.scoring.weights import ResolvedModel

NAME = "zsr_tui_cpu"
# architectures whose attention is plain: every token sees every other of its sequence, no bias, no window
ARCHITECTURES = ("bert", "roberta", "xlm-roberta", "camembert", "electra")
_buffers = threading.local()


def suits(resolved: ResolvedModel, device: Device) -> bool:
    from zsr_tui.scoring import checkpoint

    config = checkpoint.read_json(resolved.path / "config.json")
    return device.name == "cpu" and resolved.precision == "bf16" and config.get("model_type") in ARCHITECTURES


def register() -> str:
    """Makes it known to transformers, under the name that is returned."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import flash_attention_mask

    AttentionInterface.register(NAME, attention)
    AttentionMaskInterface.register(NAME, flash_attention_mask)  # (sequences, tokens), or None without padding
    return NAME


def attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """`query`, `key`, `value` of shape (sequences, heads, tokens, width); the mask of shape (sequences, tokens), with
    padding on the right. Gives (sequences, tokens, heads, width), zeros for padding."""
    import torch

    sequences, heads, tokens, width = query.shape
    query = query * (width**-0.5 if scaling is None else scaling)
    lengths = [tokens] * sequences if attention_mask is None else attention_mask.sum(1).tolist()
    out = query.new_zeros(sequences, tokens, heads, width)
    for index, length in enumerate(lengths):
        scores = _buffer("scores", heads, length, length, query.dtype)
        weights = _buffer("weights", heads, length, length, query.dtype)
        torch.bmm(query[index, :, :length], key[index, :, :length].transpose(1, 2), out=scores)
        torch.softmax(scores, dim=-1, out=weights)
        out[index, :length] = torch.bmm(weights, value[index, :, :length]).transpose(0, 1)
    return out, None


def _buffer(name: str, heads: int, rows: int, columns: int, dtype: torch.dtype) -> torch.Tensor:
    """Memory of this thread, as large as the largest that was ever asked for."""
    import torch

    size = heads * rows * columns
    kept: torch.Tensor | None = getattr(_buffers, name, None)
    if kept is None or kept.numel() < size or kept.dtype != dtype:
        kept = torch.empty(size, dtype=dtype)
        setattr(_buffers, name, kept)
    return kept[:size].view(heads, rows, columns)
