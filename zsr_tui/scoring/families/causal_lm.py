"""Causal language models that answer yes or no (Qwen3-Reranker, bge-reranker-v2-gemma).

The score is the log-odds of the answer, logit(yes) - logit(no) after the prompt's last token, whose sigmoid is the
probability of yes among the two; where the model names no token for no, as bge-reranker-v2-gemma, it is logit(yes).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Transformer
from sentence_transformers.cross_encoder.modules import LogitScore

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import thread_safety, torch_text, yes_no_prompt
from zsr_tui.scoring.families.answer_head import AnswerHead
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
        longest = max(prepared.tokens for prepared in batch)
        rows = [prepared.payload + [self._padding] * (longest - prepared.tokens) for prepared in batch]
        with torch.inference_mode():
            self._head.set_last(torch.tensor([prepared.tokens - 1 for prepared in batch], device=self._device.name))
            ids = torch_text.on_device(torch.tensor(rows), self._device)
            logits = self._model(input_ids=ids, use_cache=False).logits[:, 0]
            scores = logits[:, 0] if logits.shape[1] == 1 else logits[:, 0] - logits[:, 1]
            return scores.float().cpu().numpy()


def load(resolved: ResolvedModel, device: Device) -> CausalLM:
    """By the model's own sentence-transformers files; else by the catalogue's prompt; else by its chat template.

    Raises `Problem` where none of them says what to ask, or the vocabulary lacks the answers.
    """
    options = torch_text.loading_options(resolved, device)
    pieces = resolved.recipe.prompt
    if checkpoint.module_types(resolved.path):
        pieces = ()
        transformer, answers, instruction = _declared(resolved, options)
    else:
        transformer, instruction = _plain(resolved, options), None
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
    parallel = thread_safety.allows_threads(resolved, transformer)
    return CausalLM(transformer, answers, prompt, device, parallel=parallel)


def _declared(resolved: ResolvedModel, options: dict[str, Any]) -> tuple[Any, list[int], str | None]:
    """The transformer, the tokens of the answers and the instruction, as modules.json and what it names say."""
    model = CrossEncoder(str(resolved.path), **options)
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


def _plain(resolved: ResolvedModel, options: dict[str, Any]) -> Any:
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
