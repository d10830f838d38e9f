"""Making a finding of what is on the screen, and showing it again: with the corpus, without it, and from anybody."""

from __future__ import annotations

import msgspec
from textual.pilot import Pilot

from tests.ui.fake.engine import BM25, DATASET, RERANKED, SYSTEMS, FakeEngine
from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui import paths
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.notes import KeptRemark, Remark
from zsr_tui.domain import Problem
from zsr_tui.sessions import findings
from zsr_tui.sessions.findings import Finding, FoundJudgment, FoundRemark
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.finding.making import found
from zsr_tui.ui.compare.finding.screen import FindingScreen
from zsr_tui.ui.compare.screen import CompareScreen
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.explain.screen import ExplainScreen
from zsr_tui.ui.parts.opening import Opening

SERVED = "bm25 % 10 >> http://gpu:8080/rerank"
NOTE = FoundRemark(kind="note", text="the [b]wrong\x1b[31m sense", who="ada")
QUERY = "a deficiency of vitamin B12 increases blood levels of homocysteine"


def with_notes(engine: FakeEngine) -> FakeEngine:
    note = Remark(kind="note", query_id="42", query_text=QUERY, text="the [b]wrong\x1b[31m sense", who="ada")
    engine.kept.remarks.append(KeptRemark(revision=1, remark=note))
    engine.kept.put("42", "2048000", 3)
    return engine


def app_on(engine: FakeEngine, *systems: str) -> ZsrTuiApp:
    return ZsrTuiApp(engine, dataset=DATASET, systems=systems or SYSTEMS, qid="42")


async def made(*systems: str) -> Finding:
    """As the screen makes one: of the second list, with its first document explained."""
    engine = FakeEngine()
    session = SearchSession(DATASET, systems or SYSTEMS)
    async for event in engine.stream(session.begin("", "42")):
        session.apply(event)
    doc_id = session.lists[1].rows[0].doc_id
    asked = ExplainRequest(id="why", dataset=DATASET, system=session.systems[1], doc_id=doc_id, qid="42")
    explained = [event.explanation async for event in engine.stream(asked) if isinstance(event, Explained)]
    finding = found(session, active=1, doc_id=doc_id)
    own = FoundJudgment(doc_id=doc_id, grade=3)
    return msgspec.structs.replace(finding, explanations=(explained[-1],), remarks=(NOTE,), judgments=(own,))


async def shown(pilot: Pilot[None]) -> FindingScreen:
    """With what has changed since."""
    screen = pilot.app.screen
    assert isinstance(screen, FindingScreen)
    await until(pilot, lambda: screen.since.text and "asking" not in screen.since.text, "what has changed")
    await pilot.pause()
    return screen


async def test_a_finding_carries_what_was_on_the_screen_and_is_copied_as_markdown() -> None:
    engine = with_notes(FakeEngine())
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.compare.session.lists[2].judged)
        await pilot.press("tab", "down", "r", "F", "F")  # a second time: the first choice
        await until(pilot, lambda: paths.findings_dir().exists() and list(paths.findings_dir().iterdir()))
        session, rankings = app.compare.session, app.compare.rankings
        finding = findings.read(next(paths.findings_dir().iterdir()))
        assert (finding.query, finding.qid, finding.relevant, finding.judged) == (QUERY, "42", session.relevant, True)
        assert [each.system for each in finding.lists] == list(SYSTEMS)
        assert (finding.active, finding.reference, finding.doc_id) == (1, 1, rankings.doc_id)
        assert [row.doc_id for row in finding.lists[0].rows] == [row.doc_id for row in session.lists[0].rows[:20]]
        assert finding.lists[0].measures == session.lists[0].measures
        assert all(row.doc_id in finding.heads for each in finding.lists for row in each.rows)
        assert finding.remarks[0].text == "the [b]wrong␛[31m sense"
        assert finding.judgments[0].grade == 3
        assert finding.lists[0].over is not None
        assert [over.sources for over in finding.lists[0].over] == [("own", "dataset"), ("dataset",)]
        await until(pilot, lambda: any("zsr-tui open shows it again" in told for told in notices(app)))
        await pilot.press("F")
        await until(pilot, lambda: "…”: f a file to hand on  m" in text_of(app))
        await pilot.press("m")
        await until(pilot, lambda: app.clipboard)
        copied = app.clipboard
    assert copied.startswith(f"**{QUERY}** (qid 42, demo)")
    assert "| 1 | bm25 (the dataset's) | 0.6131 |" in copied
    assert "■3" in copied
    assert "* ada: the \\[b\\]wrong␛\\[31m sense" in copied
    assert "\x1b" not in copied


async def test_a_finding_is_shown_again_with_what_has_changed_since() -> None:
    finding = await made()
    engine = FakeEngine()
    engine.judgments["42"] = {}
    app = ZsrTuiApp(engine, opening=Opening(finding=finding))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot)
        parts = (
            *QUERY.split(),
            "qid 42",
            "nDCG@10 0.8312 → none",
            "note: the [b]wrong␛[31m sense  ada",
            "■3",
            "compare",
        )
        for size in ((80, 24), (200, 50), (120, 40)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: all(part in text_of(app) for part in parts))
            assert "\x1b" not in text_of(app)
        assert screen.rankings is not None
        assert screen.rankings.doc_id == finding.doc_id
        ranking = screen.rankings.active_list
        assert any(mark in ranking.render_line(0).text for mark in "↑↓→×")
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ExplainScreen) and "homocystein" in text_of(app))
        await pilot.press("v")
        await until(pilot, lambda: "carries this one explanation" in text_of(app))
        assert not engine.explained  # all of it from what it carries
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.session.started)
        assert app.screen.session.asked == (QUERY, "42")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.compare)


