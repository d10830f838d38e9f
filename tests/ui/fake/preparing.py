"""What is being prepared in the stand-in engine: parts that a test makes, changes and takes away."""

from __future__ import annotations

import msgspec

from zsr_tui.api.preparing import (
    BeginPreparing,
    Needs,
    PartView,
    PausePreparing,
    Preparing,
    ReadPreparing,
    StopPreparing,
)
from zsr_tui.progress import Progress


class FakePreparing:
    """`parts` by id; `needs` has the ids that a system (by its notation) lacks. Parts that ask wait until they are
    agreed to. `begun` has the ids that were agreed to, `told` the questions about one part."""

    def __init__(self) -> None:
        self.parts: dict[str, PartView] = {}
        self.needs: dict[str, tuple[str, ...]] = {}
        self.notes: tuple[str, ...] = ()
        self.agreed: list[str] = []
        self.asked: list[BeginPreparing] = []
        self.told: list[PausePreparing | StopPreparing] = []

    def add(self, part: PartView, *systems: str) -> None:
        """Systems lack it."""
        self.parts[part.id] = part
        for system in systems:
            self.needs[system] = (*self.needs.get(system, ()), part.id)

    def change(self, id: str, **changes: object) -> None:
        self.parts[id] = msgspec.structs.replace(self.parts[id], **changes)

    def finish(self, id: str) -> None:
        del self.parts[id]

    def begin(self, asked: BeginPreparing) -> Needs:
        self.asked.append(asked)
        for id in asked.agreed:
            self.agreed.append(id)
            self.change(id, state="running", asks="")
        systems = tuple(tuple(id for id in self.needs.get(system, ()) if id in self.parts) for system in asked.systems)
        ids = dict.fromkeys(id for each in systems for id in each)
        return Needs(parts=tuple(self.parts[id] for id in ids), systems=systems)

    def read(self, asked: ReadPreparing) -> Preparing:
        notes, self.notes = self.notes, ()
        parts = tuple(part for part in self.parts.values() if part.state != "lacking")
        return Preparing(parts=parts, notes=notes)

    def pause(self, asked: PausePreparing) -> None:
        self.told.append(asked)
        self.change(asked.id, state="paused" if asked.paused else "running", problem=None)

    def stop(self, asked: StopPreparing) -> None:
        self.told.append(asked)
        self.change(asked.id, state="stopped")


def encoding(done: int, total: int = 140, *, state: str = "running", id: str = "dense demo m") -> PartView:
    """A dense index, so far."""
    progress = Progress("Encoding demo", done, total, "documents", 60.0, (total - done) / 60.0)
    about = "demo encoded with m"
    return PartView(id=id, kind="encoded", dataset="demo", about=about, name="m", state=state, progress=progress)  # type: ignore[arg-type]


def indexing(*, state: str = "running", asks: str = "") -> PartView:
    """BM25's index."""
    progress = Progress("Indexing demo for BM25", 41, 140, "documents") if state == "running" else None
    about = "the BM25 index of demo"
    return PartView(id="bm25 demo", kind="bm25", dataset="demo", about=about, state=state, progress=progress, asks=asks)  # type: ignore[arg-type]
