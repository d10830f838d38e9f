"""One picture of the evaluation screen: the table, its notes, the plot below it."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from zsr_tui.api.evaluations import PublishedFigure

from ..fake.engine import BM25, RERANKED
from ..fake.evaluations import EvaluationEngine, view
from .screen import app_with, opened


def test_evaluation_screen(snap_compare: Callable[..., bool]) -> None:
    engine = EvaluationEngine(
        view(
            systems=(BM25, RERANKED, "/runs/other.run"),
            means=(0.6131, 0.9197, 0.4212),
            notes=("other.run lacks 2 queries, which count as 0.",),
        )
    )
    engine.published = [
        PublishedFigure(
            system=0,
            measure="nDCG@10",
            value=0.6789,
            digits=4,
            approximate=False,
            name="bm25-flat",
            source="pyserini 1.6.0",
        )
    ]

    async def before(pilot: Pilot[None]) -> None:
        await opened(pilot)
        await pilot.press("down")
        await pilot.pause()

    assert snap_compare(app_with(engine), terminal_size=(160, 45), run_before=before)
