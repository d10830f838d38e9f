"""What is printed on stdout: plain columns (no colours, no box, the same in a terminal and in a file), or JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

import msgspec
from rich.cells import cell_len


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Columns separated by two spaces; those in `right` are aligned to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(header))]

    def padded(text: str, column: int) -> str:
        space = " " * (widths[column] - cell_len(text))
        return space + text if column in right else text + space

    return "\n".join("  ".join(padded(text, column) for column, text in enumerate(line)).rstrip() for line in lines)


def print_json(value: object) -> None:
    """Of records, lists and mappings."""
    print(json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=1))
