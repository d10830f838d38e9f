"""A worker's own side: what it answers is what the scoring module gives at home, to the bit."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.unit.retrieval.made_up import MemoryCorpus, numbered
from tests.unit.scoring import tiny
from zsr_tui.cluster import messages
from zsr_tui.cluster.fleet import ClusterFleet
from zsr_tui.cluster.messages import About, Asked, Refused, Stopped, Vectors
from zsr_tui.cluster.shipped import Shell
from zsr_tui.cluster.versions import difference, here
from zsr_tui.cluster.working import Working
from zsr_tui.domain import Query
from zsr_tui.engine import forecast
from zsr_tui.engine.forecast import Known, Reranked, Unknown
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job
from zsr_tui.scoring.service import ScoringService

TEXTS = [" ".join("abcdefgh"[: 1 + place % 8]) for place in range(40)]


@pytest.fixture(autouse=True)
def all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker takes of them counts for its process, which is this one."""
    monkeypatch.setattr(devices, "_most_cores", 0)


class AtOnce:
    """A pool whose only worker is in this process; what goes over the wire is bytes all the same."""

    address, up, over = "ray://here:1", 1, None

    def __init__(self) -> None:
        self._working = Working(1)
        self.sent = self.coming = 0  # other workers, one at each look
        said = {"node": "here", "versions": {}, **self._working.about(1, 0)}
        self.workers = [messages.about(json.dumps(said).encode())]

    @property
    def complete(self) -> bool:
        self.coming -= 1
        return self.coming < 0

    def submit(self, job: Job, asked: Callable[[int], Asked]) -> None:
        self.sent += 1
        [data] = self._working.run([messages.encode(asked(self.sent))])
        answer = messages.answered(data)
        assert not isinstance(answer.what, Refused | Stopped), answer.what
        job.answer(messages.results_of(answer.what), answer.lengths, answer.cut)


def test_vectors_and_scores_are_those_of_home_to_the_bit(tmp_path: Path) -> None:
    encoder, reranker = str(tiny.bert(tmp_path / "encoder")), str(tiny.reranker(tmp_path / "reranker"))
    home, pool = ScoringService(), AtOnce()
    away = home.on(ClusterFleet(pool, home.fleet))  # type: ignore[arg-type]
    there, here = away.encoder(encoder), home.encoder(encoder)
    assert there.dimension == here.dimension == 16
    assert there.document_tokens is None
    assert np.array_equal(there.encode_documents(TEXTS), here.encode_documents(TEXTS))
    assert there.tokens == here.tokens
    assert list(away.score(reranker, "a b", TEXTS, interactive=False))[-1].tokens
    scores = [
        dict(zip(batch.indices, batch.scores, strict=True))
        for service in (home, away)
        for batch in [*service.score(reranker, "a b", TEXTS[:9], interactive=False)]
    ]
    assert scores[0] == scores[1]
    assert len(scores[0]) == 9
    assert pool.sent == 4
    home.close()


def test_a_job_is_forecast_from_what_bench_has_measured_where_it_will_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    encoder, reranker = str(tiny.bert(tmp_path / "encoder")), str(tiny.reranker(tmp_path / "reranker"))
    monkeypatch.setattr("zsr_tui.cluster.fleet.GATHER_SECONDS", 3600.0)
    home, corpus, cores = ScoringService(), MemoryCorpus(numbered(6)), devices.cores()
    for model in (encoder, reranker):
        speeds.remember(home.fingerprint(model), "cpu", 1000.0 * cores)
    pool = AtOnce()
    away = home.on(ClusterFleet(pool, home.fleet))  # type: ignore[arg-type]
    found = forecast.encoding(away, encoder, corpus, CancelToken())
    at_home = forecast.encoding(home, encoder, corpus, CancelToken())
    assert isinstance(found, Known)
    assert isinstance(at_home, Known)
    assert found.rate == pytest.approx(at_home.rate / cores)  # the worker has one of the cores
    assert found.rests_on.startswith("zsr-tui bench, workers: 1 of 1,000 tokens/s (there, ")
    work, queries = [Reranked(reranker, 100)], [Query("q1", "one"), Query("q2", "one two")]
    told = list[str]()
    pool.coming = 2
    reranked = forecast.evaluating(away, work, queries, corpus, CancelToken(), told.append)
    here = forecast.evaluating(home, work, queries, corpus, CancelToken())
    assert isinstance(reranked, Known)
    assert isinstance(here, Known)
    assert reranked.rate == pytest.approx(here.rate / cores)
    assert (told, pool.coming) == (["waiting for workers of ray://here:1"], -1)
    monkeypatch.setattr("zsr_tui.cluster.fleet.GATHER_SECONDS", 0.0)  # of one that never comes
    pool.coming = 1000
    late = home.on(ClusterFleet(pool, home.fleet))  # type: ignore[arg-type]
    assert late.speed(encoder, CancelToken(), told.append).tokens_per_second > 0
    assert (len(told), pool.coming) == (1, 1000)
    pool.workers = [*pool.workers, About("bare", {}, cores=1)]
    monkeypatch.setattr("zsr_tui.cluster.fleet.GATHER_SECONDS", 3600.0)
    pool.coming = 50
    lacking = Unknown(f"no figure of zsr-tui bench of {encoder} on the processor of bare")
    away = home.on(ClusterFleet(pool, home.fleet))  # type: ignore[arg-type]
    assert forecast.encoding(away, encoder, corpus, CancelToken()) == lacking
    assert pool.coming > 40  # nobody else was waited for
    home.close()


