"""The scoring service: what the rest of the engine, and any other program, calls. Every method is thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from zsr_tui.domain import ModelInfo, Preset, Problem
from zsr_tui.progress import CancelToken, Report, ignore_progress
from zsr_tui.scoring import catalogue, devices, families, weights
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.jobs import Encoding, Job, Loading, ScoreBatch, Scoring, Work, only
from zsr_tui.scoring.weights import ResolvedModel
from zsr_tui.scoring.worker import Worker

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DeviceState", "Encoder", "ScoreBatch", "ScoringService"]

OnLoad = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device that has been used: `memory_bytes` of the loaded weights, `waiting` requests in its queue."""

    name: str
    precision: str
    models: tuple[str, ...]
    memory_bytes: int
    waiting: int


class ScoringService:
    """Loads models when they are first asked for and keeps them while there is room."""

    def __init__(self) -> None:
        self._workers: dict[str, Worker] = {}
        self._resolved: dict[str, ResolvedModel] = {}
        self._downloads: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._closed = False

    def known_models(self) -> list[ModelInfo]:
        return catalogue.known_models()

    def presets(self, dataset: str) -> list[Preset]:
        return catalogue.presets(dataset)

    def describe(self, model: str) -> ModelInfo:
        """What is known of a model without loading or downloading it. Raises `Problem` for an unknown name."""
        return catalogue.describe(model)

    def fingerprint(self, model: str) -> str:
        """Changes with whatever can change the model's vectors or scores. Raises `Problem` if the weights are not on
        this machine; never downloads."""
        return self._resolve(model, download=False).fingerprint

    def fetch(self, model: str, *, report: Report = ignore_progress, cancel: CancelToken | None = None) -> None:
        """Download the model's weights unless they are here. Raises `Problem` or `Cancelled`."""
        self._resolve(model, report=report, cancel=cancel)

    def loaded(self, model: str) -> bool:
        """Whether it would start at once."""
        resolved = self._resolved.get(model)
        with self._lock:
            workers = list(self._workers.values())
        return resolved is not None and any(worker.pool.holds(resolved.fingerprint) for worker in workers)

    def encoder(
        self,
        model: str,
        *,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
    ) -> Encoder:
        """A bi-encoder. Downloads its weights if need be (`report` hears of the bytes, `on_load` in words); loads them
        when they are first used. Raises `Problem`, for a reranker with how to write what was meant."""
        resolved = self._resolve(model, report=report, cancel=cancel, on_load=on_load)
        if resolved.info.family not in families.ENCODERS:
            raise Problem(
                f"{model} is a reranker and has no vectors to search: write bm25 % 100 >> {model} in place of "
                f"dense({model}).",
                usage=True,
            )
        return Encoder(self, resolved, on_load)

    def score(
        self,
        model: str,
        query: str,
        texts: Sequence[str],
        *,
        cancel: CancelToken | None = None,
        interactive: bool = True,
        report: Report = ignore_progress,
        on_load: OnLoad | None = None,
    ) -> Iterator[ScoreBatch]:
        """Scores of `query` with every text, in batches in the order of `texts`, the first ten first.

        Leaving the loop, or `cancel`, frees the device at its next batch. Raises `Problem` (unknown model, weights that
        cannot be had, a bi-encoder, a score that is no number) or `Cancelled`.
        """
        resolved = self._resolve(model, report=report, cancel=cancel, on_load=on_load)
        if resolved.info.family not in families.RERANKERS:
            raise Problem(
                f"{model} is a bi-encoder and does not rerank: write dense({model}) in place of bm25 >> {model}.",
                usage=True,
            )
        if not texts:
            return
        work = Scoring(query, texts)
        yield from self.submit(resolved, work, interactive=interactive, cancel=cancel, on_load=on_load).results()

    def device_label(self, model: str) -> str:
        """Where the model runs and in which precision: "cpu fp32", "onnxruntime cpu int8"; "" for one whose weights
        are not here yet. Imports torch for the models that need it."""
        resolved = self._resolved.get(model)
        if resolved is None:
            if not self.describe(model).local:
                return ""
            resolved = self._resolve(model, download=False)
        runtime = "onnxruntime " if resolved.kind == "onnx" else ""
        return f"{runtime}{_device(resolved).name} {resolved.precision}"

    def status(self) -> tuple[DeviceState, ...]:
        """The devices that have been used so far."""
        with self._lock:
            workers = list(self._workers.values())
        return tuple(
            DeviceState(
                name=worker.device.name,
                precision=weights.TORCH_PRECISION,
                models=worker.pool.labels,
                memory_bytes=worker.pool.memory_bytes,
                waiting=worker.waiting,
            )
            for worker in workers
        )

    def close(self) -> None:
        """Ends all work at its next batch; nothing can be asked afterwards."""
        with self._lock:
            self._closed = True
            workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            worker.close()

    def submit(
        self,
        resolved: ResolvedModel,
        work: Work,
        *,
        interactive: bool,
        cancel: CancelToken | None,
        on_load: OnLoad | None = None,
    ) -> Job:
        """Puts work into the queue of the model's device."""
        job = Job(resolved, work, interactive=interactive, cancel=cancel, on_load=on_load)
        return self._worker(_device(resolved)).submit(job)

    def _worker(self, device: Device) -> Worker:
        with self._lock:
            if self._closed:
                raise Problem("the scoring service is closed.")
            if device.name not in self._workers:
                self._workers[device.name] = Worker(device)
            return self._workers[device.name]

    def _resolve(
        self,
        model: str,
        *,
        download: bool = True,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
    ) -> ResolvedModel:
        with self._lock:
            lock = self._downloads.setdefault(model, threading.Lock())
        if on_load and download and not catalogue.describe(model).local:
            on_load(f"downloading {model}")
        with lock:  # the second to ask for a download waits for the first
            resolved = weights.resolve(model, download=download, report=report, cancel=cancel)
        self._resolved[model] = resolved
        return resolved


def _device(resolved: ResolvedModel) -> Device:
    return devices.for_onnx() if resolved.kind == "onnx" else devices.for_torch()


class Encoder:
    """A bi-encoder of the service. `fingerprint` and `precision` cost nothing; `dimension` loads the model."""

    def __init__(self, service: ScoringService, resolved: ResolvedModel, on_load: OnLoad | None) -> None:
        self._service, self._resolved, self._on_load = service, resolved, on_load
        self.info = resolved.info
        self.fingerprint = resolved.fingerprint
        self.precision = resolved.precision

    @cached_property
    def dimension(self) -> int:
        """Of its vectors."""
        return int(self._run(Loading(lambda scorer: scorer.dimension), interactive=True, cancel=None))

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken | None = None) -> np.ndarray:
        """float32 of shape (texts, dimension), in order; gives way to interactive work between batches."""
        return self._run(Encoding(texts, "document"), interactive=False, cancel=cancel)

    def encode_queries(
        self, texts: Sequence[str], cancel: CancelToken | None = None, *, interactive: bool = True
    ) -> np.ndarray:
        """float32 of shape (texts, dimension), in order; with the model's query prompt."""
        return self._run(Encoding(texts, "query"), interactive=interactive, cancel=cancel)

    def _run(self, work: Work, *, interactive: bool, cancel: CancelToken | None) -> np.ndarray:
        job = self._service.submit(self._resolved, work, interactive=interactive, cancel=cancel, on_load=self._on_load)
        return only(job.results())
