"""The window that says what the engine is doing."""

from __future__ import annotations

import pytest

from tests.ui.fake.preparing import encoding, indexing
from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import Status
from zsr_tui.domain import DeviceStatus, Problem
from zsr_tui.ui.engine.screen import EngineScreen, described

from ..shell import SIZES, ShellApp, ShellEngine, settle

BUSY = Status(
    devices=(
        DeviceStatus(name="cuda:0", precision="bf16", models=("monoT5-3B",), memory_bytes=5_700_000_000, waiting=3),
        DeviceStatus(name="cuda:1", precision="bf16", lost=True),
    ),
    engine_memory_bytes=2_000_000_000,
    jobs=("evaluate beir/scifact/test: 120 of 300 queries, 0:41 left", "[b]x[/b]\x1b[31m"),
    cache_bytes=12_000_000,
    cache_limit_bytes=1_000_000_000,
    cache_trouble="scores are not kept: the disk is full.",
)


def test_devices_models_queue_memory_cache_and_time_left_are_told() -> None:
    text = "\n".join(f"{name} {what}" for name, what in described(BUSY))
    for part in (
        "cuda:0 bf16 · 5.7 GB of weights · 3 requests waiting",
        "monoT5-3B",
        "cuda:1 lost: restart the program",
        "2.0 GB of the engine's process",
        "12 MB of at most 1.0 GB",
        "scores are not kept: the disk is full.",
        "120 of 300 queries, 0:41 left",
        "[b]x[/b]␛[31m",
    ):
        assert part in text
    assert "idle" not in text


def test_an_engine_without_work_is_idle() -> None:
    assert described(Status()) == [
        ("devices", "none has been used yet"),
        ("cache", "off (ZSR_TUI_CACHE_MB=0)"),
        ("work", "idle"),
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_with_a_key_and_closes(size: tuple[int, int]) -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, EngineScreen) and "cpu" in text_of(app.screen))
        engine.problems[ReadStatus] = Problem("the engine does not answer.")
        assert isinstance(app.screen, EngineScreen)
        app.screen._look()
        await until(pilot, lambda: "the engine does not answer" in text_of(app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, EngineScreen))


async def test_what_is_prepared_is_listed_paused_and_stopped() -> None:
    engine = ShellEngine()
    engine.preparing.add(indexing())
    engine.preparing.add(encoding(70))
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("E")
        await until(pilot, lambda: "demo encoded with m: encoding 70 of 140 · 60/s" in text_of(app.screen))
        assert "the BM25 index of demo: indexing 41 of 140" in text_of(app.screen)
        await pilot.press("down", "w")
        await until(pilot, lambda: "demo encoded with m: paused at 50 %" in text_of(app.screen))
        facts = dict(described(Status(), tuple(engine.preparing.parts.values())))
        assert (facts["preparing"], facts["paused"]) == ("1 part", "1 part")
        assert "idle" not in facts.values()
        assert ("work", "idle") in described(Status(), (encoding(70, state="paused"),))
        await pilot.press("w")
        await until(pilot, lambda: "demo encoded with m: encoding 70" in text_of(app.screen))
        assert isinstance(app.screen, EngineScreen)
        app.screen.pause_part()
        app.screen._look()  # which is due every second, and may be at this moment
        await until(pilot, lambda: "demo encoded with m: paused at 50 %" in text_of(app.screen))
        engine.preparing.finish("bm25 demo")  # the cursor stays on its part
        app.screen._look()
        await until(pilot, lambda: "BM25" not in text_of(app.screen))
        await pilot.press("W")
        await until(pilot, lambda: "stopped at 50 %" in text_of(app.screen))
