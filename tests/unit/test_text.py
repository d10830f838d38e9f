"""Query terms, snippets, and text that tries to be more than text."""

from __future__ import annotations

import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zsr_tui import text
from zsr_tui.text import Terms, about_terms, merged, one_line, passage, printable, shorten_middle, snippet


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


WORDS = " ".join(f"w{number:03}" for number in range(300))


@pytest.mark.parametrize(
    ("line", "query", "width", "shown"),
    [
        pytest.param(WORDS, "w100", 60, "…w098 w099 w100 w101 w102 w103 w104 w105 w106 w107 w108 w109…", id="inside"),
        pytest.param(WORDS, "w001", 30, "w000 w001 w002 w003 w004 w005…", id="near the beginning"),
        pytest.param(WORDS, "w298", 30, "…w294 w295 w296 w297 w298 w299", id="near the end"),
        pytest.param(WORDS, "w999", 30, "w000 w001 w002 w003 w004 w005…", id="nowhere"),
        pytest.param(f"({WORDS}", "w000", 30, "(w000 w001 w002 w003 w004…", id="behind a bracket"),
        pytest.param(f"iron {WORDS} iron {WORDS}", "iron", 20, "iron w000 w001 w002…", id="twice as well"),
        pytest.param("字" * 50 + "天" + "字" * 50 + " 字" * 9, "天", 20, f"…{'字' * 4}天{'字' * 15}…", id="no spaces"),
        pytest.param(
            f"{WORDS} {'long' * 9} {WORDS}", "long" * 9, 20, "…longlonglonglonglong…", id="longer than the window"
        ),
        pytest.param("a text", "text", 6, "a text", id="as long as the window"),
    ],
)
def test_a_snippet_begins_a_little_before_the_term_and_ends_at_a_word(
    line: str, query: str, width: int, shown: str
) -> None:
    terms = Terms.of(query)
    assert snippet(line, terms, width)[0] == shown
    longer, matches = passage(line, terms, width, 3 * width)
    assert about_terms(longer, matches, width) == shown


@pytest.mark.parametrize(
    ("apart", "shown"),
    [(48, f"iron {'x' * 35} spinach w000 w001…"), (49, "…w298 w299 iron spinach w000 w001 w002 w003 w004 w005 w006…")],
    ids=["fit", "do not fit"],
)
def test_terms_that_fit_into_the_window_together_are_shown_together(apart: int, shown: str) -> None:
    line = f"iron {'x' * (apart - 13)} spinach {WORDS} iron spinach {WORDS}"
    assert snippet(line, Terms.of("iron spinach"), 60)[0] == shown


def test_a_passage_begins_and_ends_at_a_word_or_where_it_is_cut() -> None:
    assert passage(WORDS, Terms.of("w100"), 30, 20) == (
        "…w096 w097 w098 w099 w100 w101 w102 w103 w104 w105 w106 w107…",
        ((21, 25, 0),),
    )
    assert passage(WORDS, Terms.of("w000 w002"), 20, 19) == (
        "w000 w001 w002 w003 w004 w005 w006…",
        ((0, 4, 0), (10, 14, 1)),
    )
    far = "字 " + "字" * 500 + "天" + "字" * 500 + " 字"
    assert passage(far, Terms.of("天"), 20, 9) == (f"…{'字' * 13}天{'字' * 24}…", ((14, 15, 0),))
    shown, _ = passage(WORDS, Terms.of("w100"))
    assert (shown[:5], shown[-5:], len(shown)) == ("…w068", "w161…", 471)


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
    assert shorten_middle("short", 5) == "short"
    assert shorten_middle("abc", 2) == "…c"
    assert shorten_middle("abc", 1) == "…"
    assert shorten_middle("abc", 0) == ""


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ('"a,b"', "a,b"),
        ('"a ""b"" c"', 'a "b" c'),
        ('""', ""),
        ('"', '"'),
        ("", ""),
        ('"a" b"', '"a" b"'),
        ('x"', 'x"'),
        ('"x', '"x'),
        ("xax", "xax"),
    ],
    ids="quoted,quotes inside,nothing in quotes,one quote,nothing,a quote too many,no first,no last,none".split(","),
)
def test_a_field_in_quotes_means_what_stands_in_them(field: str, meant: str) -> None:
    assert text.unquoted(field) == meant


def test_texts_are_the_same_whatever_their_case_spaces_and_writing() -> None:
    assert (
        text.same_text("  Caf\u00e9\n ﬁne STRASSE ") == text.same_text("cafe\u0301 fine straße") == "café fine strasse"
    )
    assert text.same_text("\u0390") == text.same_text("\u1fd3") == "ΐ"
    assert text.same_text("cafe") != text.same_text("café")
    assert text.folded("Café  ÅNGSTRÖM 각") == "cafe angstrom 각"


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\uff9e\u0301", "\u0f73"], ids=["accents", "halfwidth", "tibetan"])
def test_a_run_of_marks_is_normalised_in_pieces(marks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time for one grows with its square, while nothing else goes on."""
    longest = 0

    def normalize(form: str, given: str) -> str:
        nonlocal longest
        longest = max(longest, len(given))
        return unicodedata.normalize(form, given)

    monkeypatch.setattr(text, "unicodedata", SimpleNamespace(normalize=normalize, combining=unicodedata.combining))
    assert text.same_text("Cafe" + marks * 2000).startswith("caf")
    assert text.folded("Cafe" + marks * 2000) == "cafe"
    assert longest < 100


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_other_texts_are_normalised_as_a_whole(form: Literal["NFC", "NFD", "NFKC"]) -> None:
    for each in ("e\u0301\u0302\u0323 ﬁ ½ 각 \u1100\u1161", "—" * 50 + "∃\u0338", "ビﾞ" * 40, "e" + "\u0301" * 30):
        assert text.normalised(form, each) == unicodedata.normalize(form, each)


def test_a_name_stays_on_its_line_and_keeps_its_spaces() -> None:
    assert text.flat("a  b\nc\x1b") == "a  b c␛"


def test_pasted_text_becomes_one_line_without_what_a_terminal_would_obey() -> None:
    assert text.typed("\r\n vitamin\t B12\r\nand\x1b[2J\u202efolate \n") == " vitamin B12 and[2Jfolate "


def test_half_a_character_is_no_character() -> None:
    assert text.whole_characters("a\ud83db") == "a?b"
    assert text.whole_characters("naïve 😀") == "naïve 😀"
    assert text.escaped('{"a": "\u202e\x9b"}') == '{"a": "\\u202e\\u009b"}'


def test_the_terms_of_a_text_are_those_of_the_index() -> None:
    assert text.analysed("The Vitamins of a running dog") == ["vitamin", "run", "dog"]


def test_spans_that_touch_are_one() -> None:
    assert merged(((0, 1), (1, 2), (2, 5), (6, 7), (7, 9))) == ((0, 5), (6, 9))
    assert merged(()) == ()


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
