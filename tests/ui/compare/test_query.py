"""Queries: typed, stepped through, refused; their history; what is never interpreted."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.events import AppBlur, AppFocus, Paste
from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.domain import RELEVANT_FROM, Doc, Problem, Query
from zsr_tui.ui.compare.messages import HistoryChanged
from zsr_tui.ui.parts.picker import Picker

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import SIZES, compare, finished, rows, shown, text


async def test_a_free_query_has_no_judgments_and_never_zeros() -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"statin", "enter")
        await finished(pilot)
        assert "free query: no judgments" in text(pilot)
        assert [pane.head.text.count("no judgments") for pane in compare(pilot).rankings.panes] == [1, 1, 1]
        assert "nDCG" not in text(pilot)
        assert "●" not in text(pilot)


async def test_a_query_that_is_typed_or_on_its_way_moves_nothing_on_the_screen() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        line = compare(pilot).query_line.input
        place = line.region.x
        start = engine.hold("start")
        await pilot.press("slash", *"statin")
        await until(pilot, lambda: "not asked yet" in shown(pilot)[1])
        assert line.region.x == place
        await pilot.press("enter")
        await start.reached()
        await until(pilot, lambda: "asked …" in shown(pilot)[1])
        assert line.region.x == place
        start.release()
        await until(pilot, lambda: "free query: no judgments" in shown(pilot)[1])
        assert line.region.x < place  # no blank cells are left before it


async def test_a_typed_query_equal_to_one_of_the_dataset_gets_its_judgments() -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        compare(pilot).search("statin therapy and diabetes")
        await finished(pilot)
        assert "qid 57" in text(pilot)
        assert "nDCG@10 0.613" in text(pilot)


@pytest.mark.parametrize("by", ["the terminal", "a key"])
async def test_a_query_that_is_pasted_in_several_lines_is_one(by: str) -> None:
    pasted = "statin therapy\r\n  and\x1b[31m\ndiabetes\n"
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        line = compare(pilot).query_line.input
        await pilot.press(*"not ", "x", "shift+left")  # in place of what is selected
        if by == "a key":
            app.copy_to_clipboard(pasted)
            await pilot.press("ctrl+v")
        else:
            line.post_message(Paste(pasted))
            await pilot.pause()
        assert line.value == "not statin therapy and[31m diabetes"
        assert line.cursor_position == len(line.value)
        line.value = ""
        line.post_message(Paste("statin therapy\nand diabetes"))
        await pilot.pause()
        await pilot.press("enter")
        await finished(pilot)
        assert "qid 57" in text(pilot)


async def test_stepping_through_the_dataset_stops_at_both_ends() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await finished(pilot)
        await pilot.press("n")
        await until(pilot, lambda: compare(pilot).session.qid == "57")
        await pilot.press("p", "p", "p")  # faster than the engine answers
        await until(pilot, lambda: compare(pilot).session.qid == "1")
        await finished(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "This is the first query" in text(pilot))
        await pilot.press(*"nnnnn")
        await until(pilot, lambda: compare(pilot).session.qid == "75")
        await pilot.press("n")
        await until(pilot, lambda: "This is the last query" in text(pilot))
        assert compare(pilot).session.qid == "75"


WORDS = " ".join(f"word{number}" for number in range(60))
SCRIPTS = {
    "60 words": WORDS,
    "Chinese": "维生素缺乏会导致血液中同型半胱氨酸水平升高吗" * 6,
    "right to left": " ".join(["שלום עולם חסר ויטמין"] * 12),
    "combining marks": " ".join(["e\u0301tude de la vitamine a\u0308"] * 9),
    "10,000 characters": ("homocysteine " * 770)[:10_000].strip(),
}


@pytest.mark.parametrize("size", SIZES)
async def test_the_whole_of_a_query_can_be_read(size: tuple[int, int]) -> None:
    app = CompareApp(FakeEngine(queries=[Query(f"a-long-id-{name}", text) for name, text in SCRIPTS.items()]))
    async with app.run_test(size=size) as pilot:
        await pilot.press("escape")
        line = compare(pilot).query_line
        for text in SCRIPTS.values():
            await pilot.press("n")
            await until(pilot, lambda text=text: compare(pilot).session.query == text)
            await finished(pilot)
            assert line.input.region.x <= size[0] // 4 + 1
            assert line.size.height <= 3
            seen = query_rows(pilot)
            assert all(cell_len(row) <= line.input.size.width for row in seen)
            if len(text) < 10_000 and "… / more" not in seen[-1]:
                assert "".join(seen).replace(" ", "") == text.replace(" ", "")
            else:
                assert seen[-1].rstrip().endswith("… / more")
            await pilot.press("slash", "home")
            await pilot.pause()
            whole = query_rows(pilot)
            assert "".join(whole).replace(" ", "")[:40] == text.replace(" ", "")[:40]
            assert len(whole) <= max(3, size[1] // 3)
            if not whole[-1].endswith("…"):
                assert "".join(whole).replace(" ", "") == text.replace(" ", "")
            await pilot.press("end", "x")
            assert query_rows(pilot)[-1].rstrip().endswith(f"{text[-2:]}x")
            await pilot.press("escape")
            await until(pilot, lambda seen=seen: query_rows(pilot) == seen)


def query_rows(pilot: Pilot[None]) -> list[str]:
    """The query as it is seen, row by row."""
    field = compare(pilot).query_line.input
    return [field.render_line(y).text.rstrip() for y in range(field.size.height)]


async def test_a_long_query_is_typed_on_several_rows_and_the_history_is_behind_its_ends() -> None:
    app = CompareApp(FakeEngine(), history=["older", WORDS])
    async with app.run_test(size=(80, 24)) as pilot:
        field = compare(pilot).query_line.input
        await pilot.press(*"new", "up")
        await pilot.pause()
        assert field.value == WORDS
        assert field.size.height == 6
        assert field.cursor_screen_offset.y == field.region.y
        await pilot.press("down")
        assert field.value == WORDS
        assert field.cursor_screen_offset.y == field.region.y + 1
        await pilot.press("up", "up")
        assert field.value == "older"
        await pilot.pause()
        assert field.size.height == 1
        await pilot.press("down")
        await pilot.pause()
        await pilot.click(field, offset=(3, 1))
        assert field.cursor_position == field.value.index(query_rows(pilot)[1]) + 3
        await pilot.press("home")
        assert "word0 word1" in query_rows(pilot)[0]
        assert "word59" in query_rows(pilot)[-1]


async def test_who_leaves_the_terminal_and_comes_back_types_on_where_the_cursor_was() -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"stat")
        app.post_message(AppBlur())
        await pilot.pause()
        app.post_message(AppFocus())
        await pilot.pause()
        await pilot.press(*"in")
        assert compare(pilot).query_line.input.value == "statin"


@pytest.mark.parametrize("size", SIZES)
async def test_the_hint_of_the_first_screen_is_whole_in_every_list(size: tuple[int, int]) -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "Type a query" in text(pilot))
        for pane in compare(pilot).rankings.panes:
            if pane.display:
                lines = [line.strip() for line in rows(pane.ranking)]
                assert "press Escape, then n for the dataset's first one." in " ".join(filter(None, lines))
                assert "…" not in "".join(lines)


async def test_the_first_step_runs_the_first_query() -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "n")
        await until(pilot, lambda: compare(pilot).session.qid == "1")


async def test_a_dataset_without_queries_says_so() -> None:
    app = CompareApp(FakeEngine(queries=[], judgments={}))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("escape", "n")
        await until(pilot, lambda: "has no queries" in text(pilot))


async def test_history_goes_back_and_forth_and_returns_to_what_was_being_typed() -> None:
    app = CompareApp(FakeEngine(), history=["older", "newer"])
    async with app.run_test(size=(80, 24)) as pilot:
        field = compare(pilot).query_line.input
        await pilot.press(*"dra", "up")
        assert field.value == "newer"
        await pilot.press("up", "up")
        assert field.value == "older"
        await pilot.press("down", "down")
        assert field.value == "dra"
        await pilot.press("down", "f", "t", "enter")
        await finished(pilot)
        assert compare(pilot).history == ["older", "newer", "draft"]
        (said,) = [each for each in app.said if isinstance(each, HistoryChanged)]
        assert said.history == ["older", "newer", "draft"]
        await pilot.press("slash", "up")
        assert field.value == "draft"


async def test_the_same_query_twice_is_in_the_history_once() -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            compare(pilot).search("folate")
            await finished(pilot)
        assert compare(pilot).history == ["folate"]


@pytest.mark.parametrize("typed", ["", "   "], ids=["nothing", "blanks"])
async def test_an_empty_query_is_refused_in_a_sentence(typed: str) -> None:
    engine = FakeEngine()
    app = CompareApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        compare(pilot).query_line.input.value = typed
        await pilot.press("enter")
        await pilot.pause()
        assert "The query is empty: type what you are looking for." in text(pilot)
        assert engine.requests == []


async def test_a_query_of_10000_characters_does_not_break_the_line() -> None:
    engine = FakeEngine()
    app = CompareApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        compare(pilot).search("homocysteine " * 770)
        await finished(pilot)
        assert len(engine.requests[0].query) > 10_000 - 20
        assert all(cell_len(line) == 80 for line in shown(pilot))
        await pilot.press("slash", "end", "x")
        assert all(cell_len(line) == 80 for line in shown(pilot))


async def test_a_query_that_is_refused_can_be_mended_at_once() -> None:
    engine = FakeEngine()
    engine.refuse = Problem("the query has 10,500 characters, the limit is 10,000: shorten it.", usage=True)
    app = CompareApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"long", "enter")
        await until(pilot, lambda: "shorten it" in text(pilot))
        await until(pilot, lambda: compare(pilot).query_line.input.has_focus)
        assert "shorten it" in text(pilot)
        await pilot.press("n")
        assert compare(pilot).query_line.input.value == "n"
        await until(pilot, lambda: "shorten it" not in text(pilot), "another query is typed")


async def test_typing_goes_to_the_query_and_runs_no_action() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await pilot.press("slash", *"npradx12")
        assert compare(pilot).query_line.input.value == "npradx12"
        label = compare(pilot).query_line.label.text
        assert "not asked yet" in label
        assert "42" not in label  # whose lists are shown
        assert len(engine.requests) == 1
        await pilot.press("escape")
        assert compare(pilot).query_line.input.value.startswith("a deficiency")
        await until(pilot, lambda: "42" in compare(pilot).query_line.label.text)
        assert compare(pilot).focused is compare(pilot).rankings.active_list


async def test_a_query_that_is_found_by_typing_is_asked() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press(*"statin", "enter")
        await until(pilot, lambda: compare(pilot).session.qid == "57")


HOSTILE = {
    "markup": "[b]bold[/b] [@click=app.bell]link[/] [red",
    "escape codes": "\x1b[31mred\x1b[0m \x1b]8;;http://x.test\x07link\x1b]8;;\x07 \x9b2J",
    "control characters": "tab\tnull\x00bell\x07 back\x08 del\x7f",
    "address": "https://example.org/[link]",
    "right to left": "שלום עולם العربية ‮reversed‬",
    "wide characters": "维生素缺乏 ビタミン欠乏 비타민 🧬👩‍🔬👍🏽",
    "combining characters": "e\u0301a\u0308 zero\u200bwidth",
}


@pytest.mark.parametrize(
    ("name", "size"), [*((each, SIZES[0]) for each in HOSTILE), ("markup", SIZES[2]), ("wide characters", SIZES[1])]
)
async def test_text_is_shown_as_it_is_and_never_interpreted(name: str, size: tuple[int, int]) -> None:
    hostile = HOSTILE[name]
    docs = [Doc(f"d[i]{number}", f"{hostile} {number}", f"{hostile}\nsecond {hostile}") for number in range(30)]
    engine = FakeEngine(docs=docs, queries=[Query("q[1]", hostile)], judgments={"q[1]": {"d[i]1": 1}})
    app = CompareApp(engine, qid="q[1]")
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        await pilot.press("down", "d", "d", "enter")
        await until(pilot, lambda: app.screen is not app.compare)
        await until(pilot, lambda: "second" in text(pilot), "the document is read")
        for screen in ("document", "compare"):
            lines = shown(pilot)
            assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in "".join(lines))
            assert all(cell_len(line) == size[0] for line in lines), screen
            if "[b]" in hostile:
                assert "[b]bold[/b] [@click=app.bell]link" in "\n".join(lines)
            if "\x1b[31m" in hostile:
                assert "␛[31mred␛[0m" in "\n".join(lines)
            if "维" in hostile:
                assert "维生素缺乏" in "\n".join(lines)
            await pilot.press("escape")
            await pilot.pause()
        assert "q[1]" in text(pilot)


async def test_a_query_with_control_characters_is_searched_as_it_was_given() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, query="folate\x1b[31m acid")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert "folate␛[31m acid" in text(pilot)
        await pilot.press("slash", "enter")
        await until(pilot, lambda: len(engine.requests) == 2)
        assert {request.query for request in engine.requests} == {"folate\x1b[31m acid"}


async def test_the_grade_from_which_on_a_document_is_relevant_is_said_and_marks_follow_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert "relevant from" not in text(pilot)
        ones = text(pilot).count("●1 ")
        assert (ones > 0, text(pilot).count("○1 ")) == (True, 0)
    monkeypatch.setenv(RELEVANT_FROM, "2")
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert "relevant from 2" in shown(pilot)[0]
        assert (text(pilot).count("●1 "), text(pilot).count("○1 ")) == (0, ones)
        assert "●2 " in text(pilot)
