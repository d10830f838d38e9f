"""bge-m3's three heads over one XLM-RoBERTa (Chen et al. 2024, arXiv 2402.03216), as FlagEmbedding computes them
(finetune/embedder/encoder_only/m3/modeling.py, inference/embedder/encoder_only/m3.py):

dense    the first token's last state, at length 1
sparse   relu(sparse_linear(state)) of each token, for each word of the vocabulary the largest; without the tokenizer's
         tokens for beginning, end, padding and the unknown
colbert  colbert_linear(state) of each token but the first, at length 1; the score is the mean, over the query's
         vectors, of the largest product with one of the document
all      0.4 dense + 0.2 sparse + 0.4 colbert, the weights of FlagEmbedding's examples (compute_score)

Heads, norms and sums are fp32 in every precision.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn import functional

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import packing, sharing, text_inputs, torch_text
from zsr_tui.scoring.families.late_interaction import KEPT_QUERIES, LateInteraction
from zsr_tui.scoring.families.sparse import Sparse
from zsr_tui.scoring.models import pickle_file, problems
from zsr_tui.scoring.models.checkpoint import HEADS
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import choose
from zsr_tui.scoring.networks.batch import Batch, Packer
from zsr_tui.scoring.scorer import Prepared

WEIGHTS = {"dense": 0.4, "sparse": 0.2, "colbert": 0.4}
_WORDS = 1 << 28  # numbers of sparse vectors at once: they are as wide as the vocabulary


@dataclass(frozen=True, slots=True)
class Pair:
    """Inputs of a query and of a document; `key` tells queries apart."""

    key: tuple[int, ...]
    query: Prepared = field(compare=False)
    document: Prepared = field(compare=False)


@dataclass(slots=True)
class _Of:
    """What the heads make of a batch, on the device. `vectors` are of all tokens, `dense` and `words` of inputs."""

    batch: Batch
    states: Tensor
    dense: Tensor | None = None
    words: Tensor | None = None
    vectors: Tensor | None = None


class _Trunk:
    """The transformer with its tokenizer, which the heads share."""

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        packed = packing.wanted(resolved, device)
        where, precision = (devices.cpu(), "fp32") if packed else (device, "")
        model = torch_text.opened(SentenceTransformer, resolved, where, precision, unused=("pooler.",))
        torch_text.limit_length(model, resolved)
        self.tokenizer, self.longest = model.tokenizer, model.max_seq_length
        if not torch_text.is_plain(model) or not text_inputs.types_fit(self.tokenizer):
            raise Problem(
                f"{resolved.info.name} is no encoder of texts with bge-m3's heads.", detail=str(resolved.path)
            )
        self.parallel = torch_text.allows_threads(resolved, model)
        first: Any = model[0]
        self.width = int(first.model.config.hidden_size)
        self.dimension = int(first.model.config.vocab_size)
        dtype = torch_text.torch_dtype(resolved.precision)
        self.network = None
        if packed:
            key = sharing.weights(resolved, device)
            self.network = sharing.one(key, lambda: choose.network(first.model, dtype, device.name))
        self.transformer = first.to(device.name, dtype) if self.network is None else None


class Model:
    """The transformer with the `heads` that are wanted."""

    def __init__(self, resolved: ResolvedModel, device: Device, heads: Sequence[str]) -> None:
        self._device, self._heads = device, heads
        weights = sharing.weights(resolved, device)
        key = ("trunk", weights, packing.wanted(resolved, device), resolved.recipe.max_length, resolved.tokenizer_path)
        self._trunk = trunk = sharing.one(key, lambda: _Trunk(resolved, device))
        self.tokenizer, self.parallel, self.network = trunk.tokenizer, trunk.parallel, trunk.network
        self.texts = text_inputs.singles(self.tokenizer, trunk.longest)
        self.width, self.dimension = trunk.width, trunk.dimension
        self.packed = self.network is not None
        self._packer = Packer(device)
        self._linear = {
            name: _linear(resolved, self.width, name, 1 if name == "sparse" else None, device.name)
            for name in heads
            if name in HEADS
        }
        special = (getattr(self.tokenizer, f"{name}_token_id") for name in ("cls", "eos", "pad", "unk"))
        self._unused = sorted({token for token in special if token is not None})

    def of(self, inputs: Sequence[Prepared]) -> _Of:
        """For inputs of `texts`."""
        payloads = [each.payload for each in inputs]
        batch = self._packer.pack(payloads)
        found = _Of(batch, self._states(batch, payloads))
        if "dense" in self._heads:
            found.dense = functional.normalize(found.states[batch.first], dim=1)
        if "sparse" in self._heads:
            found.words = self._words(batch, found.states)
        if "colbert" in self._heads:
            found.vectors = functional.normalize(functional.linear(found.states, *self._linear["colbert"]), dim=1)
        return found

    def _states(self, batch: Batch, payloads: Sequence[Any]) -> Tensor:
        """The last states of all tokens, fp32."""
        if self.network is not None:
            return self.network(batch)
        features = text_inputs.features(self.tokenizer, payloads, self._device)
        mask = features["attention_mask"].bool()
        assert self._trunk.transformer is not None
        return self._trunk.transformer(features)["token_embeddings"][mask].float()

    def _words(self, batch: Batch, states: Tensor) -> Tensor:
        """Weights of the vocabulary, (inputs, words)."""
        weights = functional.linear(states, *self._linear["sparse"])[:, 0].relu()
        found = torch.zeros(batch.inputs * self.dimension, device=weights.device)
        places = batch.owners.long() * self.dimension + batch.ids.long()
        found = found.scatter_reduce(0, places, weights, "amax").view(batch.inputs, self.dimension)
        found[:, self._unused] = 0
        return found


class M3Reranker:
    """`head` is one of the three, or "all"."""

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._head = str(resolved.recipe.head)
        self._model = Model(resolved, device, tuple(WEIGHTS) if self._head == "all" else (self._head,))
        self.tokenizer, self.document_store = self._model.tokenizer, self._model.texts.store
        self.packed, self.parallel, self.network = self._model.packed, self._model.parallel, self._model.network
        self._asked = lru_cache(KEPT_QUERIES)(lambda pair: self._model.of([pair.query]))
        self._lock = threading.Lock()

    mean = True  # of the largest products, in place of their sum

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if not texts:
            return []
        asked, *documents = self._model.texts.prepare([query, *texts])
        key = tuple(np.concatenate(asked.payload.pieces).tolist())
        return [Prepared(each.tokens, asked.cut or each.cut, Pair(key, asked, each)) for each in documents]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        pairs: list[Pair] = [prepared.payload for prepared in batch]
        with torch.inference_mode():
            found = self._model.of([pair.document for pair in pairs])
            scores = torch.zeros(len(pairs), device=found.states.device)
            for key in dict.fromkeys(pair.key for pair in pairs):
                own = [place for place, pair in enumerate(pairs) if pair.key == key]
                with self._lock:  # a second thread that needs the same query waits for the first
                    asked = self._asked(pairs[own[0]])
                places = torch.tensor(own, device=scores.device)
                scores[places] = self._scores(asked, found)[places]
            return scores.cpu().numpy()

    def _scores(self, asked: _Of, found: _Of) -> Tensor:
        """Of a query with all documents of a batch."""
        if self._head != "all":
            return _SCORES[self._head](asked, found)
        return sum((weight * _SCORES[head](asked, found) for head, weight in WEIGHTS.items()), torch.zeros(()))

    def matches(self, query: str, text: str) -> tuple[list[int], list[int], np.ndarray]:
        """As `LateInteraction.matches`."""
        (prepared,) = self.prepare(query, [text])
        pair: Pair = prepared.payload
        with torch.inference_mode():
            asked, found = (self._model.of([each]) for each in (pair.query, pair.document))
            assert asked.vectors is not None
            assert found.vectors is not None
            products = (asked.vectors[1:] @ found.vectors[1:].T).cpu().numpy()
        ids = [np.concatenate(each.payload.pieces).tolist()[1:] for each in (pair.query, pair.document)]
        return ids[0], ids[1], products


def _dense(asked: _Of, found: _Of) -> Tensor:
    assert asked.dense is not None
    assert found.dense is not None
    return found.dense @ asked.dense[0]


def _sparse(asked: _Of, found: _Of) -> Tensor:
    assert asked.words is not None
    assert found.words is not None
    terms = asked.words[0].nonzero()[:, 0]
    return found.words[:, terms] @ asked.words[0, terms]


def _colbert(asked: _Of, found: _Of) -> Tensor:
    assert asked.vectors is not None
    assert found.vectors is not None
    products = found.vectors @ asked.vectors[1:].T
    products[found.batch.first] = -torch.inf
    return found.batch.largest(products).mean(dim=1)


_SCORES: dict[str, Callable[[_Of, _Of], Tensor]] = {"dense": _dense, "sparse": _sparse, "colbert": _colbert}


class M3Sparse:
    """Encodes texts (`prepare`) and scores pairs (`rerank_inputs`). `dimension` is the size of the vocabulary."""

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._model = Model(resolved, device, ("sparse",))
        self.tokenizer, self.document_store = self._model.tokenizer, self._model.texts.store
        self.packed, self.parallel, self.network = self._model.packed, self._model.parallel, self._model.network
        self.dimension = self._model.dimension
        self._at_once = max(_WORDS // self.dimension, 1)
        self._query = lru_cache(KEPT_QUERIES)(lambda query: self._model.texts.prepare([query])[0])
        self._asked = lru_cache(KEPT_QUERIES)(lambda pair: self._model.of([pair.query]))
        self._lock = threading.Lock()

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return self._model.texts.prepare(texts)

    def rerank_inputs(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text, to be scored with the query, which is encoded once."""
        asked = self._query(query)
        key = tuple(np.concatenate(asked.payload.pieces).tolist())
        documents = self._model.texts.prepare(texts)
        return [Prepared(each.tokens, asked.cut or each.cut, Pair(key, asked, each)) for each in documents]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Scores for inputs of `rerank_inputs`, vectors for those of `prepare`; a batch holds one kind."""
        parts = [batch[start : start + self._at_once] for start in range(0, len(batch), self._at_once)]
        with torch.inference_mode():
            return np.concatenate([self._part(part) for part in parts])

    def _part(self, batch: Sequence[Prepared]) -> np.ndarray:
        pairs = [each.payload for each in batch if isinstance(each.payload, Pair)]
        if not pairs:
            words = self._model.of(batch).words
            assert words is not None
            return words.cpu().numpy()
        found = self._model.of([pair.document for pair in pairs])
        scores = torch.zeros(len(pairs), device=found.states.device)
        for place, pair in enumerate(pairs):
            with self._lock:  # a second thread that needs the same query waits for the first
                asked = self._asked(pair)
            scores[place] = _sparse(asked, found)[place]
        return scores.cpu().numpy()


def sparse(resolved: ResolvedModel, device: Device) -> Sparse | M3Sparse:
    """Any learned sparse model."""
    return M3Sparse(resolved, device) if resolved.recipe.head else Sparse(resolved, device)


def late_interaction(resolved: ResolvedModel, device: Device) -> LateInteraction | M3Reranker:
    """Any late-interaction model."""
    return M3Reranker(resolved, device) if resolved.recipe.head else LateInteraction(resolved, device)


def _linear(resolved: ResolvedModel, width: int, head: str, rows: int | None, device: str) -> tuple[Tensor, Tensor]:
    """The weight and bias of a head, fp32. Raises `Problem` for a file that is not one."""
    place = resolved.path / HEADS[head]
    shapes = pickle_file.shapes(place)
    weight = shapes.get("weight", ())
    if len(weight) != 2 or weight[1] != width or weight[0] != (rows or weight[0]) or shapes.get("bias") != weight[:1]:
        raise Problem(
            f"{place.name} of {resolved.info.name} is not the head of a bge-m3: copy or download the model again.",
            detail=f"{place}: {shapes}",
        )
    try:
        read = torch.load(place, map_location="cpu", weights_only=True)
    except Exception as error:
        raise problems.problem(resolved, error) from error
    return read["weight"].float().to(device), read["bias"].float().to(device)
