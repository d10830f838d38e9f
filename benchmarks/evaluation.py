"""What an evaluation costs.

    .venv/bin/python benchmarks/evaluation.py [--dataset beir/scifact/test] [--threads 2]

* BM25 over all judged queries to depth 1,000, against pyserini's own batch search on the same index with as many
  threads, in the same run (goal >= 0.9 of its queries per second)
* the full table with tests for 10 systems x 10,000 queries (goal <= 5 s and <= 1 GB)
* the query table of 10,000 queries: opening (goal <= 0.3 s), sorting by any column (goal <= 100 ms)
* measuring a list of 1,000 documents by the six default measures, with its bounds

The stored evaluation is made up; the dataset is indexed first where it is not. pyserini breaks ties by a field that an
index of this program does not have, so its search runs without: that makes it faster, not slower.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

DEPTH = 1000
SYSTEMS, QUERIES, MEASURES = 10, 10_000, ("nDCG@10", "RR@10", "AP", "R@100", "R@1000", "Judged@10")
ROUNDS = 5


def rates(searches: dict[str, Callable[[], object]], queries: int) -> dict[str, float]:
    """The best queries per second of each, in turns, so that the machine's moods hit all alike."""
    best = dict.fromkeys(searches, 0.0)
    for _ in range(ROUNDS):
        for name, search in searches.items():
            began = time.perf_counter()
            search()
            best[name] = max(best[name], queries / (time.perf_counter() - began))
    return best


def bm25(dataset: str, threads: int) -> None:
    from zsr_tui.api.requests import PrepareRequest
    from zsr_tui.engine.library import Library
    from zsr_tui.engine.preparing.prepare import prepare
    from zsr_tui.pipeline import K1, B
    from zsr_tui.progress import CancelToken
    from zsr_tui.retrieval.bm25 import Bm25Index

    library = Library()
    prepare(library, PrepareRequest(id="b", dataset=dataset, systems=("bm25",)), lambda _: None, CancelToken())
    corpus = library.corpus(dataset)
    index: Bm25Index = library.bm25(corpus)
    queries = corpus.judged_queries()
    from jnius import autoclass  # not before Java runs with Anserini

    theirs = autoclass("io.anserini.search.SimpleSearcher")(str(index._folder))
    theirs.set_bm25(K1, B)
    # Their tie-breaking reads a doc-values type that this index does not have; Lucene 8 indexes had none either.
    true = autoclass("java.lang.Boolean")(True)
    autoclass("org.apache.commons.lang3.reflect.FieldUtils").writeField(
        theirs, "backwardsCompatibilityLucene8", true, True
    )
    texts, ids = autoclass("java.util.ArrayList")(), autoclass("java.util.ArrayList")()
    for query in queries:
        texts.add(query.text)
        ids.add(query.id)

    def ours() -> None:
        index.search_all([query.text for query in queries], DEPTH, k1=K1, b=B, threads=threads)

    def batch() -> None:
        """As LuceneSearcher.batch_search does it, up to its result: a dict of lists of hits by query."""
        found = theirs.batch_search(texts, ids, DEPTH, threads)
        {each.getKey(): each.getValue() for each in found.entrySet().toArray()}

    best = rates({"ours": ours, "pyserini": batch}, len(queries))
    print(
        f"BM25, {len(queries)} queries of {dataset} to depth {DEPTH:,}, {threads} threads: {best['ours']:.0f}/s; "
        f"pyserini's batch search {best['pyserini']:.0f}/s; ratio {best['ours'] / best['pyserini']:.2f} (goal >= 0.9)"
    )


