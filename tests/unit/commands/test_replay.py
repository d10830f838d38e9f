"""zsr-tui replay against an engine in memory: what is asked again, what is printed, and the exit code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.ui.fake.engine import BM25, DATASET, DENSE, RERANKED, FakeEngine
from zsr_tui import paths
from zsr_tui.api.events import Failed
from zsr_tui.api.requests import PrepareRequest, ProblemView
from zsr_tui.commands import parser, replay
from zsr_tui.sessions.answers import Answers
from zsr_tui.sessions.log import SessionLog
from zsr_tui.sessions.records import (
    Answered,
    AnyEntry,
    Asked,
    Evaluated,
    EvaluationEnded,
    Judged,
    Means,
    Noted,
    Opened,
    Placed,
    Preferred,
)

AT = "2026-11-27T00:15:00Z"
SERVED = "bm25 % 10 >> http://gpu:8080/rerank"
FUSED, HALF = (f"linear(bm25, splade; weights=[{weights}])" for weights in ("0.7, 0.3", "0.5, 0.5"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    stands_in = FakeEngine()
    monkeypatch.setattr(replay, "with_engine", lambda work: asyncio.run(work(stands_in)))
    return stands_in


def asked(number: int, *systems: str, **more: Any) -> Asked:
    return Asked(at=AT, number=number, dataset=DATASET, systems=systems or (BM25, DENSE), depth=25, **more)


def answered(engine: FakeEngine, entry: Asked) -> Answered:
    answers = Answers(entry.request("then"))

    async def take() -> None:
        async for event in engine.stream(entry.request("then")):
            answers.take(event)

    asyncio.run(take())
    begun = answers.started
    assert begun is not None
    return Answered(at=AT, number=entry.number, query=begun.query, qid=begun.qid, lists=answers.lists())


def logged(*entries: AnyEntry) -> str:
    log = SessionLog(paths.sessions_dir(), keep=9, most=1 << 24)
    for entry in entries:
        log.put(lambda entry=entry: entry)
    log.close()
    assert log.file is not None
    return log.file.name


def both(engine: FakeEngine, *queries: Asked) -> list[AnyEntry]:
    return [entry for query in queries for entry in (query, answered(engine, query))]


def test_a_session_whose_lists_are_the_same_is_said_to_be_so(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = asked(1, query="folate [b]and\x1b[31m stroke"), asked(2, RERANKED, qid="42")
    name = logged(*both(engine, first, second), asked(3, query="never answered"))
    engine.requests.clear()
    assert parser.run(["replay", name]) == 0
    printed = capsys.readouterr()
    assert "qid 42): the same" in printed.out
    assert "\x1b" not in printed.out
    assert "2 queries asked again, 0 with differences." in printed.out
    assert "left out: 1 query or list that had no answer then." in printed.err
    assert [(each.query, each.qid, each.systems) for each in engine.requests] == [
        ("folate [b]and\x1b[31m stroke", None, (BM25, DENSE)),
        ("", "42", (RERANKED,)),
    ]
    assert [request.systems for request in engine.prepared] == [(BM25, DENSE, RERANKED)]


def test_what_differs_is_printed_and_the_exit_code_says_so(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    logged(*both(engine, asked(1, qid="42"), asked(2, query="folate")))
    ranking = engine.ranking

    def changed(system: str, text: str) -> list[tuple[str, float]]:
        return ranking(system, text) if system != BM25 or text == "folate" else ranking(system, text)[1:]

    engine.ranking = changed  # type: ignore[method-assign]
    engine.judgments["42"] = {}
    assert parser.run(["replay", "last"]) == 1
    printed = capsys.readouterr().out
    gone = ranking(BM25, engine.query_list[2].text)[0][0]
    assert "bm25: nDCG@10 0.6131 → none; RR@10 0.5000 → none" in " ".join(printed.split())
    assert f"{gone} gone (was 1)" in " ".join(printed.split())
    assert "folate: the same" in printed
    assert "1 with differences" in printed
    assert parser.run(["replay", "last", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [query["same"] for query in told["queries"]] == [False, True]
    bm25, dense = told["queries"][0]["systems"]
    assert bm25["moves"][0] == {"doc_id": gone, "then": 1, "now": None}
    assert dense["moves"] == []
    assert dense["measures"]["nDCG@10"] == {"then": 0.8312, "now": None}


def test_the_evaluations_of_a_session_are_asked_again_and_their_measures_compared(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    served = Evaluated(at=AT, number=3, dataset=DATASET, systems=(SERVED,), measures=("nDCG@10",))
    evaluated = replace(served, number=1, systems=(BM25, DENSE), limit=7, depth=50)
    results = (Means(system=BM25, measures={"nDCG@10": 0.61312}), Means(system=DENSE, measures={"nDCG@10": 0.5}))
    ended = EvaluationEnded(at=AT, number=1, results=results)
    name = logged(evaluated, ended, replace(evaluated, number=2, limit=8), served, replace(ended, number=3))
    assert parser.run(["replay", name]) == 1
    printed = capsys.readouterr()
    (again,) = engine.evaluated
    assert (again.systems, again.limit, again.depth, again.measures) == ((BM25, DENSE), 7, 50, ("nDCG@10",))
    out = " ".join(printed.out.split())
    assert "evaluation of 2 systems" in out
    assert "bm25: the same" in out
    assert "nDCG@10 0.5000 → 0.8312" in out
    assert "1 evaluation asked again, 1 with differences." in out
    assert "left out: 1 evaluation whose end the session has not seen." in printed.err
    assert "left out: an evaluation by gpu:8080" in printed.err
    assert parser.run(["replay", name, "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)["evaluations"]
    assert [each["same"] for each in told["systems"]] == [True, False]


def test_what_cannot_be_compared_is_left_out_and_said(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.searched[DENSE] = (20, 140)
    served = asked(2, SERVED, query="zinc")
    logged(*both(engine, asked(1, query="folate")), *both(engine, served))
    engine.searched.clear()
    engine.requests.clear()
    assert parser.run(["replay", "last"]) == 0
    printed = capsys.readouterr()
    assert [each.systems for each in engine.requests] == [(BM25,)]
    assert "1 query or list that had an answer of a part of the documents" in printed.err
    assert "left out: what gpu:8080 would score; --servers sends" in printed.err
    assert parser.run(["replay", "last", "--servers"]) == 0
    assert engine.requests[-1].systems == (SERVED,)


def test_a_session_is_printed_as_markdown_and_nothing_is_asked(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    logged(
        *both(engine, asked(1, qid="42")),
        Opened(at=AT, dataset=DATASET, doc_id="2048000", system=BM25),
        Judged(at=AT, dataset=DATASET, doc_id="2048000", query="a | b", grade=2, why="[x]\x1b[31m"),
        Noted(at=AT, dataset=DATASET, what="note", text="other sense"),
        *(Placed(at=AT, dataset=DATASET, systems=("bm25", FUSED), weighed=to) for to in ((), ("bm25", HALF), ())),
        asked(2, query="never answered"),
        Preferred(at=AT, dataset=DATASET, left=BM25, right=DENSE, choice="tie"),
    )
    engine.requests.clear()
    assert parser.run(["replay", "last", "--markdown"]) == 0
    assert not engine.requests
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("# Session of 20")
    assert "## 1. 00:15:00" in lines
    assert any(line.startswith("| 1 | bm25 | 0.6131 |") for line in lines)
    assert len([line for line in lines if line.startswith("| 1 | · |") or line.startswith("| 1 | ●2 |")]) == 2
    assert "* 00:15:00 opened `2048000` in `bm25`" in lines
    assert "* 00:15:00 judged 2 `2048000` for “a \\| b”: \\[x\\]␛\\[31m" in lines
    assert "* 00:15:00 note: other sense" in lines
    moved = [line.partition(" moved the weights to ")[2] for line in lines if "moved the weights" in line]
    assert moved == [f"`{HALF}`", f"`{FUSED}`"]
    assert "**never answered** (demo): no answer came." in lines
    assert "* 00:15:00 preferred tie of `bm25` and `dense(all-MiniLM-L6-v2)`" in lines
    assert parser.run(["replay", "--markdown"]) == 2
    assert parser.run(["replay", "last", "--markdown", "--json"]) == 2


def failing(kind: str) -> Callable[[FakeEngine], None]:
    def spoil(engine: FakeEngine) -> None:
        async def refused(request: PrepareRequest) -> Any:
            yield Failed(request=request.id, problem=ProblemView(message="There is no dataset demo here."))

        if kind == "dataset":
            engine.streams[PrepareRequest] = refused
        else:
            engine.query_list.clear()

    return spoil


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [pytest.param("dataset", "no dataset demo here", id="dataset"), pytest.param("query", "no query 42", id="query")],
)
def test_what_cannot_be_asked_any_more_is_a_difference(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str], kind: str, sentence: str
) -> None:
    logged(*both(engine, asked(1, qid="42")))
    failing(kind)(engine)
    assert parser.run(["replay", "last"]) == 1
    assert "could not be asked: " in (printed := capsys.readouterr().out)
    assert sentence in printed


def test_the_logs_that_are_kept_are_listed(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert parser.run(["replay"]) == 0
    assert "There is no session log" in capsys.readouterr().out
    name = logged(asked(1))
    (paths.sessions_dir() / "session-2020-01-01-000000.jsonl").write_bytes(b"\x1b[31m")
    assert parser.run(["replay"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(name)
    assert "damaged" in lines[2]
