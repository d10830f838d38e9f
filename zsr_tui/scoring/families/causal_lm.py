"""Causal language models that answer yes or no (Qwen3-Reranker, bge-reranker-v2-gemma).

The score is the log-odds of the answer, logit(yes) - logit(no) after the prompt's last token, whose sigmoid is the
probability of yes among the two; where the model names no token for no, as bge-reranker-v2-gemma, it is logit(yes).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Transformer
from sentence_transformers.cross_encoder.modules import LogitScore
from torch import Tensor, nn

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import merging, packing, torch_text, yes_no_prompt
from zsr_tui.scoring.families.yes_no_prompt import ChatPrompt, PiecewisePrompt, Prompt
from zsr_tui.scoring.models import checkpoint, entries, problems
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import batch as batches
from zsr_tui.scoring.networks import choose
from zsr_tui.scoring.networks.choose import Network
from zsr_tui.scoring.networks.runner import Runner
from zsr_tui.scoring.scorer import Prepared


class CausalLM:
    """`forward` gives the logits of the answers for a batch's payloads, of shape (inputs, answers)."""

    def __init__(self, forward: Packed | Padded, prompt: Prompt, *, parallel: bool) -> None:
        self._forward, self._prompt = forward, prompt
        self.packed, self.parallel = isinstance(forward, Packed), parallel
        self.document_store, self.tokenizer = prompt.document_store, prompt.tokenizer

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        return self._prompt.prepare(query, texts) if texts else []

    def start(self, batch: Sequence[Prepared]) -> batches.Running:
        """As `run`, without waiting for the device; see `networks.batch.start`."""
        return self._forward.start(batch, _scores)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()


def _scores(logits: Tensor) -> Tensor:
    return logits[:, 0] if logits.shape[1] == 1 else logits[:, 0] - logits[:, 1]


class Packed:
    """A network of ours, which computes nothing for padding."""

    def __init__(self, network: Network, head: AnswerHead, device: Device) -> None:
        head.to(device.name)
        self.start = Runner(device, lambda batch: head.of(network(batch, batch.last))).start


class Padded:
    """transformers' own forward pass. Inputs are padded on the right: what follows a token cannot change it, so that
    neither mask nor positions are needed, and a score does not depend on its batch."""

    def __init__(self, transformer: Any, head: AnswerHead, device: Device) -> None:
        tokenizer, self._device, self._head = transformer.tokenizer, device, head
        self._padding = next(
            (token for token in (tokenizer.pad_token_id, tokenizer.eos_token_id) if token is not None), 0
        )
        transformer.model.set_output_embeddings(head)
        self._model = transformer.model.to(device.name).eval()

    def start(self, batch: Sequence[Prepared], of: Callable[[Tensor], Tensor]) -> batches.Running:
        rows = [np.concatenate(each.payload.pieces) for each in batch]
        ids = torch_text.padded(rows, self._padding, self._device)
        last = torch_text.on_device(torch.tensor([len(row) - 1 for row in rows]), self._device)

        def scores() -> Tensor:
            self._head.set_last(last)
            return of(self._model(input_ids=ids, use_cache=False).logits[:, 0])

        return batches.start(self._device, scores)


class AnswerHead(nn.Module):
    """Takes the place of the projection onto the vocabulary: only the rows of `answers`, only at each input's last
    token, in fp32. What the model does to its logits afterwards (Gemma's soft cap) stays the model's. Several threads
    may go through it at once, each with a batch of its own."""

    def __init__(self, projection: Any, answers: Sequence[int]) -> None:
        super().__init__()
        bias = getattr(projection, "bias", None)
        self.rows = nn.Buffer(projection.weight.detach()[list(answers)].float())
        self.bias = None if bias is None else nn.Buffer(bias.detach()[list(answers)].float())
        self._batch = threading.local()

    def set_last(self, last: Tensor) -> None:
        """The position of each input's last token, before every batch of the calling thread."""
        self._batch.last = last

    def forward(self, hidden: Tensor) -> Tensor:
        """(inputs, tokens, width) -> (inputs, 1, answers)."""
        ends = hidden[torch.arange(len(hidden), device=hidden.device), self._batch.last]
        return self.of(ends.float())[:, None]

    def of(self, last: Tensor) -> Tensor:
        """Last states of inputs, fp32 of shape (inputs, width) -> (inputs, answers)."""
        return nn.functional.linear(last, self.rows, self.bias)


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
    merging.merge(resolved, transformer.model)
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
    dtype, head = (
        torch_text.torch_dtype(resolved.precision),
        AnswerHead(transformer.model.get_output_embeddings(), answers),
    )
    ours = packing.possible(resolved, device)
    network = choose.network(transformer.model.base_model, dtype, device.name) if ours else None
    forward = Padded(transformer, head, device) if network is None else Packed(network, head, device)
    return CausalLM(forward, prompt, parallel=parallel)


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
