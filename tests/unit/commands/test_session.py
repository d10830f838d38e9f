from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest

from zsr_tui.api.events import AnyEvent, PrepareFinished
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import prepare

UNKNOWN, GUESSED, REBUILT = "3 judgments name no document.", "Its pooling is guessed.", "The index was built again."


class Prepares:
    """An engine that prepares in no time."""

    def __init__(self, *hold: str, happened: str = "") -> None:
        self.hold, self.happened = hold, (happened,) if happened else ()

    async def stream(self, request: PrepareRequest) -> AsyncGenerator[AnyEvent, None]:
        notes = (*self.hold, *self.happened)
        yield PrepareFinished(request=request.id, dataset=f"one/{request.dataset}", notes=notes, hold=self.hold)


def test_what_holds_of_a_corpus_is_said_once_in_a_home_and_what_happens_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "one"))

    def said(engine: Prepares, dataset: str = "mine", *, all_notes: bool = False) -> list[str]:
        notes: list[str] = []
        asked = prepare(cast(EngineApi, engine), dataset, ("bm25",), notes=notes, all_notes=all_notes)
        assert asyncio.run(asked) == {}  # type: ignore[arg-type]
        assert capsys.readouterr().err.splitlines() == [f"zsr-tui: {note}" for note in notes]
        return notes

    assert said(Prepares(UNKNOWN)) == [UNKNOWN]
    assert said(Prepares(UNKNOWN)) == []
    assert said(Prepares(UNKNOWN, GUESSED, happened=REBUILT)) == [GUESSED, REBUILT]
    assert said(Prepares(UNKNOWN, GUESSED, happened=REBUILT)) == [REBUILT]
    assert said(Prepares(UNKNOWN), all_notes=True) == [UNKNOWN]
    assert said(Prepares(UNKNOWN), "other") == [UNKNOWN]
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "two"))
    assert said(Prepares(UNKNOWN)) == [UNKNOWN]
    (tmp_path / "two" / "data" / "told").rename(tmp_path / "gone")
    (tmp_path / "two" / "data" / "told").write_text("no folder")  # where nothing can be kept it is said again
    assert said(Prepares(UNKNOWN)) == [UNKNOWN] == said(Prepares(UNKNOWN))