def test_another_model_of_the_name_and_one_that_is_not_there_are_refused_for_the_node(tmp_path: Path) -> None:
    model, working = str(tiny.bert(tmp_path / "model")), Working(1)
    asked = [
        Asked(1, model, "0" * 32, "fp32", messages.Measure()),
        Asked(2, str(tmp_path / "nowhere"), "0" * 32, "fp32", messages.Measure()),
    ]
    found = [messages.answered(data).what for data in working.run([messages.encode(each) for each in asked])]
    assert all(isinstance(each, Refused) and each.of_node for each in found)
    assert "is another than here (fingerprint" in found[0].message  # type: ignore[union-attr]
    assert "nowhere" in found[1].message  # type: ignore[union-attr]


def test_what_was_stopped_before_it_came_does_not_run(tmp_path: Path) -> None:
    model, working = str(tiny.bert(tmp_path / "model")), Working(1)
    working.stop([7])
    asked = Asked(7, model, ScoringService().fingerprint(model), "fp32", messages.Encode(TEXTS, "document"))
    [data] = working.run([messages.encode(asked)])
    assert isinstance(messages.answered(data).what, Stopped)


def test_vectors_that_are_mostly_zeros_are_sent_as_what_is_not() -> None:
    found = np.zeros((4, 1000), dtype=np.float32)
    found[1, 3], found[3, 999], found[2, 0] = 0.1, -2.5, -0.0
    sent = messages.packed(messages.Encode([], "document"), [found])
    assert isinstance(sent, Vectors)
    assert len(sent.numbers) == 3 * 4
    [back] = messages.results_of(sent)
    assert back.tobytes() == found.tobytes()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, ""),
        ({"torch": "1.0"}, f"torch 1.0 in place of {here()['torch']}"),
        ({"zsr-tui": "0.0.1"}, "zsr-tui 0.0.1 in place of"),
        ({"Python": "3.99"}, "Python 3.99 in place of"),
        ({"transformers": ""}, "transformers is missing"),
        ({"zsr-tui": ""}, "zsr-tui cannot be imported there (because)"),
    ],
    ids=["same", "torch", "program", "python", "missing", "no program"],
)
def test_a_node_with_other_versions_is_told_apart(other: dict[str, str], said: str) -> None:
    sentence = difference(About("node", {**here(), **other}, "because" if other else ""))
    assert said in sentence
    assert bool(said) == bool(sentence)


def test_a_gpu_that_torch_does_not_find_is_said_and_the_processor_does_not_stand_in_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ray = pytest.importorskip("ray", reason="the extra ray is not installed")
    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(get_node_id=lambda: "0123456789"))
    monkeypatch.setattr("zsr_tui.isolation.leave_current_folder", lambda: None)
    monkeypatch.setenv("ZSR_TUI_DEVICES", "cuda:1")  # of the machine: Ray shows a worker one, as cuda:0
    if not torch.cuda.is_available():
        about = messages.about(Shell(1, 1).about())
        assert "ZSR_TUI_DEVICES" not in os.environ
        assert "torch finds none there" in difference(about)
    assert difference(messages.about(Shell(1, 0).about())) == ""
    assert os.environ["ZSR_TUI_DEVICES"] == "cpu"
    gpu = Device("cuda:0", 1, 1)
    monkeypatch.setattr(devices, "for_torch", lambda: (gpu,))
    assert Working.lacks(1) == ""


def test_fleets_at_home_are_asked_for_what_needs_the_model_itself(tmp_path: Path) -> None:
    home, pool = ScoringService(), AtOnce()
    away = home.on(ClusterFleet(pool, home.fleet))  # type: ignore[arg-type]
    assert isinstance(away.fleet, Fleet)
    model = str(tiny.bert(tmp_path / "model"))
    assert away.examine(model, lambda scorer: scorer.dimension) == 16
    assert pool.sent == 0
    home.close()
