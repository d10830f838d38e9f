from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.waiting import wait_for
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import pool
from zsr_tui.scoring.queue.jobs import CHANGE, Job, only
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.work import Encoding, Loading, ScoreBatch, Scoring
from zsr_tui.scoring.scorer import Prepared

from ..made_up import Lengths, LengthVectors, resolved
from .bench import Bench, Gated


def scores(job: Job) -> list[ScoreBatch]:
    return list(job.results())


def test_interactive_work_overtakes_background_work_at_the_next_batch(bench: Bench) -> None:
    background = bench.score("background", 4, interactive=False)
    bench.settle()  # its first batch is on the device
    query = bench.score("query", 2)
    bench.step()
    bench.settle()  # the query may have been tokenised while the second batch was on the device
    bench.go()
    scores(query)
    scores(background)
    overtaken = bench.ran.index("query")
    assert overtaken <= 2
    assert bench.ran[overtaken : overtaken + 2] == ["query", "query"]
    assert bench.ran[-2:] == ["background", "background"]


def test_owners_share_the_device_whatever_the_number_of_their_requests(bench: Bench) -> None:
    greedy = [bench.score(f"greedy{number}", 4, owner="greedy") for number in range(4)]
    bench.settle()
    modest = bench.score("modest", 4, owner="modest")
    for _ in range(20):
        bench.step()
    for job in (*greedy, modest):
        scores(job)
    last = max(place for place, name in enumerate(bench.ran) if name == "modest")
    assert last <= 10  # half of the batches until then; by request it would have been a fifth


def test_requests_for_one_model_share_batches(bench: Bench) -> None:
    first = bench.ask(Scoring("one", ["first", "first"]))
    bench.settle()  # the device is busy
    jobs = [bench.ask(Scoring("query", [f"job{number}"]), owner=str(number)) for number in range(4)]
    bench.step()
    bench.settle()
    bench.go()
    for job in jobs:
        assert [score for batch in scores(job) for score in batch.scores] == [1.0]
    scores(first)
    assert len(bench.ran) <= 3  # the first, one with those that were ready, one with the others


def test_an_input_that_fails_does_not_fail_the_requests_that_share_its_batch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Gated.run

    def picky(self: Gated, batch: Sequence[Prepared]) -> np.ndarray:
        if any(prepared.payload == "poison" for prepared in batch):
            raise ValueError("poison")
        return run(self, batch)

    monkeypatch.setattr(Gated, "run", picky)
    busy = bench.score("busy", 2)
    bench.began.wait()
    bad = bench.ask(Scoring("query", ["poison"]), owner="bad")
    good = bench.ask(Scoring("query", ["sound"]), owner="good")
    bench.settle()
    bench.go()
    assert [score for batch in scores(good) for score in batch.scores] == [1.0]
    with pytest.raises(Problem, match="gated failed while it worked: ValueError"):
        scores(bad)
    scores(busy)


def test_an_interactive_batch_takes_no_background_inputs_along(bench: Bench) -> None:
    busy = bench.score("busy", 1)
    bench.began.wait()
    background = bench.ask(Scoring("query", ["background"]), interactive=False)
    query = bench.ask(Scoring("query", ["query"]))
    bench.settle()
    bench.go()
    for job in (busy, background, query):
        scores(job)
    assert {"query", "background"} <= set(bench.ran)


def test_a_cancelled_job_leaves_the_device_at_the_next_batch(bench: Bench) -> None:
    cancel = CancelToken()
    job = bench.score("cancelled", 1000, cancel=cancel)
    bench.began.wait()
    other = bench.score("other", 1)
    cancel.cancel()
    bench.go()
    with pytest.raises(Cancelled):
        scores(job)
    assert len(scores(other)) == 1
    assert bench.ran.count("cancelled") == 1


def test_a_job_that_is_cancelled_in_the_queue_loads_nothing(bench: Bench) -> None:
    running = bench.score("running", 1)
    bench.began.wait()
    cancel = CancelToken()
    waiting = bench.score("never", 1, model="gated never", cancel=cancel)
    cancel.cancel()
    with pytest.raises(Cancelled):
        scores(waiting)  # at once, although the device is still busy
    bench.go()
    scores(running)
    scores(bench.score("last", 1))
    assert "load gated never" not in bench.log


def test_leaving_the_loop_frees_the_device(bench: Bench) -> None:
    job = bench.score("left", 1000)
    bench.go(10)
    results = job.results()
    next(results)  # the first ten
    results.close()  # type: ignore[attr-defined]
    bench.go()
    scores(bench.score("next", 1))
    assert bench.ran.count("left") <= 12


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(ValueError("a bug"), "failed while it worked: ValueError", id="bug"),
        pytest.param(Problem("no room."), "no room.", id="problem"),
        pytest.param(BaseException("a panic"), "failed while it worked: BaseException", id="panic"),
    ],
)
@pytest.mark.parametrize("where", ["__init__", "prepare", "run"])
def test_an_error_goes_to_who_asked_and_the_device_goes_on(
    bench: Bench, where: str, error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Lengths, where, failing)
        with pytest.raises(Problem, match=said):
            scores(bench.score("never", 1, model="plain"))
    bench.go()
    assert len(scores(bench.score("next", 1))) == 1


def test_a_model_that_cannot_be_loaded_does_not_take_the_device_along(bench: Bench) -> None:
    with pytest.raises(Problem, match="broken cannot be loaded"):
        scores(bench.score("never", 1, model="broken"))
    bench.go()
    assert len(scores(bench.score("next", 1))) == 1


