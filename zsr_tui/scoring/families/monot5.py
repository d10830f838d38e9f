"""monoT5: the log-probability that T5 answers *true*, against *false*, to "Query: ... Document: ... Relevant:".

Nogueira et al. 2020, Document Ranking with a Pretrained Sequence-to-Sequence Model, arXiv 2003.06713. Only the document
is cut, so that "Relevant:" is always there; a query is cut where it would leave the document fewer than 64 tokens.
A recipe with `cut = "prompt"` cuts the end of the whole prompt instead, as pygaggle does: see
`scoring/models/documents.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import t5_prompt
from zsr_tui.scoring.families.t5_network import T5Network
from zsr_tui.scoring.families.t5_prompt import T5Tokens
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared

PROMPT = ("Query:", "Document:", "Relevant:")


class MonoT5:
    parallel = True

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._tokens = T5Tokens(resolved)
        self._query_word, self._document_word, self._question = self._tokens.of(resolved.recipe.prompt_words or PROMPT)
        fixed = len(self._query_word) + len(self._document_word) + len(self._question) + 1
        self._room = self._tokens.room(fixed)
        self._cuts_prompt = resolved.recipe.cut == "prompt"
        self._network = T5Network(resolved, device, *self._tokens.pair(resolved))

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text; the query is tokenised once."""
        words, *documents = self._tokens.of([query, *texts])
        if self._cuts_prompt:
            return [self._whole(words, document) for document in documents]
        words, query_cut = t5_prompt.fit_query(words, self._room)
        room = self._room - len(words)
        head = [*self._query_word, *words, *self._document_word]
        tail = [*self._question, self._tokens.end]
        prepared = []
        for document in documents:
            ids = [*head, *document[:room], *tail]
            prepared.append(Prepared(len(ids), query_cut or len(document) > room, ids))
        return prepared

    def _whole(self, query: list[int], document: list[int]) -> Prepared:
        prompt = [*self._query_word, *query, *self._document_word, *document, *self._question]
        ids = [*prompt[: self._tokens.length - 1], self._tokens.end]
        return Prepared(len(ids), len(prompt) >= self._tokens.length, ids)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """log P(true), at most 0: float32 of shape (n,)."""
        odds = self._network.log_odds([prepared.payload for prepared in batch])
        return torch.nn.functional.logsigmoid(odds).cpu().numpy()


load = MonoT5
