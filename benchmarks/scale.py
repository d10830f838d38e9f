"""How the program does with many passages: opening the corpus, indexing it for BM25, beside Anserini's own
IndexCollection with as many threads in the same run, the first query, memory, and an evaluation.

    python benchmarks/scale.py --documents 1000000 --queries 1000 --threads 2

The passages are made up: words of made-up syllables, as frequent as Zipf has it, 30 to 90 of them a passage; each query
is words of one passage, which is relevant. The same seed makes the same files. Every step is a process of its own, so
that its memory is its own; both indexers take turns, and each figure is printed as it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

BLOCK = 10_000  # passages that are made at a time
WORDS, SHORTEST, LONGEST = 200_000, 30, 90
SYLLABLES = "ba ke lo mi nu ra se ti vo du gar pel tor min ski len for den wa hu".split()
PARTS = 8  # files of the copy that Anserini reads: its threads take a file each


def vocabulary(rng: np.random.Generator) -> np.ndarray:
    """The more frequent a word, the shorter: one to five syllables, no two alike."""
    known: dict[str, None] = {}
    size = 1
    while len(known) < WORDS:
        before = len(known)
        for row in rng.integers(0, len(SYLLABLES), (len(SYLLABLES) ** min(size, 3) * 4, size)):
            known.setdefault("".join(SYLLABLES[syllable] for syllable in row))
            if len(known) == WORDS:
                break
        size += size < 5 and len(known) - before < len(SYLLABLES) ** min(size, 3) * 2
    return np.array(list(known), dtype=object)


def passages(count: int, seed: int) -> Iterator[tuple[int, list[str]]]:
    """(number, words)."""
    rng = np.random.default_rng(seed)
    words = vocabulary(rng)
    heights = np.cumsum(1.0 / (np.arange(len(words)) + 10.0))
    heights /= heights[-1]
    for start in range(0, count, BLOCK):
        lengths = rng.integers(SHORTEST, LONGEST + 1, min(BLOCK, count - start))
        drawn = words[np.searchsorted(heights, rng.random(int(lengths.sum())))]
        ends = np.cumsum(lengths)
        for number, end in enumerate(ends):
            yield start + number, list(drawn[end - lengths[number] : end])


def make(folder: Path, documents: int, queries: int, seed: int) -> None:
    """A corpus in BEIR layout, and the same for Anserini in `anserini`."""
    (folder / "qrels").mkdir(parents=True)
    (folder / "anserini").mkdir()
    rng = np.random.default_rng(seed + 1)
    asked = dict.fromkeys(rng.choice(documents, size=min(queries, documents), replace=False).tolist())
    parts = [(folder / "anserini" / f"part-{part}.jsonl").open("w") for part in range(PARTS)]
    with (
        (folder / "corpus.jsonl").open("w") as corpus,
        (folder / "queries.jsonl").open("w") as asking,
        (folder / "qrels" / "test.tsv").open("w") as judged,
    ):
        judged.write("query-id\tcorpus-id\tscore\n")
        for number, words in passages(documents, seed):
            text = " ".join(words)
            corpus.write(f'{{"_id": "d{number}", "title": "", "text": "{text}"}}\n')
            parts[number % PARTS].write(f'{{"id": "d{number}", "contents": "{text}"}}\n')
            if number in asked:
                picked = rng.choice(words, size=4, replace=False)
                asking.write(json.dumps({"_id": f"q{number}", "text": " ".join(picked)}) + "\n")
                judged.write(f"q{number}\td{number}\t1\n")
    for part in parts:
        part.close()


# each of these runs in a process of its own


def opened(folder: Path, threads: int) -> dict[str, Any]:
    from zsr_tui.corpora import open_corpus

    return {"documents": open_corpus(str(folder)).doc_count()}


def indexed(folder: Path, threads: int) -> dict[str, Any]:
    """The time with Java's start, as Anserini's has it, and without opening the corpus, which is measured apart."""
    from zsr_tui.corpora import open_corpus
    from zsr_tui.paths import indexes_dir
    from zsr_tui.progress import CancelToken, ignore_progress
    from zsr_tui.retrieval.store import IndexStore

    shutil.rmtree(indexes_dir(), ignore_errors=True)
    corpus = open_corpus(str(folder))
    began = time.perf_counter()
    IndexStore(indexes_dir()).build_bm25(corpus, ignore_progress, CancelToken())
    return {"seconds": time.perf_counter() - began}


def anserini(folder: Path, threads: int) -> dict[str, Any]:
    """Without positions, vectors or texts, as ours."""
    from zsr_tui.retrieval.java import anserini_jar, java_report

    java = java_report()
    assert java.home is not None, java.why_not
    shutil.rmtree(folder / "theirs", ignore_errors=True)
    command = [
        str(java.home / "bin" / "java"), "-Xmx1g", "-cp", str(anserini_jar()), "io.anserini.index.IndexCollection",
        "-collection", "JsonCollection", "-generator", "DefaultLuceneDocumentGenerator", "-threads", str(threads),
        "-input", str(folder / "anserini"), "-index", str(folder / "theirs"), "-memoryBuffer", "64",
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(f"IndexCollection ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    return {"seconds": seconds}


def searched(folder: Path, threads: int) -> dict[str, Any]:
    """From nothing to the first list, and the middle of a hundred lists after it."""
    from zsr_tui.corpora import open_corpus
    from zsr_tui.paths import indexes_dir
    from zsr_tui.retrieval.store import IndexStore

    began = time.perf_counter()
    corpus = open_corpus(str(folder))
    index = IndexStore(indexes_dir()).open_bm25(corpus)
    first, *others = [query.text for query in corpus.queries()[:101]]
    found = index.search(first, 100, k1=0.9, b=0.4)
    corpus.docs([scored.doc_id for scored in found])
    took = time.perf_counter() - began
    times = []
    for query in others:
        at = time.perf_counter()
        index.search(query, 100, k1=0.9, b=0.4)
        times.append(time.perf_counter() - at)
    return {"seconds": took, "usual": float(np.median(times)) if times else None}


def evaluated(folder: Path, threads: int) -> dict[str, Any]:
    """As a user does it: the whole program, to depth 1,000."""
    command = [sys.executable, "-m", "zsr_tui", "evaluate", "--dataset", str(folder), "--system", "bm25", "--json"]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    [system] = json.loads(done.stdout)["systems"]
    return {"seconds": seconds, "ndcg": system["means"]["nDCG@10"]}


STEPS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "open": opened, "index": indexed, "anserini": anserini, "search": searched, "evaluate": evaluated,
}  # fmt: skip


def run(step: str, folder: Path, threads: int) -> dict[str, Any]:
    """In a process of its own: what it says, with its time and memory."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"ZSR_TUI_HOME": f"{folder}/home"})
    if done.returncode != 0:
        raise SystemExit(f"{step} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1, help="in which both indexers take turns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where it is made; a temporary folder, which goes, without it")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        if hasattr(os, "sched_setaffinity"):  # both indexers have as many processors as threads
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.threads])
        began = time.perf_counter()
        said = STEPS[asked.step](asked.folder, asked.threads)
        of_children = asked.step in ("anserini", "evaluate")
        used = resource.getrusage(resource.RUSAGE_CHILDREN if of_children else resource.RUSAGE_SELF)
        cost = {"peak_mb": used.ru_maxrss / 1024, "cpu": used.ru_utime + used.ru_stime}
        print(json.dumps({"seconds": time.perf_counter() - began, **cost, **said}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        report(asked, asked.folder or Path(temporary) / "corpus")


def report(asked: argparse.Namespace, folder: Path) -> None:
    count, threads = asked.documents, asked.threads
    began = time.perf_counter()
    if not (folder / "corpus.jsonl").exists():
        make(folder, count, asked.queries, asked.seed)
    size = (folder / "corpus.jsonl").stat().st_size / 1e6
    say(f"{count:,} passages, {size:,.0f} MB, made in {time.perf_counter() - began:.1f} s")
    for number in range(2):
        found = run("open", folder, threads)
        say(f"open, {'again' if number else 'every line checked'}: {found['seconds']:.1f} s, {found['peak_mb']:.0f} MB")
    for _ in range(asked.rounds):
        for step, name in (("index", "index for BM25"), ("anserini", "Anserini's IndexCollection")):
            found = run(step, folder, threads)
            rate = count / found["seconds"]
            said = f"{name}, {threads} threads: {found['seconds']:.1f} s ({found['cpu']:.1f} s of a processor)"
            said += f", {rate:,.0f} documents/s"
            say(f"{said}, {found['peak_mb']:.0f} MB (load {os.getloadavg()[0]:.1f})")
    found = run("search", folder, threads)
    usual = f", then {1000 * found['usual']:.1f} ms" if found["usual"] is not None else ""
    say(f"first query, from nothing: {found['seconds']:.2f} s{usual}; {found['peak_mb']:.0f} MB")
    found = run("evaluate", folder, threads)
    said = f"evaluation of {asked.queries:,} queries: {found['seconds']:.1f} s, {found['peak_mb']:.0f} MB"
    say(f"{said}; nDCG@10 {found['ndcg']:.4f}")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
