"""What a model's files say about it: which of them are needed, the family, the parameters, the maximum length.

Reads JSON and headers only; works on a list of names as well as on a folder, so that a hub repository and a local
folder are read by the same rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zsr_tui import outside
from zsr_tui.domain import Problem
from zsr_tui.scoring.models import onnx_file, pickle_file, safetensors_file

# sentence-transformers' usual module folders: 1_Pooling/, 0_Transformer/, and behind a router, whose routes have names
# of their own, query_0_SparseStaticEmbedding/ or doc_text_0_Transformer/
_MODULE = re.compile(r"(?:[a-z]+_)?\d+_\w+/")
_ROUTED = re.compile(r"[\w-]+_\d+_\w+/")
_ROUTER = "router_config.json"
_WEIGHTED = ("Dense", "Transformer", "StaticEmbedding", "SparseStaticEmbedding")  # modules that are nothing without
_SHARD = re.compile(r"-\d{5}-of-(\d{5})\.\w+$")
_WEIGHTS = ("model.safetensors", "model-*-of-*.safetensors", "pytorch_model.bin", "pytorch_model-*-of-*.bin")
_SMALL = (".json", ".txt", ".model", ".jinja", ".vocab", ".metadata")  # .metadata: ColBERT's settings
ADAPTER = "adapter"  # folder of an adapter in the one that it is run from
HEADS = {"sparse": "sparse_linear.pt", "colbert": "colbert_linear.pt"}  # bge-m3's beside its weights
ADAPTER_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_TOKENIZERS = (
    "tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    "whitespacetokenizer_config.json", "phrasetokenizer_config.json",
)  # fmt: skip
_BAG = re.compile(r"\d+_BoW/config\.json")  # a bag of words: its vocabulary is in its settings, and it has no weights
# RoBERTa and what follows it count positions from behind the padding token's id: the first two belong to no text
_OFFSET_POSITIONS = (
    "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod", "camembert", "mpnet", "longformer",
    "luke", "data2vec-text", "ibert", "lilt", "layoutlmv3", "markuplm",
)  # fmt: skip
_OTHER_POSITIONS = ("gpt2", "gptj", "codegen", "openai-gpt", "gpt_bigcode")  # whose config says n_positions
_MOST_LABELS = 1000
_UNBOUNDED = 1_000_000  # transformers writes 1e30 for "no maximum"
_T5 = ("t5", "mt5", "umt5")
_NO_TEXT = ("image_size", "vision_config", "num_mel_bins", "feat_extract_norm")  # in the config of images and sound
# what a catalogue's family may find in a model's files: a bi-encoder is often a masked or causal language model, and
# duoT5 and RankT5 are told from monoT5 by their names alone
_FOUND_AS = {
    "bi-encoder": ("bi-encoder", "sparse", "causal-lm", "monot5"),
    "duot5": ("monot5",),
    "rankt5": ("monot5",),
    "causal-lm": ("causal-lm", "cross-encoder"),
}


@dataclass(frozen=True, slots=True)
class Files:
    """The files that are needed to run a model, relative to its folder. `kind`: "transformers", "onnx", or "adapter"
    for one whose base is elsewhere; `adapter`: the weights that are added to the others; `heads`: bge-m3's."""

    kind: str
    weights: tuple[str, ...]
    others: tuple[str, ...]
    adapter: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return self.weights + self.others + self.adapter + self.heads


def select(
    names: Iterable[str], *, code: bool = False, adapters: bool = True, parts: Iterable[Mapping[str, Any]] = ()
) -> Files | None:
    """Which of a repository's files are needed: safetensors before pickles, one copy of the weights, none of another
    framework; ONNX where there is nothing else; its Python files with `code`; an adapter alone with `adapters`. The
    modules' folders are those of `parts` and what is usual, which is all that a list of names tells of them. None where
    there are no weights, or not all of them."""
    names = sorted(names)
    usual = (_MODULE, _ROUTED) if _ROUTER in names else (_MODULE,)
    added = tuple(name for name in names if name in [f"{ADAPTER}/{each}" for each in ADAPTER_WEIGHTS])
    small = (*_SMALL, ".py") if code else _SMALL
    folders = {"", *(f"{part['path']}/" for part in parts if part.get("path")), *([f"{ADAPTER}/"] if added else [])}
    folders |= {match[0] for name in names for each in usual if (match := each.match(name))}
    weights: list[str] = []
    for folder in sorted(folders):
        weights += _weights_of(folder, names)
    kind = "transformers"
    bag = any(map(_BAG.fullmatch, names))
    if not weights and adapters and "adapter_config.json" in names:
        weights = [name for name in ADAPTER_WEIGHTS if name in names][:1]
        kind = "adapter"
    if not weights and not bag:
        kind = "onnx"
        folders.add("onnx/")
        weights = _onnx_of(names)
    others = [
        name for name in names if name.endswith(small) and any(name == folder + Path(name).name for folder in folders)
    ]
    heads = tuple(name for name in names if name in HEADS.values())
    return Files(kind, tuple(weights), tuple(others), added, heads) if (weights or bag) and _complete(weights) else None


