"""LoRA adapters with random weights as the package peft 0.21 writes them, and what their bases are with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

R, ALPHA = 4, 12


def adapter(
    folder: Path,
    base: Path | str,
    model: Any,
    targets: Mapping[str, int] | list[str],
    *,
    whole: tuple[str, ...] = (),
    pickled: bool = False,
    **config: Any,
) -> dict[str, torch.Tensor]:
    """Writes one for the modules that end with one of the `targets`, and new values of the parameters that are kept
    `whole`. Gives the state of `model` with it: W + alpha / r * B A."""
    torch.manual_seed(11)
    ranks = targets if isinstance(targets, Mapping) else dict.fromkeys(targets, R)
    settings = {
        "peft_type": "LORA", "base_model_name_or_path": str(base), "r": R, "lora_alpha": ALPHA, "bias": "none",
        "target_modules": list(ranks), "rank_pattern": {name: rank for name, rank in ranks.items() if rank != R},
        "use_dora": False, "use_rslora": False, "modules_to_save": None, "init_lora_weights": True, **config,
    }  # fmt: skip
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    written = {}
    for name, module in model.named_modules():
        target = next((each for each in ranks if name.endswith(each)), None)
        if target is None:
            continue
        rank, weight = ranks[target], module.weight
        turned = type(module).__name__ in ("Conv1D", "Embedding")
        out, into = reversed(weight.shape) if turned else weight.shape
        first, second = 0.3 * torch.randn(rank, into), 0.1 * torch.randn(out, rank)
        kind, ending = ("lora_embedding_", "") if type(module).__name__ == "Embedding" else ("lora_", ".weight")
        written[f"base_model.model.{name}.{kind}A{ending}"] = first
        written[f"base_model.model.{name}.{kind}B{ending}"] = second
        alpha = settings.get("alpha_pattern", {}).get(target, ALPHA)
        product = alpha / (rank**0.5 if settings["use_rslora"] else rank) * second @ first
        state[f"{name}.weight"] += product.T if turned else product
    for name in whole:
        written[f"base_model.model.{name}"] = state[name] = 0.3 * torch.randn(state[name].shape)
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    if pickled:
        torch.save(written, folder / "adapter_model.bin")
    else:
        save_file({name: tensor.contiguous() for name, tensor in written.items()}, folder / "adapter_model.safetensors")
    return state
