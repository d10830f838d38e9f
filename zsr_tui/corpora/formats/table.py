"""CSV and TSV, with or without a line of column names."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from zsr_tui.corpora.formats.lines import not_in, text_lines, undecoded
from zsr_tui.corpora.formats.names import known, plain
from zsr_tui.corpora.formats.rows import BadRow, Options, Row, Seen, ending
from zsr_tui.domain import Problem
from zsr_tui.text import unquoted

KIND = "tables"
_LOOKED_AT = 20  # lines, to see what separates the columns
_LONGEST_NAME = 40  # characters of a column's
_SEPARATORS = ",;\t|"
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def rows(source: str, options: Options, seen: Seen) -> Iterator[Row]:
    """Columns are called by the header's names, or 1, 2, 3 ... where there is none."""
    path = Path(source)
    lines = text_lines(path, options, seen)
    first = list(islice(lines, _LOOKED_AT))
    separator = "\t" if ending(path) in (".tsv", ".tab") else _separator([line for _, line in first])
    # What MS MARCO and many others write as TSV knows no quotes: one at the beginning of a text is a character of it.
    quoted = options.quotes == "yes" or (not options.quotes and separator != "\t")
    split = _quoted if quoted else _plain
    names: list[str] = []
    for number, fields in split(path, chain(first, lines), separator):
        if not any(field.strip() for field in fields):
            continue
        if any(map(undecoded, fields)):
            bad = BadRow(f"{path}, line {number}", not_in(options.encoding))
            if not names:  # of the columns: no row can be told without them
                raise bad
            options.refuse(bad)
            continue
        if not names:
            names = _header(fields, options)
            if names:
                _unique(names, path)
                continue
            names = [str(place) for place in range(1, len(fields) + 1)]
        if len(fields) != len(names):
            options.refuse(_other_width(path, number, len(fields), len(names), separator, quoted))
            continue
        yield Row(f"{path}, line {number}", dict(zip(names, fields, strict=True)))


def _plain(path: Path, lines: Iterator[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        yield number, [unquoted(field) for field in line.rstrip("\r\n").split(separator)]


def _quoted(path: Path, lines: Iterator[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Fields in quotes may go over several lines; a row's number is that of its first."""
    at = 0
    ended = False

    def texts() -> Iterator[str]:
        nonlocal at, ended
        for number, line in lines:
            at = number
            yield line
        ended = True

    reader = csv.reader(texts(), delimiter=separator)
    start = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _open_quote(path, start, str(error)) from error
        if ended:  # only within a quote is another line read for a row
            raise _open_quote(path, start, "the file ends within it")
        yield start, fields
        start = at + 1


def _open_quote(path: Path, line: int, why: str) -> Problem:
    return Problem(
        f"{path}, line {line}: a quote that is opened there is not closed: close it, or write quotes=no if quotes mean "
        "nothing in this file.",
        detail=why,
    )


def _separator(lines: Sequence[str]) -> str:
    """The one that the first line has most often, outside of quotes."""
    first = next((line for line in lines if line.strip()), "")
    outside_quotes = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=lambda each: (outside_quotes.count(each), -_SEPARATORS.index(each)))


def _header(fields: Sequence[str], options: Options) -> list[str]:
    """The names that these are; [] where they are a row like the others."""
    names = [field.strip().strip("\ufeff") for field in fields]
    if options.header:
        return names if options.header == "yes" else []
    alike = all(0 < len(name) <= _LONGEST_NAME and not name.isdigit() for name in names)
    return names if alike and (any(known(name) for name in names) or _speaks(names)) else []


def _speaks(names: Sequence[str]) -> bool:
    """Whether they look like names of columns: letters without spaces, no two alike."""
    return len(names) > 1 and all(plain(name) and " " not in name for name in names) and len({*names}) == len(names)


def _unique(names: list[str], path: Path) -> None:
    """Columns without a name get their place for one. Raises `Problem` where two have the same."""
    for place, name in enumerate(names):
        names[place] = name or str(place + 1)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Problem(
            f"{path}: two columns are called {twice!r}: give one another name, or write header=no and name columns by "
            "their number.",
            usage=True,
        )


def _other_width(path: Path, number: int, found: int, expected: int, separator: str, quoted: bool) -> BadRow:
    what = f"{found} column{'s' * (found != 1)} between {_NAMES[separator]}, where the lines before have {expected}"
    hint = "" if quoted else " (if texts in quotes hold tabs or line breaks, write quotes=yes)"
    return BadRow(f"{path}, line {number}", what + hint)
