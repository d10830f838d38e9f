"""Causal language models that answer yes or no (Qwen3-Reranker, bge-reranker-v2-gemma).

The score is the log-odds of the answer, logit(yes) - logit(no) after the prompt's last token, whose sigmoid is the
probability of yes among the two; where the model names no token for no, as bge-reranker-v2-gemma, it is logit(yes).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Transformer
from sentence_transformers.cross_encoder.modules import LogitScore
from torch import Tensor, nn

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import torch_text, yes_no_prompt
from zsr_tui.scoring.families.yes_no_prompt import ChatPrompt, PiecewisePrompt, Prompt
from zsr_tui.scoring.models import checkpoint, entries, problems
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared


class CausalLM:
    """Inputs are padded on the right: what follows a token cannot change it, so neither mask nor positions are needed,
    and a score does not depend on its batch."""

    def __init__(
        self, transformer: Any, answers: Sequence[int], prompt: Prompt, device: Device, *, parallel: bool = False
    ) -> None:
        self._device, self._prompt, self.parallel = device, prompt, parallel
        self.document_store = prompt.document_store
        tokenizer = transformer.tokenizer
        self._padding = next(
            (token for token in (tokenizer.pad_token_id, tokenizer.eos_token_id) if token is not None), 0
        )
        self._model = transformer.model.to(device.name).eval()
        self._head = AnswerHead(self._model.get_output_embeddings(), answers)
        self._model.set_output_embeddings(self._head)

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        return self._prompt.prepare(query, texts) if texts else []

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        with torch.inference_mode():
            self._head.set_last(torch.tensor([prepared.tokens - 1 for prepared in batch], device=self._device.name))
            rows = [np.concatenate(prepared.payload.pieces) for prepared in batch]
            ids = torch_text.padded(rows, self._padding, self._device)
            logits = self._model(input_ids=ids, use_cache=False).logits[:, 0]
            scores = logits[:, 0] if logits.shape[1] == 1 else logits[:, 0] - logits[:, 1]
            return scores.float().cpu().numpy()


class AnswerHead(nn.Module):
    """Takes the place of the projection onto the vocabulary: only the rows of `answers`, only at each input's last
    token, in fp32. What the model does to its logits afterwards (Gemma's soft cap) stays the model's. Several threads
    may go through it at once, each with a batch of its own."""

    def __init__(self, projection: Any, answers: Sequence[int]) -> None:
        super().__init__()
        bias = getattr(projection, "bias", None)
        self.rows: Tensor = projection.weight.detach()[list(answers)].float()
        self.bias: Tensor | None = None if bias is None else bias.detach()[list(answers)].float()
        self._batch = threading.local()

    def set_last(self, last: Tensor) -> None:
        """The position of each input's last token, before every batch of the calling thread."""
        self._batch.last = last

    def forward(self, hidden: Tensor) -> Tensor:
        """(inputs, tokens, width) -> (inputs, 1, answers)."""
        ends = hidden[torch.arange(len(hidden), device=hidden.device), self._batch.last]
        return nn.functional.linear(ends.float(), self.rows, self.bias)[:, None]


def load(resolved: ResolvedModel, device: Device) -> CausalLM:
    """By the model's own sentence-transformers files; else by the catalogue's prompt; else by its chat template.

    Raises `Problem` where none of them says what to ask, or the vocabulary lacks the answers.
    """
    pieces = resolved.recipe.prompt
    if checkpoint.module_types(resolved.path):
        pieces = ()
        transformer, answers, instruction = _declared(resolved, device)
    else:
        transformer, instruction = _plain(resolved, device), None
        words = (resolved.recipe.yes or "yes", resolved.recipe.no if resolved.recipe.yes else "no")
        answers = [_answer(transformer.tokenizer, word, resolved.info.name) for word in words if word]
    problems.check_weights(resolved, transformer)
    torch_text.limit_length(transformer, resolved)
    limit = transformer.max_seq_length
    prompt: Prompt
    if pieces:
        prompt = PiecewisePrompt(transformer.tokenizer, pieces, limit)
    elif why_not := yes_no_prompt.why_no_chat_prompt(transformer):
        raise Problem(
            f"{resolved.info.name} does not say how to ask it for a yes or no: it needs a chat template with the roles "
            "'query' and 'document' (chat_template.jinja, or in tokenizer_config.json), or a prompt in "
            f"{entries.own_place()}.",
            detail=why_not,
        )
    else:
        prompt = ChatPrompt(transformer, instruction, limit)
    parallel = torch_text.allows_threads(resolved, transformer)
    return CausalLM(transformer, answers, prompt, device, parallel=parallel)


def _declared(resolved: ResolvedModel, device: Device) -> tuple[Any, list[int], str | None]:
    """The transformer, the tokens of the answers and the instruction, as modules.json and what it names say."""
    model = CrossEncoder(str(resolved.path), **torch_text.loading_options(resolved, device))
    modules = list(model)
    if [type(module) for module in modules] != [Transformer, LogitScore]:
        names = ", ".join(type(module).__name__ for module in modules)
        raise Problem(
            f"{resolved.info.name} is made of {names}, where a reranker that answers yes or no is made of "
            "Transformer and LogitScore."
        )
    transformer, score = modules
    answers = [token for token in (score.true_token_id, score.false_token_id) if token is not None]
    name = model.default_prompt_name
    return transformer, answers, model.prompts.get(name) if name else None


def _plain(resolved: ResolvedModel, device: Device) -> Any:
    options = torch_text.loading_options(resolved, device)
    shared = {name: options[name] for name in ("local_files_only", "trust_remote_code")}
    return Transformer(
        str(resolved.path),
        transformer_task="text-generation",
        model_kwargs={**shared, **options["model_kwargs"]},
        processor_kwargs=dict(shared),
        config_kwargs=dict(shared),
    )


def _answer(tokenizer: Any, word: str, name: str) -> int:
    token: int | None = tokenizer.get_vocab().get(word)
    if token is None:
        raise Problem(
            f"{name} has no token {word!r} to answer with: it is no reranker that answers yes or no, "
            "choose one of the catalogue ('zsr-tui models')."
        )
    return token
