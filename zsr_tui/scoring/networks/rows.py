"""How many rows a product in bf16 gets on a processor, so that a row's result does not depend on the rows beside it.

oneDNN sums along a product's inner dimension in blocks, which it chooses by the number of rows (seen with AMX, where a
document got another vector alone than among others: by 1e-3 after rounding to bf16 in every layer). So each shape is
tried once with some numbers of rows, and only gets such as give what many rows give; others are filled up.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

LAID_OUT_FOR = 2048  # rows that oneDNN's layout of weights is chosen for; others work as well
MANY = 1024  # and whatever is more
_TRIED = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384, 512, 768)
_CALL = 40  # rows that a call costs besides its own, about

Run = Callable[[torch.Tensor], torch.Tensor]
_sizes: dict[tuple[int, int, int], tuple[int, ...]] = {}  # by outer and inner dimension, and threads


def alike(run: Run, states: torch.Tensor, out: int) -> torch.Tensor:
    """`run` of bf16 `states` of shape (rows, inner dimension) has shape (rows, `out`): each row as among many."""
    rows, inner = states.shape
    if rows >= MANY or not rows:
        return run(states)
    sizes = sizes_of(out, inner)
    size = min(sizes, key=lambda each: (-(-rows // each) * (each + _CALL), each))
    if size == rows:
        return run(states)
    filled = states.new_zeros(-(-rows // size) * size, inner)
    filled[:rows] = states
    return torch.cat([run(piece) for piece in filled.split(size)])[:rows]


def sizes_of(out: int, inner: int) -> tuple[int, ...]:
    """Numbers of rows that have each row as among many, the smallest first."""
    key = out, inner, torch.get_num_threads()
    sizes = _sizes.get(key)
    if sizes is None:  # two threads may look at once, and find the same
        sizes = _sizes[key] = _found(out, inner)
    return sizes


def _found(out: int, inner: int) -> tuple[int, ...]:
    """Of sums that would be 0 without rounding: another order of theirs gives another result nearly everywhere."""
    chance = torch.Generator().manual_seed(0)
    half, order = inner // 2, torch.randperm(inner // 2, generator=chance)
    weight, states = torch.zeros(out, inner), torch.zeros(MANY, inner)
    for each in (weight, states):
        each[:, :half] = torch.randn(len(each), half, generator=chance)
        each[:, half : 2 * half] = each[:, :half][:, order]
    states[:, half:] *= -1
    states, laid_out = states.bfloat16(), torch.ops.mkldnn._reorder_linear_weight(weight.bfloat16(), LAID_OUT_FOR)

    def run(some: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(some, laid_out, None, "none", [], "")
        return found

    expected = run(states)
    return (*(size for size in _TRIED if torch.equal(run(states[:size]), expected[:size])), MANY)
