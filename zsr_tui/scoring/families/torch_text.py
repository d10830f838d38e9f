"""Tokenised text for models that torch runs: once per input, padded per batch, truncation known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared

_NAMES = ("input_ids", "attention_mask", "token_type_ids")


def torch_dtype(precision: str) -> Any:
    """Of "fp32", "bf16" or "fp16"."""
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def loading_options(resolved: ResolvedModel, device: Device, precision: str = "") -> dict[str, Any]:
    """For sentence-transformers models: from the local folder alone, in the model's precision if none is given; code
    of its own only where the user allows it for this model."""
    logging.disable_progress_bar()
    return {
        "device": device.name,
        "local_files_only": True,
        "trust_remote_code": resolved.trusted,
        "model_kwargs": {"dtype": torch_dtype(precision or resolved.precision)},
    }


def limit_length(model: Any, resolved: ResolvedModel) -> None:
    """Makes a sentence-transformers model cut inputs where the catalogue or the model's own files say."""
    limits = (model.max_seq_length, checkpoint.max_length(resolved.path), resolved.recipe.max_length)
    model.max_seq_length = min(limit for limit in limits if limit)


def is_plain(model: Any) -> bool:
    """Whether a sentence-transformers model, or the modules of one, takes nothing but a fast tokenizer's output: no
    chat template, no routing by task, no prompt left out of the pooling."""
    tokenizer = getattr(model[0], "tokenizer", None)
    return (
        type(model[0]).__name__ == "Transformer"
        and isinstance(tokenizer, PreTrainedTokenizerBase)
        and tokenizer.is_fast
        and set(model[0].modality_config) == {"text"}
        and all(getattr(module, "include_prompt", True) for module in model)
    )


def tokenise(
    tokenizer: Any, texts: list[str], pairs: list[str] | None = None, *, limit: int | None = None
) -> list[Prepared]:
    """As sentence-transformers does: special tokens, the longer of a pair cut first; the tokenizer's own limit where
    none is given."""
    # padding is asked for per batch; a tokenizer file may ask for a fixed length of its own
    encoded = tokenizer(texts, pairs, truncation="longest_first", max_length=limit, padding=False)
    names = [name for name in _NAMES if name in encoded]
    return [
        Prepared(
            tokens=len(encoded["input_ids"][index]),
            cut=bool(encoding.overflowing),
            payload={name: encoded[name][index] for name in names},
        )
        for index, encoding in enumerate(encoded.encodings)
    ]


def bracketed(tokenizer: Any, texts: list[str], brackets: Sequence[str]) -> list[Prepared]:
    """SGPT's inputs: the text's tokens between the tokens of two brackets, which are never cut off."""
    left, right = (tokenizer(bracket, add_special_tokens=False)["input_ids"] for bracket in brackets)
    room = tokenizer.model_max_length - len(left) - len(right)
    encoded = tokenizer(texts, add_special_tokens=False, truncation=True, max_length=room, padding=False)
    prepared = []
    for ids, encoding in zip(encoded["input_ids"], encoded.encodings, strict=True):
        whole = [*left, *ids, *right]
        payload = {"input_ids": whole, "attention_mask": [1] * len(whole)}
        prepared.append(Prepared(len(whole), bool(encoding.overflowing), payload))
    return prepared


def features(tokenizer: Any, batch: Sequence[Prepared], device: Device) -> dict[str, Any]:
    """The padded tensors of a batch, on the device, as sentence-transformers modules take them."""
    names = batch[0].payload
    padded = tokenizer.pad(
        {name: [prepared.payload[name] for prepared in batch] for name in names}, padding=True, return_tensors="pt"
    )
    return {**{name: on_device(tensor, device) for name, tensor in padded.items()}, "modality": "text"}


def on_device(tensor: Any, device: Device) -> Any:
    """A batch's tensor where it is computed: to a GPU through pinned memory, without waiting for the copy."""
    if device.name.startswith("cuda"):
        return tensor.pin_memory().to(device.name, non_blocking=True)
    return tensor.to(device.name)
