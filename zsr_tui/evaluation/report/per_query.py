"""Per-query measures as CSV, JSON and Parquet: one row for each query and system, one column for each measure."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from zsr_tui import extras
from zsr_tui.domain import Problem
from zsr_tui.evaluation.report import provenance
from zsr_tui.evaluation.report.chosen import Chosen
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.results import Against, EvaluatedSystem, Evaluation, Row
from zsr_tui.evaluation.stage_losses import StageLosses
from zsr_tui.spreadsheet import Lines, computed

_FACTS = ("dataset", "query_id", "query", "relevant", "judged", "system", "label", "precision")


def rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """A value that the system does not have (it failed, or was stopped) is None."""
    for index, query in enumerate(evaluation.queries):
        for number, system in enumerate(evaluation.systems):
            about = (system.notation, system.label, system.precision)
            facts = (query.member, query.id, query.text, query.relevant, query.judged, *about)
            values = [_number(float(each)) for each in evaluation.values[number, :, index]]
            yield dict(zip(_FACTS, facts, strict=True)) | dict(zip(evaluation.measures, values, strict=True))


def as_csv(evaluation: Evaluation, *, spreadsheet: bool = False) -> bytes:
    """UTF-8; texts as they are, quoted where they must be; a missing value is an empty field. For a `spreadsheet` an
    apostrophe stands before each text that it would compute."""
    out = Lines()
    writer = csv.DictWriter(out, [*_FACTS, *evaluation.measures], lineterminator="\r\n")
    writer.writeheader()
    for row in rows(evaluation):
        writer.writerow(
            {name: f"'{value}" if spreadsheet and computed(value) else value for name, value in row.items()}
        )
    return _bytes(out.getvalue())


def formulas(evaluation: Evaluation) -> int:
    """Fields of the CSV that a spreadsheet would compute."""
    return sum(computed(value) for row in rows(evaluation) for value in row.values())


def as_parquet(contents: Contents) -> bytes:
    """The rows of the CSV with their types; the schema's metadata say how to repeat it, as JSON under "provenance".
    Raises `Problem` without pyarrow."""
    evaluation = contents.evaluation
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise Problem(
            f"Parquet needs pyarrow, which is not installed: {extras.get('pyarrow')}, or write .csv or .json.",
            usage=True,
        ) from error
    types = {"relevant": pa.int64(), "judged": pa.int64()} | dict.fromkeys(evaluation.measures, pa.float64())
    columns: dict[str, list[Any]] = {name: [] for name in (*_FACTS, *evaluation.measures)}
    for row in rows(evaluation):
        for name, value in row.items():
            columns[name].append(_clean(value) if isinstance(value, str) else value)
    table = pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()})
    table = table.replace_schema_metadata({"provenance": _clean(provenance.as_json(evaluation, contents.summary))})
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def as_json(contents: Contents) -> bytes:
    """Everything: provenance, the table with its tests, the chosen queries with the stages at fault, and each query's
    values by system (null: there is none)."""
    evaluation, summary = contents.evaluation, contents.summary
    answer = {
        "dataset": evaluation.dataset,
        "members": list(evaluation.members),
        "complete": evaluation.complete,
        "measures": list(evaluation.measures),
        "notes": [*evaluation.notes, *summary.notes],
        "provenance": provenance.data(evaluation, summary),
        "baseline": evaluation.systems[summary.baseline].notation,
        "systems": [_system(contents.evaluation.systems[row.system], row) for row in summary.rows],
        "measure": contents.measure,
        "chosen_queries": [_chosen(contents, each) for each in contents.queries],
        "queries": [
            {
                "dataset": query.member,
                "id": query.id,
                "text": query.text,
                "relevant": query.relevant,
                "judged": query.judged,
                "values": [
                    {
                        measure: _number(float(evaluation.values[system, at, index]))
                        for at, measure in enumerate(evaluation.measures)
                    }
                    for system in range(len(evaluation.systems))
                ],
            }
            for index, query in enumerate(evaluation.queries)
        ],
    }
    return _bytes(json.dumps(answer, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _system(system: EvaluatedSystem, row: Row) -> Mapping[str, Any]:
    return {
        "system": system.notation,
        "label": system.label,
        "family": system.family,
        "parameters": system.parameters,
        "precision": system.precision,
        "source": system.source,
        "revisions": dict(system.revisions),
        "failed": system.failed,
        "queries": row.queries,
        "ms_per_query": system.cost.ms_per_query,
        "pairs_per_second": system.cost.pairs_per_second,
        "measures": {
            measure: {
                "mean": _number(cell.mean),
                "condensed": _number(cell.condensed),
                "maximum": _number(cell.maximum),
                "against_baseline": _against(cell.against) if cell.against else None,
            }
            for measure, cell in row.cells.items()
        },
    }


def _chosen(contents: Contents, chosen: Chosen) -> Mapping[str, Any]:
    """Why it was chosen, and what each stage of the systems in question did to it."""
    evaluation, baseline = contents.evaluation, contents.summary.baseline
    shown = evaluation.names
    query = evaluation.queries[chosen.query]
    return {
        "dataset": query.member,
        "id": query.id,
        "baseline": evaluation.systems[baseline].notation,
        "reasons": [
            {
                "system": evaluation.systems[reason.system].notation,
                "difference": reason.difference,
                "place": reason.place,
                "sentence": _plain(reason.sentence(shown, baseline)),
            }
            for reason in chosen.reasons
        ],
        "stages": [
            {"system": evaluation.systems[system].notation, **_stages(losses)} for system, losses in chosen.losses
        ],
        "explanations": [why.as_json(evaluation) for why in contents.whys.get(chosen.query, ())],
    }


def _stages(losses: StageLosses) -> Mapping[str, Any]:
    steps = [
        asdict(step) | {"beside": [{"name": name, "value": value} for name, value in step.beside]}
        for step in losses.steps
    ]
    return {
        "measure": losses.measure,
        "steps": [{key: value for key, value in step.items() if key != "stage"} for step in steps],
        "at_fault": losses.at_fault,
        "difference": losses.difference,
        "sentence": _plain(losses.sentence),
    }


def _plain(text: str) -> str:
    """With the hyphen for a minus, as every number of a data file has it."""
    return text.replace("−", "-")


def _against(against: Against) -> Mapping[str, Any]:
    numbers = asdict(against) | {"interval": [_number(each) for each in against.interval]}
    return {key: _number(each) if isinstance(each, float) else each for key, each in numbers.items()}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _clean(text: str) -> str:
    """Without lone surrogates, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
