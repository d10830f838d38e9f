"""From the records of an evaluation to those of `zsr_tui.api.evaluations`."""

from __future__ import annotations

import math
from collections.abc import Mapping

from zsr_tui.api.evaluations import CellView, EvaluationItem, Number, SystemView
from zsr_tui.api.queries import QueryRow
from zsr_tui.engine.evaluation import jobs as evaluation_jobs
from zsr_tui.evaluation.failures import outcome_index
from zsr_tui.evaluation.query_table import AGREEMENTS, JUDGED, QueryTable
from zsr_tui.evaluation.results import Against, Cell, Evaluation
from zsr_tui.evaluation.stored import Listing
from zsr_tui.selection import QuerySelection


def item(listing: Listing) -> EvaluationItem:
    spec = listing.spec
    return EvaluationItem(
        id=spec.id,
        dataset=spec.dataset,
        systems=tuple(system.label for system in spec.systems),
        notations=tuple(system.notation for system in spec.systems),
        measures=spec.measures,
        queries=listing.queries,
        done=listing.done,
        state=evaluation_jobs.state(spec.id) or ("complete" if listing.complete else "stopped"),
        date=spec.provenance.date,
        subset=spec.provenance.subset,
        failed=tuple(f"{spec.systems[index].label}: {why}" for index, why in listing.failed.items()),
        bytes=listing.bytes,
        drop_self=spec.provenance.drop_self,
        run_files=tuple(index for index, system in enumerate(spec.systems) if system.run_file is not None),
    )


def system_view(described: Evaluation, index: int, queries: int, cells: Mapping[str, Cell]) -> SystemView:
    system = described.systems[index]
    return SystemView(
        system=index,
        notation=system.notation,
        label=system.label,
        family=system.family,
        parameters=system.parameters,
        source=system.source,
        queries=queries,
        cells={name: cell_view(cell) for name, cell in cells.items()},
        ms_per_query=system.cost.ms_per_query,
        pairs_per_second=system.cost.pairs_per_second,
        pairs=system.cost.pairs,
        dropped_self=system.dropped_self,
        failed=system.failed,
    )


def cell_view(cell: Cell) -> CellView:
    mean, condensed, maximum = number(cell.mean), number(cell.condensed), number(cell.maximum)
    against: Against | None = cell.against
    if against is None:
        return CellView(mean=mean, condensed=condensed, maximum=maximum)
    return CellView(
        mean=mean,
        condensed=condensed,
        maximum=maximum,
        difference=number(against.difference),
        p=number(against.p),
        p_holm=number(against.p_holm),
        effect=number(against.effect),
        low=number(against.interval[0]),
        high=number(against.interval[1]),
        wins=against.wins,
        ties=against.ties,
        losses=against.losses,
    )


def query_row(table: QueryTable, query: int, selection: QuerySelection, agreements: bool) -> QueryRow:
    described = table.evaluation
    one = described.queries[query]
    rbo, jaccard, tau = (None,) * len(AGREEMENTS)
    if agreements:
        rbo, jaccard, tau = map(number, table.agreement(selection.system, selection.baseline)[:, query].tolist())
    documents = None
    if selection.outcome:
        documents = int(table.outcomes[selection.system, outcome_index(selection.outcome), query])
    judged = table.values(JUDGED)[:, query].tolist() if JUDGED in described.measures else []
    return QueryRow(
        query=query,
        qid=one.id,
        text=one.text,
        dataset=one.member,
        length=int(table.lengths[query]),
        relevant=one.relevant,
        judged=one.judged,
        values=tuple(map(number, table.values(selection.measure)[:, query].tolist())),
        judged_at_10=tuple(map(number, judged)),
        difference=number(float(table.differences(selection.measure, selection.system, selection.baseline)[query])),
        rbo=rbo,
        jaccard=jaccard,
        tau_ap=tau,
        documents=documents,
    )


def number(value: float | None) -> Number:
    return None if value is None or not math.isfinite(value) else value
