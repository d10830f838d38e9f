"""Cross-encoders through sentence-transformers' CrossEncoder: the raw logit, no activation; batching is ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder as Model

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import cpu_encoder, long_pairs, torch_text
from zsr_tui.scoring.models import problems
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared


class CrossEncoder:
    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._device = device
        fused = cpu_encoder.suits(resolved, device)
        precision = "fp32" if fused else resolved.precision
        self._model = Model(str(resolved.path), **torch_text.loading_options(resolved, device, precision))
        problems.check_weights(resolved, self._model)
        if self._model.num_labels != 1:
            raise Problem(
                f"{resolved.info.name} is a classifier with {self._model.num_labels} labels: "
                "a reranker must give one score."
            )
        self._model.to(torch_text.torch_dtype(precision)).eval()
        if fused:
            cpu_encoder.install(self._model)
        torch_text.limit_length(self._model, resolved)
        self._plain = torch_text.is_plain(self._model) and self._model.default_prompt_name is None
        self.parallel = self._plain

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if self._plain:
            query, texts = long_pairs.shortened(query, texts, self._model.max_seq_length, self._whole)
            return torch_text.tokenise(self._model.tokenizer, [query] * len(texts), list(texts))
        longest = self._model.max_seq_length
        return [Prepared(min((len(query) + len(text)) // 4 + 3, longest), False, (query, text)) for text in texts]

    def _whole(self, texts: list[str]) -> Any:
        tokenizer = self._model.tokenizer
        return tokenizer(texts, add_special_tokens=False, truncation=False, padding=False, verbose=False).encodings

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        with torch.inference_mode():
            if not self._plain:
                scores = self._model.predict(
                    [prepared.payload for prepared in batch],
                    batch_size=len(batch),
                    activation_fn=torch.nn.Identity(),
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
            else:
                scores = self._model(torch_text.features(self._model.tokenizer, batch, self._device))["scores"]
            return scores.float().cpu().numpy().reshape(len(batch))


load = CrossEncoder
