"""What of an evaluation is shown in Compare: systems that can be asked again, the query, and a document of it."""

from __future__ import annotations

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import QueryRow
from zsr_tui.ui.parts.chosen_systems import MOST
from zsr_tui.ui.parts.messages import Comparison

DEPTH = 100


def comparison(
    item: EvaluationItem, row: QueryRow, system: int, baseline: int, doc_id: str | None, rank: int | None
) -> Comparison | None:
    """None where the evaluation holds nothing but run files. Of more systems than Compare shows, the two that are
    compared and the first others. `rank` is the document's, if it is known."""
    runnable = [number for number in range(len(item.notations)) if number not in item.run_files]
    if not runnable:
        return None
    kept = sorted(sorted(runnable, key=lambda number: (number not in (system, baseline), number))[:MOST])
    return Comparison(
        dataset=row.dataset,
        systems=tuple(item.notations[number] for number in kept),
        query=row.text,
        qid=row.qid,
        doc_id=doc_id,
        active=kept.index(system) if system in kept else 0,
        depth=1000 if rank is not None and rank > DEPTH else DEPTH,
        drop_self=item.drop_self,
        back=True,
    )
