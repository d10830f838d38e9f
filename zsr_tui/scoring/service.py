"""The scoring service: what the rest of the engine, and any other program, calls. Every method is thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from zsr_tui.domain import Doc, ModelInfo, Preset, Problem
from zsr_tui.progress import CancelToken, Report, ignore_progress
from zsr_tui.scoring import documents, families
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.models import catalogue, weights
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.work import Encoding, Loading, PairScoring, ScoreBatch, Scoring, Work

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DeviceState", "Encoder", "ScoreBatch", "ScoringService"]

OnLoad = Callable[[str], None]
OnTokens = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device that has been used: `memory_bytes` of the loaded weights, `waiting` requests in its queue."""

    name: str
    precision: str
    models: tuple[str, ...]
    memory_bytes: int
    waiting: int
    lost: bool = False


class ScoringService:
    """Loads models when they are first asked for and keeps them while there is room; keeps scores and query vectors
    on disk. `cache` None takes the user's."""

    def __init__(self, cache: ScoreCache | None = None, fleet: Fleet | None = None) -> None:
        self.cache = cache or ScoreCache()
        self._fleet = fleet or Fleet()
        self._resolved: dict[str, ResolvedModel] = {}
        self._downloads: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

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
        return resolved is not None and self._fleet.holds(resolved)

    def document_text(self, model: str, doc: Doc) -> str:
        """What the model reads for a document: title and text, or what its protocol asks for."""
        return documents.text_of(catalogue.recipe_of(model), doc)

    def encoder(
        self,
        model: str,
        *,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
        owner: str = "",
    ) -> Encoder:
        """A bi-encoder. Downloads its weights if need be (`report` hears of the bytes, `on_load` in words); loads them
        when they are first used. Raises `Problem`, for another family with how to write what was meant."""
        return self._encoder(model, families.ENCODERS, report, cancel, on_load, owner)

    def sparse_encoder(
        self,
        model: str,
        *,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
        owner: str = "",
    ) -> Encoder:
        """A learned sparse model, whose `dimension` is the size of its vocabulary; otherwise as `encoder`."""
        return self._encoder(model, families.SPARSE_ENCODERS, report, cancel, on_load, owner)

    def _encoder(
        self,
        model: str,
        wanted: Sequence[str],
        report: Report,
        cancel: CancelToken | None,
        on_load: OnLoad | None,
        owner: str,
    ) -> Encoder:
        known = self.describe(model)
        if known.family:  # before anything is downloaded
            _check_family(model, known.family, wanted)
        resolved = self._resolve(model, report=report, cancel=cancel, on_load=on_load)
        _check_family(model, resolved.info.family, wanted)
        return Encoder(self, resolved, on_load, owner)

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
        owner: str = "",
    ) -> Iterator[ScoreBatch]:
        """Scores of `query` with every text: those that are known from before at once, the others in batches in the
        order of `texts`, the first ten first.

        Pairwise rerankers score every text against every other and give one batch at the end. Leaving the loop, or
        `cancel`, frees the device at its next batch. `owner` names who asks: owners share a device fairly. Raises
        `Problem` (unknown model, weights that cannot be had, a bi-encoder) or `Cancelled`.
        """
        known = self.describe(model)
        wanted = (*families.RERANKERS, *families.PAIRWISE_RERANKERS)
        if known.family:
            _check_family(model, known.family, wanted)
        resolved = self._resolve(model, report=report, cancel=cancel, on_load=on_load)
        _check_family(model, resolved.info.family, wanted)
        if not texts:
            return

        def run(work: Work) -> Iterator[ScoreBatch]:
            job = Job(resolved, work, interactive=interactive, owner=owner, cancel=cancel, on_load=on_load)
            yield from self._fleet.submit(job).results()

        if resolved.info.family in families.PAIRWISE_RERANKERS:
            yield self._compare(resolved, query, texts, run)
        else:
            yield from self._cached(resolved, query, texts, lambda left: run(Scoring(query, left)))

    def _cached(
        self,
        resolved: ResolvedModel,
        query: str,
        contents: Sequence[str],
        run: Callable[[list[str]], Iterator[ScoreBatch]],
    ) -> Iterator[ScoreBatch]:
        known = self.cache.scores(resolved.fingerprint, query, contents)
        if known:
            places = sorted(known)
            yield ScoreBatch(
                tuple(places),
                tuple(known[place][0] for place in places),
                tuple(known[place][1] for place in places),
                known=True,
            )
        left = [place for place in range(len(contents)) if place not in known]
        if not left:
            return
        for batch in run([contents[place] for place in left]):
            places = [left[index] for index in batch.indices]
            self.cache.add_scores(
                resolved.fingerprint, query, [contents[place] for place in places], batch.scores, batch.cut
            )
            broken = tuple(left[index] for index in batch.broken)
            yield ScoreBatch(tuple(places), batch.scores, batch.cut, broken, tokens=batch.tokens)

    def _compare(
        self,
        resolved: ResolvedModel,
        query: str,
        texts: Sequence[str],
        run: Callable[[Work], Iterator[ScoreBatch]],
    ) -> ScoreBatch:
        """All ordered pairs of texts, summed up for each text."""
        from zsr_tui.scoring.families import duot5

        duot5.check_candidates(resolved.info.name, len(texts))
        pairs = duot5.all_pairs(len(texts))
        places = {f"{len(texts[one])} {texts[one]}{texts[other]}": (one, other) for one, other in pairs}
        contents = list(places)

        def compare(left: list[str]) -> Iterator[ScoreBatch]:
            return run(PairScoring(query, texts, [places[content] for content in left]))

        probability: dict[str, float] = {}
        cut: set[int] = set()
        tokens = 0
        for batch in self._cached(resolved, query, contents, compare):
            tokens += batch.tokens
            for index, value, was_cut in zip(batch.indices, batch.scores, batch.cut, strict=True):
                probability[contents[index]] = value
                if was_cut:
                    cut.update(places[contents[index]])
        known = [
            (pair, probability[content])
            for pair in pairs
            if (content := f"{len(texts[pair[0]])} {texts[pair[0]]}{texts[pair[1]]}") in probability
        ]
        scores = duot5.aggregate([pair for pair, _ in known], [value for _, value in known], len(texts))
        places_cut = tuple(place in cut for place in range(len(texts)))
        return ScoreBatch(tuple(range(len(texts))), tuple(scores), places_cut, tokens=tokens)

    def cut_offset(self, model: str, query: str, text: str) -> int | None:
        """How many characters of `text` the model reads next to `query`, if it does not read it all; None where it
        does, or where the model is not loaded."""
        resolved = self._resolved.get(model)
        scorer = self._fleet.scorer(resolved) if resolved else None
        if resolved is None or scorer is None or resolved.kind == "endpoint":
            return None

        def is_cut(characters: int) -> bool:
            part = [text[:characters]]
            if resolved.info.family in families.RERANKERS:
                work: Work = Scoring(query, part)
            elif resolved.info.family in families.PAIRWISE_RERANKERS:
                return False  # what it reads depends on the other document
            else:
                work = Encoding(part, "document")
            return work.prepare(scorer, range(1))[0].cut

        if not is_cut(len(text)):
            return None
        read, unread = 0, len(text)  # the longest beginning that is read whole lies between
        while unread - read > 1:
            middle = (read + unread) // 2
            read, unread = (read, middle) if is_cut(middle) else (middle, unread)
        return read

    def device_label(self, model: str) -> str:
        """Where the model runs and in which precision: "cpu bf16", "onnxruntime cpu int8"; "" for one whose weights
        are not here yet. May import torch for the models that need it."""
        resolved = self._resolved.get(model)
        if resolved is None:
            if not self.describe(model).local:
                return ""
            resolved = self._resolve(model, download=False)
        runtime = "onnxruntime " if resolved.kind == "onnx" else ""
        return f"{runtime}{self._fleet.place(resolved)} {resolved.precision}".strip()

    def status(self) -> tuple[DeviceState, ...]:
        """The devices that have been used so far."""
        return tuple(
            DeviceState(
                name=worker.device.name,
                precision=", ".join(dict.fromkeys(resolved.precision for resolved in worker.pool.models)),
                models=worker.pool.labels,
                memory_bytes=worker.pool.memory_bytes,
                waiting=worker.waiting,
                lost=worker.lost,
            )
            for worker in self._fleet.workers
        )

    def close(self) -> None:
        """Ends all work at its next batch; nothing can be asked afterwards."""
        self._fleet.close()
        self.cache.close()

    def submit(self, job: Job) -> Job:
        """Puts a job into the queue of a device that can run its model."""
        return self._fleet.submit(job)

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


