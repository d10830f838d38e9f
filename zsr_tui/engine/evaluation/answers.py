"""Which function answers a question about evaluations; each file has its own."""

from __future__ import annotations

from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation import documents, queries, run_files, running, systems
from zsr_tui.engine.evaluation.plots import Plots
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.library import Library


def evaluation_answers(library: Library, shelf: Shelf) -> Answers:
    return {
        **systems.answers(shelf),
        **queries.answers(shelf),
        **documents.answers(shelf),
        **Plots(shelf).answers(),
        **run_files.answers(library),
        **running.answers(),
    }
