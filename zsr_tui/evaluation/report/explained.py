"""Why a chosen query has this document on top in a system, and what became of a relevant one that is missed there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui.domain import Problem, relevant_docs
from zsr_tui.evaluation.report.chosen import DEPTH, Chosen
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.explanation import OVERLAP, WORDS, Explanation, Part
from zsr_tui.numerals import counted, signed, value
from zsr_tui.text import one_line

if TYPE_CHECKING:
    from zsr_tui.evaluation.results import Evaluation

TOP, MISSED = "top document", "missed document"
PARTS = 6  # of an explanation, the heaviest
RIVALS = ("pairwise", "listwise")  # whose parts are other documents, those that it lost to first
MOST_S = 480.0  # for all of a report
_TEXT = 200  # characters of a part
_NAMED = 3  # words of the query
_SHOWN = 0.0005  # the least share that its three digits show
Explain = Callable[[str, str, str, str], Explanation]  # of (dataset, query id, system, document id); raises `Problem`


@dataclass(frozen=True, slots=True)
class Why:
    """`which` is TOP or MISSED. Of run files and of what a server would be paid for there is a `problem` instead."""

    query: int
    system: int
    which: str
    doc_id: str
    found: Explanation | None = None
    problem: str = ""

    def title(self, names: Sequence[str]) -> str:
        title = one_line(self.found.title) if self.found else ""
        return f"{names[self.system]}, {self.which}: {title} ({self.doc_id})" if title else self._untitled(names)

    def _untitled(self, names: Sequence[str]) -> str:
        return f"{names[self.system]}, {self.which}: {self.doc_id}"

    def table(self, names: Sequence[str]) -> Table:
        """Its heaviest parts; below them its way, its score, and what else is to be known."""
        columns = (Column("part", number=False), Column("share"))
        if self.found is None:
            return Table(self.title(names), columns, (), (self.problem,))
        found = self.found
        rivals = found.family in RIVALS
        parts = found.parts if rivals else sorted(found.parts, key=lambda part: -abs(part.share or 0.0))
        rows = tuple(
            (Cell(_named(part, rivals)), Cell("–" if part.share is None else signed(part.share, 3), order=part.share))
            for part in parts[:PARTS]
        )
        more = len(found.parts) - len(rows)
        left = counted(more, "more part" if rivals else "lighter part")
        lighter = f"{left} {'is' if more == 1 else 'are'} left out." if more else ""
        method = f"{found.method}." if found.method else ""
        notes = (_way(found), _score(found), _of_words(found), method, *found.notes, lighter)
        return Table(self.title(names), columns, rows, tuple(filter(None, notes)))

    def as_json(self, evaluation: Evaluation) -> dict[str, Any]:
        """The explanation without its text, which the document has."""
        known = {"system": evaluation.systems[self.system].notation, "document": self.doc_id, "which": self.which}
        if self.found is None:
            return {**known, "problem": self.problem, "explanation": None}
        kept = msgspec.structs.replace(self.found, text="", input=None)
        return {**known, "problem": "", "explanation": msgspec.to_builtins(kept)}


def explained(evaluation: Evaluation, chosen: Sequence[Chosen], explain: Explain) -> list[Why]:
    """Of each chosen query and each system that it was chosen for: the first document, and the relevant one of the
    highest grade that is not among the first ten. What would take longer than `MOST_S` in all is left out, and says
    so."""
    until = time.monotonic() + MOST_S
    found = []
    for each in chosen:
        lists = evaluation.lists(each.query)
        for system, _ in each.losses:
            final = evaluation.systems[system].final(lists.by_stage)
            if final is None:
                continue
            seen = set(final.doc_ids[:DEPTH])
            grades = lists.judgments
            missed = [doc_id for doc_id in relevant_docs(grades) if doc_id not in seen]
            missed.sort(key=lambda doc_id: (-grades[doc_id], doc_id))
            wanted = [(TOP, doc_id) for doc_id in final.doc_ids[:1]] + [(MISSED, doc_id) for doc_id in missed[:1]]
            for which, doc_id in wanted:
                known = Why(each.query, system, which, doc_id)
                found.append(_explained(evaluation, known, explain, late=time.monotonic() > until))
    return found


def _explained(evaluation: Evaluation, why: Why, explain: Explain, *, late: bool) -> Why:
    system, query = evaluation.systems[why.system], evaluation.queries[why.query]
    if system.run_file is not None:
        return _without(why, "A run file has no system here that could explain its score.")
    if late:
        return _without(
            why, f"Not explained: the explanations of this report took longer than {MOST_S / 60:.0f} minutes."
        )
    try:
        found = explain(query.member, query.id, system.notation, why.doc_id)
    except Problem as problem:
        return _without(why, f"Not explained: {problem.message}")
    return Why(why.query, why.system, why.which, why.doc_id, found)


def _without(why: Why, problem: str) -> Why:
    return Why(why.query, why.system, why.which, why.doc_id, problem=problem)


def _named(part: Part, rival: bool) -> str:
    """A rival with what became of it; a long text with its beginning."""
    text = f"{part.text}, {part.note}" if rival and part.note else part.text
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1].rstrip()}…"


def _way(found: Explanation) -> str:
    """Through the stages: "bm25: rank 4 of 100 → ms-marco-MiniLM: rank 1 of 100"."""
    stages = [
        f"{station.stage.rpartition(' >> ')[2] if station.kind == 'rerank' else station.stage}: {station.place}"
        f"{f', {station.dropped}' if station.dropped else ''}"
        for station in found.lineage
    ]
    return f"Its way: {' → '.join(stages)}." if stages else ""


def _of_words(found: Explanation) -> str:
    """Which words of the query the score would miss most."""
    words = next((table.parts for table in found.tables if table.title == WORDS), ())
    heavy = sorted((part for part in words if (part.share or 0.0) >= _SHOWN), key=lambda part: -(part.share or 0.0))
    said = [f"“{part.text}” ({signed(part.share or 0.0, 3)})" for part in heavy[:_NAMED]]
    return f"Of the query's words it would lose most without {', '.join(said)}." if said else ""


def _score(found: Explanation) -> str:
    if found.score is None:
        return ""
    said = f"Score {value(found.score)} ({found.scale})"
    if found.sum is None:
        return f"{said}."
    return f"{said}, sum of the shares {value(found.sum)}{'' if found.additive else f': {OVERLAP}'}."
