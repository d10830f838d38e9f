"""Makes a dataset ready for systems: downloads it and the models, indexes it for BM25, encodes it for dense and
learned sparse models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from zsr_tui import pipeline
from zsr_tui.api.events import JobProgress, PrepareFinished
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.stream import Emit
from zsr_tui.progress import CancelToken, Progress, Report
from zsr_tui.scoring.models import catalogue


def prepare(library: Library, request: PrepareRequest, emit: Emit, cancel: CancelToken) -> None:
    """What can be prepared is, even if a part of it fails: the systems that do not need that part still run. Raises
    the part's `Problem` when every system needs it."""
    from zsr_tui import corpora

    systems = [pipeline.parse(notation) for notation in request.systems]

    def report(progress: Progress) -> None:
        emit(JobProgress(request=request.id, progress=progress))

    notes: list[str] = []
    problems: dict[str, str] = {}
    for dataset in members(request.dataset):
        corpora.download(dataset, report, cancel)
        corpus = library.corpus(dataset)
        notes += corpus.corpus.notes()
        lacking = _indexed(library, corpus, systems, report, cancel, notes)
        for notation, system in zip(request.systems, systems, strict=True):
            for part in _needed(system) & lacking.keys():
                problems.setdefault(notation, lacking[part].message)
    notes += _guesses(systems)
    emit(PrepareFinished(request=request.id, notes=tuple(dict.fromkeys(notes)), problems=problems))


def members(dataset: str) -> tuple[str, ...]:
    """The datasets that this one averages over, or itself alone."""
    from zsr_tui import corpora

    name = corpora.normalise(dataset)
    return corpora.members_of(name) or (name,)


def _guesses(systems: Sequence[pipeline.System]) -> list[str]:
    """A sentence for each model that is run in a way that nobody says."""
    models = dict.fromkeys(model for system in systems for model in pipeline.models(system))
    return [sentence for model in models if (sentence := catalogue.guesses(catalogue.describe(model)))]


def _indexed(
    library: Library,
    corpus: OpenCorpus,
    systems: Sequence[pipeline.System],
    report: Report,
    cancel: CancelToken,
    notes: list[str],
) -> dict[str, Problem]:
    """What went wrong with the parts that could not be built, named as `_needed` names them; `notes` grows by what was
    damaged."""
    problems: dict[str, Problem] = {}

    def loading(what: str) -> None:
        report(Progress(what, 0, None, ""))

    def attempt(part: str, build: Callable[[], str | None]) -> None:
        try:
            if note := build():
                notes.append(note)
        except Problem as problem:
            problems[part] = problem

    def encode(step: pipeline.Encoded) -> str:
        library.tokens.attach(corpus.corpus)
        encoder = library.scoring.encoder(step.model, step.kind, report=report, cancel=cancel, on_load=loading)
        return library.store.build_encoded(step.kind, corpus.corpus, step.model, encoder, report, cancel)

    if any(pipeline.needs_bm25(system) for system in systems):
        attempt("", lambda: library.store.build_bm25(corpus.corpus, report, cancel))
    retrievers = dict.fromkeys(step for system in systems for step in pipeline.encoded(system))
    for step in sorted(retrievers, key=lambda step: step.kind):
        attempt(step.model, partial(encode, step))
    for model in dict.fromkeys(model for system in systems for model in pipeline.rerankers(system)):
        attempt(model, partial(library.scoring.fetch, model, report=report, cancel=cancel))

    if problems and all(_needed(system) & problems.keys() for system in systems):
        raise next(iter(problems.values()))
    return problems


def _needed(system: pipeline.System) -> set[str]:
    """The parts of a system: its models, and "" for BM25."""
    return {*pipeline.models(system), *([""] if pipeline.needs_bm25(system) else [])}
