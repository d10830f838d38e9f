"""An engine that is killed while it encodes: the next one goes on, and encodes nothing twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.unit.scoring.endpoints.conftest import Server
from tests.unit.scoring.endpoints.conftest import server as server
from tests.waiting import DEADLINE
from zsr_tui import corpora
from zsr_tui.api.events import Ranking
from zsr_tui.api.preparing import BeginPreparing, PartView, ReadPreparing
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client import process
from zsr_tui.client.engine import Engine
from zsr_tui.retrieval.encoded.vectors import Counts


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(process, "ENGINE", (sys.executable, str(Path(__file__).with_name("committing.py"))))
    engine = Engine()
    yield engine
    await engine.close()


async def parts(engine: Engine) -> tuple[PartView, ...]:
    return (await engine.call(ReadPreparing(go_on=True))).parts


async def test_the_next_engine_goes_on_where_a_killed_one_was(engine: Engine, server: Server, tmp_path: Path) -> None:
    url = server.url("openai", "/v1/embeddings", "fine-8", model="text-embedding-3-small")
    await engine.call(BeginPreparing(dataset="demo", systems=(f"dense({url})",)))
    async with asyncio.timeout(DEADLINE):
        while len(server.posted(url)) <= 8:  # the server holds the ninth: the engine is in the middle of a batch
            assert await parts(engine)
    first = engine.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await engine.process.ended()
    [counts] = (tmp_path / "data" / "indexes").glob("*/dense/*/*.building/vectors.json")
    durable = msgspec.json.decode(counts.read_bytes(), type=Counts).rows
    before = [text for asked in server.posted(url) for text in asked["body"]["input"]]
    asked = len(server.posted(url))
    server.let_go(url)

    async with asyncio.timeout(DEADLINE):
        while await parts(engine):
            assert engine.process.pid not in (None, first)
    after = [text for each in server.posted(url)[asked:] for text in each["body"]["input"]]
    documents = [doc.content for doc in corpora.open_corpus("demo").iter_docs()]
    assert 0 < durable < len(documents)
    assert len(set(after) & set(documents)) == len(documents) - durable
    assert set(documents) <= {*before, *after}
    request = SearchRequest(id="1", dataset="demo", systems=(f"dense({url})",), query="water", depth=len(documents))
    lists = [each async for each in engine.stream(request) if isinstance(each, Ranking) and each.final]
    assert [(each.searched, len(each.rows)) for each in lists] == [(None, len(documents))]
