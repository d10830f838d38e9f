"""Approximate search of generated vectors: how long each way takes to build, what it weighs, what it finds how fast.

    python benchmarks/approximate.py --vectors 1000000 --dimension 384 --method hnsw --method sq8

Vectors lie around centres, as texts do around subjects, at a distance that makes neighbours hard to tell; queries come
from the same. Every way is opened and searched by itself in a process of its own, whose memory is told: what it holds
of its own, and what of the files it has touched, which the system may take back at any time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.approximate import building
from zsr_tui.retrieval.approximate.index import NAME, Approximate
from zsr_tui.retrieval.encoded.vectors import Stored, Writer

CENTRES, SPREAD, QUERIES, DEPTH = 5_000, 0.8, 200, 100
_AT_ONCE = 65_536


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--vectors", type=int, default=100_000)
    options.add_argument("--dimension", type=int, default=384)
    options.add_argument("--method", action="append", choices=["flat", "hnsw", "ivfpq", "sq8"])
    options.add_argument("--folder", type=Path, help="where all of it is kept; else nowhere")
    options.add_argument("--search", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.search:
        print(json.dumps(searched(asked.folder, asked.search, asked.dimension)))
        return
    with tempfile.TemporaryDirectory(prefix="approximate-") as own:
        folder = asked.folder or Path(own)
        vectors = folder / "vectors"
        if not (vectors / "ids.offsets.npy").exists():
            write(vectors, asked.vectors, asked.dimension)
        print(f"{asked.vectors:,} vectors of {asked.dimension} dimensions, {os.cpu_count()} processors")
        print(f"{'way':6} {'build':>8} {'file':>9} {'bytes each':>10} {'open':>8} {'first':>8} {'query':>8} "
              f"{'recall@100':>10} {'own':>8} {'mapped':>8}")  # fmt: skip
        for method in ("flat", *(each for each in asked.method or ["hnsw", "sq8"] if each != "flat")):
            began = time.monotonic()
            if method != "flat":
                building.build(folder / method, vectors, method, "generated", ignore_progress, CancelToken())
            built = time.monotonic() - began
            size = (folder / method / NAME).stat().st_size if method != "flat" else 4 * asked.dimension * asked.vectors
            words = ["--folder", str(folder), "--dimension", str(asked.dimension), "--search", method]
            done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
            told = json.loads(done.stdout)
            shown = (
                f"{method:6}", f"{built:6.1f} s", f"{size / 1e6:6,.0f} MB", f"{size / asked.vectors:10.0f}",
                *(f"{told[name]:5.1f} ms" for name in ("open", "first", "query")), f"{told['recall']:10.3f}",
                *(f"{told[name]:5.0f} MB" for name in ("own", "mapped")),
            )  # fmt: skip
            print(*shown, flush=True)


def made_up(count: int, dimension: int, seed: int) -> Iterator[np.ndarray]:
    """Of length 1, in parts."""
    centres = np.random.default_rng(0).standard_normal((CENTRES, dimension), dtype=np.float32)
    random = np.random.default_rng(seed)
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        part = centres[random.integers(0, CENTRES, size)]
        part = part + SPREAD * random.standard_normal((size, dimension), dtype=np.float32)
        yield part / np.linalg.norm(part, axis=1, keepdims=True)


def write(folder: Path, count: int, dimension: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    writer = Writer(folder, dimension)
    for part in made_up(count, dimension, 1):
        writer.append([f"d{writer.rows + number}" for number in range(len(part))], part, walked=len(part))
    writer.finish(CancelToken(), lambda _: None)
    writer.close()


def searched(folder: Path, method: str, dimension: int) -> dict[str, float]:
    """Milliseconds, the share of the exact lists that was found, and megabytes of this process."""
    [queries] = made_up(QUERIES, dimension, 2)
    exact = folder / "exact.json"
    began = time.perf_counter()
    vectors = folder / "vectors"
    index = Stored(vectors) if method == "flat" else Approximate(folder / method, vectors, method)  # type: ignore[arg-type]
    opened = time.perf_counter() - began
    before = memory()
    began = time.perf_counter()
    index.search(queries[:1], DEPTH)
    first = time.perf_counter() - began
    began = time.perf_counter()
    found = [[doc.doc_id for doc in index.search(queries[at : at + 1], DEPTH)[0]] for at in range(QUERIES)]
    took = (time.perf_counter() - began) / QUERIES
    after = memory()
    if method == "flat":
        exact.write_text(json.dumps(found))
    right = json.loads(exact.read_text())
    recall = np.mean([len({*own} & {*wanted}) / DEPTH for own, wanted in zip(found, right, strict=True)])
    return {
        "open": 1000 * opened, "first": 1000 * first, "query": 1000 * took, "recall": float(recall),
        "own": after["RssAnon"], "mapped": after["RssFile"] - before["RssFile"],
    }  # fmt: skip


def memory() -> dict[str, float]:
    """Megabytes, as Linux counts them."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {words[0].removesuffix(":"): int(words[1]) / 1000 for words in lines if words[-1] == "kB"}


if __name__ == "__main__":
    main()
