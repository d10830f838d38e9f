"""The documents of a corpus as a model reads them, for ids that are made before they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Doc
from zsr_tui.scoring.models import documents
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.text import whole_characters

if TYPE_CHECKING:
    from zsr_tui.scoring.tokens.store import TokenStore


@dataclass(frozen=True, slots=True)
class DocumentTokens:
    """Where a model's ids come from, and what it reads for a document."""

    store: TokenStore
    recipe: Recipe

    @property
    def format(self) -> str:
        """Of the text, "" for title and text."""
        return self.recipe.document_format or ""

    def text(self, doc: Doc) -> str:
        return whole_characters(documents.text_of(self.recipe, doc))


def tokens_of(scorer: Any, recipe: Recipe) -> DocumentTokens | None:
    """Of a loaded model; None where its ids are made by code of its own, or not here at all."""
    store = getattr(scorer, "document_store", None)
    return DocumentTokens(store, recipe) if store is not None and store.fingerprint else None
