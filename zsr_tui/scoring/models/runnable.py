"""Whether the files of a model can be run, and whether that needs code of their own."""

from __future__ import annotations

from pathlib import Path

from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.scoring import imports
from zsr_tui.scoring.models import bounds, checkpoint, entries, trust
from zsr_tui.scoring.models.reference import Reference


def check_runnable(
    info: ModelInfo, weights: Reference, folder: Path, files: checkpoint.Files, *, own_tokenizer: bool, head: bool
) -> bool:
    """Raises `Problem` for files that cannot be run; `head`: one of bge-m3's beside its dense vectors is read. Gives
    whether they need code of their own, which is allowed."""
    if not info.runnable:
        raise Problem(f"{info.name} cannot be run: {info.why_not}")
    if not info.family:
        raise Problem(_no_family(info, folder), detail=str(folder))
    if files.kind == "transformers" and not checkpoint.is_complete(folder, tokenizer=own_tokenizer):
        raise Problem(
            f"the model folder of {info.name} is incomplete: it needs config.json, a tokenizer (tokenizer.json or a "
            "vocabulary) and the weights; copy or download it again.",
            detail=str(folder),
        )
    found = checkpoint.family(folder, files)
    if not checkpoint.agrees("bi-encoder" if head else info.family, found):
        what = checkpoint.architecture_of(folder) or found
        raise Problem(
            f"{info.name} should be of the family {info.family}, but its files hold a model of another ({what}): copy "
            "or download it again, or name another revision.",
            detail=str(folder),
        )
    bounds.check(folder, files)
    return _needs_own_code(info, weights, folder)


def _needs_own_code(info: ModelInfo, weights: Reference, folder: Path) -> bool:
    classes = checkpoint.own_classes(folder)
    if not classes or (not trust.allows(weights) and _is_known_to_transformers(folder)):
        return False
    if not trust.allows(weights):
        raise Problem(f"{info.name} cannot be run: {trust.refusal(weights, classes[0])}")
    if elsewhere := [name for name in classes if "--" in name]:
        raise Problem(
            f"{info.name} takes its code from another repository ({elsewhere[0].partition('--')[0]}), which no "
            "revision of its own pins: copy that code into a folder with the model, and give the folder."
        )
    return True


def _no_family(info: ModelInfo, folder: Path) -> str:
    if architecture := checkpoint.architecture_of(folder):
        return f"{info.name} is a {architecture}, and not an encoder of texts or a reranker: choose another model."
    return (
        f"{info.name} does not say what kind of model it is: its folder has neither modules.json nor the architecture "
        f"in config.json; say it in {entries.own_place()}."
    )


def _is_known_to_transformers(folder: Path) -> bool:
    """Whether transformers has the architecture itself, so that the repository's copy of the code is not needed."""
    if set(checkpoint.own_classes(folder)) & set(checkpoint.module_types(folder)):
        return False
    known = imports.taken("transformers", "CONFIG_MAPPING")
    return checkpoint.read_json(folder / "config.json").get("model_type") in known
