"""Products with a layer's weights, in the precision that a network computes in.

A bias is fp32 and is added in fp32. On a GPU that costs nothing where element-wise work follows, which takes the bias
along; on a processor it belongs to the product. Processors have their weights laid out as oneDNN reads them. There is
one exception: on a GPU in half precision gelu is computed on the way out of its product, in its tanh form and with a
rounded bias, which is a pass less over the widest states of a layer.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from zsr_tui.scoring.networks import processor, rows, steps

Activation = Literal["gelu", "gelu_tanh", "relu", "silu"]


class Product:
    """`weight` of shape (out, in) as `nn.Linear` has it, in the compute dtype; `bias` fp32 of shape (out,), or None.

    Called with states of shape (tokens, in) in the compute dtype: (tokens, out) in the same.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        self._weight, self._bias = weight, bias
        plain = bias is None and weight.layout is torch.strided
        self._nothing = weight.new_zeros(len(weight)) if plain else None
        self._rounded = None if bias is None else bias.to(weight.dtype)

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """With the bias, which is rounded to the compute dtype."""
        return functional.linear(states, self._weight, self._rounded)

    def unbiased(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The product, and the bias that is still to be added to it."""
        if states.is_cuda or states.dtype != torch.float32:
            return functional.linear(states, self._weight), self._bias
        return functional.linear(states, self._weight, self._bias), None

    def activated(self, states: torch.Tensor, activation: Activation) -> torch.Tensor:
        """The activation of product and bias."""
        if activation == "relu" and self._nothing is not None:
            # a part of the product's kernel on a GPU, which saves a pass over what it gives
            return torch._addmm_activation(self._nothing, states, self._weight.T)
        halved = states.is_cuda and states.dtype != torch.float32
        if halved and activation.startswith("gelu") and self._rounded is not None:
            return torch._addmm_activation(self._rounded, states, self._weight.T, use_gelu=True)
        return steps.activated(*self.unbiased(states), activation)


class OneDnnProduct(Product):
    """On a processor, in fp32 or bf16: bias and activation belong to the product, in fp32."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__(torch.ops.mkldnn._reorder_linear_weight(weight, rows.LAID_OUT_FOR), bias)
        self._out = len(weight)

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        return self._run(states, "none", "")

    def unbiased(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        return self(states), None

    def activated(self, states: torch.Tensor, activation: Activation) -> torch.Tensor:
        return self._run(states, *_ONEDNN[activation])

    def _run(self, states: torch.Tensor, post: str, algorithm: str) -> torch.Tensor:
        def run(some: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
                some, self._weight, self._bias, post, [], algorithm
            )
            return found

        return rows.alike(run, states, self._out) if states.dtype == torch.bfloat16 else run(states)


_ONEDNN = {"gelu": ("gelu", "none"), "gelu_tanh": ("gelu", "tanh"), "relu": ("relu", ""), "silu": ("swish", "")}


def product(weight: torch.Tensor, bias: torch.Tensor | None, dtype: torch.dtype, device: str) -> Product:
    """Of fp32 weights that may lie anywhere."""
    kind = OneDnnProduct if device == "cpu" and processor.multiplies(dtype) else Product
    return kind(moved(weight, device, dtype), None if bias is None else moved(bias, device))


def of(linear: nn.Linear, dtype: torch.dtype, device: str) -> Product:
    """A layer of a loaded model."""
    return product(linear.weight, linear.bias, dtype, device)


def moved(weight: torch.Tensor, device: str, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """A plain tensor on the device: what is rounded is rounded there."""
    return weight.detach().to(device).to(dtype).contiguous()
