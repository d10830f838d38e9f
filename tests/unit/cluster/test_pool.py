"""Which worker gets what, and what happens when one is lost: with workers that a test plays."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.unit.scoring.made_up import resolved
from tests.waiting import DEADLINE, wait_for
from zsr_tui.cluster import messages
from zsr_tui.cluster.link import Lost, Share, Unreachable
from zsr_tui.cluster.messages import Answered, Asked, Refused, Vectors
from zsr_tui.cluster.pool import Pool
from zsr_tui.cluster.versions import here
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.work import Encoding

MODEL = resolved("model")


class Call:
    """What was asked of a worker; a result, or an error, once the test has given one."""

    def __init__(self, worker: Worker, requests: list[Asked]) -> None:
        self.worker, self.requests = worker, requests
        self.result: Any = None


class Worker:
    def __init__(self, number: int) -> None:
        self.number, self.ended = number, False


class Played:
    """Ray, as far as a pool needs it. `versions` of a worker's node by its number; only the first so many at `most` say
    who they are without being told to."""

    def __init__(self, workers: int, most: int = 10**6, versions: Mapping[int, dict[str, str]] | None = None) -> None:
        self.count, self.most, self.versions = workers, most, versions or {}
        self.workers: list[Worker] = []
        self.calls: list[Call] = []
        self.abouts: list[Call] = []
        self.stopped: list[int] = []
        self.closed = False
        self.broken = False
        self.told = threading.Condition()

    def shares(self) -> list[Share]:
        return [Share(1)] * self.count

    def start(self, share: Share) -> Worker:
        self.workers.append(Worker(len(self.workers)))
        return self.workers[-1]

    def about(self, worker: Worker) -> Call:
        call = Call(worker, [])
        self.abouts.append(call)
        if worker.number < self.most:
            self.come(call)
        return call

    def run(self, worker: Worker, requests: list[bytes]) -> Call:
        with self.told:
            self.calls.append(Call(worker, [messages.asked(each) for each in requests]))
            self.told.notify_all()
        return self.calls[-1]

    def stop(self, worker: Worker, tickets: list[int]) -> None:
        with self.told:
            self.stopped += tickets
            self.told.notify_all()

    def ready(self, calls: list[Call], seconds: float) -> list[Call]:
        if self.broken:
            raise Unreachable("the head is gone")
        with self.told:
            self.told.wait_for(lambda: any(each.result is not None for each in calls), seconds)
            return [each for each in calls if each.result is not None][:1]

    def result(self, call: Call) -> Any:
        if isinstance(call.result, Exception):
            raise call.result
        return call.result

    def end(self, worker: Worker) -> None:
        worker.ended = True

    def close(self) -> None:
        self.closed = True

    # what a test does

    def next(self, after: int) -> Call:
        """The call behind the first so many."""
        wait_for(lambda: len(self.calls) > after, "a call", told=self.told)
        return self.calls[after]

    def come(self, call: Call) -> None:
        """A worker says who it is."""
        number = call.worker.number
        versions = {**here(), **self.versions.get(number, {})}
        with self.told:
            call.result = json.dumps({"node": f"node {number}", "versions": versions}).encode()
            self.told.notify_all()

    def answer(self, call: Call, refused: str = "") -> None:
        with self.told:
            call.result = [
                messages.encode(Answered(Refused(refused, of_node=True) if refused else vectors(each), [1]))
                for each in call.requests
            ]
            self.told.notify_all()

    def lose(self, call: Call) -> None:
        with self.told:
            call.result = Lost("its node is gone")
            self.told.notify_all()


def vectors(asked: Asked) -> Vectors:
    """A text's number."""
    assert isinstance(asked.what, messages.Encode)
    numbers = np.array([[float(text)] for text in asked.what.texts], dtype=np.float32)
    return messages.packed(asked.what, [numbers])  # type: ignore[return-value]


def asked(job: Job) -> Callable[[int], Asked]:
    return lambda ticket: Asked(ticket, "model", job.resolved.fingerprint, "fp32", messages.of_work(job.work))


class Bench:
    def __init__(self, ray: Played, **more: float) -> None:
        self.ray = ray
        self.pool = Pool("ray://head:1", lambda: self.ray, **{"kept_seconds": 0.0, **more})
        self.threads = ThreadPoolExecutor(8)

    def encode(self, *numbers: int, cancel: CancelToken | None = None) -> Any:
        job = Job(MODEL, Encoding([str(number) for number in numbers], "document"), interactive=False, cancel=cancel)
        self.pool.submit(job, asked(job))
        return self.threads.submit(lambda: only(job.results()).ravel().tolist())


@contextmanager
def bench(workers: int | Played, **more: float) -> Iterator[Bench]:
    one = Bench(workers if isinstance(workers, Played) else Played(workers), **more)
    try:
        yield one
    finally:
        one.pool.leave(hurried=True)
        one.pool.join()
        one.threads.shutdown()
        assert one.ray.closed


