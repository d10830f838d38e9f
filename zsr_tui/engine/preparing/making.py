"""How a part is made. What is there already costs a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from zsr_tui import caller
from zsr_tui.domain import Approximation, Problem
from zsr_tui.engine import forecast
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.first import Firsts
from zsr_tui.engine.preparing.parts import Part
from zsr_tui.pipeline import Dense, Method
from zsr_tui.progress import CancelToken, Progress, Report

if TYPE_CHECKING:
    import numpy as np

MEASURED = (
    500  # queries, on which an approximate search is compared: half a minute of exact search of ten million vectors
)
FEW = 100_000  # vectors, up to which an exact search takes a hundredth of a second of a core (384 dimensions)
_PAUSE_S = 0.1
Make = Callable[[Part, Report, CancelToken, str], Sequence[str]]  # see `Making.__call__`


class Making:
    """`making(part, report, cancel, on)`, in any thread."""

    def __init__(self, library: Library, firsts: Firsts) -> None:
        self._library, self._firsts = library, firsts

    def __call__(self, part: Part, report: Report, cancel: CancelToken, on: str = "") -> Sequence[str]:
        """What the user should know of it; `on` is the Ray cluster that encodes, "": here. Goes on where an earlier try
        stopped. Raises `Problem` or `Cancelled`."""
        match part.kind:
            case "corpus":
                return self._download(part, report, cancel)
            case "model":
                self._library.scoring.fetch(part.name, report=report, cancel=cancel)
                return ()
            case "prebuilt":
                self._library.prebuilt.fetch(part.name, report, cancel)
                return ()
            case "bm25":
                corpus = self._library.corpus(part.dataset).corpus
                return _said(self._library.store.build_bm25(corpus, report, cancel, part.name))
            case "encoded":
                return self._encode(part, report, cancel, on)
            case "approximate":
                assert part.method is not None
                advice = self._advice(part, part.method)
                return self._approximate(part, part.method, report, cancel, on) + advice

    def _download(self, part: Part, report: Report, cancel: CancelToken) -> Sequence[str]:
        from zsr_tui import corpora

        corpora.download(part.dataset, report, cancel)
        return self._library.corpus(part.dataset).corpus.notes()

    def _encode(self, part: Part, report: Report, cancel: CancelToken, on: str) -> Sequence[str]:
        assert part.how is not None

        library, corpus = self._library, self._library.corpus(part.dataset)
        cancel = _BehindIndexing(cancel, lambda: _indexing(library, part.dataset))
        where = "" if on and self._is_there(part) else on  # no cluster is asked where it has nothing to do
        with library.scoring_on(where, report) as (scoring, report):

            def loading(what: str) -> None:
                report(Progress(what, 0, None, ""))

            if cancel.waits:
                loading(f"waiting for the BM25 index of {part.dataset}")
                cancel.check()
                loading(f"getting {part.name} ready")
            cancel.check()
            library.tokens.attach(corpus.corpus)
            encoder = scoring.encoder(
                part.name, part.how, report=report, cancel=cancel, on_load=loading, owner=caller.owner(part.id)
            )
            known = forecast.encoding(scoring, part.name, corpus.corpus, cancel, loading)
            what = f"encoding {part.dataset} with {part.name}"
            telling = forecast.Forecasting(report, what, lambda: scoring.device_label(part.name), known)
            with self._firsts.encoding(corpus) as first:
                said = library.store.build_encoded(
                    part.how, corpus.corpus, part.name, encoder, telling, cancel, first, lambda: encoder.at_once
                )
        usual = Dense(part.name).method(corpus.corpus.doc_count()) if part.how == "dense" else "flat"
        return _said(said) if usual == "flat" or said else self._approximate(part, usual, report, cancel, on)

    def _is_there(self, part: Part) -> bool:
        assert part.how is not None
        try:
            self._library.encoded(self._library.corpus(part.dataset), part.how, part.name)
        except Problem:  # what is wrong with it, whoever makes it says
            return False
        return True

    def _advice(self, part: Part, method: Method) -> tuple[str, ...]:
        """Said once, when it is made."""
        documents = self._library.corpus(part.dataset).corpus.doc_count()
        if documents >= FEW or self._about(part, method) is not None:
            return ()
        return (
            f"{part.dataset} has {documents:,} documents, which are searched exactly about as quickly and without "
            f"a loss: index={method} is for {FEW:,} and more.",
        )

    def _about(self, part: Part, method: Method) -> Approximation | None:
        """What is known of the approximate index; None where there is none yet that can be used."""
        try:
            index = self._library.approximate(self._library.corpus(part.dataset), part.name, method)
        except Problem:
            return None
        return index.approximation

    def _approximate(self, part: Part, method: Method, report: Report, cancel: CancelToken, on: str) -> tuple[str, ...]:
        """What was replaced, and of a new one how much it finds."""
        library, corpus = self._library, self._library.corpus(part.dataset)
        before = self._about(part, method)
        asked = [query.text for query in corpus.judged_queries() or corpus.queries]

        def queries() -> np.ndarray:
            with library.scoring_on(on) as (scoring, _):
                encoder = scoring.encoder(part.name, "dense", report=report, cancel=cancel, owner=part.id)
                return encoder.encode_queries(asked[:MEASURED], cancel, interactive=False)

        fingerprint, precision = library.scoring.fingerprint(part.name), library.scoring.precision(part.name)
        said = library.store.build_approximate(
            corpus.corpus, part.name, fingerprint, precision, method, queries, report, cancel
        )
        made = self._about(part, method)
        return _said(said) + ((f"{made.told}.",) if made is not None and made != before else ())


class _BehindIndexing(CancelToken):
    """Looked at between batches, it makes an encoding wait for the BM25 index of the same documents: that takes less,
    somebody waits for it, and what it finds is to be encoded first."""

    def __init__(self, cancel: CancelToken, indexing: Callable[[], bool]) -> None:
        self._event, self._indexing = cancel._event, indexing

    @property
    def waits(self) -> bool:
        return self._indexing() and not self.cancelled

    def check(self) -> None:
        while self.waits:
            self._event.wait(_PAUSE_S)
        super().check()


def _indexing(library: Library, dataset: str) -> bool:
    id = Part("bm25", dataset).id
    return any(
        f"{view.id} ".startswith(f"{id} ") and view.state == "running" for view in library.preparing.views(of_all=True)
    )


def _said(note: str) -> tuple[str, ...]:
    return (note,) if note else ()
