"""A model with files on this machine: what is asked of them, and the names that tell what it may be a copy of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zsr_tui.scoring.models import checkpoint, entries
from zsr_tui.scoring.models.checkpoint import Files
from zsr_tui.scoring.models.entries import Entry, Recipe

_PAIRED_T5 = re.compile(r"(mono|duo)-?(pt)?t5")


@dataclass(frozen=True, slots=True)
class Asked:
    """`names`: its own, and that of the model that it was made of (`names`); `like` is the folder of the model that its
    entry is like, None where that is not on this machine, or like none."""

    names: tuple[str, ...]
    family: str
    entry: Entry | None
    recipe: Recipe
    folder: Path
    files: Files
    like: Path | None = None

    @property
    def config(self) -> dict[str, Any]:
        return checkpoint.read_json(self.folder / "config.json")

    @property
    def modules(self) -> list[str]:
        """The classes of its sentence-transformers modules, without their packages."""
        return [name.rpartition(".")[2] for name in checkpoint.module_types(self.folder)]

    @property
    def known(self) -> bool:
        """Whether an entry says how it is run: one of the catalogue's, or the user's that is like one."""
        return self.entry is not None and (not self.entry.own or bool(self.entry.like))

    def said(self, name: str) -> bool:
        """Whether the user wrote this field of the recipe."""
        return self.entry is not None and name in self.entry.said

    def kin(self) -> Entry | None:
        """The catalogue's model that it seems to be a copy of, by its names; None for one that is known, and for what
        is of another family than that."""
        if self.known:
            return None
        known = {
            bare(entry.name): entry
            for entry in entries.all_entries().values()
            if not entry.own and (entry.family == self.family or checkpoint.agrees(entry.family, self.family))
        }
        return next(filter(None, map(known.get, self.names)), None)


def bare(place: str) -> str:
    """The own name of a folder or a repository, in small letters; of a snapshot in the hub's cache the repository's."""
    parts = [part for part in re.split(r"[/\\]", place.lower()) if part]
    if len(parts) > 2 and parts[-2] == "snapshots" and parts[-3].startswith("models--"):
        return parts[-3].rpartition("--")[2]
    return parts[-1] if parts else ""


def names(own: str, folder: Path) -> tuple[str, ...]:
    """Its own name, and that of the model that it was made of, where transformers has written it down: in the folder of
    the first module."""
    first = next((str(module.get("path", "")) for module in checkpoint.modules(folder)), "")
    made_of = checkpoint.read_json(folder / first / "config.json").get("_name_or_path")
    return (own, bare(made_of)) if isinstance(made_of, str) else (own,)


def t5_family(known_names: tuple[str, ...]) -> str:
    """Of a T5 that reranks: nothing but names tells these checkpoints apart. A model's own goes before the other, and
    what is only made of a RankT5 need not be one."""
    if "rankt5" in known_names[0]:
        return "rankt5"
    found = next(filter(None, map(_PAIRED_T5.search, known_names)), None)
    return "duot5" if found and found[1] == "duo" else "monot5"


def recipe_by(known_names: tuple[str, ...]) -> Recipe:
    """What names tell of how a model is run: the Portuguese rerankers of unicamp-dl answer in their language (the model
    cards of monoptt5; pygaggle's table of tokens for ptt5)."""
    name = next((name for name in known_names if "ptt5" in name), "")
    if "monoptt5" in name:
        words = ("Pergunta:", "Documento:", "Relevante:")
        return Recipe(prompt_words=words, true_token="▁Sim", false_token="▁Não")
    return Recipe(true_token="▁sim", false_token="▁não") if name else Recipe()
