"""Judging and noting where the lists are: what a key does, what is marked, and what the measures say."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.ui.reading import notices
from tests.waiting import until
from zsr_tui.api.agreement import Between
from zsr_tui.api.judging import Judgment, KeepJudgment, MeasureLists
from zsr_tui.api.merging import Standing
from zsr_tui.api.notes import KeepRemark, KeptRemark, ReadKept, Remark, RemarkOutcome
from zsr_tui.api.questions import Question
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.judging.counting import CountingScreen
from zsr_tui.ui.parts.judging.note import NoteScreen

from ..fake.engine import DATASET, SYSTEMS, FakeEngine, Gate
from .app import CompareApp
from .screen import SIZES, compare, finished, rows, text


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_WHO", "ann")


def row(pilot: Pilot[None], place: int = 0, number: int = 0) -> str:
    return rows(compare(pilot).rankings.panes[number].ranking)[2 * place]


def head(pilot: Pilot[None], number: int = 0) -> str:
    return compare(pilot).rankings.panes[number].head.text


async def test_no_measure_is_shown_before_it_is_known_what_else_was_judged() -> None:
    gate = Gate()

    class Slow(FakeEngine):
        async def call(self, question: Question[Any]) -> Any:
            if isinstance(question, ReadKept | MeasureLists):
                await gate.pass_through()
            return await super().call(question)

    engine = Slow()
    about = Judgment(query_id="42", doc_id="2048910", grade=3)
    engine.answers[KeepJudgment](KeepJudgment(dataset=DATASET, judgment=about))
    async with CompareApp(engine, qid="42").run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await gate.reached()
        assert compare(pilot).session.lists[0].measures is not None  # the dataset's have come
        assert "nDCG@10 …" in head(pilot)
        gate.release()
        await until(pilot, lambda: "0.623 ●.613" in head(pilot))


@pytest.mark.parametrize("size", SIZES[:2])
async def test_a_digit_judges_the_row_marks_it_as_own_and_shows_both_values_until_it_is_taken_back(
    size: tuple[int, int],
) -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        plain = row(pilot)
        await pilot.press("3")
        await until(pilot, lambda: "■3" in row(pilot))
        await until(pilot, lambda: "0.623 ●.613" in head(pilot))
        assert "1■" in text(pilot).splitlines()[1]  # beside the query
        (asked,) = engine.asked_for(KeepJudgment)
        judged = asked.judgment
        assert (judged.query_id, judged.grade, judged.who, judged.source) == ("42", 3, "ann", "own")
        assert (judged.system, judged.rank) == (SYSTEMS[0], 1)
        assert "top 10: 1■" in head(pilot)
        await pilot.press("0")  # another grade, over the one before
        await until(pilot, lambda: "□" in row(pilot))
        await pilot.press("O")
        await until(pilot, lambda: "0.613 ■.623" in head(pilot))  # it does not count, and is seen all the same
        assert any("What counts: the dataset's" in each for each in notices(app))
        await pilot.press("U")
        await until(pilot, lambda: "■3" in row(pilot))
        await pilot.press("x")
        await until(pilot, lambda: row(pilot) == plain)
        await until(pilot, lambda: "nDCG@10 0.613 " in head(pilot))
        await pilot.press("x")
        assert any("There is no judgment of your own" in each for each in notices(app))
        await pilot.press("U", "U", "U")
        await until(pilot, lambda: any("no judgment of this window to take back" in each for each in notices(app)))
        assert row(pilot) == plain
        assert engine.judgments["42"] == FakeEngine().judgments["42"]


async def test_keys_in_quick_succession_are_kept_in_their_order_and_the_next_unjudged_row_is_found() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        first = compare(pilot).rankings.doc_id
        await pilot.press("1", "2", "3", "space", "1", "space")
        await until(pilot, lambda: len(engine.kept.judged) == 2)
        await until(pilot, lambda: "■3" in row(pilot))
        assert engine.kept.judged["42", first or ""].judgment.grade == 3
        assert not isinstance(app.screen, ConfirmScreen)  # nobody else has judged
        place = compare(pilot).rankings.active_list.cursor
        above = compare(pilot).session.lists[0].rows[:place]
        assert all(each.grade is not None or ("42", each.doc_id) in engine.kept.judged for each in above)


async def test_who_judges_later_is_offered_both(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        doc_id = compare(pilot).rankings.doc_id or ""
        engine.kept.put("42", doc_id, 0, who="bob")  # in another window, meanwhile
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_current)
        assert "bob has judged" in text(pilot)
        await pilot.press("enter")  # theirs
        await until(pilot, lambda: "□" in row(pilot))
        assert engine.kept.judged["42", doc_id].judgment.who == "bob"
        engine.kept.put("42", doc_id, 1, who="bob")
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_current)
        await pilot.press("left", "enter")  # mine
        await until(pilot, lambda: "■2" in row(pilot))
        assert engine.kept.judged["42", doc_id].judgment.who == "ann"


async def test_what_cannot_be_kept_is_said_and_not_shown_as_kept() -> None:
    engine = FakeEngine()
    engine.problems[KeepJudgment] = Problem("the disk is full, so this was not kept: free some space and do it again.")
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        plain = row(pilot)
        await pilot.press("2")
        await until(pilot, lambda: "the disk is full, so this was not kept" in text(pilot))
        assert row(pilot) == plain


async def test_a_file_that_cannot_be_read_is_said_and_read_again_when_somebody_judges() -> None:
    engine = FakeEngine()
    engine.problems[ReadKept] = Problem(
        "kept/demo.sqlite3 was written by a newer zsr_tui: update this program to use it."
    )
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "was written by a newer zsr_tui" in text(pilot))
        assert "nDCG@10 0.613 " in head(pilot)  # the dataset's can be
        del engine.problems[ReadKept]
        await pilot.press("2")
        await until(pilot, lambda: "has not been read yet" in "".join(notices(app)))
        await until(pilot, lambda: compare(pilot).session.kept is not None)
        await pilot.press("2")
        await until(pilot, lambda: "■2" in row(pilot))


async def test_judging_goes_on_in_the_document_and_grades_are_those_of_the_scale() -> None:
    engine = FakeEngine()
    engine.kept.scale = engine.kept.scale.__class__(lowest=0, highest=1, judged=True)
    app = CompareApp(engine, query="something else")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "0-1 judge" in text(pilot))
        await pilot.press("3")
        await until(pilot, lambda: f"The grades of {DATASET} go from 0 to 1." in notices(app))
        await pilot.press("1")
        await until(pilot, lambda: "■1 own, by ann" in text(pilot))
        assert [asked.judgment.grade for asked in engine.asked_for(KeepJudgment)] == [1]
        assert engine.asked_for(KeepJudgment)[0].judgment.query_text == "something else"
        await pilot.press("right", "0", "escape")
        await until(pilot, lambda: "□" in row(pilot, 1))


async def test_notes_tags_and_bookmarks_are_written_beside_the_lists_and_shown_there() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, NoteScreen) and app.screen.is_current)
        await pilot.press(*"wrong [b]dose[/b]", "tab", *"typo")
        await pilot.press("escape")  # nothing is lost by one key
        await until(pilot, lambda: "Not kept yet" in text(pilot))
        await pilot.press("ctrl+t", "f6")  # the query is bookmarked
        await until(pilot, lambda: "⚑ bookmarked" in text(pilot))
        await pilot.press("f5")
        await until(pilot, lambda: app.screen is app.compare)
        await until(pilot, lambda: "¶#" in row(pilot))
        assert {(each.remark.kind, each.remark.text, each.remark.doc_id == "") for each in engine.kept.remarks} == {
            ("note", "wrong [b]dose[/b]", False),
            ("tag", "typo", False),
            ("bookmark", "", True),
        }
        await until(pilot, lambda: "ann: wrong [b]dose[/b]" in text(pilot))  # in the document's pane, as it was written
        await pilot.press("B")
        await until(pilot, lambda: "¶#⚑" in row(pilot))
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, NoteScreen) and app.screen.is_current)
        assert app.screen.query_one(TextArea).text == "wrong [b]dose[/b]"
        await pilot.press("escape", "B")
        await until(pilot, lambda: "⚑" not in row(pilot))


async def test_a_note_that_another_window_has_changed_is_replaced_only_when_that_was_seen() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    hostile = "\x1b[31mred\x07 [b]not bold[/b]"
    theirs = KeptRemark(
        revision=9, remark=Remark(kind="note", query_id="42", text=f"from another window {hostile}", who="ann")
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        answer = engine.answers[KeepRemark]
        engine.answers[KeepRemark] = lambda asked: (
            answer(asked) if asked.over else RemarkOutcome(done=False, now=theirs)
        )
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, NoteScreen) and app.screen.is_current)
        await pilot.press(*"mine", "f5")
        await until(pilot, lambda: "Another window of yours has kept: from another window" in text(pilot))
        assert "[b]not bold[/b]" in text(pilot)
        assert not {"\x1b", "\x07"} & set(text(pilot))
        assert engine.kept.remarks == []
        await pilot.press("f5")
        await until(pilot, lambda: app.screen is app.compare)
        assert [each.remark.text for each in engine.kept.remarks] == ["mine"]


async def test_any_union_of_sources_can_count_and_what_a_model_is_worth_is_told_before() -> None:
    engine = FakeEngine()
    agreed: dict[str, Any] = {"first": "people", "weighted": None, "grades": (), "matrix": ()}
    engine.kept.standing = Standing(
        judges=(),
        between=(),
        models=(
            Between(**agreed, second="tiny", shared=40, same=25, kappa=0.41, relevant=0.52),
            Between(**agreed, second="poet", shared=0, same=0, kappa=None, relevant=None),
        ),
    )
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("1")
        await until(pilot, lambda: "●.613" in head(pilot))
        await pilot.press("J")
        await until(pilot, lambda: isinstance(app.screen, CountingScreen) and app.screen.is_current)
        assert "■ 1 own" in text(pilot)
        assert "▶ ■ ●    own, then the dataset's" in text(pilot)
        await until(pilot, lambda: "tiny: kappa 0.41 with people, 0.52 relevant or not (40 documents)" in text(pilot))
        assert "poet: people have judged nothing that it has" in text(pilot)
        await pilot.press("home", "enter")
        await until(pilot, lambda: "What counts: own." in "".join(notices(app)))
        await until(pilot, lambda: "top 10: 1■  " in head(pilot).replace("\n", "  ") or "top 10: 1■ ·" in head(pilot))


async def test_a_long_wide_note_of_another_window_is_cut_with_a_sign_and_the_key_that_replaces_it_stays() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    theirs = KeptRemark(revision=9, remark=Remark(kind="note", query_id="42", text="文" * 400, who="ann"))
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        engine.answers[KeepRemark] = lambda _: RemarkOutcome(done=False, now=theirs)
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, NoteScreen) and app.screen.is_current)
        await pilot.press(*"mine", "f5")
        await until(pilot, lambda: "Another window of yours has kept:" in text(pilot))
        assert "…" in text(pilot)
        assert "F5 replaces it." in " ".join(text(pilot).split())
