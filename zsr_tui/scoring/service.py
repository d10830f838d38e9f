"""The scoring service: what the rest of the engine, and any other program, calls. Every method is thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from zsr_tui.domain import DeviceStatus, Doc, Problem
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken, Report, ignore_progress
from zsr_tui.scoring import ordering, reranking
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.encoder import Encoder, OnLoad
from zsr_tui.scoring.models import catalogue, documents, families, settings, unchanged, weights
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.speeds import Together
from zsr_tui.scoring.queue.work import Encoding, Lengths, Loading, ScoreBatch, Scoring, Work
from zsr_tui.scoring.tokens.documents import DocumentTokens, tokens_of

T = TypeVar("T")


class ScoringService:
    """Loads models when they are first asked for and keeps them while there is room; keeps scores and query vectors
    on disk. A model may be named with settings for once (`models.settings`). `cache` None takes the user's. `last_lost`
    is called when the last of the devices is lost and no other may take over, before those who wait hear of it: a
    process that ends there gives its successor the device back."""

    def __init__(
        self,
        cache: ScoreCache | None = None,
        fleet: Fleet | None = None,
        last_lost: Callable[[], None] | None = None,
    ) -> None:
        self.cache = cache or ScoreCache()
        self.fleet = fleet or Fleet(last_lost=last_lost)
        self._resolved: dict[str, ResolvedModel] = {}
        self._found: dict[str, unchanged.Found] = {}
        self._downloads: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def at_once(self) -> int:
        """Rankings of a batch job that keep its devices busy."""
        return self.fleet.at_once

    def on(self, fleet: Fleet) -> ScoringService:
        """The same service with other devices."""
        return ScoringService(self.cache, fleet)

    def fingerprint(self, model: str) -> str:
        """Changes with whatever can change the model's vectors or scores. Raises `Problem` if the weights are not on
        this machine; never downloads."""
        return self._resolve(model, download=False).fingerprint

    def precision(self, model: str) -> str:
        """In which the model runs, as "fp32". Raises `Problem` as `fingerprint` does."""
        return self._resolve(model, download=False).precision

    def family(self, model: str) -> str:
        """As "cross-encoder". Raises `Problem` as `fingerprint` does."""
        return self._resolve(model, download=False).info.family

    def scale(self, model: str) -> str:
        """Of its scores: "log-odds", "log-probability", or "" where no probability can be made of them. Raises
        `Problem` as `fingerprint` does."""
        resolved = self._resolve(model, download=False)
        labelled = resolved.recipe.relevant_label is not None
        return "log-probability" if labelled else families.SCALES.get(resolved.info.family, "")

    def fetch(self, model: str, *, report: Report = ignore_progress, cancel: CancelToken | None = None) -> None:
        """Download the model's weights unless they are here. Raises `Problem` or `Cancelled`."""
        self._resolve(model, report=report, cancel=cancel)

    def loaded(self, model: str) -> bool:
        """Whether it would start at once."""
        resolved = self._resolved.get(model)
        return resolved is not None and self.fleet.holds(resolved)

    def document_texts(self, model: str, docs: Iterable[Doc]) -> list[str]:
        """What the model reads for each document: title and text, or what its protocol asks for."""
        recipe = catalogue.recipe_of(settings.split(model).model)
        return [documents.text_of(recipe, doc) for doc in docs]

    def document_tokens(self, model: str) -> DocumentTokens | None:
        """Where the ids of its documents come from; None of a model that is not loaded, or whose ids nobody else can
        use."""
        resolved = self._resolved.get(model)
        scorer = self.fleet.scorer(resolved) if resolved else None
        return tokens_of(scorer, catalogue.recipe_of(settings.split(model).model)) if scorer is not None else None

    def encoder(
        self,
        model: str,
        kind: Kind = "dense",
        *,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
        owner: str = "",
    ) -> Encoder:
        """A bi-encoder, or of the kind "sparse" a learned sparse model, whose `dimension` is the size of its
        vocabulary. Downloads its weights if need be (`report` hears of the bytes, `on_load` in words); loads them when
        they are first used. Raises `Problem`, for another family with how to write what was meant."""
        wanted = (families.ENCODERS[kind],)
        resolved = self._resolve(model, wanted, report=report, cancel=cancel, on_load=on_load)
        return Encoder(self.fleet, self.cache, resolved, on_load, owner)

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
        fresh: bool = False,
    ) -> Iterator[ScoreBatch]:
        """Scores of `query` with every text: those that are known from before at once, the others in batches in the
        order of `texts`, the first ten first.

        Rerankers that compare texts (pairwise, listwise) give one batch at the end. Leaving the loop, or
        `cancel`, frees the device at its next batch. `owner` names who asks: owners share a device fairly. `fresh`: a
        model that scores pairs is asked for the known ones, too. Raises `Problem` (unknown model, weights that cannot
        be had, a bi-encoder) or `Cancelled`.
        """
        wanted = (*families.RERANKERS, *families.COMPARING)
        resolved = self._resolve(model, wanted, report=report, cancel=cancel, on_load=on_load)
        if not texts:
            return

        def run(work: Work) -> Iterator[Any]:
            job = Job(resolved, work, interactive=interactive, owner=owner, cancel=cancel, on_load=on_load)
            yield from self.fleet.submit(job).results()

        if resolved.info.family in families.LISTWISE_RERANKERS:
            yield ordering.scores(self.cache, resolved, query, texts, run)
            return
        yield from reranking.scores(self.cache, resolved, query, texts, run, fresh=fresh)

    def score_queries(
        self,
        model: str,
        queries: Sequence[str],
        text: str,
        *,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
        owner: str = "",
    ) -> Iterator[ScoreBatch]:
        """As `score`, of one text with each of several different queries, by a model that scores pairs: positions are
        those of the queries."""
        resolved = self._resolve(model, families.RERANKERS, cancel=cancel, on_load=on_load)

        def run(work: Work) -> Iterator[ScoreBatch]:
            job = Job(resolved, work, interactive=True, owner=owner, cancel=cancel, on_load=on_load)
            yield from self.fleet.submit(job).results()

        yield from reranking.of_queries(self.cache, resolved, queries, text, run)

    def known(self, model: str, query: str, texts: Sequence[str]) -> bool:
        """Whether all these scores are in the cache. Raises `Problem` as `fingerprint` does."""
        return len(self.cache.scores(self.fingerprint(model), query, texts)) == len(texts)

    def duels(
        self,
        model: str,
        query: str,
        texts: Sequence[str],
        place: int,
        *,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
        owner: str = "",
    ) -> list[reranking.Duel]:
        """Of a pairwise reranker: the text at `place` against every other one; the shares sum to its score. Raises
        `Problem` or `Cancelled`."""
        resolved = self._resolve(model, families.PAIRWISE_RERANKERS, cancel=cancel, on_load=on_load)

        def run(work: Work) -> Iterator[ScoreBatch]:
            job = Job(resolved, work, interactive=True, owner=owner, cancel=cancel, on_load=on_load)
            yield from self.fleet.submit(job).results()

        return reranking.duels(self.cache, resolved, query, texts, place, run)

    def examine(
        self,
        model: str,
        ask: Callable[[Any], T],
        *,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
        owner: str = "",
    ) -> T:
        """What `ask` makes of the loaded model (a `Scorer`), on its device's thread, between two batches. Raises
        `Problem` or `Cancelled`."""
        resolved = self._resolve(model, cancel=cancel, on_load=on_load)
        job = Job(resolved, Loading(ask), interactive=True, owner=owner, cancel=cancel, on_load=on_load)
        return only(self.fleet.submit(job).results())

    def cut_offset(self, model: str, query: str, text: str) -> int | None:
        """How many characters of `text` the model reads next to `query`, if it does not read it all; None where it
        does, or where the model is not loaded."""
        resolved = self._resolved.get(model)
        scorer = self.fleet.scorer(resolved) if resolved else None
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
            if not catalogue.describe(settings.split(model).model).local:
                return ""
            resolved = self._resolve(model, download=False)
        runtime = "onnxruntime " if resolved.kind == "onnx" else ""
        return f"{runtime}{self.fleet.place(resolved)} {resolved.precision}".strip()

    def speed(self, model: str, cancel: CancelToken, on_load: OnLoad | None = None) -> Together:
        """Of all devices that work on it together, as `zsr-tui bench` has measured them. Raises `Problem` as
        `fingerprint` does, or `Cancelled`."""
        return self.fleet.speed(self._resolve(model, download=False), cancel, on_load)

    def lengths(
        self, model: str, works: Sequence[Work], cancel: CancelToken, on_load: OnLoad | None = None
    ) -> list[int]:
        """In tokens, of all inputs of these works, which do not run. Loads the model, where it would run. Raises
        `Problem` or `Cancelled`."""
        resolved = self._resolve(model, cancel=cancel, on_load=on_load)
        job = Job(resolved, Lengths(works), interactive=True, cancel=cancel, on_load=on_load)
        return only(self.fleet.submit(job).results())

    def status(self) -> tuple[DeviceStatus, ...]:
        """The devices that have been used so far."""
        return tuple(
            DeviceStatus(
                name=worker.device.name,
                precision=", ".join(dict.fromkeys(resolved.precision for resolved in worker.pool.models)),
                models=tuple(resolved.info.label for resolved in worker.pool.models),
                memory_bytes=worker.pool.memory_bytes,
                waiting=worker.waiting,
                lost=worker.lost,
            )
            for worker in self.fleet.workers
        )

    def close(self) -> None:
        """Ends all work at its next batch; nothing can be asked afterwards."""
        self.fleet.close()
        self.cache.close()

    def _resolve(
        self,
        model: str,
        wanted: Sequence[str] = (),
        *,
        download: bool = True,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_load: OnLoad | None = None,
    ) -> ResolvedModel:
        """The model's files, if it is of one of the `wanted` families, where any are named."""
        before = self._found.get(model)
        if before is not None and before.still:
            _check_family(model, before.resolved.info.family, wanted)
            return before.resolved
        written = settings.split(model)
        with self._lock:
            lock = self._downloads.setdefault(written.model, threading.Lock())
        if wanted or on_load:
            known = catalogue.describe(written.model)
            _check_family(model, known.family, wanted)  # before anything is downloaded
            if on_load and download and known.runnable and not known.local:
                on_load(f"downloading {written.model}")
        with lock:  # the second to ask for a download waits for the first
            resolved = weights.resolve(
                written.model, **written.settings._asdict(), download=download, report=report, cancel=cancel
            )
        _check_family(model, resolved.info.family, wanted)
        _check_settings(written.settings, resolved)
        self._resolved[model] = resolved
        if now := unchanged.found(resolved):
            self._found[model] = now
        return resolved


