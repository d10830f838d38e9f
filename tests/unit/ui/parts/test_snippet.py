"""The snippet of a row, cut out of what the engine sends, for the width that the row has."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from zsr_tui.api.events import DocHead, Row
from zsr_tui.corpora import open_corpus
from zsr_tui.domain import Doc
from zsr_tui.engine.sending import head_of
from zsr_tui.text import Terms, one_line
from zsr_tui.ui.compare.ranking.row import Columns, row_lines
from zsr_tui.ui.parts.snippet import snippet

TEXT = "vitamin " + "filler " * 100 + "the deficiency of vitamin B12 raises homocysteine " + "filler " * 100
OF_THREE = 120 // 3 - 1  # cells of each of three lists side by side at 120 columns, without the rule between them


def marked(head: DocHead, width: int) -> tuple[str, list[str]]:
    text, spans = snippet(head.passage, head.matches, width)
    return text, [text[start:end] for start, end in spans]


def test_a_narrow_row_shows_the_densest_part_and_a_wider_one_more_of_it() -> None:
    head = head_of(Doc("1", "", TEXT), Terms.of("vitamin B12 deficiency homocysteine"))
    assert marked(head, 30) == ("…deficiency of vitamin B12…", ["deficiency", "vitamin", "B12"])
    assert marked(head, 60)[1] == ["deficiency", "vitamin", "B12", "homocysteine"]
    for width in (30, 60, 120, 200, 300):
        text, _ = marked(head, width)
        assert width - 16 < len(text) <= width
        assert text[0] == text[-1] == "…"


def test_different_terms_are_worth_more_than_one_that_is_repeated() -> None:
    text = "iron irons iron " + "filler " * 20 + "iron in spinach"
    assert marked(head_of(Doc("1", "", text), Terms.of("spinach iron")), 30)[1] == ["iron", "spinach"]


def test_a_text_without_a_term_shows_its_beginning() -> None:
    assert marked(head_of(Doc("1", "", TEXT), Terms.of("spinach")), 20) == ("vitamin filler…", [])


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("填充文字" * 60 + "维生素缺乏" + "填充文字" * 60, "缺乏"),
        ("e\u0301tude " * 60 + "fo\u0301late " + "e\u0301tude " * 60, "fo\u0301late"),
        ("שלום " * 60 + "חסר " + "שלום " * 60, "חסר"),
        ("👩‍🔬👍🏽 " * 60 + "folate " + "👩‍🔬👍🏽 " * 60, "folate"),
        ("x" * 300 + " folate " + "y" * 300, "folate"),
    ],
    ids=["Chinese", "combining marks", "right to left", "emoji", "words without an end"],
)
@pytest.mark.parametrize("width", [12, 37, 90])
def test_terms_of_every_script_are_shown_whole_in_the_room_that_there_is(text: str, query: str, width: int) -> None:
    shown, terms = marked(head_of(Doc("1", "", text), Terms.of(query)), width)
    assert query in "".join(terms)
    assert cell_len(shown) <= width
    assert shown[0] == shown[-1] == "…"


PARTS = ["folate", "acid", " ", " ", "e\u0301", "维生", "👩‍🔬", "\u0301", "x" * 40, "שלום"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS), max_size=80), st.integers(0, 120))
def test_no_snippet_is_wider_than_its_row_and_no_term_lies_outside_it(parts: list[str], width: int) -> None:
    head = head_of(Doc("1", "", "".join(parts)), Terms.of("folate acid 维"))
    shown, spans = snippet(head.passage, head.matches, width)
    assert cell_len(shown) <= width
    assert all(0 <= start < end <= len(shown) for start, end in spans)
    if cell_len(head.passage) > width > 0:
        assert "…" in (shown[0], shown[-1])


@pytest.mark.parametrize("score", [1.0, None], ids=["scored", "waiting for its reranker"])
def test_nearly_every_row_of_the_demo_shows_a_term_where_its_document_has_one(score: float | None) -> None:
    corpus = open_corpus("demo")
    having = showing = 0
    for query in corpus.queries()[::4]:
        terms, judged = Terms.of(query.text), corpus.judgments(query.id)
        for doc_id, doc in corpus.docs(list(judged)).items():
            if terms.find(one_line(doc.text)):
                row = Row(doc_id=doc_id, score=score, grade=judged[doc_id])
                lines = row_lines(row, 9, head_of(doc, terms), Columns.of([row], moves=True), OF_THREE)
                having += 1
                showing += any(role in ("term", "faint-term") for _, role in lines[1])
    assert having > 80
    assert showing >= 0.9 * having
