"""zsr-tui explain where something of the system cannot be made ready: it is explained by what there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.ui.fake.engine import RERANKED, FakeEngine
from zsr_tui.api.events import AnyEvent, Failed
from zsr_tui.api.requests import PrepareRequest, ProblemView
from zsr_tui.commands import explain
from zsr_tui.domain import Problem
from zsr_tui.explanation import Part

STOPPED = "encoding demo was stopped."


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Cannot encode the corpus to its end."""
    engine = FakeEngine()

    async def stopped(request: PrepareRequest) -> AsyncGenerator[AnyEvent, None]:
        yield Failed(request=request.id, problem=ProblemView(message=STOPPED))

    engine.streams[PrepareRequest] = stopped
    monkeypatch.setattr(explain, "with_engine", lambda work: asyncio.run(work(engine)))
    return engine


def options(**asked: Any) -> explain.Options:
    plain = {"query": "vitamin", "qid": None, "against": "", "against_system": "", "stage": "", "words": None}
    plain |= {"gradient": False, "yes": False, "keep_self": False, "as_json": False, "doc_id": "2048013"}
    return explain.Options(**{"dataset": "demo", "system": RERANKED, **plain, **asked})


def test_what_is_encoded_so_far_is_explained_and_the_exit_code_says_so(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain.run(options()) == 1
    out, err = capsys.readouterr()
    assert "score 8.4100" in out
    assert STOPPED in err
    assert engine.explained[-1].unfinished


def test_where_that_is_not_enough_the_cause_is_told_and_a_wrong_id_as_such(engine: FakeEngine) -> None:
    engine.unexplained = "the index of demo is not built."
    with pytest.raises(Problem, match=STOPPED):
        explain.run(options())
    engine.unexplained = ""
    with pytest.raises(Problem, match="no document 'nope'"):
        explain.run(options(doc_id="nope"))


@pytest.mark.parametrize("share", [None, 1.5], ids=["an order", "a sum"])
def test_parts_of_an_order_have_no_column_of_shares(share: float | None) -> None:
    text = explain._parts([Part(text="d1", share=share, values=(1, 20), note="overtook it")], ("place", "came from"))
    header, row = (line.split() for line in text.splitlines())
    assert header == [*(["share"] if share else []), "place", "came", "from"]
    assert row == ["1", *(["+1.5000", "█" * explain.BAR] if share else []), "1", "20", "d1", "overtook", "it"]