def make_up(home: str) -> str:
    """A stored evaluation of values without lists; its id."""
    os.environ["ZSR_TUI_HOME"] = home
    import numpy as np

    from zsr_tui.evaluation import logs, store
    from zsr_tui.evaluation.folder import Spec
    from zsr_tui.evaluation.results import EvaluatedQuery, EvaluatedSystem, Provenance, Stage

    generator = np.random.default_rng(7)
    notations = [f"bm25(k1={1 + n / 10:.1f}, b=0.4)" for n in range(SYSTEMS)]
    spec = Spec(
        id="benchmark",
        key={},
        dataset="made/up",
        members=("made/up",),
        measures=MEASURES,
        stages=tuple(Stage(notation, "retrieve") for notation in notations),
        systems=tuple(
            EvaluatedSystem(notation, f"s{n}", "bm25", None, stages=(n,)) for n, notation in enumerate(notations)
        ),
        provenance=Provenance("", "", {}, {}, DEPTH, True),
    )
    words = [f"word{n}" for n in range(2000)]
    texts = [" ".join(words[n] for n in row) for row in generator.integers(2000, size=(QUERIES, 9))]
    queries = [EvaluatedQuery(f"q{n}", text, "made/up", {"d1": 1, "d2": 0}) for n, text in enumerate(texts)]
    stored = store.create(spec, queries)
    records = logs.new_values(SYSTEMS, len(MEASURES), range(QUERIES))
    # As measures are: many queries with 0 or 1, and systems that agree on most.
    base = np.round(generator.beta(0.5, 0.5, (QUERIES, 1, len(MEASURES), 1)), 2)
    noise = generator.normal(0, 0.1, (QUERIES, SYSTEMS, len(MEASURES), 1)) * (
        generator.random((QUERIES, 1, 1, 1)) < 0.4
    )
    records["values"] = np.clip(base + noise, 0, 1)
    records["ms"] = 5.0
    stored.values_path.write_bytes(logs.encode_values(records))
    return spec.id


def timed(task: str) -> None:
    """In a process of its own, so that its memory is its own."""
    from zsr_tui.api.evaluations import ReadEvaluation
    from zsr_tui.engine.evaluation.queries import query_rows
    from zsr_tui.engine.evaluation.shelf import Shelf
    from zsr_tui.engine.evaluation.systems import evaluation_view
    from zsr_tui.engine.library import Library

    began = time.perf_counter()
    if task in ("t", "randomisation"):
        evaluation_view(Shelf(Library()), ReadEvaluation(id="benchmark", test=task))
        took = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"full table with the {task} test, {SYSTEMS} systems x {QUERIES:,} queries x {len(MEASURES)} measures: "
            f"{took:.2f} s, {peak:.2f} GB at most (goal <= 5 s, <= 1 GB)"
        )
        return
    from zsr_tui.api.queries import ReadQueries
    from zsr_tui.selection import QuerySelection

    shelf = Shelf(Library())
    import numpy  # noqa: F401 - the engine has it long before anybody opens a table

    began = time.perf_counter()
    query_rows(shelf, ReadQueries(id="benchmark"))
    took = (time.perf_counter() - began) * 1000
    print(f"opening the query table of {QUERIES:,} queries: {took:.0f} ms (goal <= 300 ms)")
    slowest = ("", 0.0)
    for sort in ("qid", "text", "length", "relevant", "judged", "Judged@10", "value:3", "difference", "abs"):
        for descending in (True, False):
            began = time.perf_counter()
            selection = QuerySelection(sort=sort, descending=descending, match="word1")
            query_rows(shelf, ReadQueries(id="benchmark", selection=selection))
            slowest = max(slowest, (f"by {sort}", (time.perf_counter() - began) * 1000), key=lambda each: each[1])
    print(f"sorting and filtering it, the slowest column ({slowest[0]}): {slowest[1]:.0f} ms (goal <= 100 ms)")


def measuring() -> None:
    import random

    from zsr_tui.evaluation import bounds
    from zsr_tui.evaluation.measures import Graded, measure_lists
    from zsr_tui.evaluation.naming import parse_measures

    rng = random.Random(1)
    measures = parse_measures(MEASURES)
    lists = [Graded(tuple(1 if rng.random() < 0.003 else None for _ in range(DEPTH)), (1,)) for _ in range(300)]
    began = time.perf_counter()
    for compute in (measure_lists, bounds.condensed, bounds.maximum):
        compute(measures, lists)
    print(f"measuring a list of {DEPTH:,} with its bounds: {(time.perf_counter() - began) / len(lists) * 1000:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="beir/scifact/test")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--task", default="", help=argparse.SUPPRESS)
    parser.add_argument("--without-bm25", action="store_true", help="only what needs no dataset")
    asked = parser.parse_args()
    if asked.task:
        timed(asked.task)
        return
    # First, while this process is small: a child's peak memory begins with that of its parent.
    with tempfile.TemporaryDirectory() as home:
        make_up(home)
        for task in ("t", "randomisation", "queries"):
            subprocess.run([sys.executable, __file__, "--task", task], check=True)
    measuring()
    if not asked.without_bm25:
        for threads in sorted({1, asked.threads}):
            bm25(asked.dataset, threads)


if __name__ == "__main__":
    main()
