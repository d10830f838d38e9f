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
from zsr_tui.scoring.families.t5_tokens import T5, fit_query
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks.batch import Running, Tokens
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.template import fitted

PROMPT = ("Query:", "Document:", "Relevant:")


class MonoT5:
    parallel = packed = True

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._t5 = T5(resolved, device, resolved.recipe.prompt_words or PROMPT)
        self.document_store, self.tokenizer = self._t5.store, self._t5.tokenizer
        self._cuts_prompt = resolved.recipe.cut == "prompt"

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text; the query is tokenised once."""
        words, *documents = self._t5.of([query, *texts])
        if self._cuts_prompt:
            return [self._whole(words, document) for document in documents]
        words, query_cut = fit_query(words, self._t5.room)
        room = self._t5.room - len(words)
        query_word, document_word, question = self._t5.words
        head, tail = np.concatenate([query_word, words, document_word]), np.concatenate([question, self._t5.end])
        return fitted(head, documents, tail, len(head) + room + len(tail), cut=query_cut)

    def answers(self, query: str, text: str, most: int) -> list[tuple[int, float]] | None:
        """The tokens for true and false with their probabilities among the whole vocabulary, and then the likeliest
        `most` others; None where the checkpoint's output layer is not kept."""
        (prepared,) = self.prepare(query, [text])
        found = self._t5.probabilities(prepared)
        if found is None:
            return None
        others = [one for one in found.argsort(descending=True)[: most + 2].tolist() if one not in self._t5.answers]
        return [(one, float(found[one])) for one in (*self._t5.answers, *others[:most])]

    def meaning(self, token: int) -> str:
        """Of a token that it answers with; "" of others."""
        return dict(zip(self._t5.answers, ("true", "false"), strict=True)).get(token, "")

    def _whole(self, query: np.ndarray, document: np.ndarray) -> Prepared:
        query_word, document_word, question = self._t5.words
        prompt = np.concatenate([query_word, query, document_word, document, question])
        shown = prompt[: self._t5.length - 1]
        return Prepared(len(shown) + 1, len(prompt) > len(shown), Tokens((shown, self._t5.end)))

    def start(self, batch: Sequence[Prepared]) -> Running:
        """As `run`, without waiting for the device; see `networks.batch.start`."""
        return self._t5.start(batch, torch.nn.functional.logsigmoid)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """log P(true), at most 0: float32 of shape (n,)."""
        return self.start(batch).rows()
