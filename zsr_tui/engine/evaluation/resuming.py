"""What goes on with a stored evaluation that was stopped."""

from __future__ import annotations

from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.evaluation import store


def resuming(evaluation: str) -> EvaluateRequest:
    """The request that goes on with a stored evaluation."""
    stored = store.find(evaluation)
    spec = stored.spec
    return EvaluateRequest(
        id="",
        dataset=spec.dataset,
        systems=tuple(system.notation for system in spec.systems if system.run_file is None),
        runs=tuple(system.run_file.path for system in spec.systems if system.run_file is not None),
        measures=spec.measures,
        depth=spec.provenance.depth,
        drop_self=spec.provenance.drop_self,
        qids=tuple(query.id for query in stored.queries) if spec.provenance.subset else None,
        command=spec.provenance.command,
        background=True,
        per_query=False,
    )
