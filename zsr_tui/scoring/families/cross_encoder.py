"""Cross-encoders through sentence-transformers' CrossEncoder: the raw logit, no activation; batching is ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import CrossEncoder as Model

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import cpu_encoder, torch_text
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens import long_pairs


class CrossEncoder:
    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._device = device
        fused = cpu_encoder.suits(resolved, device)
        precision = "fp32" if fused else resolved.precision
        self._model = torch_text.opened(Model, resolved, device, precision)
        if self._model.num_labels != 1:
            raise Problem(
                f"{resolved.info.name} is a classifier with {self._model.num_labels} labels: "
                "a reranker must give one score."
            )
        self._model.to(torch_text.torch_dtype(precision))
        if fused:
            cpu_encoder.install(self._model)
        torch_text.limit_length(self._model, resolved)
        self._plain = torch_text.is_plain(self._model) and self._model.default_prompt_name is None
        self.parallel = self._plain

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if self._plain:
            tokenizer, longest = self._model.tokenizer, self._model.max_seq_length
            query, texts = long_pairs.shortened(
                query, texts, longest, lambda each: torch_text.whole(tokenizer, each).encodings
            )
            return torch_text.tokenise(tokenizer, [query] * len(texts), list(texts))
        longest = self._model.max_seq_length
        return [torch_text.rough((query, text), len(query) + len(text) + 4, longest) for text in texts]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        payloads = [prepared.payload for prepared in batch]
        with torch.inference_mode():
            if not self._plain:
                scores = self._model.predict(
                    payloads,
                    batch_size=len(batch),
                    activation_fn=torch.nn.Identity(),
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
            else:
                scores = self._model(torch_text.features(self._model.tokenizer, payloads, self._device))["scores"]
            return scores.float().cpu().numpy().reshape(len(batch))
