"""sentence-transformers as people use it, in a process of its own: what the engine sets for its memory is not there."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

Timed = tuple[np.ndarray, float, float]  # what came out, seconds by the clock, seconds of the processors
_model: Any = None


class Usual:
    """`kind`: "CrossEncoder" or "SentenceTransformer", in fp32, everything else at its defaults."""

    def __init__(self, kind: str, folder: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._process = ProcessPoolExecutor(1, mp_context=context, initializer=_load, initargs=(kind, folder))

    def run(self, inputs: Sequence[Any]) -> Timed:
        """Scores of pairs by `predict`, or vectors of texts by `encode`."""
        return self._process.submit(_run, list(inputs)).result()

    def logits(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        return self._process.submit(_logits, list(pairs)).result()

    def close(self) -> None:
        self._process.shutdown()


def _load(kind: str, folder: str) -> None:
    import sentence_transformers
    import torch
    from transformers.utils import logging

    global _model
    logging.disable_progress_bar()
    options = {"local_files_only": True, "model_kwargs": {"dtype": torch.float32}}
    _model = getattr(sentence_transformers, kind)(folder, **options)


def _run(inputs: list[Any]) -> Timed:
    call = _model.predict if hasattr(_model, "predict") else _model.encode
    began, used = time.perf_counter(), time.process_time()
    found = call(inputs, show_progress_bar=False)
    return found, time.perf_counter() - began, time.process_time() - used


def _logits(pairs: list[tuple[str, str]]) -> np.ndarray:
    import torch

    found: np.ndarray = _model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    return found
