"""What a list lacks is made while the others work; it says how far that is and asks again as soon as it can."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.fake.preparing import encoding, indexing
from tests.ui.reading import notices
from tests.waiting import until
from zsr_tui.api.preparing import PartView, PausePreparing, StopPreparing
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.document.facts import Facts, placement
from zsr_tui.ui.compare.lists import Phase

from ..fake.engine import BM25, DENSE, RERANKED, FakeEngine
from .app import CompareApp
from .screen import compare, finished, rows, text

ENCODED = "dense demo m"


class NotDownloaded(Problem):
    kind = "not-downloaded"


def lacking_dense(*parts: PartView) -> FakeEngine:
    """BM25 and the reranker are ready; the dense list lacks these parts."""
    engine = FakeEngine()
    engine.unbuilt.add(DENSE)
    for part in parts:
        engine.preparing.add(part, DENSE)
    return engine


def head(pilot: Pilot[Any], number: int = 1) -> str:
    return compare(pilot).rankings.panes[number].head.text


async def look(pilot: Pilot[Any]) -> None:
    """As the clock would have it."""
    compare(pilot).preparing.look()
    await pilot.pause()


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_list_works_on_what_is_encoded_while_the_others_work(size: tuple[int, int]) -> None:
    engine = lacking_dense(encoding(0))
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        await until(pilot, lambda: compare(pilot).session.lists[1].lacking)
        lists = compare(pilot).session.lists
        assert [each.phase for each in lists] == [Phase.DONE, Phase.PREPARING, Phase.DONE]
        assert "nDCG@10" in head(pilot, 0)

        engine.unbuilt.clear()
        engine.searched[DENSE] = (41, 140)
        engine.preparing.change(ENCODED, progress=encoding(50).progress)
        await pilot.press("alt+2")
        await until(pilot, lambda: len(rows(compare(pilot).rankings.panes[1].ranking)) > 0 and "29 %" in text(pilot))
        shown = " ".join(head(pilot).split())
        making = "encoding 50 of 140 · 60/s · 0:02 left" if size[1] > 30 else "encoding · 60/s · 0:02 left"
        for part in ("◔ searched 29 %", making, "w pauses, W stops", "provisional"):
            assert part in shown, shown
        assert "2 ◔ dense" in shown
        assert engine.requests[-1].systems == (DENSE,)  # the others are not asked again
        assert len([each for each in engine.requests if BM25 in each.systems]) == 1
        if size == (80, 24):
            assert "35 %" in text(pilot)  # the tab

        engine.searched.clear()
        engine.preparing.finish(ENCODED)
        await until(pilot, lambda: "provisional" not in head(pilot) and "◔" not in head(pilot))
        assert lists[1].lacking == ()
        assert len(lists[1].rows) == 100
        assert engine.requests[-1].systems == (DENSE,)


async def test_keys_pause_stop_and_go_on_with_what_the_active_list_waits_for() -> None:
    engine = lacking_dense(encoding(70))
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "encoding 70 of 140" in head(pilot))
        await until(pilot, lambda: "preparing 1 part" in text(pilot))
        compare(pilot).focus_query()  # where the keys are letters
        await until(pilot, lambda: "esc, w pauses, W stops" in head(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "esc, w" not in head(pilot))
        await pilot.press("alt+1", "w")  # BM25's list waits for nothing: the only one that does is meant
        await until(pilot, lambda: "paused at 50 % · w goes on, W stops" in head(pilot))
        await until(pilot, lambda: "w go on" in text(pilot) and "preparing 1 part" not in text(pilot))
        await pilot.press("w")
        await until(pilot, lambda: "w pauses" in head(pilot))
        await pilot.press("W")
        await until(pilot, lambda: "stopped at 50 % · w goes on" in head(pilot))
        engine.preparing.change(ENCODED, state="failed", problem=ProblemView(message="No [b]room[/b]: free 2 GB."))
        await look(pilot)
        await until(pilot, lambda: "No [b]room[/b]: free 2 GB. w tries again." in text(pilot))
        await pilot.press("w")
        await until(pilot, lambda: "encoding 70 of 140" in head(pilot))
        told = engine.preparing.told
        assert [type(each) for each in told] == [PausePreparing, PausePreparing, StopPreparing, PausePreparing]
        assert [each.paused for each in told if isinstance(each, PausePreparing)] == [True, False, False]


async def test_keys_say_so_where_nothing_is_made() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        assert "w pause" not in text(pilot)
        await pilot.press("w", "W")
        await until(pilot, lambda: notices(app).count("Nothing is being made for this list.") == 2)


async def test_a_part_that_is_paused_is_searched_once_as_far_as_it_goes() -> None:
    engine = lacking_dense(encoding(100))
    engine.unbuilt.clear()
    engine.searched[DENSE] = (41, 140)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "searched 29 %" in head(pilot))
        engine.preparing.change(ENCODED, state="paused", progress=encoding(46).progress)
        engine.searched[DENSE] = (45, 140)  # the last are not durable
        asked = len(engine.requests)
        await look(pilot)
        await until(pilot, lambda: "searched 32 %" in head(pilot))
        for _ in range(2):
            await look(pilot)
        assert len(engine.requests) <= asked + 1
        assert "paused at 32 %" in head(pilot)
        dense = compare(pilot).session.lists[1]
        facts = Facts(doc_id="another", title="", title_terms=(), judged=False, systems=[dense])
        assert placement(facts, 0)[0][0] == "not encoded yet"
        assert dense.ranking is not None
        dense.ranking = msgspec.structs.replace(dense.ranking, searched=(120, 140))
        assert placement(facts, 0)[0][0] == "not in the top 45 of the 85 % that are encoded"
        dense.ranking = replace(dense.ranking, searched=None, broken=2)
        said = "not in the top 45, unless it is one of the 2 without a score"
        assert placement(facts, 0)[0][0] == said


async def test_what_needs_a_yes_is_asked_in_the_head_of_its_list_alone() -> None:
    engine = lacking_dense(
        PartView(id="model m", kind="model", dataset="", about="the model m", asks="download m, about 90 MB"),
        PartView(id=ENCODED, kind="encoded", dataset="demo", about="demo encoded with m", name="m"),
    )
    engine.preparing.notes = ("3 judgments name unknown documents.",)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "Press w to download m, about 90 MB." in text(pilot))
        assert "not here · w begins" in head(pilot)
        assert compare(pilot).session.lists[0].phase is Phase.DONE
        assert "3 judgments name unknown documents." in notices(app)
        assert engine.preparing.agreed == []
        await pilot.press("alt+2", "w")
        await until(pilot, lambda: engine.preparing.agreed == ["model m"])
        await until(pilot, lambda: "Press w" not in text(pilot))


async def test_a_query_typed_before_the_corpus_is_there_is_asked_once_it_is() -> None:
    engine = FakeEngine()
    engine.refuse = NotDownloaded("demo is not on this machine.")
    corpus = PartView(
        id="corpus demo", kind="corpus", dataset="demo", about="the documents of demo", asks="download demo, 2.8 MB"
    )
    engine.preparing.add(corpus, BM25, DENSE, RERANKED)
    engine.preparing.add(indexing(state="waiting"), BM25, RERANKED)
    app = CompareApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: text(pilot).count("Press esc, w to download demo,") == 3)
        await pilot.press(*"folate", "enter")
        await until(pilot, lambda: not compare(pilot).session.running and engine.requests)
        assert [each.phase for each in compare(pilot).session.lists] == [Phase.PREPARING] * 3
        await pilot.press("w")
        await until(pilot, lambda: engine.preparing.agreed == ["corpus demo"])
        asked = len(engine.requests)
        engine.refuse = None
        engine.unbuilt = {BM25, RERANKED}
        engine.preparing.finish("corpus demo")  # the dense list has an index
        await look(pilot)
        await until(pilot, lambda: compare(pilot).session.lists[1].phase is Phase.DONE)
        engine.unbuilt = set()
        engine.preparing.finish("bm25 demo")
        await look(pilot)
        await finished(pilot)
        await until(pilot, lambda: all(each.phase is Phase.DONE for each in compare(pilot).session.lists))
        assert {request.query for request in engine.requests[asked:]} == {"folate"}


async def test_a_list_that_is_refused_although_nothing_is_lacking_is_made_once_and_then_fails() -> None:
    engine = lacking_dense()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: any(asked.refused for asked in engine.preparing.asked))
        assert engine.preparing.asked[-1].systems == (DENSE,)
        await until(pilot, lambda: "There is no index of demo" in text(pilot))
        assert compare(pilot).session.lists[1].phase is Phase.FAILED
        assert len([asked for asked in engine.preparing.asked if asked.refused]) == 1
        assert compare(pilot).session.lists[0].phase is Phase.DONE


async def test_a_new_query_ends_what_a_list_asks_again_and_what_others_make_is_on_the_status_line() -> None:
    engine = lacking_dense(encoding(50))
    engine.preparing.add(replace(encoding(10, id="dense beir/other m"), dataset="beir/other"))
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "for another corpus: demo encoded with m: encoding 10 of 140" in text(pilot))
        gate = engine.hold("list", system=0)
        engine.unbuilt.clear()
        await look(pilot)
        await gate.reached()
        again = engine.requests[-1]
        assert again.systems == (DENSE,)
        engine._gates.clear()
        compare(pilot).search("statin therapy")
        await until(pilot, lambda: again.id in engine.abandoned)
        await finished(pilot)
        assert compare(pilot).session.query == "statin therapy"
