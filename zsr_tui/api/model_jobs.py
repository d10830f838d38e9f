"""A model that judges the documents of a pool in the background: what it would cost, and how far it is.

It runs in the engine, by the server of the settings, and goes on when the screen is left. Each grade is kept as it
comes, as the model's.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zsr_tui.api.agreement import Between
from zsr_tui.api.model_judging import ModelPlanned
from zsr_tui.api.pooling import Pooling
from zsr_tui.api.questions import Count, Question

CHECKED = 50  # documents that people have judged, and the model grades first


class ModelJob(msgspec.Struct, frozen=True, kw_only=True):
    """`checking`: of documents that people have judged. `done` of `total` requests were answered, `grades` counts them
    by grade, `failures` by their reason. `read` and `wrote` are tokens as the server counts them, None where it does
    not. `problem`: why nothing more is sent."""

    state: Literal["running", "finished", "stopped", "failed"] = "running"
    checking: bool = False
    done: int = 0
    total: int = 0
    grades: dict[str, int] = {}
    failures: dict[str, int] = {}
    read: int | None = None
    wrote: int | None = None
    seconds: float = 0.0
    problem: str = ""


class ModelDesk(msgspec.Struct, frozen=True, kw_only=True):
    """What would be sent to see how far the model agrees (`check`), and of the pool. `humans`: how far all that it has
    judged agrees with people, for each dataset of the pool where they share a document. `job` is the last one."""

    check: ModelPlanned
    pool: ModelPlanned
    humans: tuple[Between, ...] = ()
    job: ModelJob | None = None


class ReadModelDesk(Question[ModelDesk], frozen=True, kw_only=True):
    """Nothing is sent."""

    pooling: Pooling
    check: Count = CHECKED


class BeginModelJob(Question[ModelJob], frozen=True, kw_only=True):
    """Have the pool judged, or so many documents that people have judged (`check`)."""

    pooling: Pooling
    check: Count = 0


class ReadModelJob(Question[ModelJob | None], frozen=True, kw_only=True):
    """How far the last one of the dataset is; None where this engine has run none."""

    dataset: str


class StopModelJob(Question[None], frozen=True, kw_only=True):
    """No other document is sent; what was graded is kept."""

    dataset: str
