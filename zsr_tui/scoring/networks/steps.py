"""What stands between two products: element-wise work on each token, in fp32 whatever goes in and comes out."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from zsr_tui.scoring.networks.fused import fused


@fused
def activated(product: torch.Tensor, bias: torch.Tensor | None, activation: str) -> torch.Tensor:
    """ "gelu", "gelu_tanh" or "relu" of product and bias, in the product's dtype."""
    total = _sum(product, bias)
    if activation == "relu":
        return total.relu().to(product.dtype)
    return functional.gelu(total, approximate="tanh" if activation == "gelu_tanh" else "none").to(product.dtype)


class Norm:
    """A model's LayerNorm on a device. It gives states in fp32, for the sums along the layers, and in `dtype`, for the
    next product."""

    def __init__(self, norm: nn.LayerNorm, dtype: torch.dtype, device: str) -> None:
        self._weight = norm.weight.detach().to(device).float()
        self._bias = None if norm.bias is None else norm.bias.detach().to(device).float()
        self._eps, self._dtype = norm.eps, dtype

    def __call__(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of states of shape (tokens, width)."""
        return _normed(states, self._weight, self._bias, self._eps, self._dtype)

    def of_sum(
        self, before: torch.Tensor, product: torch.Tensor, bias: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Of what was there before, fp32 of shape (tokens, width), and what a product with its bias adds."""
        return _normed_sum(product, bias, before, self._weight, self._bias, self._eps, self._dtype)


@fused
def _normed(
    states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, eps: float, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor]:
    found = functional.layer_norm(states.float(), weight.shape, weight, bias, eps)
    return found, found.to(dtype)


@fused
def _normed_sum(
    product: torch.Tensor,
    product_bias: torch.Tensor | None,
    before: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    eps: float,
    dtype: torch.dtype,
) -> tuple[torch.Tensor, torch.Tensor]:
    found = functional.layer_norm(before + _sum(product, product_bias), weight.shape, weight, bias, eps)
    return found, found.to(dtype)


def _sum(product: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return product.float() if bias is None else product.float() + bias
