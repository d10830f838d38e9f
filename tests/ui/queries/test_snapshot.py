"""One picture of each screen."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from ..fake.queries import StoredEngine
from .screen import app_on, opened, shows


def test_query_table(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await opened(pilot)
        await pilot.press("down")
        await shows(pilot, "Relevant documents of 3")
        await shows(pilot, "At fault: ")
        await shows(pilot, "demoted by")
        await pilot.pause()

    assert snap_compare(app_on(StoredEngine()), terminal_size=(120, 36), run_before=before)


def test_bars(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await opened(pilot)
        await pilot.press("2")
        await shows(pilot, "▲")
        await pilot.pause()

    assert snap_compare(app_on(StoredEngine()), terminal_size=(100, 30), run_before=before)


def test_scatter(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await opened(pilot)
        await pilot.press("3")
        await shows(pilot, "above ╱")
        await pilot.press("home")
        await shows(pilot, "−0.700")
        await pilot.pause()

    assert snap_compare(app_on(StoredEngine()), terminal_size=(100, 30), run_before=before)


def test_documents(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await opened(pilot)
        await pilot.press("4")
        await shows(pilot, "rank 1, score")
        await pilot.pause()

    assert snap_compare(app_on(StoredEngine()), terminal_size=(100, 30), run_before=before)


def test_failures(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await opened(pilot)
        await pilot.press("f")
        await shows(pilot, "some did not fit")
        await pilot.pause()

    assert snap_compare(app_on(StoredEngine()), terminal_size=(120, 36), run_before=before)
