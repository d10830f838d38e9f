"""What stands between two products: element-wise work on each token, in fp32 whatever goes in and comes out."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from zsr_tui.scoring.networks.fused import by_kernel


def activated(product: torch.Tensor, bias: torch.Tensor | None, activation: str) -> torch.Tensor:
    """ "gelu", "gelu_tanh", "relu" or "silu" of product and bias, in the product's dtype."""
    found = by_kernel("activation", product, bias, activation, product.dtype, is_gated=False)
    return apply(_sum(product, bias), activation).to(product.dtype) if found is None else found


def gated(product: torch.Tensor, bias: torch.Tensor | None, activation: str) -> torch.Tensor:
    """The activation of the first half of product and bias, times the second half: (tokens, width / 2)."""
    found = by_kernel("activation", product, bias, activation, product.dtype, is_gated=True)
    if found is not None:
        return found
    first, second = _sum(product, bias).chunk(2, dim=-1)
    return (apply(first, activation) * second).to(product.dtype)


def turned(projected: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor, heads: int) -> tuple[torch.Tensor, ...]:
    """Query and key, each of shape (tokens, heads, width), of what holds query, key and value side by side, turned by
    angles whose cosine and sine are of shape (tokens, width / 2) (https://arxiv.org/abs/2104.09864)."""
    made = by_kernel("turn", projected, cosine, sine, heads, heads)
    if made is not None:
        return made
    cosine, sine = cosine[:, None], sine[:, None]

    def turn(states: torch.Tensor) -> torch.Tensor:
        first, second = states.float().chunk(2, dim=-1)
        found = torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)
        return found.to(projected.dtype)

    query, key, _ = projected.view(projected.shape[0], 3, heads, -1).unbind(1)
    return turn(query), turn(key)


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
        given = (product, bias, before, self._weight, self._bias, self._eps, self._dtype)
        return _normed_sum(*given, keeps_total=False)

    def behind_sum(
        self, before: torch.Tensor, product: torch.Tensor, bias: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """That sum itself, in fp32, and its norm in `dtype`."""
        given = (product, bias, before, self._weight, self._bias, self._eps, self._dtype)
        return _normed_sum(*given, keeps_total=True)


def _normed(
    states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, eps: float, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor]:
    made = by_kernel("norm", states, None, None, weight, bias, eps, dtype, mean_square=False, keeps_total=False)
    if made is not None:
        return made
    found = functional.layer_norm(states.float(), weight.shape, weight, bias, eps)
    return found, found.to(dtype)


def _normed_sum(
    product: torch.Tensor,
    product_bias: torch.Tensor | None,
    before: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    eps: float,
    dtype: torch.dtype,
    *,
    keeps_total: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The sum or its norm in fp32, and the norm in `dtype`."""
    given = (product, product_bias, before, weight, bias, eps, dtype)
    made = by_kernel("norm", *given, mean_square=False, keeps_total=keeps_total)
    if made is not None:
        return made
    total = before + _sum(product, product_bias)
    found = functional.layer_norm(total, weight.shape, weight, bias, eps)
    return total if keeps_total else found, found.to(dtype)


def apply(states: torch.Tensor, name: str) -> torch.Tensor:
    """An activation by its name."""
    if name == "silu":
        return functional.silu(states)
    if name == "relu":
        return states.relu()
    return functional.gelu(states, approximate="tanh" if name == "gelu_tanh" else "none")


def _sum(product: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return product.float() if bias is None else product.float() + bias
