"""One thread per device that runs everything on it, a batch at a time."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled
from zsr_tui.scoring.jobs import Job
from zsr_tui.scoring.pool import Pool

if TYPE_CHECKING:
    from zsr_tui.scoring.devices import Device

_log = logging.getLogger(__name__)


class Worker:
    """Interactive jobs go before background jobs between any two batches; jobs of the same kind take turns. A job
    whose model would push out another waits while there are others whose models are there."""

    def __init__(self, device: Device, pool: Pool | None = None) -> None:
        self.device = device
        self.pool = pool or Pool(device)
        self._jobs: list[Job] = []  # in the order of their turns
        self._running: Job | None = None
        self._change = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"scoring-{device.name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs in the queue, without the one at work."""
        with self._change:
            return len(self._jobs)

    def submit(self, job: Job) -> Job:
        with self._change:
            if self._closed:
                raise Problem("the scoring service is closed.")
            self._jobs.append(job)
            self._change.notify()
        return job

    def close(self) -> None:
        """Ends after the batch at work. Jobs that are left end as cancelled."""
        with self._change:
            self._closed = True
            self._change.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        while (job := self._take()) is not None:
            more = self._run_batch(job)
            with self._change:
                self._running = None
                if more:
                    self._jobs.append(job)
        with self._change:
            left, self._jobs = self._jobs, []
        for job in left:
            job.finish(Cancelled())
        self.pool.clear()

    def _take(self) -> Job | None:
        with self._change:
            while not self._closed:
                for job in [job for job in self._jobs if not job.wanted]:
                    self._jobs.remove(job)
                    job.finish(Cancelled())
                if self._jobs:
                    self._running = self._next()
                    self._jobs.remove(self._running)
                    return self._running
                self._change.wait()
            return None

    def _next(self) -> Job:
        first = [job for job in self._jobs if job.interactive] or self._jobs
        return next((job for job in first if self.pool.fits(job.resolved)), first[0])

    def _run_batch(self, job: Job) -> bool:
        """Whether the job has more to do. Whatever it raises goes to who asked."""
        try:
            loaded = self.pool.get(job.resolved, job.on_load)
            if not job.wanted:
                raise Cancelled
            results, more = job.work.step(loaded.scorer, loaded.budget)
        except (Problem, Cancelled) as error:
            job.finish(error)
            return False
        except Exception as error:  # noqa: BLE001 - a request's error must not end the device's thread
            _log.exception("a batch of %s failed", job.resolved.info.name)
            what = (
                f"{job.resolved.info.name} failed while it worked: {type(error).__name__}; the engine's log has more."
            )
            job.finish(Problem(what, detail=str(error)))
            return False
        for result in results:
            job.give(result)
        if not more:
            job.finish()
        return more
