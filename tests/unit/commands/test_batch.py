"""zsr-tui search --queries, against the stand-in engine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.ui.fake.engine import BM25, DENSE, FakeEngine
from zsr_tui import edge
from zsr_tui.api.events import AnyEvent
from zsr_tui.api.requests import SearchRequest
from zsr_tui.commands import batch, parser
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.evaluation.runs import read_run

TEXTS = {"a": "vitamin", "b": "statin therapy and diabetes", "c": "aspirin", "d": "cells", "e": "stroke", "f": "blood"}
Search = Callable[..., int]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(ties=3)


@pytest.fixture
def search(engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Search:
    """The command on a file of queries, six without a name."""

    async def prepared(*_: Any) -> dict[str, str]:
        return {}

    def run(
        *options: str,
        queries: dict[str, str] = TEXTS,
        systems: tuple[str, ...] = (BM25,),
        with_engine: Callable[[Any], Any] | None = None,
    ) -> int:
        monkeypatch.setattr(batch, "with_engine", with_engine or (lambda work: asyncio.run(work(engine))))
        monkeypatch.setattr(batch, "prepare", prepared)
        path = tmp_path / "q.tsv"
        path.write_text("".join(f"{id}\t{text}\n" for id, text in queries.items()))
        named = [word for system in systems for word in ("--system", system)]
        return parser.run(["search", "--dataset", "demo", *named, "--queries", str(path), *options])

    return run


def test_a_run_is_read_back_in_the_order_of_the_lists(
    search: Search, engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search("--k", "50") == 0
    (tmp_path / "x.run").write_text(capsys.readouterr().out)
    run = read_run(tmp_path / "x.run")
    assert list(run.queries) == list(TEXTS)
    for id, text in TEXTS.items():
        wanted = [doc_id for doc_id, _ in engine.ranking(BM25, text)][:50]
        assert list(run.ranking(id, 1000).doc_ids) == wanted
    assert {request.depth for request in engine.requests} == {100}
    assert not any(request.passages for request in engine.requests)


def test_an_id_that_a_terminal_would_obey_is_whole_in_a_file(
    search: Search, engine: FakeEngine, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: Any
) -> None:
    """Else three documents whose ids differ in such a character would be one document three times."""
    ids = ["d\u200e3", "d\u200f3", "d\u202e3"]
    engine.docs |= {id: Doc(id, "", "a text") for id in ids}
    monkeypatch.setattr(engine, "ranking", lambda system, query: [(id, 3.0 - place) for place, id in enumerate(ids)])
    monkeypatch.setattr(sys, "stdout", edge.Printed(sys.stdout, 1))
    assert search("--k", "3", queries={"a": "vitamin"}) == 0
    (tmp_path / "x.run").write_bytes(capfdbinary.readouterr().out)
    assert list(read_run(tmp_path / "x.run").ranking("a", 10).doc_ids) == ids


def test_json_is_a_line_for_each_query_with_all_systems(search: Search, capsys: pytest.CaptureFixture[str]) -> None:
    assert search("--json", "--k", "2", systems=(BM25, DENSE)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == list(TEXTS)
    assert [[len(system["rows"]) for system in line["systems"]] for line in lines] == [[2, 2]] * 6
    assert [line["qid"] for line in lines] == [None, "57", None, None, None, None]  # the dataset's own, with judgments
    assert lines[1]["systems"][0]["measures"]["nDCG@10"] == 0.6131


def test_a_text_of_several_queries_is_the_one_with_the_files_id(
    search: Search, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.query_list.append(Query("99", "statin therapy and diabetes"))
    queries = dict.fromkeys(("99", "57", "1", "other"), "statin therapy and diabetes")
    assert search("--json", queries=queries) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["id"], line["qid"]) for line in lines] == [("99", "99"), ("57", "57"), ("1", "57"), ("other", "57")]


def test_several_systems_are_no_run(search: Search) -> None:
    with pytest.raises(Problem, match="a TREC run is of one system: give one --system, or --json"):
        search(systems=(BM25, DENSE))


def test_a_system_that_fails_on_queries_is_counted_and_takes_none_along(
    search: Search, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.fail[1] = ("the server is away.", -1)
    assert search("--json", systems=(BM25, DENSE)) == 1
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert all(line["systems"][0]["rows"] for line in lines)
    assert {line["systems"][1]["failed"] for line in lines} == {"the server is away."}
    assert f"zsr-tui: c: {DENSE}: the server is away." in printed.err
    assert f"zsr-tui: {DENSE} failed on 6 queries of 6" in printed.err


async def test_results_leave_as_they_come_in_the_files_order_and_ending_early_ends_the_rest() -> None:
    gates = {id: asyncio.Event() for id in TEXTS}
    begun, ended = list[str](), list[str]()

    async def search(query: Any) -> dict[str, Any]:
        begun.append(query.id)
        try:
            await gates[query.id].wait()
            return {"id": query.id}
        finally:
            ended.append(query.id)

    queries = [batch.FileQuery(id, text) for id, text in TEXTS.items()]
    results = batch.in_order(search, queries)
    for id in "ba":  # b is there first and waits for a
        gates[id].set()
    assert [(await anext(results))["id"], (await anext(results))["id"]] == ["a", "b"]
    await asyncio.sleep(0)
    assert begun == list("abcde")[: batch.AT_ONCE + 1]
    await results.aclose()
    assert sorted(ended) == begun


def test_an_interrupt_leaves_whole_lines(
    search: Search, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    printed: list[str] = []
    command: list[asyncio.Task[int]] = []

    async def interrupted(request: SearchRequest) -> AsyncGenerator[AnyEvent, None]:
        if request.query == TEXTS["c"]:
            while "".join(printed).count("\n") < 2:
                await asyncio.sleep(0)
                printed.append(capsys.readouterr().out)
            command[0].cancel()  # as asyncio does at Ctrl-C
            await asyncio.Event().wait()
        async for event in answered(request):
            yield event

    async def work(to_do: Callable[[FakeEngine], Any]) -> int:
        command.append(asyncio.ensure_future(to_do(engine)))
        return await command[0]

    answered = engine.streams[SearchRequest]
    engine.streams[SearchRequest] = interrupted
    with pytest.raises(asyncio.CancelledError):
        search("--json", with_engine=lambda to_do: asyncio.run(work(to_do)))
    lines = ("".join(printed) + capsys.readouterr().out).splitlines(keepends=True)
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]
    assert lines[-1].endswith("\n")


def test_of_chunks_the_documents_are_written_each_by_its_first_chunk(
    search: Search, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.chunked = True
    docs = list(engine.docs.values())
    engine.docs = {f"d{n // 2}#{n % 2}": replace(doc, id=f"d{n // 2}#{n % 2}") for n, doc in enumerate(docs)}
    one = {"a": "vitamin"}
    assert search("--json", queries=one) == 0
    (system,) = json.loads(capsys.readouterr().out)["systems"]
    rows = system["rows"]
    assert [row["document"] for row in rows] == [row["doc_id"].split("#")[0] for row in rows]
    assert search(queries=one) == 0
    printed = capsys.readouterr()
    written = [line.split()[2] for line in printed.out.splitlines()]
    assert written == list(dict.fromkeys(row["document"] for row in rows))
    assert printed.err.count("each document is written where its first chunk stands") == 1
