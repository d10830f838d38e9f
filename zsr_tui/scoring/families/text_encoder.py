"""What all encoders of texts have in common: their prompts, and what they are refused for."""

from __future__ import annotations

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import declared
from zsr_tui.scoring.models.weights import ResolvedModel


def prompts(resolved: ResolvedModel) -> dict[str, str]:
    """By role: the recipe's, else that of the model's files, else none."""
    given = {"query": resolved.recipe.query_prompt, "document": resolved.recipe.document_prompt}
    own = declared.prompts(resolved.path)
    return {role: (own[role] or "" if prompt is None else prompt) for role, prompt in given.items()}


def normalizes(resolved: ResolvedModel) -> bool:
    """Whether vectors are brought to length 1, which makes their inner product the cosine."""
    return (resolved.recipe.similarity or declared.similarity(resolved.path)) == "cosine"


def check_similarity(resolved: ResolvedModel, kind: str) -> None:
    """Raises `Problem` for a model that compares by anything but inner products, unless the user says what it does."""
    if (similarity := resolved.recipe.similarity or declared.similarity(resolved.path)) in ("euclidean", "manhattan"):
        raise Problem(
            f"{resolved.info.name} compares by {similarity} distance, {kind} retrieval here by inner product: "
            "choose a model that compares by cosine or dot product."
        )


def check_dimension(resolved: ResolvedModel, dimension: int) -> None:
    """Raises `Problem` where more numbers are asked for than a vector has."""
    asked = resolved.recipe.dimension
    if asked and asked > dimension:
        raise Problem(f"{resolved.info.name} asks for {asked} dimensions of vectors that have {dimension}.", usage=True)
