"""The folder of built indexes: what is there, what is current, building and opening.

    <root>/<collection>/bm25/              manifest.json, lucene/
    <root>/<collection>/dense/<model>/     manifest.json, the files of `zsr_tui.retrieval.vectors`
    <root>/<collection>/sparse/<model>/    manifest.json, the files of `zsr_tui.retrieval.postings`

An index is built in a folder beside its place (`bm25.building`), whose manifest says `building`, and renamed into
place when it is finished. So what is in place is complete, an index that became stale serves nobody but is not
touched until its successor is finished, and a build that was killed goes on in its own folder.
"""

from __future__ import annotations

import shlex
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from zsr_tui.domain import Corpus, Problem
from zsr_tui.progress import CancelToken, Report
from zsr_tui.retrieval import disk
from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
from zsr_tui.retrieval.dense import DenseIndex, build_dense
from zsr_tui.retrieval.encoding import DocumentEncoder
from zsr_tui.retrieval.manifest import Manifest, UnreadableManifest, read_manifest, versions_of, write_manifest
from zsr_tui.retrieval.problems import DamagedIndex, NotBuilt, Reason
from zsr_tui.retrieval.sparse import SparseIndex, build_sparse

_ENCODED_BY = ("zsr-tui", "sentence-transformers", "torch", "onnxruntime")
_WRITERS = {"bm25": ("zsr-tui", "pyserini"), "dense": _ENCODED_BY, "sparse": _ENCODED_BY}
_BUILDING, _OLD = ".building", disk.OLD
Kind = Literal["dense", "sparse"]  # of indexes that a model makes
_WORDS: dict[Kind, str] = {"dense": "index", "sparse": "sparse index"}
Index = TypeVar("Index", Bm25Index, DenseIndex, SparseIndex)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an index lives, how it is spoken of, and the command that builds it."""

    folder: Path
    what: str  # "BM25 index of demo"
    command: str

    @property
    def building(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}{_BUILDING}")

    @property
    def lock(self) -> Path:
        return self.folder.with_name(f".{self.folder.name}.lock")

    def not_built(self, reason: Reason, detail: str = "") -> NotBuilt:
        return NotBuilt(reason, self.what, self.command, detail)


class IndexStore:
    """The indexes below one folder. Every method may be called from any thread and beside other processes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._opened: dict[Path, tuple[Manifest, Bm25Index | DenseIndex | SparseIndex]] = {}
        self._retired: list[Bm25Index | DenseIndex | SparseIndex] = []  # replaced while a search may still have them
        self._lock = threading.Lock()

    def open_bm25(self, corpus: Corpus) -> Bm25Index:
        """The current index, opened once and shared. Raises `NotBuilt`."""
        return self._open(_bm25_place(self._root, corpus), _bm25_manifest(corpus), _open_bm25)

    def open_dense(self, corpus: Corpus, model: str, fingerprint: str) -> DenseIndex:
        """The vectors of the model with this fingerprint, in whatever precision they were made. Raises `NotBuilt`."""
        wanted = _model_manifest("dense", corpus, model, fingerprint, "")
        return self._open(_model_place(self._root, "dense", corpus, model), wanted, DenseIndex)

    def open_sparse(self, corpus: Corpus, model: str, fingerprint: str) -> SparseIndex:
        """The inverted index of the model with this fingerprint, in whatever precision it was made. Raises
        `NotBuilt`."""
        wanted = _model_manifest("sparse", corpus, model, fingerprint, "")
        return self._open(_model_place(self._root, "sparse", corpus, model), wanted, SparseIndex)

    def build_bm25(self, corpus: Corpus, report: Report, cancel: CancelToken) -> None:
        """Index the corpus, or go on with it, unless a current index is there. Raises `Problem`, `Cancelled`."""

        def build(folder: Path) -> int:
            return build_bm25(corpus, folder / "lucene", report, cancel)

        place, wanted = _bm25_place(self._root, corpus), _bm25_manifest(corpus)
        self._build(place, corpus, wanted, lambda: self.open_bm25(corpus), build, report, cancel)

    def build_dense(
        self,
        corpus: Corpus,
        model: str,
        fingerprint: str,
        precision: str,
        encoder: DocumentEncoder,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        """Encode the corpus, or go on with it, unless current vectors are there. Raises `Problem`, `Cancelled`.

        Finished vectors of another precision are current (they were made on another device); half-finished ones are
        not continued in another precision.
        """

        def build(folder: Path) -> int:
            return build_dense(corpus, folder, encoder, report, cancel, name=model)

        place = _model_place(self._root, "dense", corpus, model)
        wanted = _model_manifest("dense", corpus, model, fingerprint, precision)

        def check() -> DenseIndex:
            return self.open_dense(corpus, model, fingerprint)

        self._build(place, corpus, wanted, check, build, report, cancel)

    def build_sparse(
        self,
        corpus: Corpus,
        model: str,
        fingerprint: str,
        precision: str,
        encoder: DocumentEncoder,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        """As `build_dense`, into an inverted index."""

        def build(folder: Path) -> int:
            return build_sparse(corpus, folder, encoder, report, cancel, name=model)

        place = _model_place(self._root, "sparse", corpus, model)
        wanted = _model_manifest("sparse", corpus, model, fingerprint, precision)

        def check() -> SparseIndex:
            return self.open_sparse(corpus, model, fingerprint)

        self._build(place, corpus, wanted, check, build, report, cancel)

    def state(self, collection: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a finished BM25 index is there, and the models whose vectors are, dense or sparse.

        Reads manifests only. Whether the corpus has changed since is not looked at: opening does that.
        """
        home = self._root / disk.safe_name(collection)
        folders = sorted((*home.glob("dense/*"), *home.glob("sparse/*")))
        in_place = [folder for folder in folders if folder.suffix not in (_BUILDING, _OLD)]
        models = [manifest.model for folder in in_place if (manifest := _finished(folder)) is not None]
        return _finished(home / "bm25") is not None, tuple(sorted(models))

    def close(self) -> None:
        """Close what was opened; searches that are under way finish first."""
        with self._lock:
            indexes = [index for _, index in self._opened.values()] + self._retired
            self._opened, self._retired = {}, []
        for index in indexes:
            index.close()

    def _open(self, place: _Place, wanted: Manifest, load: Callable[[Path], Index]) -> Index:
        manifest = _current(place, wanted)
        with self._lock:
            if place.folder in self._opened:
                held, index = self._opened[place.folder]
                if held == manifest:
                    return index  # type: ignore[return-value]  # one folder holds one kind
                self._retired.append(index)
                del self._opened[place.folder]
            try:
                opened = load(place.folder)
            except DamagedIndex as problem:
                raise place.not_built("damaged", problem.detail or problem.message) from problem
            if opened.documents != manifest.documents:
                opened.close()
                raise place.not_built(
                    "damaged", f"{opened.documents} documents, where the manifest counts {manifest.documents}"
                )
            self._opened[place.folder] = (manifest, opened)
            return opened

    def _build(
        self,
        place: _Place,
        corpus: Corpus,
        wanted: Manifest,
        check: Callable[[], object],
        build: Callable[[Path], int],
        report: Report,
        cancel: CancelToken,
    ) -> None:
        if _is_built(check):
            return
        what = f"The {place.what}"
        if not corpus.doc_count():
            raise Problem(f"{corpus.id} has no documents: there is nothing to search in it.")
        with disk.writing(what, place.folder):
            waiting = f"Waiting for another process that builds the {place.what}"
            with disk.locked(place.lock, cancel, report, waiting):
                if _is_built(check):
                    return
                if not _resumable(place.building, wanted):
                    _discard(place.building)
                    place.building.mkdir(parents=True)
                    write_manifest(place.building, wanted)
                documents = build(place.building)
                finished = replace(wanted, state="complete", documents=documents)
                write_manifest(place.building, replace(finished, versions=versions_of(*_WRITERS[wanted.kind])))
                disk.swap_in(place.building, place.folder)


def _current(place: _Place, wanted: Manifest) -> Manifest:
    """The manifest of what is in place. Raises `NotBuilt` where that is not what is wanted."""
    try:
        manifest = read_manifest(place.folder)
    except UnreadableManifest as error:
        raise place.not_built("foreign" if error.foreign else "damaged", str(error)) from error
    if manifest is None:
        if place.folder.exists():
            raise place.not_built("damaged", f"{place.folder} has no manifest")
        raise place.not_built("incomplete" if place.building.exists() else "absent")
    if manifest.state != "complete":
        raise place.not_built("incomplete", f"{place.folder} is marked {manifest.state}")
    if not manifest.same_work(replace(wanted, precision=manifest.precision)):
        raise place.not_built("stale", f"{place.folder} holds {manifest}")
    return manifest


def _resumable(folder: Path, wanted: Manifest) -> bool:
    try:
        manifest = read_manifest(folder)
    except UnreadableManifest:
        return False
    return manifest is not None and manifest.same_work(wanted)


def _is_built(check: Callable[[], object]) -> bool:
    try:
        check()
    except NotBuilt:
        return False
    return True


def _finished(folder: Path) -> Manifest | None:
    try:
        manifest = read_manifest(folder)
    except UnreadableManifest:
        return None
    return manifest if manifest is not None and manifest.state == "complete" else None


def _discard(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _open_bm25(folder: Path) -> Bm25Index:
    return Bm25Index(folder / "lucene")


def _bm25_place(root: Path, corpus: Corpus) -> _Place:
    folder = root / disk.safe_name(corpus.collection) / "bm25"
    return _Place(folder, f"BM25 index of {corpus.collection}", _command(corpus, "bm25"))


def _model_place(root: Path, kind: Kind, corpus: Corpus, model: str) -> _Place:
    folder = root / disk.safe_name(corpus.collection) / kind / disk.safe_name(model)
    return _Place(folder, f"{_WORDS[kind]} of {corpus.collection} for {model}", _command(corpus, f"{kind}({model})"))


def _command(corpus: Corpus, system: str) -> str:
    return f"zsr-tui index --dataset {shlex.quote(corpus.id)} --system {shlex.quote(system)}"


def _bm25_manifest(corpus: Corpus) -> Manifest:
    return Manifest("bm25", corpus.collection, corpus.fingerprint())


def _model_manifest(kind: Kind, corpus: Corpus, model: str, fingerprint: str, precision: str) -> Manifest:
    return Manifest(
        kind,
        corpus.collection,
        corpus.fingerprint(),
        model=model,
        model_fingerprint=fingerprint,
        precision=precision,
    )
