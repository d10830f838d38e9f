from __future__ import annotations

import re

import msgspec
import pytest

from tests.ui.shell import settle
from tests.waiting import until
from zsr_tui.api.queries import ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.ui.queries.tabs_and_filter import TabsAndFilter

from ..fake.queries import StoredEngine
from .screen import app_on, line_with, opened, shows, text, under_cursor

SIZES = [(80, 24), (120, 40), (200, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_the_pair_that_is_compared_and_its_difference(size: tuple[int, int]) -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        assert "60 of 60 queries" in text(pilot)
        assert "◆1 BM25 (baseline)" in text(pilot)
        head = line_with(pilot, "diff.")
        assert "◆1" in head
        assert "▶3" in head
        assert re.search(r"0\.700 .*0\.500 +−0\.200", line_with(pilot, "folate lowers"))  # the second query


async def test_queries_of_an_evaluation_that_runs_are_provisional_and_read_again_as_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zsr_tui.ui.queries.asker.LOOK_EVERY", 0.02)
    engine = StoredEngine()
    engine.done = 22
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await shows(pilot, "demo · provisional, 22 of 60 queries done")
        await pilot.press("down", "down")
        qid = under_cursor(pilot)
        engine.done, read = 24, len(engine.asked_for(ReadQueries))
        await shows(pilot, "provisional, 24 of 60 queries done")
        await until(pilot, lambda: len(engine.asked_for(ReadQueries)) > read)
        engine.done = 60
        await until(pilot, lambda: "provisional" not in text(pilot))
        assert under_cursor(pilot) == qid


async def test_the_table_opens_with_the_largest_loss_and_keeps_its_order_when_it_is_opened_again() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, sort="")
        await shows(pilot, "diff.▲")
        assert "−0.700" in under_cursor(pilot)
        await pilot.press("r", "enter")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert "diff.▼" in text(pilot)
        await pilot.press("left")
        await until(pilot, lambda: "0.000" in under_cursor(pilot))
        order = screen.choice.selection.sort
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        again = await opened(pilot, sort="")
        assert (again.choice.selection.sort, again.choice.selection.descending) == (order, False)
        await shows(pilot, "▶3▲")


async def test_the_table_keeps_its_order_and_its_query_when_pictures_were_looked_at() -> None:
    app = app_on(StoredEngine(count=300))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, sort="relevant")
        assert "r reverse" in text(pilot)
        await pilot.press("r")
        await shows(pilot, "rel.▼")
        await pilot.press("down", "down")
        query = screen.listing.row
        await pilot.press("2")
        await shows(pilot, "worse than")
        await until(pilot, lambda: screen.listing.place is not None)
        assert screen.listing.row == query
        await pilot.press(*["n"] * 3)
        query = screen.listing.row
        await pilot.press("3", "1")
        await shows(pilot, "rel.▼")
        await until(pilot, lambda: not screen.listing.waiting)
        assert screen.listing.row == query
        await until(pilot, lambda: f" {query.qid} " in under_cursor(pilot) or f">{query.qid} " in under_cursor(pilot))


async def test_a_single_system_is_sorted_by_its_value_the_worst_first() -> None:
    engine = StoredEngine()
    (item,) = engine.evaluations()
    alone = msgspec.structs.replace(item, systems=item.systems[:1], notations=item.notations[:1])
    engine.evaluations = lambda: [alone]  # type: ignore[method-assign]
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, system=0, sort="")
        await shows(pilot, "◆1▲")
        await until(pilot, lambda: "0.000" in under_cursor(pilot))


async def test_ids_that_begin_alike_stay_apart_in_80_columns() -> None:
    engine = StoredEngine()
    engine.rows = [msgspec.structs.replace(row, qid=f"PLAIN-cooking-question-{row.query}") for row in engine.rows]
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        shown = [line.split()[0] for line in text(pilot).splitlines() if "PLAI" in line and not line.startswith(">")]
        assert len(set(shown)) == len(shown) > 10
        await pilot.press("2")
        await shows(pilot, "worse than")
        shown = [line.split()[0] for line in text(pilot).splitlines() if "PLAI" in line and not line.startswith(">")]
        assert len(set(shown)) == len(shown) > 5


