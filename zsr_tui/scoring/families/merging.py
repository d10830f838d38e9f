"""Adds a LoRA adapter to the weights of its loaded base: W + scale * B A (Hu et al. 2021, arXiv 2106.09685).

scale is alpha / r, or alpha / sqrt(r) where the adapter says use_rslora (Kalajdzievski 2023, arXiv 2312.03732); for a
weight that is kept the other way round (GPT-2's, and tables of embeddings) the product is turned. The names of its
tensors, its patterns and its scales are those of the package peft (tuners/lora/layer.py, utils/save_and_load.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import adapters, checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel

_PREFIX = re.compile(r"^base_model\.model\.")
_INNER = re.compile(r"\.(modules_to_save|default|base_layer)(?=\.)")
_PART = re.compile(r"(?P<module>.+)\.(?P<kind>lora_embedding_|lora_)(?P<side>[AB])(\.weight)?")


def merge(resolved: ResolvedModel, model: Any) -> None:
    """Of a transformers model that was loaded from an adapter's folder; leaves any other as it is. What an adapter
    keeps whole (its head) takes the place of the base's. Raises `Problem` where something of it fits nowhere."""
    adapter = adapters.of(resolved.path / checkpoint.ADAPTER)
    if adapter is None:
        return
    tensors = {_INNER.sub("", _PREFIX.sub("", name)): tensor for name, tensor in _read(adapter).items()}
    pairs: dict[tuple[str, str], dict[str, torch.Tensor]] = {}
    with torch.no_grad():
        for name, tensor in tensors.items():
            if part := _PART.fullmatch(name):
                pairs.setdefault((part["module"], part["kind"]), {})[part["side"]] = tensor
            else:
                _replace(resolved, model, name, tensor)
        for (module, _), sides in pairs.items():
            _add(resolved, model, module, sides, adapter.config)


def _read(adapter: adapters.Adapter) -> Mapping[str, torch.Tensor]:
    place = adapter.folder / adapter.weights
    if place.suffix == ".bin":
        adapters.shapes(adapter)  # or it is no file of tensors
        found: Mapping[str, torch.Tensor] = torch.load(place, map_location="cpu", weights_only=True)
        return found
    from safetensors.torch import load_file

    return load_file(place)


def _add(
    resolved: ResolvedModel, model: Any, name: str, sides: Mapping[str, torch.Tensor], config: Mapping[str, Any]
) -> None:
    module = _found(resolved, model, name, dict(model.named_modules()))
    weight = getattr(module, "weight", None)
    if set(sides) != {"A", "B"} or type(weight) is not nn.Parameter or not weight.is_floating_point():
        raise _unfit(resolved, name)
    rank = len(sides["A"])
    alpha = _of(config, "alpha_pattern", name, config.get("lora_alpha", 8))
    scale = alpha / (rank**0.5 if config.get("use_rslora") else rank)
    product = sides["B"].float() @ sides["A"].float() * scale
    if isinstance(module, nn.Embedding) or type(module).__name__ == "Conv1D":
        product = product.T
    if rank != _of(config, "rank_pattern", name, config.get("r", 8)) or product.shape != weight.shape:
        raise _unfit(resolved, name)
    weight.copy_(weight.float() + product.to(weight.device))


def _replace(resolved: ResolvedModel, model: Any, name: str, tensor: torch.Tensor) -> None:
    weight = _found(resolved, model, name, dict(model.named_parameters()))
    if weight.shape != tensor.shape:
        raise _unfit(resolved, name)
    weight.copy_(tensor)
    weight._is_hf_initialized = True


def _found(resolved: ResolvedModel, model: Any, name: str, parts: Mapping[str, Any]) -> Any:
    """By the name in the class that the adapter was trained in, which may be with the base's head or without it."""
    prefix = f"{model.base_model_prefix}."
    for each in (name, name.removeprefix(prefix), prefix + name):
        if each in parts:
            return parts[each]
    raise _unfit(resolved, name)


def _of(config: Mapping[str, Any], patterns: str, name: str, otherwise: float) -> float:
    """A rank or an alpha: of the first pattern that is the end of the module's name, as peft looks for it."""
    said = config.get(patterns) or {}
    return next((value for key, value in said.items() if re.fullmatch(rf"(.*\.)?({key})", name)), otherwise)


def _unfit(resolved: ResolvedModel, name: str) -> Problem:
    return Problem(
        f"the adapter {resolved.info.name} has {name:.80}, which fits no weight of its base: it was made for another "
        "model, or is of a kind that is not merged here; merge it with the package peft and name the result.",
        detail=str(resolved.path),
    )
