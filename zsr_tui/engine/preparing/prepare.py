"""A request that waits until a dataset is ready for systems: it is downloaded with the models, indexed for BM25,
encoded for dense and learned sparse models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zsr_tui import pipeline
from zsr_tui.api.events import JobProgress, PrepareFinished
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.cluster import address
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.jobs import Job
from zsr_tui.engine.preparing.parts import Part, parts_of
from zsr_tui.engine.stream import Emit
from zsr_tui.engine.systems import head
from zsr_tui.progress import CancelToken, Progress
from zsr_tui.scoring.models import catalogue


def prepare(library: Library, request: PrepareRequest, emit: Emit, cancel: CancelToken) -> None:
    """What can be prepared is, even if a part of it fails: the systems that do not need that part still run. Raises
    the part's `Problem` when every system needs it. What is being made already is waited for."""
    systems, refused = _understood(request.systems)
    for model in {model for system in systems.values() for model in pipeline.models(system)}:
        catalogue.weights_reference(model)  # raises `Problem` for one that whoever asks may not reach
    wanted = {notation: set[Part]() for notation in systems}
    documents = [Part("corpus", dataset) for dataset in members(request.dataset)]
    for part in documents:
        for notation, system in systems.items():
            wanted[notation].update(parts_of(part.dataset, system))
    rest = dict.fromkeys(part for each in wanted.values() for part in each if part not in documents)
    if request.on:
        address.parse(request.on)  # raises `Problem` before anything is begun
    parts = [*documents, *sorted(rest, key=_place)]
    jobs = library.preparing.begin(parts, background=False, again=True, on=request.on, waits=True)
    told = dict[str, Progress]()

    def look() -> None:
        """Tells how far the first is that is at work, since a line can show one; before it, how far those came that are
        over."""
        for job in jobs:
            at_work, progress = not job.over and job.state == "running", job.progress
            news = progress is not None and progress is not told.get(job.part.id)
            if progress is not None and news and (at_work or (job.over and progress.unit)):
                told[job.part.id] = progress
                emit(JobProgress(request=request.id, progress=progress))
            if at_work:
                return

    library.preparing.wait(jobs, look, cancel)
    failed = {job.part: problem for job in jobs if (problem := _problem(job)) is not None}
    problems = {
        notation: next(problem.message for part, problem in failed.items() if part in parts)
        for notation, parts in wanted.items()
        if not parts.isdisjoint(failed)
    }
    if failed and (len(problems) == len(wanted) or any(part in failed for part in documents)):
        raise next(iter(failed.values()))
    hold = [note for job in jobs if job.part.kind == "corpus" for note in job.notes] + [*_guesses([*systems.values()])]
    notes = dict.fromkeys([*(note for job in jobs for note in job.notes), *hold])
    problems |= {notation: problem.message for notation, problem in refused.items()}
    emit(
        PrepareFinished(
            request=request.id,
            dataset=_id(request.dataset),
            notes=tuple(notes),
            hold=tuple(dict.fromkeys(hold)),
            problems=problems,
        )
    )


def _understood(notations: Sequence[str]) -> tuple[dict[str, pipeline.System], dict[str, Problem]]:
    """What each means, and why others cannot be. Raises the `Problem` where that is all, and any of the notation's."""
    systems: dict[str, pipeline.System] = {}
    refused: dict[str, Problem] = {}
    for notation in notations:
        try:
            systems[notation] = pipeline.parse(head(notation).notation)
        except pipeline.NotationError:
            raise
        except Problem as problem:
            refused[notation] = problem
    if refused and not systems:
        raise next(iter(refused.values()))
    return systems, refused


def members(dataset: str) -> tuple[str, ...]:
    """The datasets that this one averages over, or itself alone."""
    from zsr_tui import corpora

    name = _id(dataset)
    return corpora.members_of(name) or (name,)


def _id(dataset: str) -> str:
    from zsr_tui import corpora

    return corpora.normalise(dataset)


def _place(part: Part) -> int:
    return ("corpus", "bm25", "model", "prebuilt", "encoded", "approximate").index(part.kind)


def _problem(job: Job) -> Problem | None:
    if job.problem is not None:
        return job.problem.problem
    if job.over:
        return None
    return Problem(f"The preparation of {job.part.about} was stopped: ask for it again to go on.")


def _guesses(systems: Sequence[pipeline.System]) -> Iterator[str]:
    """A sentence for each model that is run in a way that nobody says."""
    for model in dict.fromkeys(model for system in systems for model in pipeline.models(system)):
        if sentence := catalogue.guesses(catalogue.describe(model)):
            yield sentence
