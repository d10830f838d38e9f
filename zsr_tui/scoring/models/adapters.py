"""LoRA adapters as the package peft writes them: adapter_config.json with adapter_model.safetensors (or .bin), the
difference to a base model that the first names.

An adapter is run as one folder (`overlay`): the base's weights and what the adapter has beside its own, its tokenizer
and its settings, or the base's where it has none. `scoring/families/merging.py` adds the difference when the weights
are loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zsr_tui.scoring.models import checkpoint, overlay, pickle_file, safetensors_file
from zsr_tui.scoring.models.checkpoint import ADAPTER, ADAPTER_WEIGHTS, Files

# what peft's LoraConfig can ask for beside W + scale * B A, and what starts from another W than the base's
_OTHERS = (
    "use_dora", "use_qalora", "lora_bias", "alora_invocation_tokens", "target_parameters", "trainable_token_indices",
    "layer_replication", "megatron_config",
)  # fmt: skip
_OTHER_STARTS = ("pissa", "olora", "corda", "loftq", "lora_ga")  # init_lora_weights that change the base
_CLASS = re.compile(r"(For[A-Z]\w+|LMHeadModel|Model)$")  # of a name of transformers, behind the architecture's
_HEADS = re.compile(r"\b(classifier|score|classification_head)\b")
# Keys of rank_pattern and alpha_pattern: names, and little of regular expressions, so that each soon ends
_PLAIN = r"(?:[\w|-]|\\?\.|\\d)*"
_WIDE = r"(?:\.[*+]|(?:\\d|\[0-9\])[*+]|\((?:\?:)?[\w.|-]+\))"
_PATTERN = re.compile(rf"\^?{_PLAIN}(?:{_WIDE}{_PLAIN}){{0,3}}\$?")
_LONGEST_PATTERN = 200  # characters


@dataclass(frozen=True, slots=True)
class Adapter:
    """`base` as its settings name it, with a revision where they have one."""

    folder: Path
    weights: str
    config: Mapping[str, Any]

    @property
    def base(self) -> str:
        """A folder, or a Hugging Face id; "" where it is not said."""
        named = str(self.config.get("base_model_name_or_path") or "")
        for place in (Path(named).expanduser(), self.folder / named):
            if named and place.is_dir():
                return str(place.absolute())
        revision = self.config.get("revision")
        return f"{named}@{revision}" if named and revision else named

    @property
    def task(self) -> str:
        """peft's name of it: "SEQ_CLS", "FEATURE_EXTRACTION", "CAUSAL_LM", "SEQ_2_SEQ_LM", or ""."""
        return str(self.config.get("task_type") or "")


def of(folder: Path) -> Adapter | None:
    """The adapter in a folder; None for any other folder."""
    config = checkpoint.read_json(folder / "adapter_config.json")
    if not config:
        return None
    weights = next((name for name in ADAPTER_WEIGHTS if (folder / name).is_file()), "")
    return Adapter(folder, weights, config)


def why_not(adapter: Adapter) -> str:
    """One sentence on one that cannot be added to its base; "" for one that can."""
    config, merge = adapter.config, "merge it into the model with the package peft, save the result and name its folder"
    if config.get("peft_type") != "LORA":
        kind = config.get("peft_type") or "no kind"
        return f"It is an adapter (adapter_config.json) of the kind {kind!s:.40}, and only LoRA is loaded: {merge}."
    if checkpoint.select_in(adapter.folder, adapters=False) is not None:
        return (
            "It is an adapter (adapter_config.json), and whole weights lie beside it: which of both is meant cannot be "
            "seen; move one of them into a folder of its own."
        )
    if not adapter.weights:
        return f"It is a LoRA adapter without its weights: it needs {' or '.join(ADAPTER_WEIGHTS)}."
    start = str(config.get("init_lora_weights"))
    asked = next((name for name in _OTHERS if config.get(name)), "")
    if start.startswith(_OTHER_STARTS):
        asked = f"init_lora_weights = {start:.20}"
    if asked:
        return f"It is a LoRA adapter with {asked}, which is more than a product added to a weight: {merge}."
    for setting in ("rank_pattern", "alpha_pattern"):
        patterns = config.get(setting)
        for key in patterns if isinstance(patterns, dict) else ():
            if len(key) > _LONGEST_PATTERN or not _PATTERN.fullmatch(key):
                return (
                    f"It is a LoRA adapter with {key!r:.40} in {setting}, and what is read there are names of modules "
                    rf"with at most three of .*, \d+ and (one|other): {merge}."
                )
    if not adapter.base:
        return "It is a LoRA adapter that does not name its base: write base_model_name_or_path in adapter_config.json."
    return ""


def missing(adapter: Adapter) -> str:
    """One sentence on one whose base is a folder that is not there."""
    return (
        f"It is a LoRA adapter for {adapter.base}, which is not there: write the folder or the Hugging Face id of its "
        "base as base_model_name_or_path in adapter_config.json."
    )


def whole(adapter: Adapter, base: Path, files: Files) -> Path:
    """The folder that is run, of an adapter that can be added to a base which lies in a folder with these files."""
    own = [name for name in checkpoint.names_in(adapter.folder) if checkpoint.is_small(name)]
    taken: dict[str, Path | bytes] = {name: base / name for name in files.all}
    if checkpoint.has_tokenizer(own):
        taken = {name: place for name, place in taken.items() if not _of_tokenizer(name)}
    if "modules.json" in own:
        taken = {name: place for name, place in taken.items() if name in files.weights or "/" not in name}
    for name in own:
        if name not in ("config.json", "adapter_config.json"):
            taken[name] = adapter.folder / name
    taken["config.json"] = json.dumps(_config(adapter, checkpoint.read_json(base / "config.json"))).encode()
    for name in ("adapter_config.json", adapter.weights):
        taken[f"{ADAPTER}/{name}"] = adapter.folder / name
    return overlay.folder(taken)


def _of_tokenizer(name: str) -> bool:
    """Whether a base's file is left out beside the adapter's tokenizer."""
    return "/" not in name and ("token" in name or checkpoint.has_tokenizer([name]) or name == "merges.txt")


def _config(adapter: Adapter, base: Mapping[str, Any]) -> dict[str, Any]:
    """The base's config.json; of an adapter for a classifier with as many labels as its head has."""
    config = {**base, "_name_or_path": adapter.base}
    if adapter.task != "SEQ_CLS":
        return config
    named = config.get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else ""
    count = next((shape[0] for name, shape in shapes(adapter).items() if _is_head(name)), 0)
    if count and not (
        architecture.endswith("ForSequenceClassification") and len(config.get("id2label") or ()) == count
    ):
        names = {str(label): f"LABEL_{label}" for label in range(count)}
        config |= {"id2label": names, "label2id": {name: int(label) for label, name in names.items()}}
    config["architectures"] = [f"{_CLASS.sub('', architecture)}ForSequenceClassification"]
    return config


def _is_head(name: str) -> bool:
    return name.endswith("weight") and "lora_" not in name and _HEADS.search(name) is not None


def shapes(adapter: Adapter) -> dict[str, tuple[int, ...]]:
    """Of its tensors, by name; nothing but headers is read. Raises `Problem` for a damaged file."""
    place = adapter.folder / adapter.weights
    return pickle_file.shapes(place) if place.suffix == ".bin" else safetensors_file.shapes(place)
