"""Judgments out of a file of any of the formats, each with the number of its line. What the file says is not yet held
against a dataset: `zsr_tui.judging.checking` does that."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, cast, get_args

from msgspec import structs

from zsr_tui import outside
from zsr_tui.api.judging import AnySource, Judgment
from zsr_tui.api.merging import Format, format_of
from zsr_tui.corpora import judgments as qrels
from zsr_tui.corpora.problems import told
from zsr_tui.corpora.records import clean, decoded, lines
from zsr_tui.domain import LONGEST_QUERY, Problem
from zsr_tui.judging.formats import MARK, VERSION
from zsr_tui.judging.lines import BadLine, BadLines
from zsr_tui.judging.scale import HIGHEST, LOWEST
from zsr_tui.numerals import counted
from zsr_tui.spreadsheet import looks_escaped

MOST = 5_000_000  # judgments of a file: they are held in memory
LONGEST_WHY = 20_000  # characters
_LONGEST_NAME = 1_000  # of an id, a person, a system
_QUERY_ID = {*qrels.QUERY} - {"query"}
_NAMES: Mapping[str, set[str]] = {  # the fields of a judgment, and what others call them, letters only
    "query_id": _QUERY_ID,
    "query_text": {"query", "querytext", "querystring"},
    "doc_id": qrels.DOCUMENT,
    "grade": qrels.GRADE,
    "source": {"source"},
    "who": {"who", "judge", "rater", "assessor", "annotator", "user"},
    "when": {"when", "date", "time", "timestamp", "judgedat"},
    "why": {"why", "reason", "explanation", "comment"},
    "system": {"system"},
    "rank": {"rank", "position"},
    "given": {"given"},
}


@dataclass(frozen=True, slots=True)
class Line:
    """`source` is what the file says: "dataset" is no source of a judgment that is kept."""

    number: int
    judgment: Judgment
    source: AnySource = "own"


@dataclass(slots=True)
class Read:
    """`dataset`: what the file says that it is of, "" where it does not."""

    name: str
    format: Format
    lines: list[Line] = field(default_factory=list)
    dataset: str = ""


def read(path: Path, format: Format | None = None, who: str = "") -> Read:
    """`who` names the one person who judged; without it that is whom the file names, or the file's own name. Raises
    `Problem`, which names every line that is no judgment."""
    with told(path, f"reading {path.name}"), outside.opened(path) as file:
        outside.refuse_other(Path(path.name), file.read(200), "judgments")
    found = Read(path.name, format or format_of(path))
    bad = BadLines(path.name)
    with told(path, f"reading {path.name}"), outside.opened(path) as file:
        readers = {"csv": _of_csv, "jsonl": _of_json}
        for number, fields in readers.get(found.format, _of_columns)(file, path, bad, found):
            try:
                found.lines.append(_line(number, fields, who or path.stem))
            except BadLine as wrong:
                bad.add(number, str(wrong))
            if len(found.lines) > MOST:
                raise Problem(f"{path.name} holds more than {MOST:,} judgments: cut it into smaller files.", usage=True)
    bad.refuse()
    if not found.lines:
        raise Problem(f"{path.name} holds no judgments: name a file with some.", usage=True)
    return _named(found, who) if who else found


def _named(found: Read, who: str) -> Read:
    """As `who` judged it. Raises `Problem` for a file of several people."""
    people = sorted({line.judgment.who for line in found.lines if line.source == "own"})
    if len(people) > 1:
        raise Problem(
            f"{found.name} says itself who judged, {len(people)} people ({', '.join(people[:3])[:80]}): --who names "
            "the one who judged a whole file, so leave it out.",
            usage=True,
        )
    found.lines = [
        replace(line, judgment=structs.replace(line.judgment, who=who)) if line.source == "own" else line
        for line in found.lines
    ]
    return found


Fields = Mapping[str, Any]
Found = Iterator[tuple[int, Fields]]


def _of_columns(file: outside.Lines, path: Path, bad: BadLines, found: Read) -> Found:
    """TREC's and BEIR's, with or without a header, as a dataset's own are read."""
    count, places = 0, (0, -2, -1)
    for number, _, line in lines(file, path):
        columns = qrels.split(decoded(line, f"{path.name}, line {number}"))
        if not columns:  # the file's mark of UTF-8, or white space that is no ASCII
            continue
        if not count:
            header = qrels.header_places(columns)
            count, places = len(columns), header or places
            if header:
                continue
            if count not in (3, 4):
                bad.add(number, f"has {counted(count, 'column')} where qrels have 4 (query, 0, document, grade) or 3")
                return
        if len(columns) != count:
            bad.add(number, f"has {counted(len(columns), 'column')} and not {count}{_cut(line)}")
            continue
        yield number, dict(zip(("query_id", "doc_id", "grade"), (columns[place] for place in places), strict=True))


def _of_csv(file: outside.Lines, path: Path, bad: BadLines, found: Read) -> Found:
    texts = (decoded(line, f"{path.name}, line {number}") for number, line in enumerate(outside.lines(file, path), 1))
    first = next(texts, "")
    separator = max(",;\t", key=first.count)  # spreadsheets write semicolons in some languages
    table = csv.reader(chain([first], texts), strict=True, delimiter=separator)
    header: dict[str, int] = {}
    width = 0
    try:
        for row in table:
            if not any(row):
                continue
            if not header:
                header, width = _header(row), len(row)
                if not ({"query_id", "query_text"} & header.keys() and {"doc_id", "grade"} <= header.keys()):
                    bad.add(table.line_num, "is no header: it has to name query_id (or query_text), doc_id and grade")
                    return
            elif len(row) != width:
                bad.add(table.line_num, f"has {counted(len(row), 'field')} and not {width}")
            else:
                yield table.line_num, {name: _text_of(row[place]) for name, place in header.items()}
    except csv.Error as error:
        cut = "unexpected end" in str(error)
        bad.add(table.line_num, "is cut short" if cut else f"is no CSV ({error})")


