"""The tour as somebody takes it who has not seen the program before."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from textual.pilot import Pilot

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.selection import QuerySelection
from zsr_tui.ui import memory
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.keys.bindings import BY_ID
from zsr_tui.ui.parts.messages import QueriesWanted
from zsr_tui.ui.setup.screen import SetupScreen
from zsr_tui.ui.tour.panel import TourPanel
from zsr_tui.ui.tour.steps import END, OFFER, STEPS

from ..fake.engine import BM25, DENSE
from ..fake.queries import ID, StoredEngine
from ..shell import ShellEngine, settle

FIRST = STEPS[0].title


@asynccontextmanager
async def started(
    tour: Literal["", "offer", "begin"], engine: Any = None, size: tuple[int, int] = (100, 30), **given: Any
) -> AsyncIterator[tuple[ZsrTuiApp, Pilot[Any]]]:
    app = ZsrTuiApp(engine or ShellEngine(), tour=tour, **given)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield app, pilot


def panels(app: ZsrTuiApp) -> int:
    return len(app.screen.query(TourPanel))


async def test_a_first_start_offers_it_in_one_line_until_a_query_is_asked_and_never_again() -> None:
    async with started("offer", size=(80, 24)) as (app, pilot):
        assert text_of(app).splitlines()[0].strip("▌█ ") == "New here? F8 shows zsr-tui in five steps."
        assert app.screen.query_one(TourPanel).size.height == 1
        await pilot.press(*"tea", "enter")
        await until(pilot, lambda: not panels(app) and app.tours.now is None)
    assert memory.memory_file().exists()
    async with started("offer") as (app, _):
        assert not panels(app)


async def test_each_step_goes_on_when_the_user_has_done_it() -> None:
    chosen = memory.Memory(dataset="demo", systems=("bm25",))
    memory.save(chosen)

    def shown(step: int) -> bool:
        return STEPS[step].title in text_of(app) and panels(app) == 1

    async with started("begin", size=(80, 24), dataset="demo", systems=memory.SYSTEMS) as (app, pilot):
        assert shown(0)
        assert "esc leaves the query line, n then asks" in " ".join(text_of(app).split())
        await pilot.press("escape", "n")
        await until(pilot, lambda: shown(1))
        await pilot.press("down", "enter")
        await until(pilot, lambda: shown(2), "the next step, over the document")
        await pilot.press("escape")
        await settle(pilot)
        assert shown(2)  # it wants another query
        await pilot.press("n")
        await until(pilot, lambda: shown(3))
        await pilot.press("e")
        await until(pilot, lambda: shown(3), "the step on the evaluations' screen")
        await pilot.press("escape", "f8")  # skipped
        await until(pilot, lambda: shown(4))
        await pilot.press("s")
        await until(pilot, lambda: shown(4), "the step on the setup")
        await pilot.press("escape")
        await settle(pilot)
        assert shown(4)  # nothing was changed
        assert memory.load()[0].systems == ("bm25",)  # what the tour shows was not chosen
        await pilot.press("f8")
        await until(pilot, lambda: "That was the tour." in text_of(app))
        await pilot.press("f8")
        await until(pilot, lambda: app.tours.now is None)
        assert not panels(app)
        await pilot.press("f8")  # and once more
        await until(pilot, lambda: shown(0))


async def test_escape_leaves_it_where_there_is_nothing_else_to_leave() -> None:
    async with started("begin") as (app, pilot):
        await pilot.press("escape")  # the query line
        await settle(pilot)
        assert FIRST in text_of(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.tours.now is None)
        assert FIRST not in text_of(app)


async def test_a_program_that_ends_in_the_middle_of_it_ends_well() -> None:
    async with started("begin") as (app, pilot):
        tour = app.tours.now
        assert tour is not None
        await pilot.press("ctrl+q")
    assert app.screen_stack == []
    tour.look()  # as its timer may, while the screens are taken down
    assert app.return_code == 0


async def test_the_queries_of_an_evaluation_and_other_systems_are_noticed() -> None:
    async with started("begin", StoredEngine(), dataset="demo", systems=(BM25, DENSE)) as (app, pilot):
        for step in (1, 2, 3):
            await pilot.press("f8")
            await until(pilot, lambda step=step: STEPS[step].title in text_of(app))
        app.post_message(QueriesWanted(ID, QuerySelection(measure="nDCG@10", system=1)))
        await until(pilot, lambda: STEPS[4].title in text_of(app))
        await pilot.press("escape")
        app.post_message(SetupScreen.Chosen("demo", (DENSE,), False))
        await until(pilot, lambda: "That was the tour." in text_of(app))


def test_the_keys_that_it_names_are_those_of_actions() -> None:
    named = {id for text in (OFFER, END, *(step.text for step in STEPS)) for id in re.findall(r"\{(\w+)\}", text)}
    assert named
    assert named <= BY_ID.keys()
