"""Whether several threads may run one model at once."""

from __future__ import annotations

from typing import Any

from zsr_tui.scoring.models.weights import ResolvedModel

_CHANGING = ("dynamic", "longrope")  # transformers' rope_type of positions that a long input rescales for what follows


def allows_threads(resolved: ResolvedModel, model: Any) -> bool:
    """Of a torch model without further state of its own. False for one whose code is its own, since nobody knows what
    that keeps between calls."""
    kinds = [getattr(module, "rope_type", "") for module in model.modules()]
    return not resolved.trusted and not any(name in str(kind) for kind in kinds for name in _CHANGING)
