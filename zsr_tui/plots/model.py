"""What a plot is, before anybody draws it: axes, points, bars. No colours, no pixels, no characters."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` and `high` are the ends of the axis in data units, both positive where it is logarithmic."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...]
    log: bool = False

    def place(self, value: float) -> float:
        """Where the value stands: 0 at `low`, 1 at `high`; outside of [0, 1] for what is off the axis."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            return (math.log(max(value, 1e-300)) - low) / (high - low)
        return (value - self.low) / (self.high - self.low)

    def inside(self, value: float) -> float:
        """`place`, at the nearer end for what is off the axis."""
        return min(1.0, max(0.0, self.place(value)))


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    label: str = ""  # what stands beside it
    about: str = ""  # a tooltip, where there are tooltips


@dataclass(frozen=True, slots=True)
class Series:
    """`line` joins the points in order; `marks` draws each of them; `hollow` is for published figures."""

    name: str
    points: tuple[Point, ...]
    line: bool = True
    marks: bool = True
    hollow: bool = False
    number: int = 0  # which colour, shape and dash


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line across the plot."""

    name: str
    y: float
    label: str  # the name with its value


@dataclass(frozen=True, slots=True)
class Plot:
    """Points on two axes. `about` says in words what is to be seen, for those who cannot see it."""

    title: str
    about: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    rules: tuple[Rule, ...] = ()
    diagonal: bool = False  # the line on which both systems are equal


@dataclass(frozen=True, slots=True)
class Difference:
    value: float  # exactly 0 where both are equal
    about: str = ""  # a tooltip


@dataclass(frozen=True, slots=True)
class Differences:
    """One bar for each query, the largest gain first."""

    title: str
    about: str
    y: Axis
    bars: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """One value for each system (None where there is none), over `count` queries."""

    label: str
    count: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    title: str
    about: str
    x: Axis
    systems: tuple[str, ...]
    bins: tuple[Bin, ...]


AnyPlot = Plot | Differences | Breakdown
