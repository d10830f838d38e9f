"""Queries and judgments of a folder in BEIR layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from zsr_tui.corpora.problems import told
from zsr_tui.corpora.records import decoded, lines, parse, query
from zsr_tui.domain import Problem, Query

_GRADE_NAMES = {"score", "relevance", "rel", "grade", "label"}  # what a header calls the last column


@dataclass(slots=True)
class Judgments:
    """Grades by query and document; `changed` counts the pairs that were judged twice and differently."""

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    count: int = 0
    changed: int = 0


def read_queries(path: Path) -> dict[str, Query]:
    """Raises `Problem` with file and line number at the first line that is not a query or repeats an id."""
    found: dict[str, Query] = {}
    places: dict[str, int] = {}
    with told(path, f"reading {path.name}"), path.open("rb") as file:
        for number, _, line in lines(file):
            one = query(parse(line, path, number), path, number)
            if one.id in found:
                raise Problem(f"{path}, line {number}: query {one.id!r} is there already, on line {places[one.id]}.")
            found[one.id], places[one.id] = one, number
    return found


def read_judgments(path: Path) -> Judgments:
    """Three columns (query, document, grade) with or without a header, or TREC's four (query, iteration, document,
    grade). Raises `Problem` with file and line number at the first line that is neither."""
    judgments = Judgments()
    first = True
    with told(path, f"reading {path.name}"), path.open("rb") as file:
        for number, _, line in lines(file):
            where = f"{path}, line {number}"
            text = decoded(line, where)
            columns = [column.strip() for column in (text.split("\t") if "\t" in text else text.split())]
            header = first and columns[-1].lower() in _GRADE_NAMES
            first = False
            if header:
                continue
            if len(columns) not in (3, 4):
                raise Problem(f"{where}: expected query id, document id and grade, found {len(columns)} columns.")
            doc_id, grade = columns[-2], _grade(columns[-1], where)
            of_query = judgments.grades.setdefault(columns[0], {})
            judgments.changed += of_query.get(doc_id, grade) != grade
            judgments.count += 1
            of_query[doc_id] = grade
    return judgments


def _grade(text: str, where: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Problem(f"{where}: the grade must be a whole number, not {text!r}.") from None