def _check_settings(asked: settings.Settings, resolved: ResolvedModel) -> None:
    """Raises `Problem` for what is asked of a model that decides it by itself."""
    name = resolved.info.name
    if resolved.kind == "endpoint" and asked != settings.Settings():
        raise Problem(f"{name} is run by a server: its precision and length are said there.", usage=True)
    if resolved.kind == "onnx" and asked.precision:
        raise Problem(f"{name} is an ONNX file, which runs in the precision that it was written in.", usage=True)


def _check_family(model: str, family: str, wanted: Sequence[str]) -> None:
    """Raises `Problem` for a family that is known and not wanted, with how to write what was meant."""
    if not wanted or not family or family in wanted:
        return
    if family == families.ENCODERS["dense"]:
        is_a, instead = "a bi-encoder", f"dense({model})"
    elif family == families.ENCODERS["sparse"]:
        is_a, instead = "a learned sparse model", f"sparse({model}), or rerank with bm25 % 100 >> {model}"
    elif family in (*families.RERANKERS, *families.COMPARING):
        is_a, instead = "a reranker and has no vectors to search", f"bm25 % 100 >> {model}"
    else:
        raise Problem(f"{model} cannot be run: {families.why_not(family)}")
    raise Problem(f"{model} is {is_a}: write {instead}.", usage=True)
