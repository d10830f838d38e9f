"""Bi-encoders through sentence-transformers: its modules, pooling, normalisation and prompts; batching is ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.scoring import checkpoint
from zsr_tui.scoring.families import torch_text
from zsr_tui.scoring.families.base import Prepared

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.devices import Device
    from zsr_tui.scoring.weights import ResolvedModel

# sentence-transformers' own order of names (encode_query, encode_document)
_PROMPT_NAMES = {"query": ("query",), "document": ("document", "passage", "corpus")}


class BiEncoder:
    """`dimension` is the width of the vectors, after a Matryoshka cut where the model's files ask for one."""

    def __init__(self, resolved: ResolvedModel, device: Device) -> None:
        import torch

        recipe = resolved.recipe
        self._device = device
        self._model = _sentence_transformer(resolved, device)
        self._model.to(torch.float32).eval()  # modules behind the transformer have the precision of their files
        torch_text.limit_length(self._model, resolved)
        self._prompts = {
            "query": self._prompt("query", recipe.query_prompt),
            "document": self._prompt("document", recipe.document_prompt),
        }
        self._brackets = {"query": recipe.query_brackets, "document": recipe.document_brackets}
        similarity = checkpoint.read_json(resolved.path / "config_sentence_transformers.json").get("similarity_fn_name")
        if similarity in ("euclidean", "manhattan"):
            raise Problem(
                f"{resolved.info.name} compares by {similarity} distance, dense retrieval here by inner product: "
                "choose a model that compares by cosine or dot product."
            )
        self._normalize = recipe.normalize if recipe.normalize is not None else similarity == "cosine"
        self._plain = torch_text.is_plain(self._model) and self._model.truncate_dim is None
        if recipe.query_brackets and not self._plain:
            raise Problem(
                f"{resolved.info.name} has no tokenizer that brackets can be put around: its files are not SGPT's."
            )
        self.dimension = int(self.run(self.prepare(["a"], "document")).shape[1])

    def _prompt(self, role: str, given: str | None) -> str:
        if given is not None:
            return given
        named = [name for name in _PROMPT_NAMES[role] if self._model.prompts.get(name) is not None]
        name = named[0] if named else self._model.default_prompt_name
        return (self._model.prompts.get(name) or "") if name else ""

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        tokenizer = self._model.tokenizer
        if not self._plain:
            return [Prepared(_rough_tokens(text, self._model), False, (role, text)) for text in texts]
        prompted = [self._prompts[role] + text for text in texts]
        if self._brackets[role]:
            return torch_text.bracketed(tokenizer, prompted, self._brackets[role])
        return torch_text.tokenise(tokenizer, prompted)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        import torch

        with torch.inference_mode():
            if self._plain:
                inputs = torch_text.features(self._model.tokenizer, batch, self._device)
                vectors = self._model(inputs)["sentence_embedding"]
            else:
                vectors = self._encode(batch)
            if self._normalize:
                vectors = torch.nn.functional.normalize(vectors, p=2, dim=1)
            return vectors.float().cpu().numpy()

    def _encode(self, batch: Sequence[Prepared]) -> Any:
        """Models with inputs of their own kind go through sentence-transformers' encode, as one batch."""
        role = batch[0].payload[0]
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        return encode(
            [prepared.payload[1] for prepared in batch],
            prompt=self._prompts[role],
            batch_size=len(batch),
            convert_to_tensor=True,
            show_progress_bar=False,
        )


def _rough_tokens(text: str, model: Any) -> int:
    return min(len(text) // 4 + 2, model.max_seq_length or len(text))


def _sentence_transformer(resolved: ResolvedModel, device: Device) -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(resolved.path), **torch_text.loading_options(device))
    if resolved.recipe.pooling and not checkpoint.module_types(resolved.path):
        from sentence_transformers.sentence_transformer.modules import Pooling

        transformer: Any = model[0]
        pooling = Pooling(transformer.get_embedding_dimension(), resolved.recipe.pooling)
        model = SentenceTransformer(modules=[transformer, pooling], device=device.name)
    return model


def load(resolved: ResolvedModel, device: Device) -> BiEncoder:
    return BiEncoder(resolved, device)
