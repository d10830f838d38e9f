"""A corpus that is encoded, and a query that somebody waits for meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.retrieval.made_up import MemoryCorpus, numbered
from tests.waiting import DEADLINE, wait_for
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.encoded.encoding import encode_corpus
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import CHANGE
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.worker import Worker
from zsr_tui.scoring.scorer import Prepared

from .made_up import LengthVectors, resolved
from .queue.bench import DEVICE, Bench, Gated

DOCUMENTS = 40


class GatedVectors(Gated):
    dimension = 2

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return np.stack([super().run(batch)] * 2, axis=1)


class EncoderBench(Bench):
    def _load(self, model: ResolvedModel, device: Device) -> GatedVectors:
        return GatedVectors(self)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = EncoderBench()
    yield bench
    bench.go()
    bench.worker.close()


def test_a_query_waits_for_one_batch_whatever_is_encoded(bench: Bench, tmp_path: Path) -> None:
    bench.tokenise_at_once()
    fleet = Fleet(lambda: [DEVICE], lambda *_: bench.worker)
    encoder = Encoder(fleet, ScoreCache(tmp_path / "cache"), resolved("gated"), None, "one")

    def encode(name: str) -> int:
        corpus = MemoryCorpus(numbered(DOCUMENTS), name)
        return encode_corpus("dense", corpus, tmp_path / name, encoder, ignore_progress, CancelToken())

    with ThreadPoolExecutor() as threads:
        corpora = [threads.submit(encode, "first")]
        bench.settle()  # the corpus' first batch is on the device, and more of them wait
        corpora.append(threads.submit(encode, "second"))
        wait_for(lambda: bench.worker.waiting == 1, told=CHANGE)
        asked = threads.submit(encoder.encode_queries, ["query"])
        wait_for(lambda: bench.worker.waiting == 2, told=CHANGE)
        bench.go()
        assert asked.result().shape == (1, 2)
        assert [each.result() for each in corpora] == [DOCUMENTS] * 2
    assert bench.ran[1] == "query"
    assert len(bench.ran) == 1 + 2 * DOCUMENTS  # each document is a batch


def test_an_encoder_whose_model_is_loading_holds_up_no_other() -> None:
    loading, loaded = threading.Event(), threading.Event()

    class Slow(LengthVectors):
        @property
        def dimension(self) -> int:  # type: ignore[override]
            loading.set()
            loaded.wait()
            return 3

    def worker(make: Callable[[], Any]) -> Worker:
        return Worker(DEVICE, Pool(DEVICE, lambda *_: make()))

    workers = [worker(Slow), worker(LengthVectors)]
    slow, quick = (
        Encoder(Fleet(lambda: [DEVICE], lambda *_, each=each: each), ScoreCache(limit=0), resolved("a"), None, "")
        for each in workers
    )
    waiting = threading.Thread(target=lambda: slow.dimension)
    waiting.start()
    loading.wait()
    other = ThreadPoolExecutor().submit(lambda: quick.dimension)
    found = wait([other], DEADLINE).done
    loaded.set()
    assert found == {other}
    assert (other.result(), slow.dimension) == (LengthVectors.dimension, 3)
    for each in workers:
        each.close()
