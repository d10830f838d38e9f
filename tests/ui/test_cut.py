"""Nothing is cut without a sign: every screen with names, titles and sentences that are longer than their room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec
import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.questions import ListPresets, ReadStatus
from zsr_tui.api.requests import EvaluateRequest, Status
from zsr_tui.domain import CorpusInfo, CorpusState, DeviceStatus, Doc, Preset, Problem, Query
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.evaluation.quitting import QuitScreen
from zsr_tui.ui.evaluation.report import report_screen
from zsr_tui.ui.evaluation.running import RunningEvaluation
from zsr_tui.ui.parts import glossary
from zsr_tui.ui.parts.clipped import clipped
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.queries.screen import QueriesScreen
from zsr_tui.ui.setup.corpora import CorpusChoice
from zsr_tui.ui.setup.systems import SystemChoice

from .compare.app import CompareApp
from .compare.screen import finished
from .engine.test_screen import BUSY
from .evaluation.screen import opened_on
from .fake.engine import BM25, FakeEngine
from .fake.evaluations import EvaluationEngine, view
from .fake.queries import ID, StoredEngine
from .shell import ShellApp, ShellEngine, settle

_numbers = count(100)


def long(name: str, parts: int = 60, separator: str = "-") -> str:
    """A text that does not repeat itself, so that what follows a part of it is known."""
    return name + "".join(f"{separator}{next(_numbers)}" for _ in range(parts))


CHINESE = "".join(chr(0x4E00 + 7 * number) for number in range(160))
TITLE, QUERY, SENTENCE = long("Title", 40, " "), long("Enquiry", 60, " "), long("Sentence", 200, " ")
DOC_ID, QID, MODEL, OTHER = long("Docid"), long("Identifier", 20), long("Modelname"), long("Othername")
DATASET = long("Corpusname")
WHOLES = (CHINESE, TITLE, DOC_ID, QID, MODEL, OTHER, QUERY, SENTENCE, DATASET)


def without_sign(app: App[Any], wholes: Sequence[str] = WHOLES) -> list[str]:
    """Parts of these that are seen, whose rest is nowhere below and which do not end in an ellipsis."""
    lines = text_of(app).split("\n")
    lines = [line for line in lines if not line.startswith("▶1 bm25 0.6")]  # tabs, whose names are parts
    found = []
    for number, line in enumerate(lines):
        for whole in wholes:
            at = line.find(whole[:6])
            if at < 0:
                continue
            size = next(n for n in range(len(whole), 0, -1) if line.startswith(whole[:n], at))
            rest = whole[size:].lstrip()
            below = "\n".join(lines[number + 1 :])
            if rest and line[at + size : at + size + 2].lstrip()[:1] != "…" and rest[:4] not in below:
                found.append(line)
    return found


async def checked(pilot: Pilot[Any], *seen: str) -> None:
    """The screen as it is, on which these are to be seen at least in part."""
    await pilot.pause()
    await until(pilot, lambda: all(whole[:6] in text_of(pilot.app) for whole in seen), f"{seen}")
    assert "…" in text_of(pilot.app)
    assert without_sign(pilot.app) == []


@pytest.mark.parametrize("title", [TITLE, CHINESE], ids=["words", "Chinese"])
async def test_compare_its_document_and_its_windows_cut_with_a_sign(title: str) -> None:
    docs = [Doc(f"{DOC_ID}{number}", title, f"{title} {QUERY}") for number in range(40)]
    engine = FakeEngine(docs=docs, queries=[Query(QID, QUERY)], judgments={QID: {f"{DOC_ID}1": 1}})
    engine.fail = {2: (SENTENCE, -1)}
    app = CompareApp(engine, (BM25, f"dense(org/{MODEL})", f"bm25 % 100 >> org/{OTHER}"), qid=QID)
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await checked(pilot, title, QUERY)
        for size in ((150, 40), (120, 50)):  # side by side, with the pane; and again after a resize
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: len(text_of(app).split("\n")) == size[1])
            await checked(pilot, title, QUERY, DOC_ID, SENTENCE)
        await pilot.resize_terminal(80, 24)
        await pilot.press("alt+3")
        app.compare.notice.say(SENTENCE)
        await checked(pilot, SENTENCE)
        await pilot.press("alt+1", "enter")
        await until(pilot, lambda: app.screen is not app.compare)
        await checked(pilot, title, DOC_ID)


async def test_the_queries_that_are_found_by_typing_are_whole_or_cut_with_a_sign() -> None:
    engine = FakeEngine(queries=[Query(QID, QUERY), Query("2", CHINESE)])
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25,))  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        await pilot.press("escape", "f")
        await until(pilot, lambda: QUERY[:6] in text_of(app))
        await pilot.pause()
        assert without_sign(app) == []


async def test_evaluations_cut_with_a_sign() -> None:
    systems = (BM25, f"dense(org/{MODEL})", f"bm25 % 100 >> org/{OTHER}")
    stored = view(
        systems=systems,
        dataset=DATASET,
        failed={1: SENTENCE},
        notes=(TITLE, CHINESE),
        subset=QUERY,
    )
    async with opened_on(EvaluationEngine(stored), size=(80, 24)) as (_, pilot, _):
        await checked(pilot, DATASET)
        for key in "123456":
            await pilot.press(key)
            await pilot.pause()
            assert without_sign(pilot.app) == []
        await pilot.press("n")
        await until(pilot, lambda: "Evaluate systems on" in text_of(pilot.app))
        await pilot.pause()
        assert without_sign(pilot.app) == []


async def test_the_queries_of_an_evaluation_cut_with_a_sign() -> None:
    engine = StoredEngine()
    (item,) = engine.evaluations()
    named = msgspec.structs.replace(item, dataset=DATASET, systems=("bm25", MODEL, OTHER))
    engine.evaluations = lambda: [named]  # type: ignore[method-assign]
    texts = (QUERY, CHINESE)
    engine.rows = [msgspec.structs.replace(row, qid=QID, text=texts[row.query % 2]) for row in engine.rows]
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25,))  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        app.push_screen(QueriesScreen(app.engine, ID, QuerySelection(measure="nDCG@10", system=2)))
        await checked(pilot, QUERY, CHINESE, DATASET)
        for key in "d2341":
            await pilot.press(key)
            await pilot.pause()
            assert without_sign(pilot.app) == []


async def test_the_window_of_the_engine_cuts_with_a_sign() -> None:
    engine = FakeEngine()
    busy = msgspec.structs.replace(BUSY, jobs=(SENTENCE,))
    device = DeviceStatus(name="cuda:0", precision="bf16", models=(MODEL, OTHER))
    engine.answers[ReadStatus] = lambda _: Status(devices=(device, *busy.devices), jobs=busy.jobs)
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25,))  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        await pilot.press("escape", "E")
        await until(pilot, lambda: MODEL[:6] in text_of(app))
        await pilot.pause()
        assert without_sign(app) == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["small", "usual"])
async def test_the_setup_and_its_question_cut_with_a_sign(size: tuple[int, int]) -> None:
    engine = ShellEngine()
    engine.catalogue[1] = CorpusInfo("long", TITLE, "beir", 5183, 300, state=CorpusState(True, True))
    systems = ("bm25", f"dense(org/{MODEL})", f"bm25 % 100 >> org/{OTHER}")
    engine.answers[ListPresets] = lambda _: [Preset(QID, CHINESE, systems[1:])]
    app = ShellApp(engine, dataset="demo", systems=systems)
    wholes = (TITLE, QID, MODEL, OTHER, CHINESE, CorpusChoice.PLACEHOLDER[16:], SystemChoice.PLACEHOLDER[16:])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await until(pilot, lambda: all(each[:8] in text_of(app) for each in wholes[:2]))
        await settle(pilot)
        assert without_sign(app, wholes) == []
        about = text_of(app).split("250 documents")[1]
        assert "licence: CC0 1.0" in about or "…" in about.split("╰")[0]
        await pilot.press("f3", *QID[:10])
        await settle(pilot)
        assert without_sign(app, wholes) == []
        await pilot.press("enter")
        await until(pilot, lambda: "Chosen now" in text_of(app))
        assert without_sign(app, wholes) == []
        assert "Keep" in text_of(app)  # there is room for the answers


@pytest.mark.parametrize("columns", [80, 120])
async def test_the_help_is_whole(columns: int) -> None:
    app = ZsrTuiApp(FakeEngine(), dataset="demo", systems=(BM25,))  # type: ignore[arg-type]
    known = [about for sign, about in (*glossary.MARKS, *glossary.NOTATION) if sign not in glossary.ONLY_AT]
    sentences = [*known, app.keys["explain"].help]
    async with app.run_test(size=(columns, 400)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        await pilot.press("escape", "f1")
        await until(pilot, lambda: app.screen is not app.compare)
        await settle(pilot)
        seen = " ".join(text_of(app).replace("│", " ").split())
        assert [each for each in sentences if each not in seen] == []


@pytest.mark.parametrize("columns", [80, 120])
async def test_dialogs_cut_with_a_sign(columns: int) -> None:
    docs = [Doc(f"{DOC_ID}{number}", TITLE, QUERY) for number in range(9)]
    app = CompareApp(FakeEngine(docs=docs), (BM25,), query=QUERY)
    async with app.run_test(size=(columns, 24)) as pilot:
        await finished(pilot)
        await pilot.press("y")
        await until(pilot, lambda: app.screen is not app.compare)
        await settle(pilot)
        assert without_sign(app) == []
        await pilot.press("escape")
        dialogs: list[Screen[Any]] = [
            ConfirmScreen(TITLE, (SENTENCE, CHINESE), "Yes", "No"),
            QuitScreen(RunningEvaluation(EvaluateRequest(id="e", dataset=DATASET, systems=(BM25,))), "r"),
            report_screen("report.html", _unwritten),
        ]
        for dialog in dialogs:
            app.push_screen(dialog)
            await settle(pilot)
            assert without_sign(app) == []
            await pilot.press("escape")


async def _unwritten(*_: object, **__: object) -> Any:
    raise Problem(SENTENCE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one two three four five", "one two\nthree f…"),
        ("one two\nthree\nfour", "one two\nthree f…"),
        ("one two", "one two"),
    ],
    ids=["too long", "too many lines", "short"],
)
def test_a_paragraph_that_is_limited_ends_in_an_ellipsis(text: str, shown: str) -> None:
    assert clipped(text, 8, 2) == shown


def test_a_problem_of_a_question_is_told_whole_or_with_a_sign() -> None:
    assert clipped(Problem(CHINESE).message, 10, 4).endswith("…")
