"""A system with its size and its value: a point of the plot by model size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sized:
    """`family` names the line that it is on; without `parameters` it becomes a horizontal line, as BM25 does. `source`:
    a figure that somebody published there, drawn hollow; `approximate` if it was read off a plot."""

    label: str
    family: str
    parameters: int | None
    value: float
    source: str = ""
    approximate: bool = False
