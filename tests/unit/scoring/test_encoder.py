"""A corpus that is encoded, and a query that somebody waits for meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.unit.retrieval.made_up import MemoryCorpus, numbered
from tests.waiting import wait_for
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.encoded.encoding import encode_corpus
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import CHANGE
from zsr_tui.scoring.scorer import Prepared

from .made_up import resolved
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
