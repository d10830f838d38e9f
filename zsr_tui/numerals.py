"""Numbers, sizes, times and dates as people read them: a true minus sign, a dash where there is no number. Standard
library only."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def count(number: int | None) -> str:
    """5183 -> "5,183"."""
    return "?" if number is None else f"{number:,}"


def counted(number: int | None, one: str, many: str = "") -> str:
    """(1, "input") -> "1 input", (4, "input") -> "4 inputs"; None, which is not known, -> "? inputs"."""
    return f"{count(number)} {one if number == 1 else many or f'{one}s'}"


def scale(lowest: int, highest: int, dataset: str = "") -> str:
    """(0, 2, "demo") -> "grades of demo go from 0 to 2", for a sentence that begins with "The"."""
    return f"grades{f' of {dataset}' if dataset else ''} go from {lowest} to {highest}"


def short_count(number: int | None) -> str:
    """At most five characters: 986, 5.2k, 171k, 8.8M."""
    if number is None:
        return "?"
    for limit, divisor, unit in ((1e3, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M"), (1e12, 1e9, "B")):
        if number < limit - divisor / 2 or unit == "B":
            value = number / divisor
            return f"{value:.1f}{unit}" if unit and value < 9.95 else f"{value:.0f}{unit}"
    raise AssertionError


def parameters(number: int | None) -> str:
    """22713216 -> "22.7M"; "" where there is no model or it is not known."""
    if number is None:
        return ""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            value = number / size
            return f"{value:.0f}{letter}" if value >= 99.95 else f"{value:.1f}{letter}"
    return str(number)


def size(number: int | None, unknown: str = "unknown size") -> str:
    """Bytes in decimal units: 1100000000 -> "1.1 GB"."""
    if number is None:
        return unknown
    for unit_size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= unit_size * 0.9995:
            value = number / unit_size
            return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"
    return counted(number, "byte")


def amount(number: int, unit: str, total: int | None = None) -> str:
    """(2125, "documents", 5183) -> "2,125 of 5,183 documents", (1, "queries") -> "1 query"; of bytes "1.4 MB of
    2.8 MB"."""
    if unit == "bytes":
        return size(number) if total is None else f"{size(number)} of {size(total)}"
    of = "" if total is None else f"{number:,} of "
    return f"{of}{counted(number if total is None else total, _one(unit), unit)}"


def rate(number: float, unit: str) -> str:
    """(62.0, "documents") -> "62 documents/s"; (0.024, "queries") -> "42 s a query"."""
    if unit == "bytes":
        return f"{size(round(number))}/s"
    if 0 < number < 0.1:
        return f"{1 / number:,.0f} s a {_one(unit)}"
    return f"{number:,.0f} {unit}/s" if number >= 10 else f"{number:.1f} {unit}/s"


def _one(unit: str) -> str:
    """ "queries" -> "query"."""
    return f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")


def elapsed(milliseconds: float) -> str:
    """3.2 -> "3 ms", 1240 -> "1.24 s"."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.2f} s" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"


def duration(seconds: float) -> str:
    """ "0:07", "12:30", "3 h 05"."""
    whole = max(0, round(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600} h {whole % 3600 // 60:02d}"


def value(number: float | None, digits: int = 4) -> str:
    if number is None or not math.isfinite(number):
        return "–"
    return minus(f"{number:.{digits}f}")


def signed(number: float, digits: int = 4) -> str:
    """With its sign; without one where it rounds to 0."""
    if not math.isfinite(number):
        return "–"
    text = f"{number:+.{digits}f}"
    return text[1:] if float(text) == 0 else minus(text)


def minus(number: str) -> str:
    """A formatted number with U+2212 in place of the hyphen, and without a sign where it is 0; an exponent keeps its
    own."""
    if not number.startswith("-"):
        return number
    return f"−{number[1:]}" if any(digit in "123456789" for digit in number.partition("e")[0]) else number[1:]


def p_value(number: float) -> str:
    if not math.isfinite(number):
        return "–"
    return "< 0.0001" if number < 0.0001 else f"{number:.4f}"


def date(iso: str) -> str:
    """("2026-11-22T20:00:00Z") -> "2026-11-22 20:00 UTC"; what is no such date stays as it is."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
