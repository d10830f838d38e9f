"""How each family of models runs: `prepare` tokenises, `run` computes a batch. A module is imported when
its first model is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from zsr_tui.scoring import imports

if TYPE_CHECKING:
    from zsr_tui.scoring.scorer import Scorer

# (family, kind of weights) -> the module, and what in it takes (resolved, device)
_LOADERS = {
    ("bi-encoder", "transformers"): ("two_towers", "load"),
    ("bi-encoder", "onnx"): ("onnx_bi_encoder", "OnnxBiEncoder"),
    ("cross-encoder", "transformers"): ("cross_encoder", "CrossEncoder"),
    ("cross-encoder", "onnx"): ("onnx_cross_encoder", "OnnxCrossEncoder"),
    ("monot5", "transformers"): ("monot5", "MonoT5"),
    ("duot5", "transformers"): ("duot5", "DuoT5"),
    ("rankt5", "transformers"): ("rankt5", "RankT5"),
    ("causal-lm", "transformers"): ("causal_lm", "load"),
    ("late-interaction", "transformers"): ("m3", "late_interaction"),
    ("sparse", "transformers"): ("m3", "sparse"),
    ("hybrid", "transformers"): ("m3", "M3Reranker"),
    ("endpoint", "endpoint"): ("endpoint", "load"),
    ("bi-encoder", "endpoint"): ("endpoint", "load"),
    ("listwise", "endpoint"): ("listwise", "Listwise"),
}


def loader(family: str, kind: str) -> Callable[..., Scorer]:
    """What makes a `Scorer` of (resolved, device), for a family that can be run."""
    module, name = _LOADERS[family, kind]
    made: Callable[..., Scorer] = imports.taken(f"{__name__}.{module}", name)
    return made
