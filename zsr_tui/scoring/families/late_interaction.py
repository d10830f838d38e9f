"""Late interaction (ColBERT-style) through sentence-transformers' MultiVectorEncoder, as a reranker.

The score is MaxSim: for each of the query's vectors the largest dot product with a vector of the document, summed
(https://arxiv.org/abs/2004.12832); their mean for a model that declares "meanmaxsim". Markers, query expansion,
skipped tokens, projection and normalisation are the checkpoint's, as sentence-transformers reads them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.util import batch_to_device
from torch import Tensor

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import text_inputs, torch_text
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens import calling

KEPT_QUERIES = 64  # whose vectors stay on the device: of a query's batches only the first computes them


@dataclass(frozen=True, slots=True)
class Pair:
    """`query`: the features of sentence-transformers, shared by all pairs of a query; `key` tells queries apart."""

    key: tuple[int, ...]
    query: dict[str, Any] = field(compare=False)
    document: Any = field(compare=False)


class LateInteraction:
    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._device = device
        self._model = torch_text.opened(MultiVectorEncoder, resolved, device, unused=("pooler.",))
        self._model.to(torch_text.torch_dtype(resolved.precision))
        if not torch_text.is_plain(self._model):
            raise Problem(
                f"{resolved.info.name} takes images or chat messages, or needs more than a transformer's fast "
                "tokenizer: choose a late-interaction model of texts."
            )
        transformer: Any = self._model[0]
        own = (transformer.processing_kwargs.get("text") or {}).get("max_length")
        limits = (own or transformer.document_length or self._model.max_seq_length, resolved.recipe.max_length)
        longest = min(limit for limit in limits if limit)
        self.tokenizer = self._model.tokenizer
        self._texts = text_inputs.singles(self._model.tokenizer, longest, self._prompt("document"))
        self.document_store = self._texts.store
        # float32 (tokens, dimension), computed alone, so that they are the same in every batch
        self._vectors = lru_cache(KEPT_QUERIES)(lambda pair: self._encode(dict(pair.query), "query")[0])
        self._lock = threading.Lock()
        self.parallel = torch_text.allows_threads(resolved, self._model)

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if not texts:
            return []
        asked, query_cut = self._query(query)
        key = tuple(asked["input_ids"][0].tolist())
        documents = self._texts.prepare(texts)
        return [Prepared(each.tokens, query_cut or each.cut, Pair(key, asked, each.payload)) for each in documents]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        with torch.inference_mode():
            with self._lock:  # a second thread that needs the same query waits for the first
                queries = [self._vectors(prepared.payload) for prepared in batch]
            payloads = [prepared.payload.document for prepared in batch]
            documents = self._encode(text_inputs.features(self._model.tokenizer, payloads, self._device), "document")
            return self._model.similarity_pairwise(queries, documents).float().cpu().numpy()

    def matches(self, query: str, text: str) -> tuple[list[int], list[int], np.ndarray]:
        """Token ids of the vectors that count, of the query and of the text, and the dot products of all with all,
        float32 of shape (query tokens, text tokens)."""
        (prepared,) = self.prepare(query, [text])
        pair = prepared.payload
        document = text_inputs.features(self.tokenizer, [pair.document], self._device)
        with torch.inference_mode():
            (asked, asked_ids), (found, found_ids) = (
                self._of_ids(features, task) for features, task in ((dict(pair.query), "query"), (document, "document"))
            )
            return asked_ids, found_ids, (asked @ found.T).cpu().numpy()

    @property
    def mean(self) -> bool:
        """Whether a score is the mean of the maxima, in place of their sum."""
        return str(self._model.similarity_fn_name) == "meanmaxsim"

    def _query(self, query: str) -> tuple[dict[str, Any], bool]:
        """The query's features, expansion included, and whether it was cut."""
        prompt = self._prompt("query")
        with calling.alone(self.tokenizer):
            features = self._model.preprocess([query], prompt=prompt or None, task="query")
            whole = self.tokenizer(prompt + query, truncation=False, padding=False, verbose=False)["input_ids"]
        return features, len(whole) > features["input_ids"].shape[1]

    def _prompt(self, task: str) -> str:
        """As encode_query and encode_document choose it."""
        return self._model._resolve_prompt(None, task if task in self._model.prompts else None) or ""

    def _encode(self, features: dict[str, Any], task: str) -> list[Tensor]:
        """float32 vectors of the tokens that count, one tensor a text."""
        out = self._run(features, task)
        masks = out["attention_mask"].bool()
        return [vectors[mask].float() for vectors, mask in zip(out["token_embeddings"], masks, strict=True)]

    def _of_ids(self, features: dict[str, Any], task: str) -> tuple[Tensor, list[int]]:
        """The vectors of one text, and the ids of their tokens."""
        out = self._run(features, task)
        mask = out["attention_mask"][0].bool()
        return out["token_embeddings"][0][mask].float(), features["input_ids"][0][mask.cpu()].tolist()

    def _run(self, features: dict[str, Any], task: str) -> dict[str, Any]:
        return self._model(
            batch_to_device({**features, "modality": "text"}, torch.device(self._device.name)), task=task
        )
