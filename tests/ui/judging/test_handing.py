"""Judgments written to a file, and somebody's merged, conflict by conflict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.api.agreement import Between
from zsr_tui.api.judging import Judgment
from zsr_tui.api.merging import ConflictView, Decide, FileView, MergeJudgments, Merging
from zsr_tui.ui import app as application
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.judging.handing.merge import MergeScreen
from zsr_tui.ui.judging.review.screen import ReviewScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.themes import DEFAULT, OURS

from ..fake.engine import BM25, DATASET, FakeEngine
from ..shell import settle


def conflict(doc_id: str, mine: int, theirs: int) -> ConflictView:
    about = {"query_id": "42", "query_text": "vitamin [b]B12[/b]", "doc_id": doc_id}
    return ConflictView(
        **about,
        title=f"Title of {doc_id}",
        sides=("", "ben.csv"),
        judgments=(
            Judgment(**about, grade=mine, who="ann", when="2026-11-27T09:00:00Z"),
            Judgment(**about, grade=theirs, who="ben", why="it says\x1b[31m so"),
        ),
    )


def merged(engine: FakeEngine) -> Merging:
    documents = [doc_id for doc_id, *_ in engine.ranking(BM25, engine.query_list[0].text)[2:5]]
    return Merging(
        files=(FileView(name="ben.csv", judgments=40, notes=("ben.csv: 2 lines left out that repeat a judgment.",)),),
        judges=("ann", "ben"),
        alone=7,
        agreed=30,
        shared=33,
        decided=0,
        conflicts=tuple(conflict(doc_id, 2, 0) for doc_id in documents),
        between=(
            Between(
                first="ann",
                second="ben",
                shared=33,
                same=30,
                kappa=0.81,
                weighted=0.8,
                relevant=0.79,
                grades=(0, 2),
                matrix=((20, 0), (3, 10)),
            ),
        ),
        alpha=0.8,
        new=7,
    )


class MergeApp(KeyedApp):
    CSS_PATH = Path(application.__file__).with_name("app.tcss")

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        self._engine = engine

    def on_mount(self) -> None:
        self.push_screen(MergeScreen(self._engine, DATASET, merged(self._engine)))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_file_is_merged_and_each_conflict_decided_and_kept_at_once(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_WHO", "ann")
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25,))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("escape", "R")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await pilot.press("m", *"ben.csv", "enter")
        await until(pilot, lambda: "ben.csv holds no judgments" in text_of(app))
        engine.kept.merged = merged(engine)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MergeScreen) and "Conflict 1 of 3" in text_of(app))
        assert engine.asked_for(MergeJudgments)[-1].keep
        screen = app.screen
        whole = "\n".join(str(each.render()) for each in screen.query("Static"))
        for line in (
            "40 documents: 7 judged by one person, 30 by several alike, 3 in conflict",
            "ben.csv: 2 lines left out that repeat a judgment.",
            "ann and ben: 33 documents, 30 alike; Cohen's kappa 0.81, relevant or not 0.79",
            "        2   3  10",
            "Krippendorff's alpha (ordinal): 0.80",
            "2  yours, ann  2026-11-27 09:00 UTC",
            "0  theirs (ben.csv), ben  it says␛[31m so",
        ):
            assert line in whole
        await pilot.press("9")
        await until(pilot, lambda: "The grades go from 0 to 3." in notices(app))
        assert engine.asked_for(Decide) == []
        await pilot.press("1")
        await until(pilot, lambda: "Conflict 2 of 3" in text_of(app))
        (kept,) = engine.asked_for(Decide)
        assert (kept.grade, kept.who) == (1, "ann")
        await pilot.press("0")
        await until(pilot, lambda: "Conflict 3 of 3" in text_of(app))
        assert engine.asked_for(Decide)[-1].grade == 0
        await pilot.press("enter")  # as on the command line
        ended = "2 conflicts decided (1 as theirs, 1 by another grade); 1 left open: yours stand."
        await until(pilot, lambda: ended in " ".join(text_of(app).replace("│", " ").split()))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


async def test_own_judgments_are_written_and_what_is_there_is_replaced_by_a_second_enter(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.kept.put("42", "d1", 2)
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25,))
    there = tmp_path / "mine.qrels"
    there.write_text("old")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "R")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await pilot.press("w", "ctrl+u", *str(tmp_path / "mine.xls"), "enter")
        await until(pilot, lambda: "does not say in which format" in text_of(app))
        await pilot.press("ctrl+u", *str(there), "enter")
        await until(pilot, lambda: "is there already: Enter again replaces it" in " ".join(text_of(app).split()))
        assert there.read_text() == "old"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await until(pilot, lambda: "wrote 1 judgment (1 own)" in "".join(notices(app)))
    assert there.read_text() == "42 0 d1 2\n"


def test_two_people_merged(snap_compare: Callable[..., bool]) -> None:
    engine = FakeEngine()
    app = MergeApp(engine)
    for theme in OURS:
        app.register_theme(theme)
    app.theme = DEFAULT

    async def before(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "Conflict 1 of 3" in text_of(app))

    assert snap_compare(app, terminal_size=(120, 40), run_before=before)
