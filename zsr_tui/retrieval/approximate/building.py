"""Making an approximate index of shards, in batches between which it can be stopped."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.files import Unfinished
from zsr_tui.pipeline import Method
from zsr_tui.progress import Cancelled, CancelToken, Meter, Progress, Report
from zsr_tui.retrieval.approximate.index import NAME, read
from zsr_tui.retrieval.approximate.methods import WAYS, trained, write_to
from zsr_tui.retrieval.encoded.appended import DamagedFiles
from zsr_tui.retrieval.encoded.vectors import Stored

_SMALLEST, _LARGEST = 256, 65_536  # vectors of a batch
_BATCH_SECONDS = 1.0
SAVE_SECONDS = 60.0  # of work that a kill can cost, at least
_SAVING = 20  # times as long as saving takes, if that is more


def build(
    folder: Path,
    vectors: Path,
    method: Method,
    name: str,
    report: Report,
    cancel: CancelToken,
    *,
    save_seconds: float = SAVE_SECONDS,
) -> int:
    """Index the vectors of a folder into `folder`, going on with what is there; how many there are.

    `name` is of what they are, for the progress report. A stop of any kind leaves a folder that the next call goes on
    with.
    Raises `Problem` where there are too few vectors, or `Cancelled`.
    """
    stored = Stored(vectors)
    fewest = WAYS[method].fewest
    if stored.rows < fewest:
        raise Problem(
            f"index={method} learns its codes from at least {fewest:,} documents, and {name} has {stored.rows:,}: "
            "leave index away, or write index=hnsw.",
            usage=True,
        )
    folder.mkdir(parents=True, exist_ok=True)
    index = _continued(folder / NAME, stored)
    if index is None:
        report(Progress(f"Learning the {method} index of {name}", 0, None, ""))
        index = trained(method, stored.dimension, stored.rows, _sample(stored, WAYS[method].sample(stored.rows)))
        cancel.check()
    meter = Meter(report, f"Indexing the vectors of {name}", stored.rows, "documents", start=index.ntotal)
    try:
        _fill(index, stored, folder / NAME, meter, cancel, save_seconds)
    except Cancelled:
        _save(index, folder / NAME)
        raise
    _save(index, folder / NAME)
    return stored.rows


def _fill(index: Any, stored: Stored, path: Path, meter: Meter, cancel: CancelToken, save_seconds: float) -> None:
    size, saved = _SMALLEST, time.monotonic()
    while index.ntotal < stored.rows:
        cancel.check()
        began = time.monotonic()
        index.add(_rows(stored, index.ntotal, size))
        meter.update(index.ntotal)
        now = time.monotonic()
        if now - began < _BATCH_SECONDS / 2:
            size = min(2 * size, _LARGEST)
        elif now - began > 2 * _BATCH_SECONDS:
            size = max(size // 2, _SMALLEST)
        if now - saved > save_seconds and index.ntotal < stored.rows:
            _save(index, path)
            saved = time.monotonic()
            save_seconds = max(save_seconds, _SAVING * (saved - now))


def _continued(path: Path, stored: Stored) -> Any:
    """What an earlier build has left; None where that is nothing, or nothing of these vectors."""
    if not path.is_file():
        return None
    try:
        index = read(path, mapped=False)
    except DamagedFiles:
        return None
    return index if index.d == stored.dimension and index.ntotal <= stored.rows else None


def _rows(stored: Stored, first: int, most: int) -> np.ndarray:
    """So many rows at most, all of one shard."""
    number, start = divmod(first, stored.shard_rows)
    return np.ascontiguousarray(stored.shards[number][start : start + most])


def _sample(stored: Stored, most: int) -> np.ndarray:
    """Rows from all over the corpus, evenly."""
    wanted = np.unique(np.linspace(0, stored.rows - 1, min(most, stored.rows)).astype(np.int64))
    numbers, places = np.divmod(wanted, stored.shard_rows)
    return np.concatenate([stored.shards[number][places[numbers == number]] for number in np.unique(numbers).tolist()])


def _save(index: Any, path: Path) -> None:
    """Whole, or as it was."""
    unfinished, failed = Unfinished(path), list[Exception]()

    def write(data: bytes) -> None:
        try:
            unfinished.file.write(data)
        except OSError as error:
            failed.append(error)
            raise

    try:
        write_to(index, write)
        unfinished.finish()
    except RuntimeError as error:  # faiss' own, of whatever was raised inside
        raise (failed or [error])[0] from error
    finally:
        unfinished.discard()
