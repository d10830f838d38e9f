"""Whether a model can be as large as its settings say: what is loaded is made by these before a weight is read, so a
small folder could ask for all the memory there is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import checkpoint

SMALL = 256 << 20  # bytes of a tokenizer's or settings file; the largest that are published have 40 MB
_FREE = 64_000_000  # numbers that may be made without a weight to fill them
_PACKED = 8  # numbers in one that is stored, where weights are quantised
_MOST_LAYERS = 1000  # also experts of a layer; the deepest that are published have 160
_GROWTH = 1000  # times that a text may grow before it is tokenised: a map of Unicode's and a few steps more
_NFKC = 18  # times that this form of Unicode makes a text longer at most
# of an expression that may find nothing, as between any two characters
_NOTHING = re.compile(r"[*?{|^$(]|\\[bBAzZGK]")
_LAYERS = re.compile(r"(layers?|blocks?|experts?|groups)$")  # num_hidden_layers, n_layer, encoder_layers ...
_WIDTHS = ("hidden_size", "d_model", "dim", "n_embd", "embedding_size", "in_features")
_HEIGHTS = re.compile(
    r"(vocab_size|hidden_size|d_model|d_ff|n_embd|hidden_dim|ffn_dim|intermediate_size|n_inner|out_features"
    r"|max_position_embeddings|n_positions)$"
)


def check(folder: Path, files: checkpoint.Files) -> None:
    """Raises `Problem` for files that no model of this many weights has."""
    for name in files.others:
        if (folder / name).stat().st_size > SMALL:
            raise Problem(
                f"{name} of the model has more than {SMALL >> 20} MiB, as no such file has: copy or download the model "
                "again.",
                detail=str(folder / name),
            )
    if files.kind != "transformers":
        return
    stored = checkpoint.parameters(folder, files)
    for name in files.others:
        if Path(name).name == "config.json":
            for settings in _inside(checkpoint.read_json(folder / name)):
                _check(folder / name, settings, stored)


def check_growth(places: Iterable[Path]) -> None:
    """Of files tokenizer.json, where they are there. Raises `Problem` for one that makes a text ever longer: each of
    its steps works on what the one before has made."""
    for place in places:
        if math.prod(map(_growth, _steps(checkpoint.read_json(place).get("normalizer")))) > _GROWTH:
            raise Problem(
                f"the normalizers in {place.name} of the model can make a text more than {_GROWTH:,} times as long, as "
                "no such file does: copy or download the model again.",
                detail=str(place),
            )


def _steps(normalizer: Any) -> Iterator[dict[str, Any]]:
    if isinstance(normalizer, dict):
        yield normalizer
        normalizer = normalizer.get("normalizers")
    for each in normalizer if isinstance(normalizer, list) else ():
        yield from _steps(each)


def _growth(step: dict[str, Any]) -> float:
    """How many times as long a text gets at most."""
    content, pattern = step.get("content", step.get("prepend")), step.get("pattern")
    if not isinstance(content, str):
        return _NFKC if step.get("type") in ("NFKC", "NFKD", "Precompiled") else 1
    kind, found = next(iter(pattern.items()), ("", "")) if isinstance(pattern, dict) else ("", "")
    if not found or (kind == "Regex" and _NOTHING.search(str(found))):
        return 1 + len(content)
    return max(1, len(content) / (len(str(found)) if kind == "String" else 1))


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    """An object of settings and those in it."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _inside(each)


def _check(place: Path, settings: dict[str, Any], stored: int) -> None:
    numbers = {name: value for name, value in settings.items() if isinstance(value, int | float) and value > 0}
    width = max((numbers[name] for name in _WIDTHS if name in numbers), default=1)
    most = max(_FREE, stored * (_PACKED if "quantization_config" in settings else 1))
    for name, value in numbers.items():
        asks = value * width if _HEIGHTS.search(name) else 0
        if _LAYERS.search(name):  # a layer has at least two matrices, but for ALBERT's, which are one
            asks = most + 1 if value > _MOST_LAYERS else 2 * value * width**2 * (settings.get("model_type") != "albert")
        if asks > most:
            raise Problem(
                f"{place.name} of the model says {name} = {value:,}, which its weights ({stored:,} numbers) cannot "
                "hold: copy or download the model again.",
                detail=str(place),
            )
