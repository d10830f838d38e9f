"""What the host leaves of a GPU's speed: the scoring module with everything of it but a card, which is simulated.

    python benchmarks/host.py --reranker FOLDER [--queries 40] [--tokens 5.4] [--launch 100] [--clients 50]

FOLDER is a cross-encoder, of which the tokenizer alone is used. The card takes batches as a GPU
does, in order, each in its tokens at --tokens millions a second, and --launch microseconds of the host to be asked.
Printed are pairs a second by the clock, the share of the time in which the card would be busy, and the processor time
of a pair, which is what other work on the machine disturbs least: for one caller, for one who asks for 1,000 at once,
for eight. With --clients as many clients in a process of their own ask `/v1/rerank` for 100 documents each, again and
again, next to one job of as many pairs in all.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from shapes import texts
from transformers import AutoTokenizer

from zsr_tui.scoring import ScoreCache, ScoringService
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import text_inputs
from zsr_tui.scoring.networks.batch import Packer
from zsr_tui.scoring.queue import flight
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.worker import Worker
from zsr_tui.scoring.scorer import Prepared


class Card:
    """Does one batch after the other, in its tokens at a rate."""

    def __init__(self, rate: float, launch_s: float) -> None:
        self._rate, self._launch_s = rate, launch_s
        self._lock, self._free_at, self.busy_s = threading.Lock(), 0.0, 0.0

    def begin(self, tokens: int) -> tuple[float, float]:
        """When the batch is done, and what it takes."""
        until = time.perf_counter() + self._launch_s
        while time.perf_counter() < until:  # a driver that is asked keeps its thread at work
            pass
        seconds = tokens / self._rate
        with self._lock:
            self._free_at = max(self._free_at, time.perf_counter()) + seconds
            self.busy_s += seconds
            return self._free_at, seconds


class Scorer:
    packed = True

    def __init__(self, folder: Path, card: Card) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self._pairs = text_inputs.pairs(self.tokenizer, 512)
        self.document_store = self._pairs.store
        self._packer, self._card = Packer(Device("cpu", 1 << 40, 1 << 14)), card

    def prepare(self, query: str, documents: Sequence[str]) -> list[Prepared]:
        return self._pairs.prepare(query, documents)

    def start(self, batch: Sequence[Prepared]) -> Any:
        packed = self._packer.pack([each.payload for each in batch], np.array([each.tokens for each in batch]))
        return _Flying(*self._card.begin(packed.tokens), len(batch))

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()


class _Flying:
    def __init__(self, done_at: float, seconds: float, count: int) -> None:
        self._done_at, self.seconds, self._count = done_at, seconds, count

    def rows(self) -> np.ndarray:
        time.sleep(max(0.0, self._done_at - time.perf_counter()))
        return np.zeros(self._count, np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reranker", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--tokens", type=float, default=5.4)
    parser.add_argument("--launch", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=0)
    asked = parser.parse_args()
    card = Card(asked.tokens * 1e6, asked.launch / 1e6)
    device = Device("cuda:0", 1 << 40, 1 << 14)
    with (
        tempfile.TemporaryDirectory() as home,
        mock.patch.dict(os.environ, ZSR_TUI_HOME=home, ZSR_TUI_PRECISION="fp32"),
        mock.patch.object(flight, "_stream", return_value=nullcontext()),
    ):
        pool = Pool(device, lambda resolved, _: Scorer(asked.reranker, card))  # type: ignore[arg-type, return-value]
        service = ScoringService(
            ScoreCache(limit=0), Fleet(lambda: [device], lambda _, on_lost: Worker(device, pool, on_lost))
        )
        lists = [(f"what is {number}", texts(100, 250, seed=number)) for number in range(asked.queries)]

        def scored(query: str, each: Sequence[str], interactive: bool) -> None:
            for _ in service.score(str(asked.reranker.absolute()), query, each, interactive=interactive):
                pass

        def one() -> None:
            for query, each in lists:
                scored(query, each, True)

        def thousand() -> None:
            scored("what is it", [text for _, each in lists[:10] for text in each], True)

        def many() -> None:
            with ThreadPoolExecutor(8) as callers:
                list(callers.map(lambda given: scored(*given, False), lists))

        one()
        if asked.clients:
            over_http(service, str(asked.reranker.absolute()), asked.clients, asked.rounds)
            service.close()
            return
        pairs = sum(len(each) for _, each in lists)
        for name, way, count in (
            ("one caller", one, pairs),
            ("1,000 at once", thousand, 1000),
            ("8 callers", many, pairs),
        ):
            for _ in range(asked.rounds):
                card.busy_s, began, used = 0.0, time.perf_counter(), time.process_time()
                way()
                took, spent = time.perf_counter() - began, time.process_time() - used
                line = f"{name:13}: {count / took:9,.0f} pairs/s, card busy {card.busy_s / took:4.0%}"
                print(f"{line}, {1e6 * spent / count:6.1f} us of a processor a pair")
        service.close()


def over_http(service: ScoringService, model: str, clients: int, rounds: int) -> None:
    """`/v1/rerank` of many clients, next to one large job."""
    import uvicorn

    from zsr_tui.engine.app import create_app
    from zsr_tui.engine.connection import Connection
    from zsr_tui.engine.library import Library

    library = Library()
    library._scoring = service
    config = uvicorn.Config(create_app(library), port=0, log_config=None, access_log=False, http=Connection)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    documents = texts(100 * clients, 250, seed=7)
    for counted in (False, *[True] * rounds):
        began = time.perf_counter()
        for _ in service.score(model, "what is it", documents, interactive=False):
            pass
        whole = len(documents) / (time.perf_counter() - began)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            answered, seconds = process.submit(ask, port, model, documents, clients).result()
        rate = answered / seconds
        line = (
            f"one job of {len(documents):,}: {whole:9,.0f} pairs/s; {clients} clients over HTTP: {rate:9,.0f} pairs/s"
        )
        if counted:
            print(f"{line}, {rate / whole:.0%}")
    server.should_exit = True
    thread.join()


def ask(port: int, model: str, documents: Sequence[str], clients: int) -> tuple[int, float]:
    """Documents that were scored, and seconds: each client asks three times for its hundred, once before it counts."""

    def client(number: int, times: int) -> int:
        own = documents[100 * number : 100 * number + 100]
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        for time_ in range(times):
            body = json.dumps({"model": model, "query": f"what is {number} {time_}", "documents": own})
            connection.request("POST", "/v1/rerank", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            found = json.loads(answer.read())
            if answer.status != 200 or len(found["results"]) != len(own):
                raise RuntimeError(f"{answer.status}: {found}")
        return times * len(own)

    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(client, range(clients), [1] * clients))
        began = time.perf_counter()
        done = sum(threads.map(client, range(clients), [3] * clients))
        return done, time.perf_counter() - began


if __name__ == "__main__":
    main()
