"""The devices of a cluster, in place of those of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from zsr_tui.cluster.messages import Asked, of_work
from zsr_tui.cluster.pool import CALLS, Pool
from zsr_tui.cluster.rates import together
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job
from zsr_tui.scoring.queue.speeds import Together
from zsr_tui.scoring.queue.work import Dimension, Lengths, Loading

MOST_AT_ONCE = 128  # threads that wait
GATHER_SECONDS = 10.0  # behind the first worker, in which the others are waited for before their speeds are summed
_PAUSE_SECONDS = 0.05
_SENT = Dimension, Lengths  # of what asks something of a model


class ClusterFleet(Fleet):
    """What needs the model itself, and what a server runs, is done at `home`."""

    elsewhere = True

    def __init__(self, pool: Pool, home: Fleet) -> None:
        super().__init__()
        self._pool, self._home = pool, home
        self._gathered_at: float | None = None  # until when workers are waited for, once the first is there

    @property
    def at_once(self) -> int:
        return min(MOST_AT_ONCE, (CALLS + 1) * max(1, self._pool.up))

    def submit(self, job: Job) -> Job:
        work, resolved = job.work, job.resolved
        if resolved.kind == "endpoint" or (isinstance(work, Loading) and not isinstance(work, _SENT)):
            return self._home.submit(job)
        if not work.count and not isinstance(work, _SENT):
            return self._home.submit(job)
        if not self._pool.up and job.on_load:
            job.on_load(self._waiting)
        what, name = of_work(work), _name(resolved)
        precision = resolved.precision if resolved.kind == "transformers" else ""  # else its files decide
        self._pool.submit(job, lambda ticket: Asked(ticket, name, resolved.fingerprint, precision, what))
        return job

    def speed(
        self, resolved: ResolvedModel, cancel: CancelToken, on_load: Callable[[str], None] | None = None
    ) -> Together:
        """Of the workers that are there once all have said who they are, or a while after the first has, whichever
        model is asked for first. Nobody is waited for once there is one of which nothing is known."""
        if resolved.kind == "endpoint":
            return self._home.speed(resolved, cancel)
        if not self._gathered and on_load:
            on_load(self._waiting)
        while not self._gathered and not together(self._pool.workers, resolved).unknown:
            cancel.check()
            time.sleep(_PAUSE_SECONDS)
        return together(self._pool.workers, resolved)

    @property
    def _gathered(self) -> bool:
        if self._gathered_at is None and self._pool.up:
            self._gathered_at = time.monotonic() + GATHER_SECONDS
        waited = self._gathered_at is not None and time.monotonic() >= self._gathered_at
        return waited or self._pool.complete or self._pool.over is not None

    def place(self, resolved: ResolvedModel) -> str:
        return f"{counted(self._pool.up, 'worker')} of {self._pool.address}"

    @property
    def _waiting(self) -> str:
        return f"waiting for workers of {self._pool.address}"


def _name(resolved: ResolvedModel) -> str:
    """As a node resolves it: a folder by its whole path, of the hub the very revision."""
    name = resolved.info.name
    weights = catalogue.weights_reference(name)
    text, dimension = catalogue.split_dimension(name)
    if weights.kind == "folder":
        text = str(Path(weights.place).expanduser().absolute())
    elif weights.kind == "hub" and resolved.revision and "@" not in text:
        text = f"{text}@{resolved.revision}"
    return text if dimension is None else f"{text}#{dimension}"