def test_each_result_comes_back_to_who_asked_whichever_worker_had_it() -> None:
    with bench(2) as one:
        found = [one.encode(*range(start, start + 300)) for start in range(0, 1200, 300)]
        calls = [one.ray.next(number) for number in range(4)]
        assert {call.worker.number for call in calls} == {0, 1}  # two each
        for call in reversed(calls):
            one.ray.answer(call)
        assert [each.result() for each in found] == [
            [float(number) for number in range(start, start + 300)] for start in range(0, 1200, 300)
        ]
    assert all(worker.ended for worker in one.ray.workers)


def test_what_a_lost_worker_had_is_done_again_once_and_it_is_replaced() -> None:
    with bench(2) as one:
        found = [one.encode(*range(start, start + 300)) for start in range(0, 1200, 300)]
        calls = [one.ray.next(number) for number in range(4)]
        gone = calls[0].worker
        one.ray.lose(next(call for call in calls if call.worker is gone))
        for call in (call for call in calls if call.worker is not gone):
            one.ray.answer(call)
        lost = sorted(each.ticket for call in calls if call.worker is gone for each in call.requests)
        again: list[int] = []
        while len(again) < len(lost):
            call = one.ray.next(len(calls))
            calls.append(call)
            again += [each.ticket for each in call.requests]
            one.ray.answer(call)
        assert sorted(again) == lost
        assert gone.ended
        assert [each.result()[0] for each in found] == [0.0, 300.0, 600.0, 900.0]
        assert len(one.ray.workers) == 3
        assert f"a worker on node {gone.number} was lost: what it had is done again" in one.pool.said


def test_texts_over_which_three_workers_end_are_told_and_the_others_go_on() -> None:
    with bench(3) as one:
        found = one.encode(1)
        for number in range(3):
            one.ray.lose(one.ray.next(number))
        with pytest.raises(Problem, match="3 workers of the cluster at ray://head:1 ended over the same texts"):
            found.result()
        other = one.encode(2)
        one.ray.answer(one.ray.next(3))
        assert other.result() == [2.0]


def test_without_a_worker_that_could_be_waited_for_one_sentence_says_what_to_do() -> None:
    with bench(Played(1, most=1), lost_seconds=0.0) as one:  # there is no room for another
        found = one.encode(1)
        one.ray.lose(one.ray.next(0))
        with pytest.raises(Problem, match=r"all workers .* are lost: what is done is kept; the same command goes on"):
            found.result()
        with pytest.raises(Problem, match="are lost"):
            one.encode(2)


def test_it_is_complete_once_every_worker_has_come_or_gets_nothing() -> None:
    with bench(Played(3, most=1, versions={1: {"torch": "0.1"}})) as one:
        wait_for(lambda: one.pool.up == 1)
        assert [each.node for each in one.pool.workers] == ["node 0"]
        assert not one.pool.complete
        for call in one.ray.abouts[1:]:
            one.ray.come(call)
        wait_for(lambda: one.pool.up == 2)
        wait_for(lambda: one.pool.complete)
        assert [each.node for each in one.pool.workers] == ["node 0", "node 2"]


def test_a_cluster_that_has_no_room_says_so() -> None:
    with bench(Played(1, most=0), start_seconds=0.0) as one:
        wait_for(lambda: one.pool.over)
        assert "has started no worker" in str(one.pool.over)


def test_a_node_with_another_version_or_another_model_gets_nothing_and_is_named() -> None:
    with bench(2) as one:
        wait_for(lambda: one.pool.up == 2)
        found = one.encode(1)
        first = one.ray.next(0)
        one.ray.answer(first, refused="its model is another than here.")
        second = one.ray.next(1)
        assert second.worker is not first.worker
        one.ray.answer(second, refused="its model is another than here.")
        with pytest.raises(Problem, match=r"node \d gets nothing of model: its model is another than here"):
            found.result()
    old = Played(2, versions={0: {"torch": "0.1"}, 1: {"torch": "0.1"}})
    pool = Pool("ray://head:1", lambda: old)
    pool.join()
    assert "node 0 gets nothing to do: it has torch 0.1 in place of" in str(pool.over)
    assert all(worker.ended for worker in old.workers)


def test_what_nobody_wants_any_more_is_stopped_where_it_runs_and_workers_are_freed() -> None:
    with bench(1) as one:
        cancel = CancelToken()
        found = one.encode(1, cancel=cancel)
        call = one.ray.next(0)
        cancel.cancel()
        with pytest.raises(Cancelled):
            found.result()
        wait_for(lambda: one.ray.stopped == [call.requests[0].ticket], told=one.ray.told)
        one.ray.answer(call)
    assert one.ray.workers[0].ended


def test_an_engine_that_ends_frees_its_workers_whatever_they_are_at() -> None:
    with bench(2) as one:
        found = one.encode(1)
        one.ray.next(0)
        one.pool.end()
        one.pool.join(DEADLINE)
        assert one.ray.closed
        assert all(worker.ended for worker in one.ray.workers)
        with pytest.raises(Problem, match="is closed"):
            found.result()


def test_a_connection_that_is_gone_ends_what_waits_with_one_sentence() -> None:
    with bench(1) as one:
        found = one.encode(1)
        one.ray.next(0)
        one.ray.broken = True
        with pytest.raises(
            Problem, match=r"the connection to the cluster at ray://head:1 was lost: what is done is kept"
        ):
            found.result()
