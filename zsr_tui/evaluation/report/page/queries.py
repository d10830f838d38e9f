"""Chosen queries with their lists side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zsr_tui.domain import Doc, relevant_docs
from zsr_tui.evaluation import failures
from zsr_tui.evaluation.report.chosen import DEPTH, Chosen
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.evaluation.results import RankedList
from zsr_tui.numerals import counted, minus, value
from zsr_tui.text import Finder, merged, snippet

_ABREAST = 4  # lists; of more, those that a query was not chosen for are folded
_MISSED = 20  # relevant documents whose places are listed
_MOVED = (failures.Outcome.DEMOTED, failures.Outcome.PUSHED_DOWN, failures.Outcome.RECOVERED)


def article(contents: Contents, chosen: Chosen) -> dict[str, Any]:
    """What the template `query.html` names: why the query was chosen and what the stages did, its lists, and where its
    relevant documents stand. Reads the query's lists, and the documents in them."""
    evaluation, index = contents.evaluation, chosen.query
    query = evaluation.queries[index]
    lists = evaluation.lists(index)
    finals = [system.final(lists.by_stage) for system in evaluation.systems]
    relevant = sorted(
        relevant_docs(lists.judgments),
        key=lambda doc_id: (-lists.judgments[doc_id], doc_id),
    )
    wanted = {doc_id for each in finals if each for doc_id in each.doc_ids[:DEPTH]}
    docs = evaluation.documents(query.member, [*sorted(wanted), *relevant[:_MISSED]])
    terms = evaluation.terms(query.member, query.text)
    shown: dict[int, dict[str, Any]] = {}
    for system, each in enumerate(finals):
        if each is None:
            continue
        numbers = zip(evaluation.measures, evaluation.values[system, :, index].tolist(), strict=True)
        rows = _rows(each.first(DEPTH), lists.judgments, docs, terms)
        shown[system] = {
            "name": evaluation.names[system],
            "measured": " · ".join(f"{measure} {value(number)}" for measure, number in numbers),
            "rows": rows,
            "more": len(each.doc_ids) - len(rows),
        }
    in_question = {contents.baseline, *(reason.system for reason in chosen.reasons)}
    if len(shown) <= _ABREAST or not chosen.reasons:
        in_question |= shown.keys()
    return {
        "index": index,
        "text": query.text.strip(),
        "about": chosen.about(evaluation),
        "why": chosen.lines(evaluation.names, contents.baseline),
        "lists": [each for system, each in shown.items() if system in in_question],
        "folded": [each for system, each in shown.items() if system not in in_question],
        "absent": [name for name, each in zip(evaluation.names, finals, strict=True) if each is None],
        "explained": [why.table(evaluation.names) for why in contents.whys.get(index, ())],
        "places": _places(contents, index, relevant, docs) if relevant else None,
    }


def _rows(
    ranking: RankedList, judgments: Mapping[str, int], docs: Mapping[str, Doc], terms: Finder
) -> list[dict[str, Any]]:
    """Of the places of a list. `snippet`: texts, and whether they are terms of the query; None without the document."""
    largest = max((abs(float(score)) for score in ranking.scores), default=0.0)
    digits = 2 if largest >= 10 else 3 if largest >= 1 else 4
    rows = []
    for doc_id, score in zip(ranking.doc_ids, ranking.scores.tolist(), strict=True):
        doc = docs.get(doc_id)
        rows.append(
            {
                "doc_id": doc_id,
                "title": doc.title if doc and doc.title.strip() else doc_id,
                "grade": judgments.get(doc_id),
                "cut": doc_id in ranking.cut,
                "score": minus(f"{score:.{digits}f}" if abs(score) < 1e6 else f"{score:.4g}"),
                "snippet": _snippet(doc, terms) if doc else None,
            }
        )
    return rows


def _snippet(doc: Doc, terms: Finder) -> list[tuple[str, bool]]:
    text, spans = snippet(doc.text or doc.title, terms, 150)
    parts, at = [], 0
    for start, end in merged(spans):
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [*parts, (text[at:], False)]


def _places(contents: Contents, index: int, relevant: list[str], docs: Mapping[str, Doc]) -> Table:
    """Where each relevant document stands in every system, and what became of it there."""
    evaluation = contents.evaluation
    fates = {
        (fate.doc_id, fate.system): fate
        for fate in failures.fates(evaluation, index)
        if fate.outcome is not failures.Outcome.ONE_FAMILY
    }
    rows = []
    for doc_id in relevant[:_MISSED]:
        doc = docs.get(doc_id)
        found = [fates.get((doc_id, system)) for system in range(len(evaluation.systems))]
        grade = next((fate.grade for fate in found if fate), None)
        rows.append(
            (
                Cell(f"{doc.title} ({doc_id})" if doc and doc.title.strip() else doc_id),
                Cell("" if grade is None else f"●{grade}"),
                *(Cell(_fate(fate), order=fate.final if fate else None) for fate in found),
            )
        )
    columns = (
        Column("relevant document", number=False),
        Column("grade"),
        *(Column(name) for name in evaluation.names),
    )
    notes = (f"{counted(len(relevant) - _MISSED, 'more relevant document')}.",) if len(relevant) > _MISSED else ()
    return Table("Relevant documents", columns, tuple(rows), notes)


def _fate(fate: failures.Fate | None) -> str:
    """Its rank, and what happened: "17, demoted from 2"."""
    if fate is None:
        return "–"
    label = "" if fate.outcome is failures.Outcome.FOUND else fate.outcome.label
    moved = fate.outcome in _MOVED and fate.before is not None
    said = f"{label} from {fate.before:,}" if moved else label
    return ", ".join(part for part in (f"{fate.final:,}" if fate.final else "", said) if part)
