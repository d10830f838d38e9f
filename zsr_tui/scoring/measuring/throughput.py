"""How fast a model runs on this machine: pairs, texts and tokens a second, and the share of what the device can do.

A measurement goes through the scheduler like any other work, without the cache: tokenisation, batching and the way of
the results are part of it.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken, Meter, Progress, Report, ignore_progress
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.measuring.peak import matrix_product_peak, most_memory
from zsr_tui.scoring.models import checkpoint, families, operations
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.budget import Budget
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.work import Encoding, Loading, PairScoring, Scoring, Work

ROUNDS = 3
_WARM_UPS, _WARM_UP_S = 6, 60.0  # passes and seconds at most, in which the batch size is found
_LIBRARIES = {"transformers": "sentence_transformers", "onnx": "onnxruntime"}  # their import is not the model's time
Pairs = Sequence[tuple[str, Sequence[str]]]  # queries with the texts to score


@dataclass(frozen=True, slots=True)
class Throughput:
    """Of one model in one precision. `seconds` of a pass over the `inputs`, the median of several.

    `tokens` are real ones, without padding, of all inputs; `batch_tokens` of a batch, padding included, `settled` once
    its size is found; `load_seconds` from the files to a model that is ready, the libraries already imported;
    `memory_bytes` at most allocated on the GPUs, or resident of the whole process where none was used. None: a
    server's tokens and batches, and numbers of architectures or precisions that are not counted.

    `operations` of a pass, as `operations.Shapes` counts them; `peak` in operations a second of the product of two
    matrices of 2048 x 2048 (8192 x 8192 on a GPU) at this precision, on all devices that were used; `share` of it that
    was reached, the median of the rounds, with the peak measured next to each.
    """

    model: str
    label: str
    family: str
    device: str
    precision: str
    unit: str  # "pairs" | "texts"
    inputs: int
    cut: int
    seconds: float
    load_seconds: float
    memory_bytes: int
    tokens: int | None
    batch_tokens: int | None
    settled: bool
    operations: float | None
    peak: float | None
    share: float | None

    @property
    def per_second(self) -> float:
        return self.inputs / self.seconds

    @property
    def tokens_per_second(self) -> float | None:
        return None if self.tokens is None else self.tokens / self.seconds


def measure(
    resolved: ResolvedModel,
    pairs: Pairs,
    *,
    rounds: int = ROUNDS,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Throughput:
    """Scores the pairs, or encodes the texts with an encoder, `rounds` times after a warm-up. Raises `Problem`, as any
    scoring, or `Cancelled`."""
    if not any(texts for _, texts in pairs):
        raise Problem("there is nothing to measure with: give at least one query with a text.", usage=True)
    if resolved.kind in _LIBRARIES:
        importlib.import_module(_LIBRARIES[resolved.kind])
    fleet = Fleet()
    bench = _Bench(fleet, resolved, pairs, report, cancel or CancelToken())
    try:
        with most_memory() as memory:
            return bench.run(rounds, memory)
    finally:
        fleet.close()


class _Bench:
    def __init__(
        self, fleet: Fleet, resolved: ResolvedModel, pairs: Pairs, report: Report, cancel: CancelToken
    ) -> None:
        self._fleet, self._resolved, self._pairs = fleet, resolved, pairs
        self._report, self._cancel = report, cancel
        self._encodes = resolved.info.family in families.ENCODERS.values()
        self._unit = "texts" if self._encodes else "pairs"
        self._name = f"{resolved.info.label} {resolved.precision}"
        self._shapes = None
        if resolved.kind != "endpoint":
            config = checkpoint.read_json(resolved.path / "config.json")
            self._shapes = operations.shapes(config, resolved.info.family)
        # of an int8 file there is no product of matrices in torch to compare with
        self._comparable = self._shapes is not None and resolved.precision in ("fp32", "bf16", "fp16")

    def run(self, rounds: int, memory: Callable[[], int]) -> Throughput:
        self._say("loading")
        began = time.perf_counter()
        self._ask(lambda scorer: None)
        load_seconds = time.perf_counter() - began
        self._warm_up()
        total = sum(work.count for work in self._works())
        meter = Meter(self._report, f"Measuring {self._name}", total * rounds, self._unit)
        seconds, peaks = list[float](), list[float]()
        for _ in range(rounds):
            if self._comparable:
                peaks.append(
                    self._ask(lambda scorer: matrix_product_peak(self._devices[0].name, self._resolved.precision))
                )
            took, jobs = self._pass()
            seconds.append(took)
            meter.advance(total)
        tokens = [each for job in jobs for each in job.lengths]
        done = sum(map(self._shapes.operations, tokens)) if self._shapes else None
        peaks = [peak * len(self._devices) for peak in peaks]
        budget = Budget.of(self._resolved.fingerprint, self._devices[0])
        served = self._resolved.kind == "endpoint"
        return Throughput(
            model=self._resolved.info.name,
            label=self._resolved.info.label,
            family=self._resolved.info.family,
            device=self._fleet.place(self._resolved),
            precision=self._resolved.precision,
            unit=self._unit,
            inputs=total,
            cut=sum(job.cut for job in jobs),
            seconds=statistics.median(seconds),
            load_seconds=load_seconds,
            memory_bytes=memory(),
            tokens=None if served else sum(tokens),
            batch_tokens=None if served else budget.tokens,
            settled=budget.settled,
            operations=done,
            peak=statistics.median(peaks) if peaks else None,
            share=(
                statistics.median(done / took / peak for took, peak in zip(seconds, peaks, strict=True))
                if peaks and done
                else None
            ),
        )

    @property
    def _devices(self) -> list[Device]:
        return [each.device for each in self._fleet.workers if each.pool.holds(self._resolved.fingerprint)]

    def _warm_up(self) -> None:
        """Until the batch size is found, which is remembered: the next time one pass suffices."""
        began = time.perf_counter()
        for _ in range(_WARM_UPS):
            self._say("finding the batch size")
            self._pass()
            device = self._fleet.workers[0].device
            if Budget.of(self._resolved.fingerprint, device).settled or time.perf_counter() - began > _WARM_UP_S:
                return

    def _pass(self) -> tuple[float, list[Job]]:
        """Everything once: the seconds that it took, and what has run."""
        began = time.perf_counter()
        jobs = [Job(self._resolved, work, interactive=False, cancel=self._cancel) for work in self._works()]
        for job in jobs:
            self._fleet.submit(job)
        for job in jobs:
            for _ in job.results():
                pass
        return time.perf_counter() - began, jobs

    def _works(self) -> Sequence[Work]:
        texts = [text for _, every in self._pairs for text in every]
        if self._encodes:
            return [Encoding(texts, "document")]
        if self._resolved.info.family in families.LISTWISE_RERANKERS:
            raise Problem(f"{self._resolved.info.name} orders lists: there are no pairs to measure it by.", usage=True)
        if self._resolved.info.family in families.PAIRWISE_RERANKERS:
            return [_compared(self._pairs[0][0], texts)]
        return [Scoring(query, every) for query, every in self._pairs if every]

    def _ask(self, ask: Callable[[Any], Any]) -> Any:
        """On the device's own thread, with the loaded model."""
        return only(self._fleet.submit(Job(self._resolved, Loading(ask), cancel=self._cancel)).results())

    def _say(self, what: str) -> None:
        self._report(Progress(f"{self._name}: {what}", 0, None, ""))


def _compared(query: str, texts: Sequence[str]) -> PairScoring:
    """As many comparisons as there are texts, of as few texts as they take."""
    count = next(count for count in range(2, len(texts) + 3) if count * (count - 1) >= len(texts))
    some = [texts[place % len(texts)] for place in range(count)]
    pairs = [(one, other) for one in range(count) for other in range(count) if one != other]
    return PairScoring(query, some, pairs[: len(texts)])
