"""What an encoder's own files say of its prompts, pooling and similarity, as sentence-transformers keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zsr_tui.scoring.models import checkpoint

ROLES = ("query", "document")
POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")  # in the order of their parts
# under which names of prompts the two sides find theirs (sentence-transformers' encode_query, encode_document)
_NAMES = {"query": ("query",), "document": ("document", "passage", "corpus")}
_ENDINGS = {"cls": "_token", "mean": "_tokens", "max": "_tokens", "mean_sqrt_len_tokens": "", "weightedmean": "_tokens"}
_SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")


def settings(folder: Path) -> dict[str, Any]:
    return checkpoint.read_json(folder / "config_sentence_transformers.json")


def prompts(folder: Path) -> dict[str, str | None]:
    """By role; None where the files say nothing of it. sentence-transformers writes an empty prompt where none was
    given, so that one that is not empty goes before it, under whichever of its names it stands."""
    given = settings(folder).get("prompts")
    if not isinstance(given, Mapping):
        return dict.fromkeys(ROLES)
    found = {
        role: [given[name] for name in names if isinstance(given.get(name), str)] for role, names in _NAMES.items()
    }
    return {role: next(filter(None, texts), "" if texts else None) for role, texts in found.items()}


def other_prompts(folder: Path) -> list[str]:
    """The names of prompts that neither side takes, the default one's too (`encode_query` and `encode_document` never
    fall back on it)."""
    given, taken = settings(folder).get("prompts"), [name for names in _NAMES.values() for name in names]
    return [str(name) for name, text in given.items() if text and name not in taken] if isinstance(given, dict) else []


def similarity(folder: Path) -> str | None:
    """One of sentence-transformers' four; None where the files do not say it. Vectors that the last module has
    normalised are compared by cosine."""
    said = settings(folder).get("similarity_fn_name")
    types = checkpoint.module_types(folder)
    normalised = bool(types) and types[-1].endswith(".Normalize")
    return said if said in _SIMILARITIES else "cosine" if normalised else None


def pooling(folder: Path) -> tuple[str, ...]:
    """Those of the Pooling among its modules, whose results stand side by side; without modules of 1_Pooling. Empty
    where neither is there."""
    config = _pooling(folder)
    said = config.get("pooling_mode")
    if isinstance(said, str):
        return (said,)
    if isinstance(said, list):
        return tuple(map(str, said))
    return tuple(name for name in POOLINGS if config.get(f"pooling_mode_{name}{_ENDINGS.get(name, '')}"))


def leaves_prompt_out(folder: Path) -> bool:
    """Whether the prompt's tokens are no part of the pooling."""
    return _pooling(folder).get("include_prompt") is False


def _pooling(folder: Path) -> dict[str, Any]:
    parts = checkpoint.parts(folder)
    place = next((part["path"] for part in parts if part["type"].endswith(".Pooling")), "" if parts else "1_Pooling")
    return checkpoint.read_json(folder / place / "config.json") if place else {}


def lowers(folder: Path) -> bool:
    """Whether a text is put in small letters before it is tokenised."""
    parts = checkpoint.parts(folder)
    place = folder / (parts[0]["path"] if parts else "")
    return bool(checkpoint.read_json(place / "sentence_bert_config.json").get("do_lower_case"))


def default_prompt(folder: Path) -> str:
    """What a cross-encoder's query begins with; "" without one."""
    given, name = settings(folder).get("prompts"), settings(folder).get("default_prompt_name")
    said = given.get(name) if isinstance(given, Mapping) and isinstance(name, str) else None
    return said if isinstance(said, str) else ""
