"""A JSON object on each line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from zsr_tui.corpora.formats.lines import byte_lines
from zsr_tui.corpora.formats.rows import BadRow, Options, Row, Seen
from zsr_tui.corpora.records import parse
from zsr_tui.domain import Problem

KIND = "JSON lines"


def rows(source: str, options: Options, seen: Seen) -> Iterator[Row]:
    path = Path(source)
    for number, line in byte_lines(path, seen):
        if number == 1 and line.lstrip(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            raise Problem(
                f"{path} is one JSON list, which cannot be read line by line: make lines of it, as "
                "jq -c '.[]' does, and open those.",
                usage=True,
            )
        try:
            fields = parse(line, path, number)
        except Problem as problem:
            where, _, what = problem.message.partition(f"line {number}: ")
            options.refuse(BadRow(f"{where}line {number}", what.rstrip("."), detail=problem.detail))
            continue
        yield Row(f"{path}, line {number}", fields)
