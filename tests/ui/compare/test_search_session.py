"""What a search leaves behind, event by event."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec
import pytest

from zsr_tui.api.events import (
    AnyEvent,
    DocHead,
    EngineLost,
    Failed,
    Heads,
    Measured,
    Ranking,
    Row,
    SearchFinished,
    SearchStarted,
    StageProgress,
    SystemFailed,
)
from zsr_tui.api.requests import ProblemView, SystemHead
from zsr_tui.ui.compare.session import Phase, SearchSession
from zsr_tui.ui.compare.updates import NOTHING

from ..fake.engine import DATASET, SYSTEMS, FakeEngine


async def events_of(session: SearchSession, engine: FakeEngine) -> AsyncGenerator[AnyEvent, None]:
    assert session.request is not None
    async for event in engine.stream(session.request):
        yield event


@pytest.fixture
def session() -> SearchSession:
    return SearchSession(DATASET, SYSTEMS)


def started(session: SearchSession, qid: str | None = "42") -> SearchStarted:
    assert session.request is not None
    heads = tuple(SystemHead(notation=each, label=each) for each in session.systems)
    return SearchStarted(request=session.request.id, query="folate", qid=qid, position=2, systems=heads)


def ranking(request: str, *doc_ids: str, system: int = 0, final: bool = False) -> Ranking:
    rows = tuple(Row(doc_id=doc_id, score=1.0) for doc_id in doc_ids)
    return Ranking(
        request=request,
        system=system,
        stage="bm25",
        rows=rows,
        elapsed_ms=1.0,
        scored=len(rows),
        total=len(rows),
        final=final,
    )


async def test_a_whole_search_leaves_final_lists_with_measures(session: SearchSession) -> None:
    session.begin("", "42")
    async for event in events_of(session, FakeEngine()):
        session.apply(event)
    assert [each.phase for each in session.lists] == [Phase.DONE] * 3
    assert session.has_judgments
    assert session.lists[2].measures is not None
    assert session.lists[2].measures["nDCG@10"] == 0.9197
    assert not session.running
    row = session.lists[2].rows[4]
    assert session.lists[2].row(row.doc_id) is row


async def test_a_free_query_has_no_measures(session: SearchSession) -> None:
    session.begin("something else", None)
    async for event in events_of(session, FakeEngine()):
        session.apply(event)
    assert not session.has_judgments
    assert all(each.measures is None for each in session.lists)


def test_events_of_an_older_request_change_nothing(session: SearchSession) -> None:
    old = session.begin("one", None)
    session.apply(started(session))
    session.begin("two", None)
    assert session.apply(ranking(old.id, "a")) == NOTHING
    assert session.apply(SearchFinished(request=old.id, elapsed_ms=1)) == NOTHING
    assert session.lists[0].rows == ()
    assert session.running


def test_what_is_shown_stays_until_the_new_query_has_started(session: SearchSession) -> None:
    first = session.begin("folate", None)
    session.apply(started(session, None))
    session.apply(ranking(first.id, "a", final=True))
    session.begin("another", None)
    assert session.lists[0].rows
    update = session.apply(started(session, "7"))
    assert update.fresh
    assert session.lists[0].rows == ()


def test_a_row_has_the_snippet_of_its_own_query(session: SearchSession) -> None:
    for text, passage in (("folate", "about folate"), ("iron", "about iron")):
        request = session.begin(text, None)
        session.apply(msgspec.structs.replace(started(session, None), query=text))
        assert session.heads == {}
        session.apply(Heads(request=request.id, heads={"a": DocHead(title="A", passage=passage)}))
        assert session.heads["a"].passage == passage


def test_the_same_query_again_keeps_its_rows_until_new_ones_come(session: SearchSession) -> None:
    first = session.begin("folate", None)
    session.apply(started(session, None))
    session.apply(Heads(request=first.id, heads={"a": DocHead(title="A", passage="about folate")}))
    session.apply(ranking(first.id, "a", final=True))
    second = session.begin("folate", None)
    assert not session.apply(started(session, None)).fresh
    assert session.heads[session.lists[0].rows[0].doc_id].passage == "about folate"
    session.apply(ranking(second.id, "b"))
    assert [row.doc_id for row in session.lists[0].rows] == ["b"]
    assert session.lists[0].phase is Phase.WORKING


def test_a_failed_system_keeps_its_rows_and_the_others_go_on(session: SearchSession) -> None:
    request = session.begin("folate", None)
    session.apply(started(session))
    session.apply(ranking(request.id, "a"))
    session.apply(SystemFailed(request=request.id, system=0, problem=ProblemView(message="No memory.")))
    assert session.lists[0].rows
    assert session.lists[0].phase is Phase.FAILED
    session.apply(ranking(request.id, "b", system=1, final=True))
    session.apply(SearchFinished(request=request.id, elapsed_ms=1))
    assert [each.phase for each in session.lists] == [Phase.FAILED, Phase.DONE, Phase.STOPPED]


def test_a_lost_engine_keeps_the_rows_and_waits_for_them_again(session: SearchSession) -> None:
    request = session.begin("folate", None)
    session.apply(started(session))
    session.apply(ranking(request.id, "a", final=True))
    session.apply(StageProgress(request=request.id, system=1, stage="scoring"))
    update = session.apply(EngineLost(request=request.id, restarted=True))
    assert update.notice == "The engine stopped; restarted, repeating the query."
    assert session.lists[0].rows
    session.apply(started(session))
    assert session.lists[0].rows
    assert session.lists[0].phase is Phase.WAITING


def test_somebody_elses_engine_is_waited_for_and_what_was_cut_off_is_known(session: SearchSession) -> None:
    request = session.begin("folate", None)
    session.apply(started(session))
    lost = EngineLost(request=request.id, restarted=True, waits_s=120.0)
    waiting = "The engine is being stopped or cannot be reached; waiting for it, up to 120 s."
    assert session.apply(lost).notice == waiting
    session.apply(Failed(request=request.id, problem=ProblemView(message="no engine answers.")))
    assert (session.running, session.cut_off) == (False, True)
    request = session.repeat()
    assert session.apply(started(session)).notice == "The engine answers again."
    assert session.apply(started(session)).notice == ""
    assert not session.cut_off
    session.apply(msgspec.structs.replace(lost, request=request.id))
    session.stop()  # by the user
    assert not session.cut_off
    again = session.repeat()
    twice = EngineLost(request=again.id, restarted=False, waits_s=120.0)
    assert session.apply(twice).notice == "The engine stopped again over this query."
    assert not session.cut_off  # it is not asked for what has ended it twice


def test_a_failure_ends_the_search_with_its_sentence(session: SearchSession) -> None:
    request = session.begin("folate", None)
    session.apply(started(session))
    update = session.apply(Failed(request=request.id, problem=ProblemView(message="The disk is full.")))
    assert (update.ended, update.notice) == (True, "The disk is full.")
    assert not session.running


def test_a_system_that_cannot_run_here_says_so_before_any_search(session: SearchSession) -> None:
    heads = [SystemHead(notation=each, label=each) for each in SYSTEMS]
    heads[1] = SystemHead(notation="x", label="x", runnable=False, why_not="needs 11.4 GB of memory")
    session.name(tuple(heads))
    assert session.lists[1].problem == ProblemView(message="needs 11.4 GB of memory")
    assert session.lists[0].problem is None


def test_after_a_stop_nothing_comes_any_more(session: SearchSession) -> None:
    request = session.begin("folate", None)
    session.apply(started(session))
    session.apply(ranking(request.id, "a"))
    session.stop()
    assert session.lists[0].phase is Phase.STOPPED
    assert session.apply(ranking(request.id, "b")) == NOTHING
    assert session.apply(Measured(request=request.id, system=0, values={})) == NOTHING
    assert session.lists[0].rows[0].doc_id == "a"


def test_every_request_has_an_id_of_its_own() -> None:
    ids = {SearchSession(DATASET, SYSTEMS).begin("a", None).id for _ in range(50)}
    assert len(ids) == 50
