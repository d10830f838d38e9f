"""What can be wrong with weights that are only seen while they are loaded, each as one sentence."""

from __future__ import annotations

import errno
import pickle
import re
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.models.weights import ResolvedModel

_GLOBAL = re.compile(r"(?:GLOBAL|global) ([\w.]+)")
_TOKENIZER = re.compile(r"tokenizer|sentencepiece|tiktoken|vocab", re.IGNORECASE)
_TORN = re.compile(
    r"central directory|unexpected EOF|corrupt|external data|_data\b|HeaderTooLarge|MetadataIncomplete|incomplete", re.I
)
_SHAPES = re.compile(r"size mismatch|ignore_mismatched_sizes|shape")
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def check_weights(resolved: ResolvedModel, model: Any, *, unused: tuple[str, ...] = ()) -> None:
    """Refuses a model of which some weights were not in its files: transformers fills those with random numbers.

    `model` is a transformers model, or a sentence-transformers model around some; `unused` are beginnings of names,
    behind the architecture's prefix, of weights whose results nothing reads ("pooler.").
    """
    from transformers import PreTrainedModel

    for part in model.modules():
        if not isinstance(part, PreTrainedModel):
            continue
        patterns = [re.compile(each) for each in part._keys_to_ignore_on_load_missing or ()]
        # transformers sets the flag on what it has read from a file, or ties to that
        random = [
            name
            for name, weight in part.named_parameters()
            if not getattr(weight, "_is_hf_initialized", False)
            and not name.removeprefix(f"{part.base_model_prefix}.").startswith(unused)
            and not any(pattern.search(name) for pattern in patterns)
        ]
        if random:
            raise Problem(
                f"{resolved.info.name} has no weights for {_some(random)} of a {type(part).__name__}: it is a "
                "checkpoint of another architecture, and would give random scores.",
                detail=str(resolved.path),
            )


def problem(resolved: ResolvedModel, error: BaseException) -> Problem:
    """The sentence for an error of the libraries that load a model."""
    name, text = resolved.info.name, _COLOURS.sub("", str(error))
    detail = f"{resolved.path}: {error!r}"
    if isinstance(error, Problem):
        return error
    if isinstance(error, pickle.UnpicklingError):
        asked = _GLOBAL.search(text)
        what = f"asks to run {asked[1]}" if asked else "is damaged, or not a file of tensors"
        return Problem(
            f"{name} keeps its weights in a pickle that {what}: only plain tensors are loaded from a pickle; use a "
            "copy in safetensors.",
            detail=detail,
        )
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"  # torch's
        or getattr(error, "errno", None) == errno.ENOMEM
    ):
        return Problem(f"{name} does not fit into memory: choose a smaller model.", detail=detail)
    if _TORN.search(text) or type(error).__name__ == "SafetensorError":
        return Problem(f"the weights of {name} are damaged or incomplete: copy or download them again.", detail=detail)
    if isinstance(error, RuntimeError) and _SHAPES.search(text):
        return Problem(
            f"the weights of {name} do not have the shapes that its config.json says: copy or download both again.",
            detail=detail,
        )
    if _TOKENIZER.search(text):
        return Problem(
            f"the tokenizer of {name} cannot be loaded: put the tokenizer.json of the model beside its weights.",
            detail=detail,
        )
    if isinstance(error, KeyError):
        text = f"its files have no {error.args[0]}" if error.args else "its files lack a name"
    first = next(iter(text.strip().splitlines()), "") or type(error).__name__
    return Problem(f"{name} cannot be loaded: {first.rstrip('.')}.", detail=detail)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more
