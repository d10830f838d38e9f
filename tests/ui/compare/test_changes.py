"""A changed query keeps its parent: what it did is read from the screen, and a key goes back."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.api.events import SearchStarted
from zsr_tui.api.requests import SystemHead
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts.marks import movement

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import SIZES, compare, finished, rows, shown, text
from .test_search_session import ranking

PARENT = "a deficiency of vitamin B12 increases blood levels of homocysteine"
CHANGED = "a shortage of vitamin B12 increases blood levels of homocysteine"


async def change(pilot: Pilot[None], to: str) -> None:
    """Type it over what the query line has."""
    await pilot.press("slash", "ctrl+u")
    compare(pilot).query_line.input.insert_text_at_cursor(to)
    await pilot.press("enter")
    await until(pilot, lambda: compare(pilot).session.query == to)
    await finished(pilot)


def heads(pilot: Pilot[None]) -> list[str]:
    return [pane.head.text for pane in compare(pilot).rankings.panes]


async def test_one_changed_word_of_a_judged_query_says_what_it_did() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        before = [[row.doc_id for row in each.rows] for each in compare(pilot).session.lists]
        assert "backspace before" not in shown(pilot)[-1]
        await change(pilot, CHANGED)
        screen = text(pilot)
        assert "a change of qid 42, with its judgments: − deficiency  + shortage" in screen
        assert "qid 42, changed · 2 rel" in screen
        assert [each.count("borrowed judgments") for each in heads(pilot)] == [1, 1, 1]
        assert "nDCG@10 .493 −.120" in heads(pilot)[0]
        assert "nDCG@10 .931 +.100" in heads(pilot)[1]
        assert "RR@10 .500 =" in heads(pilot)[0]
        assert "backspace before" in shown(pilot)[-1]
        for number, each in enumerate(compare(pilot).session.lists):  # marks count from the same list before
            for place, line in enumerate(rows(compare(pilot).rankings.panes[number].ranking)[:20:2]):
                doc_id = each.rows[place].doc_id
                was = before[number].index(doc_id) if doc_id in before[number] else None
                assert movement(place, was, "new")[0] in line.split()[:4]
        tops = [set(each[:10]) for each in before]
        now = [{row.doc_id for row in each.rows[:10]} for each in compare(pilot).session.lists]
        effects = [line for line in shown(pilot)[3:6] if "nDCG@10" in line]
        assert len(effects) == 3
        assert "nDCG@10 .613 → .493 −.120" in effects[0]
        for line, was, is_now in zip(effects, tops, now, strict=True):
            came, left = line.split(", ")[0], line[line.index(" out: ") :]
            assert f" {len(is_now - was)} in: " in came
            assert f", {len(was - is_now)} out: " in line
            assert re.search(r" (\d+|new)→\d ", came)  # one that came is named, and one that left
            assert re.search(r" \d+→(\d\d|gone) ", left)


async def test_a_narrow_line_names_what_came_and_what_left() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await change(pilot, CHANGED)
        [line] = [each for each in shown(pilot) if "nDCG@10 .613 → .493" in each]
        assert re.search(r"· \d in: \S+ (\d+|new)→\d+ \w.*, \d out: \S+ \d+→(\d+|gone) \w", line)


async def test_all_that_a_change_did_stands_at_one_place() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 60)) as pilot:
        await finished(pilot)
        before = compare(pilot).session.lists[0]
        await change(pilot, "elderly patients with vitamin B12 and homocysteine")
        after = compare(pilot).session.lists[0]
        await pilot.press("c")
        await until(pilot, lambda: "nobody judged for this text" in text(pilot))
        seen = text(pilot)
        assert PARENT in seen
        came = [row.doc_id for row in after.rows[:10] if before.places.get(row.doc_id, 99) >= 10]
        left = [row.doc_id for row in before.rows[:10] if after.places.get(row.doc_id, 99) >= 10]
        assert came
        block = seen[seen.index("1 bm25") : seen.index("2 dense")]
        assert f"top 10: {len(came)} in, {len(left)} out" in block
        assert "nDCG@10 .613 → .493 −.120" in block
        into, out = block.split("left the first 10")
        assert all(doc_id in into for doc_id in came)
        assert all(doc_id in out for doc_id in left)
        assert "where it is another" not in seen
        await pilot.press("escape")
        assert app.screen is app.compare
        await pilot.press("2")
        await until(pilot, lambda: "top 10: 1■" in heads(pilot)[0])
        assert "nDCG@10 0.503 −.120 ●.493" in heads(pilot)[0]  # the document was in the list before, too
        await until(pilot, lambda: "nDCG@10 .623 → .503 −.120 ●.613 → .493" in text(pilot))  # below the query
        await pilot.press("c")
        await until(pilot, lambda: "over own, then the dataset's; ● over the dataset's" in text(pilot))
        assert "nDCG@10 .623 → .503 −.120 ●.613 → .493" in text(pilot)
        await pilot.press("escape", "O", "c")
        await until(pilot, lambda: "nDCG@10 .613 → .493 −.120 ■.623 → .503" in text(pilot))


async def test_the_chain_of_changes_is_stepped_through_both_ways() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await change(pilot, CHANGED)
        await change(pilot, f"{CHANGED} levels in blood")
        assert "change 2 of qid 42, with its judgments: + levels in blood" in text(pilot)
        assert [request.judged_as for request in engine.requests] == [None, "42", "42"]
        for key, query, mark in (
            ("backspace", CHANGED, ": − deficiency  + shortage"),
            ("less_than_sign", PARENT, "3/6 · qid 42"),
            ("greater_than_sign", CHANGED, ": − deficiency  + shortage"),
            ("greater_than_sign", f"{CHANGED} levels in blood", "change 2 of qid 42"),
        ):
            await pilot.press(key)
            await until(pilot, lambda query=query: compare(pilot).session.query == query)
            await finished(pilot)
            assert compare(pilot).query_line.input.value == query
            assert mark in text(pilot)
        assert "after" not in shown(pilot)[-1]
        await pilot.press("slash", "end", "backspace")  # in the line it deletes
        assert compare(pilot).query_line.input.value == f"{CHANGED} levels in bloo"
        await pilot.press("escape", "n")  # another query is no change of this one
        await until(pilot, lambda: compare(pilot).session.qid == "57")
        await finished(pilot)
        assert not compare(pilot).changes.line.display
        await pilot.press("backspace")
        await pilot.pause()
        assert compare(pilot).session.qid == "57"


async def test_marks_count_against_the_reference_list_again_at_a_key() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50), notifications=True) as pilot:
        await finished(pilot)
        await change(pilot, CHANGED)
        panes = compare(pilot).rankings.panes
        assert "reference" not in panes[0].head.text
        from_before = rows(panes[1].ranking)
        await pilot.press("m")
        await until(pilot, lambda: "Marks count from the reference list." in text(pilot))
        assert "reference" in panes[0].head.text
        assert rows(panes[1].ranking) != from_before
        await pilot.press("m")
        await pilot.pause()
        assert rows(panes[1].ranking) == from_before
        await pilot.press("alt+2", "r")
        await pilot.pause()
        assert "reference" in panes[1].head.text


@pytest.mark.parametrize("size", SIZES)
async def test_a_free_query_is_compared_without_measures(size: tuple[int, int]) -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=size) as pilot:
        compare(pilot).search("statin therapy in adults")
        await finished(pilot)
        await change(pilot, "statin therapy in children")
        screen = text(pilot)
        assert "a change of a free query: − adults  + children" in screen
        assert "borrowed" not in screen
        assert "nDCG" not in screen
        assert "top 10" in screen
        assert screen.count("top 10") == (1 if size[1] < 34 else 3)


@pytest.mark.parametrize(
    ("before", "after", "is_change"),
    [
        ("statin therapy and diabetes", "statin", True),
        ("statin therapy", "Statins for therapy", True),
        ("STATIN Therapy", "statin therapy", True),
        ("to be or not to be", "to be", True),
        ("statin therapy", "aspirin for stroke", False),
        ("vitamin B12 deficiency and age", "vitamin C against colds", False),
    ],
    ids=["shortened", "other forms", "capitals", "stop words", "other words", "one word in common"],
)
async def test_another_query_is_no_change(before: str, after: str, is_change: bool) -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        compare(pilot).search(before)
        await finished(pilot)
        await change(pilot, after)
        assert compare(pilot).changes.line.display == is_change


async def test_a_list_that_was_not_finished_is_no_measure_for_the_change() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    gate = engine.hold("rerank", system=2, batch=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        await until(pilot, lambda: compare(pilot).session.lists[2].rows)
        gate.release()
        compare(pilot).search(CHANGED, parent=compare(pilot).session.version)
        await until(pilot, lambda: compare(pilot).session.query == CHANGED)
        await finished(pilot)
        assert text(pilot).count("nothing to compare with") == 1
        assert not any(mark in rows(compare(pilot).rankings.panes[2].ranking)[0] for mark in "↑↓→")


async def test_the_opened_document_says_whose_judgment_it_has_and_where_it_was() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(160, 40)) as pilot:
        await finished(pilot)
        await change(pilot, CHANGED)
        relevant = next(row.doc_id for row in compare(pilot).session.lists[0].rows if row.grade)
        compare(pilot).rankings.seek(0, relevant)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not app.compare and "before the change" in text(pilot))
        assert "for qid 42 (borrowed)" in text(pilot)


async def test_other_systems_are_asked_the_changed_query_with_the_judgments_that_it_borrows() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, query=CHANGED, change_of=(PARENT, "42"))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert (engine.requests[0].query, engine.requests[0].judged_as) == (CHANGED, "42")
        assert text(pilot).count("nothing to compare with") == 3
        assert compare(pilot).session.change_of == (PARENT, "42")
        await pilot.press("X")  # the same query again
        await until(pilot, lambda: len(engine.requests) == 2)
        await finished(pilot)
        assert engine.requests[1].judged_as == "42"
        await pilot.press("backspace")
        await until(pilot, lambda: compare(pilot).session.qid == "42")


def test_lists_of_other_weights_or_another_part_of_the_corpus_are_not_compared() -> None:
    session = SearchSession("demo", ("bm25", "dense(a)", "rrf(a, b)"))
    for query, searched, fusion in (("folate", (41, 100), "rrf(a, b)"), ("folate acid", (42, 100), "rrf(a, b; k=1)")):
        request = session.begin(query, None, session.version)
        heads = tuple(SystemHead(notation=each, label=each) for each in ("bm25", "dense(a)", fusion))
        session.apply(SearchStarted(request=request.id, query=query, qid=None, systems=heads))
        for system in range(3):
            whole = ranking(request.id, "a", system=system, final=True)
            session.apply(replace(whole, searched=searched if system == 1 else None))
    assert [each is not None for each in session.lists_before] == [True, False, False]
