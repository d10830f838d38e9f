"""One thread per device that runs everything on it, a batch at a time, and one that tokenises ahead of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import batching
from zsr_tui.scoring.queue.jobs import CHANGE, Job, Taken, by_job
from zsr_tui.scoring.queue.pool import Loaded, Pool

_log = logging.getLogger(__name__)


class Worker:
    """Interactive jobs go before background jobs between any two batches. Among equals the owner goes first who has
    had the least of the device's time; jobs of one owner take turns. A job whose model would push out another waits
    while there are others whose models are there. What is left of a batch is filled from other jobs for the same
    model, that of an interactive job only from interactive ones, so that nobody waits for work in the background.

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
        self._jobs: list[Job] = []  # in the order of their turns
        self._at_work: list[Job] = []
        self._spent: dict[str, float] = {}  # seconds of the device by owner
        self._closed = False
        self._tokeniser = ThreadPoolExecutor(1, thread_name_prefix=f"tokeniser-{device.name}")
        self._thread = threading.Thread(target=self._work, name=f"scoring-{device.name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs in the queue, without those at work."""
        with CHANGE:
            return sum(job not in self._at_work for job in self._jobs)

    @property
    def load(self) -> int:
        """Jobs that it has."""
        with CHANGE:
            return len(self._jobs)

    def has(self, job: Job) -> bool:
        with CHANGE:
            return job in self._jobs

    def submit(self, job: Job) -> Job:
        with CHANGE:
            if self._closed:
                raise Problem("the scoring service is closed.")
            least = min((self._spent.get(each.owner, 0.0) for each in self._jobs), default=0.0)
            self._spent[job.owner] = max(self._spent.get(job.owner, 0.0), least)
            self._jobs.append(job)
            CHANGE.notify_all()
        return job

    def close(self) -> None:
        """Ends after the batch at work. Jobs that are left end as cancelled."""
        with CHANGE:
            self._closed = True
            CHANGE.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._serve(job)
            except Exception as error:  # noqa: BLE001 - a request's error must not end the device's thread
                if batching.is_device_lost(error):
                    self._lose(error)
                    return
                job.finish(_problem(job, error))
            finally:
                with CHANGE:
                    self._at_work = []
        with CHANGE:
            left, self._jobs = self._jobs, []
        for job in left:
            job.finish(Cancelled())
        self._tokeniser.shutdown(wait=False, cancel_futures=True)
        self.pool.clear()

    def _lose(self, error: BaseException) -> None:
        _log.error("%s is lost: %s", self.device.name, error)
        with CHANGE:
            self._closed = self.lost = True
            left, self._jobs = self._jobs, []
        self._tokeniser.shutdown(wait=True)
        if self._on_lost:
            self._on_lost(self, left, error)

    def _next(self) -> Job | None:
        """The job whose turn it is, which goes to the end of the queue; None when the worker is to end."""
        with CHANGE:
            while not self._closed:
                for job in [job for job in self._jobs if job.exhausted or not job.wanted]:
                    self._jobs.remove(job)
                    if not job.exhausted:
                        job.finish(Cancelled())
                if able := [job for job in self._jobs if job.can_run]:
                    chosen = self._choose(able)
                    self._jobs.remove(chosen)
                    self._jobs.append(chosen)
                    self._at_work = [chosen]
                    return chosen
                CHANGE.wait()
            return None

    def _choose(self, able: Sequence[Job]) -> Job:
        first = [job for job in able if job.interactive] or able
        ready = [job for job in first if self.pool.fits(job.resolved)] or first
        return min(ready, key=lambda job: self._spent.get(job.owner, 0.0))

    def _serve(self, job: Job) -> None:
        loaded = self.pool.get(job.resolved, job.on_load)
        if not job.wanted:
            raise Cancelled
        job.begin(loaded.scorer)
        taken = job.take(loaded.budget.tokens, parts=loaded.parts)
        self._tokenise(job, loaded)
        if not taken:
            return
        taken += self._company(job, taken, loaded.budget.tokens)
        with CHANGE:
            self._at_work = list(by_job(taken))
        inputs = [each.prepared for each in taken]
        began = self._clock()
        try:
            rows = batching.run(loaded.forward, inputs, loaded.budget)
        except Exception as error:  # noqa: BLE001 - sorted out for each of the jobs
            self._failed(taken, loaded, error)
            return
        seconds = self._clock() - began
        work = sum(loaded.work(each.tokens) for each in inputs)
        if loaded.budget.ran(max(each.tokens for each in inputs) * len(inputs), seconds, work):
            loaded.budget.remember(job.resolved.fingerprint, self.device)
        for owner_job, places in by_job(taken).items():
            with CHANGE:
                share = seconds * len(places) / len(taken)
                self._spent[owner_job.owner] = self._spent.get(owner_job.owner, 0.0) + share
            try:
                owner_job.put([taken[place] for place in places], rows[places])
            except Exception as error:  # noqa: BLE001 - a result that cannot be used is its own job's matter
                owner_job.finish(_problem(owner_job, error))

    def _failed(self, taken: Sequence[Taken], loaded: Loaded, error: Exception) -> None:
        """A batch that raised. Where several jobs shared it, each runs its own part again, so that one job's input
        does not take the others along."""
        if batching.is_device_lost(error):
            for job, places in by_job(taken).items():
                job.give_back([taken[place] for place in places])
            raise error
        parts = by_job(taken)
        for job, places in parts.items():
            mine = [taken[place] for place in places]
            if len(parts) == 1:
                job.finish(_problem(job, error))
                continue
            try:
                job.put(mine, batching.run(loaded.forward, [each.prepared for each in mine], loaded.budget))
            except Exception as again:  # noqa: BLE001 - to the job that it belongs to
                job.finish(_problem(job, again))

    def _company(self, job: Job, taken: Sequence[Taken], tokens: int) -> list[Taken]:
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
        longest, found = taken[0].prepared.tokens, list[Taken]()
        for other in sorted(others, key=lambda other: not other.interactive):
            room = tokens - longest * (len(taken) + len(found))
            if room < longest:
                break
            found += other.take(room, longest=longest)
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
            except Exception as error:  # noqa: BLE001 - the thread's last frame: it must reach who asked
                job.finish(_problem(job, error))

        self._tokeniser.submit(tokenise)


def _problem(job: Job, error: BaseException) -> BaseException:
    if isinstance(error, Problem | Cancelled):
        return error
    name = job.resolved.info.name
    _log.error("a batch of %s failed", name, exc_info=error)
    return Problem(
        f"{name} failed while it worked: {type(error).__name__}; the engine's log has more.", detail=str(error)
    )


def lost(device: Device, error: BaseException) -> Problem:
    """For who waits for a device that is gone, when there is no other."""
    return Problem(
        f"{device.name} was lost while it scored: restart the program, or let the processor take over with "
        "ZSR_TUI_CPU_FALLBACK=1.",
        detail=str(error),
    )
