"""What the evaluation screens tell the application, and what they learn from the engine."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from zsr_tui.api.evaluations import EvaluationItem, EvaluationView, MatrixView, PublishedFigure
from zsr_tui.api.requests import EvaluateRequest


@dataclass
class EvaluationAsked(Message):
    """The user wants it evaluated: prepare what is missing, then follow it."""

    request: EvaluateRequest


@dataclass
class ItemsRead(Message):
    items: list[EvaluationItem]


@dataclass
class TableRead(Message):
    view: EvaluationView
    published: list[PublishedFigure]


@dataclass
class MatrixRead(Message):
    matrix: MatrixView


@dataclass
class Resumable(Message):
    """What goes on with a stored evaluation."""

    request: EvaluateRequest


class Deleted(Message):
    """The evaluation is gone."""
