"""Numbers and dates as people read them in a report: a true minus sign, a dash where there is no number."""

from __future__ import annotations

import math
from datetime import UTC, datetime


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
    """A formatted number with U+2212 in place of the hyphen; an exponent keeps its own."""
    return f"−{number[1:]}" if number.startswith("-") else number


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
