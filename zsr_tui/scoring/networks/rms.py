"""What stands between two products where norms are root mean squares and come first: T5, and decoders since Llama.

Element-wise work on each token, in fp32 whatever goes in and comes out.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from zsr_tui.scoring.networks.fused import by_kernel


def normed_sum(
    product: torch.Tensor, before: torch.Tensor | None, weight: torch.Tensor, eps: float, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor]:
    """What was there before, if anything, and what a product adds, of shape (tokens, width): the sum in fp32, and its
    norm in `dtype`."""
    made = by_kernel("norm", product, None, before, weight, None, eps, dtype, mean_square=True, keeps_total=True)
    if made is not None:
        return made
    total = product.float() if before is None else before + product.float()
    return total, functional.rms_norm(total, weight.shape, weight, eps).to(dtype)
