"""Rerankers and bi-encoders that a server elsewhere runs. An input counts as one token: what a batch holds is inputs.

How much of an input the server's model saw is not known, so that none is marked as cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.endpoints import served
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.endpoints.client import Client
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared


class EndpointReranker:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        return [Prepared(1, False, (query, text)) for text in texts]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """At least one request a query."""
        return np.asarray(self._caller.pair_scores([prepared.payload for prepared in batch]), dtype=np.float32)


class EndpointEncoder:
    """`prompts`: what is put before queries and documents where the server does not do it itself."""

    def __init__(self, name: str, caller: Caller, prompts: dict[str, str]) -> None:
        self._name, self._caller, self._prompts = name, caller, prompts
        self.dimension = int(caller.role_vectors([("document", "a")]).shape[1])

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return [Prepared(1, False, (role, self._prompts[role] + text)) for text in texts]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        vectors = self._caller.role_vectors([prepared.payload for prepared in batch])
        if vectors.shape[1] != self.dimension:
            raise Problem(
                f"{self._name} gives vectors of {vectors.shape[1]} numbers, and gave {self.dimension} before: it "
                "serves another model now; restart, and prepare the system again."
            )
        return vectors


def load(resolved: ResolvedModel, device: Device) -> EndpointReranker | EndpointEncoder:
    endpoint = served.find(resolved.info.name)
    caller = Caller(endpoint, Client(endpoint.address))
    if resolved.info.family == "endpoint":
        return EndpointReranker(caller)
    prompts = {"query": resolved.recipe.query_prompt or "", "document": resolved.recipe.document_prompt or ""}
    return EndpointEncoder(resolved.info.name, caller, prompts)
