"""How each family of models runs: `prepare` tokenises, `run` computes a batch. A module is imported when
its first model is loaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zsr_tui.scoring.scorer import Scorer

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


def loader(family: str, kind: str) -> Callable[..., Scorer]:
    """`load(resolved, device) -> Scorer` of a family that can be run."""
    module = importlib.import_module(f"{__name__}.{_LOADERS[family, kind]}")
    load: Callable[..., Scorer] = module.load
    return load
