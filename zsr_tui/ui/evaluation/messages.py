"""What the evaluation screens tell the application, and what their workers tell them."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from zsr_tui.api.evaluations import EvaluationItem, EvaluationView, MatrixView, PublishedFigure
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.plots.model import Plot


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
class PlotRead(Message):
    """`name` of `measure`, or the sentence why there is none."""

    name: str
    measure: str
    plot: Plot | None
    problem: str = ""


@dataclass
class MatrixRead(Message):
    matrix: MatrixView


@dataclass
class Resumable(Message):
    """What goes on with a stored evaluation."""

    request: EvaluateRequest


@dataclass
class Deleted(Message):
    evaluation: str


@dataclass
class Said(Message):
    """A sentence for the user; `kind` says what came to nothing: "items", "table", "matrix", or "" for the rest."""

    sentence: str
    kind: str = ""
