"""Bi-encoders that encode queries with one model and documents with another (DPR, DRAGON), each a model of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families.bi_encoder import BiEncoder
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks.batch import Running
from zsr_tui.scoring.scorer import Prepared


class TwoTowers:
    """A payload is the role of an input and its tower's own."""

    def __init__(self, name: str, queries: BiEncoder, documents: BiEncoder) -> None:
        if queries.dimension != documents.dimension:
            raise Problem(
                f"{name} makes {queries.dimension} numbers of a query and {documents.dimension} of a document: its two "
                "encoders do not belong together."
            )
        self._towers = {"query": queries, "document": documents}
        self.dimension = documents.dimension
        self.packed = queries.packed and documents.packed
        self.parallel = queries.parallel and documents.parallel
        self.document_store, self.tokenizer = documents.document_store, documents.tokenizer

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return [replace(each, payload=(role, each)) for each in self._towers[role].prepare(texts, role)]

    def start(self, batch: Sequence[Prepared]) -> Running:
        """The vectors of a batch, on their way; see `networks.batch.start`."""
        places: dict[str, list[int]] = {}
        for place, prepared in enumerate(batch):
            places.setdefault(prepared.payload[0], []).append(place)
        running: list[tuple[list[int], Any]] = [
            (where, self._towers[role].start([batch[place].payload[1] for place in where]))
            for role, where in places.items()
        ]

        def rows() -> np.ndarray:
            found = np.empty((len(batch), self.dimension), np.float32)
            for where, each in running:
                found[where] = each.rows()
            return found

        def seconds() -> float | None:
            took = [each.seconds for _, each in running]
            return None if None in took else sum(took)

        return Running(rows, seconds)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()


def load(resolved: ResolvedModel, device: Device) -> BiEncoder | TwoTowers:
    """Any bi-encoder that torch runs."""
    documents = BiEncoder(resolved, device)
    if resolved.queries is None:
        return documents
    return TwoTowers(resolved.info.name, BiEncoder(resolved.queries, device), documents)
