"""The devices of this machine: which of them runs what, and what happens when one is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.endpoints import calling
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.jobs import Job
from zsr_tui.scoring.queue.speeds import Together
from zsr_tui.scoring.queue.worker import Worker

LARGE = 256  # inputs of a job that is worth loading its model on several devices

Make = Callable[[Device, Callable[[Worker, Sequence[Job], BaseException], None]], Worker]


class Fleet:
    """One worker for each device, made when it is first used. `torch` gives the devices for models that torch runs;
    `make` a worker: tests put in devices that this machine lacks. `last_lost` is called when no device is left for a
    job."""

    elsewhere = False  # on other machines

    def __init__(
        self,
        torch: Callable[[], Sequence[Device]] = devices.for_torch,
        make: Make | None = None,
        last_lost: Callable[[], None] | None = None,
    ) -> None:
        self._torch, self._last_lost = torch, last_lost
        self._make = make or (lambda device, on_lost: Worker(device, on_lost=on_lost))
        self._workers: dict[str, Worker] = {}
        self._lock = threading.RLock()
        self._closed = False

    @property
    def workers(self) -> tuple[Worker, ...]:
        with self._lock:
            return tuple(self._workers.values())

    @property
    def at_once(self) -> int:
        """Jobs of one kind that keep all devices busy: of several GPUs each works on one while another waits there. 1
        as long as nothing has run."""
        several = sum(not worker.lost and worker.device.name.startswith("cuda") for worker in self.workers)
        return 2 * several if several > 1 else 1

    def submit(self, job: Job) -> Job:
        """To the device that has the model, else to one with room, else to the one with the least to do; in the
        background first to one that has less to do than those with the model, if it has room for it. A large job goes
        to all that have the model or room for it: they share its inputs. Raises `Problem` when there is none."""
        self._hand(job)
        return job

    def holds(self, resolved: ResolvedModel) -> bool:
        return any(worker.pool.holds(resolved.fingerprint) for worker in self.workers if not worker.lost)

    def scorer(self, resolved: ResolvedModel) -> Any | None:
        """The loaded model, for what needs no device; None where it is not loaded."""
        found = (worker.pool.scorer(resolved.fingerprint) for worker in self.workers if not worker.lost)
        return next((scorer for scorer in found if scorer is not None), None)

    def place(self, resolved: ResolvedModel) -> str:
        """The name of the device that has the model, else of the one that would get it."""
        having = [each for each in self.workers if each.pool.holds(resolved.fingerprint) and not each.lost]
        if resolved.kind == "endpoint":
            return resolved.info.label
        return " + ".join(each.device.name for each in having) or self._devices(resolved)[0].name

    def speed(
        self, resolved: ResolvedModel, cancel: CancelToken, on_load: Callable[[str], None] | None = None
    ) -> Together:
        """Of all devices that work on it together where there is enough to do, as `zsr-tui bench` has measured them.
        `on_load` hears, in words, what is waited for. Raises `Cancelled`."""
        cards, place = len(self._devices(resolved)), self.place(resolved)
        if (one := speeds.known(resolved.fingerprint, place)) is None:
            return Together()
        said = f"zsr-tui bench, {one.when}: {one.tokens_per_second:,.0f} tokens/s"
        return Together(one.tokens_per_second * cards, said if cards == 1 else f"{said} a card, {cards} cards")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
        for worker in workers:
            worker.close()

    def _devices(self, resolved: ResolvedModel) -> Sequence[Device]:
        """Those that could run it and are not lost."""
        if resolved.kind == "onnx":
            return [devices.cpu()]
        if resolved.kind == "endpoint":
            inputs = calling.requests_at_once() * calling.REQUEST_INPUTS
            return [Device(f"endpoint {resolved.info.label}", 1 << 40, inputs, input_tokens=1)]
        gone = {worker.device.name: worker for worker in self.workers if worker.lost}
        found = [device for device in self._torch() if device.name not in gone]
        if not found and (fallback := devices.fallback()):
            found = [fallback]
        if not found:
            raise _nobody_left(next(iter(gone.values())).device, RuntimeError("no device is left"))
        return found

    def _chosen(self, job: Job) -> list[Worker]:
        workers = [self._worker(device) for device in self._devices(job.resolved)]
        have = [worker for worker in workers if worker.pool.holds(job.resolved.fingerprint)]
        room = [worker for worker in workers if worker.pool.fits(job.resolved)]
        if job.work.count >= LARGE and len(workers) > 1:
            return list(dict.fromkeys((*have, *room))) or [_least(workers)]
        if not job.interactive:
            return [_least(list(dict.fromkeys((*have, *room))) or workers)]
        return [_least(have or room or workers)]

    def _hand(self, job: Job, said: str = "") -> None:
        """To those that are to have it and have it not; to others, where all of those are lost just now. `said` is for
        who asked. Raises `Problem` when there is none."""
        while True:
            chosen = self._chosen(job)
            if said and job.on_load:
                job.on_load(said)
            for worker in chosen:
                try:
                    if not worker.has(job):
                        worker.submit(job)
                except Problem:
                    if not worker.lost:
                        raise
            if not all(worker.lost for worker in chosen):
                return

    def _worker(self, device: Device) -> Worker:
        with self._lock:
            if self._closed:
                raise Problem("the scoring service is closed.")
            if device.name not in self._workers:
                self._workers[device.name] = self._make(device, self._lost)
            return self._workers[device.name]

    def _lost(self, worker: Worker, jobs: Sequence[Job], error: BaseException) -> None:
        """Jobs of a lost device go on where another can take them, and say so."""
        for job in jobs:
            if job.ended:
                continue
            try:
                self._hand(job, f"{worker.device.name} was lost, going on")
            except Problem:
                if self._last_lost:
                    self._last_lost()
                job.finish(_nobody_left(worker.device, error))


def _least(workers: Sequence[Worker]) -> Worker:
    return min(workers, key=lambda worker: worker.load)


def _nobody_left(device: Device, error: BaseException) -> Problem:
    """For who waits for a device that is gone, when there is no other."""
    return Problem(
        f"{device.name} was lost while it scored: restart the program, or let the processor take over with "
        "ZSR_TUI_CPU_FALLBACK=1.",
        detail=str(error),
    )
