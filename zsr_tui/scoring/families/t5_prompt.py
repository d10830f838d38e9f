"""T5's tokens for prompts whose last word must stay, and the pair of tokens that says yes and no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import AutoTokenizer

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel

LENGTH = 512  # tokens; the castorini models were trained with it (Nogueira et al. 2020, arXiv 2003.06713)
_LEAST = 64  # tokens that a long query leaves to the documents
_LEAST_ROOM = 8  # for query and documents together
# (true, false) for a model whose recipe does not say it: the first pair that the tokenizer has
_PAIRS = (("▁true", "▁false"), ("▁yes", "▁no"))


class T5Tokens:
    """Tokens of texts without special ones, and how many fit."""

    def __init__(self, resolved: ResolvedModel) -> None:
        self._name = resolved.info.name
        self._tokenizer: Any = AutoTokenizer.from_pretrained(
            resolved.tokenizer_path, local_files_only=True, trust_remote_code=resolved.trusted
        )
        limits = (checkpoint.max_length(resolved.path), resolved.recipe.max_length)
        self.length = min((limit for limit in limits if limit), default=LENGTH)
        self.end: int = self._tokenizer.eos_token_id

    def of(self, texts: Sequence[str]) -> list[list[int]]:
        """T5's tokens never cross white space, so that parts of a prompt can be tokenised one by one."""
        if not texts:
            return []
        encoded = self._tokenizer(list(texts), add_special_tokens=False, padding=False, verbose=False)
        ids: list[list[int]] = encoded["input_ids"]
        return ids

    def pair(self, resolved: ResolvedModel) -> tuple[int, int]:
        """The ids of the tokens for *true* and *false*. Raises `Problem` where the vocabulary lacks them."""
        recipe, vocabulary = resolved.recipe, self._tokenizer.get_vocab()
        said = [(recipe.true_token, recipe.false_token)] if recipe.true_token and recipe.false_token else _PAIRS
        for true, false in said:
            if true in vocabulary and false in vocabulary:
                return vocabulary[true], vocabulary[false]
        wanted = " or ".join(f"{true} and {false}" for true, false in said)
        raise Problem(
            f"{self._name} has no tokens {wanted} in its vocabulary, which a model of this family answers with: choose "
            "a checkpoint that was trained as a reranker.",
            detail=str(resolved.path),
        )

    def room(self, fixed: int) -> int:
        """Tokens for query and documents, beside `fixed` of the prompt's own. Raises `Problem` where there are none."""
        room = self.length - fixed
        if room < _LEAST_ROOM:
            raise Problem(
                f"{self._name} reads {self.length} tokens, and the prompt alone takes {fixed}: its maximum length is "
                "wrong."
            )
        return room


def fit_query(query: list[int], room: int) -> tuple[list[int], bool]:
    """A query is cut where it would leave the documents fewer than 64 tokens (half of the room where that is less).
    It does not depend on the documents. The second value: whether it was cut."""
    longest = room - min(_LEAST, room // 2)
    return query[:longest], len(query) > longest
