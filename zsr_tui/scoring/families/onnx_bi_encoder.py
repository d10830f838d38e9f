"""Bi-encoders in ONNX files: token vectors pooled and normalised as sentence-transformers does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from zsr_tui.domain import Problem
from zsr_tui.scoring import checkpoint
from zsr_tui.scoring.families.base import Prepared
from zsr_tui.scoring.families.onnx_session import OnnxSession

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.devices import Device
    from zsr_tui.scoring.weights import ResolvedModel

# token vectors of one input without padding, (tokens, width) -> (width,)
POOLINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cls": lambda vectors: vectors[0],
    "mean": lambda vectors: vectors.mean(axis=0),
    "max": lambda vectors: vectors.max(axis=0),
    "lasttoken": lambda vectors: vectors[-1],
}
_LEGACY = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "lasttoken",
}


class OnnxBiEncoder:
    def __init__(self, resolved: ResolvedModel) -> None:
        recipe = resolved.recipe
        self._session = OnnxSession(resolved)
        prompts = checkpoint.read_json(resolved.path / "config_sentence_transformers.json").get("prompts") or {}
        self._prompts = {
            "query": recipe.query_prompt if recipe.query_prompt is not None else prompts.get("query", ""),
            "document": recipe.document_prompt if recipe.document_prompt is not None else prompts.get("document", ""),
        }
        self._output = (
            "sentence_embedding" if "sentence_embedding" in self._session.outputs else self._session.outputs[0]
        )
        self._pool = None if self._output == "sentence_embedding" else POOLINGS[_pooling(resolved)]
        types = checkpoint.module_types(resolved.path)
        own = any(name.endswith(".Normalize") for name in types)
        self._normalize = recipe.normalize if recipe.normalize is not None else own
        self.dimension = int(self.run(self.prepare(["a"], "document")).shape[1])

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return self._session.prepare([self._prompts[role] + text for text in texts])

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        import numpy as np

        raw = self._session.run(batch, self._output)
        vectors = np.stack([self._pool(each) for each in raw] if self._pool else raw).astype(np.float32)
        if self._normalize:
            # torch.nn.functional.normalize: the same, with a floor for vectors of length 0
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _pooling(resolved: ResolvedModel) -> str:
    config = checkpoint.read_json(resolved.path / "1_Pooling" / "config.json")
    said = resolved.recipe.pooling or config.get("pooling_mode")
    modes = [said] if isinstance(said, str) else [name for key, name in _LEGACY.items() if config.get(key)]
    if len(modes) != 1 or modes[0] not in POOLINGS:
        raise Problem(
            f"{resolved.info.name} does not say how its token vectors are pooled: put a 1_Pooling/config.json with one "
            f"pooling_mode of {', '.join(POOLINGS)} beside its ONNX file.",
            detail=str(resolved.path),
        )
    return modes[0]


def load(resolved: ResolvedModel, device: Device) -> OnnxBiEncoder:
    return OnnxBiEncoder(resolved)
