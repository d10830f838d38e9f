"""BEIR through ir_datasets: what is there, what is missing, and unpacking its archives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

from zsr_tui import outside
from zsr_tui.corpora.catalogue import SUITE, Entry
from zsr_tui.corpora.fetch import Source, fetch, md5_of
from zsr_tui.corpora.indexed import IndexedCorpus
from zsr_tui.corpora.irds import downloads, ir_datasets, reading
from zsr_tui.corpora.layout import CORPUS
from zsr_tui.corpora.problems import NotDownloaded, check_space
from zsr_tui.domain import Problem
from zsr_tui.files import locked, write_whole
from zsr_tui.paths import cache_dir, ir_datasets_dir
from zsr_tui.progress import CancelToken, Meter, Report


def archive_path(archive: str) -> Path:
    """Where ir_datasets expects the archive (its `cache_path`)."""
    return ir_datasets_dir() / SUITE / archive / "source.zip"


def source_of(archive: str) -> Source:
    published = downloads(SUITE)[archive]
    return Source(
        f"{SUITE}/{archive}",
        published["url"],
        published["expected_md5"],
        published["size_hint"],
        archive_path(archive),
    )


def on_disk(entry: Entry) -> bool:
    """It can be read without a network, if only after unpacking."""
    return archive_path(entry.archive).is_file() or unpacked(entry)


def unpacked(entry: Entry) -> bool:
    folder = _folder(entry)
    files = (_store_path(entry) / "idx.doc_id.meta", folder / "queries.json", folder / f"{entry.split}.qrels")
    return all(file.is_file() for file in files)


def make_ready(entry: Entry, report: Report, cancel: CancelToken) -> None:
    """Downloads and unpacks whatever of the dataset is missing."""
    if unpacked(entry):
        return
    if not archive_path(entry.archive).is_file():
        fetch(source_of(entry.archive), report, cancel)
    with reading(entry.id), locked(_folder(entry) / ".unpacking.lock", cancel):
        _unpack(entry, report, cancel)


def open_beir(entry: Entry, report: Report, cancel: CancelToken) -> IndexedCorpus:
    if not on_disk(entry):
        raise NotDownloaded(entry.id)
    make_ready(entry, report, cancel)
    with reading(entry.id):
        dataset = ir_datasets().load(entry.id)
        count = dataset.docs_handler().docs_store().count()
        source = source_of(entry.archive)
        found = _md5_of_archive(source, report, cancel)
    notes: tuple[str, ...] = ()
    if found != source.md5:
        notes = (f"{source.target} is not the archive that BEIR publishes (its md5 differs): figures may differ too.",)
    return IndexedCorpus(dataset, id=entry.id, collection=entry.collection, count=count, source=found, notes=notes)


def _folder(entry: Entry) -> Path:
    return ir_datasets_dir() / entry.collection


def _store_path(entry: Entry) -> Path:
    return _folder(entry) / "docs.pklz4"


def _unpack(entry: Entry, report: Report, cancel: CancelToken) -> None:
    archive = archive_path(entry.archive)
    _check_archive(archive, entry)
    dataset = ir_datasets().load(entry.id)
    handler = dataset.docs_handler()
    store = handler.docs_store()  # also brings the folder to the present version of ir_datasets
    if not (_store_path(entry) / "idx.doc_id.meta").is_file():
        _build_store(entry, handler.docs_cls(), store.init_iter_fn, report, cancel)
    for part in (dataset.qrels_iter, dataset.queries_iter):  # the first record makes ir_datasets extract the file
        next(part())


def _check_archive(archive: Path, entry: Entry) -> None:
    """Its store is about as large as the text in it. Writing it to a full disk would end the process: ir_datasets maps
    the file into memory."""
    if not is_zipfile(archive):
        raise Problem(f"{archive} is not a complete zip archive: delete it, and download {entry.collection} again.")
    with outside.opened(archive) as file, ZipFile(file) as contents:
        sizes = [info.file_size for info in contents.infolist() if info.filename.endswith(f"/{CORPUS}")]
    check_space(_folder(entry), max(sizes, default=0), f"unpack {entry.collection}")


def _build_store(entry: Entry, doc_cls: Any, documents: Any, report: Report, cancel: CancelToken) -> None:
    """ir_datasets' own format, written aside and renamed: a store that was cut short is never read as complete."""
    path = _store_path(entry)
    half = path.with_name(f"{path.name}.half")
    for old in (half, path):
        if old.exists():
            shutil.rmtree(old)
    store = ir_datasets().indices.Lz4PickleLookup(str(half), doc_cls, "doc_id", ["doc_id"])
    meter = Meter(report, f"Unpacking {entry.collection}", entry.info.docs, "documents")
    with store.transaction() as transaction:
        for document in documents():
            cancel.check()
            transaction.add(document)
            meter.advance()
    store.close()
    half.rename(path)


def _md5_of_archive(source: Source, report: Report, cancel: CancelToken) -> str:
    """Of the archive that is there; without one, of the published one, which ir_datasets checked when it was here."""
    if not source.target.is_file():
        return source.md5
    status = source.target.stat()
    of: list[object] = [str(source.target), status.st_size, status.st_mtime_ns]
    memory = cache_dir() / "archives" / f"{source.name.replace('/', '-')}.json"
    if remembered := _remembered(memory, of):
        return remembered
    found = md5_of(source.target, f"Checking {source.name}", report, cancel)
    memory.parent.mkdir(parents=True, exist_ok=True)
    write_whole(memory, json.dumps({"of": of, "md5": found}).encode())
    return found


def _remembered(memory: Path, of: list[object]) -> str:
    """ "" where nothing is remembered of the file as it is now."""
    if not memory.is_file():
        return ""
    kept = json.loads(memory.read_text("utf-8"))
    return kept["md5"] if kept["of"] == of else ""
