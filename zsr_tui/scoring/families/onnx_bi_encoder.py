"""Bi-encoders in ONNX files: token vectors pooled and normalised as sentence-transformers does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import text_encoder
from zsr_tui.scoring.families.onnx_session import OnnxSession
from zsr_tui.scoring.models import checkpoint, declared
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.scoring.tokens.inputs import Singles

# token vectors of one input without padding, (tokens, width) -> (width,)
POOLINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cls": lambda vectors: vectors[0],
    "mean": lambda vectors: vectors.mean(axis=0),
    "max": lambda vectors: vectors.max(axis=0),
    "mean_sqrt_len_tokens": lambda vectors: vectors.sum(axis=0) / len(vectors) ** 0.5,
    "weightedmean": lambda vectors: np.average(vectors, axis=0, weights=range(1, len(vectors) + 1)),
    "lasttoken": lambda vectors: vectors[-1],
}
_TOKEN_VECTORS = ("last_hidden_state", "token_embeddings")
_APPLIED = ("Transformer", "Pooling", "Normalize")  # modules of sentence-transformers that are done here


class OnnxBiEncoder:
    """`dimension` is the width of the vectors, after a Matryoshka cut where one is asked for."""

    def __init__(self, resolved: ResolvedModel, _: Device) -> None:
        modules = [name.rpartition(".")[2] for name in checkpoint.module_types(resolved.path)]
        text_encoder.check_similarity(resolved, "dense")
        self._session = OnnxSession(resolved)
        self.tokenizer = self._session.tokenizer
        prompts = text_encoder.prompts(resolved)
        self._texts = {
            role: Singles(self._session.tokenizer, self._session.longest, prompt) for role, prompt in prompts.items()
        }
        self.document_store = self._texts["document"].store
        self._output, pooled = _output(resolved, self._session.outputs)
        self._pools = [] if pooled else [POOLINGS[name] for name in _poolings(resolved, prompts)]
        if not pooled and (others := [name for name in modules if name not in _APPLIED]):
            raise Problem(
                f"{resolved.info.name} has modules behind its ONNX file that are not in it ({', '.join(others)}): use "
                "its safetensors, or an ONNX file that gives sentence_embedding."
            )
        self._last_normalizes = modules[-1:] == ["Normalize"]  # before the cut, whatever vectors are compared by
        self._normalize = text_encoder.normalizes(resolved)
        self._cut = resolved.recipe.dimension or declared.settings(resolved.path).get("truncate_dim")
        self.dimension = int(self.run(self.prepare(["a"], "document")).shape[1])
        text_encoder.check_dimension(resolved, self.dimension)

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        return self._texts[role].prepare(texts)

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        import numpy as np

        raw = [each.astype(np.float32) for each in self._session.run(batch, self._output)]
        if self._pools:
            raw = [np.concatenate([pool(each) for pool in self._pools]) for each in raw]
        vectors = np.stack(raw).astype(np.float32)
        if self._last_normalizes:
            vectors = _normalized(vectors)
        vectors = vectors[:, : self._cut]
        return _normalized(vectors) if self._normalize else vectors


def _normalized(vectors: np.ndarray) -> np.ndarray:
    """As torch.nn.functional.normalize, with its floor for vectors of length 0."""
    import numpy as np

    lengths: np.ndarray = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def _output(resolved: ResolvedModel, outputs: dict[str, int]) -> tuple[str, bool]:
    """The output that holds the vectors, and whether it is one for each text rather than for each token."""
    for name in ("sentence_embedding", *_TOKEN_VECTORS, next(iter(outputs))):
        if name != "logits" and outputs.get(name) in (2, 3):
            return name, outputs[name] == 2
    raise Problem(
        f"{resolved.info.name} is no bi-encoder: its ONNX file gives {', '.join(outputs)}, and no vectors of texts or "
        "tokens."
    )


def _poolings(resolved: ResolvedModel, prompts: dict[str, str]) -> Sequence[str]:
    said = resolved.recipe.pooling
    modes = [said] if said else declared.pooling(resolved.path)
    if not modes or not set(modes) <= set(POOLINGS):
        raise Problem(
            f"{resolved.info.name} does not say how its token vectors are pooled: put a 1_Pooling/config.json with a "
            f"pooling_mode of {', '.join(POOLINGS)} beside its ONNX file.",
            detail=str(resolved.path),
        )
    if declared.leaves_prompt_out(resolved.path) and any(prompts.values()):
        raise Problem(
            f"{resolved.info.name} leaves its prompt out of the pooling, which is not done for ONNX files: use its "
            "safetensors."
        )
    return modes
