"""What the screens of an evaluation's queries learn from the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import BreakdownView, Differences, FateView, OutcomeRow, QueryRow, QueryRows
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.queries.choice import QueryChoice


@dataclass
class ItemRead(Message):
    """The evaluation's systems and measures."""

    item: EvaluationItem


@dataclass
class PageRead(Message):
    choice: QueryChoice
    offset: int
    rows: QueryRows


@dataclass
class DifferencesRead(Message):
    selection: QuerySelection
    differences: Differences


@dataclass
class ClassRead(Message):
    """The documents of a query, to open it at its first one of the class that the table is filtered by."""

    row: QueryRow
    fates: Sequence[FateView]


@dataclass
class OutcomesRead(Message):
    rows: Sequence[OutcomeRow]


@dataclass
class BreakdownsRead(Message):
    measure: str
    breakdowns: Sequence[BreakdownView]
