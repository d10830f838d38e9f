"""A query of an evaluation in Compare: which of its systems are shown there, and where the cursor goes."""

from __future__ import annotations

import os

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import QueryRow
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.parts.chosen_systems import MOST
from zsr_tui.ui.parts.messages import Comparison, Explainable

DEPTH, DEEPEST = 100, 1000  # of its lists; the deeper one where the document is below the first


def comparison(
    item: EvaluationItem, selection: QuerySelection, row: QueryRow, doc_id: str | None = None, rank: int | None = None
) -> Comparison | None:
    """None where the evaluation holds nothing but run files. Of more systems than Compare shows, the two that are
    compared and the first others. `rank` is the document's in the list of the system."""
    system, pair = selection.system, (selection.system, selection.baseline)
    runnable = [number for number in range(len(item.notations)) if number not in item.run_files]
    kept = sorted(sorted(runnable, key=lambda number: (number not in pair, number))[:MOST])
    if not kept:
        return None
    return Comparison(
        dataset=row.dataset,
        systems=tuple(item.notations[number] for number in kept),
        query=row.text,
        qid=row.qid,
        doc_id=doc_id,
        active=kept.index(system) if system in kept else 0,
        depth=DEEPEST if rank is not None and rank > DEPTH else DEPTH,
        drop_self=item.drop_self,
        back=True,
    )


def explainable(of: Comparison) -> Explainable:
    """The document that a comparison has the cursor on."""
    return Explainable(
        dataset=of.dataset,
        systems=of.systems,
        system=of.active,
        doc_id=of.doc_id or "",
        query=of.query,
        qid=of.qid,
        drop_self=of.drop_self,
        pane=f"explain {os.getpid()}",
    )
