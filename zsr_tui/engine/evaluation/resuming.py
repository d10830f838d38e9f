"""What is left of an evaluation that was stopped, and the request that goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.evaluation import store
from zsr_tui.evaluation.measures import no_values

if TYPE_CHECKING:
    import numpy as np


def resuming(evaluation: str) -> EvaluateRequest:
    """The request that goes on with a stored evaluation."""
    stored = store.find(evaluation)
    spec = stored.spec
    return EvaluateRequest(
        id="",
        dataset=spec.dataset,
        systems=tuple(system.notation for system in spec.systems if system.run_file is None),
        runs=tuple(system.run_file.path for system in spec.systems if system.run_file is not None),
        measures=tuple(name for name in spec.measures if not no_values(name, ())),
        depth=spec.provenance.depth,
        drop_self=spec.provenance.drop_self,
        qids=tuple(query.id for query in stored.queries) if spec.provenance.subset else None,
        command=spec.provenance.command,
        background=True,
        per_query=False,
    )


def missing(records: np.ndarray) -> dict[int, list[int]]:
    """The systems that each query is still to be run through, for the queries that lack some."""
    import numpy as np

    lacking = np.isnan(records["ms"])
    return {int(query): np.flatnonzero(lacking[query]).tolist() for query in np.flatnonzero(lacking.any(axis=1))}
