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
}
_NOT_YET = {
    "monot5": "This version cannot run monoT5 and other sequence-to-sequence rerankers yet.",
    "sparse": "This version cannot run learned sparse models such as SPLADE yet.",
    "late-interaction": "This version cannot run late-interaction models such as ColBERT yet.",
    "causal-lm": "This version cannot run rerankers that are causal language models yet.",
}
ENCODERS = ("bi-encoder",)
RERANKERS = ("cross-encoder",)


def names() -> tuple[str, ...]:
    """The families that this version runs."""
    return tuple(dict.fromkeys(family for family, _ in _LOADERS))


def why_not(family: str) -> str:
    """One sentence on a family that cannot be run; empty for one that can, and for one not known yet ("")."""
    if not family or family in names():
        return ""
    return _NOT_YET.get(family, f"This version cannot run models of the family {family!r}.")


def loader(family: str, kind: str) -> Callable[..., Scorer]:
    """`load(resolved, device) -> Scorer` of a family that can be run."""
    module = importlib.import_module(f"{__name__}.{_LOADERS[family, kind]}")
    load: Callable[..., Scorer] = module.load
    return load
