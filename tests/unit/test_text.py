"""Query terms, snippets, and text that tries to be more than text."""

from __future__ import annotations

import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zsr_tui import text
from zsr_tui.text import Terms, one_line, passage, printable, shorten_middle, snippet


def marked(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in Terms.of(query).spans(text)]


def test_terms_match_by_stem_and_not_by_stop_word() -> None:
    text = "Deficiencies of the vitamin raise levels; a level of Vitamins is not a levee."
    assert marked(text, "the deficiency of vitamins and their level") == [
        "Deficiencies",
        "vitamin",
        "levels",
        "level",
        "Vitamins",
    ]


def test_a_stop_word_with_the_stem_of_a_term_is_not_marked() -> None:
    assert marked("This is what I said", "why am I here") == ["I"]


def test_terms_match_whole_words_only() -> None:
    assert marked("cats concatenate CAT b12 b120", "cat B12") == ["cats", "CAT", "b12"]


def test_chinese_terms_match_character_by_character() -> None:
    assert marked("北京天气很好", "天气") == ["天", "气"]


def test_a_query_without_words_marks_nothing() -> None:
    assert marked("anything at all", "?!… the of") == []


def test_the_snippet_is_where_most_of_the_query_is() -> None:
    text = "vitamin " + "filler " * 100 + "the deficiency of vitamin B12 raises homocysteine " + "filler " * 100
    found, spans = snippet(text, Terms.of("vitamin B12 deficiency homocysteine"), 120)
    assert found.startswith("…")
    assert found.endswith("…")
    assert [found[start:end] for start, end in spans] == ["deficiency", "vitamin", "B12", "homocysteine"]
    assert len(found) <= 122


def test_a_window_with_more_of_the_query_is_better_than_one_that_repeats_a_term() -> None:
    text = "iron " * 12 + "filler " * 60 + "iron in spinach " + "filler " * 60
    found, spans = snippet(text, Terms.of("spinach iron"), 120)
    assert [found[start:end] for start, end in spans] == ["iron", "spinach"]


@pytest.mark.parametrize(
    ("first", "last"),
    [("iron spinach", "iron"), ("spinach spinach spinach", "iron")],
    ids=["an occurrence", "a term"],
)
def test_what_the_window_has_left_behind_does_not_count_in_it(first: str, last: str) -> None:
    text = "filler " * 40 + f"{first} " + "filler " * 40 + f"{last} " + "filler " * 40
    found, spans = snippet(text, Terms.of("spinach iron"), 120)
    assert [found[start:end] for start, end in spans] == first.split()


def test_a_short_text_is_its_own_snippet() -> None:
    assert snippet("A  short\n text", Terms.of("text"))[0] == "A short text"


def test_a_passage_is_longer_than_the_snippet_in_it_and_numbers_its_terms() -> None:
    text = "vitamin " + "filler " * 100 + "the deficiency of vitamin B12 and of vitamins " + "filler " * 100
    found, matches = passage(text, Terms.of("vitamin B12 deficiency"))
    assert found.startswith("…filler")
    assert found.endswith("filler…")
    assert 400 < len(found) <= 482
    assert [(found[start:end], term) for start, end, term in matches] == [
        ("deficiency", 0),
        ("vitamin", 1),
        ("B12", 2),
        ("vitamins", 1),
    ]
    assert passage("A  short\n text", Terms.of("text")) == ("A short text", ((8, 12, 0),))


def test_escape_sequences_and_reordering_are_shown_not_obeyed() -> None:
    hostile = "a\x1b[2Jb\x07c\x9bd\u202eevil\r\n"
    shown = printable(hostile)
    assert shown == "a␛[2Jb␇c\ufffdd\ufffdevil \n"
    assert one_line(hostile) == "a␛[2Jb␇c\ufffdd\ufffdevil"


@given(st.text())
def test_printable_keeps_places_and_leaves_no_control_character(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]


@given(st.text(max_size=600), st.text(max_size=60), st.integers(20, 200))
def test_spans_of_a_snippet_lie_inside_it_and_hold_terms(text: str, query: str, width: int) -> None:
    terms = Terms.of(query)
    shown, spans = snippet(text, terms, width)
    assert len(shown) <= width + 2
    for start, end in spans:
        assert 0 <= start < end <= len(shown)


def test_a_long_document_costs_no_time_to_speak_of() -> None:
    shown, _ = snippet("word " * 20_000, Terms.of("word"), 200)
    assert len(shown) <= 202


def test_a_name_is_shortened_in_its_middle() -> None:
    assert shorten_middle("castorini/monot5-base-msmarco-10k", 15) == "castori…rco-10k"
    assert shorten_middle("short", 15) == "short"
    assert shorten_middle("abc", 1) == "…"


def test_words_of_several_searches_are_stemmed_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = threading.Lock()

    class Stemmer:
        def stemWord(self, word: str) -> str:  # noqa: N802 - snowballstemmer's name
            assert at_work.acquire(blocking=False), "two words at once"
            time.sleep(0)  # lets the other threads run
            at_work.release()
            return word

    monkeypatch.setattr(text, "_stemmer", Stemmer)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: Terms.of(f"unheard{number}of").stems, range(400)))
    assert found == [{f"unheard{number}of"} for number in range(400)]
