"""T5's tokens for prompts whose last word must stay, and the tokens that it answers with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.utils import logging

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import merging, torch_text
from zsr_tui.scoring.models import checkpoint, problems
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import batch as batches
from zsr_tui.scoring.networks import t5
from zsr_tui.scoring.networks.batch import Packer
from zsr_tui.scoring.networks.runner import Runner
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.store import store

LENGTH = 512  # tokens; the castorini models were trained with it (Nogueira et al. 2020, arXiv 2003.06713)
_LEAST = 64  # tokens that a long query leaves to the documents
_LEAST_ROOM = 8  # for query and documents together
# (true, false) for a model whose recipe does not say it: the first pair that the tokenizer has
PAIRS = (("▁true", "▁false"), ("▁yes", "▁no"))


class T5:
    """A T5 with its tokenizer. `words` are the tokens of the prompt's own parts, `room` how many fit beside them and
    the `end`; `answers` the first of `choices` that it has the tokens of: those for true and false, or one to score by.
    Raises `Problem` where there is no room, or the vocabulary lacks the answers."""

    def __init__(
        self,
        resolved: ResolvedModel,
        device: Device,
        prompt: Sequence[str],
        choices: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self._name = resolved.info.name
        self.tokenizer: Any = AutoTokenizer.from_pretrained(
            resolved.tokenizer_path, local_files_only=True, trust_remote_code=resolved.trusted
        )
        if self.tokenizer.eos_token_id is None:
            raise Problem(
                f"{self._name} has a tokenizer without an end token, with which its prompts close: put the tokenizer "
                "files that it was published with beside its weights."
            )
        limits = (checkpoint.max_length(resolved.path), resolved.recipe.max_length)
        self.length = min((limit for limit in limits if limit), default=LENGTH)
        self.end = np.array([self.tokenizer.eos_token_id], dtype=np.int32)
        self.store = store(self.tokenizer)
        self.words = self.of(prompt)
        self.room = self._room(sum(map(len, self.words)) + 1)
        self.answers = self._answers(resolved, choices or true_and_false(resolved))
        self._network, self._packer = t5.T5(_model(resolved, device), self.answers), Packer(device)
        self._runner = Runner(device, self._network)
        if device.name.startswith("cuda"):
            torch.cuda.synchronize(device.name)  # batches run on streams of their own

    def start(self, batch: Sequence[Prepared], of: Callable[[torch.Tensor], torch.Tensor]) -> batches.Running:
        """What `of` makes of log P(true) - log P(false), or of the logit, for payloads of `networks.batch.Tokens`."""
        return self._runner.start(batch, of)

    def probabilities(self, prepared: Prepared) -> torch.Tensor | None:
        """Probabilities of all tokens for one input, fp32 of shape (vocabulary,); None where the output layer is not
        kept."""
        with torch.inference_mode():
            found = self._network.answers(self._packer.pack([prepared.payload]))
            return None if found is None else found[0].cpu()

    def of(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Token ids. T5's tokens never cross white space, so that parts of a prompt can be tokenised one by one."""
        return self.store.ids(texts)

    def _answers(self, resolved: ResolvedModel, choices: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
        """The ids of their tokens. Raises `Problem` where the vocabulary lacks them."""
        vocabulary = self.tokenizer.get_vocab()
        for tokens in choices:
            if all(token in vocabulary for token in tokens):
                return tuple(vocabulary[token] for token in tokens)
        wanted = " or ".join(" and ".join(tokens) for tokens in choices)
        raise Problem(
            f"{self._name} has no {'tokens' if len(choices[0]) > 1 else 'token'} {wanted} in its vocabulary, which a "
            "model of this family answers with: choose a checkpoint that was trained as a reranker.",
            detail=str(resolved.path),
        )

    def _room(self, fixed: int) -> int:
        """Tokens for query and documents, beside `fixed` of the prompt's own. Raises `Problem` where there are none."""
        room = self.length - fixed
        if room < _LEAST_ROOM:
            raise Problem(
                f"{self._name} reads {self.length} tokens, and the prompt alone takes {fixed}: its maximum length is "
                "wrong."
            )
        return room


def true_and_false(resolved: ResolvedModel) -> Sequence[tuple[str, str]]:
    """The tokens that a model may answer with, the first that it has."""
    recipe = resolved.recipe
    return [(recipe.true_token, recipe.false_token)] if recipe.true_token and recipe.false_token else PAIRS


def fit_query(query: np.ndarray, room: int) -> tuple[np.ndarray, bool]:
    """A query is cut where it would leave the documents fewer than 64 tokens (half of the room where that is less).
    It does not depend on the documents. The second value: whether it was cut."""
    longest = room - min(_LEAST, room // 2)
    return query[:longest], len(query) > longest


def _model(resolved: ResolvedModel, device: Device) -> Any:
    logging.disable_progress_bar()
    config = AutoConfig.from_pretrained(resolved.path, local_files_only=True, trust_remote_code=resolved.trusted)
    if config.model_type not in t5.ARCHITECTURES:
        raise Problem(
            f"{resolved.info.name} is a model of type {config.model_type!r}: monoT5, duoT5 and RankT5 need a T5 or mT5 "
            "checkpoint.",
            detail=str(resolved.path),
        )
    model = AutoModelForSeq2SeqLM.from_pretrained(
        resolved.path,
        config=config,
        dtype=torch_text.torch_dtype(resolved.precision),
        local_files_only=True,
        trust_remote_code=resolved.trusted,
    )
    merging.merge(resolved, model)
    problems.check_weights(resolved, model)
    return model.to(device.name).eval()
