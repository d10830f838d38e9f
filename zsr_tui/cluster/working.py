"""A worker's own side: it resolves models on its machine, and runs what it is asked with a `Fleet` of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from zsr_tui import __version__
from zsr_tui.cluster.messages import Answered, Asked, Refused, Stopped, asked, encode, packed, work_of
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring import devices
from zsr_tui.scoring.models import weights
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job
from zsr_tui.scoring.queue.memory import keep_freed_memory

_KEPT = 4096  # tickets that were stopped before their request arrived


class Working:
    """Every method may be called from any thread."""

    version = __version__

    def __init__(self, cores: int) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        keep_freed_memory()
        devices.take_cores(cores)
        self._fleet = Fleet()
        self._resolved: dict[tuple[str, str], ResolvedModel] = {}
        self._resolving = threading.Lock()
        self._tokens: dict[int, CancelToken] = {}
        self._lock = threading.Lock()

    @staticmethod
    def lacks(gpus: int) -> str:
        """Why it cannot compute on as many GPUs, "" where it can. Imports torch where there should be some."""
        if not gpus or devices.for_torch()[0].name.startswith("cuda"):
            return ""
        return (
            "Ray gives it a GPU, and torch finds none there: install the torch that is made for it, and see its driver "
            "(torch.cuda.is_available() says whether both are right)."
        )

    @staticmethod
    def about(cores: int, gpus: int) -> dict[str, Any]:
        """What it says about itself beside its node and its versions, as `messages.About` has it."""
        card = devices.for_torch()[0].hardware if gpus else ""
        return {"cores": cores or devices.cores(), "card": card, "speeds": [asdict(each) for each in speeds.here(card)]}

    def run(self, requests: Sequence[bytes]) -> list[bytes]:
        """All of them share the device's batches."""
        read = [asked(request) for request in requests]
        with self._lock:
            tokens = [self._tokens.setdefault(each.ticket, CancelToken()) for each in read]
        try:
            begun = [self._begun(each, token) for each, token in zip(read, tokens, strict=True)]
            return [encode(_ended(each, job)) for each, job in zip(read, begun, strict=True)]
        finally:
            with self._lock:
                for each in read:
                    self._tokens.pop(each.ticket, None)

    def stop(self, tickets: Sequence[int]) -> None:
        with self._lock:
            for ticket in tickets:
                self._tokens.setdefault(ticket, CancelToken()).cancel()
            for stale in list(self._tokens)[:-_KEPT]:
                del self._tokens[stale]

    def _begun(self, each: Asked, cancel: CancelToken) -> Job | Refused:
        try:
            resolved = self._resolve(each, cancel)
        except Problem as problem:
            return Refused(problem.message, problem.detail, of_node=True)
        except Cancelled:
            return Refused("")  # its token says the rest
        job = Job(resolved, work_of(each.what), interactive=False, cancel=cancel)
        try:
            return self._fleet.submit(job)
        except Problem as problem:
            return Refused(problem.message, problem.detail, of_node=True)

    def _resolve(self, each: Asked, cancel: CancelToken) -> ResolvedModel:
        """Raises `Problem` where this machine has another model of the name, or none."""
        key = each.model, each.precision
        with self._resolving:  # the second to ask for a download waits for the first
            if key not in self._resolved:
                self._resolved[key] = weights.resolve(each.model, precision=each.precision or None, cancel=cancel)
            resolved = self._resolved[key]
        if resolved.fingerprint != each.fingerprint:
            raise Problem(
                f"its {each.model} is another than here (fingerprint {resolved.fingerprint[:8]}, here "
                f"{each.fingerprint[:8]}): give both the same files, the same settings for it and the same precision."
            )
        return resolved


def _ended(each: Asked, job: Job | Refused) -> Answered:
    if isinstance(job, Refused):
        return Answered(job if job.message else Stopped())
    try:
        results: list[Any] = list(job.results())
    except Cancelled:
        return Answered(Stopped())
    except Problem as problem:
        return Answered(Refused(problem.message, problem.detail))
    return Answered(packed(each.what, results), job.lengths, job.cut)
