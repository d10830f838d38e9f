"""Run files: what is in one that somebody made, and those of a stored evaluation."""

from __future__ import annotations

from zsr_tui.api.evaluations import ReadRunFile, ReadRuns, RunFileView, RunPart, RunsPage
from zsr_tui.engine import sent
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import members
from zsr_tui.evaluation import store
from zsr_tui.evaluation.report.provenance import FILE, as_file
from zsr_tui.evaluation.runs import read_run
from zsr_tui.trec import run_lines, run_name

PAGE = 100  # queries


def answers(library: Library) -> Answers:
    return {
        ReadRunFile: lambda asked: run_file(library, asked.dataset, asked.path),
        ReadRuns: runs_page,
    }


def run_file(library: Library, dataset: str, path: str) -> RunFileView:
    """Raises `Problem` for a file that cannot be evaluated, as the evaluation itself would."""
    run = sent.opened(path, read_run)
    listed = run.queries.keys()
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


def runs_page(asked: ReadRuns) -> RunsPage:
    """A file for each system and member; the last page has how to repeat them as well."""
    stored = store.find(asked.id)
    tags = [run_name(system.notation) for system in stored.spec.systems]
    several = len(stored.spec.members) > 1
    texts: dict[str, list[str]] = {}
    end = min(asked.offset + PAGE, len(stored.queries))
    for number in range(asked.offset, end):
        query = stored.queries[number]
        folder = f"{query.member.rsplit('/', 1)[-1]}/" if several else ""
        for tag, ranked in zip(tags, stored.final_lists(number), strict=True):
            if ranked is not None:
                lines = run_lines(query.id, ranked.doc_ids, ranked.scores.tolist(), tag)
                texts.setdefault(f"{folder}{tag}.run", []).append(lines)
    parts = [RunPart(name=name, text="".join(pages)) for name, pages in texts.items()]
    last = end == len(stored.queries)
    if last:
        parts.append(RunPart(name=FILE, text=as_file(stored.evaluation()).decode()))
    return RunsPage(parts=tuple(parts), next=None if last else end)
