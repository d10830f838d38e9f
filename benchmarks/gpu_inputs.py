"""What `gpu.py` measures: models of each shape and their inputs, and where the figures go."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from shapes import Shape, texts

from zsr_tui import paths
from zsr_tui.scoring.measuring.peak import matrix_product_peak
from zsr_tui.scoring.models import checkpoint, operations

LENGTH = 365  # words of a document; its query and the special tokens come to it
Lists = Sequence[tuple[str, Sequence[str]]]  # queries with their candidates


@dataclass
class Bench:
    asked: argparse.Namespace
    place: Path
    device: str = ""
    half: str = "bf16"  # what is measured beside fp32
    peaks: dict[str, float] = field(default_factory=dict)
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def peak(self, precision: str) -> float:
        if precision not in self.peaks:
            self.peaks[precision] = matrix_product_peak(self.device, precision)
        return self.peaks[precision]

    def known(self) -> Any:
        """What --lists holds."""
        with gzip.open(self.asked.lists, "rt") as file:
            return json.load(file)

    def note(self, shape: str, way: str, **figures: Any) -> None:
        self.found.setdefault(shape, {})[way] = figures


def folder_of(bench: Bench, shape: Shape) -> Path:
    if shape.name == "minilm-l12" and bench.asked.reranker:
        return Path(bench.asked.reranker).absolute()
    folder = bench.place / shape.name
    if not folder.exists():
        dtype = torch.float32 if bench.asked.small else torch.bfloat16
        shape.saved(folder, bench.device, dtype, tiny=bench.asked.small)
        if shape.kind == "monot5":  # nothing else says of a T5 that it is one
            own = paths.config_dir() / "models.toml"
            own.parent.mkdir(parents=True, exist_ok=True)
            with own.open("a") as file:
                file.write(f'[[model]]\nname = "{folder.name}"\nweights = "{folder}"\nfamily = "monot5"\n')
    return folder


def model_of(folder: Path) -> str:
    """How the service is asked for it."""
    return folder.name if folder.name.startswith("t5-") else str(folder)


def depth_of(bench: Bench) -> int:
    """Candidates of a query."""
    return 8 if bench.asked.small else 100


def lists_of(bench: Bench, shape: Shape, count: int) -> Lists:
    """Queries with their candidates, or the texts of an encoder behind one empty query."""
    depth = depth_of(bench)
    if shape.kind == "bi-encoder":
        return [("", texts(count, 20 if bench.asked.small else 240))]
    if shape.name == "minilm-l12" and bench.asked.lists:
        known = bench.known()
        some = list(known["lists"].items())[: bench.asked.queries]
        return [(known["queries"][qid], [known["docs"][each] for each in ids[:depth]]) for qid, ids in some]
    documents = texts(count, 20 if bench.asked.small else LENGTH)
    queries = texts(count, 12, seed=2)
    return [(queries[start], documents[start : start + depth]) for start in range(0, count, depth)]


def operations_of(folder: Path, shape: Shape, lists: Lists) -> tuple[float, float]:
    """Tokens of an input on average, floating-point operations of all."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=512)
    pairs = [(query, text) for query, each in lists for text in each]
    if shape.kind == "bi-encoder":
        ids = tokenizer([text for _, text in pairs], truncation=True)["input_ids"]
    else:
        ids = tokenizer(*map(list, zip(*pairs, strict=True)), truncation="longest_first")["input_ids"]
    counted = operations.shapes(checkpoint.read_json(folder / "config.json"), shape.kind)
    assert counted is not None
    lengths = [len(each) for each in ids]
    return float(np.mean(lengths)), float(sum(map(counted.operations, lengths)))
