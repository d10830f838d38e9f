"""Fields of a CSV as a spreadsheet reads them. Standard library only."""

from __future__ import annotations

import io
import re

# What a spreadsheet computes, in the wide letters too, which it takes for the narrow ones; a number it only reads.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\ufeff]*[=+\-@＝＋－＠]")
_DECIMAL = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)


def computed(value: object) -> bool:
    """Whether it is a text that a spreadsheet would compute."""
    return isinstance(value, str) and _FORMULA.match(value) is not None and _DECIMAL.fullmatch(value) is None


def looks_escaped(value: object) -> bool:
    """Whether nothing but apostrophes stands before what a spreadsheet would compute."""
    return isinstance(value, str) and value.startswith("'") and computed(value.lstrip("'"))


class Lines(io.StringIO):
    r"""For csv.writer with "\r\n" as its line's end: ends lines with a newline alone. The writer itself puts a text
    with a lone return between quotes only where that belongs to the line's end."""

    def write(self, line: str, /) -> int:
        return super().write(line.removesuffix("\r\n") + "\n")
