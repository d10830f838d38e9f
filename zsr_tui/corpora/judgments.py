"""Queries and judgments of a folder in BEIR layout."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zsr_tui import outside
from zsr_tui.corpora.problems import told
from zsr_tui.corpora.records import decoded, lines, parse, query
from zsr_tui.domain import LARGEST_GRADE, Problem, Query
from zsr_tui.text import unquoted

# What headers call the columns, letters only.
QUERY = {"queryid", "query", "qid", "topic", "topicid"}
DOCUMENT = {"corpusid", "docid", "docno", "doc", "documentid", "document", "pid", "passageid"}
_VAGUE = {"query", "topic", "doc", "document", "score"}  # may be a text, or what a system gave
GRADE = {"score", "relevance", "rel", "grade", "label", "judgment", "judgement", "rating", "qrel"}


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
    with told(path, f"reading {path.name}"), outside.opened(path) as file:
        for number, _, line in lines(file, path):
            one = query(parse(line, path, number), path, number)
            if one.id in found:
                raise Problem(f"{path}, line {number}: query {one.id!r} is there already, on line {places[one.id]}.")
            found[one.id], places[one.id] = one, number
    return found


def read_judgments(path: Path) -> Judgments:
    """Query, document and grade, or TREC's query, iteration, document and grade; with a header in any order, and with
    other columns besides. Fields may stand in quotes, as csv.writer and pandas write them, and below a header apart by
    commas or semicolons. Raises `Problem` with file and line number at the first line that is none of it."""
    judgments = Judgments()
    count, places = 0, (0, -2, -1)  # of the columns; where query, document and grade stand
    with told(path, f"reading {path.name}"), outside.opened(path) as file:
        for where, columns in _rows(file, path):
            if not count:
                header = header_places(columns)
                count, places = len(columns), header or places
                if header:
                    continue
                if count not in (3, 4):
                    found = _counted(count)
                    if count == 1 and {",", ";"} & set(columns[0]):
                        found += "; they stand apart by commas or semicolons only below a header that names all three"
                    raise Problem(f"{where}: expected query id, document id and grade, found {found}.")
            if len(columns) != count:
                expected = "query id, document id and grade" if count == 3 else f"{count} columns as before"
                raise Problem(f"{where}: expected {expected}, found {_counted(len(columns))}.")
            qid, doc_id = columns[places[0]], columns[places[1]]
            grade = grade_of(columns[places[2]], where)
            of_query = judgments.grades.setdefault(qid, {})
            judgments.changed += of_query.get(doc_id, grade) != grade
            judgments.count += 1
            of_query[doc_id] = grade
    return judgments


def _rows(file: outside.Lines, path: Path) -> Iterator[tuple[str, list[str]]]:
    """(file and line, fields) of every line that has some."""
    separator: str | None = None
    for number, _, line in lines(file, path):
        where = f"{path}, line {number}"
        text = decoded(line, where).rstrip()
        if not text:  # the file's mark of UTF-8, or white space that is no ASCII
            continue
        if "\r" in text:
            raise Problem(f"{where}: its lines end in carriage returns alone: save it with line feeds.")
        if separator is None:
            separator = next((each for each in ",;" if header_places(_apart(text, each))), "")
        yield where, _apart(text, separator) if separator else split(text)


def _apart(text: str, separator: str) -> list[str]:
    return [column.strip() for row in csv.reader([text], delimiter=separator) for column in row]


def split(text: str) -> list[str]:
    """At tabs; at any white space where there are no tabs, or other white space besides: no id has any."""
    columns = [column.strip() for column in text.rstrip().split("\t")]
    if len(columns) == 1 or any(len(column.split()) > 1 for column in columns):
        columns = text.split()
    return [unquoted(column) for column in columns]


def header_places(columns: Sequence[str]) -> tuple[int, int, int] | None:
    """Where query, document and grade stand; None for a line that is no header. By their names, where it has all three;
    else the first column and the last two."""
    words = [plain(column) for column in columns]
    query, document, grade = (_named(words, names) for names in (QUERY, DOCUMENT, GRADE))
    if query is not None and document is not None and grade is not None:
        return query, document, grade
    return (0, -2, -1) if words[-1] in GRADE and len(columns) in (3, 4) else None


def _named(words: Sequence[str], names: set[str]) -> int | None:
    """Where one of the names stands: the clearest, and of several the last."""
    found = [place for place, word in enumerate(words) if word in names]
    clear = [place for place in found if words[place] not in _VAGUE]
    return (clear or found)[-1] if found else None


def plain(column: str) -> str:
    """A header's name, letters only."""
    return re.sub(r"[^a-z]", "", column.lower())


def _counted(columns: int) -> str:
    return f"{columns} column{'s' * (columns != 1)}"


def grade_of(text: str, where: str) -> int:
    """A whole number, also one that pandas has made a float (2.0). Raises `Problem` for another, and for one that no
    measure can be computed with."""
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not value.is_integer():
        raise Problem(f"{where}: the grade must be a whole number, not {text!r}.")
    if abs(value) > LARGEST_GRADE:
        raise Problem(
            f"{where}: the grade {text} is beyond {LARGEST_GRADE:,}, the largest that measures are computed with."
        )
    return int(value)
