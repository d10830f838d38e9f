"""Learned sparse models (SPLADE) through sentence-transformers' SparseEncoder: a weight for each term of a vocabulary.

Its modules, pooling, prompts, and the query's own way where a model has one (inference-free models look the query's
terms up and run nothing) are kept; tokenising and batching are ours. One loaded model is the encoder of an inverted
index and a reranker, whose score is the inner product of the two vectors.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from sentence_transformers import SparseEncoder
from sentence_transformers.sparse_encoder.modules import Router, SparseStaticEmbedding, SpladePooling
from sentence_transformers.util import select_max_active_dims

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import packing, text_encoder, text_inputs, torch_text
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks.batch import Packer
from zsr_tui.scoring.networks.vocabulary import Vocabulary, vocabulary
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.store import TokenStore, store

_QUERIES = 64  # a rerank of many documents comes in several calls, and its query's vector is kept between them
_CPU_LOGITS, _GPU_LOGITS = 1 << 28, 1 << 31  # bytes of token logits at once, which are as wide as the vocabulary


@dataclass(slots=True)
class _Query:
    """A reranker's query. The first worker that meets it fills in its terms, which are no device's own."""

    text: _Text
    terms: np.ndarray | None = None  # int64
    weights: np.ndarray | None = None  # float32


@dataclass(frozen=True, slots=True)
class _Text:
    """A payload: the input of a route, and the query that it is a document for, if it is to be scored."""

    role: str
    input: Prepared
    query: _Query | None = None


class Sparse:
    """Encodes texts (`prepare`) and scores pairs (`rerank_inputs`). `dimension` is the size of the vocabulary."""

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        self._device = device
        possible = packing.possible(resolved, device)
        where, precision = (devices.cpu(), "fp32") if possible else (device, resolved.precision)
        model = torch_text.opened(SparseEncoder, resolved, where, precision, unused=("pooler.",))
        text_encoder.check_similarity(resolved, "sparse")
        self._normalize = model.similarity_fn_name == "cosine"
        self._routes = _routes(model, resolved, device, packs=possible)
        self.document_store = self._routes["document"].store
        self._query = lru_cache(_QUERIES)(lambda query: _Query(self.prepare([query], "query")[0].payload))
        self.tokenizer = _modules(model, "document")[0].tokenizer
        self._lock = threading.Lock()
        self.packed = all(isinstance(route, _LookedUp | _Packed) for route in self._routes.values())
        whole = any(isinstance(route, _Encoded) for route in self._routes.values())
        self.parallel = not whole and torch_text.allows_threads(resolved, model)
        self.dimension = int(self.run(self.prepare(["a"], "document")).shape[1])

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        inputs = self._routes[role].tokenise(texts)
        return [Prepared(each.tokens, each.cut, _Text(role, each)) for each in inputs]

    def rerank_inputs(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text, to be scored with the query, which is encoded once."""
        shared = self._query(query)
        return [
            Prepared(each.tokens, each.cut or shared.text.input.cut, replace(each.payload, query=shared))
            for each in self.prepare(texts, "document")
        ]

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Scores for inputs of `rerank_inputs`, vectors for those of `prepare`; a batch holds one kind."""
        texts: list[_Text] = [prepared.payload for prepared in batch]
        queries = [text.query for text in texts if text.query is not None]
        if queries and len(queries) < len(texts):
            raise ValueError("a batch of a sparse model holds texts to encode or pairs to score, not both")
        with torch.inference_mode():
            found = self._scores(texts, queries) if queries else self._vectors(texts)
            return found.cpu().numpy()

    def _vectors(self, texts: Sequence[_Text]) -> Any:
        """(texts, dimension) float32, on the device."""

        def rows(role: str, where: list[int]) -> torch.Tensor:
            return self._routes[role].vectors([texts[position].input for position in where]).to(self._device.name)

        vectors = torch_text.by_role([text.role for text in texts], rows).float()
        return torch.nn.functional.normalize(vectors, p=2, dim=1) if self._normalize else vectors

    def _scores(self, texts: Sequence[_Text], queries: Sequence[_Query]) -> Any:
        """(texts,) float32, on the device: the terms of the query alone, summed in fp32."""
        distinct = {id(query): query for query in queries}
        with self._lock:  # a second thread that needs the same query waits for the first
            new = [query for query in distinct.values() if query.weights is None]
            if new:
                for query, vector in zip(new, self._vectors([query.text for query in new]).cpu().numpy(), strict=True):
                    query.terms = vector.nonzero()[0]
                    query.weights = vector[query.terms]
        vectors = self._vectors(texts)
        scores = torch.zeros(len(texts), device=vectors.device)
        for key, query in distinct.items():
            own = [position for position, each in enumerate(queries) if id(each) == key]
            positions = torch.tensor(own, device=vectors.device)
            terms = torch.as_tensor(query.terms, device=vectors.device)
            weights = torch.as_tensor(query.weights, device=vectors.device)
            scores[positions] = (vectors[positions[:, None], terms] * weights).sum(dim=1)
        return scores


class _LookedUp:
    """A text's terms with the weights of a table: nothing is run (SparseStaticEmbedding)."""

    def __init__(self, module: Any, most_terms: int | None, prompt: str) -> None:
        self.store, self._most_terms = store(module.tokenizer, prompt), most_terms
        self._longest = module.tokenizer.model_max_length
        self._weights = module.weight.detach().float().cpu()

    def tokenise(self, texts: Sequence[str]) -> list[Prepared]:
        found = [(ids, ids[: self._longest]) for ids in self.store.ids(texts)]
        return [Prepared(len(read), len(read) < len(ids), read) for ids, read in found]

    def vectors(self, inputs: Sequence[Prepared]) -> Any:
        vectors = torch.zeros(len(inputs), len(self._weights))
        for vector, each in zip(vectors, inputs, strict=True):
            terms = torch.from_numpy(each.payload.astype(np.int64))
            vector[terms] = self._weights[terms]
        return _strongest(vectors, self._most_terms)


