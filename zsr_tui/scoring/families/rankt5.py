"""RankT5: the logit of one token, <extra_id_10>, after one decoder step of T5 that has read "Query: ... Document: ...".

Zhuang et al. 2023, RankT5, arXiv 2210.10634, its encoder-decoder. The checkpoints and the way to read them are those of
Yoon et al. 2024, ListT5 (soyoung97/ListT5, run_monot5_rankt5.py). Query and document are cut as monoT5's here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families.t5_tokens import T5, fit_query
from zsr_tui.scoring.models.unsaid import RANKT5_TOKEN
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks.batch import Running
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.template import fitted

PROMPT = ("Query:", "Document:")


class RankT5:
    parallel = packed = True

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        token = resolved.recipe.score_token or RANKT5_TOKEN
        self._t5 = T5(resolved, device, PROMPT, [(token,)])
        self.document_store, self.tokenizer = self._t5.store, self._t5.tokenizer

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text; the query is tokenised once."""
        words, *documents = self._t5.of([query, *texts])
        words, query_cut = fit_query(words, self._t5.room)
        query_word, document_word = self._t5.words
        head = np.concatenate([query_word, words, document_word])
        room = self._t5.room - len(words)
        return fitted(head, documents, self._t5.end, len(head) + room + len(self._t5.end), cut=query_cut)

    def start(self, batch: Sequence[Prepared]) -> Running:
        """As `run`, without waiting for the device; see `networks.batch.start`."""
        return self._t5.start(batch, torch.nn.Identity())

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """The logits: float32 of shape (n,)."""
        return self.start(batch).rows()
