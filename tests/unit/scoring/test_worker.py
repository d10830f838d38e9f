from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.batching import Budget
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.jobs import Encoding, Job, Loading, ScoreBatch, Scoring, Work, only
from zsr_tui.scoring.pool import Pool
from zsr_tui.scoring.weights import ResolvedModel
from zsr_tui.scoring.worker import Worker

from .made_up import Lengths, LengthVectors, resolved

DEVICE = Device("cpu", budget_bytes=100, tokens=64)


class Steps:
    """Work of `count` batches, each of which waits until the test lets it go on."""

    def __init__(self, name: str, count: int, log: list[str], gate: threading.Semaphore) -> None:
        self.name, self.left, self.log, self.gate = name, count, log, gate
        self.began = threading.Event()

    def step(self, scorer: Any, budget: Budget) -> tuple[list[str], bool]:
        self.began.set()
        self.gate.acquire()
        self.left -= 1
        self.log.append(self.name)
        return [self.name], self.left > 0


class Bench:
    """A worker whose models are made up, and whose loads are logged."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.gate = threading.Semaphore(0)
        self.worker = Worker(DEVICE, Pool(DEVICE, self._load))

    def _load(self, model: ResolvedModel, device: Device) -> Any:
        self.log.append(f"load {model.info.name}")
        if model.info.name == "broken":
            raise Problem("broken cannot be loaded.")
        return LengthVectors() if model.info.name == "encoder" else Lengths()

    def ask(self, work: Work, model: str = "a", size: int = 8, **how: Any) -> Job:
        how = {"interactive": True, "cancel": None, "on_load": None, **how}
        return self.worker.submit(Job(resolved(model, size), work, **how))

    def steps(self, name: str, count: int) -> Steps:
        return Steps(name, count, self.log, self.gate)

    def go(self, steps: int = 1000) -> None:
        self.gate.release(steps)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.go()
    bench.worker.close()


def scores(job: Job) -> list[ScoreBatch]:
    return list(job.results())


def test_interactive_work_overtakes_background_work_at_the_next_batch(bench: Bench) -> None:
    slow = bench.steps("background", 4)
    background = bench.ask(slow, interactive=False)
    slow.began.wait()  # its first batch is on the device
    query = bench.ask(bench.steps("query", 2))
    bench.go()
    assert list(query.results()) == ["query", "query"]
    list(background.results())
    assert bench.log == ["load a", "background", "query", "query", "background", "background", "background"]


def test_requests_of_the_same_kind_take_turns(bench: Bench) -> None:
    first = bench.steps("first", 3)
    jobs = [bench.ask(first)]
    first.began.wait()
    jobs.append(bench.ask(bench.steps("second", 3)))
    bench.go()
    for job in jobs:
        list(job.results())
    assert bench.log == ["load a", "first", "second", "first", "second", "first", "second"]


def test_a_cancelled_job_leaves_the_device_at_the_next_batch(bench: Bench) -> None:
    cancel = CancelToken()
    work = bench.steps("cancelled", 1000)
    job = bench.ask(work, cancel=cancel)
    work.began.wait()
    other = bench.ask(bench.steps("other", 1))
    cancel.cancel()
    bench.go()
    with pytest.raises(Cancelled):
        list(job.results())
    assert list(other.results()) == ["other"]
    assert bench.log.count("cancelled") == 1


def test_a_job_that_is_cancelled_in_the_queue_loads_nothing(bench: Bench) -> None:
    work = bench.steps("running", 1)
    running = bench.ask(work)
    work.began.wait()
    cancel = CancelToken()
    waiting = bench.ask(bench.steps("never", 1), model="never", cancel=cancel)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(waiting.results())  # at once, although the device is still busy
    bench.go()
    list(running.results())
    list(bench.ask(bench.steps("last", 1)).results())
    assert "load never" not in bench.log


def test_leaving_the_loop_frees_the_device(bench: Bench) -> None:
    job = bench.ask(bench.steps("left", 1000))
    bench.go(1)
    results = job.results()
    assert next(results) == "left"
    results.close()  # type: ignore[attr-defined]
    bench.go()
    assert list(bench.ask(bench.steps("next", 1)).results()) == ["next"]
    assert bench.log.count("left") <= 2


class Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def step(self, scorer: Any, budget: Budget) -> tuple[list[str], bool]:
        raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("a bug"), "a failed while it worked: ValueError"), (Problem("no room."), "no room.")],
)
def test_an_error_goes_to_who_asked_and_the_device_goes_on(bench: Bench, error: Exception, said: str) -> None:
    job = bench.ask(Failing(error))
    with pytest.raises(Problem, match=said):
        list(job.results())
    bench.go()
    assert list(bench.ask(bench.steps("next", 1)).results()) == ["next"]


def test_a_model_that_cannot_be_loaded_does_not_take_the_device_along(bench: Bench) -> None:
    with pytest.raises(Problem, match="broken cannot be loaded"):
        list(bench.ask(bench.steps("never", 1), model="broken").results())
    bench.go()
    assert list(bench.ask(bench.steps("next", 1)).results()) == ["next"]


def test_models_stay_loaded_and_the_least_recently_used_leaves_when_memory_runs_short(bench: Bench) -> None:
    bench.go()
    for model in ("a", "b", "a", "c", "a", "b"):
        list(bench.ask(bench.steps("work", 1), model=model, size=40).results())
    loads = [line for line in bench.log if line.startswith("load")]
    assert loads == ["load a", "load b", "load c", "load b"]
    assert bench.worker.pool.labels == ("a", "b")
    assert bench.worker.pool.memory_bytes == 80


def test_a_model_larger_than_the_memory_for_models_is_refused_before_it_loads(bench: Bench) -> None:
    with pytest.raises(Problem, match="choose a smaller model"):
        list(bench.ask(bench.steps("never", 1), model="huge", size=400).results())
    assert bench.log == []


def test_models_that_do_not_fit_together_do_not_push_each_other_out_at_every_batch(bench: Bench) -> None:
    first = bench.steps("first", 5)
    one = bench.ask(first, model="a", size=80)
    first.began.wait()
    two = bench.ask(bench.steps("second", 5), model="b", size=80)
    bench.go()
    list(one.results())
    list(two.results())
    assert [line for line in bench.log if line.startswith("load")] == ["load a", "load b"]


def test_loading_is_announced(bench: Bench) -> None:
    said: list[str] = []
    bench.go()
    for _ in range(2):
        list(bench.ask(bench.steps("work", 1), on_load=said.append).results())
    assert said == ["loading a"]


def test_closing_ends_what_waits(bench: Bench) -> None:
    work = bench.steps("running", 1000)
    running = bench.ask(work)
    work.began.wait()
    waiting = bench.ask(bench.steps("waiting", 1))
    assert bench.worker.waiting == 1
    closing = threading.Thread(target=bench.worker.close)
    closing.start()
    bench.go()
    closing.join()
    for job in (running, waiting):
        with pytest.raises(Cancelled):
            list(job.results())
    with pytest.raises(Problem, match="closed"):
        bench.ask(bench.steps("late", 1))


def _texts(count: int) -> list[str]:
    return ["word " * (1 + 7 * index % 13) + ("..." if index == 3 else "") for index in range(count)]


def test_scores_come_in_the_order_asked_for_the_first_ten_first(bench: Bench) -> None:
    texts = _texts(57)
    batches = scores(bench.ask(Scoring("query", texts)))
    assert batches[0].indices == tuple(range(10))
    assert [index for batch in batches for index in batch.indices] == list(range(57))
    found = {index: score for batch in batches for index, score in zip(batch.indices, batch.scores, strict=True)}
    assert found == {index: float(len(text.split())) for index, text in enumerate(texts)}
    assert [index for batch in batches for index, cut in zip(batch.indices, batch.cut, strict=True) if cut] == [3]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_names_its_text(bench: Bench, bad: float, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Lengths.run

    def broken(self: Lengths, batch: Any) -> np.ndarray:
        values = run(self, batch)
        values[[prepared.payload == "bad text" for prepared in batch]] = bad
        return values

    monkeypatch.setattr(Lengths, "run", broken)
    texts = [*_texts(13), "bad text", *_texts(3)]
    with pytest.raises(Problem, match="text 14 of 17"):
        scores(bench.ask(Scoring("query", texts)))


def test_vectors_keep_the_order_of_their_texts(bench: Bench) -> None:
    texts = _texts(40)
    vectors = only(bench.ask(Encoding(texts, "document"), model="encoder").results())
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[float(len(text.split())), 1.0] for text in texts]
    assert only(bench.ask(Encoding([], "document"), model="encoder").results()).shape == (0, 2)


def test_what_only_a_loaded_model_knows_can_be_asked(bench: Bench) -> None:
    ask: Callable[[Any], int] = lambda scorer: scorer.dimension  # noqa: E731
    assert only(bench.ask(Loading(ask), model="encoder").results()) == 2
