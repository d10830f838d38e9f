"""What is shown first, what is remembered, and what happens when the engine or a file is not as it should be."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui import paths
from zsr_tui.api.preparing import BeginPreparing
from zsr_tui.api.questions import FindDataset, ReadStatus, ReadSystem
from zsr_tui.domain import NOT_KNOWN, CorpusInfo, CorpusState, Problem, Unreachable
from zsr_tui.ui import memory
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.parts.opening import Opening
from zsr_tui.ui.setup.screen import SetupScreen

from .fake.engine import FakeEngine
from .shell import SIZES, ShellApp, ShellEngine, StandIn, settle


@pytest.mark.parametrize("size", SIZES)
async def test_the_very_first_start_compares_three_systems_on_the_demo_corpus(size: tuple[int, int]) -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, StandIn)
        assert app.screen.dataset == "demo"
        assert app.screen.systems == memory.SYSTEMS
    assert engine.closed


async def test_something_is_painted_while_the_engine_has_not_answered_yet() -> None:
    engine = ShellEngine()
    engine.start_gate = asyncio.Event()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "demo" in text_of(app)
        assert not engine.started
        await pilot.press("s")
        await settle(pilot)
        assert "starting the engine" in text_of(app)
        engine.start_gate.set()
        await settle(pilot)
        assert "SciFact" in text_of(app)
        assert isinstance(app.screen, SetupScreen)


async def test_what_was_chosen_last_is_opened_again() -> None:
    memory.save(memory.Memory(dataset="beir/scifact/test", systems=("bm25",), theme="paper", history=("q",)))
    engine = ShellEngine()
    engine.catalogue[1] = CorpusInfo("beir/scifact/test", "SciFact", "beir", 5183, 300, state=CorpusState(True, True))
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert (app.compare.dataset, app.compare.systems) == ("beir/scifact/test", ("bm25",))
        assert app.theme == "paper"
        assert app.memory.history == ("q",)
        await pilot.press("s")
        await settle(pilot)
        assert "✓ SciFact" in text_of(app)
        assert "1 bm25" in text_of(app)


async def test_the_last_query_is_asked_again_at_the_next_start_unless_the_settings_say_no() -> None:
    async with ZsrTuiApp(FakeEngine()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press(*"bread", "enter")
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
    asked: list[list[str | None]] = []
    for name, written in (("again", ""), ("something else is named", ""), ("not", "last_query = false\n")):
        paths.config_file().write_text(written)
        engine = FakeEngine()
        named = "demo" if name == "something else is named" else None
        async with ZsrTuiApp(engine, dataset=named, opening=Opening()).run_test() as pilot:
            await settle(pilot)
            asked.append([request.qid for request in engine.requests])
    assert asked == [["1"], [], []]


async def test_a_changed_query_is_asked_again_with_the_judgments_that_it_borrowed() -> None:
    changed = "a shortage of vitamin B12 increases blood levels of homocysteine"
    async with ZsrTuiApp(FakeEngine(), dataset="demo", qid="42").run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("slash", "ctrl+u", *changed, "enter")
        await settle(pilot)
    engine = FakeEngine()
    app = ZsrTuiApp(engine, opening=Opening())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert [(request.query, request.judged_as) for request in engine.requests] == [(changed, "42")]
        assert "a change of qid 42, with its judgments: − deficiency  + shortage" in text_of(app)


async def test_what_the_command_line_names_is_opened_and_remembered() -> None:
    app = ShellApp(ShellEngine(), dataset="demo", systems=("bm25",), query="vitamin")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert (app.compare.systems, app.compare.query_text) == (("bm25",), "vitamin")
    assert memory.load()[0].systems == ("bm25",)


async def test_a_query_is_opened_by_its_id_and_what_is_said_of_the_lists_holds_for_every_comparison() -> None:
    app = ShellApp(ShellEngine(), dataset="demo", systems=("bm25 ",), qid="42", depth=20, drop_self=False)
    async with app.run_test() as pilot:
        await settle(pilot)
        first = app.compare.first  # its notation is the engine's own by now
        assert (first.systems, first.query, first.qid) == (("bm25",), "", "42")
        assert (first.depth, first.drop_self) == (20, False)


async def test_an_engine_that_does_not_start_is_one_sentence_and_can_be_tried_again() -> None:
    engine = ShellEngine()
    engine.start_problems = [Problem("Port [b]8000[/b] is taken; choose another one.")]
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "Port [b]8000[/b] is taken" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert engine.started
        assert app.screen is app.compare


async def test_an_engine_that_was_away_is_asked_for_all_when_it_is_there_and_nothing_says_that_it_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zsr_tui.ui.compare.engine.EVERY", 0.01)
    away = Unreachable("no engine answers at http://gpu:1: start it.")

    class Away(FakeEngine):
        async def start(self) -> None:
            if self.problems:
                raise away
            await super().start()

    engine = Away()
    engine.problems |= dict.fromkeys((BeginPreparing, ReadSystem, ReadStatus), away)
    app = ZsrTuiApp(engine, dataset="demo")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Retry" in text_of(app) and "the engine does not answer" in text_of(app))
        engine.problems.clear()
        asked = len(engine.asked)
        await pilot.press("enter")
        await until(pilot, lambda: {type(each) for each in engine.asked[asked:]} >= {BeginPreparing, ReadSystem})
        await until(pilot, lambda: "idle" in text_of(app) and "answer" not in text_of(app))


async def test_giving_up_on_an_engine_that_does_not_start_quits() -> None:
    engine = ShellEngine()
    engine.start_problems = [Problem("No.")]
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("right", "enter")
        await settle(pilot)
    assert app.return_code == 1


async def test_a_damaged_memory_is_set_aside_and_told_in_one_sentence(home: Path) -> None:
    memory.memory_file().parent.mkdir(parents=True)
    memory.memory_file().write_text('{"dataset": 3')
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.compare.dataset == "demo"
        assert any("could not be read" in notice for notice in notices(app))
    assert memory.memory_file().with_name("memory.json.broken-1").read_text() == '{"dataset": 3'


async def test_a_memory_that_cannot_be_written_is_told_and_stops_nothing(home: Path) -> None:
    (home / "config").write_text("in the way")
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await pilot.press("t")
        await settle(pilot)
        assert any("could not be remembered" in notice for notice in notices(app))
        assert app.theme == "paper"


async def test_an_unexpected_error_of_a_worker_is_one_sentence_with_its_details_in_a_log(home: Path) -> None:
    engine = ShellEngine()

    def broken(_: FindDataset) -> str:
        raise ValueError("[b]inner[/b] detail")

    engine.answers[FindDataset] = broken
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await settle(pilot)
        told = " ".join(notices(app))
        assert "ValueError" in told
        assert "inner" not in told
    log = (home / "log" / "ui.log").read_text()
    assert "Traceback" in log
    assert "[b]inner[/b] detail" in log


async def test_an_unexpected_error_on_the_screen_ends_the_program_without_a_traceback(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = ShellApp(ShellEngine())
    app.themes.next = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]

    async def press() -> None:
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("t")
            await settle(pilot)

    with pytest.raises(ZeroDivisionError):  # Pilot raises what the application met
        await press()
    out = capsys.readouterr()
    assert "Traceback" not in out.out + out.err
    assert "ZeroDivisionError" in out.err
    assert "Traceback" in (home / "log" / "ui.log").read_text()


async def test_queries_typed_are_remembered() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        app.compare.post_message(_history(["one", "two"]))
        await settle(pilot)
    assert json.loads(memory.memory_file().read_text())["history"] == ["one", "two"]


def _history(queries: list[str]):
    from zsr_tui.ui.compare.messages import HistoryChanged

    return HistoryChanged(queries)


async def test_what_the_settings_name_is_opened_and_outranks_what_was_chosen_last() -> None:
    memory.save(memory.Memory(dataset="demo", systems=("bm25",), theme="paper"))
    paths.config_file().write_text(
        'systems = ["bm25(k1=2, b=0.4)", "bm25"]\ntheme = "ansi-dark"\ndepth = 7\nreference = 2\nlive = true\n'
    )
    engine = FakeEngine()
    app = ZsrTuiApp(engine, query="vitamin")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(engine.requests))
        assert app.theme == "ansi-dark"
        assert engine.requests[-1].systems == ("bm25(k1=2, b=0.4)", "bm25")
        assert engine.requests[-1].depth == 7
        await settle(pilot)
        assert "reference" in text_of(app).split("2 bm25")[1].split("\n")[0]
        await pilot.press("slash", *"statin")  # lists follow what is typed
        await until(pilot, lambda: engine.requests[-1].query == "statin")
    assert memory.load()[0].theme == "paper"


async def test_an_engine_that_cannot_be_reached_and_one_that_does_not_know_the_user_are_told_apart() -> None:
    wrong: list[Problem] = [Problem("your token is another.", usage=True), Unreachable("no engine answers.")]
    wrong[0].kind = NOT_KNOWN

    class Away(FakeEngine):
        async def start(self) -> None:
            raise wrong.pop()

    app = ZsrTuiApp(Away(), opening=Opening())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "The engine cannot be reached" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.return_code == 2)  # without a question
    assert not wrong
