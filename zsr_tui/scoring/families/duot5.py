"""duoT5: the probability that T5 answers *true* to "Query: ... Document0: ... Document1: ... Relevant:".

It says that the first document is the more relevant one; a sum over all pairs ranks them.

Pradeep, Nogueira and Lin 2021, The Expando-Mono-Duo Design Pattern, arXiv 2101.05667. Both documents share the room:
each has half of it, and what one leaves over the other takes.
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

PROMPT = ("Query:", "Document0:", "Document1:", "Relevant:")


class DuoT5:
    parallel = packed = True

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._t5 = T5(resolved, device, PROMPT)
        self.document_store, self.tokenizer = self._t5.store, self._t5.tokenizer

    def prepare_pairs(self, query: str, texts: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[Prepared]:
        """One input for each pair of positions; every text is tokenised once."""
        wanted = sorted({position for pair in pairs for position in pair})
        words, *tokens = self._t5.of([query, *(texts[position] for position in wanted)])
        words, query_cut = fit_query(words, self._t5.room)
        room = self._t5.room - len(words)
        documents = dict(zip(wanted, tokens, strict=True))
        query_word, first_word, second_word, question = self._t5.words
        head, tail = np.concatenate([query_word, words, first_word]), np.concatenate([question, self._t5.end])
        around = len(head) + len(second_word) + len(tail)
        prepared = []
        for pair in pairs:
            first, second = (documents[position] for position in pair)
            of_first, of_second = share(room, len(first), len(second))
            cut = query_cut or of_first < len(first) or of_second < len(second)
            pieces = (head, first[:of_first], second_word, second[:of_second], tail)
            prepared.append(Prepared(around + of_first + of_second, cut, Tokens(pieces)))
        return prepared

    def start(self, batch: Sequence[Prepared]) -> Running:
        """As `run`, without waiting for the device; see `networks.batch.start`."""
        return self._t5.start(batch, torch.sigmoid)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """P(first is more relevant), in [0, 1]: float32 of shape (n,)."""
        return self.start(batch).rows()


def share(room: int, first: int, second: int) -> tuple[int, int]:
    """How many tokens of two documents of these lengths fit into `room` together."""
    of_first = min(first, max(room // 2, room - second))
    return of_first, min(second, room - of_first)