def _header(row: list[str]) -> dict[str, int]:
    """Where each field of a judgment stands that there is."""
    plain = [qrels.plain(name) for name in row]
    return {name: plain.index(called) for name, called in _called(plain).items()}


def _called(plain: Collection[str]) -> dict[str, str]:
    """What each field of a judgment is called among these names; a score is its grade where nothing else is."""
    found = {name: [each for each in plain if each in names] for name, names in _NAMES.items()}
    return {
        name: next((each for each in called if each != "score"), called[0]) for name, called in found.items() if called
    }


def _text_of(cell: str) -> str:
    """Without the apostrophe that stands before what a spreadsheet would compute."""
    return cell[1:] if looks_escaped(cell) else cell


def _of_json(file: outside.Lines, path: Path, bad: BadLines, found: Read) -> Found:
    said: int | None = None  # how many there are to be
    count = 0
    for number, _, line in lines(file, path):
        try:
            record = json.loads(decoded(line, f"{path.name}, line {number}"))
        except (ValueError, RecursionError):
            bad.add(number, f"is not valid JSON{_cut(line)}")
            continue
        if not isinstance(record, dict):
            bad.add(number, "is no JSON object")
        elif MARK in record and not count and said is None:
            said, found.dataset = _head(record, path.name)
        else:
            count += 1
            yield number, {name: record[key] for name, key in _keys(record).items()}
    if said is not None and count != said and not bad.count:
        what = "it is cut short" if count < said else "something was added to it"
        raise Problem(
            f"{path.name} says that it holds {counted(said, 'judgment')} and holds {count:,}: {what}; get it again, or "
            "remove its first line to take what is there.",
            usage=True,
        )


def _keys(record: dict[str, Any]) -> dict[str, str]:
    """Which of its keys each field of a judgment has."""
    plain = {qrels.plain(key): key for key in reversed(record)}
    return {name: plain[called] for name, called in _called(plain).items()}


def _head(record: dict[str, Any], name: str) -> tuple[int, str]:
    version, count, dataset = record.get("version"), record.get("judgments"), record.get("dataset", "")
    if record[MARK] != "judgments":
        raise Problem(f"{name} holds {str(record[MARK])[:40]!r} and no judgments.", usage=True)
    if type(version) is int and version > VERSION:
        raise Problem(
            f"{name} was written by a newer zsr-tui (version {version} of its format, and this one reads {VERSION}): "
            "update this one, or have it written as .csv.",
            usage=True,
        )
    if type(version) is not int or type(count) is not int or count < 0 or not isinstance(dataset, str):
        raise Problem(f"{name}: its first line is not what zsr-tui writes there: get the file again.", usage=True)
    return count, dataset


def _cut(line: bytes) -> str:
    """For the last line of a file, where its end is missing."""
    return "" if line.endswith(b"\n") else ": it is cut short"


def _line(number: int, fields: Fields, who: str) -> Line:
    """Raises `BadLine`."""
    source = _text(fields, "source").strip().lower() or "own"
    if source not in get_args(AnySource):
        raise BadLine(f"has the source {source[:40]!r}, which is none of {', '.join(get_args(AnySource))}")
    judgment = Judgment(
        query_id=_id(fields, "query_id"),
        query_text=_text(fields, "query_text", LONGEST_QUERY),
        doc_id=_id(fields, "doc_id"),
        grade=_grade(fields.get("grade")),
        source="model" if source == "model" else "own",
        who=_text(fields, "who").strip() or who,
        when=_when(_text(fields, "when").strip()),
        why=_text(fields, "why", LONGEST_WHY),
        system=_text(fields, "system", LONGEST_QUERY),
        rank=_rank(fields.get("rank")),
        given=_given(fields.get("given")) if source == "model" else None,
    )
    if not judgment.query_id and not judgment.query_text.strip():
        raise BadLine("has neither the id nor the text of a query")
    if not judgment.doc_id:
        raise BadLine("has no id of a document")
    return Line(number, judgment, cast(AnySource, source))


def _text(fields: Fields, name: str, most: int = _LONGEST_NAME) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadLine(f"has a {name} that is no text")
    if len(value) > most:
        raise BadLine(f"has a {name} of {len(value):,} characters, and the limit is {most:,}")
    return clean(value)


def _id(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):  # as others write them in JSON
        return str(value)
    return _text(fields, name).strip()


def _grade(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise BadLine("has no grade")
    try:
        return qrels.grade_of(str(value).strip(), "")
    except Problem:
        raise BadLine(f"has the grade {str(value)[:40]!r}, which is no whole number that measures take") from None


def _given(value: object) -> int | None:
    """What a model gave, on its own scale."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or text not in map(str, range(LOWEST, HIGHEST + 1)):
        raise BadLine(f"has {text[:40]!r} as what the model gave, which is not from {LOWEST} to {HIGHEST}")
    return int(text)


def _rank(value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and 0 < int(text[:12]) <= 10**9):
        raise BadLine(f"has the rank {text[:40]!r}, which is no whole number from 1 on")
    return int(text)


def _when(text: str) -> str:
    """In UTC; of one without a zone it is UTC already."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadLine(f"has the time {text[:40]!r}, which is not written as 2026-11-27T09:30:00Z") from None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
