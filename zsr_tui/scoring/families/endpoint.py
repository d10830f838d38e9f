"""Rerankers and bi-encoders that a server elsewhere runs. An input counts as one token: what a batch holds is inputs.

How much of an input the server's model saw is not known, so that none is marked as cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zsr_tui.scoring.endpoints import served
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.endpoints.client import Client
from zsr_tui.scoring.families.base import Prepared

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.devices import Device
    from zsr_tui.scoring.weights import ResolvedModel


class EndpointReranker:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        return [Prepared(1, False, (query, text)) for text in texts]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """One request a query, or more where the server takes fewer texts at a time."""
        import numpy as np

        scores = np.empty(len(batch), dtype=np.float32)
        for query, positions in _grouped(batch).items():
            scores[positions] = self._caller.scores(query, [batch[position].payload[1] for position in positions])
        return scores

    def close(self) -> None:
        self._caller.close()


class EndpointEncoder:
    """`prompts`: what is put before queries and documents where the server does not do it itself."""

    def __init__(self, caller: Caller, prompts: dict[str, str]) -> None:
        self._caller, self._prompts = caller, prompts
        self.dimension = int(caller.vectors(["a"], "document").shape[1])

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return [Prepared(1, False, (role, self._prompts[role] + text)) for text in texts]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        import numpy as np

        vectors = np.empty((len(batch), self.dimension), dtype=np.float32)
        for role, positions in _grouped(batch).items():
            vectors[positions] = self._caller.vectors([batch[position].payload[1] for position in positions], role)
        return vectors

    def close(self) -> None:
        self._caller.close()


def _grouped(batch: Sequence[Prepared]) -> dict[str, list[int]]:
    """Positions by query or role, which one request has one of."""
    groups: dict[str, list[int]] = {}
    for position, prepared in enumerate(batch):
        groups.setdefault(prepared.payload[0], []).append(position)
    return groups


def load(resolved: ResolvedModel, device: Device) -> EndpointReranker | EndpointEncoder:
    endpoint = served.find(resolved.info.name)
    caller = Caller(endpoint, Client(endpoint.address))
    if resolved.info.family == "endpoint":
        return EndpointReranker(caller)
    recipe = resolved.recipe
    return EndpointEncoder(caller, {"query": recipe.query_prompt or "", "document": recipe.document_prompt or ""})
