"""The document under the cursor: in the pane and on the whole screen."""

from __future__ import annotations

from tests.waiting import until
from zsr_tui.api.questions import ReadDocument
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.parts.messages import ExplanationWanted
from zsr_tui.ui.parts.text_view import wrap_cut

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import compare, finished, text


async def test_the_pane_shows_text_judgment_and_places_of_the_document_under_the_cursor() -> None:
    engine = FakeEngine(cut=4)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        await pilot.press("alt+3")
        pane = compare(pilot).reader.pane
        await until(pilot, lambda: "We followed 200 participants" in pane.body.text and len(pane.body.text) > 300)
        facts = pane.facts.text
        assert "2048000" in facts
        assert "relevant (2)" in facts
        assert "bm25 2 (20.67)" in facts
        assert "dense all-MiniLM-L6-v2 1 (20.43)" in facts
        assert "bm25 % 100 >> ms-marco…M-L-12-v2 1 (6.840, was 2, input cut)" in facts


async def test_a_document_that_a_list_does_not_have_is_not_in_its_top() -> None:
    app = CompareApp(FakeEngine(), qid="42", depth=3)
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        await pilot.press("alt+2", "end")
        await until(pilot, lambda: "not in the top 3" in compare(pilot).reader.pane.facts.text)


async def test_judgments_are_told_in_words() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        seen = set()
        await pilot.press("alt+3")
        for _ in range(12):
            await pilot.pause()
            facts = compare(pilot).reader.pane.facts.text.splitlines()[0]
            seen |= {word for word in ("unjudged", "judged not relevant (0)", "relevant (2)") if word in facts}
            await pilot.press("down")
        assert seen == {"unjudged", "judged not relevant (0)", "relevant (2)"}
        compare(pilot).search("something free")
        await finished(pilot)
        assert "no judgments for a free query" in compare(pilot).reader.pane.facts.text


async def test_moving_fast_reads_only_the_document_where_the_cursor_rests() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: engine.documents)
        read = len(engine.documents)
        ranking = compare(pilot).rankings.active_list
        for _ in range(15):
            ranking.action_move(1)
        await until(pilot, lambda: len(engine.documents) > read)
        assert engine.documents[read:] == [ranking.doc_id]


async def test_a_document_is_read_once() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        seen: list[str] = []
        for key in ("home", "down", "up", "down"):
            await pilot.press(key)
            seen.append(compare(pilot).rankings.doc_id or "")
            await until(pilot, lambda: seen[-1] in engine.documents)
            await until(pilot, lambda: len(compare(pilot).reader.pane.body.text) > 300)
        assert sorted(engine.documents) == sorted(set(seen))


async def test_the_pane_is_hidden_where_there_is_no_room_and_the_user_decides() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: compare(pilot).reader._settle is None, "no document is to be read any more")
        assert not compare(pilot).reader.pane.display
        assert engine.documents == []
        await pilot.press("d")
        assert compare(pilot).reader.pane.display
        await until(pilot, lambda: engine.documents)
        await pilot.resize_terminal(200, 50)
        await pilot.press("d")
        assert not compare(pilot).reader.pane.display
        await pilot.resize_terminal(240, 60)
        await pilot.pause()
        assert not compare(pilot).reader.pane.display


async def test_enter_opens_the_document_and_escape_comes_back_to_the_same_row() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await pilot.press("alt+2", "down", "down")
        doc_id = compare(pilot).rankings.doc_id
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "moderate certainty" in text(pilot))
        assert str(doc_id) in text(pilot)
        assert "in 3 of 3 lists" in text(pilot)
        assert "↑20" in text(pilot)
        assert "reference" in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.compare
        assert compare(pilot).rankings.doc_id == doc_id
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))


async def test_left_and_right_go_through_the_list_document_by_document() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        order = [row.doc_id for row in compare(pilot).session.lists[0].rows]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await pilot.press("right", "right", "left", "right")
        await until(pilot, lambda: order[2] in text(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert compare(pilot).rankings.doc_id == order[2]


async def test_the_open_document_stays_while_its_rank_changes_below() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=0)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        await until(pilot, lambda: compare(pilot).session.lists[2].rows)
        await pilot.press("alt+3", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "not scored yet" in text(pilot))
        gate.release()
        await finished(pilot)
        await until(pilot, lambda: "was 1" in text(pilot))
        assert "2048910" in text(pilot)


async def test_a_long_document_scrolls_and_keeps_its_place_when_the_width_changes() -> None:
    words = " ".join(f"word{number}" for number in range(4000))
    engine = FakeEngine(docs=[Doc("long", "A long one", words)], queries=[Query("1", "word")], judgments={"1": {}})
    app = CompareApp(engine, qid="1")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "word300" in text(pilot))
        await pilot.press("pagedown", "pagedown", "pagedown")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, DocumentScreen)
        top = screen.pane.body.render_line(0).text.split()[0]
        await pilot.resize_terminal(80, 40)
        await pilot.pause()
        assert top in screen.pane.body.render_line(0).text.split()
        await pilot.press("end")
        await pilot.pause()
        assert "word3999" in text(pilot)


