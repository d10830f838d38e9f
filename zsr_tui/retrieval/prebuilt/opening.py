"""The prebuilt indexes that are here, each opened once and shared."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from zsr_tui.corpora.problems import NotDownloaded
from zsr_tui.domain import Approximation, PrebuiltInfo, Problem, ScoredDoc
from zsr_tui.pipeline import METHODS
from zsr_tui.progress import CancelToken, Report
from zsr_tui.retrieval.bm25 import Bm25Index
from zsr_tui.retrieval.prebuilt import matching, place
from zsr_tui.retrieval.prebuilt.lists import Kind, Prebuilt, known
from zsr_tui.retrieval.problems import DamagedIndex

if TYPE_CHECKING:
    import numpy as np

_NEAREST = 3
_DOES: dict[str, tuple[tuple[Kind, ...], str]] = {  # by the step of a system: what it can search
    "bm25": (("inverted",), "terms"),
    "sparse": (("impact",), "weighted terms"),
    "dense": (("flat", "hnsw", "faiss"), "vectors"),
}
Names = Callable[[Sequence[int]], Sequence[str]]


class Searched(Protocol):
    """An index of what a model made of documents."""

    largest_chunk: int

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]: ...

    def place(self, vector: np.ndarray, doc_id: str) -> tuple[float, int] | None: ...


def about(name: str, ways: Sequence[str] = ()) -> Prebuilt:
    """Raises `Problem` with the nearest names. `ways` could be meant as well: they are made here."""
    found = known().get(name)
    if found is None:
        near = difflib.get_close_matches(name, [*ways, *known()], _NEAREST, 0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else "zsr-tui prebuilt lists them."
        if ways:
            hint += f" Of the program's own vectors there are {', '.join(ways)}."
        raise Problem(f"there is no prebuilt index {name!r}: {hint}", usage=True)
    return found


def check(step: str, name: str) -> Prebuilt:
    """What is to be searched by a step of a system, "bm25", "dense" or "sparse". Raises `Problem` where that cannot
    search it."""
    found = about(name, METHODS if step == "dense" else ())
    kinds, holds = _DOES[step]
    if found.kind not in kinds:
        usable = matching.system(found)
        rather = f": write {usable}" if usable is not None else ""
        raise Problem(f"{name} is no index of {holds}, which {step} searches{rather}.", usage=True)
    if step == "bm25" and matching.system(found) is None:
        raise Problem(f"{name} was made with an analyser that bm25 does not have.", usage=True)
    return found


def infos(collection: str) -> list[PrebuiltInfo]:
    """What there is of a collection's documents that this program can search. Raises `Problem`."""
    found = matching.of_collection(collection)
    said = next((each.documents for each in found if each.documents), None)  # not of all: the documents are the same
    return [
        PrebuiltInfo(
            each.name,
            each.about,
            str(matching.system(each)),
            each.size,
            each.documents or said,
            here=place.is_here(each),
        )
        for each in found
    ]


class PrebuiltIndexes:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._opened: dict[Path, Any] = {}
        self._lock = threading.Lock()

    def approximation(self, name: str) -> Approximation | None:
        """What a graph's search is; nobody has measured it."""
        return Approximation("hnsw") if about(name).kind == "hnsw" else None

    def is_here(self, name: str) -> bool:
        return place.is_here(about(name))

    def fetch(self, name: str, report: Report, cancel: CancelToken) -> None:
        """At once where it is here. Raises `Problem` and `Cancelled`."""
        from zsr_tui.retrieval.prebuilt.fetching import fetch

        fetch(about(name), report, cancel)

    def bm25(self, name: str, collection: str, language: str = "") -> Bm25Index:
        """Over the documents of a collection, with the analyser that it was made with. Raises `NotDownloaded`, and
        `Problem` where it has the documents of another, or was analysed in another `language`."""
        prebuilt = self._of("bm25", name, collection)
        own = matching.language(prebuilt)
        if language not in ("", own):
            raise Problem(f"{name} was analysed in the language {own}, not {language}: leave language out.", usage=True)
        found: Bm25Index = self._open(prebuilt, lambda folder: Bm25Index(folder, own))
        return found

    def encoded(self, kind: str, name: str, collection: str, names: Names) -> Searched:
        """The same for "dense" and "sparse"; `names` are the terms of a sparse model's dimensions."""
        prebuilt = self._of(kind, name, collection)

        def opened(folder: Path) -> Searched:
            if prebuilt.kind == "faiss":
                from zsr_tui.retrieval.prebuilt.faiss_flat import FaissVectors

                return FaissVectors(folder)
            from zsr_tui.retrieval.prebuilt.lucene import Impacts, LuceneVectors

            return Impacts(folder, names) if prebuilt.kind == "impact" else LuceneVectors(folder)

        found: Searched = self._open(prebuilt, opened)
        return found

    def _of(self, step: str, name: str, collection: str) -> Prebuilt:
        found = check(step, name)
        if collection not in matching.collections(found):
            fitting = [each.name for each in matching.of_collection(collection) if each.kind in _DOES[step][0]]
            rather = f"its own are {', '.join(fitting)}" if fitting else "there is none of its own"
            raise Problem(f"{name} is no index of the documents of {collection}: {rather}.", usage=True)
        return found

    def _open(self, prebuilt: Prebuilt, load: Callable[[Path], Any]) -> Any:
        folder = place.folder(prebuilt)
        with self._lock:
            if folder not in self._opened:
                if not folder.is_dir():
                    raise NotDownloaded(prebuilt.name)
                try:
                    self._opened[folder] = load(folder)
                except DamagedIndex as problem:
                    raise Problem(
                        f"The prebuilt index {prebuilt.name} is damaged: delete {folder}, and it is downloaded again.",
                        detail=problem.detail or problem.message,
                    ) from problem
            return self._opened[folder]
