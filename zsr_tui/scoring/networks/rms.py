"""What stands between two products where norms are root mean squares and come first: T5, and decoders since Llama.

Element-wise work on each token, in fp32 whatever goes in and comes out.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from zsr_tui.scoring.networks.fused import by_kernel


def normed_sum(
    product: torch.Tensor,
    bias: torch.Tensor | None,
    before: torch.Tensor | None,
    weight: torch.Tensor,
    eps: float,
    dtype: torch.dtype,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What was there before, if anything, and what a product with its bias adds, of shape (tokens, width): the sum in
    fp32, and its norm in `dtype`."""
    made = by_kernel("norm", product, bias, before, weight, None, eps, dtype, mean_square=True, keeps_total=True)
    if made is not None:
        return made
    total = product.float() if bias is None else product.float() + bias
    if before is not None:
        total = before + total
    return total, functional.rms_norm(total, weight.shape, weight, eps).to(dtype)


def turned(
    projected: torch.Tensor,
    cosine: torch.Tensor,
    sine: torch.Tensor,
    heads: int,
    key_heads: int,
    bias: torch.Tensor | None,
    query_norm: torch.Tensor | None,
    key_norm: torch.Tensor | None,
    eps: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Queries of shape (tokens, heads, width) and keys of shape (tokens, key_heads, width) of what holds queries, keys
    and values side by side: with a bias, each head normed where the model does, and turned by angles whose cosine and
    sine are of shape (tokens, width / 2) (https://arxiv.org/abs/2104.09864)."""
    made = by_kernel("turn", projected, cosine, sine, heads, key_heads, bias, query_norm, key_norm, eps)
    if made is not None:
        return made
    total = projected.float() if bias is None else projected.float() + bias
    total = total.view(len(projected), heads + 2 * key_heads, -1)
    query, key, _ = total.split([heads, key_heads, key_heads], dim=1)
    cosine, sine = cosine[:, None], sine[:, None]

    def turn(states: torch.Tensor, norm: torch.Tensor | None) -> torch.Tensor:
        if norm is not None:
            states = functional.rms_norm(states, norm.shape, norm, eps)
        first, second = states.chunk(2, dim=-1)
        found = torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)
        return found.to(projected.dtype)

    return turn(query, query_norm), turn(key, key_norm)
