"""What the engine calls a dataset and systems that the user has named."""

from __future__ import annotations

from typing import Any

from textual.app import App

from zsr_tui.api.questions import FindDataset, ReadSystem
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem


async def named_by_engine(
    app: App[Any], engine: EngineApi, dataset: str, systems: tuple[str, ...]
) -> tuple[str, tuple[str, ...]] | None:
    """The dataset by its one name and the systems in the notation; None after saying what is wrong."""
    try:
        name = await engine.call(FindDataset(name=dataset))
        heads = [await engine.call(ReadSystem(notation=system)) for system in systems]
    except Problem as problem:
        app.notify(problem.message, severity="error", timeout=20, markup=False)
        return None
    return name, tuple(head.notation for head in heads)