async def test_a_document_that_cannot_be_read_says_why_and_is_tried_again() -> None:
    engine = FakeEngine()
    engine.problems[ReadDocument] = Problem("The collection of demo was moved: prepare it again.")
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "was moved: prepare it again" in text(pilot))
        engine.problems.clear()
        await pilot.press("down", "up")
        await until(pilot, lambda: "moderate certainty" in compare(pilot).reader.pane.body.text)


async def test_a_document_shows_what_else_the_corpus_says_and_that_it_has_no_title_or_text() -> None:
    engine = FakeEngine(
        docs=[Doc("e", "", "", (("year", "1953"), ("by", "Watson\x1b[31m\nCrick")))],
        queries=[Query("1", "word")],
        judgments={"1": {}},
    )
    app = CompareApp(engine, qid="1")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "(no text)" in text(pilot))
        assert "(no title)" in text(pilot)
        assert "year 1953 · by Watson␛[31m Crick" in text(pilot)


def test_a_rule_stands_where_each_model_stopped_and_no_text_is_lost() -> None:
    text = "one two three four\nfive six seven"
    lines, labels = wrap_cut(text, 9, [(13, "b"), (7, "a"), (99, "c")])
    shown = [labels.get(number) or text[start:end] for number, (start, end) in enumerate(lines)]
    assert shown == ["one two", "a", "three", "b", "four", "five six", "seven", "c"]


async def test_the_document_shows_where_a_models_input_ended() -> None:
    engine = FakeEngine()
    engine.cut_at = {"ms-marco-MiniLM-L-12-v2": 60}
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "ms-marco-MiniLM-L-12-v2 read up to here" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen))
        await until(pilot, lambda: "ms-marco-MiniLM-L-12-v2 read up to here" in text(pilot))


async def test_i_wants_the_score_of_the_row_explained_in_the_list_and_where_the_document_is_open() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("alt+2", "down", "i")
        await until(pilot, lambda: app.said and isinstance(app.said[-1], ExplanationWanted))
        wanted = app.said[-1]
        assert isinstance(wanted, ExplanationWanted)
        about, rows = wanted.about, app.compare.session.lists[1].rows
        assert (about.system, about.qid, about.doc_id) == (1, "42", rows[1].doc_id)
        assert about.order[:3] == tuple(row.doc_id for row in rows[:3])
        app.said.clear()
        await pilot.press("enter")
        await until(pilot, lambda: "i why" in text(pilot))
        await pilot.press("i")
        await until(pilot, lambda: [type(each) for each in app.said] == [ExplanationWanted])


async def test_a_model_is_not_said_to_have_read_a_document_that_it_never_got() -> None:
    engine = FakeEngine()
    engine.cut_at = {"ms-marco-MiniLM-L-12-v2": 60}
    gate = engine.hold("rerank", system=2, batch=0)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        screen = compare(pilot)
        await until(pilot, lambda: any(isinstance(asked, ReadDocument) for asked in engine.asked))
        await until(pilot, lambda: screen.reader.pane.body.text.count("\n") > 1, "the document is read")
        assert "read up to here" not in text(pilot)  # it waits for its score
        gate.release()
        await until(pilot, lambda: "ms-marco-MiniLM-L-12-v2 read up to here" in text(pilot))
        await finished(pilot)
        dense, reranked = screen.session.lists[1:]
        other = next(row.doc_id for row in dense.rows if row.doc_id not in reranked.places)
        await pilot.press("alt+2")
        screen.rankings.active_list.go_to(dense.places[other])
        title = engine.docs[other].text.split("\n")[0]
        await until(pilot, lambda: title in screen.reader.pane.body.text.split("\n")[0])
        await until(pilot, lambda: screen.reader.pane.body.text.count("\n") > 1, "the document is read")
        assert "read up to here" not in text(pilot)