async def test_what_has_no_room_is_read_in_full_and_what_could_not_be_compared_is_asked_again_behind_compare() -> None:
    bookmark = FoundRemark(kind="bookmark", text="", doc_id="d1", who="ada")
    many = tuple(FoundRemark(kind="tag", text=f"tag {number}", who="ada") for number in range(12))
    finding = msgspec.structs.replace(await made(), remarks=(bookmark, *many))
    engine = FakeEngine()
    why = "There is no BM25 index of demo yet: run zsr-tui index --dataset demo --system bm25, and wait for it."
    engine.refuse = Problem(why)
    app = ZsrTuiApp(engine, opening=Opening(finding=finding))
    async with app.run_test(size=(80, 40)) as pilot:
        screen = await shown(pilot)
        await until(pilot, lambda: "… and 9 more: a shows all" in text_of(app))
        assert "bookmark on d1  ada" in text_of(app)
        assert why not in " ".join(text_of(app).split())
        await pilot.press("a")
        await until(pilot, lambda: "tag: tag 11  ada" in text_of(app))
        assert why in "".join(str(each.render()) for each in app.screen.query("Static"))
        await pilot.press("escape", "y", "m")
        await until(pilot, lambda: "Copied the finding of 3 lists as Markdown." in notices(app))
        engine.refuse = None
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.session.started)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen and "cannot be compared" not in screen.since.text)


async def test_a_changed_query_is_opened_in_compare_as_the_change_that_it_is() -> None:
    finding = msgspec.structs.replace(
        await made(), query="a lack of vitamin B12", qid=None, judged_as="42", change_of=(QUERY, "42")
    )
    engine = FakeEngine()
    app = ZsrTuiApp(engine, opening=Opening(finding=finding))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        assert "judged as qid 42" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.session.started)
        assert app.screen.session.judged_as == "42"
    assert [request.judged_as for request in engine.requests] == ["42", "42"]


async def test_without_the_corpus_a_finding_is_shown_from_what_it_carries() -> None:
    finding = await made()
    engine = FakeEngine()
    engine.refuse = Problem("There is no dataset demo here: download it.")
    app = ZsrTuiApp(engine, opening=Opening(finding=finding))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot)
        assert "cannot be compared: There is no dataset demo here" in text_of(app)
        assert finding.heads[finding.lists[0].rows[0].doc_id].title[:20] in text_of(app)
        engine.refuse = None
        await pilot.press("f5")
        await until(pilot, lambda: "Now: its 1 judgment is not kept here." in screen.since.text)
        assert "Now: nothing has changed in the lists since." in screen.since.text
        engine.kept.put("42", finding.judgments[0].doc_id, 2)
        await pilot.press("f5")
        await until(pilot, lambda: "Now: its 1 judgment is graded otherwise here." in screen.since.text)
        engine.kept.put("42", finding.judgments[0].doc_id, 3)
        await pilot.press("f5")
        await until(pilot, lambda: screen.since.text == "Now: nothing has changed since.")
        await pilot.press("y", "m")
        await until(pilot, lambda: app.clipboard)
        assert app.clipboard.startswith(f"**{QUERY}** (qid 42, demo)")
        assert "| homocystein | " in app.clipboard


async def test_a_finding_of_somebody_else_asks_no_server_by_itself() -> None:
    finding = await made(BM25, RERANKED)
    first, second = finding.lists
    second = msgspec.structs.replace(second, system=SERVED, label="\x1b]0;x\x07[red]")
    finding = msgspec.structs.replace(finding, lists=(first, second))
    engine = FakeEngine()
    app = ZsrTuiApp(engine, opening=Opening(finding=finding))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot)
        assert "gpu:8080 would score for it; F5 asks it." in text_of(app)
        assert [request.systems for request in engine.requests] == [(BM25,)]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.query_line.input.draft)
        assert app.screen.query_line.input.value == QUERY
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("f5")
        await until(pilot, lambda: "gpu:8080 would get the query and documents of demo." in text_of(app))
        assert [request.systems for request in engine.requests] == [(BM25,)]
        await pilot.press("enter")
        await until(pilot, lambda: [request.systems for request in engine.requests[1:]] == [(BM25, SERVED)])


async def test_a_finding_that_cannot_be_written_is_said() -> None:
    paths.data_dir().mkdir()
    paths.findings_dir().write_text("in the way")
    app = app_on(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.compare.session.lists[2].measures)
        await pilot.press("F", "f")
        await until(pilot, lambda: "could not be written to" in text_of(app))


async def test_before_anything_is_asked_there_is_nothing_to_make_a_finding_of() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=(BM25,))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "F")
        await until(pilot, lambda: any("nothing to make a finding of" in told for told in notices(app)))
