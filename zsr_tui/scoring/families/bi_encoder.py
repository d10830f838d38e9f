"""Bi-encoders with sentence-transformers' modules, pooling, normalisation and prompts. The transformer is a network of
ours where there is one for its architecture; batching is ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import packing, sharing, text_encoder, text_inputs, torch_text
from zsr_tui.scoring.models import checkpoint, declared, unsaid
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import batch as batches
from zsr_tui.scoring.networks import choose, pooling
from zsr_tui.scoring.networks.runner import Runner
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
        packed = packing.wanted(resolved, device)
        model = _sentence_transformer(resolved, devices.cpu() if packed else device, "fp32" if packed else "")
        torch_text.limit_length(model, resolved)
        self._model, self.tokenizer, self._longest = model, model.tokenizer, model.max_seq_length
        self._plain = self.parallel = torch_text.is_plain(model)
        packed = packed or packing.decodes(resolved, device, model)
        pooled = self._packed(resolved) if packed else None
        self._runner = Runner(device, lambda batch: self._cut_off(pooled(batch))) if pooled else None
        self.packed, self.network = pooled is not None, pooled and pooled.network
        if not self.packed:
            model.to(device.name)
            _set_precision(model, resolved, device)
        if recipe.ends and self.tokenizer("a")["input_ids"][-1] != self.tokenizer.eos_token_id:
            raise Problem(
                f"{resolved.info.name} is read at the end token of a text, and its tokenizer adds none: take the "
                "tokenizer files that it was published with, which do."
            )
        self._prompts = text_encoder.prompts(resolved)
        text_encoder.check_similarity(resolved, "dense")
        self._cut = recipe.dimension or model.truncate_dim
        model.truncate_dim = None  # the cut is made here
        # also where a last module has done it: what is kept of a vector of length 1 is shorter
        self._normalize = text_encoder.normalizes(resolved)
        if recipe.query_brackets and not self._plain:
            raise Problem(
                f"{resolved.info.name} has no tokenizer that brackets can be put around: its files are not SGPT's."
            )
        self._typed = not recipe.query_brackets  # SGPT's models read no types of tokens
        brackets = {"query": recipe.query_brackets, "document": recipe.document_brackets}
        self._texts = {
            role: text_inputs.singles(self.tokenizer, self._longest, prompt, brackets[role])
            for role, prompt in (self._prompts.items() if self._plain else ())
        }
        self.document_store = self._texts["document"].store if self._plain else None
        self.dimension = int(self.run(self.prepare(["a"], "document")).shape[1])
        text_encoder.check_dimension(resolved, self.dimension)

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        if self._plain:
            return self._texts[role].prepare(texts)
        return [torch_text.rough((role, text), len(text), self._longest) for text in texts]

    def start(self, batch: Sequence[Prepared]) -> batches.Running:
        """The vectors of a batch, on their way; see `networks.batch.start`."""
        if self._runner is None:
            payloads = [prepared.payload for prepared in batch]
            return batches.start(self._device, lambda: self._cut_off(self._unpacked(payloads)))
        return self._runner.start(batch)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        return self.start(batch).rows()

    def _cut_off(self, vectors: torch.Tensor) -> torch.Tensor:
        vectors = vectors.float()[:, : self._cut]
        return torch.nn.functional.normalize(vectors, p=2, dim=1) if self._normalize else vectors

    def _packed(self, resolved: ResolvedModel) -> pooling.Pooled | None:
        """The transformer as a network of ours with the modules behind it; None where it has none."""
        first, *behind = self._model
        reason = pooling.against(behind) if self._plain else "its inputs are its own"
        if reason or not text_inputs.types_fit(self.tokenizer):
            return None
        network = sharing.one(
            sharing.weights(resolved, self._device),
            lambda: choose.network(first.model, torch_text.torch_dtype(resolved.precision), self._device.name),
        )
        if network is None:
            return None
        self._model = None
        return pooling.Pooled(network, [module.to(self._device.name) for module in behind])

    def _unpacked(self, payloads: Sequence[Any]) -> torch.Tensor:
        if self._plain:
            inputs = text_inputs.features(self.tokenizer, payloads, self._device, types=self._typed)
            return self._model(inputs)["sentence_embedding"]
        return self._encode(payloads)

    def _encode(self, payloads: Sequence[Any]) -> torch.Tensor:
        """For inputs of their own kind, as one batch for each role."""
        roles, texts = zip(*payloads, strict=True)

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
    """By its own modules, with the recipe's pooling in place of theirs; a table of token vectors without any."""
    if unsaid.is_model2vec(resolved.path):
        return SentenceTransformer(modules=[StaticEmbedding.load(str(resolved.path))], device=device.name).eval()
    model = torch_text.opened(SentenceTransformer, resolved, device, precision, _UNUSED)
    modules = checkpoint.module_types(resolved.path)
    if modes := resolved.recipe.pooling or (not modules and declared.pooling(resolved.path)):
        places = [place for place, module in enumerate(model) if isinstance(module, Pooling)]
        if modules and not places:
            raise Problem(f"{resolved.info.name} has no pooling that another could take the place of: leave it out.")
        for place in places:
            own = model[place]
            model[place] = Pooling(own.embedding_dimension, modes, include_prompt=own.include_prompt)
    return model