def select_in(folder: Path, *, code: bool = False, adapters: bool = True) -> Files | None:
    """See `select`, of the files of a folder."""
    return select(names_in(folder), code=code, adapters=adapters, parts=parts(folder))


def select_file(folder: Path, name: str) -> Files:
    """One named ONNX file of a folder, with what lies beside it."""
    found = select(set(names_in(folder)) - {each for each in names_in(folder) if _is_weights(each)} | {name})
    assert found is not None
    data = [each for each in names_in(folder) if each in (f"{name}_data", f"{name}.data")]
    return Files("onnx", (name, *data), found.others)


def names_in(folder: Path) -> list[str]:
    """The files of a folder, of its direct subfolders and of its modules'. Raises `Problem` for one that holds a pipe,
    a device or a socket, which the libraries that load a model would wait for."""
    names = []
    deeper = [path for part in parts(folder) if "/" in (named := part["path"]) for path in (folder / named).glob("*")]
    for path in (*folder.glob("*"), *folder.glob("*/*"), *deeper):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or path.is_dir() or not path.exists():
            continue
        if not path.is_file():
            raise Problem(f"{path} is neither a file nor a folder: a model's folder holds nothing else.", usage=True)
        names.append(inside.as_posix())
    return names


def is_complete(folder: Path, *, code: bool = False, tokenizer: bool = True) -> bool:
    """Whether a downloaded folder holds everything that its own descriptions name, with `code` its own code too;
    without `tokenizer`, it may be one that takes another model's."""
    found = select_in(folder, code=code)
    if found is None:
        return False
    names = set(found.all)
    if found.kind == "adapter":
        return True
    if code and any(f"{name.rpartition('.')[0]}.py" not in names for name in own_classes(folder) if "--" not in name):
        return False
    if found.kind == "transformers" and not modules(folder) and "config.json" not in names:
        return False
    for module in parts(folder):
        path, kind = module["path"], module["type"].rsplit(".", 1)[-1]
        inside = [name for name in names if name.startswith(f"{path}/")] if path else list(names)
        if not inside and kind != "Normalize":
            return False
        if found.kind != "onnx" and kind in _WEIGHTED and not any(_is_weights(name) for name in inside):
            return False
    return has_tokenizer(names) or not tokenizer


def has_tokenizer(names: Iterable[str]) -> bool:
    return any(Path(name).name in _TOKENIZERS or _BAG.fullmatch(name) for name in names)


def tokenizer_files(names: Iterable[str]) -> list[str]:
    """What of a repository's files its tokenizer may need: config.json says its class."""
    return sorted(name for name in names if "/" not in name and not name.startswith(".") and name.endswith(_SMALL))


def is_small(name: str) -> bool:
    """Whether a file of this name is one of settings, or of a tokenizer."""
    return name.endswith(_SMALL)


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
    if not path.exists():
        return {}
    try:
        return json.loads(outside.read(path).decode())
    except OSError as error:
        raise Problem(
            f"{path.name} of the model cannot be read ({error.strerror}): copy or download the model again.",
            detail=str(path),
        ) from error
    except (ValueError, RecursionError) as error:
        raise Problem(
            f"{path.name} of the model is not valid JSON: copy or download the model again.", detail=f"{path}: {error}"
        ) from error


def modules(folder: Path) -> list[dict[str, Any]]:
    """sentence-transformers' modules.json: the `type` and `path` of each module."""
    parts = _json(folder / "modules.json")
    return [each for each in parts if isinstance(each, dict)] if isinstance(parts, list) else []


