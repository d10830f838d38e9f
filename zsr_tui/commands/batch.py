"""zsr-tui search --queries: many queries, each answered as soon as it can be: a TREC run, or a line of JSON each."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands import table
from zsr_tui.commands.query_file import FileQuery, read_queries
from zsr_tui.commands.search import MEASURED_DEPTH, collect
from zsr_tui.commands.session import ProgressLine, new_id, notations, prepare, with_engine
from zsr_tui.domain import Problem
from zsr_tui.edge import hand_over, say
from zsr_tui.numerals import counted
from zsr_tui.progress import Progress
from zsr_tui.text import one_line
from zsr_tui.trec import run_lines, run_name

AT_ONCE = 4  # queries that are searched together, so that rerankers share batches
DEPTH = 1000  # of each list, where nothing is said


def run(
    dataset: str, systems: tuple[str, ...], *, queries: Path, depth: int | None, keep_self: bool, as_json: bool
) -> int:
    """Prints each query's lists when they are complete, in the file's order and whole. The exit code is 1 where a
    system failed on a query."""
    if len(systems) > 1 and not as_json:
        raise Problem(
            "a TREC run is of one system: give one --system, or --json for a line of all of them for each query.",
            usage=True,
        )
    asked = read_queries(queries)

    async def work(engine: EngineApi) -> int:
        named = await notations(engine, systems)
        problems = await prepare(engine, dataset, named)
        failed = dict.fromkeys(problems, len(asked))  # said by `prepare`

        async def search(query: FileQuery, qid: str | None = None) -> dict[str, Any]:
            request = SearchRequest(
                id=new_id(),
                dataset=dataset,
                systems=named,
                query=query.text,
                qid=qid,
                depth=max(depth or DEPTH, MEASURED_DEPTH),
                drop_self=not keep_self,
                passages=False,
                unfinished=False,
            )
            return {"id": query.id, **await collect(engine, request, depth or DEPTH)}

        async def answer(query: FileQuery) -> dict[str, Any]:
            """A text that equals several queries of the dataset is the one with the file's id, if that is one of them:
            it has judgments of its own, and meets itself."""
            first = await search(query)
            if first["qid"] in (None, query.id):
                return first
            with suppress(Problem):  # the dataset has no query of this id
                own = await search(query, query.id)
                if one_line(own["query"]) == one_line(query.text):
                    return own
            return first

        line, done = ProgressLine(), 0
        try:
            async with aclosing(in_order(answer, asked)) as results:
                async for result in results:
                    line.clear()
                    for system in result["systems"]:
                        if system["failed"] and system["system"] not in problems:
                            failed[system["system"]] = failed.get(system["system"], 0) + 1
                            say(f"{result['id']}: {system['system']}: {system['failed']}")
                    if not done and not as_json and _is_chunked(result):
                        say("the corpus is cut into chunks: each document is written where its first chunk stands")
                    hand_over(table.as_json(result, indent=None) + "\n" if as_json else _lines(result))
                    sys.stdout.flush()
                    done += 1
                    line.show(Progress(f"Searching {dataset}", done, len(asked), "queries"))
        finally:
            line.clear()
        for system, count in failed.items():
            if system not in problems:
                say(f"{system} failed on {counted(count, 'query', 'queries')} of {len(asked):,}")
        return 1 if failed else 0

    return with_engine(work)


async def in_order(
    search: Callable[[FileQuery], Awaitable[dict[str, Any]]], queries: Sequence[FileQuery]
) -> AsyncGenerator[dict[str, Any], None]:
    """The results in the order of the queries, of which some are searched at once. Ending it ends them."""
    running: deque[asyncio.Task[dict[str, Any]]] = deque()
    left = iter(queries)
    try:
        while True:
            while len(running) < AT_ONCE and (query := next(left, None)) is not None:
                running.append(asyncio.ensure_future(search(query)))
            if not running:
                return
            yield await running[0]
            running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _lines(result: dict[str, Any]) -> str:
    """Of chunks the documents, which are what is judged, each by its best chunk."""
    (system,) = result["systems"]
    scores: dict[str, float] = {}
    for row in system["rows"]:
        scores.setdefault(row.get("document", row["doc_id"]), row["score"])
    return run_lines(result["id"], list(scores), list(scores.values()), run_name(system["system"]))


def _is_chunked(result: dict[str, Any]) -> bool:
    return any("document" in row for system in result["systems"] for row in system["rows"])
