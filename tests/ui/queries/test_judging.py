"""Judging where the documents of a query are listed, in a suite whose members have queries of the same ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from zsr_tui.api.queries import FateView, QueryRow
from zsr_tui.ui.queries.documents.judging import PathJudging

from ..fake.engine import FakeEngine


class Screen:
    """Does what it is asked to when the test says so."""

    def __init__(self) -> None:
        self.asked: list[Awaitable[None]] = []
        self.app = self  # of whose judgments the latest is taken back

    def ask(self, group: str, work: Callable[..., Awaitable[None]], *args: Any, exclusive: bool = True) -> None:
        self.asked.append(work(*args))

    async def go_on(self) -> None:
        while self.asked:
            await self.asked.pop(0)


def row(dataset: str) -> QueryRow:
    return QueryRow(query=0, qid="1", text=f"of {dataset}", dataset=dataset, length=2, relevant=1, judged=1, values=())


async def test_what_is_kept_late_is_not_shown_at_another_datasets_query_of_the_same_id() -> None:
    screen, fate = Screen(), FateView(system=0, doc_id="d", outcome="found", grade=1, stage="", before=None, final=1)
    judging = PathJudging(screen, FakeEngine(), lambda: None, lambda _: None)  # type: ignore[arg-type]
    judging.look_at(row("one"))
    await screen.go_on()
    judging.judge(2, row("one"), fate)
    late = screen.asked.pop()
    judging.look_at(row("two"))
    await screen.go_on()
    marks = dict(judging.marks)
    await late
    assert judging.marks == marks == {}
    assert judging.marks is judging.marks  # made once, not for every line
