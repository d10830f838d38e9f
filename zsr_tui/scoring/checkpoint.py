"""What a model's files say about it: which of them are needed, the family, the parameters, the maximum length.

Reads JSON and headers only; works on a list of names as well as on a folder, so that a hub repository and a local
folder are read by the same rules.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring import onnx_file

_MODULE = re.compile(r"\d+_\w+/")  # sentence-transformers' module folders: 1_Pooling/, 2_Dense/, 0_Transformer/
_SHARD = re.compile(r"-\d{5}-of-(\d{5})\.\w+$")
_WEIGHTS = ("model.safetensors", "model-*-of-*.safetensors", "pytorch_model.bin", "pytorch_model-*-of-*.bin")
_SMALL = (".json", ".txt", ".model", ".jinja", ".vocab")
_TOKENIZERS = (
    "tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
)  # fmt: skip
_OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert")  # their first two positions are never used by text
_UNBOUNDED = 1_000_000  # transformers writes 1e30 for "no maximum"


@dataclass(frozen=True, slots=True)
class Files:
    """The files that are needed to run a model, relative to its folder. `kind`: "transformers" | "onnx"."""

    kind: str
    weights: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return self.weights + self.others


def select(names: Iterable[str]) -> Files | None:
    """Which of a repository's files are needed: safetensors before pickles, one copy of the weights, none of another
    framework; ONNX where there is nothing else. None where there are no weights, or not all of them."""
    names = sorted(names)
    folders = {""} | {match[0] for name in names if (match := _MODULE.match(name))}
    weights: list[str] = []
    for folder in sorted(folders):
        weights += _weights_of(folder, names)
    kind = "transformers"
    if not weights:
        kind = "onnx"
        folders.add("onnx/")
        weights = _onnx_of(names)
    others = [
        name for name in names if name.endswith(_SMALL) and any(name == folder + Path(name).name for folder in folders)
    ]
    return Files(kind, tuple(weights), tuple(others)) if weights and _complete(weights) else None


def select_file(folder: Path, name: str) -> Files:
    """One named ONNX file of a folder, with what lies beside it."""
    found = select(set(names_in(folder)) - {each for each in names_in(folder) if _is_weights(each)} | {name})
    assert found is not None
    data = [each for each in names_in(folder) if each in (f"{name}_data", f"{name}.data")]
    return Files("onnx", (name, *data), found.others)


def names_in(folder: Path) -> list[str]:
    """The files of a folder and of its direct subfolders."""
    return [
        path.relative_to(folder).as_posix()
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def is_complete(folder: Path) -> bool:
    """Whether a downloaded folder holds everything that its own descriptions name."""
    found = select(names_in(folder))
    if found is None:
        return False
    names = set(found.all)
    modules = _modules(folder)
    if found.kind == "transformers" and not modules and "config.json" not in names:
        return False
    for module in modules:
        path, kind = module.get("path", ""), str(module.get("type", "")).rsplit(".", 1)[-1]
        inside = [name for name in names if name.startswith(f"{path}/")] if path else list(names)
        if not inside and kind != "Normalize":
            return False
        if kind == "Dense" and not any(_is_weights(name) for name in inside):
            return False
    return any(Path(name).name in _TOKENIZERS for name in names)


def _is_weights(name: str) -> bool:
    return name.endswith((".safetensors", ".bin", ".onnx"))


def _weights_of(folder: str, names: list[str]) -> list[str]:
    for wanted in _WEIGHTS:
        pattern = re.compile(re.escape(folder) + re.escape(wanted).replace(r"\*", r"\d+"))
        if found := [name for name in names if pattern.fullmatch(name)]:
            return found
    return []


def _onnx_of(names: list[str]) -> list[str]:
    files = [name for name in names if name.endswith(".onnx")]
    for wanted in ("model.onnx", "onnx/model.onnx"):
        if wanted in files:
            files = [wanted]
    if len(files) != 1:
        return []
    return files + [name for name in names if name in (f"{files[0]}_data", f"{files[0]}.data")]


def _complete(weights: list[str]) -> bool:
    shards = [match[1] for name in weights if (match := _SHARD.search(name))]
    return not shards or len(shards) == int(shards[0])


def read_json(path: Path) -> dict[str, Any]:
    """Empty where the file is not there. Raises `Problem` where it is broken."""
    value = _json(path)
    return value if isinstance(value, dict) else {}


def _json(path: Path) -> Any:
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Problem(
            f"{path.name} of the model is not valid JSON: copy or download the model again.", detail=f"{path}: {error}"
        ) from error


def _modules(folder: Path) -> list[dict[str, Any]]:
    modules = _json(folder / "modules.json")
    return [each for each in modules if isinstance(each, dict)] if isinstance(modules, list) else []


def family(folder: Path, files: Files) -> str:
    """The model's family as its own files tell it; "" where they do not.

    A plain encoder counts as a bi-encoder, as sentence-transformers takes it.
    """
    declared = str(read_json(folder / "config_sentence_transformers.json").get("model_type", ""))
    types = " ".join(str(module.get("type", "")) for module in _modules(folder))
    if declared == "SparseEncoder" or "sparse_encoder" in types or "Splade" in types:
        return "sparse"
    if declared == "MultiVectorEncoder" or "multi_vector" in types or types.startswith("pylate"):
        return "late-interaction"
    if declared == "CrossEncoder":
        return "cross-encoder"
    if types:
        return "bi-encoder"
    architecture = next(iter(read_json(folder / "config.json").get("architectures") or []), "")
    for ending, name in (
        ("ForSequenceClassification", "cross-encoder"), ("ForConditionalGeneration", "monot5"),
        ("ForMaskedLM", "sparse"), ("ForCausalLM", "causal-lm"), ("ColBERT", "late-interaction"),
    ):  # fmt: skip
        if architecture.endswith(ending):
            return name
    if files.kind == "onnx":
        outputs = onnx_file.read(folder / files.weights[0]).outputs
        return "cross-encoder" if outputs == ("logits",) else "bi-encoder"
    return "bi-encoder" if architecture.endswith(("Model", "Encoder")) else ""


def module_types(folder: Path) -> list[str]:
    """The classes that modules.json names."""
    return [str(module.get("type", "")) for module in _modules(folder)]


def own_code(folder: Path) -> str:
    """The code of its own that the model asks to run: a class name, or "" for none."""
    for module in _modules(folder):
        if (name := str(module.get("type", ""))) and not name.startswith("sentence_transformers."):
            return name
    auto = read_json(folder / "config.json").get("auto_map") or {}
    return str(next(iter(auto.values()), "")) if isinstance(auto, dict) else ""


def parameters(folder: Path, files: Files) -> int | None:
    """Counted from the headers of the weight files; None for pickles, whose shapes cannot be read without loading."""
    total = 0
    for name in files.weights:
        if name.endswith(".safetensors"):
            total += _safetensors(folder / name)
        elif name.endswith(".onnx"):
            total += onnx_file.read(folder / name).parameters
        elif name.endswith(".bin"):
            return None
    return total


def _safetensors(path: Path) -> int:
    """The header is JSON behind its size in 8 bytes (https://github.com/huggingface/safetensors). Whole-number
    tensors of 64 or 32 bits are positions and counters, not parameters."""
    try:
        with path.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            if size > path.stat().st_size:
                raise ValueError("the header is longer than the file")
            header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        end = max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
        if 8 + size + end > path.stat().st_size:
            raise ValueError("the file ends before its last tensor")
        return sum(
            math.prod(tensor["shape"]) for tensor in header.values() if tensor["dtype"] not in ("I64", "I32", "BOOL")
        )
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(
            f"{path.name} is not a complete safetensors file: copy or download the model again.", detail=str(path)
        ) from error


def precision(folder: Path, files: Files) -> str:
    """Of an ONNX file, which runs as it is stored."""
    return onnx_file.read(folder / files.weights[0]).precision


def max_length(folder: Path) -> int | None:
    """Tokens that the model sees, special ones included; the smallest of what its files say."""
    transformer = next((str(module.get("path", "")) for module in _modules(folder)), "")
    config = read_json(folder / transformer / "config.json")
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and config.get("model_type") in _OFFSET_POSITIONS:
        positions -= 2
    said = [
        read_json(folder / transformer / "sentence_bert_config.json").get("max_seq_length"),
        read_json(folder / transformer / "tokenizer_config.json").get("model_max_length"),
        positions,
    ]
    known = [int(value) for value in said if isinstance(value, int | float) and 0 < value < _UNBOUNDED]
    return min(known, default=None)
