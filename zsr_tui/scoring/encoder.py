"""Vectors of texts: a model of the service with the cache of query vectors before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Doc
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.models import documents as texts_of
from zsr_tui.scoring.models import families
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.work import Dimension, Encoding, Loading, Work
from zsr_tui.scoring.tokens import documents
from zsr_tui.scoring.tokens.documents import DocumentTokens

if TYPE_CHECKING:
    import numpy as np

OnLoad = Callable[[str], None]


class Encoder:
    """A bi-encoder or learned sparse model of the service. `fingerprint` and `precision` cost nothing; `dimension`
    loads the model. `tokens` that the model has read so far, prompts and special ones included; `known` texts whose
    vectors were there from before."""

    def __init__(
        self, fleet: Fleet, cache: ScoreCache, resolved: ResolvedModel, on_load: OnLoad | None, owner: str
    ) -> None:
        self._fleet, self._cache, self._resolved, self._on_load, self._owner = fleet, cache, resolved, on_load, owner
        self.info = resolved.info
        self.fingerprint = resolved.fingerprint
        self.precision = resolved.precision
        self.tokens = self.known = 0
        # Not a cached_property, which holds up those of all other encoders while a model is loaded, before Python 3.12.
        self._dimension: int | None = None
        self._document_tokens: tuple[DocumentTokens | None] | None = None

    @property
    def dimension(self) -> int:
        """Of its vectors."""
        if self._dimension is None:
            self._dimension = int(self._run(Dimension()))
        return self._dimension

    @property
    def document_tokens(self) -> DocumentTokens | None:
        """Where the ids of its documents come from; None where nobody else can use them, or other machines compute.
        Loads the model."""
        if self._fleet.elsewhere:
            return None  # they are made where the model is
        if self._document_tokens is None:
            loading = Loading(lambda scorer: documents.tokens_of(scorer, self._resolved.recipe))
            self._document_tokens = (self._run(loading),)
        return self._document_tokens[0]

    def document_text(self, doc: Doc) -> str:
        """What it reads for a document: title and text, or what its protocol asks for."""
        return texts_of.text_of(self._resolved.recipe, doc)

    @property
    def at_once(self) -> int:
        """Calls of `encode_documents` that keep its devices busy."""
        return self._fleet.at_once

    def encode_documents(
        self, texts: Sequence[str], cancel: CancelToken | None = None, *, interactive: bool = False, keep: bool = False
    ) -> np.ndarray:
        """float32 of shape (texts, dimension), in order; gives way to interactive work between batches, unless it is
        `interactive` itself. To `keep` them is for texts that no index has."""
        if keep:
            return self._kept(texts, "document", f"{self.fingerprint} document", cancel, interactive)
        return self._run(Encoding(texts, "document"), cancel, interactive=interactive)

    def encode_queries(
        self,
        texts: Sequence[str],
        cancel: CancelToken | None = None,
        *,
        interactive: bool = True,
        fresh: bool = False,
    ) -> np.ndarray:
        """float32 of shape (texts, dimension), in order; with the model's query prompt. Vectors that are known from
        before need no model, and count no tokens; `fresh` asks it all the same."""
        if fresh:
            return self._run(Encoding(texts, "query"), cancel, interactive=interactive)
        return self._kept(texts, "query", self.fingerprint, cancel, interactive)

    def _kept(
        self, texts: Sequence[str], role: str, key: str, cancel: CancelToken | None, interactive: bool
    ) -> np.ndarray:
        """Those that are known from before, and the others computed and kept."""
        import numpy as np

        kept = self.info.family == families.ENCODERS["dense"]  # others are mostly zeros, and as long as a vocabulary
        known = self._cache.vectors(key, texts) if kept else {}
        self.known += len(known)
        left = [place for place in range(len(texts)) if place not in known]
        if left or not known:
            new = self._run(Encoding([texts[place] for place in left], role), cancel, interactive=interactive)
            if kept:
                self._cache.add_vectors(key, [texts[place] for place in left], new)
            if not known:
                return new
            known.update(zip(left, new, strict=True))
        return np.stack([known[place] for place in range(len(texts))])

    def _run(self, work: Work, cancel: CancelToken | None = None, *, interactive: bool = True) -> Any:
        job = Job(
            self._resolved, work, interactive=interactive, owner=self._owner, cancel=cancel, on_load=self._on_load
        )
        found = only(self._fleet.submit(job).results())
        self.tokens += sum(job.lengths)
        return found
