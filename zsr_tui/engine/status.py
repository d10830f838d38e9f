"""What the engine is doing, for the status line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from zsr_tui import caller
from zsr_tui.api.requests import Status
from zsr_tui.engine.evaluation.running import RunningEvaluation, running
from zsr_tui.engine.judging import in_background
from zsr_tui.engine.library import Library
from zsr_tui.numerals import counted
from zsr_tui.progress import Progress


def read_status(library: Library, at_work: Iterable[tuple[str, Progress | None]], others: int) -> Status:
    """`at_work`: the searches, in words; `others` is how many requests somebody else has. What these are is theirs:
    nothing but the load is told."""
    import psutil

    scoring, tokens = library.scoring, library.tokens.progress
    shown = tokens if not caller.current().name else None
    return Status(
        devices=scoring.status(),
        engine_memory_bytes=psutil.Process().memory_info().rss,
        jobs=(
            *(what if progress is None else f"{what}: {_progress(progress)}" for what, progress in at_work),
            *map(_evaluation, running()),
            *(f"{dataset}: a model judges {job.done} of {job.total}" for dataset, job in in_background.at_work()),
            *([f"{shown.task}: {_progress(shown)}"] if shown else []),
            *([f"{counted(others, 'request')} of others"] if others else []),
        ),
        cache_bytes=scoring.cache.size,
        cache_limit_bytes=scoring.cache.limit,
        cache_trouble=scoring.cache.trouble,
    )


def _evaluation(one: RunningEvaluation) -> str:
    if one.progress is None:
        return "evaluation: starting"
    return f"{one.progress.task}: {'paused' if one.paused else _progress(one.progress)}"


def _progress(progress: Progress) -> str:
    """How far it is, and how long it still takes: the status line has no room for the rate."""
    return ", ".join(replace(progress, rate=None).numbers() or [progress.task])
