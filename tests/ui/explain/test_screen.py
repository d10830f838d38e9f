"""Why a document has its score, on the screen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from textual.widgets import Input

from tests.ui.fake.engine import BM25, RERANKED, FakeEngine
from tests.ui.reading import notices
from tests.waiting import DEADLINE, until
from zsr_tui.api.events import AnyEvent, EngineLost, Failed
from zsr_tui.api.explanations import Contrasted, Explained, ExplainRequest
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import Problem
from zsr_tui.explanation import Contrast, Difference, Explanation, Part
from zsr_tui.ui.explain.asked import Known
from zsr_tui.ui.explain.rows import Section, sections
from zsr_tui.ui.explain.table import PartsTable
from zsr_tui.ui.explain.versus import cuts, sections_of
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.messages import KnownList

from .screen import ABOVE, BELOW, DOC, SIZES, ExplainApp, line, lines, shown


@pytest.mark.parametrize("size", SIZES)
async def test_lineage_parts_and_text_say_why_at_every_size(size: tuple[int, int]) -> None:
    app = ExplainApp(FakeEngine())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        assert "bm25" in line(pilot, "4 of 140")
        assert ">> ms-marco-MiniLM-L-12-v2  1 of 100  8.410  ↑3" in line(pilot, "▶ >>")
        assert "score 8.4100 logit  shares sum to 3.0000: they need not add up" in line(pilot, "score 8.41")
        assert "cost 4 inputs, 1 cached" in shown(pilot)
        first = line(pilot, "+0.50")
        assert first.startswith(">    +0.50 █")
        assert "7.910" in first
        assert "−1.25 ▒▒" in line(pilot, "−1.25")
        assert "Without the last it would have 4.66." in shown(pilot)
        assert "▂Elevated serum homocysteine" in shown(pilot)  # a glyph stands for the shade
        assert "▿Background" in shown(pilot)
        if size[1] >= 40:
            assert "Faithfulness" in shown(pilot)
            assert "−1.200" in line(pilot, "the top sentence")


async def test_first_marks_come_before_the_last_and_the_rest_can_be_stopped() -> None:
    engine = FakeEngine()
    gate = engine.hold("explain")
    app = ExplainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        await until(pilot, lambda: "explaining 2 of 5" in shown(pilot))
        assert "+0.50" in line(pilot, "+0.50")
        assert "…" in line(pilot, " Background")
        assert "c stop" in lines(pilot)[-1]
        await pilot.press("c")
        await until(pilot, lambda: bool(engine.abandoned))
        assert "Stopped: what had come is shown. F5 explains it again." in shown(pilot)
        assert "c stop" not in lines(pilot)[-1]
        gate.release()
        await pilot.press("f5")
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))


async def test_enter_on_a_sentence_goes_to_its_words_and_escape_back() -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "· words" in lines(pilot)[0] and "+3.75" in shown(pilot))
        assert engine.explained[-1].sentence == (
            0,
            len("Elevated serum homocysteine raises blood levels of homocysteine in elderly patients") + 1,
        )
        assert "homocysteine" in line(pilot, "+3.75")
        assert "esc sentences" in lines(pilot)[-1]
        await pilot.press("enter")
        assert "These are the words" in notices(app)[-1]
        await pilot.press("escape")
        await until(pilot, lambda: "· words" not in lines(pilot)[0] and "cost" in shown(pilot))
        assert app.screen is app.explained


async def test_enter_on_a_document_opens_the_duel_with_it_and_marks_what_decides_it_in_the_text() -> None:
    engine = FakeEngine()
    app = ExplainApp(engine, systems=(BM25, "bm25 % 50 >> duot5"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: f"Its duel with {ABOVE}" in shown(pilot))
        assert "lost: Folate" in line(pilot, "+0.25")
        assert "▂Elevated serum homocysteine" in shown(pilot)
        assert "enter duel" in lines(pilot)[-1]
        await pilot.press("down", "enter")
        await until(pilot, lambda: f"Its duel with {BELOW}" in shown(pilot))
        assert [each.rival for each in engine.explained] == ["", BELOW]
        await pilot.press("down", "enter")  # a sentence of it
        assert "nothing more to open here" in notices(app)[-1]
        await pilot.press("n")  # of another document the heaviest loss
        await until(pilot, lambda: engine.explained[-1].doc_id == BELOW)
        assert engine.explained[-1].rival == ""


async def test_other_stages_systems_and_documents_are_a_key_away() -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("s")
        await until(pilot, lambda: "= sum of the shares 5.2500" in shown(pilot))
        assert "cut after 3" in line(pilot, "▶ bm25")
        assert "missing here: once would give +1.54" in shown(pilot)
        assert not {"words", "gradient"} & set(lines(pilot)[-1].split())
        assert "a stop word: left out" in line(pilot, " The ")
        await pilot.press("enter")
        assert "more to open here" in notices(app)[-1]
        await pilot.press("o")
        await until(pilot, lambda: engine.explained[-1].system == BM25 and "5.2500" in shown(pilot))
        assert engine.explained[-1].stage == ""
        await pilot.press("s")
        assert "one stage" in notices(app)[-1]
        await pilot.press("n")
        await until(pilot, lambda: BELOW in lines(pilot)[0] and "Folate" in lines(pilot)[0])
        await pilot.press("n")
        assert "last document" in notices(app)[-1]
        await pilot.press("v")
        await until(pilot, lambda: engine.explained[-1].gradient)


def test_rows_say_what_is_missing_multiply_in_order_and_show_less_than_nothing_at_any_length() -> None:
    """At the width of half a terminal of 120."""
    values = [(1, 0.4, 4.0, 1, 9), (0, 0.0, 5.0, 2, 3)]
    parts = (
        Part(text="homocysteine", share=1.6, values=values[0]),
        Part(text="date", share=0.0, values=values[1], note="missing here: once would give +1.54"),
    )
    columns = ("times", "tf", "idf", "boost", "documents")
    found = Explanation(family="bm25", method="", unit="", columns=columns, parts=parts)
    (section,) = sections(found)
    assert list(section.columns) == ["boost", "idf", "tf", "times", "documents"]
    assert section.parts[1].values[:3] == (2, 5.0, 0.0)
    table = PartsTable()
    table._lines = [(section, section.below(parts[1], 59))]
    assert table._pieces(0, 59)[-1][0].strip() == "missing here: once would give +1.54"
    narrow, wide = ("".join(text for text, _ in section.head(width)).split() for width in (59, 78))
    assert narrow == ["share", "boost", "idf", "tf", "times", "…"]  # of all factors, and a sign of what is left out
    assert wide == ["share", *section.columns]
    (plain,) = sections(Explanation(family="bm25", method="", unit="", columns=columns, parts=parts[:1]))
    assert list(plain.columns) == ["times", "tf", "idf", "documents"]
    shares = Section("", (), [Part(text="x", share=share) for share in (9.0, -0.2, -4.5)])
    bars = ["".join(text for text, _ in shares.line(part, " ", 40)).split()[1] for part in shares.parts]
    assert bars == ["████████", "▒", "▒▒▒▒"]
    duels = Section("", (), [Part(text="x", share=share) for share in (0.9954, 1.0046)])
    assert [duels.line(part, " ", 40)[1][0].strip() for part in duels.parts] == ["+0.9954", "+1.0046"]


def test_a_list_that_is_cut_says_so_and_can_be_seen_whole() -> None:
    about = Explanation(family="bm25", method="", unit="", parts=tuple(Part(text=f"t{n}", share=n) for n in range(12)))
    known = Known(ExplainRequest(id="", dataset="", system="", doc_id=""))
    known.take(Explained(request="", explanation=about, which=0))
    assert cuts(known)
    assert [(len(each.parts), each.more) for each in sections_of(known, str.upper, whole=False)] == [
        (8, "and 4 more with smaller shares: EXPLAIN_ALL shows all")
    ]
    assert [(len(each.parts), each.more) for each in sections_of(known, str.upper, whole=True)] == [(12, "")]


def test_parts_that_differ_come_first_and_the_others_on_a_key() -> None:
    parts = (Difference(text="zinc", first=2.0, second=1.0, share=1.0), *[_same(name) for name in ("and", "the")])
    known = Known(ExplainRequest(id="", dataset="", system="", doc_id=""))
    about = Explanation(family="bm25", method="", unit="", additive=True)
    known.take(Explained(request="", explanation=about, which=0))
    known.take(Contrasted(request="", contrast=Contrast(first="a", second="b", sentence="", parts=parts)))
    shown_at_first, whole = (sections_of(known, str.upper, whole=whole)[0] for whole in (False, True))
    assert ([part.text for part in shown_at_first.parts], shown_at_first.more) == (
        ["zinc"],
        "and 2 more that make no difference: EXPLAIN_ALL shows all",
    )
    assert ([part.text for part in whole.parts], whole.more) == (["zinc", "and", "the"], "")
    assert cuts(known)


def _same(text: str) -> Difference:
    return Difference(text=text, first=0.0, second=0.0, share=0.0)


async def test_a_very_short_terminal_scrolls_what_stands_above_the_table_with_it() -> None:
    app = ExplainApp(FakeEngine())
    async with app.run_test(size=(80, 8)) as pilot:
        await until(pilot, lambda: "1 of 100  8.410  ↑3" in shown(pilot))
        for _ in range(12):
            await pilot.press("down")
        assert line(pilot, "the top sentence").startswith(">")
        for _ in range(16):
            await pilot.press("up")
        assert "▶ >>" in shown(pilot)
        await pilot.press(*["down"] * 3)
        assert line(pilot, "+0.50").startswith(">    +0.50 █")
        assert app.explained.table.size.height == 5
        await pilot.press("3")
        await until(pilot, lambda: "above" in shown(pilot))
        assert app.explained.views.versus.size.height == 5


async def test_what_the_model_saw() -> None:
    app = ExplainApp(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("2")
        assert "9 tokens of at most 9: 7 of the document, 1 of the query, 1 of the template." in shown(pilot)
        assert "Words of the query that stand only behind the cut: homocysteine." in shown(pilot)
        assert "1 token that the model's vocabulary lacks: it read [UNK]." in shown(pilot)
        assert "cut here: the rest of the document, from character 60 on, was not read" in shown(pilot)
        assert "[CLS]" not in shown(pilot)
        await pilot.press("x")
        assert "[CLS]" in shown(pilot)


async def test_one_against_another() -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    app.keys = KeyTable({"explain_against_system": "f9"})  # sentences name the user's own keys
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("3")
        await until(pilot, lambda: f"puts {DOC} above {ABOVE} by 2.5000." in shown(pilot))
        assert "6 against 1" in line(pilot, "zinc")
        assert f"{DOC} Elevated serum" in line(pilot, "patients: 8.4100 logit, rank 1")
        assert f"{ABOVE} " in shown(pilot)
        await pilot.press("f9")
        await until(pilot, lambda: engine.explained[-1].against_system == BM25 and "bm25: 5.2500 BM25" in shown(pilot))
        assert "F9: back to the other document" in shown(pilot)
        await pilot.press("s")
        await until(pilot, lambda: engine.explained[-1].stage == BM25 and shown(pilot).count("bm25: 5.2500 BM25") == 2)
        assert engine.explained[-1].against_system == BM25
        await pilot.press("f9")
        await until(pilot, lambda: "patients: 5.2500 BM25, rank 4" in shown(pilot))  # in the stage that is explained
        await pilot.press("a")
        await until(pilot, lambda: app.screen is not app.explained)
        app.screen.query_one(Input).value = BELOW
        await pilot.press("enter")
        await until(pilot, lambda: engine.explained[-1].against == BELOW and f"above {BELOW}" in shown(pilot))


@pytest.mark.parametrize("gives", [True, False], ids=["torch runs it", "onnxruntime does"])
async def test_a_gradient_is_offered_where_the_model_has_one(gives: bool) -> None:
    engine = FakeEngine()
    engine.gradients = gives
    app = ExplainApp(engine)
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await until(pilot, lambda: ("v gradient" in lines(pilot)[-1]) == gives)


async def test_a_document_is_pulled_in_by_words_and_one_that_is_not_there_by_no_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zsr_tui.ui.parts.picker.DEBOUNCE", DEADLINE)  # Enter comes before the answer
    engine = FakeEngine()
    app = ExplainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("slash", *"statin", "enter")
        await until(pilot, lambda: "none has this id" in shown(pilot))
        await until(pilot, lambda: "Statin therapy" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.explained and "Statin" in lines(pilot)[0])
        engine.docs.pop(engine.explained[-1].doc_id)
        await pilot.press("f5")
        await until(pilot, lambda: f"demo has no document '{engine.explained[-1].doc_id}'." in shown(pilot))


async def test_relevant_documents_are_offered_before_anything_is_typed() -> None:
    engine = FakeEngine()
    missed = "2048091"
    engine.judgments["1"] = {DOC: 1, missed: 1, BELOW: 2, ABOVE: 0, "gone": 1}
    app = ExplainApp(engine, qid="1")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("slash")
        await until(pilot, lambda: "4 relevant documents (1 of them not in the corpus)" in shown(pilot))
        offered = [each for each in lines(pilot) if "●" in each]
        assert "●2 2048026  bm25 1, " in offered[0]
        assert " 3  Folate" in offered[0]
        assert f"●1 {missed}  not in the lists shown  " in offered[1]
        assert f"●1 {DOC}  bm25 3, " in offered[2]
        assert len(offered) == 3
        app.lists = (app.lists[0], KnownList((BELOW, ABOVE), provisional=True))  # it is still reranked
        await until(pilot, lambda: " 1 so far  Folate" in line(pilot, "●2 2048026"))
        assert f"●1 {DOC}  bm25 3, " in line(pilot, DOC)
        assert " – so far  " in line(pilot, f"●1 {DOC}")
        assert f"●1 {missed}  not in the lists shown so far  " in line(pilot, missed)
        app.lists = (app.lists[0], KnownList((DOC, BELOW)))
        await until(pilot, lambda: " 2  Folate" in line(pilot, "●2 2048026"))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen is app.explained and engine.explained[-1].doc_id == missed)


@pytest.mark.parametrize("yes", [True, False], ids=["sent", "not sent"])
async def test_a_server_is_asked_only_with_leave(yes: bool) -> None:
    engine = FakeEngine()
    engine.asks = 3
    app = ExplainApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "The explanation costs 3 requests to http://gpu." in shown(pilot)
        assert "What else you explain here by this system is sent unasked" in shown(pilot)
        await pilot.press("enter" if yes else "escape")
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot) if yes else "Nothing was sent" in shown(pilot))
        assert [each.spend for each in engine.explained] == [False, True][: 1 + yes]
        await pilot.press("b")  # which may be another server's system
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert not engine.explained[-1].spend


async def test_hostile_texts_are_shown_and_not_obeyed() -> None:
    engine = FakeEngine()
    doc = engine.docs[DOC]
    engine.docs[DOC] = type(doc)(DOC, "[red]T[/] \x1b[31m", f"{doc.text} مرحبا بالعالم 中文句子 {'x' * 300}")
    app = ExplainApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        assert "[red]T[/] ␛[31m" in lines(pilot)[0]
        assert "\x1b" not in shown(pilot)
        assert isinstance(engine.explained[0], ExplainRequest)
        assert engine.explained[0].system == RERANKED


async def test_y_copies_the_explanation_as_markdown() -> None:
    app = ExplainApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        thing = app.explained.copyable()
        assert thing is not None
        text = str(thing.choices[0].text)
        assert f"`{DOC}` Elevated serum" in text
        assert "* `bm25`: rank 4" in text
        assert "| part | share | without it |" in text
        assert "| +0.50 | 7.910 |" in text
        assert [choice.key for choice in thing.choices] == ["e", "i", "t", "x", "p"]


@pytest.mark.parametrize("raised", [False, True], ids=["told in the stream", "raised by it"])
async def test_a_problem_ends_the_asking_and_takes_away_what_is_of_something_else(
    raised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, sentence = FakeEngine(), "The index of demo is damaged."
    app = ExplainApp(engine)

    async def refuse(request: object) -> AsyncGenerator[AnyEvent, None]:
        raise Problem(sentence)
        yield

    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        engine.unexplained = sentence
        if raised:
            monkeypatch.setattr(engine, "stream", refuse)
        await pilot.press("f5")
        await until(pilot, lambda: sentence in shown(pilot))
        for gone in ("asking the engine", "…", "cost 4 inputs", "+0.50", "Elevated serum", "c stop"):
            assert gone not in shown(pilot), gone
        await pilot.press("3")
        await until(pilot, lambda: len(engine.explained) > 1 or raised)
        await until(pilot, lambda: sentence in shown(pilot) and app.explained._known.finished)
        assert "asking the engine" not in shown(pilot)
        assert "nothing to compare" not in shown(pilot)
        assert "1: back to why" in shown(pilot)


async def test_an_engine_that_ends_in_the_middle_is_told_and_asked_again() -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    whole, log = engine.explain, "; its log is at /tmp/engine.log"

    async def lost(request: ExplainRequest) -> AsyncGenerator[AnyEvent, None]:
        """After the first state; the second time for good."""
        again = bool(engine.explained)
        async with aclosing(whole(request)) as events:
            yield await anext(events)
        yield EngineLost(request=request.id, restarted=not again, see_log=log)
        if again:
            yield Failed(request=request.id, problem=ProblemView(message="The engine ends whenever it is asked this."))
            return
        async for event in whole(request):
            yield event

    engine.streams[ExplainRequest] = lost
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        said = "The engine stopped; a new one runs and repeats the explanation" + log
        assert said in " ".join(shown(pilot).split())
        assert len(engine.explained) == 2
        assert "+3.75" in shown(pilot)
        await pilot.press("f5")
        await until(pilot, lambda: "The engine ends whenever it is asked this." in shown(pilot))
        assert "c stop" not in lines(pilot)[-1]
