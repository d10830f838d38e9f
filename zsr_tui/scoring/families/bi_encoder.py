"""Bi-encoders through sentence-transformers: its modules, pooling, normalisation and prompts; batching is ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import cpu_encoder, text_encoder, torch_text
from zsr_tui.scoring.models import checkpoint, problems
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared

_UNUSED = ("pooler.",)  # the layer for next-sentence prediction, whose result no pooling reads


class BiEncoder:
    """`dimension` is the width of the vectors, after a Matryoshka cut where the name, the catalogue or the files
    ask for one.

    The transformer runs in the model's precision; what stands behind it (pooling, projections, normalisation) in fp32.
    """

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        recipe = resolved.recipe
        self._device = device
        fused = cpu_encoder.suits(resolved, device)
        self._model = _sentence_transformer(resolved, device, "fp32" if fused else resolved.precision).eval()
        problems.check_weights(resolved, self._model, unused=_UNUSED)
        if fused:
            cpu_encoder.install(self._model)
        else:
            _set_precision(self._model, resolved, device)
        torch_text.limit_length(self._model, resolved)
        self._prompts = text_encoder.prompts(resolved, self._model.prompts, self._model.default_prompt_name)
        self._brackets = {"query": recipe.query_brackets, "document": recipe.document_brackets}
        similarity = checkpoint.read_json(resolved.path / "config_sentence_transformers.json").get("similarity_fn_name")
        text_encoder.check_similarity(resolved, similarity, "dense")
        self._cut = recipe.dimension or self._model.truncate_dim
        self._model.truncate_dim = None  # the cut is made here
        self._normalize = recipe.normalize if recipe.normalize is not None else similarity == "cosine"
        if recipe.dimension and _ends_normalised(self._model):
            self._normalize = True  # a part of a vector of length 1 is shorter
        self._plain = torch_text.is_plain(self._model)
        self.parallel = self._plain
        if recipe.query_brackets and not self._plain:
            raise Problem(
                f"{resolved.info.name} has no tokenizer that brackets can be put around: its files are not SGPT's."
            )
        self.dimension = int(self.run(self.prepare(["a"], "document")).shape[1])
        text_encoder.check_dimension(resolved, self.dimension)

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        tokenizer = self._model.tokenizer
        if not self._plain:
            return [Prepared(_rough_tokens(text, self._model), False, (role, text)) for text in texts]
        prompted = [self._prompts[role] + text for text in texts]
        if self._brackets[role]:
            return torch_text.bracketed(tokenizer, prompted, self._brackets[role])
        return torch_text.tokenise(tokenizer, prompted)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        with torch.inference_mode():
            if self._plain:
                inputs = torch_text.features(self._model.tokenizer, batch, self._device)
                vectors = self._model(inputs)["sentence_embedding"].float()
            else:
                vectors = self._encode(batch).float()
            vectors = vectors[:, : self._cut]
            if self._normalize:
                vectors = torch.nn.functional.normalize(vectors, p=2, dim=1)
            return vectors.cpu().numpy()

    def _encode(self, batch: Sequence[Prepared]) -> Any:
        """Models with inputs of their own kind go through sentence-transformers' encode, as one batch for each role."""
        places: dict[str, list[int]] = {}
        for place, prepared in enumerate(batch):
            places.setdefault(prepared.payload[0], []).append(place)
        parts = []
        for role, where in places.items():
            encode = self._model.encode_query if role == "query" else self._model.encode_document
            texts = [batch[place].payload[1] for place in where]
            parts.append(
                encode(
                    texts,
                    prompt=self._prompts[role],
                    batch_size=len(texts),
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
            )
        order = torch.tensor([place for where in places.values() for place in where])
        return torch.cat(parts)[torch.argsort(order)]


def _rough_tokens(text: str, model: Any) -> int:
    return min(len(text) // 4 + 2, model.max_seq_length or len(text))


def _ends_normalised(model: Any) -> bool:
    return any(type(module).__name__ == "Normalize" for module in model)


def _set_precision(model: Any, resolved: ResolvedModel, device: Device) -> None:
    """The transformer in the model's precision, the modules behind it in fp32: they are read again from their files,
    since sentence-transformers has rounded them to the transformer's precision."""
    model[0].to(torch_text.torch_dtype(resolved.precision))
    paths = [str(module.get("path", "")) for module in checkpoint.modules(resolved.path)]
    for index, module in enumerate(model):
        if index == 0:
            continue
        if any(True for _ in module.parameters()):
            options = {"local_files_only": True, "trust_remote_code": resolved.trusted}
            module = type(module).load(str(resolved.path), subfolder=paths[index], **options)
            model[index] = module.float().to(device.name).eval()
        model[index].register_forward_pre_hook(_in_fp32)


def _in_fp32(_: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    features, *others = inputs
    raised = {
        name: value.float() if isinstance(value, torch.Tensor) and value.is_floating_point() else value
        for name, value in features.items()
    }
    return (raised, *others)


def _sentence_transformer(resolved: ResolvedModel, device: Device, precision: str) -> Any:
    model = SentenceTransformer(str(resolved.path), **torch_text.loading_options(resolved, device, precision))
    if resolved.recipe.pooling and not checkpoint.module_types(resolved.path):
        transformer: Any = model[0]
        pooling = Pooling(transformer.get_embedding_dimension(), resolved.recipe.pooling)
        model = SentenceTransformer(modules=[transformer, pooling], device=device.name)
    return model


load = BiEncoder
