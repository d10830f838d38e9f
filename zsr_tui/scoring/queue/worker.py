"""One thread per device that gives it its batches and takes their rows, and one that tokenises ahead of it."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import batching
from zsr_tui.scoring.queue.flight import Flight
from zsr_tui.scoring.queue.jobs import CHANGE, Job, Taken
from zsr_tui.scoring.queue.pool import Loaded, Pool

if TYPE_CHECKING:
    import numpy as np

# seconds that a thread of Python works on while another wants to: the usual 5 ms are longer than a batch on a GPU
_SWITCH_S = 0.0005
OLDEST = 4  # a quarter of what an owner has of a device goes to whom it asked first
AHEAD = 3  # batches that a GPU has at once: the one that it computes, and two more
_log = logging.getLogger(__name__)
_left_alone: list[object] = []  # what lies in the memory of lost devices: freeing it would ask them again


class Worker:
    """Interactive jobs go before background jobs between any two batches. Among equals the owner goes first who has
    had the least of the device's time, and of one owner's jobs the one that has had the least, so that a short one does
    not wait for long ones; for every OLDEST-th batch the oldest, so that a long one does not wait for ever new short
    ones. A job whose model would push out another waits while there are others whose models are there. What is left of
    a batch is filled from other jobs for the same model, that of an interactive job only from interactive ones, so that
    nobody waits for work in the background.

    A GPU is kept supplied: AHEAD batches are on their way to it before the first is waited for, of interactive and of
    background work each, so that the one need not wait for the other.

    When the device is lost, the worker ends and `on_lost(worker, jobs)` gets the jobs that it still had.
    """

    def __init__(
        self,
        device: Device,
        pool: Pool | None = None,
        on_lost: Callable[[Worker, Sequence[Job], BaseException], None] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.device = device
        self.pool = pool or Pool(device)
        self.lost = False
        self._on_lost, self._clock = on_lost, clock
        if device.name.startswith("cuda"):
            sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
        self._jobs: list[Job] = []  # in the order of their turns
        self._serving: Job | None = None
        self._flights: list[Flight] = []  # batches on the device, in the order in which it got them
        self._spent: dict[str, float] = {}  # seconds of the device by owner
        self._batches: Counter[str] = Counter()  # begun, by owner
        self._closed = False
        self._tokeniser = ThreadPoolExecutor(1, thread_name_prefix=f"tokeniser-{device.name}")
        self._landers = ThreadPoolExecutor(2 * AHEAD, thread_name_prefix=f"lander-{device.name}")
        self._thread = threading.Thread(target=self._work, name=f"scoring-{device.name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs in the queue, without those at work."""
        with CHANGE:
            return len({job for job in self._jobs if not job.exhausted} - self._at_work())

    @property
    def load(self) -> int:
        """Jobs that it has."""
        with CHANGE:
            return len(self._at_work().union(self._jobs))

    def has(self, job: Job) -> bool:
        with CHANGE:
            return job in self._jobs

    def submit(self, job: Job) -> Job:
        with CHANGE:
            if self._closed:
                raise Problem("the scoring service is closed.")
            least = min((self._spent.get(each.owner, 0.0) for each in self._jobs), default=0.0)
            self._spent[job.owner] = max(self._spent.get(job.owner, 0.0), least)
            job.spent = min((each.spent for each in self._jobs if each.owner == job.owner), default=0.0)
            self._jobs.append(job)
            CHANGE.notify_all()
        return job

    def close(self) -> None:
        """Ends after the batches at work. Jobs that are left end as cancelled."""
        with CHANGE:
            self._closed = True
            CHANGE.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _at_work(self) -> set[Job]:
        jobs = {job for flight in self._flights for job in flight.jobs}
        return jobs if self._serving is None else jobs | {self._serving}

    def _work(self) -> None:
        going = True
        while going:
            turn: Job | Flight | None = None
            try:
                turn = self._next()
                going = turn is not None
                if isinstance(turn, Job):
                    self._serve(turn)
                elif turn is not None:
                    self._again(turn)
            except BaseException as error:  # noqa: BLE001 - a request's error must not end the device's thread
                if batching.is_device_lost(error):
                    self._lose(error)
                    return
                for job in self._concerned(turn):
                    job.fail(error)
                going = turn is not None or not self._closed or bool(self._flights)
            finally:
                with CHANGE:
                    self._serving = None
        with CHANGE:
            left, self._jobs = self._jobs, []
        for job in left:
            job.finish(Cancelled())
        self._tokeniser.shutdown(wait=False, cancel_futures=True)
        self._landers.shutdown()
        self.pool.clear()

    def _concerned(self, turn: Job | Flight | None) -> Sequence[Job]:
        """By what went wrong: between two turns all that it has. Where it has none it waits until there is something
        to do."""
        if turn is not None:
            return (turn,) if isinstance(turn, Job) else turn.jobs
        _log.error("between two batches of %s", self.device.name, exc_info=True)
        with CHANGE:
            jobs, self._jobs = self._jobs, []
            if not (jobs or self._closed or self._failed()):
                CHANGE.wait()
        return jobs

    def _lose(self, error: BaseException) -> None:
        """Nothing touches the device afterwards: whatever is asked of it then fails as well, freeing included."""
        _log.error("%s is lost: %s", self.device.name, error)
        with CHANGE:
            self._closed = self.lost = True
            flights, self._flights = self._flights, []
            left = dict.fromkeys([*self._jobs, *(job for flight in flights for job in flight.jobs)])
            self._jobs = []
        _left_alone.append((self.pool, list(flights)))
        batching.note_lost(self.device)
        for flight in flights:
            flight.give_back()
        self._tokeniser.shutdown(wait=True)
        if self._on_lost:
            self._on_lost(self, list(left), error)

    def _next(self) -> Job | Flight | None:
        """A batch that went wrong; else the job whose turn it is, which goes to the end of the queue; None when the
        worker is to end."""
        while True:
            with CHANGE:
                if failed := self._failed():
                    return failed
                if self._closed and not self._flights:
                    return None
                if not self._closed and (job := self._turn()):
                    return job
                if not self._may_record():
                    CHANGE.wait()
                    continue
            batching.record_due(self.device)

    def _may_record(self) -> bool:
        """Whether there is something to record, and nobody waits at a screen."""
        watched = self._closed or any(flight.urgent for flight in self._flights)
        return not watched and batching.is_due(self.device)

    def _failed(self) -> Flight | None:
        return next((flight for flight in self._flights if flight.error), None)

    def _turn(self) -> Job | None:
        for job in [job for job in self._jobs if job.exhausted or not job.wanted]:
            self._jobs.remove(job)
            if not job.exhausted:
                job.finish(Cancelled())
        able = [job for job in self._jobs if job.can_run and self._has_room(job)]
        if not able:
            return None
        first = [job for job in able if job.interactive] or able
        ready = [job for job in first if self.pool.fits(job.resolved)] or first
        owner = min(ready, key=lambda job: self._spent.get(job.owner, 0.0)).owner
        own = [job for job in ready if job.owner == owner]
        oldest = self._batches[owner] % OLDEST == OLDEST - 1
        chosen = min(own, key=lambda job: job.number if oldest else job.spent)
        self._jobs.remove(chosen)
        self._jobs.append(chosen)
        self._serving = chosen
        return chosen

    def _has_room(self, job: Job) -> bool:
        return sum(flight.urgent == job.interactive for flight in self._flights) < AHEAD

    def _serve(self, job: Job) -> None:
        if not job.interactive and self._may_record():
            batching.record_due(self.device)
        if not self.pool.holds(job.resolved.fingerprint):
            self._land_all()  # what leaves may be at work
        loaded = self.pool.get(job.resolved, job.on_load)
        if not job.wanted:
            raise Cancelled
        job.begin(loaded.scorer)
        taken = job.take(loaded.budget.tokens, packed=loaded.packed, parts=loaded.parts)
        self._tokenise(job, loaded)
        if not taken:
            return
        self._batches[job.owner] += 1
        taken += self._company(job, taken, loaded)
        flight = Flight(loaded, taken, job.interactive, self._clock())
        with CHANGE:
            self._flights.append(flight)
        flight.start(self.device)
        if loaded.ahead:
            self._landers.submit(self._land, flight)
        else:
            self._land(flight)

    def _land(self, flight: Flight) -> None:
        """Waits for a batch and gives its rows to who asked. What went wrong is for the worker's own thread."""
        rows = flight.wait()
        with CHANGE:
            if rows is None or flight not in self._flights:
                CHANGE.notify_all()
                return
            seconds = flight.seconds(self._clock)
            self._flights.remove(flight)
            CHANGE.notify_all()  # also if those who asked are gone: there is room, and who ends waits for that
            budget, total = flight.loaded.budget, len(flight.inputs)
            for each in flight.taken:
                owner, share = each.job.owner, seconds * len(each.offsets) / total
                self._spent[owner] = self._spent.get(owner, 0.0) + share
                each.job.spent += share
            found = not budget.settled and budget.ran(flight.tokens, seconds, flight.work)
        if found:
            budget.remember(flight.loaded.resolved.fingerprint, self.device)
        start = 0
        for each in flight.taken:
            end = start + len(each.offsets)
            self._put(each, rows[start:end], seconds * len(each.offsets) / total)
            start = end

    def _land_all(self) -> None:
        """Until no batch is on its way."""
        while self._flights:
            with CHANGE:
                CHANGE.wait_for(lambda: not self._flights or self._failed())
                failed = self._failed()
            if failed:
                self._again(failed)

    def _again(self, flight: Flight) -> None:
        """A batch that raised: smaller where memory did not suffice. Where several jobs shared it, each runs its own
        part again, so that one job's input does not take the others along."""
        error = flight.error
        assert error is not None
        if batching.is_device_lost(error):
            raise error
        with CHANGE:
            self._flights.remove(flight)
        full = batching.is_out_of_memory(error)
        if full:
            if self._flights:
                flight.loaded.budget.shrink(flight.tokens // 2)  # alone it might have fitted
            self._land_all()
        if len(flight.jobs) == 1 and not full:
            flight.jobs[0].fail(error)
            return
        for taken in flight.taken:
            began = self._clock()
            try:
                rows = batching.run(flight.loaded.forward, taken.inputs, flight.loaded.budget)
            except BaseException as again:
                if batching.is_device_lost(again):
                    with CHANGE:
                        self._flights.append(flight)  # what has not run is given back
                    raise
                taken.job.fail(again)
            else:
                self._put(taken, rows, self._clock() - began)
            flight.left.remove(taken)

    def _put(self, taken: Taken, rows: np.ndarray, seconds: float) -> None:
        try:
            taken.job.put(taken, rows, seconds)
        except BaseException as error:  # noqa: BLE001 - a result that cannot be used is its own job's matter
            taken.job.fail(error)

    def _company(self, job: Job, taken: Sequence[Taken], loaded: Loaded) -> list[Taken]:
        """Inputs of other jobs that fill the batch up without making it longer."""
        with CHANGE:
            others = [
                other
                for other in self._jobs
                if other is not job
                and other.ready
                and other.wanted
                and other.resolved.fingerprint == job.resolved.fingerprint
                and other.work.kind == job.work.kind
                and (other.interactive or not job.interactive)
            ]
        inputs = [prepared for each in taken for prepared in each.inputs]
        longest = 0 if loaded.packed else inputs[0].tokens
        used = sum(longest or each.tokens for each in inputs)
        found: list[Taken] = []
        for other in sorted(others, key=lambda other: not other.interactive):
            room = loaded.budget.tokens - used
            if room <= 0 or room < longest:
                break
            more = other.take(room, packed=loaded.packed, longest=longest, company=True)
            used += sum(longest or each.tokens for part in more for each in part.inputs)
            found += more
        return found

    def _tokenise(self, job: Job, loaded: Loaded) -> None:
        """Has the job's next chunk tokenised while the device works."""
        chunk = job.claim(loaded.budget.tokens // self.device.input_tokens)
        if chunk is None:
            return

        def tokenise() -> None:
            try:
                if job.wanted:
                    job.tokenised(chunk, job.work.prepare(loaded.scorer, chunk))
            except BaseException as error:  # noqa: BLE001 - the thread's last frame: it must reach who asked
                job.fail(error)

        self._tokeniser.submit(tokenise)
