"""The model families that can be run, and where their loaders are. Nothing is imported until a model is loaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zsr_tui.scoring.families.base import Scorer

# (family, kind of weights) -> module with `load(resolved, device)`
_LOADERS = {
    ("bi-encoder", "transformers"): "bi_encoder",
    ("bi-encoder", "onnx"): "onnx_bi_encoder",
    ("cross-encoder", "transformers"): "cross_encoder",
    ("cross-encoder", "onnx"): "onnx_cross_encoder",
    ("monot5", "transformers"): "monot5",
    ("duot5", "transformers"): "duot5",
    ("causal-lm", "transformers"): "causal_lm",
    ("late-interaction", "transformers"): "late_interaction",
    ("sparse", "transformers"): "sparse",
    ("endpoint", "endpoint"): "endpoint",
    ("bi-encoder", "endpoint"): "endpoint",
}
ENCODERS = ("bi-encoder",)  # one vector a text
SPARSE_ENCODERS = ("sparse",)  # one weight for each term of the vocabulary
RERANKERS = ("cross-encoder", "monot5", "causal-lm", "late-interaction", "sparse", "endpoint")  # one score a pair
PAIRWISE_RERANKERS = ("duot5",)  # one score for two documents


def names() -> tuple[str, ...]:
    """The families that this version runs."""
    return tuple(dict.fromkeys(family for family, _ in _LOADERS))


def why_not(family: str) -> str:
    """One sentence on a family that cannot be run; empty for one that can, and for one not known yet ("")."""
    if not family or family in names():
        return ""
    return f"This version cannot run models of the family {family!r}."


def loader(family: str, kind: str) -> Callable[..., Scorer]:
    """`load(resolved, device) -> Scorer` of a family that can be run."""
    module = importlib.import_module(f"{__name__}.{_LOADERS[family, kind]}")
    load: Callable[..., Scorer] = module.load
    return load
