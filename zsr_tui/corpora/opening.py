"""Opens a corpus by its id, and makes it readable first: one place for all kinds."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from zsr_tui.corpora import beir, chunked, general, imported, licensed
from zsr_tui.corpora.archive import forget, unpacked
from zsr_tui.corpora.catalogue import catalogue
from zsr_tui.corpora.elsewhere import room_of
from zsr_tui.corpora.local import LocalCorpus
from zsr_tui.corpora.names import DEMO, collection_of, is_local, layout_of, members_of, normalise
from zsr_tui.corpora.names import imported as is_imported
from zsr_tui.corpora.problems import NotDownloaded
from zsr_tui.corpora.reference import Reference, parsed
from zsr_tui.corpora.remembered import Remembered, remember
from zsr_tui.domain import Corpus, Problem
from zsr_tui.progress import CancelToken, Report, ignore_progress

Opened = TypeVar("Opened", LocalCorpus, chunked.ChunkedCorpus)
DEMO_FOLDER = Path(__file__).parent / "demo"


def open_corpus(ref: str, report: Report = ignore_progress, cancel: CancelToken | None = None) -> Corpus:
    """Anything that `normalise` takes. Unpacks and checks what is on the disk where that has not been done yet.

    Raises `NotDownloaded` where `download` is needed first, and `Problem` for data that cannot be read and for
    CQADupStack as a whole, which has no documents of its own.
    """
    cancel = cancel or CancelToken()
    id = normalise(ref)
    if (room := room_of(id)) is not None:
        return room.open_corpus(id)
    known = catalogue()
    if members := members_of(id):
        names = ", ".join(member.rpartition("/")[2] for member in members)
        raise Problem(f"{id} is an average over {len(members)} corpora: open one of them ({names}).", usage=True)
    if id == DEMO:
        return LocalCorpus(DEMO_FOLDER, "test", report, cancel, id=DEMO, collection=DEMO)
    if id in known.entries:
        return beir.open_beir(known.entries[id], report, cancel)
    if id in known.licensed:
        return licensed.open_licensed(known.licensed[id], report, cancel)
    own = parsed(id)
    if (chunking := own.chunking) is not None:
        whole = _whole(own, report, cancel)
        cut = chunked.open_chunked(whole, id, collection_of(id), chunking, report, cancel)
        return _remembered(cut, str(imported.folder_of(cut.collection)), f"cut into {chunking.about()}")
    if is_imported(own.base):
        corpus = imported.open_imported(own, report, cancel)
        path = own.base if is_local(own.base) else str(imported.folder_of(corpus.collection))
        return _remembered(corpus, path, imported.about(own))
    if is_local(id):
        return _open_local(id, report, cancel)
    return general.open_general(id)


def download(ref: str, report: Report, cancel: CancelToken) -> None:
    """Makes a corpus readable without a network: downloads, unpacks and checks what is missing. At once where nothing
    is. After a cancellation or a kill it goes on where it stopped. Raises `Problem`, and `Cancelled`."""
    id = normalise(ref)
    known = catalogue()
    for member in members_of(id) or (id,):
        if member in known.entries:
            beir.make_ready(known.entries[member], report, cancel)
        elif member in known.licensed:
            licensed.make_ready(known.licensed[member], report, cancel)
        else:
            _make_ready(member, report, cancel)


def _make_ready(id: str, report: Report, cancel: CancelToken) -> None:
    if (room := room_of(id)) is not None:
        room.fetch(id, report, cancel)
        return
    own = parsed(id)
    if (chunking := own.chunking) is not None:
        download(str(own.whole), report, cancel)
        chunked.make_ready(_whole(own, report, cancel), collection_of(id), chunking, report, cancel)
    elif is_imported(own.base):
        imported.make_ready(own, report, cancel)
    elif id != DEMO and not is_local(id):
        general.make_ready(id, report, cancel)
        return
    open_corpus(id, report, cancel)


def _whole(own: Reference, report: Report, cancel: CancelToken) -> Corpus:
    """What chunks are cut of. Raises `NotDownloaded` for the chunks where that is not there."""
    try:
        return open_corpus(str(own.whole), report, cancel)
    except NotDownloaded as missing:
        raise NotDownloaded(str(own)) from missing


def _open_local(id: str, report: Report, cancel: CancelToken) -> Corpus:
    layout, split = layout_of(id)
    folder = unpacked(layout, report, cancel) if layout.members else layout.path
    path, several = str(layout.path), len(layout.splits) > 1
    try:
        corpus = LocalCorpus(folder, split, report, cancel, id=id, collection=path, several_splits=several)
    except Problem:
        if layout.members:  # what it unpacked to is no corpus, and is not kept
            forget(folder)
        raise
    return _remembered(corpus, path)


def _remembered(corpus: Opened, path: str, about: str = "") -> Opened:
    """`path` is where it lies: what is gone from there cannot be chosen again."""
    queries, judgments = len(corpus.queries()), corpus.judgment_count()
    remember(Remembered(corpus.id, path, corpus.doc_count(), queries, judgments, about))
    return corpus
