"""From a model's name to the files on this machine, and to a fingerprint of everything that its scores depend on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.progress import CancelToken, Report, ignore_progress
from zsr_tui.scoring import catalogue, checkpoint, digests, hub
from zsr_tui.scoring.catalogue import Recipe
from zsr_tui.scoring.reference import Reference

TORCH_PRECISION = "fp32"  # of models that torch runs, on every device


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model whose files are on this machine.

    `path` is its folder, `weights` the weight files relative to it, `kind` "transformers" or "onnx"; `revision` the
    hub's commit, "" for anything else. `fingerprint` changes with whatever can change a score or a vector: the content
    of every file that is loaded, revision, precision, prompts, pooling and maximum length.
    """

    path: Path
    weights: tuple[str, ...]
    revision: str
    source: str
    kind: str
    precision: str
    info: ModelInfo
    recipe: Recipe
    fingerprint: str

    @property
    def memory_bytes(self) -> int:
        """What the loaded weights take: as they are stored for ONNX, 4 bytes a parameter for torch."""
        if self.kind == "transformers" and self.info.parameters:
            return 4 * self.info.parameters
        return sum((self.path / name).stat().st_size for name in self.weights)


def resolve(
    model: str,
    *,
    download: bool = True,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> ResolvedModel:
    """The model's files, from an installed package, a folder, or the hub's cache; else downloaded.

    What the cache holds is used as it is, without asking the hub for something newer: results stay the same until the
    user names another revision. Raises `Problem` in one sentence: unknown, not downloadable (with what to do offline),
    incomplete, or of a family that cannot be run.
    """
    info = catalogue.describe(model)
    if not info.runnable:
        raise Problem(f"{info.name} cannot be run: {info.why_not}")
    weights = catalogue.weights_reference(model)
    place = catalogue.local_folder(weights)
    if place is None:
        if weights.kind != "hub":
            raise Problem(
                f"The weights of {info.name} are missing: reinstall zsr-tui, which brings them ({info.source})."
            )
        if not download:
            raise hub.not_here(weights)
        place = hub.download(weights, report, cancel or CancelToken())
        info = catalogue.describe(model)
    folder, files = catalogue.files_of(place)
    if files is None:
        raise Problem(_no_weights(info, place), detail=str(folder))
    return _resolved(model, info, weights, folder, files)


def _resolved(model: str, info: ModelInfo, weights: Reference, folder: Path, files: checkpoint.Files) -> ResolvedModel:
    entry = catalogue.entry_of(model)
    recipe = entry.recipe if entry else Recipe()
    _check_runnable(info, folder, files)
    precision = checkpoint.precision(folder, files) if files.kind == "onnx" else TORCH_PRECISION
    revision = folder.name if weights.kind == "hub" else ""
    return ResolvedModel(
        path=folder,
        weights=files.weights,
        revision=revision,
        source=info.source,
        kind=files.kind,
        precision=precision,
        info=info,
        recipe=recipe,
        fingerprint=_fingerprint(folder, files, info.family, revision, precision, recipe),
    )


def _check_runnable(info: ModelInfo, folder: Path, files: checkpoint.Files) -> None:
    if not info.runnable:
        raise Problem(f"{info.name} cannot be run: {info.why_not}")
    if not info.family:
        raise Problem(
            f"{info.name} does not say what kind of model it is: its folder has neither modules.json nor the "
            "architecture in config.json.",
            detail=str(folder),
        )
    if (code := checkpoint.own_code(folder)) and not _is_known_to_transformers(folder):
        raise Problem(
            f"{info.name} runs code from its own repository ({code}, trust_remote_code), which zsr-tui refuses: "
            "choose another model of the catalogue."
        )
    if files.kind == "transformers" and not checkpoint.is_complete(folder):
        raise Problem(
            f"the model folder of {info.name} is incomplete: it needs config.json, a tokenizer (tokenizer.json or a "
            "vocabulary) and the weights; copy or download it again.",
            detail=str(folder),
        )


def _is_known_to_transformers(folder: Path) -> bool:
    """Whether transformers has the architecture itself, so that the repository's copy of the code is not needed."""
    modules = checkpoint.module_types(folder)
    if any(not name.startswith("sentence_transformers.") for name in modules):
        return False
    from transformers import CONFIG_MAPPING

    return checkpoint.read_json(folder / "config.json").get("model_type") in CONFIG_MAPPING


def _fingerprint(
    folder: Path, files: checkpoint.Files, family: str, revision: str, precision: str, recipe: Recipe
) -> str:
    content = {
        "files": {name: digests.of(folder / name) for name in sorted(files.all)},
        "family": family,
        "revision": revision,
        "precision": precision,
        "recipe": asdict(recipe),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _no_weights(info: ModelInfo, place: Path) -> str:
    if place.is_file():
        return (
            f"{place.name} is no model: name the folder that holds config.json and the weights, or an .onnx file in it."
        )
    several = sorted(name for name in checkpoint.names_in(place) if name.endswith(".onnx"))
    if several:
        return f"the folder of {info.name} holds several ONNX files: name one of them, such as {place / several[0]}."
    return (
        f"the folder of {info.name} holds no complete weights: it needs model.safetensors, pytorch_model.bin or "
        "model.onnx (all of its parts)."
    )
