"""Models that torch runs through sentence-transformers: loaded, limited in length, and asked whether they are plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers.base.modules import Transformer
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import merging
from zsr_tui.scoring.models import checkpoint, problems, towers
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared

_CHANGING = ("dynamic", "longrope")  # transformers' rope_type of positions that a long input rescales for what follows


def torch_dtype(precision: str) -> Any:
    """Of "fp32", "bf16" or "fp16"."""
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def opened(
    kind: Callable[..., Any], resolved: ResolvedModel, device: Device, precision: str = "", unused: tuple[str, ...] = ()
) -> Any:
    """A sentence-transformers model, checked, and never given more tokens than it has positions: see
    `loading_options`, and `problems.check_weights` for `unused`."""
    model = kind(str(resolved.path), **loading_options(resolved, device, precision))
    for part in transformers(model):
        merging.merge(resolved, part.model)
    problems.check_weights(resolved, model, unused=unused)
    for part in transformers(model):
        if part.tokenizer is not None:
            _check_padding(resolved, part.tokenizer, getattr(part.model.config, "pad_token_id", None))
            if part.query_expansion is None:  # which stands where the padding does, on the tokenizer's own side
                part.tokenizer.padding_side = "right"  # see `text_inputs.features`
        if positions := checkpoint.positions(part.model.config.to_dict()):
            part.max_seq_length = min(part.max_seq_length or positions, positions)
    return model.eval()


def _check_padding(resolved: ResolvedModel, tokenizer: Any, padding: int | None) -> None:
    """`padding` is the config's. Raises `Problem` where neither has any."""
    if tokenizer.pad_token_id is None and padding is not None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(padding)
    if tokenizer.pad_token_id is None and resolved.recipe.document_brackets:  # which say where a text ends
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.pad_token_id is None:
        raise Problem(
            f"{resolved.info.name} has no padding token, which tells where a text ends: add the one that it was "
            "trained with to its tokenizer_config.json (pad_token) and its config.json (pad_token_id).",
            detail=str(resolved.path),
        )


def loading_options(resolved: ResolvedModel, device: Device, precision: str = "") -> dict[str, Any]:
    """For sentence-transformers models: from the local folder alone, in the model's precision if none is given; code
    of its own only where the user allows it for this model."""
    logging.disable_progress_bar()
    names = towers.NAMES if towers.is_tower(checkpoint.read_json(resolved.path / "config.json")) else None
    return {
        "device": device.name,
        "local_files_only": True,
        "trust_remote_code": resolved.trusted,
        "model_kwargs": {
            "dtype": torch_dtype(precision or resolved.precision),
            **({"key_mapping": names} if names else {}),
        },
    }


def limit_length(model: Any, resolved: ResolvedModel) -> None:
    """Makes the transformers of a sentence-transformers model cut inputs where the catalogue or the model's own
    files say. Other first modules, as a table of word vectors, read all of a text."""
    said = (checkpoint.max_length(resolved.path), resolved.recipe.max_length)
    for part in transformers(model):
        part.max_seq_length = min(limit for limit in (part.max_seq_length, *said) if limit)


def transformers(model: Any) -> Iterator[Any]:
    """Within a sentence-transformers model: its first module, or one of a router's."""
    yield from (part for part in model.modules() if isinstance(part, Transformer))


def is_plain(modules: Any) -> bool:
    """Whether sentence-transformers modules take nothing but a fast tokenizer's output: no chat template, no
    routing by task, no prompt left out of the pooling."""
    first, tokenizer = modules[0], getattr(modules[0], "tokenizer", None)
    return (
        type(first).__name__ == "Transformer"
        and isinstance(tokenizer, PreTrainedTokenizerBase)
        and tokenizer.is_fast
        and set(first.modality_config) == {"text"}
        and all(getattr(module, "include_prompt", True) for module in modules)
    )


def allows_threads(resolved: ResolvedModel, model: Any) -> bool:
    """Of a torch model without further state of its own. False for one whose code is its own, since nobody knows what
    that keeps between calls."""
    kinds = [getattr(module, "rope_type", "") for module in model.modules()]
    return not resolved.trusted and not any(name in str(kind) for kind in kinds for name in _CHANGING)


def rough(payload: Any, characters: int, longest: int | None) -> Prepared:
    """An input that the model's own library tokenises: its length is guessed, and what is cut not known."""
    tokens = characters // 4 + 2
    return Prepared(min(tokens, longest or tokens), False, payload)


def padded(rows: Sequence[np.ndarray], padding: int, device: Device) -> torch.Tensor:
    """Token ids of shape (rows, longest) on the device, padded on the right."""
    tensors = [torch.from_numpy(row.astype(np.int64)) for row in rows]
    return on_device(torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=padding), device)


def by_role(roles: Sequence[str], rows: Callable[[str, list[int]], torch.Tensor]) -> torch.Tensor:
    """What `rows` gives for each role and the positions that have it, in the order of `roles`."""
    places = {role: [place for place, each in enumerate(roles) if each == role] for role in set(roles)}
    parts = torch.cat([rows(role, where) for role, where in places.items()])
    order = torch.tensor([place for where in places.values() for place in where], device=parts.device)
    return parts[torch.argsort(order)]


def encoded(model: Any, role: str, texts: list[str], prompt: str, **options: Any) -> torch.Tensor:
    """Vectors of texts with inputs of their own kind: sentence-transformers' own encode, as one batch."""
    encode = model.encode_query if role == "query" else model.encode_document
    return encode(texts, prompt=prompt, batch_size=len(texts), show_progress_bar=False, **options)


def on_device(tensor: Any, device: Device) -> Any:
    """A batch's tensor where it is computed: to a GPU through pinned memory, without waiting for the copy."""
    if device.name.startswith("cuda"):
        return tensor.pin_memory().to(device.name, non_blocking=True)
    return tensor.to(device.name)
