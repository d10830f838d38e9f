"""The folder of built indexes: what is there, what is current, building and opening.

    <root>/<collection>/bm25/              manifest.json, lucene/
    <root>/<collection>/dense/<model>/<precision>/     manifest.json, the files of `zsr_tui.retrieval.encoded.vectors`
    <root>/<collection>/sparse/<model>/<precision>/    manifest.json, the files of `zsr_tui.retrieval.encoded.postings`
    <root>/<collection>/approximate/<model>/<precision>-<method>/    manifest.json, index.faiss: of the shards of dense/
    <root>/<collection>/tokens/<tokenizer>/    manifest.json, the files of `zsr_tui.retrieval.tokens`

An index is built in a folder beside its place (`bm25.building`), whose manifest says `building`, and renamed into
place when it is finished. So what is in place is complete, an index that became stale serves nobody but is not
touched until its successor is finished, and a build that was killed goes on in its own folder.

An index that is opened is compared with its checksums: a small one at once, a large one while the first searches run.
One that is not as it was written is marked as damaged and opened no more, so that it is built again.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from zsr_tui.corpora.languages import language_for
from zsr_tui.domain import Approximation, Corpus, Problem
from zsr_tui.files import locked, locked_now
from zsr_tui.pipeline import ENGLISH, Bm25, Dense, Kind, Method
from zsr_tui.progress import CancelToken, Progress, Report
from zsr_tui.retrieval import checks, damaged, disk
from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
from zsr_tui.retrieval.encoded.encoding import DocumentEncoder, encode_corpus
from zsr_tui.retrieval.encoded.index import EncodedIndex
from zsr_tui.retrieval.manifest import Manifest
from zsr_tui.retrieval.place import BUILDING, Place, begin, bm25_folder, current, finished, put, resumable
from zsr_tui.retrieval.problems import DamagedIndex, NotBuilt, Reason

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.retrieval.encoded.order import First
    from zsr_tui.retrieval.tokens import Beside, TokenIndex
    from zsr_tui.scoring.tokens.documents import DocumentTokens

_OLD = disk.OLD
COMPARED_AT_ONCE = 1 << 24  # bytes: some hundredths of a second
_WORDS: dict[Kind, str] = {"dense": "index", "sparse": "sparse index"}
Index = TypeVar("Index", Bm25Index, EncodedIndex, "TokenIndex")


class IndexStore:
    """The indexes below one folder. Every method may be called from any thread and beside other processes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._opened: dict[Path, tuple[Manifest, Bm25Index | EncodedIndex | TokenIndex]] = {}
        self._retired: list[Bm25Index | EncodedIndex | TokenIndex] = []  # replaced while a search may still have them
        self._lock = threading.Lock()

    def open_bm25(self, corpus: Corpus, language: str = "") -> Bm25Index:
        """The current index, opened once and shared; in the language of the corpus, where none is named. Raises
        `NotBuilt`."""
        return self._open(self._bm25(corpus, language))

    def open_encoded(self, kind: Kind, corpus: Corpus, model: str, fingerprint: str, precision: str) -> EncodedIndex:
        """What the model with this fingerprint has made of the corpus in this precision. Raises `NotBuilt`."""
        return self._open(self._encoded(kind, corpus, model, fingerprint, precision))

    def open_approximate(
        self, corpus: Corpus, model: str, fingerprint: str, precision: str, method: Method
    ) -> EncodedIndex:
        """The same vectors, searched approximately. Raises `NotBuilt`, of the vectors or of what is made of them."""
        self.open_encoded("dense", corpus, model, fingerprint, precision)
        return self._open(self._approximate(corpus, model, fingerprint, precision, method))

    def open_growing(
        self, kind: Kind, corpus: Corpus, model: str, fingerprint: str, precision: str
    ) -> EncodedIndex | None:
        """What such an index has so far while it is not finished: as many of the documents as are durable. None where
        there is nothing of it."""
        place = self._encoded(kind, corpus, model, fingerprint, precision)
        if not resumable(place):
            return None
        with suppress(DamagedIndex):  # the next preparation sees to it
            index = EncodedIndex(kind, place.building, growing=True)
            return index if index.documents else None
        return None

    def build_bm25(self, corpus: Corpus, report: Report, cancel: CancelToken, language: str = "") -> str:
        """Index the corpus, or go on with it, unless a current index is there. Gives a sentence where a damaged one was
        replaced, else "". Raises `Problem`, `Cancelled`."""

        def build(folder: Path) -> tuple[int]:
            return (
                build_bm25(
                    corpus, folder / "lucene", report, cancel, language=language_for(corpus.collection, language)
                ),
            )

        return self._build(self._bm25(corpus, language), corpus, build, report, cancel)

    def build_encoded(
        self,
        kind: Kind,
        corpus: Corpus,
        model: str,
        encoder: DocumentEncoder,
        report: Report,
        cancel: CancelToken,
        first: First | None = None,
        at_once: Callable[[], int] = lambda: 1,
    ) -> str:
        """Encode the corpus, `first` what matters first, or go on with it, unless a current index is there. Gives a
        sentence where a damaged one was replaced, else "". Raises `Problem`, `Cancelled`.

        Indexes of other precisions stay as they are; `at_once` as for `encode_corpus`. What the encoder reads is kept
        as token ids.
        """

        def build(folder: Path) -> tuple[int]:
            with self._tokens_beside(corpus, encoder) as ids:
                rows = encode_corpus(
                    kind, corpus, folder, encoder, report, cancel, name=model, first=first, beside=ids, at_once=at_once
                )
            return (rows,)

        place = self._encoded(kind, corpus, model, encoder.fingerprint, encoder.precision)
        return self._build(place, corpus, build, report, cancel)

    def build_approximate(
        self,
        corpus: Corpus,
        model: str,
        fingerprint: str,
        precision: str,
        method: Method,
        queries: Callable[[], np.ndarray],
        report: Report,
        cancel: CancelToken,
    ) -> str:
        """Make what searches the vectors approximately, or go on with it, unless it is there. `queries` are those
        (n, dimension) on which it is compared with the exact search. Gives a sentence where a damaged one was replaced,
        else "". Raises `Problem`, `NotBuilt` where there are no vectors, and `Cancelled`."""
        from zsr_tui.retrieval.approximate import building, recall

        exact = self.open_encoded("dense", corpus, model, fingerprint, precision)
        place = self._approximate(corpus, model, fingerprint, precision, method)
        vectors = self._encoded("dense", corpus, model, fingerprint, precision).folder

        def build(folder: Path) -> tuple[int, Approximation]:
            documents = building.build(folder, vectors, method, corpus.collection, report, cancel)
            report(Progress(f"Measuring the {place.what}", 0, None, ""))
            return documents, recall.measured(exact, place.load(folder), queries(), method, corpus.id, cancel)

        return self._build(place, corpus, build, report, cancel)

    def tokens(self, corpus: Corpus) -> list[tuple[str, TokenIndex]]:
        """The current token ids of the corpus, each with the fingerprint of its `TokenStore`."""
        found = []
        for folder in sorted((self._root / disk.safe_name(corpus.collection) / "tokens").glob("*")):
            if folder.suffix not in (BUILDING, _OLD) and (manifest := finished(folder)) is not None:
                mark = manifest.model_fingerprint
                with suppress(NotBuilt):  # of documents that have changed
                    found.append((mark, self._open(self._tokens(corpus, mark, manifest.model))))
        return found

    def build_tokens(self, corpus: Corpus, tokens: DocumentTokens, report: Report, cancel: CancelToken) -> None:
        """Tokenise the corpus, or go on with it, unless its current ids are there. Raises `Problem`, `Cancelled`."""

        from zsr_tui.retrieval.tokens import tokenise_corpus

        def build(folder: Path) -> tuple[int]:
            return (tokenise_corpus(corpus, folder, tokens, report, cancel),)

        self._build(self._tokens(corpus, tokens.store.fingerprint, tokens.format), corpus, build, report, cancel)

    def state(self, collection: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a finished BM25 index is there, and the models whose vectors are, dense or sparse.

        Reads manifests only. Whether the corpus has changed since is not looked at: opening does that.
        """
        home = self._root / disk.safe_name(collection)
        folders = (*home.glob("dense/*/*"), *home.glob("sparse/*/*"))
        in_place = [folder for folder in folders if folder.suffix not in (BUILDING, _OLD)]
        models = {manifest.model for folder in in_place if (manifest := finished(folder)) is not None}
        return self.indexed(collection), tuple(sorted(models))

    def indexed(self, collection: str, language: str = "") -> bool:
        """Whether a finished BM25 index is there, in the language of the corpus, where none is named."""
        home = self._root / disk.safe_name(collection)
        return finished(home / bm25_folder(language_for(collection, language))) is not None

    def searchable(self, collection: str, kind: Kind, model: str, method: Method | Literal[""]) -> bool:
        """Whether what searches what the model has made is there; "": as suits how many there are. Reads manifests."""
        home = self._root / disk.safe_name(collection)
        name = disk.safe_name(model)
        made = [each for folder in (home / kind / name).glob("*") if (each := finished(folder)) is not None]
        if kind == "dense" and made:
            method = method or Dense(model).method(max(each.documents for each in made))
            if method != "flat":
                found = (home / "approximate" / name).glob(f"*-{method}")
                return any(finished(folder) is not None for folder in found)
        return bool(made)

    def close(self) -> None:
        """Close what was opened; searches that are under way finish first."""
        with self._lock:
            indexes = [index for _, index in self._opened.values()] + self._retired
            self._opened, self._retired = {}, []
        for index in indexes:
            index.close()

    def _bm25(self, corpus: Corpus, language: str) -> Place[Bm25Index]:
        used = language_for(corpus.collection, language)
        folder = self._root / disk.safe_name(corpus.collection) / bm25_folder(used)
        wanted = Manifest("bm25", corpus.collection, corpus.fingerprint(), model="" if used == ENGLISH else used)
        what = f"BM25 index of {corpus.collection}{'' if used == ENGLISH else f' ({used})'}"
        command = _command(corpus, str(Bm25(language=language)))
        return Place(folder, wanted, what, command, lambda place: Bm25Index(place / "lucene", used))

    def _encoded(self, kind: Kind, corpus: Corpus, model: str, fingerprint: str, precision: str) -> Place[EncodedIndex]:
        home = self._root / disk.safe_name(corpus.collection) / kind / disk.safe_name(model)
        folder = home / precision.replace(" ", "-")
        made_of = Manifest(kind, corpus.collection, corpus.fingerprint())
        wanted = replace(made_of, model=model, model_fingerprint=fingerprint, precision=precision)
        what = f"{_WORDS[kind]} of {corpus.collection} for {model}"
        return Place(folder, wanted, what, _command(corpus, f"{kind}({model})"), partial(EncodedIndex, kind))

    def _approximate(
        self, corpus: Corpus, model: str, fingerprint: str, precision: str, method: Method
    ) -> Place[EncodedIndex]:
        """It belongs to the very vectors that it was made of: others of the same model may stand in another order."""
        from zsr_tui.retrieval.approximate.index import opened  # numpy comes with it

        exact = self._encoded("dense", corpus, model, fingerprint, precision)
        home = self._root / disk.safe_name(corpus.collection) / "approximate" / disk.safe_name(model)
        wanted = replace(exact.wanted, kind="approximate", method=method, made_of=checks.digest(exact.folder))
        system = str(Dense(model, method))
        return Place(
            home / f"{exact.folder.name}-{method}",
            wanted,
            f"{method} index of {corpus.collection} for {model}",
            _command(corpus, system),
            partial(opened, vectors=exact.folder, method=method),
        )

    def _tokens(self, corpus: Corpus, fingerprint: str, documents: str) -> Place[TokenIndex]:
        from zsr_tui.retrieval.tokens import TokenIndex  # numpy and the tokenizers come with it

        name = f"{fingerprint}-{documents}" if documents else fingerprint
        folder = self._root / disk.safe_name(corpus.collection) / "tokens" / name
        made_of = Manifest("tokens", corpus.collection, corpus.fingerprint())
        wanted = replace(made_of, model=documents, model_fingerprint=fingerprint)
        return Place(folder, wanted, f"token index of {corpus.collection}", _command(corpus, "bm25"), TokenIndex)

    @contextmanager
    def _tokens_beside(self, corpus: Corpus, encoder: DocumentEncoder) -> Iterator[Beside | None]:
        """Writes the ids of what an encoder reads, unless they are there, or another process writes them. A disk that
        has no room for them costs no more than that."""
        from zsr_tui.retrieval.tokens import Beside

        tokens = encoder.document_tokens
        if tokens is None or not self._why_not(place := self._tokens(corpus, tokens.store.fingerprint, tokens.format)):
            yield None
            return
        with locked_now(place.lock) as mine:
            if not mine:
                yield None
                return
            beside = Beside(place.building, tokens, partial(begin, place))
            try:
                yield beside
                beside.finish(corpus.doc_count(), partial(put, place))
            finally:
                beside.close()

    def _open(self, place: Place[Index]) -> Index:
        manifest = current(place)
        with self._lock:
            if place.folder in self._opened:
                held, index = self._opened[place.folder]
                if held == manifest:
                    return index  # type: ignore[return-value]  # one folder holds one kind
                self._retired.append(index)
                del self._opened[place.folder]
            small = checks.size(place.folder) <= COMPARED_AT_ONCE
            if small and (damage := checks.damage(place.folder)):
                raise place.not_built("damaged", damage)
            try:
                opened = place.load(place.folder)
            except DamagedIndex as problem:
                raise place.not_built("damaged", problem.detail or problem.message) from problem
            if opened.documents != manifest.documents:
                opened.close()
                raise place.not_built(
                    "damaged", f"{opened.documents} documents, where the manifest counts {manifest.documents}"
                )
            self._opened[place.folder] = (manifest, opened)
        if not small:
            threading.Thread(
                target=damaged.compare, args=(place.folder, manifest), name="checksums", daemon=True
            ).start()
        return opened

    def _build(
        self,
        place: Place[Index],
        corpus: Corpus,
        build: Callable[[Path], tuple[int] | tuple[int, Approximation]],
        report: Report,
        cancel: CancelToken,
    ) -> str:
        """`build` gives the number of documents, and what was measured."""
        reason = self._why_not(place)
        if not reason:
            return ""
        what = f"The {place.what}"
        if not corpus.doc_count():
            raise Problem(f"{corpus.id} has no documents: there is nothing to search in it.")
        with disk.writing(what, place.folder):
            waiting = f"Waiting for another process that builds the {place.what}"
            with locked(place.lock, cancel, report, waiting):
                if not self._why_not(place):  # somebody else has built it
                    return ""
                begin(place)
                put(place, *build(place.building))
        return f"{what} was damaged and has been built again." if reason == "damaged" else ""

    def _why_not(self, place: Place[Index]) -> Reason | None:
        """None where it is built."""
        try:
            self._open(place)
        except NotBuilt as problem:
            return problem.reason
        return None


def _command(corpus: Corpus, system: str) -> str:
    return f"zsr-tui index --dataset {shlex.quote(corpus.id)} --system {shlex.quote(system)}"
