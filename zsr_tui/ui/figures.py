"""Counts, sizes and times as the screens of the shell write them."""

from __future__ import annotations

from zsr_tui.ui.render import size_in_bytes


def count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def short_count(number: int | None) -> str:
    """At most five characters: 986, 5.2k, 171k, 8.8M."""
    if number is None:
        return "?"
    for limit, divisor, unit in ((1e3, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M"), (1e12, 1e9, "B")):
        if number < limit - divisor / 2 or unit == "B":
            value = number / divisor
            return f"{value:.1f}{unit}" if unit and value < 9.95 else f"{value:.0f}{unit}"
    raise AssertionError


def size(number: int | None) -> str:
    return "unknown size" if number is None else size_in_bytes(number)


def duration(seconds: float) -> str:
    """ "0:07", "12:30", "3 h 05"."""
    whole = max(0, round(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600} h {whole % 3600 // 60:02d}"