def parts(folder: Path) -> list[dict[str, str]]:
    """`type` and `path` of each module, those behind a router included. One whose path leaves the folder is left out:
    sentence-transformers refuses to load it."""
    found = [(str(each.get("type", "")), str(each.get("path", ""))) for each in modules(folder)]
    for _, path in list(found):
        routed = read_json(folder / path / _ROUTER).get("types") if _is_inside(path) else None
        for name, kind in routed.items() if isinstance(routed, dict) else ():
            found.append((str(kind), f"{path}/{name}".lstrip("/")))
    return [{"type": kind, "path": path} for kind, path in found if _is_inside(path)]


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def family(folder: Path, files: Files) -> str:
    """The model's family as its own files tell it; "" where they do not.

    A plain encoder counts as a bi-encoder, as sentence-transformers takes it.
    """
    task = read_json(folder / ADAPTER / "adapter_config.json").get("task_type")
    declared = str(read_json(folder / "config_sentence_transformers.json").get("model_type", ""))
    types = " ".join(module_types(folder))
    architecture = architecture_of(folder)
    if declared == "SparseEncoder" or "sparse_encoder" in types or "Splade" in types:
        return "sparse"
    if declared in ("MultiVectorEncoder", "ColBERT") or "multi_vector" in types or "pylate." in types:
        return "late-interaction"
    if declared == "CrossEncoder" or ".cross_encoder." in types:
        return "causal-lm" if "LogitScore" in types or architecture.endswith("ForCausalLM") else "cross-encoder"
    if types or task == "FEATURE_EXTRACTION":
        return "bi-encoder"
    config = read_json(folder / "config.json")
    for ending, name in (
        ("ForSequenceClassification", "cross-encoder"), ("ForMaskedLM", "sparse"), ("ForCausalLM", "causal-lm"),
        ("ColBERT", "late-interaction"),
    ):  # fmt: skip
        if architecture.endswith(ending):
            return name
    if architecture.endswith("ForConditionalGeneration"):
        return "monot5" if config.get("model_type", "t5") in _T5 else ""
    if files.kind == "onnx":
        outputs = onnx_file.read(folder / files.weights[0]).outputs
        return "cross-encoder" if outputs == ("logits",) else "bi-encoder"
    takes_text = not any(name in config for name in _NO_TEXT)
    return "bi-encoder" if takes_text and architecture.endswith(("Model", "Encoder")) else ""


def agrees(said: str, found: str) -> bool:
    """Whether files whose family looks like `found` can be of the family `said` by the catalogue."""
    return not found or found in _FOUND_AS.get(said, (said,))


def architecture_of(folder: Path) -> str:
    """The class that the weights were saved from; "" where config.json does not say it."""
    named = read_json(folder / "config.json").get("architectures")
    return str(named[0]) if isinstance(named, list) and named else ""


def labels(folder: Path) -> list[str]:
    """The names of a classifier's labels. One whose files do not say them has two, as transformers takes it."""
    config = read_json(folder / "config.json")
    named, count = config.get("id2label"), config.get("num_labels")
    if isinstance(named, dict) and named:
        return [str(named[key]) for key in sorted(named, key=lambda key: (len(str(key)), str(key)))]
    return [f"LABEL_{place}" for place in range(count if isinstance(count, int) and 0 < count <= _MOST_LABELS else 2)]


def module_types(folder: Path) -> list[str]:
    """The classes that modules.json names."""
    return [str(module.get("type", "")) for module in modules(folder)]


def own_classes(folder: Path) -> list[str]:
    """The classes in code of its own that the model asks to run, as "file.Class" or "org/name--file.Class"."""
    known = ("sentence_transformers.", "pylate.", "torch.")  # pylate's are read as sentence-transformers' own
    classes = [name for name in module_types(folder) if name and not name.startswith(known)]
    auto = read_json(folder / "config.json").get("auto_map")
    for value in auto.values() if isinstance(auto, dict) else ():
        classes += [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    return list(dict.fromkeys(classes))


def parameters(folder: Path, files: Files) -> int:
    """Counted from the headers of the weight files."""
    total = 0
    for name in files.weights:
        if name.endswith(".safetensors"):
            total += safetensors_file.parameters(folder / name)
        elif name.endswith(".onnx"):
            total += onnx_file.read(folder / name).parameters
        elif name.endswith(".bin"):
            total += pickle_file.parameters(folder / name)
    return total


def precision(folder: Path, files: Files) -> str:
    """Of an ONNX file, which runs as it is stored."""
    return onnx_file.read(folder / files.weights[0]).precision


def max_length(folder: Path) -> int | None:
    """Tokens that the model sees, special ones included; the smallest of what its files say."""
    transformer = next((str(module.get("path", "")) for module in modules(folder)), "")
    config = read_json(folder / transformer / "config.json")
    own = read_json(folder / transformer / "sentence_bert_config.json")
    said = [  # of a late-interaction model the documents' length, which PyLate and ColBERT keep elsewhere
        own.get("document_length")
        or read_json(folder / "config_sentence_transformers.json").get("document_length")
        or read_json(folder / "artifact.metadata").get("doc_maxlen")
        or own.get("max_seq_length"),
        read_json(folder / transformer / "tokenizer_config.json").get("model_max_length"),
        positions(config),
    ]
    known = [int(value) for value in said if isinstance(value, int | float) and 0 < value < _UNBOUNDED]
    return min(known, default=None)


def positions(config: Mapping[str, Any]) -> int | None:
    """Tokens that an architecture has positions for, by its config.json; None where it does not say it."""
    kind = config.get("model_type")
    said = config.get("n_positions" if kind in _OTHER_POSITIONS else "max_position_embeddings")
    if not isinstance(said, int) or kind not in _OFFSET_POSITIONS:
        return said if isinstance(said, int) else None
    padding = config.get("pad_token_id") if kind != "mpnet" else 1  # MPNet's embeddings have it built in
    return said - (padding if isinstance(padding, int) else 1) - 1
