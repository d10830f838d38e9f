"""Documents in other formats than BEIR's: read once, row by row, into a `corpus.jsonl` in the cache, which is read from
then on. Queries and judgments are read where they lie."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import count, islice
from pathlib import Path
from typing import Any

import msgspec

from zsr_tui.corpora.beside import Beside, beside_of
from zsr_tui.corpora.formats.rows import HUB, BadRow, Reader, Row, reader_of
from zsr_tui.corpora.layout import CORPUS
from zsr_tui.corpora.local import LocalCorpus
from zsr_tui.corpora.mapping import LOOKED_AT, Columns, Mapped, mapping_of
from zsr_tui.corpora.offsets import Duplicate
from zsr_tui.corpora.problems import NotDownloaded, check_space, told
from zsr_tui.corpora.reference import OF_COLUMNS, OF_HUB, Reference, parsed
from zsr_tui.domain import Doc, Problem
from zsr_tui.files import locked, write_whole
from zsr_tui.paths import cache_dir
from zsr_tui.progress import CancelToken, Meter, Report

FACTS = "facts.json"  # of a folder of the cache, written last: what it was made of, and how
_VERSION = 2  # of how files are read
_OFTEN = 256  # documents between looks at the cancel token
_MOST_TOLD = 3  # rows left out, of which a note says what was wrong


def reader_for(reference: Reference) -> Reader:
    """Raises `Problem` where no format is known that reads it, and for settings that it does not take."""
    reader = reader_of(reference.base)
    if reader is None:
        raise Problem(
            f"{reference.base} is none of what can be read: a folder or zip in BEIR layout, CSV, TSV, JSON lines, "
            "Parquet, Arrow, a folder of texts (txt, md, html, pdf), or hf:organisation/name of the hub.",
            usage=True,
        )
    if not reference.base.startswith(HUB) and (wrong := [name for name in OF_HUB if name in reference.settings]):
        raise Problem(f"{wrong[0]} belongs to datasets of the hub (hf:...), not to {reference.base}.", usage=True)
    return reader


def check(reference: Reference) -> None:
    """Raises `Problem` where it cannot be read as it says, as far as its beginning shows."""
    reader = reader_for(reference)
    reference.options()
    of_tables = any(name in reference.settings for name in OF_COLUMNS) or not Path(reference.base).is_dir()
    if not reference.base.startswith(HUB) and of_tables:
        mapped(reference, _made_of(reader, reference))


@lru_cache(maxsize=32)
def _mapped(reference: str, _: str) -> Mapped:
    own = parsed(reference)
    if reader_for(own).named and own.columns == Columns():
        return Mapped("id", "title", ("text",), files=True)
    bad: list[BadRow] = []
    options = replace(own.options(), on_bad=bad.append)
    rows = list(islice(reader_for(own).rows(own.base, options, lambda _: None), LOOKED_AT))
    if bad and not rows:
        raise bad[0]
    return mapping_of(rows, own.columns, own.base)


def mapped(reference: Reference, made_of: str) -> Mapped:
    """Which columns its documents are made of, as its first rows say."""
    return _mapped(str(reference.whole.documents), made_of)


def beginning(reference: Reference, most: int) -> tuple[Mapped, list[Doc]]:
    """Its mapping, and the first documents as they would be read."""
    reader = reader_for(reference)
    mapping = mapped(reference, _made_of(reader, reference))
    options = replace(reference.options(), on_bad=(lambda _: None) if reference.one("bad") else None)
    rows = reader.rows(reference.base, options, lambda _: None)
    return mapping, [mapping.document(row, number) for number, row in enumerate(islice(rows, most), 1)]


def folder_of(collection: str) -> Path:
    """Where documents are kept that were made of others."""
    return cache_dir() / "imported" / hashlib.sha256(os.fsencode(collection)).hexdigest()[:16]


def facts_of(folder: Path, made_of: str) -> dict[str, Any] | None:
    """None where the folder is not there, or was made of what is another by now."""
    try:
        facts = json.loads((folder / FACTS).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and facts.get("made_of") == made_of else None


def is_ready(reference: Reference) -> bool:
    reader = reader_of(reference.base)
    folder = folder_of(str(reference.whole.documents))
    return reader is not None and facts_of(folder, _made_of(reader, reference)) is not None


def make_ready(reference: Reference, report: Report, cancel: CancelToken) -> None:
    """Reads all of it, unless that has been done. Raises `Problem` with file and line of what is no document."""
    reference = reference.whole.documents
    reader = reader_for(reference)
    folder, made_of = folder_of(str(reference)), _made_of(reader, reference)
    if facts_of(folder, made_of) is not None:
        return
    name = _name(reference)
    with told(folder, f"reading {name}"), locked(folder.with_suffix(".lock"), cancel):
        if facts_of(folder, made_of) is not None:
            return
        total = sum(path.stat().st_size for path in reader.files(reference.base)) or None
        if total:
            folder.parent.mkdir(parents=True, exist_ok=True)
            check_space(folder.parent, total, f"read {name}")
        mapping = mapped(reference, made_of)
        left_out: list[str] = []
        meter = Meter(report, f"Reading {name}", total, "bytes" if total else "rows")
        documents = _documents(reader, reference, mapping, left_out, meter)
        try:
            write_documents(folder, documents, cancel)
            LocalCorpus(folder, "", report, cancel, id=name, collection=name, beside=Beside())  # finds what is twice
        except Duplicate as twice:
            shutil.rmtree(folder, ignore_errors=True)
            raise _twice(reader, reference, mapping, twice) from twice
        note_facts(folder, made_of, about=mapping.about(), left_out=left_out)


def write_documents(folder: Path, documents: Iterable[Doc], cancel: CancelToken) -> None:
    """Begins anew. Until `note_facts` has been called the folder counts for nothing, and nothing is left of one that
    failed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with (folder / CORPUS).open("wb") as file:
            for number, doc in enumerate(documents):
                if number % _OFTEN == 0:
                    cancel.check()
                line: dict[str, object] = {"_id": doc.id, "title": doc.title, "text": doc.text}
                if doc.metadata:
                    line["metadata"] = dict(doc.metadata)
                file.write(msgspec.json.encode(line))
                file.write(b"\n")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def note_facts(folder: Path, made_of: str, **facts: object) -> None:
    """What the documents of the folder were made of: it is whole."""
    write_whole(folder / FACTS, json.dumps({"made_of": made_of, **facts}).encode())


