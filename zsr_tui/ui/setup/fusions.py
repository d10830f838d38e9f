"""Fusions of the systems that are chosen, for who types the name of one."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets.option_list import Option

from zsr_tui import pipeline
from zsr_tui.text import one_line

_FUSIONS: dict[str, type[pipeline.Rrf] | type[pipeline.Linear]] = {"rrf": pipeline.Rrf, "linear": pipeline.Linear}
_BEGINNING = 3  # letters of a name that say enough


def fusions(typed: str, chosen: Sequence[str]) -> list[Option]:
    """An option with the notation, or why there is none. What is fused already, and what is no system, isn't fused."""
    word = typed.casefold()
    name = next((name for name in _FUSIONS if len(word) >= _BEGINNING and name.startswith(word)), None)
    if name is None:
        return []
    systems = tuple(system for system in map(_parsed, chosen) if system and not pipeline.outer_fusion(system))
    if len(systems) < 2:
        return [Option(Content(f"  {name} fuses the chosen systems: choose two first"), disabled=True)]
    notation = str(_FUSIONS[name](systems))
    if notation in chosen:
        return [Option(Content(f"  {name} of these is chosen already"), disabled=True)]
    return [Option(Content(f"  {one_line(notation)}"), id=f"system:{notation}")]


def _parsed(notation: str) -> pipeline.System | None:
    try:
        return pipeline.parse(notation)
    except pipeline.NotationError:
        return None
