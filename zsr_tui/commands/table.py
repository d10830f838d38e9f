"""What is printed on stdout: plain columns (no colours, no box), or JSON.

On a terminal a table fits its width: texts that can be spared are shortened, and columns for which there is no room
stand in a table of their own below. In a file or a pipe every text is whole.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence

import msgspec
from rich.cells import cell_len, set_cell_size

from zsr_tui.text import escaped, flat, shorten_middle
from zsr_tui.wrapping import wrapped_lines

NARROWEST = 40  # columns; below that a terminal wraps what is printed
_GAP, _TOO_LITTLE = 2, 8


def room() -> int | None:
    """How many columns the terminal has; None where stdout is no terminal, which has all the room."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
    except (OSError, ValueError):  # stdout is no file
        return None
    return max(columns, NARROWEST) if columns else None


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[int] = (),
    *,
    shorten: Mapping[int, int] | None = None,
) -> str:
    """Columns separated by two spaces; those in `right` are aligned to the right. `shorten` has the columns whose texts
    may lose their end (names, in the first column, their middle) on a narrow terminal, the first of them first, and
    how wide they stay; one that may have 0 is left out where little would be left of it. The first column stands in
    each table below."""
    lines = [[flat(cell) for cell in line] for line in (header, *rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(header))]
    width = room()
    if width is None:
        return _columns(lines, widths, right, list(range(len(header))))
    for column, least in (shorten or {}).items():
        excess = _total(widths) - width
        if excess > 0:
            left = max(widths[column] - excess, min(least, widths[column]))
            widths[column] = left if least or left >= _TOO_LITTLE else 0
    return "\n\n".join(_columns(lines, widths, right, block) for block in _blocks(widths, width))


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (sum(map(bool, widths)) - 1)


def _blocks(widths: Sequence[int], width: int) -> list[list[int]]:
    """The columns of each table, so that it is no wider than `width`; each has two columns or more."""
    blocks = [[0]]
    for column in range(1, len(widths)):
        if not widths[column]:
            continue
        if len(blocks[-1]) > 1 and _total([widths[each] for each in (*blocks[-1], column)]) > width:
            blocks.append([0])
        blocks[-1].append(column)
    return blocks


def _columns(lines: list[list[str]], widths: Sequence[int], right: Collection[int], block: list[int]) -> str:
    def padded(text: str, column: int) -> str:
        cell = shorten_middle(text, widths[0]) if column == 0 and text.isascii() else shortened(text, widths[column])
        space = " " * (widths[column] - cell_len(cell))
        return space + cell if column in right else cell + space

    return "\n".join((" " * _GAP).join(padded(line[column], column) for column in block).rstrip() for line in lines)


def shortened(text: str, width: int | None) -> str:
    """At most so many columns of it, with "…" where its end is missing; all of it for None."""
    if width is None or cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def wrapped(text: str, indent: int = 0) -> str:
    """Prose that is broken between words at the terminal's width, further lines indented."""
    width = room()
    if width is None or cell_len(text) <= width:
        return text
    return "\n".join(wrapped_lines(text, width, indent=indent, whole=True))


def as_json(value: object, indent: int | None = 1) -> str:
    """Of records, lists and mappings. Every text is as it is, with escapes for what a terminal would obey or lacks.
    Without indent it is one line."""
    ascii_only = codecs.lookup(sys.stdout.encoding or "ascii").name != "utf-8"
    return escaped(json.dumps(msgspec.to_builtins(value), ensure_ascii=ascii_only, indent=indent))


def print_json(value: object) -> None:
    print(as_json(value))
