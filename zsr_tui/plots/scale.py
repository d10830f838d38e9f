"""Axes that fit their values, with round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from zsr_tui.plots.model import Axis, Tick

LEAST = 0.05  # what an axis of a measure spans at least
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def linear(
    label: str, values: Iterable[float], *, ticks: int = 6, zero: bool = False, pad: float = 0.06, least: float = 0.0
) -> Axis:
    """An axis around the values that are numbers; `zero` keeps 0 on it, with no room left below. It spans at least
    `least`, so that a difference of a hair does not look like one of a mile."""
    known = [value for value in values if math.isfinite(value)]
    if zero:
        known.append(0.0)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if high - low < 1e-9:
        spread = max(abs(high) * 0.1, 0.05)
        low, high = low - (0.0 if zero and low >= 0 else spread), high + spread
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    room = (high - low) * pad
    low, high = (low if zero and low == 0 else low - room), (high if zero and high == 0 else high + room)
    step = _step((high - low) / max(1, ticks - 1))
    decimals = _decimals(step)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    marks = [number * step for number in range(first, last + 1)]
    return Axis(label, low, high, tuple(Tick(round(mark, 12), _tick(f"{mark:.{decimals}f}")) for mark in marks))


def signed(label: str, values: Iterable[float]) -> Axis:
    """An axis of differences: 0 is always on it, and every label but 0 has a sign."""
    axis = linear(label, values, zero=True, ticks=5)
    return replace(axis, ticks=tuple(replace(tick, label="+" * (tick.value > 0) + tick.label) for tick in axis.ticks))


def logarithmic(label: str, values: Iterable[float], *, pad: float = 0.08) -> Axis:
    """Values that are not positive have no place on a logarithmic axis and are left out."""
    known = [value for value in values if value > 0 and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (1.0, 10.0)
    while high / low < 5:  # so that two of 1, 2, 5 are on it
        low, high = low / 1.5, high * 1.5
    room = (high / low) ** pad
    low, high = low / room, high * room
    decades = math.log10(high / low)
    factors = (1, 2, 5) if decades < 2.2 else (1, 3) if decades < 4 else (1,)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [factor * 10.0**exponent for exponent in exponents for factor in factors]
    return Axis(label, low, high, tuple(Tick(mark, short(mark)) for mark in marks if low <= mark <= high), log=True)


def short(value: float) -> str:
    """A count in few characters: 60, 1,000, 15k, 22M, 3B."""
    for least, limit, unit in ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if value >= least * 0.9995:
            return f"{value / limit:.3g}{unit}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(step * magnitude for step in _STEPS if step * magnitude >= rough * 0.8)


def _decimals(step: float) -> int:
    """Enough to tell ticks apart on an axis of 1e-9, which is the shortest."""
    for decimals in range(12):
        if abs(round(step, decimals) - step) < step * 1e-6:
            return decimals
    return 12


def _tick(label: str) -> str:
    """With a minus sign, but for a zero."""
    return label.lstrip("-") if float(label) == 0 else label.replace("-", "−")
