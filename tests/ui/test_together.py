"""The shell with the real Compare screen in it."""

from __future__ import annotations

import asyncio

import pytest

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.requests import SystemHead
from zsr_tui.domain import Problem
from zsr_tui.ui import themes
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.document.screen import DocumentScreen

from .fake.engine import DENSE, RERANKED, SYSTEMS, FakeEngine
from .shell import settle, type_in


class NotBuilt(Problem):
    kind = "not-built"


async def test_from_launch_over_a_picked_query_to_an_opened_document() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset="demo", systems=SYSTEMS)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "f")
        await settle(pilot)
        await type_in(pilot, "statin")
        await pilot.press("enter")
        await until(pilot, lambda: len(engine.requests) == 1)
        await settle(pilot)
        assert engine.requests[0].qid == "57"
        assert "statin therapy and diabetes" in text_of(app)
        assert "nDCG@10" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, DocumentScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.compare


async def test_a_query_of_the_command_line_is_run_at_once_and_remembered() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset="demo", systems=SYSTEMS, query="[b]vitamin[/b]")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert [request.query for request in engine.requests] == ["[b]vitamin[/b]"]
        assert "[b]vitamin[/b]" in text_of(app)
        assert app.memory.history == ("[b]vitamin[/b]",)


async def test_other_systems_chosen_in_the_setup_are_compared_and_the_history_stays() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset="demo", systems=SYSTEMS, query="vitamin")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("f4", "delete", "f5")
        await settle(pilot)
        assert app.compare.session.systems == (DENSE, RERANKED)
        assert app.compare.history == ["vitamin"]
        await pilot.press("escape", "slash", "up", "enter")
        await settle(pilot)
        assert engine.requests[-1].systems == (DENSE, RERANKED)
        assert engine.requests[-1].query == "vitamin"


async def test_other_systems_on_the_same_corpus_are_asked_the_query_that_was_shown() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset="demo", systems=SYSTEMS)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "n", "n", "n")
        await until(pilot, lambda: app.compare.session.qid == "42" and not app.compare.session.running)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("f4", "delete", "f5")
        await until(pilot, lambda: engine.requests[-1].systems == (DENSE, RERANKED))
        await settle(pilot)
        assert engine.requests[-1].qid == "42"
        assert "qid 42" in text_of(app)
        await pilot.press("n")  # and steps go on from there
        await until(pilot, lambda: app.compare.session.qid == "57")


async def test_a_free_query_goes_on_to_the_new_systems_but_not_to_another_corpus() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset="demo", systems=SYSTEMS, query="vitamin")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("f4", "delete", "f5")
        await until(pilot, lambda: engine.requests[-1].systems == (DENSE, RERANKED))
        assert engine.requests[-1].query == "vitamin"
        asked = len(engine.requests)
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await type_in(pilot, "scifact")
        await pilot.press("enter", "f4", "delete", "delete", "f3")
        await type_in(pilot, "bm25")
        await pilot.press("enter", "f5")
        await settle(pilot)
        await until(pilot, lambda: app.dataset == "beir/scifact/test")
        await settle(pilot)
        assert len(engine.requests) == asked


@pytest.mark.parametrize("theme", themes.NAMES)
async def test_without_colour_every_theme_is_legible(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ZsrTuiApp(FakeEngine(), dataset="demo", systems=SYSTEMS, query="vitamin")
    app.theme = theme
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        background = app.screen.background_colors[1]
        for strip in app.screen._compositor.render_strips():
            for line_filter in app.get_line_filters():
                strip = strip.apply_filter(line_filter, background)
            for text, style, _ in strip:
                if not text.strip() or style is None or style.color is None:
                    continue
                same = style.color == style.bgcolor and not style.color.is_default
                assert not same, (theme, text, style)
                if style.color.triplet is not None:
                    assert len(set(style.color.triplet)) == 1, f"{text!r} is coloured"


async def test_short_names_of_the_command_line_become_the_full_ones_and_are_remembered() -> None:
    engine = FakeEngine()
    engine.names = {"the demo": "demo"}
    model = "all-MiniLM-L6-v2"
    engine.head = lambda notation: SystemHead(notation=DENSE if notation == model else notation, label=notation)
    app = ZsrTuiApp(engine, dataset="the demo", systems=("bm25", model), query="vitamin")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(engine.requests) and engine.requests[-1].dataset == "demo")
        await settle(pilot)
        assert app.memory.systems == ("bm25", DENSE)
        assert engine.requests[-1].dataset == "demo"
        assert engine.requests[-1].systems == ("bm25", DENSE)
        assert engine.requests[-1].query == "vitamin"


class LateEngine(FakeEngine):
    """Does not answer before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.names = {"the demo": "demo"}
        self.start_gate = asyncio.Event()

    async def start(self) -> None:
        await self.start_gate.wait()
        await super().start()


@pytest.mark.parametrize("dataset", ["demo", "the demo"], ids=["the id", "another name"])
async def test_a_query_half_typed_before_the_engine_has_answered_stands_there_alone_afterwards(dataset: str) -> None:
    engine = LateEngine()
    app = ZsrTuiApp(engine, dataset=dataset, systems=SYSTEMS, query="statin")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"vitamin b")
        engine.start_gate.set()
        await until(pilot, lambda: bool(engine.requests) and engine.requests[-1].dataset == "demo")
        await settle(pilot)
        assert app.compare.query_line.input.value == "vitamin b"
        await pilot.press(*"12", "enter")
        await until(pilot, lambda: engine.requests[-1].query == "vitamin b12")
        await settle(pilot)
        assert {request.query for request in engine.requests if request.dataset == "demo"} == {"statin", "vitamin b12"}


@pytest.mark.parametrize("dataset", ["demo", "the demo"], ids=["the id", "another name"])
async def test_a_query_entered_before_the_engine_has_answered_is_asked_and_the_next_is_its_own(dataset: str) -> None:
    engine = LateEngine()
    app = ZsrTuiApp(engine, dataset=dataset, systems=SYSTEMS)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"vitamin b12", "enter", "slash", *"sta")
        assert engine.requests == []
        engine.start_gate.set()
        await until(pilot, lambda: bool(engine.requests) and engine.requests[-1].dataset == "demo")
        await settle(pilot)
        assert engine.requests[-1].query == "vitamin b12"
        assert "3 ms" in text_of(app)
        await pilot.press(*"tin", "enter")
        await until(pilot, lambda: engine.requests[-1].query == "statin")
        assert app.memory.history == ("vitamin b12", "statin")


async def test_a_changed_query_is_compared_with_what_it_was_in_the_lists_that_the_setup_left() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset="demo", systems=SYSTEMS, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.compare.session.qid == "42" and not app.compare.session.running)
        await pilot.press("slash", "end", *" soon", "enter")
        await until(pilot, lambda: app.compare.session.query.endswith(" soon") and not app.compare.session.running)
        await until(pilot, lambda: "a change of qid 42" in text_of(app))
        assert "nothing to compare with" not in text_of(app)
        before = app.compare
        await pilot.press("s")
        await until(pilot, lambda: app.screen is not before)
        await pilot.press("f4", "delete", "f5")  # without the first
        await until(pilot, lambda: app.screen is app.compare is not before and not app.compare.session.running)
        await until(pilot, lambda: app.compare.session.started and "a change of qid 42" in text_of(app))
        assert app.systems == (DENSE, RERANKED)
        assert "nothing to compare with" not in text_of(app)
        assert text_of(app).count("top 10") == 2
        await pilot.press("backspace")
        await until(pilot, lambda: app.compare.session.qid == "42")
