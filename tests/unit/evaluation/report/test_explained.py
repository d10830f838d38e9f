"""Chosen queries with why their documents are on top, or missed."""

from __future__ import annotations

import json

import pytest

from tests.unit.evaluation.report.example import SCRIPT, evaluation
from zsr_tui.domain import RELEVANT, Problem
from zsr_tui.evaluation.report import explained
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.explained import MISSED, TOP
from zsr_tui.evaluation.report.writing import FORMATS
from zsr_tui.explanation import WORDS, Explanation, Part, Station, Table

asked: list[tuple[str, str, str, str]] = []


def explain(dataset: str, qid: str, system: str, doc_id: str) -> Explanation:
    asked.append((dataset, qid, system, doc_id))
    if len(asked) == 2:
        raise Problem("the index is damaged.")
    parts = tuple(Part(text=f"{SCRIPT} {number}", share=float(number)) for number in range(8))
    words = Table(title=WORDS, columns=(), parts=(Part(text="zinc", share=1.5), Part(text="salt", share=0.0004)))
    way = (Station(stage="bm25", kind="retrieve", rank=12, of=50, dropped="cut after 10"),)
    return Explanation(
        family="occlusion", method="share = what it loses", unit="logit", score=4.5, sum=28.0, parts=parts,
        tables=(words,), lineage=way, doc_id=doc_id, title="A title", text="long " * 1000,
    )  # fmt: skip


def test_top_and_missed_documents_of_chosen_queries_are_explained_in_every_format_that_shows_queries() -> None:
    asked.clear()
    made = evaluation(12)
    contents = Contents(made, explain=explain)
    whys = [why for each in contents.whys.values() for why in each]
    assert [why.which for why in whys].count(TOP) >= len(contents.queries)
    for why in whys:
        lists, query = made.lists(why.query), made.queries[why.query]
        final = made.systems[why.system].final(lists.by_stage)
        assert final is not None
        if why.which == TOP:
            assert why.doc_id == final.doc_ids[0]
        else:
            assert why.doc_id not in final.doc_ids[:10]
            assert lists.judgments[why.doc_id] >= RELEVANT
        run_file = made.systems[why.system].run_file is not None
        assert ((query.member, query.id, made.systems[why.system].notation, why.doc_id) in asked) is not run_file
        assert run_file is why.problem.startswith("A run file has no system here")
    page, text = (FORMATS[suffix](contents).decode() for suffix in (".html", ".md"))
    for found in (page, text):
        assert "Its way: bm25: rank 12 of 50, cut after 10." in found
        assert "lose most without “zinc” (+1.500)." in found
        assert "2 lighter parts are left out." in found
        assert "Not explained: the index is damaged." in found
    assert "<script>document" not in page
    told = json.loads(FORMATS[".json"](contents))["chosen_queries"]
    first = next(each for each in told[0]["explanations"] if each["explanation"])
    assert first["explanation"]["score"] == 4.5
    assert (first["explanation"]["text"], first["which"] in (TOP, MISSED)) == ("", True)


def test_without_being_asked_nothing_is_explained_and_what_takes_too_long_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked.clear()
    assert Contents(evaluation(6)).whys == {}
    monkeypatch.setattr(explained, "MOST_S", -60.0)
    whys = Contents(evaluation(6), explain=explain).whys
    assert asked == []
    sentences = {why.problem.split(":")[0] for each in whys.values() for why in each}
    assert "Not explained" in sentences


@pytest.mark.parametrize("shares", [(None, None), (0.5, 1.5)], ids=["an order", "duels"])
def test_documents_that_it_lost_to_come_first_and_are_named_with_what_became_of_them(
    shares: tuple[float | None, float | None],
) -> None:
    parts = [Part(text="d1", share=shares[0], note="lost: Zinc"), Part(text="d2", share=shares[1], note="won")]
    found = Explanation(family="pairwise", method="", unit="duels", parts=(*parts, *[parts[1]] * 5), doc_id="me")
    table = explained.Why(0, 0, MISSED, "me", found).table(["duo"])
    assert [row[0].text for row in table.rows][:2] == ["d1, lost: Zinc", "d2, won"]
    assert table.notes == ("1 more part is left out.",)
