"""Which function answers a question about what is being prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zsr_tui import caller
from zsr_tui.api.preparing import (
    BeginPreparing,
    Needs,
    PartView,
    PausePreparing,
    Preparing,
    ReadPreparing,
    StopPreparing,
)
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.library import Library

if TYPE_CHECKING:
    from zsr_tui.engine.preparing.parts import Part


def preparing_answers(library: Library) -> Answers:
    return {
        BeginPreparing: lambda asked: begin(library, asked),
        ReadPreparing: lambda asked: read(library, asked),
        PausePreparing: lambda asked: library.preparing.pause(asked.id, asked.paused),
        StopPreparing: lambda asked: library.preparing.stop(asked.id),
    }


def begin(library: Library, asked: BeginPreparing) -> Needs:
    """Raises `Problem` for a wrong notation, and for a dataset that averages over several."""
    from zsr_tui import corpora
    from zsr_tui.engine.preparing.needs import Lacking

    lacking = Lacking(library, corpora.normalise(asked.dataset), asked.refused)
    _take_up(library)
    systems = [lacking.parts(notation) for notation in asked.systems]
    parts = dict.fromkeys(part for each in systems for part in each)
    if not asked.refused:
        library.preparing.forget_resting(lacking.there(asked.systems))
    known = {view.id: view for view in library.preparing.views()}
    asks = {part: lacking.asks(part) for part in parts if part.id not in known and part.id not in asked.agreed}
    held_back = {part for part in parts if any(asks.get(each) for each in (*part.needs(), part))}
    library.preparing.begin([part for part in parts if part not in held_back], background=True)
    known = {view.id: view for view in library.preparing.views()}
    return Needs(
        parts=tuple(view for part in parts if (view := known.get(part.id) or _held(part, asks)) is not None),
        systems=tuple(tuple(part.id for part in each) for each in systems),
    )


def _held(part: Part, asks: dict[Part, str]) -> PartView | None:
    """One that nobody has begun; None for one that is there by now."""
    if not any(asks.get(each) for each in (*part.needs(), part)):
        return None
    view = PartView(id=part.id, kind=part.kind, dataset=part.dataset, about=part.about, name=part.name)
    return msgspec.structs.replace(view, asks=asks.get(part, ""))


def read(library: Library, asked: ReadPreparing) -> Preparing:
    if not asked.go_on:
        return Preparing(parts=library.preparing.views())
    _take_up(library)
    return Preparing(notes=library.preparing.take_notes(), parts=library.preparing.views())


def _take_up(library: Library) -> None:
    """What an engine has left is for whose engine it is to go on with."""
    if caller.current().bounds is None:
        library.preparing.take_up()
