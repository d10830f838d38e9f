"""Judgments as files of four formats, and how they are written; `zsr_tui.judging.reading` reads them.

trec   qrels: query id, 0, document id, grade; one line for each pair
beir   the same three with tabs, under BEIR's header
csv    with who, when, why and where it was seen, under a header
jsonl  the same, an object on each line, behind a line that says what the file is and how much it holds
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from zsr_tui.api.judging import PRECEDENCE, AnySource, Judgment
from zsr_tui.api.merging import Format
from zsr_tui.domain import Problem
from zsr_tui.spreadsheet import Lines, computed, looks_escaped
from zsr_tui.text import whole_characters

VERSION = 1  # of the lines of JSON
MARK = "zsr_tui"  # the field of their first line that says what the file is
HEADER = "query-id\tcorpus-id\tscore\n"
COLUMNS = ("query_id", "query_text", "doc_id", "grade", "source", "who", "when", "why", "system", "rank", "given")


@dataclass(frozen=True, slots=True)
class Written:
    """`counts` by source. `left_out`: judgments of typed queries, which have no id, in a format that knows queries by
    nothing else. `formulas`: fields that a spreadsheet would compute."""

    text: str
    counts: dict[str, int]
    left_out: int = 0
    formulas: int = 0


def written(
    judgments: Iterable[Judgment],
    format: Format,
    dataset: str,
    sources: Sequence[AnySource] = PRECEDENCE,
    *,
    spreadsheet: bool = False,
) -> Written:
    """Those of the `sources`, in the order of query, document and person. Qrels hold one grade for each pair, which is
    the first source's. `spreadsheet`: with an apostrophe before each text that one would compute. Raises `Problem` for
    an id that the format cannot hold."""
    wanted = [each for each in judgments if each.source in sources]
    ordered = sorted(
        wanted, key=lambda each: (each.query_id, each.query_text, each.doc_id, sources.index(each.source), each.who)
    )
    if format == "jsonl":
        return Written(_json_lines(ordered, dataset), _counts(ordered))
    if format == "csv":
        return _table(ordered, spreadsheet)
    firsts = {(each.query_id, each.query_text, each.doc_id): each for each in reversed(ordered)}
    ordered = list(reversed(firsts.values()))
    named = [each for each in ordered if each.query_id]
    for each in named:
        for name in (each.query_id, each.doc_id):
            if not name or any(map(str.isspace, name)):
                raise Problem(
                    f"the id {name!r} has white space in it, which qrels cannot hold: write .csv or .jsonl instead.",
                    usage=True,
                )
    if format == "trec":
        text = "".join(f"{each.query_id} 0 {each.doc_id} {each.grade}\n" for each in named)
    else:
        file = io.StringIO(HEADER)
        file.seek(0, io.SEEK_END)
        rows = ((each.query_id, each.doc_id, each.grade) for each in named)
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(rows)  # as BEIR's loader reads it: with quotes
        text = file.getvalue()
    return Written(text, _counts(named), len(ordered) - len(named))


def _counts(judgments: list[Judgment]) -> dict[str, int]:
    return dict(Counter(each.source for each in judgments))


def _json_lines(judgments: list[Judgment], dataset: str) -> str:
    head = {MARK: "judgments", "version": VERSION, "dataset": dataset, "judgments": len(judgments)}
    lines = [head, *map(msgspec.to_builtins, judgments)]
    return "".join(f"{whole_characters(json.dumps(line, ensure_ascii=False))}\n" for line in lines)


def _table(judgments: list[Judgment], spreadsheet: bool) -> Written:
    file, formulas = Lines(), 0
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for judgment in judgments:
        fields = [getattr(judgment, name) for name in COLUMNS]
        found = [place for place, field in enumerate(fields) if computed(field)]
        formulas += len(found)
        taken = [place for place, field in enumerate(fields) if looks_escaped(field)]  # else read as without it
        for place in (*taken, *(found if spreadsheet else ())):
            fields[place] = f"'{fields[place]}"
        writer.writerow(fields)
    return Written(whole_characters(file.getvalue()), _counts(judgments), formulas=0 if spreadsheet else formulas)
