"""Cross-encoders: the raw logit, no activation; of a classifier with several labels (monoBERT) the log-probability of
the one that says relevant. Through a network of ours where there is one for the architecture, else through
sentence-transformers' CrossEncoder; batching is ours.

The log-probability is that of castorini/pygaggle (pygaggle/rerank/transformer.py, MonoBERT); Nogueira et al. 2019,
Multi-Stage Document Ranking with BERT, arXiv 1910.14424.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder as Model

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import packing, text_inputs, torch_text
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import batch as batches
from zsr_tui.scoring.networks.classifier import classifier
from zsr_tui.scoring.networks.runner import Runner
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens import calling, reading


class CrossEncoder:
    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._device, self._resolved = device, resolved
        packed = packing.wanted(resolved, device)
        model = torch_text.opened(Model, resolved, devices.cpu() if packed else device, "fp32" if packed else "")
        self._label = resolved.recipe.relevant_label
        check_labels(resolved, model.num_labels)
        torch_text.limit_length(model, resolved)
        for part in torch_text.transformers(model):
            _align_padding(part.model.config, part.tokenizer)
        # XLNet's head reads the last place of a batch, which may be padding
        self._alone = any(
            getattr(part.model.config, "summary_type", "") == "last" for part in torch_text.transformers(model)
        )
        self.tokenizer, self._longest = model.tokenizer, model.max_seq_length
        self._plain = self.parallel = torch_text.is_plain(model) and model.default_prompt_name is None
        dtype = torch_text.torch_dtype(resolved.precision)
        self._pairs = text_inputs.pairs(self.tokenizer, self._longest) if self._plain else None
        self.document_store = self._pairs.store if self._pairs else None
        whole = len(model) == 1 and calling.core_of(self.tokenizer) is not None
        self.gives_gradients = whole and self._pairs is not None  # its inputs are plain tokens, its score the network's
        packed = packed and len(model) == 1 and self.document_store is not None
        network = classifier(model[0].model, dtype, device.name) if packed else None
        self._runner = Runner(device, lambda batch: self._scores(network(batch))) if network else None
        self.packed = network is not None
        self._model = None if self.packed else model.to(device.name, dtype)

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if self._pairs:
            return self._pairs.prepare(query, texts)
        return [torch_text.rough((query, text), len(query) + len(text) + 4, self._longest) for text in texts]

    def start(self, batch: Sequence[Prepared]) -> batches.Running:
        """The scores of a batch, on their way; see `networks.batch.start`."""
        if self._runner is None:
            payloads = [prepared.payload for prepared in batch]
            return batches.start(self._device, lambda: self._scores(self._unpacked(payloads)))
        return self._runner.start(batch)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()

    def _scores(self, logits: torch.Tensor) -> torch.Tensor:
        """Of shape (inputs, labels) -> (inputs,)."""
        return logits[:, 0] if self._label is None else logits.float().log_softmax(dim=1)[:, self._label]

    def gradients(self, query: str, text: str) -> tuple[float, list[tuple[int, int, float]]] | None:
        """The score, and gradient x input of each token of the text as [start, end) of its characters and a number:
        in fp32 on the processor, with transformers' own network, which is loaded for it. None where there are none."""
        if not self.gives_gradients:
            return None
        model = torch_text.opened(Model, self._resolved, devices.cpu(), "fp32")
        (prepared,) = self.prepare(query, [text])
        features = text_inputs.features(self.tokenizer, [prepared.payload], devices.cpu())
        ids, network = features.pop("input_ids"), model[0].model
        features.pop("modality")
        values = network.get_input_embeddings()(ids).detach().requires_grad_()
        score = self._scores(network(inputs_embeds=values, **features).logits)[0]
        score.backward()
        assert values.grad is not None
        products = (values.grad * values.detach()).sum(dim=-1)[0].tolist()
        read = reading.of_pair(self, query, text)
        (encoding,) = calling.whole(self.tokenizer, [text])
        places = [place for place, of in enumerate(read.of) if of == "document"] if read else []
        return score.item(), [
            (start, end, products[place]) for place, (start, end) in zip(places, encoding.offsets, strict=False)
        ]

    def _unpacked(self, payloads: Sequence[Any]) -> torch.Tensor:
        model: Any = self._model
        if self._plain:
            groups = [[each] for each in payloads] if self._alone else [payloads]
            parts = [text_inputs.features(self.tokenizer, part, self._device) for part in groups]
            return torch.cat([model(part)["scores"] for part in parts])
        scores = model.predict(
            payloads,
            batch_size=1 if self._alone else len(payloads),
            activation_fn=torch.nn.Identity(),
            convert_to_tensor=True,
            show_progress_bar=False,
        )
        return scores.reshape(len(payloads), -1)


def check_labels(resolved: ResolvedModel, count: int) -> None:
    """Raises `Problem` where a classifier has not the labels that it is read by."""
    label = resolved.recipe.relevant_label
    if label is None and count != 1:
        raise Problem(f"{resolved.info.name} is a classifier with {count} labels: a reranker must give one score.")
    if label is not None and not (count > 1 and label < count):
        raise Problem(
            f"{resolved.info.name} should say by label {label} that a document is relevant, and its labels are "
            f"{count}, counted from 0: correct relevant_label, or name another revision."
        )


def _align_padding(config: Any, tokenizer: Any) -> None:
    """A decoder scores at the last token that is not its config's padding: batches are filled up with that."""
    if config.pad_token_id is None:
        config.pad_token_id = tokenizer.pad_token_id
    elif config.pad_token_id != tokenizer.pad_token_id:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(config.pad_token_id)
