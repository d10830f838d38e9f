"""Cross-encoders in ONNX files: the raw logit of a (query, document) pair, scored alone (see onnx_session)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families.onnx_session import OnnxSession
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.inputs import Pairs


class OnnxCrossEncoder:
    def __init__(self, resolved: ResolvedModel, _: Device) -> None:
        self._name = resolved.info.name
        self._session = OnnxSession(resolved)
        self.tokenizer = self._session.tokenizer
        if "logits" not in self._session.outputs:
            raise Problem(f"{self._name} is no cross-encoder: its ONNX file gives no logits.")
        self._pairs = Pairs(self._session.tokenizer, self._session.longest)
        self.document_store = self._pairs.store

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        return self._pairs.prepare(query, texts)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        import numpy as np

        logits = np.stack(self._session.run(batch, "logits")).astype(np.float32)
        if logits.shape[1:] not in ((), (1,)):
            raise Problem(f"{self._name} gives {logits.shape[-1]} labels: a reranker must give one score.")
        return logits.reshape(len(batch))
