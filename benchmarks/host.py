"""What the host leaves of a GPU's speed: the scoring module with everything of it but a card, which is simulated.

    python benchmarks/host.py --reranker FOLDER [--queries 40] [--tokens 5.4] [--launch 100] [--clients 50]

FOLDER is a cross-encoder, of which the tokenizer alone is used. The card takes batches as a GPU
does, in order, each in its tokens at --tokens millions a second, and --launch microseconds of the host to be asked.
Printed are pairs a second by the clock, the share of the time in which the card would be busy, and the processor time
of a pair, which is what other work on the machine disturbs least: for one caller, for one who asks for 1,000 at once,
for eight. With --clients as many clients in a process of their own ask `/v1/rerank`, then `/v1/embeddings` (of the
built-in encoder, whose tokenizer and width are used; in base64, as OpenAI's own client asks, then in numbers) for 100
documents each, again and again, next to one job of as many in all.
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
from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks.batch import Packer
from zsr_tui.scoring.queue import flight
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.worker import Worker
from zsr_tui.scoring.scorer import Prepared

WAYS = {
    "rerank": ("rerank", {}),
    "base64": ("embeddings", {"encoding_format": "base64"}),
    "numbers": ("embeddings", {"encoding_format": "float"}),
}
DIMENSION = 384  # of the built-in encoder's vectors


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
        self._rows = np.zeros(1 << 14, np.float32)

    def prepare(self, query: str, documents: Sequence[str]) -> list[Prepared]:
        return self._pairs.prepare(query, documents)

    def start(self, batch: Sequence[Prepared]) -> Any:
        packed = self._packer.pack([each.payload for each in batch], np.array([each.tokens for each in batch]))
        return _Flying(*self._card.begin(packed.tokens), len(batch), self._rows)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()


class Embedder:
    """As `Scorer`, of vectors that are no round numbers, so that they are as long on the wire as real ones."""

    packed = True

    def __init__(self, folder: Path, card: Card) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self._texts = text_inputs.singles(self.tokenizer, 256)
        self.document_store = self._texts.store
        self._packer, self._card = Packer(Device("cpu", 1 << 40, 1 << 14)), card
        self.dimension = DIMENSION
        self._rows = np.random.default_rng(1).standard_normal((1 << 14, DIMENSION), np.float32)

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return self._texts.prepare(texts)

    def start(self, batch: Sequence[Prepared]) -> Any:
        packed = self._packer.pack([each.payload for each in batch], np.array([each.tokens for each in batch]))
        return _Flying(*self._card.begin(packed.tokens), len(batch), self._rows)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()


class _Flying:
    def __init__(self, done_at: float, seconds: float, count: int, rows: np.ndarray) -> None:
        self._done_at, self.seconds, self._rows = done_at, seconds, rows[:count].copy()

    def rows(self) -> np.ndarray:
        time.sleep(max(0.0, self._done_at - time.perf_counter()))
        return self._rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reranker", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--tokens", type=float, default=5.4)
    parser.add_argument("--launch", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=0)
    parser.add_argument("--way", choices=WAYS, action="append", help="of the clients; all of them otherwise")
    asked = parser.parse_args()
    card = Card(asked.tokens * 1e6, asked.launch / 1e6)
    device = Device("cuda:0", 1 << 40, 1 << 14)
    with (
        tempfile.TemporaryDirectory() as home,
        mock.patch.dict(os.environ, ZSR_TUI_HOME=home, ZSR_TUI_PRECISION="fp32"),
        mock.patch.object(flight, "_stream", return_value=nullcontext()),
    ):
        pool = Pool(device, lambda resolved, _: loaded(resolved, asked.reranker, card))  # type: ignore[arg-type, return-value]
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
            over_http(service, str(asked.reranker.absolute()), asked.clients, asked.rounds, asked.way or list(WAYS))
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


def loaded(resolved: ResolvedModel, reranker: Path, card: Card) -> Scorer | Embedder:
    return Embedder(resolved.path, card) if resolved.info.family == "bi-encoder" else Scorer(reranker, card)


def over_http(service: ScoringService, model: str, clients: int, rounds: int, ways: Sequence[str]) -> None:
    """`/v1/rerank` and `/v1/embeddings` of many clients, next to one large job."""
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

    def rerank() -> None:
        for _ in service.score(model, "what is it", documents, interactive=False):
            pass

    def embed() -> None:
        service.encoder(DEFAULT_ENCODER).encode_documents(documents)

    for way in ways:
        whole_job = rerank if way == "rerank" else embed
        for counted in (False, *[True] * rounds):
            began = time.perf_counter()
            whole_job()
            whole = len(documents) / (time.perf_counter() - began)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                used = time.process_time()
                answered, seconds, all_answered = process.submit(ask, port, way, model, documents, clients).result()
                used = time.process_time() - used
            rate = answered / seconds
            line = f"one job of {len(documents):,}: {whole:9,.0f}/s; {clients} clients, {way}: {rate:9,.0f}/s"
            if counted:
                print(f"{line}, {rate / whole:.0%}, {1e6 * used / all_answered:.1f} us of a processor each", flush=True)
    server.should_exit = True
    thread.join()


def ask(port: int, way: str, model: str, documents: Sequence[str], clients: int) -> tuple[int, float, int]:
    """Documents that were answered, their seconds, and all of them: each client asks three times, once before."""

    route, settings = WAYS[way]

    def client(number: int, times: int) -> int:
        own = documents[100 * number : 100 * number + 100]
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        for time_ in range(times):
            if way == "rerank":
                body = {"model": model, "query": f"what is {number} {time_}", "documents": own}
            else:
                body = {"model": DEFAULT_ENCODER, "input": own}
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/v1/{route}", json.dumps(body | settings), headers)
            answer = connection.getresponse()
            read = answer.read()  # what a client makes of it is not the engine's time
            if answer.status != 200 or read.count(b'"index":') != len(own):
                raise RuntimeError(f"{answer.status}: {read[:200]!r}")
        return times * len(own)

    with ThreadPoolExecutor(clients) as threads:
        before = sum(threads.map(client, range(clients), [1] * clients))
        began = time.perf_counter()
        done = sum(threads.map(client, range(clients), [3] * clients))
        return done, time.perf_counter() - began, before + done


if __name__ == "__main__":
    main()
