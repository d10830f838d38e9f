"""Datasets of ir_datasets outside BEIR. ir_datasets downloads them itself, and a lost download starts anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from zsr_tui.corpora.indexed import IndexedCorpus
from zsr_tui.corpora.irds import downloads, explained, instructions, ir_datasets
from zsr_tui.corpora.problems import NotDownloaded
from zsr_tui.domain import Problem
from zsr_tui.files import locked, write_whole
from zsr_tui.paths import ir_datasets_dir
from zsr_tui.progress import Cancelled, CancelToken, Meter, Progress, Report


def is_ready(id: str) -> bool:
    return _mark(id).is_file()


def make_ready(id: str, report: Report, cancel: CancelToken) -> None:
    """Lets ir_datasets download and index the dataset, and leaves a mark beside its data when all of it can be read.
    One dataset of a collection at a time: they share its documents.

    Raises `Problem`: no network, or data that the user must bring.
    """
    if is_ready(id):
        return
    try:
        collection = ir_datasets().docs_parent_id(id)
        lock, waiting = _mark(collection).with_suffix(".lock"), f"Waiting for what else is made of {collection}"
        with locked(lock, cancel, report, waiting):
            if is_ready(id):
                return
            report(Progress(f"Downloading {id}", 0, None, "bytes"))
            dataset = ir_datasets().load(id)
            brought = bool(instructions(id))  # the user brings the documents: say so before anything is downloaded
            if not brought:
                _read_queries(dataset, cancel)
            count = _documents(dataset, id, report, cancel)
            if brought:
                _read_queries(dataset, cancel)
            write_whole(_mark(id), json.dumps({"docs": count}).encode())
    except (Problem, Cancelled):
        raise
    except Exception as error:  # ir_datasets has no exceptions of its own
        raise explained(id, error) from error


def open_general(
    id: str, *, source: str = "", query_text: Callable[[Any], str] | None = None, only_relevant: bool = False
) -> IndexedCorpus:
    """`source` is the dataset of ir_datasets where `id` is another name for it."""
    source = source or id
    if not is_ready(source):
        raise NotDownloaded(id)
    count = json.loads(_mark(source).read_text("utf-8"))["docs"]
    collection = ir_datasets().docs_parent_id(source)
    md5s = sorted(entry["expected_md5"] for entry in downloads(collection).values() if "expected_md5" in entry)
    return IndexedCorpus(
        ir_datasets().load(source),
        id=id,
        collection=id if id != source else collection,
        count=count,
        source=",".join(md5s),
        query_text=query_text,
        only_relevant=only_relevant,
    )


def _read_queries(dataset: Any, cancel: CancelToken) -> None:
    for part in ("queries", "qrels"):
        if dataset.has(part):
            for _ in getattr(dataset, f"{part}_iter")():
                cancel.check()


def _documents(dataset: Any, id: str, report: Report, cancel: CancelToken) -> int:
    """Their number, once all can be read."""
    expected = dataset.docs_metadata().get("count")
    store = dataset.docs_handler().docs_store()
    if hasattr(store, "init_iter_fn"):
        if not (Path(store.path) / "idx.doc_id.meta").is_file():  # written last
            store.clear_cache()  # what a kill has left
        documents = store.init_iter_fn
        task = f"Unpacking {id}"
        store.init_iter_fn = lambda: _counted(documents(), Meter(report, task, expected, "documents"), cancel)
    if hasattr(store, "build"):
        store.build()
    if next(iter(dataset.docs_iter()), None) is None:  # also tells a count of the catalogue from data that is here
        raise Problem(f"{id} has no documents.")
    count = dataset.docs_count()
    if count is None:
        meter = Meter(report, f"Counting {id}", expected, "documents")
        count = sum(1 for _ in _counted(dataset.docs_iter(), meter, cancel))
    return int(count)


def _counted(documents: Iterable[Any], meter: Meter, cancel: CancelToken) -> Iterator[Any]:
    for document in documents:
        cancel.check()
        meter.advance()
        yield document


def _mark(id: str) -> Path:
    return ir_datasets_dir() / "zsr_tui" / f"{id.replace('/', ',')}.json"