def open_imported(reference: Reference, report: Report, cancel: CancelToken) -> LocalCorpus:
    """Raises `NotDownloaded` where `make_ready` is needed first."""
    reference = reference.whole
    documents = str(reference.documents)
    folder = folder_of(documents)
    facts = facts_of(folder, _made_of(reader_for(reference), reference))
    if facts is None:
        raise NotDownloaded(str(reference))
    change = "; other columns are named behind it, as in (text=COLUMN)" if "(guessed: " in facts["about"] else ""
    notes = (f"{documents} is read as: {facts['about']}{change}.", *_left_out(documents, facts["left_out"]))
    beside = beside_of(reference, notes)
    return LocalCorpus(folder, "", report, cancel, id=str(reference), collection=documents, beside=beside)


def about(reference: Reference) -> str:
    """How it was read, "" where it was not yet."""
    facts = facts_of(folder_of(str(reference.whole.documents)), _made_of(reader_for(reference), reference))
    return facts["about"] if facts else ""


def _documents(
    reader: Reader, reference: Reference, mapping: Mapped, left_out: list[str], meter: Meter
) -> Iterator[Doc]:
    """`left_out` gets a sentence for each row that is none, where such are to be left out."""
    options = reference.options()
    if reference.one("bad"):
        options = replace(options, on_bad=lambda bad: left_out.append(_why(bad)))
    numbers = count(1)
    for row in reader.rows(reference.base, options, meter.update):
        try:
            yield mapping.document(row, next(numbers))
        except BadRow as bad:
            options.refuse(bad)


def _why(bad: BadRow) -> str:
    return bad.message.rpartition("; mend it")[0]


def _left_out(documents: str, sentences: list[str]) -> list[str]:
    if not sentences:
        return []
    some = "; ".join(sentences[:_MOST_TOLD])
    more = " ..." if len(sentences) > _MOST_TOLD else ""
    return [f"{documents}: {len(sentences):,} that could not be read are left out: {some}{more}."]


def _twice(reader: Reader, reference: Reference, mapping: Mapped, twice: Duplicate) -> Problem:
    """Where the second one stands: what was written is counted again, in the source."""
    options = replace(reference.options(), on_bad=lambda _: None)
    number, where = 0, reference.base
    for row in reader.rows(reference.base, options, lambda _: None):
        number += _is_document(mapping, row)
        if number == twice.line:
            where = row.where
            break
    return Problem(
        f"{where}: document {twice.doc_id!r} is there already, as number {twice.earlier:,} of the documents: name "
        "another column (id=COLUMN), or number them (id=row)."
    )


def _is_document(mapping: Mapped, row: Row) -> bool:
    try:
        mapping.document(row, 1)
    except BadRow:
        return False
    return True


def _made_of(reader: Reader, reference: Reference) -> str:
    """Changes whenever one of its files may have. What comes from the hub stays as it was read."""
    digest = hashlib.sha256(f"{_VERSION} {reference.whole.documents}".encode(errors="surrogateescape"))
    with told(Path(reference.base), f"looking at {reference.base}"):
        for path in reader.files(reference.base):
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _name(reference: Reference) -> str:
    return reference.base if reference.base.startswith(HUB) else Path(reference.base).name
