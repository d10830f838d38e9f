"""How people score and encode today: sentence-transformers' classes, and for monoT5 transformers' full logits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

Pairs = Sequence[tuple[str, str]]
Run = Callable[[Pairs, int], Any]  # pairs in batches of so many


def of(kind: str, folder: Path, device: str, precision: str) -> Run:
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    options: dict[str, Any] = {"device": device, "local_files_only": True, "model_kwargs": {"dtype": dtype}}
    if kind == "monot5":
        return _full_logits(folder, device, dtype)
    if kind == "bi-encoder":
        from sentence_transformers import SentenceTransformer

        encoder = SentenceTransformer(str(folder), **options)
        return lambda pairs, size: encoder.encode([text for _, text in pairs], batch_size=size, show_progress_bar=False)
    from sentence_transformers import CrossEncoder

    reranker = CrossEncoder(str(folder), **options)
    return lambda pairs, size: reranker.predict(
        list(pairs), batch_size=size, activation_fn=torch.nn.Identity(), show_progress_bar=False
    )


def rate(run: Run, inputs: Pairs, size: int, device: str, seconds: float) -> float:
    """Inputs a second, measured on as many as take about so many seconds."""
    run(inputs[:8], size)
    found = _rate(run, inputs[: 2 * size], size, device)
    return _rate(run, inputs[: max(2 * size, int(found * seconds))], size, device)


def _rate(run: Run, inputs: Pairs, size: int, device: str) -> float:
    _wait(device)
    began = time.perf_counter()
    run(inputs, size)
    _wait(device)
    return len(inputs) / (time.perf_counter() - began)


def free(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def _full_logits(folder: Path, device: str, dtype: torch.dtype) -> Run:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    model: Any = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=dtype).to(device).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    pair = tokenizer.convert_tokens_to_ids(["▁true", "▁false"])

    def run(pairs: Pairs, size: int) -> Any:
        found = []
        with torch.inference_mode():
            for start in range(0, len(pairs), size):
                prompts = [f"Query: {query} Document: {text} Relevant:" for query, text in pairs[start : start + size]]
                fed = tokenizer(prompts, padding=True, truncation=True, max_length=512, return_tensors="pt").to(device)
                first = torch.zeros((len(prompts), 1), dtype=torch.long, device=device)
                logits = model(**fed, decoder_input_ids=first).logits[:, -1]
                found.append(logits[:, pair].float().log_softmax(-1)[:, 0])
        return torch.cat(found).cpu().numpy()

    return run
