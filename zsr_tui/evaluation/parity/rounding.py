"""Scores that are the other's, rounded: to half precision, or to some decimals."""

from __future__ import annotations

import numpy as np

_FEWEST = 10  # different scores
_DECIMALS = range(1, 6)
_STEPS = {"fp16": 2.0**-10, "bf16": 2.0**-7}  # of a number's size: the distance to the next one


def grid(scores: np.ndarray) -> str:
    """The coarsest that all scores lie on: "2 decimals", "bf16", "fp16"; "" for none. Scores are fp32 at the finest."""
    if len(np.unique(scores)) < _FEWEST:
        return ""
    for decimals in _DECIMALS:
        near = np.abs(scores - np.round(scores, decimals)) <= 2e-7 * np.maximum(1, np.abs(scores))
        if near.all():
            return f"{decimals} decimal{'s' * (decimals > 1)}"
    single = scores.astype(np.float32)
    if not np.any(single.view(np.uint32) & 0xFFFF):
        return "bf16"
    with np.errstate(over="ignore"):
        return "fp16" if np.array_equal(single.astype(np.float16).astype(np.float32), single) else ""


def step(name: str, scores: np.ndarray) -> np.ndarray:
    """Between neighbours on a grid, at each score."""
    if name in _STEPS:
        return np.abs(scores) * _STEPS[name] + 1e-7
    return np.full(len(scores), 10.0 ** -int(name.partition(" ")[0]))


def sentence(a: np.ndarray, b: np.ndarray, of_a: str = "A") -> str:
    """`a` on B's scale, which is to be called `of_a`; "" where neither is the other, rounded."""
    grid_a, grid_b = grid(a), grid(b)
    if grid_a == grid_b:
        return ""
    for coarse, name, other, whole, rounded in (("B", grid_b, of_a, a, b), ("A", grid_a, "B", b, a)):
        off = np.abs(whole - rounded)
        if name and off.any() and (off <= 1.01 * step(name, rounded) + 1e-7).all():
            return (
                f"{coarse} is {other} rounded to {name}: all {len(b):,} of its scores are such numbers, and none is "
                f"further off than a step (largest difference {float(off.max()):.2g})."
            )
    return ""
