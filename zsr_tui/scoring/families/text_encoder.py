"""What all encoders of texts have in common: their prompts, and what they are refused for."""

from __future__ import annotations

from collections.abc import Mapping

from zsr_tui.domain import Problem
from zsr_tui.scoring.models.weights import ResolvedModel

# under which names of prompts the two sides find theirs (sentence-transformers' encode_query, encode_document)
_NAMES = {"query": ("query",), "document": ("document", "passage", "corpus")}


def prompts(resolved: ResolvedModel, own: Mapping[str, str | None], default: str | None) -> dict[str, str]:
    """By role: the recipe's, else the model's `own`, else the one that it names as its default, else none."""
    given = {"query": resolved.recipe.query_prompt, "document": resolved.recipe.document_prompt}
    found = {}
    for role, names in _NAMES.items():
        name = next((name for name in names if own.get(name) is not None), default)
        prompt = given[role]
        found[role] = prompt if prompt is not None else (own.get(name) or "") if name else ""
    return found


def check_similarity(resolved: ResolvedModel, similarity: str | None, kind: str) -> None:
    """Raises `Problem` for a model that compares by anything but inner products."""
    if similarity in ("euclidean", "manhattan"):
        raise Problem(
            f"{resolved.info.name} compares by {similarity} distance, {kind} retrieval here by inner product: "
            "choose a model that compares by cosine or dot product."
        )


def check_dimension(resolved: ResolvedModel, dimension: int) -> None:
    """Raises `Problem` where more numbers are asked for than a vector has."""
    asked = resolved.recipe.dimension
    if asked and asked > dimension:
        raise Problem(f"{resolved.info.name} asks for {asked} dimensions of vectors that have {dimension}.", usage=True)
