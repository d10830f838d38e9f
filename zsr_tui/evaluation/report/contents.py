"""What a report says: an evaluation with what was computed from it. Reports compute nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zsr_tui.evaluation.report.chosen import Chosen
from zsr_tui.evaluation.rerank_depth import Curve
from zsr_tui.evaluation.results import Breakdown, Evaluation, Matrix, Summary


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How often something happened to a system's documents: `name` is the failure class, in words."""

    name: str
    about: str
    counts: tuple[int | None, ...]  # by system; None where the class does not apply to it


@dataclass(frozen=True, slots=True)
class Contents:
    """`queries` are shown with their lists, `depth` documents of each; `curves` are rerank-depth curves by system."""

    evaluation: Evaluation
    summary: Summary
    measure: str
    curves: Mapping[int, Curve] = field(default_factory=dict)
    breakdowns: tuple[Breakdown, ...] = ()
    classes: tuple[ClassCount, ...] = ()
    matrix: Matrix | None = None
    queries: tuple[Chosen, ...] = ()
    depth: int = 10