async def test_while_the_rankings_are_read_it_is_said_how_far_and_the_table_can_be_used() -> None:
    engine = StoredEngine(count=1000)
    engine.read = [100] * 100_000
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("a")
        await shows(pilot, "reading the rankings")
        await shows(pilot, "100 of 1,000")
        assert "RBO" not in text(pilot)  # the rows are those of the order before
        await pilot.press("end")
        await until(pilot, lambda: "q999" in under_cursor(pilot))
        await pilot.press("a")  # not wanted any more
        await shows(pilot, "1,000 of 1,000 queries")
        engine.read = [900]
        await pilot.press("a")
        await shows(pilot, "RBO▲")
        assert "reading the rankings" not in text(pilot)


async def test_escape_leads_from_the_paths_to_the_table_before_it_leaves() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: screen.paths.has_focus)
        await shows(pilot, "esc table")
        await pilot.press("escape")
        await until(pilot, lambda: screen.views.table.lines.has_focus)
        assert app.screen is screen
        await shows(pilot, "esc back")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)


async def test_the_queries_of_a_class_say_how_many_documents_they_have_in_it() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert "docs" not in text(pilot)
        screen.change(screen.choice.of_class(2, "demoted"))
        await shows(pilot, "demoted · 3 of 60 queries")
        await until(pilot, lambda: line_with(pilot, "−0.600").endswith("−0.600"))  # the scroll bar is gone
        await until(pilot, lambda: line_with(pilot, "diff.").endswith("diff."), "the head stands above its columns")
        end = line_with(pilot, "docs").index("docs") + len("docs")
        assert line_with(pilot, "−0.600")[:end].split()[-1] == "4"


async def test_arrows_sort_by_columns_and_r_turns_the_order_round() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        while screen.choice.selection.sort != "difference":
            await pilot.press("right")
        await shows(pilot, "diff.▲")
        await until(pilot, lambda: "−0.700" in under_cursor(pilot), "the largest loss first")
        await pilot.press("r")
        await until(pilot, lambda: "+0.700" in under_cursor(pilot), "the largest gain first")
        await pilot.press("right")
        await shows(pilot, "|diff.|▼")
        await until(pilot, lambda: "−0.700" in line_with(pilot, "q9 "))  # as large as the gain above it
        lines = text(pilot).splitlines()
        assert lines.index(line_with(pilot, "q9 ")) == lines.index(under_cursor(pilot)) + 1


async def test_a_click_on_a_column_sorts_by_it() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        at = line_with(pilot, "diff.").index("words")
        await pilot.click(screen.views.table.head, offset=(at + 1, 0))
        await shows(pilot, "words▼")


async def test_the_filter_line_takes_text_and_ranges_and_x_shows_all_again() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"question words:3-4", "enter")
        await until(pilot, lambda: "of 60 queries" in text(pilot) and "60 of 60" not in text(pilot))
        shown = [line for line in text(pilot).splitlines() if "question number" in line]
        assert shown
        assert not [line for line in shown if "word word" in line]  # five words
        assert "Vitamin" not in text(pilot)
        await pilot.press("u")
        await shows(pilot, "60 of 60 queries")
        await pilot.press("slash", *"no such words anywhere", "enter")
        await shows(pilot, "No query matches")
        assert "0 of 60 queries" in text(pilot)


async def test_what_was_typed_last_does_not_come_back_after_all_are_shown_again() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"question words:3-4", "enter")
        await until(pilot, lambda: "of 60 queries" in text(pilot) and "60 of 60" not in text(pilot))
        screen.top.post_message(TabsAndFilter.Typed())  # of a pause that ended at this moment
        screen.show_all()
        await settle(pilot)
        await shows(pilot, "60 of 60 queries")


