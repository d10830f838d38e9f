"""How long a job will take is said when it is long, from what was measured, and not otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.retrieval.made_up import MemoryCorpus, numbered
from tests.unit.scoring import tiny
from zsr_tui.api.events import JobProgress, PrepareFinished
from zsr_tui.commands.session import watched
from zsr_tui.domain import Query
from zsr_tui.engine import forecast
from zsr_tui.engine.evaluation.costing import reranked
from zsr_tui.engine.forecast import NOTHING, Forecasting, Known, Reranked, Unknown
from zsr_tui.evaluation.results import Stage
from zsr_tui.progress import CancelToken, Forecast, Progress
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.service import ScoringService


class Job:
    """Reports of a job of 100,000 documents, at the seconds that a test says."""

    def __init__(self, known: Known | Unknown = NOTHING) -> None:
        self.now, self.heard = 0.0, list[Progress]()
        self._telling = Forecasting(self.heard.append, "encoding x with m", lambda: "cpu fp32", known, lambda: self.now)

    def at(self, seconds: float, done: int, total: int | None = 100_000) -> Forecast | None:
        self.now = seconds
        self._telling(Progress("Encoding x", done, total, "documents"))
        return self.heard[-1].forecast


def test_the_first_documents_of_a_long_job_are_measured_without_what_is_loaded_before_them() -> None:
    job = Job()
    assert job.at(0, 5_000) is None  # an earlier run's
    assert job.at(60, 5_016) is None  # the model was loaded
    assert job.at(65, 5_266) is None
    found = job.at(70, 5_516)
    assert found == Forecast(
        "encoding x with m", 94_484, "documents", "cpu fp32", pytest.approx(1889.68), "50 documents/s",
        "measured on 500 documents of this job in 10 s",
    )  # fmt: skip
    assert job.at(80, 9_000) == found
    assert found.sentence == (
        "encoding x with m on cpu fp32: 94,484 documents take about 31 minutes at 50 documents/s "
        "(measured on 500 documents of this job in 10 s)"
    )


def test_nothing_is_said_of_a_short_job_and_of_one_whose_end_nobody_knows() -> None:
    quick = Job()
    assert [quick.at(0, 0), quick.at(1, 16), quick.at(12, 40_000), quick.at(18, 100_000)] == [None] * 4
    bursts = Job()
    assert [bursts.at(0, 0), bursts.at(1, 16), bursts.at(12, 40_000)] == [None] * 3
    assert bursts.at(2000, 40_001).seconds > 2900  # type: ignore[union-attr]
    endless = Job()
    assert [endless.at(0, 0, None), endless.at(1, 1, None), endless.at(100, 2, None)] == [None] * 3
    assert Job(Known(1000.0, "bench")).at(0, 0) is None
    assert Job(Known(10.0, "bench")).at(0, 0).seconds == 10_000  # type: ignore[union-attr]
    longer = Job(Known(1000.0, "bench"))  # than is known from before
    assert [longer.at(0, 0), longer.at(1, 1), longer.at(50, 2), longer.at(61, 3)] == [None, None, None, Forecast(
        "encoding x with m", 99_997, "documents", "cpu fp32", pytest.approx(2_999_910), "30 s a document",
        "measured on 2 documents of this job in 60 s",
    )]  # fmt: skip


def test_what_was_known_before_is_corrected_once_by_a_minute_of_the_job_itself() -> None:
    job = Job(Known(50.0, "bench"))
    before = job.at(0, 0)
    assert before is not None
    assert (before.rate, before.rests_on) == ("50 documents/s", "bench")
    assert [job.at(5, 100), job.at(64, 1_000)] == [before, before]
    found = job.at(65, 1_300)
    assert found is not None
    assert (found.count, found.seconds) == (98_700, pytest.approx(98_700 / 20))
    assert found.rests_on == "measured on 1,200 documents of this job in 60 s, in place of 50 documents/s"
    assert job.at(200, 90_000) == found
    right = Job(Known(50.0, "bench"))
    assert [right.at(0, 0), right.at(5, 100), right.at(65, 2_800), right.at(200, 2_801)] == [before] * 4


def test_what_is_not_known_of_a_node_is_said_with_what_is_measured() -> None:
    job = Job(Unknown("no figure of zsr-tui bench of m on a node"))
    assert [job.at(0, 0), job.at(1, 1)] == [None, None]
    found = job.at(61, 2)
    assert found is not None
    assert found.rests_on == ("measured on 1 document of this job in 60 s: no figure of zsr-tui bench of m on a node")


def test_a_figure_of_bench_and_the_corpus_own_lengths_make_a_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    model, service, corpus = str(tiny.bert(tmp_path / "model")), ScoringService(), MemoryCorpus(numbered(6))
    assert forecast.encoding(service, model, corpus, CancelToken()) == NOTHING
    speeds.remember(service.fingerprint(model), "cpu", 1000.0)
    known = forecast.encoding(service, model, corpus, CancelToken())
    assert isinstance(known, Known)
    lengths = [len(doc.content.split()) + 2 for doc in corpus.iter_docs()]
    assert known.rate == pytest.approx(1000.0 / (sum(lengths) / len(lengths)))
    assert known.rests_on.startswith("zsr-tui bench, ")
    assert "1,000 tokens/s" in known.rests_on
    assert speeds.known(service.fingerprint(model), "cuda:0") is None
    speeds.remember(service.fingerprint(model), "cuda:0 + cuda:1", 1000.0)
    assert speeds.known(service.fingerprint(model), "cuda:1").tokens_per_second == 500.0  # type: ignore[union-attr]
    cards = [Device(name, 1 << 30, 64) for name in ("cpu", "cpu:1", "cpu:2")]
    several = service.on(Fleet(lambda: cards))
    three = forecast.encoding(several, model, corpus, CancelToken())
    several.close()
    assert isinstance(three, Known)
    assert three.rate == pytest.approx(3 * known.rate)
    assert "1,000 tokens/s a card, 3 cards" in three.rests_on
    service.close()


def test_an_evaluation_is_known_before_it_begins_where_all_of_its_rerankers_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    model, service, corpus = str(tiny.reranker(tmp_path / "model")), ScoringService(), MemoryCorpus(numbered(6))
    queries = [Query("q1", "one"), Query("q2", "one two")]

    def known(*work: Reranked) -> Known | Unknown:
        return forecast.evaluating(service, work, queries, corpus, CancelToken())

    alone = Reranked(model, 100)
    assert known() == known(alone) == NOTHING
    speeds.remember(service.fingerprint(model), "cpu", 1000.0)
    found = known(alone)
    assert isinstance(found, Known)
    docs = [len(doc.content.split()) for doc in corpus.iter_docs()]
    tokens = sum(length + 3 + (1 if place % 2 == 0 else 2) for place, length in enumerate(docs)) / len(docs)
    assert found.rate == pytest.approx(1000.0 / (100 * tokens))
    assert f"100 pairs of {tokens:.0f} tokens a query; without first stages" in found.rests_on
    twice = known(alone, Reranked(model, 100))
    assert isinstance(twice, Known)
    assert twice.rate == pytest.approx(found.rate / 2)
    assert known(alone, Reranked(f"{model}; max_length=8", 100)) == NOTHING
    service.close()


def test_what_is_reranked_twice_from_one_list_counts_once() -> None:
    stages = [
        Stage("bm25", "retrieve"),
        Stage("bm25 % 100 >> m", "rerank", "ms-marco-minilm-l12-int8", (0,), 100),
        Stage("bm25 % 50 >> m", "rerank", "ms-marco-minilm-l12-int8", (0,), 50),
        Stage("bm25 % 50 >> m % 20 >> d", "rerank", "castorini/duot5-base-msmarco", (2,), 20),
    ]
    found = reranked(stages, 80)
    assert [(each.pairs, each.compares) for each in found] == [(80, False), (380, True)]


async def test_a_command_says_a_forecast_and_a_sentence_once(capsys: pytest.CaptureFixture[str]) -> None:
    found = Forecast("encoding x with m", 10, "documents", "cpu", 7200.0, "1 documents/s", "bench")
    forecasts = list[Forecast]()

    async def stream():  # type: ignore[no-untyped-def]
        for done in (1, 2):
            progress = Progress("Encoding x", done, 10, "documents", said=("a node was lost",), forecast=found)
            yield JobProgress(request="r", progress=progress)
        yield PrepareFinished(request="r")

    assert [type(event) async for event in watched(stream(), forecasts)] == [PrepareFinished]
    said = capsys.readouterr().err
    assert said.count("10 documents take about 2.0 hours") == said.count("a node was lost") == 1
    assert forecasts == [found]
