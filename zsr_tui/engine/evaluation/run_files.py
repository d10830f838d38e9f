"""What is in a run file that was not evaluated yet."""

from __future__ import annotations

from pathlib import Path

from zsr_tui.api.evaluations import RunFileView
from zsr_tui.engine.library import Library
from zsr_tui.engine.prepare import members
from zsr_tui.evaluation.runs import read_run


def run_file(library: Library, dataset: str, path: str) -> RunFileView:
    """Raises `Problem` for a file that cannot be evaluated, as the evaluation itself would."""
    run = read_run(Path(path))
    listed = set(run.queries)
    corpora = [library.corpus(member) for member in members(dataset)]
    judged = {query.id for corpus in corpora for query in corpus.judged_queries()}
    known = {query.id for corpus in corpora for query in corpus.queries}
    return RunFileView(
        queries=len(listed),
        documents=len(run.doc_ids),
        judged=len(judged & listed),
        all_judged=len(judged),
        unknown=len(listed - known),
    )