class _Packed:
    """A network of ours and SPLADE's maximum over the tokens."""

    def __init__(
        self, vocabulary: Vocabulary, first: Any, pooling: Any, packer: Packer, most_terms: int | None, prompt: str
    ) -> None:
        self._vocabulary, self._packer, self._most_terms = vocabulary, packer, most_terms
        self._double = pooling.activation_function == "log1p_relu"
        self._texts = text_inputs.singles(first.tokenizer, first.max_seq_length, prompt)
        self.store = self._texts.store
        self._tokens = max((_GPU_LOGITS if packer.pinned else _CPU_LOGITS) // vocabulary.token_bytes, 1)

    def tokenise(self, texts: Sequence[str]) -> list[Prepared]:
        return self._texts.prepare(texts)

    def vectors(self, inputs: Sequence[Prepared]) -> Any:
        parts = _parts(inputs, self._tokens, padded=False)
        largest = [self._vocabulary(self._packer.pack([each.payload for each in part])) for part in parts]
        vectors = _weights(torch.cat(largest), double=self._double)
        return _strongest(vectors, self._most_terms)


class _Run:
    """A transformer and what is behind it."""

    def __init__(self, modules: Sequence[Any], device: Device, most_terms: int | None, prompt: str) -> None:
        self._first, self._rest = modules[0], modules[1:]
        self._device, self._most_terms = device, most_terms
        self._texts = text_inputs.singles(self._first.tokenizer, self._first.max_seq_length, prompt)
        self.store = self._texts.store
        self._pooling = modules[1] if len(modules) == 2 and isinstance(modules[1], SpladePooling) else None
        config = self._first.model.config
        logits_bytes = _CPU_LOGITS if device.name == "cpu" else _GPU_LOGITS
        width = getattr(config, "vocab_size", 1) * self._first.model.dtype.itemsize
        self._tokens = max(logits_bytes // width, 1) if self._pooling is not None else 1 << 30

    def tokenise(self, texts: Sequence[str]) -> list[Prepared]:
        return self._texts.prepare(texts)

    def vectors(self, inputs: Sequence[Prepared]) -> Any:
        return torch.cat([self._part(part) for part in _parts(inputs, self._tokens, padded=True)])

    def _part(self, inputs: Sequence[Prepared]) -> Any:
        payloads = [each.payload for each in inputs]
        features = self._first(text_inputs.features(self._first.tokenizer, payloads, self._device))
        if self._pooling is not None and self._pooling.pooling_strategy == "max":
            vectors = _largest(features, double=self._pooling.activation_function == "log1p_relu")
        else:
            for module in self._rest:
                takes = "max_active_dims" in getattr(module, "forward_kwargs", ()) and self._most_terms is not None
                features = module(features, **({"max_active_dims": self._most_terms} if takes else {}))
            vectors = features["sentence_embedding"].float()
        return _strongest(vectors, self._most_terms)


class _Encoded:
    """Models with inputs of their own kind go through SparseEncoder's own encode; what it cuts is not known."""

    store: TokenStore | None = None

    def __init__(self, model: Any, role: str, prompt: str) -> None:
        self._model, self._role, self._prompt = model, role, prompt

    def tokenise(self, texts: Sequence[str]) -> list[Prepared]:
        return [torch_text.rough(text, len(text), self._model.max_seq_length) for text in texts]

    def vectors(self, inputs: Sequence[Prepared]) -> Any:
        texts = [each.payload for each in inputs]
        return torch_text.encoded(self._model, self._role, texts, self._prompt, convert_to_sparse_tensor=False)


def _largest(features: dict[str, Any], *, double: bool) -> Any:
    """SpladePooling's max of log(1 + relu(logit)) over the tokens (https://arxiv.org/abs/2109.10086): the logarithm
    is monotone, so that the maximum is taken first and the logarithm of it alone, in fp32."""
    logits = features["token_embeddings"]
    logits[features["attention_mask"] == 0] = 0  # as SpladePooling has it: padding weighs nothing
    return _weights(logits.amax(dim=1).float(), double=double)


def _weights(largest: torch.Tensor, *, double: bool) -> torch.Tensor:
    weights = largest.relu().log1p()
    return weights.log1p() if double else weights


def _strongest(vectors: torch.Tensor, most_terms: int | None) -> torch.Tensor:
    """Those terms alone, where a model limits them (max_active_dims)."""
    return vectors if most_terms is None else select_max_active_dims(vectors, most_terms)


def _parts(inputs: Sequence[Prepared], tokens: int, *, padded: bool) -> Iterator[list[Prepared]]:
    """The inputs in order, so many at once that they stay within `tokens`, padding included where there is any."""
    part: list[Prepared] = []
    for each in inputs:
        lengths = [other.tokens for other in (*part, each)]
        if part and (max(lengths) * len(lengths) if padded else sum(lengths)) > tokens:
            yield part
            part = []
        part.append(each)
    yield part


def _routes(
    model: Any, resolved: ResolvedModel, device: Device, *, packs: bool
) -> dict[str, _LookedUp | _Packed | _Run | _Encoded]:
    """By role. `packs`: the model was loaded in fp32 on the processor, for networks of ours."""
    prompts, most = text_encoder.prompts(resolved), model.max_active_dims
    modules = {role: _modules(model, role) for role in prompts}
    routes: dict[str, _LookedUp | _Packed | _Run | _Encoded] = {
        role: _LookedUp(chain[0], most, prompts[role])
        for role, chain in modules.items()
        if len(chain) == 1 and isinstance(chain[0], SparseStaticEmbedding)
    }
    plain = [role for role in modules.keys() - routes.keys() if _is_plain(modules[role], role)]
    for role in plain:
        torch_text.limit_length(modules[role][0], resolved)
    dtype, packer = torch_text.torch_dtype(resolved.precision), Packer(device)
    made: dict[int, Vocabulary | None] = {}  # by transformer: both roles may have the same
    for role in plain if packs else ():
        first, *behind = modules[role]
        if id(first) not in made:
            made[id(first)] = _vocabulary(first, behind, dtype, device)
        if found := made[id(first)]:
            routes[role] = _Packed(found, first, behind[0], packer, most, prompts[role])
    model.to(device.name, dtype)  # the tables above stay as they are in their files
    for role in modules.keys() - routes.keys():
        encoded = _Encoded(model, role, prompts[role])
        routes[role] = _Run(modules[role], device, most, prompts[role]) if role in plain else encoded
    return routes


def _is_plain(modules: Sequence[Any], role: str) -> bool:
    """Whether inputs can be tokenised here."""
    return torch_text.is_plain(modules) and getattr(modules[0], f"{role}_length", None) is None


def _vocabulary(first: Any, behind: Sequence[Any], dtype: torch.dtype, device: Device) -> Vocabulary | None:
    """The transformer as a network of ours; None where it has none, or its logits are not read as SPLADE's."""
    splade = len(behind) == 1 and type(behind[0]) is SpladePooling and behind[0].pooling_strategy == "max"
    return vocabulary(first.model, dtype, device.name) if splade and text_inputs.types_fit(first.tokenizer) else None


def _modules(model: Any, role: str) -> list[Any]:
    """What a text of this role goes through."""
    first, *rest = model
    if not isinstance(first, Router):
        return [first, *rest]
    name = first.route_mappings.get((role, "text")) or first.route_mappings.get((role, None)) or role
    if name not in first.sub_modules:
        raise Problem(f"the model has no way for a {role}: its router knows {', '.join(first.sub_modules)}.")
    return [*first.sub_modules[name].children(), *rest]