async def test_w_goes_through_wins_losses_and_ties() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("w")
        await shows(pilot, "wins · ")
        assert "−0." not in text(pilot)
        await pilot.press("w")
        await shows(pilot, "losses · ")
        await until(pilot, lambda: "+0." not in text(pilot))
        await pilot.press("w")
        await shows(pilot, "ties · ")


async def test_other_systems_baselines_and_measures_are_asked_for() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("o")
        await shows(pilot, "▶2 against ◆1")
        await pilot.press("b")
        await shows(pilot, "▶1 against ◆2")  # the two change places
        await pilot.press("m")
        await shows(pilot, "RR@10")
        last = engine.asked_for(ReadQueries)[-1].selection
        assert (last.measure, last.system, last.baseline) == ("RR@10", 0, 1)


async def test_a_long_table_is_read_in_pages_around_the_cursor() -> None:
    engine = StoredEngine(count=10_000)
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("end")
        await until(pilot, lambda: "q9999" in under_cursor(pilot))
        await pilot.press("home", "pagedown")
        await until(pilot, lambda: "question number" in under_cursor(pilot))
        offsets = {asked.offset for asked in engine.asked_for(ReadQueries)}
        assert len(offsets) < 6
        assert all(asked.limit <= 100 for asked in engine.asked_for(ReadQueries))


async def test_without_judgments_the_table_is_sorted_by_disagreement() -> None:
    app = app_on(StoredEngine(judged=False))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await shows(pilot, "RBO▲")
        assert "τAP" in text(pilot)
        await until(pilot, lambda: screen.choice.selection.sort == "rbo" and "0.500" in under_cursor(pilot))
        await pilot.press("f")
        await shows(pilot, "No judgments: nothing is known to be missing.")


async def test_a_text_that_would_be_an_escape_sequence_is_shown_harmless() -> None:
    engine = StoredEngine()
    engine.rows[0] = msgspec.structs.replace(engine.rows[0], text="[b]bold[/b]\x1b[31m red\nline", qid="[i]q")
    app = app_on(engine)
    async with app.run_test(size=(200, 50)) as pilot:
        await opened(pilot)
        assert "[b]bold[/b]␛[31m red line" in under_cursor(pilot)


async def test_what_went_wrong_is_one_sentence_and_f5_asks_again() -> None:
    engine = StoredEngine()
    engine.problems[ReadQueries] = Problem("the engine does not answer; its log is at engine.log.")
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, first="the engine does not answer; its log is at engine.log.")
        assert "Reading" not in text(pilot)
        engine.problems.clear()
        await pilot.press("f5")
        await shows(pilot, "60 of 60 queries")
        assert "does not answer" not in text(pilot)


async def test_an_evaluation_that_was_deleted_is_said() -> None:
    engine = StoredEngine()
    engine.evaluations = lambda: []  # type: ignore[method-assign]
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, first="is not stored any more: run it again.")


async def test_an_evaluation_without_queries_is_said() -> None:
    app = app_on(StoredEngine(count=0))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, first="The evaluation has no queries.")
        await pilot.press("enter", "2", "3", "down", "enter", "4", "down", "1")
        await shows(pilot, "The evaluation has no queries.")


async def test_a_page_that_did_not_come_is_asked_for_again_where_the_cursor_is() -> None:
    engine = StoredEngine(count=1000)
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        engine.problems[ReadQueries] = Problem("the engine does not answer; its log is at engine.log.")
        await pilot.press("end")
        await shows(pilot, "the engine does not answer")
        assert under_cursor(pilot).strip() == ">…"
        engine.problems.clear()
        await pilot.press("f5")
        await until(pilot, lambda: "q999" in under_cursor(pilot))
        assert "does not answer" not in text(pilot)