def _check_family(model: str, family: str, wanted: Sequence[str]) -> None:
    if family in wanted:
        return
    if family in families.ENCODERS:
        is_a, instead = "a bi-encoder", f"dense({model})"
    elif family in families.SPARSE_ENCODERS:
        is_a, instead = "a learned sparse model", f"sparse({model}), or rerank with bm25 % 100 >> {model}"
    elif family in (*families.RERANKERS, *families.PAIRWISE_RERANKERS):
        is_a, instead = "a reranker and has no vectors to search", f"bm25 % 100 >> {model}"
    else:
        raise Problem(f"{model} cannot be run: {families.why_not(family)}")
    raise Problem(f"{model} is {is_a}: write {instead}.", usage=True)


class Encoder:
    """A bi-encoder or learned sparse model of the service. `fingerprint` and `precision` cost nothing; `dimension`
    loads the model."""

    def __init__(self, service: ScoringService, resolved: ResolvedModel, on_load: OnLoad | None, owner: str) -> None:
        self._service, self._resolved, self._on_load, self._owner = service, resolved, on_load, owner
        self.info = resolved.info
        self.fingerprint = resolved.fingerprint
        self.precision = resolved.precision

    @cached_property
    def dimension(self) -> int:
        """Of its vectors."""
        return int(self._run(Loading(lambda scorer: scorer.dimension), interactive=True, cancel=None))

    def encode_documents(
        self, texts: Sequence[str], cancel: CancelToken | None = None, *, on_tokens: OnTokens | None = None
    ) -> np.ndarray:
        """float32 of shape (texts, dimension), in order; gives way to interactive work between batches. `on_tokens`
        hears how many tokens the model has read, prompts and special ones included."""
        return self._run(Encoding(texts, "document"), interactive=False, cancel=cancel, on_tokens=on_tokens)

    def encode_queries(
        self,
        texts: Sequence[str],
        cancel: CancelToken | None = None,
        *,
        interactive: bool = True,
        on_tokens: OnTokens | None = None,
    ) -> np.ndarray:
        """float32 of shape (texts, dimension), in order; with the model's query prompt. Vectors that are known from
        before need no model, and `on_tokens` hears nothing of them."""
        import numpy as np

        cache = self._service.cache
        sparse = self.info.family in families.SPARSE_ENCODERS  # mostly zeros, and as long as a vocabulary
        known = {} if sparse else cache.vectors(self.fingerprint, texts)
        left = [place for place in range(len(texts)) if place not in known]
        if not known:
            vectors = self._run(Encoding(texts, "query"), interactive=interactive, cancel=cancel, on_tokens=on_tokens)
        else:
            vectors = np.empty((len(texts), len(next(iter(known.values())))), dtype=np.float32)
            for place, vector in known.items():
                vectors[place] = vector
            if left:
                new = Encoding([texts[place] for place in left], "query")
                vectors[left] = self._run(new, interactive=interactive, cancel=cancel, on_tokens=on_tokens)
        if left and not sparse:
            cache.add_vectors(self.fingerprint, [texts[place] for place in left], vectors[left])
        return vectors

    def _run(
        self, work: Work, *, interactive: bool, cancel: CancelToken | None, on_tokens: OnTokens | None = None
    ) -> np.ndarray:
        job = Job(
            self._resolved, work, interactive=interactive, owner=self._owner, cancel=cancel, on_load=self._on_load
        )
        found = only(self._service.submit(job).results())
        if on_tokens and isinstance(work, Encoding):
            on_tokens(work.tokens)
        return found
