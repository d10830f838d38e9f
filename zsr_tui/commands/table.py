"""What is printed on stdout: plain columns (no colours, no box, the same in a terminal and in a file), or JSON."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Collection, Sequence

import msgspec
from rich.cells import cell_len

from zsr_tui.text import escaped, flat


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Columns separated by two spaces; those in `right` are aligned to the right."""
    lines = [[flat(cell) for cell in line] for line in (header, *rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(header))]

    def padded(text: str, column: int) -> str:
        space = " " * (widths[column] - cell_len(text))
        return space + text if column in right else text + space

    return "\n".join("  ".join(padded(text, column) for column, text in enumerate(line)).rstrip() for line in lines)


def print_json(value: object) -> None:
    """Of records, lists and mappings. Every text is as it is, with escapes for what a terminal would obey or lacks."""
    ascii_only = codecs.lookup(sys.stdout.encoding or "ascii").name != "utf-8"
    print(escaped(json.dumps(msgspec.to_builtins(value), ensure_ascii=ascii_only, indent=1)))
