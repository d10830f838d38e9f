"""Two lists' scorers on the same pairs: the cost is asked, what was found can be read, and which lists are meant."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.unit.commands.test_parity import FOUND, SENTENCE
from tests.waiting import until
from zsr_tui.api.events import AnyEvent, JobProgress
from zsr_tui.api.parity import ParityFound, ParityRequest
from zsr_tui.domain import Problem
from zsr_tui.progress import Progress
from zsr_tui.ui.compare.parity.scorers import NEEDED, scorers
from zsr_tui.ui.compare.parity.screen import ParityScreen

from ..fake.engine import BM25, DENSE, RERANKED, FakeEngine
from .app import CompareApp
from .screen import compare, finished, text

SERVED = "http://h/rerank"


def asking(engine: FakeEngine, asked: list[ParityRequest]) -> None:
    async def answer(request: ParityRequest) -> AsyncGenerator[AnyEvent, None]:
        asked.append(request)
        if not request.spend:
            yield ParityFound(request=request.id, parity=None, asks=3, texts=40, hosts=("h",))
            return
        yield JobProgress(request=request.id, progress=Progress("qwen and served", 20, 40, "pairs"))
        if request.b == "broken":
            raise Problem("h failed (status 500): look at its log, then try again.")
        yield ParityFound(request=request.id, parity=FOUND)

    engine.streams[ParityRequest] = answer


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_cost_is_asked_and_the_findings_can_be_read_and_copied(size: tuple[int, int]) -> None:
    engine, asked = FakeEngine(), list[ParityRequest]()
    asking(engine, asked)
    app = CompareApp(engine, qid="57")
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        app.push_screen(ParityScreen(engine, "demo", "qwen", SERVED))
        await until(pilot, lambda: "about 3 requests with 40 texts to h" in " ".join(text(pilot).split()))
        await pilot.press("enter")
        await until(pilot, lambda: "They differ: the scores of 1 of 2 pairs" in text(pilot))
        screen = app.screen
        assert isinstance(screen, ParityScreen)
        whole = screen.query_one("TextView").text  # type: ignore[attr-defined]
        assert f"• {SENTENCE}" in whole
        assert "Kendall's tau: 0.5000 over all pairs" in whole
        assert "A reads 9 + 500 + 3, B not known, cut: A after 2,301" in whole
        assert [request.spend for request in asked] == [False, True]
        assert asked[0].id != asked[1].id
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.compare)

        app.push_screen(ParityScreen(engine, "demo", "qwen", "broken"))
        await until(pilot, lambda: "Send them?" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "look at its log" in " ".join(text(pilot).split()))
        await pilot.press("escape")
        app.push_screen(ParityScreen(engine, "demo", "qwen", SERVED))
        await until(pilot, lambda: "Send them?" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing was sent" in text(pilot))
        assert len(asked) == 5


async def test_the_reference_and_the_list_that_one_is_in_are_meant_else_the_first_two_with_models() -> None:
    app = CompareApp(FakeEngine(), (BM25, DENSE, RERANKED, f"{DENSE} % 5"), qid="57")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        session = compare(pilot).session
        dense, reranker = "all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"
        assert scorers(session, 2, 1) == (reranker, dense)
        assert scorers(session, 0, 1) == (dense, reranker)
        assert scorers(session, 1, 3) == (dense, reranker)
        session.lists = [each for each in session.lists if each.head.notation != RERANKED]
        assert scorers(session, 1, 2) == NEEDED
