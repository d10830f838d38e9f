"""Downloads, indexing and encoding on the screen."""

from __future__ import annotations

import asyncio

import pytest

from tests.ui.reading import notices, text_of
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.domain import Problem
from zsr_tui.progress import Progress
from zsr_tui.ui.setup.preparing.screen import PreparationScreen
from zsr_tui.ui.setup.screen import SetupScreen

from ..shell import HOSTILE, SIZES, ShellApp, ShellEngine, settle

SCIFACT = "beir/scifact/test"


async def begin(pilot) -> PreparationScreen:
    """Agree to the download that the start asks about."""
    await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)
    return pilot.app.screen


def scifact(engine: ShellEngine) -> ShellApp:
    return ShellApp(engine, dataset=SCIFACT, systems=("bm25",))


@pytest.mark.parametrize("size", SIZES)
async def test_progress_shows_task_share_rate_and_time_left_and_then_the_lists(size: tuple[int, int]) -> None:
    engine = ShellEngine()
    engine.prepare_gate = asyncio.Event()
    app = scifact(engine)
    async with app.run_test(size=size) as pilot:
        await begin(pilot)
        shown = text_of(app)
        for text in ("Preparing beir/scifact/test", "Downloading beir/scifact", "50%", "1.4 MB of 2.8 MB"):
            assert text in shown, text
        assert "0:02 left" in shown
        engine.prepare_gate.set()
        await settle(pilot)
        assert app.screen is app.compare
        assert "3 judgments name unknown documents." in notices(app)
    assert app.memory.dataset == SCIFACT


URL = "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets/scifact.zip"


async def test_a_long_address_in_a_message_is_whole_and_not_broken_in_a_name() -> None:
    engine = ShellEngine()
    engine.steps.append(Problem(f"No connection; put a copy of {URL} at /data/beir/scifact.zip, and retry."))
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        lines = [line.strip(" │") for line in text_of(app).splitlines()]
        at = lines.index("https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets/")
        assert lines[at + 1].startswith("scifact.zip at /data/beir/scifact.zip")
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert URL in text_of(app)


async def test_what_is_done_stays_in_sight() -> None:
    engine = ShellEngine()
    engine.steps.append(Problem("The disk is full; free 2 GB and retry."))
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        shown = text_of(app)
        assert "✓ Downloading beir/scifact" in shown
        assert "▸ Encoding beir/scifact" in shown
        assert "2,125 of 5,183 documents · 62 documents/s · 0:49 left" in shown


async def test_stopping_says_that_nothing_is_lost_and_it_can_go_on() -> None:
    engine = ShellEngine()
    engine.prepare_gate = asyncio.Event()
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("tab", "enter")  # nothing has the focus until one wants it: Enter alone must not stop
        await settle(pilot)
        assert engine.closed_streams == 1
        assert "Stopped. What was done so far is kept; the work goes on from" in text_of(app)
        engine.prepare_gate.set()
        await pilot.press("enter")  # Go on
        await settle(pilot)
        assert app.screen is app.compare
        assert len(engine.prepared) == 2
        assert engine.prepared[0].id != engine.prepared[1].id


async def test_stopping_and_going_back_leads_to_the_setup() -> None:
    engine = ShellEngine()
    engine.prepare_gate = asyncio.Event()
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert isinstance(app.screen, SetupScreen)
    assert app.memory.dataset == "demo"  # what didn't come about isn't remembered


async def test_a_failure_is_one_sentence_with_retry_and_back() -> None:
    engine = ShellEngine()
    engine.steps.insert(1, Problem(f"No network {HOSTILE}; put the files into a folder."))
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        shown = text_of(app)
        assert "No network [b]x[/b] [red]y[/] ␛[31mz; put the files" in shown
        assert "Retry" in shown
        assert "Back" in shown
        assert "Stop" not in shown
        del engine.steps[1]
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is app.compare


async def test_back_after_a_failure_returns_to_the_choice_that_was_made() -> None:
    engine = ShellEngine()
    engine.steps.insert(0, Problem("No network."))
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press(*"scifact", "enter", "f5")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("right", "enter")
        await settle(pilot)
        assert isinstance(app.screen, SetupScreen)
        assert "✓ SciFact" in text_of(app)


async def test_an_engine_that_was_restarted_is_told() -> None:
    engine = ShellEngine()
    engine.steps[1:1] = ["lost", Progress("Encoding beir/scifact", 1, None, "documents", 3.25)]
    engine.steps.append(Problem("Stop here."))
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        engine.prepare_gate = asyncio.Event()
        await pilot.press("enter")
        await settle(pilot)
        engine.steps[-1:] = []
        engine.prepare_gate.set()
        await settle(pilot)
        assert app.screen is app.compare


async def test_an_engine_that_says_nothing_more_is_a_failure_and_not_an_endless_wait() -> None:
    engine = ShellEngine()

    async def silent(request):
        if False:
            yield

    engine.streams[PrepareRequest] = silent
    app = scifact(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        assert "The engine ended the work without saying why" in text_of(app)
        assert "Retry" in text_of(app)
