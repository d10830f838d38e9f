"""Bi-encoders through sentence-transformers: its modules, pooling, normalisation and prompts; batching is ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer.modules import Pooling

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import cpu_encoder, text_encoder, torch_text
from zsr_tui.scoring.models import checkpoint
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
        self._model = _sentence_transformer(resolved, device, "fp32" if fused else resolved.precision)
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
        if recipe.dimension and any(type(module).__name__ == "Normalize" for module in self._model):
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
            return [torch_text.rough((role, text), len(text), self._model.max_seq_length) for text in texts]
        prompted = [self._prompts[role] + text for text in texts]
        if self._brackets[role]:
            return torch_text.bracketed(tokenizer, prompted, self._brackets[role])
        return torch_text.tokenise(tokenizer, prompted)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        with torch.inference_mode():
            if self._plain:
                payloads = [prepared.payload for prepared in batch]
                inputs = torch_text.features(self._model.tokenizer, payloads, self._device)
                vectors = self._model(inputs)["sentence_embedding"].float()
            else:
                vectors = self._encode(batch).float()
            vectors = vectors[:, : self._cut]
            if self._normalize:
                vectors = torch.nn.functional.normalize(vectors, p=2, dim=1)
            return vectors.cpu().numpy()

    def _encode(self, batch: Sequence[Prepared]) -> torch.Tensor:
        """For inputs of their own kind, as one batch for each role."""
        roles, texts = zip(*(prepared.payload for prepared in batch), strict=True)

        def rows(role: str, where: list[int]) -> torch.Tensor:
            chosen = [texts[place] for place in where]
            return torch_text.encoded(self._model, role, chosen, self._prompts[role], convert_to_tensor=True)

        return torch_text.by_role(roles, rows)


def _set_precision(model: Any, resolved: ResolvedModel, device: Device) -> None:
    """Transformers in the model's precision, all others in fp32: what stands behind the first module is read again from
    its files, since sentence-transformers has rounded it to the first module's precision."""
    for part in torch_text.transformers(model):
        part.to(torch_text.torch_dtype(resolved.precision))
    for route in model[0].sub_modules.values() if isinstance(model[0], Router) else ():
        for module in list(route.children())[1:]:
            module.float().register_forward_pre_hook(_in_fp32)
    paths = [str(module.get("path", "")) for module in checkpoint.modules(resolved.path)]
    for index, module in list(enumerate(model))[1:]:
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
    model = torch_text.opened(SentenceTransformer, resolved, device, precision, _UNUSED)
    if resolved.recipe.pooling and not checkpoint.module_types(resolved.path):
        pooling = Pooling(model[0].get_embedding_dimension(), resolved.recipe.pooling)
        model = SentenceTransformer(modules=[model[0], pooling], device=device.name).eval()
    return model