def test_models_stay_loaded_and_the_least_recently_used_leaves_when_memory_runs_short(bench: Bench) -> None:
    for model in ("a", "b", "a", "c", "a", "b"):
        scores(bench.score("work", 1, model=model, size=40))
    assert [line for line in bench.log if isinstance(line, str)] == ["load a", "load b", "load c", "load b"]
    assert [model.info.label for model in bench.worker.pool.models] == ["a", "b"]
    assert bench.worker.pool.memory_bytes == 80


def test_what_networks_have_recorded_leaves_before_a_model(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded, freed = [10], []

    def free() -> None:
        freed.append(recorded.pop())
        recorded.append(0)

    monkeypatch.setattr(pool, "recorded_bytes", lambda device: recorded[0])
    monkeypatch.setattr(pool, "free_cached_memory", free)
    for model, size in (("a", 40), ("b", 40), ("c", 15)):
        scores(bench.score("work", 1, model=model, size=size))
    assert freed == [10]
    assert [model.info.label for model in bench.worker.pool.models] == ["a", "b", "c"]


def test_a_model_larger_than_the_memory_for_models_is_refused_before_it_loads(bench: Bench) -> None:
    with pytest.raises(Problem, match=r"huge needs .* choose a smaller model"):
        scores(bench.score("never", 1, model="huge", size=400))
    assert bench.log == []


def test_what_would_fit_is_named() -> None:
    device = Device("cuda:0", budget_bytes=10**9, tokens=4)
    pool = Pool(device, lambda model, device: Lengths())
    with pytest.raises(Problem, match=r"12\.0 GB .* 1\.0 GB .* such as [\w./-]+"):
        pool.get(resolved("monster", 12 * 10**9), None)


def test_models_that_do_not_fit_together_do_not_push_each_other_out_at_every_batch(bench: Bench) -> None:
    one = bench.score("first", 5, model="gated a", size=80)
    bench.began.wait()
    two = bench.score("second", 5, model="gated b", size=80)
    bench.go()
    scores(one)
    scores(two)
    loads = [line for line in bench.log if isinstance(line, str)]
    assert len(loads) <= 3  # in place of ten


def test_loading_is_announced(bench: Bench) -> None:
    said: list[str] = []
    bench.go()
    for _ in range(2):
        scores(bench.score("work", 1, on_load=said.append))
    assert said == ["loading gated"]


def test_closing_ends_what_waits(bench: Bench) -> None:
    running = bench.score("running", 1000)
    bench.began.wait()
    waiting = bench.score("waiting", 1)
    assert bench.worker.waiting == 1
    closing = threading.Thread(target=bench.worker.close)
    closing.start()
    wait_for(lambda: bench.worker._closed, told=CHANGE)
    bench.go()
    closing.join()
    for job in (running, waiting):
        with pytest.raises(Cancelled):
            scores(job)
    with pytest.raises(Problem, match="closed"):
        bench.score("late", 1)


def _texts(count: int) -> list[str]:
    return ["word " * (1 + 7 * index % 13) + ("..." if index == 3 else "") for index in range(count)]


def test_scores_come_in_the_order_asked_for_the_first_ten_first(bench: Bench) -> None:
    texts = _texts(57)
    batches = scores(bench.ask(Scoring("query", texts), model="a"))
    assert batches[0].indices == tuple(range(10))
    assert [index for batch in batches for index in batch.indices] == list(range(57))
    found = {index: score for batch in batches for index, score in zip(batch.indices, batch.scores, strict=True)}
    assert found == {index: float(len(text.split())) for index, text in enumerate(texts)}
    assert [index for batch in batches for index, cut in zip(batch.indices, batch.cut, strict=True) if cut] == [3]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_reported_and_the_others_go_on(
    bench: Bench, bad: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Lengths.run

    def broken(self: Lengths, batch: Any) -> np.ndarray:
        values = run(self, batch)
        values[[prepared.payload == "bad text" for prepared in batch]] = bad
        return values

    monkeypatch.setattr(Lengths, "run", broken)
    texts = [*_texts(13), "bad text", *_texts(3)]
    batches = scores(bench.ask(Scoring("query", texts), model="a"))
    assert [index for batch in batches for index in batch.broken] == [13]
    assert sorted(index for batch in batches for index in batch.indices) == [*range(13), 14, 15, 16]
    assert all(np.isfinite(batch.scores).all() for batch in batches)


def test_a_vector_that_is_no_number_names_its_text(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LengthVectors, "run", lambda self, batch: np.full((len(batch), 2), np.nan, np.float32))
    with pytest.raises(Problem, match="text 1 of 3"):
        only(bench.ask(Encoding(_texts(3), "document"), model="encoder").results())


def test_vectors_keep_the_order_of_their_texts(bench: Bench) -> None:
    texts = _texts(1300)  # of several chunks
    vectors = only(bench.ask(Encoding(texts, "document"), model="encoder").results())
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[float(len(text.split())), 1.0] for text in texts]
    assert only(bench.ask(Encoding([], "document"), model="encoder").results()).shape == (0, 2)


def test_what_only_a_loaded_model_knows_can_be_asked(bench: Bench) -> None:
    ask: Callable[[Any], int] = lambda scorer: scorer.dimension  # noqa: E731
    assert only(bench.ask(Loading(ask), model="encoder").results()) == 2
