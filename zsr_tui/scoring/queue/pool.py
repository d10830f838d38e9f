"""The models that are loaded on a device, the least recently used leaving first when memory runs short."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui.domain import Problem
from zsr_tui.scoring import families
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import sharing
from zsr_tui.scoring.models import bounds, catalogue, checkpoint, operations, problems
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue import parallel
from zsr_tui.scoring.queue.batching import free_cached_memory, recorded_bytes
from zsr_tui.scoring.queue.budget import SMALLEST, Budget
from zsr_tui.scoring.scorer import Prepared, Scorer

if TYPE_CHECKING:
    import numpy as np


@dataclass(slots=True)
class Loaded:
    resolved: ResolvedModel
    scorer: Scorer
    budget: Budget
    forward: Callable[[Sequence[Prepared]], np.ndarray]  # a batch, as this device runs it best
    parts: int  # that `forward` divides a batch into
    packed: bool  # nothing is computed for padding
    ahead: bool  # whether the device takes a batch before it is done with the last
    work: Callable[[int], float]  # of an input of so many tokens: operations, or tokens where those are not counted


class Pool:
    """Keyed by fingerprint. Changed by the device's worker alone; others may look."""

    def __init__(self, device: Device, load: Callable[[ResolvedModel, Device], Scorer] | None = None) -> None:
        self._device = device
        self._load = load or _load
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()  # the least recently used first

    def holds(self, fingerprint: str) -> bool:
        return fingerprint in self._loaded

    def scorer(self, fingerprint: str) -> Scorer | None:
        loaded = self._loaded.get(fingerprint)
        return loaded.scorer if loaded else None

    def fits(self, resolved: ResolvedModel) -> bool:
        """Whether it is loaded, or can be without another leaving."""
        if self.holds(resolved.fingerprint):
            return True
        return self.memory_bytes + self._needed(resolved) <= self._device.budget_bytes

    @property
    def models(self) -> tuple[ResolvedModel, ...]:
        return tuple(loaded.resolved for loaded in list(self._loaded.values()))

    @property
    def memory_bytes(self) -> int:
        """Of the weights, those that several models share once."""
        each = {
            id(getattr(loaded.scorer, "network", None) or loaded): loaded.resolved.memory_bytes
            for loaded in list(self._loaded.values())
        }
        return sum(each.values())

    def get(self, resolved: ResolvedModel, on_load: Callable[[str], None] | None) -> Loaded:
        """The model, loaded now if need be. Raises `Problem` if it cannot be loaded, or is larger than the device's
        share for models."""
        loaded = self._loaded.get(resolved.fingerprint)
        if loaded is not None:
            self._loaded.move_to_end(resolved.fingerprint)  # others look for it at any moment
        else:
            self._make_room(resolved)
            if on_load:
                on_load(f"loading {resolved.info.label}")
            budget = Budget.of(resolved.fingerprint, self._device)
            scorer = self._load(resolved, self._device)
            parts = parallel.parts(scorer, self._device)
            budget.smallest = SMALLEST * parts
            shapes = operations.shapes(checkpoint.read_json(resolved.path / "config.json"), resolved.info.family)
            loaded = Loaded(
                resolved=resolved,
                scorer=scorer,
                budget=budget,
                forward=parallel.forward(scorer, self._device),
                parts=parts,
                packed=getattr(scorer, "packed", False),
                ahead=self._device.name.startswith("cuda") and hasattr(scorer, "start"),
                work=shapes.operations if shapes else float,
            )
            self._loaded[resolved.fingerprint] = loaded
        return loaded

    def clear(self) -> None:
        self._loaded.clear()
        gc.collect()
        free_cached_memory()

    def _needed(self, resolved: ResolvedModel) -> int:
        """Bytes that its weights take beside what is loaded."""
        shared = resolved.kind == "transformers" and self._loaded and sharing.is_loaded(resolved, self._device)
        return 0 if shared else resolved.memory_bytes

    def _make_room(self, resolved: ResolvedModel) -> None:
        needed = self._needed(resolved)
        if needed > self._device.budget_bytes:
            fitting = catalogue.fitting(resolved.info, self._device.budget_bytes / needed)
            raise Problem(
                f"{resolved.info.name} needs {_gigabytes(needed)} and models may take "
                f"{_gigabytes(self._device.budget_bytes)} of the memory of {self._device.name}: choose a smaller model"
                f"{f' such as {fitting}' if fitting else ''}."
            )
        if self.memory_bytes + needed + recorded_bytes(self._device) > self._device.budget_bytes:
            free_cached_memory()  # what is recorded is made again sooner than a model is loaded
        before = len(self._loaded)
        while self._loaded and self.memory_bytes + needed > self._device.budget_bytes:
            self._loaded.pop(next(iter(self._loaded)))
        if len(self._loaded) < before:
            gc.collect()
            free_cached_memory()


# transformers changes torch for the whole process while it makes a model: another one that begins meanwhile would take
# that for what is usual, and leave it behind.
_loading = threading.Lock()


def _load(resolved: ResolvedModel, device: Device) -> Scorer:
    try:
        bounds.check_growth(_tokenizers(resolved))
        make = families.loader(resolved.info.family, resolved.kind)
        with _loading if resolved.kind == "transformers" else nullcontext():
            return make(resolved, device)
    except BaseException as error:  # a tokenizer's panic is no `Exception`
        raise problems.problem(resolved, error) from error


def _tokenizers(resolved: ResolvedModel) -> set[Path]:
    """Where the files of its tokenizers may lie: those of ONNX models also beside their folder."""
    models = [resolved] if resolved.queries is None else [resolved, resolved.queries]
    folders = {folder for each in models for folder in (each.path, each.tokenizer_path)}
    if resolved.kind == "onnx":
        folders.add(resolved.path.parent)
    nested = {place for each in models for place in each.path.glob("*/tokenizer.json")}
    return nested | {folder / "tokenizer.json" for folder in folders}


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
