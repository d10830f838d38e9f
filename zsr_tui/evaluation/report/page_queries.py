"""Chosen queries with their lists side by side, as HTML."""

from __future__ import annotations

from collections.abc import Mapping

from zsr_tui.domain import Doc
from zsr_tui.evaluation import failures
from zsr_tui.evaluation.report.chosen import Chosen
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.numerals import minus, value
from zsr_tui.evaluation.report.page_parts import details, esc, table_html
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.evaluation.results import RankedList
from zsr_tui.figures import counted
from zsr_tui.plots.svg_parts import escape
from zsr_tui.text import Terms, merged, snippet

_ABREAST = 4  # lists; of more, those that a query was not chosen for are folded
_MISSED = 20  # relevant documents whose places are listed
_MOVED = (failures.Outcome.DEMOTED, failures.Outcome.PUSHED_DOWN, failures.Outcome.RECOVERED)


def query_html(contents: Contents, chosen: Chosen) -> str:
    """One query: why it was chosen, which stage is at fault, its lists, and where its relevant documents stand."""
    evaluation, index = contents.evaluation, chosen.query
    query = evaluation.queries[index]
    lists = evaluation.lists(index)
    shown = evaluation.names
    finals = [evaluation.final(lists, system) for system in range(len(evaluation.systems))]
    relevant = sorted(
        (doc_id for doc_id, grade in lists.judgments.items() if grade > 0),
        key=lambda doc_id: (-lists.judgments[doc_id], doc_id),
    )
    wanted = {doc_id for each in finals if each for doc_id in each.doc_ids[: contents.depth]}
    docs = evaluation.documents(query.member, [*sorted(wanted), *relevant[:_MISSED]])
    terms = Terms.of(query.text)
    where = f"{query.member} · " if len(evaluation.members) > 1 else ""
    parts = [
        f'<article id="q{index}"><h3>{esc(query.text) or "(empty query)"}</h3>',
        f'<p class="muted">{esc(where)}query {esc(query.id)} · {query.relevant:,} relevant of {query.judged:,} judged'
        f"</p>",
    ]
    lines = [
        f"<li><strong>{esc(said)}</strong>" + (f"<br>{esc(stages)}" if stages else "") + "</li>"
        for said, stages in chosen.lines(shown, contents.summary.baseline)
    ]
    if lines:
        parts.append(f'<ul class="why">{"".join(lines)}</ul>')
    lists_html: dict[int, str] = {}
    for system, each in enumerate(finals):
        if each is None:
            continue
        values = " · ".join(
            f"{measure} {value(float(evaluation.values[system, at, index]))}"
            for at, measure in enumerate(evaluation.measures)
        )
        header = f"<header><h4>{esc(shown[system])}</h4><p>{esc(values)}</p></header>"
        body = _list(each, lists.judgments, docs, terms, contents.depth)
        lists_html[system] = f'<section class="list">{header}{body}</section>'
    in_question = {contents.summary.baseline, *(reason.system for reason in chosen.reasons)}
    if len(lists_html) <= _ABREAST or not chosen.reasons:
        in_question |= lists_html.keys()
    shown_lists = [each for system, each in lists_html.items() if system in in_question]
    others = [each for system, each in lists_html.items() if system not in in_question]
    parts.append(f'<div class="lists">{"".join(shown_lists)}</div>')
    if others:
        parts.append(details(counted(len(others), "more list"), f'<div class="lists">{"".join(others)}</div>'))
    absent = [name for name, each in zip(shown, finals, strict=True) if each is None]
    if absent:
        parts.append(f'<p class="note">No list of this query: {esc(", ".join(absent))}.</p>')
    if relevant:
        parts.append(table_html(_places(contents, index, relevant, docs), heading=False, sortable=False))
    parts.append("</article>")
    return "\n".join(parts)


def _list(ranking: RankedList, judgments: Mapping[str, int], docs: Mapping[str, Doc], terms: Terms, depth: int) -> str:
    rows = []
    largest = max((abs(float(score)) for score in ranking.scores[:depth]), default=0.0)
    digits = 2 if largest >= 10 else 3 if largest >= 1 else 4
    for rank, (doc_id, score) in enumerate(zip(ranking.doc_ids[:depth], ranking.scores[:depth], strict=True), start=1):
        doc = docs.get(doc_id)
        title = doc.title if doc and doc.title.strip() else doc_id
        cut = (
            ' <span title="the model read only the beginning of this document">†</span>'
            if doc_id in ranking.cut
            else ""
        )
        text = f'<p class="snippet">{_snippet(doc, terms)}</p>' if doc else ""
        rows.append(
            f'<li><div class="doc"><span class="rank">{rank}</span>{mark(judgments.get(doc_id))}'
            f'<span class="id" title="{esc(doc_id)}">{esc(title)}{cut}</span>'
            f'<span class="score">{_score(float(score), digits)}</span></div>{text}</li>'
        )
    more = len(ranking.doc_ids) - len(rows)
    tail = f'<li class="muted">{more:,} more</li>' if more > 0 else ""
    nothing = '<li class="muted">no documents</li>' if not rows else ""
    return f"<ol>{''.join(rows)}{tail}{nothing}</ol>"


def _score(score: float, digits: int) -> str:
    return minus(f"{score:.{digits}f}" if abs(score) < 1e6 else f"{score:.4g}")


def mark(grade: int | None) -> str:
    """The judgment as a glyph and a colour: unjudged is not the same as not relevant."""
    if grade is None:
        return '<span class="j ju" title="unjudged">·</span>'
    if grade <= 0:
        return '<span class="j j0" title="judged not relevant">○</span>'
    return f'<span class="j j1" title="relevant, grade {grade}">●{grade}</span>'


def _snippet(doc: Doc, terms: Terms) -> str:
    text, spans = snippet(doc.text or doc.title, terms, 150)
    parts, at = [], 0
    for start, end in merged(spans):
        parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return "".join((*parts, escape(text[at:])))


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
    notes = (f"{len(relevant) - _MISSED:,} more relevant documents.",) if len(relevant) > _MISSED else ()
    return Table("Relevant documents", columns, tuple(rows), notes)


def _fate(fate: failures.Fate | None) -> str:
    """Its rank, and what happened: "17, demoted from 2"."""
    if fate is None:
        return "–"
    label = "" if fate.outcome is failures.Outcome.FOUND else fate.outcome.label
    moved = fate.outcome in _MOVED and fate.before is not None
    said = f"{label} from {fate.before:,}" if moved else label
    return ", ".join(part for part in (f"{fate.final:,}" if fate.final else "", said) if part)
