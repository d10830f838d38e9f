"""Cross-encoders in ONNX files: the raw logit of a (query, document) pair, of several labels the log-probability of the
one that says relevant; scored alone (see onnx_session)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families.onnx_session import OnnxSession
from zsr_tui.scoring.models import declared, entries
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.inputs import Pairs


class OnnxCrossEncoder:
    def __init__(self, resolved: ResolvedModel, _: Device) -> None:
        self._name, self._label = resolved.info.name, resolved.recipe.relevant_label
        self._session = OnnxSession(resolved)
        self.tokenizer = self._session.tokenizer
        if "logits" not in self._session.outputs:
            raise Problem(f"{self._name} is no cross-encoder: its ONNX file gives no logits.")
        self._prompt = declared.default_prompt(resolved.path)
        self._pairs = Pairs(self._session.tokenizer, self._session.longest)
        self.document_store = self._pairs.store

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        return self._pairs.prepare(self._prompt + query, texts)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        import numpy as np

        logits = np.stack(self._session.run(batch, "logits")).astype(np.float32)
        if self._label is None and logits.shape[1:] in ((), (1,)):
            return logits.reshape(len(batch))
        if self._label is None or logits.ndim != 2 or not logits.shape[1] > max(self._label, 1):
            raise Problem(
                f"{self._name} gives {logits[0].size} labels: a reranker must give one score, or its entry in "
                f"{entries.own_place()} must say which of several says relevant (relevant_label)."
            )
        return logits[:, self._label] - np.logaddexp.reduce(logits, axis=1)
