"""Real Lucene: what it finds, scores and explains."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import DEADLINE
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.sending import head_of
from zsr_tui.engine.terms import terms, terms_in, worded
from zsr_tui.explain import bm25, seen, segments
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
from zsr_tui.retrieval.java import start_jvm
from zsr_tui.text import Terms

from ..unit.retrieval.made_up import MemoryCorpus
from ..unit.test_words import WORDS
from .lucene import DEFAULTS, DOCS, build, ids


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bm25Index]:
    opened = build(tmp_path_factory.mktemp("lucene"), DOCS)
    yield opened
    opened.close()


class TestSearching:
    def test_stems_stop_words_and_order(self, index: Bm25Index) -> None:
        assert ids(index, "the deficiencies of VITAMINS") == ["vitamin"]

    def test_every_document_counts_also_an_empty_one(self, index: Bm25Index) -> None:
        assert index.documents == len(DOCS)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            pytest.param("東京", ["cjk"], id="Chinese"),
            pytest.param("שלום", ["hebrew"], id="Hebrew"),
            pytest.param("\U0001f600 face", ["emoji"], id="emoji"),
            pytest.param("NUL \x00\x07\x1b[2J", ["emoji"], id="control characters"),
            pytest.param("surrogate \ud83d", ["half"], id="half a surrogate"),
            pytest.param("[b]bold[/b]", ["markup"], id="markup"),
            pytest.param("3.7", ["berlin"], id="a number"),
        ],
    )
    def test_scripts_signs_and_control_characters(self, query: str, found: list[str], index: Bm25Index) -> None:
        assert ids(index, query) == found

    @pytest.mark.parametrize(
        "query",
        [
            pytest.param("berlin AND NOT vitamin", id="operators"),
            pytest.param("+berlin -people", id="required and prohibited"),
            pytest.param("contents: berlin", id="field"),
            pytest.param('berlin"', id="open quote"),
            pytest.param("berlin~2 (", id="fuzzy and open bracket"),
            pytest.param("ber* berlin^9 \\", id="wildcard boost and backslash"),
            pytest.param("[berlin TO", id="open range"),
        ],
    )
    def test_query_syntax_means_nothing(self, query: str, index: Bm25Index) -> None:
        assert "berlin" in ids(index, query)

    @pytest.mark.parametrize(
        "query",
        [
            pytest.param("", id="nothing"),
            pytest.param("   ", id="blanks"),
            pytest.param("\n\t", id="line break and tab"),
            pytest.param("the of and", id="stop words"),
            pytest.param("?!... -- ||", id="punctuation"),
            pytest.param("\x00", id="NUL"),
            pytest.param("\U0001f680", id="emoji"),
            pytest.param("*", id="star"),
            pytest.param("zzzz", id="unknown word"),
        ],
    )
    def test_a_query_without_a_known_term_finds_nothing(self, query: str, index: Bm25Index) -> None:
        assert ids(index, query) == []

    def test_ten_thousand_characters(self, index: Bm25Index) -> None:
        assert ids(index, ("vitamin " * 1250)[:10_000]) == ["vitamin"]

    def test_more_terms_than_lucene_allows_by_default(self, index: Bm25Index) -> None:
        words = " ".join(f"w{i}" for i in range(2000))
        ideographs = "".join(chr(0x4E00 + i) for i in range(10_000))

        assert ids(index, f"{words} berlin") == ["berlin"]
        assert ids(index, ideographs) == ["cjk"]

    def test_a_repeated_term_counts_as_often_as_it_is_there(self, index: Bm25Index) -> None:
        once, thrice = (index.search(query, 1, **DEFAULTS)[0].score for query in ("berlin", "berlin berlin Berlin"))

        assert thrice == pytest.approx(3 * once)

    def test_the_score_is_bm25_by_hand(self, tmp_path: Path) -> None:
        """Lucene's form: idf * f / (f + k1 * (1 - b + b * dl / avgdl)), idf = ln(1 + (N - n + 0.5) / (n + 0.5))."""
        from math import log

        opened = build(tmp_path, [Doc("a", "", "cat cat dog"), Doc("b", "", "dog"), Doc("c", "", "bird fish")])

        [found] = opened.search("cat", 10, k1=1.2, b=0.75)

        idf = log(1 + (3 - 1 + 0.5) / (1 + 0.5))
        assert found.score == pytest.approx(idf * 2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 2)), rel=1e-6)

    def test_k1_and_b_of_threads_do_not_mix(self, tmp_path: Path) -> None:
        opened = build(tmp_path, [Doc(f"d{i}", "", "cat " * (i + 1) + "dog " * (30 - i)) for i in range(30)])
        settings = [(0.1, 0.0), (0.9, 0.4), (1.2, 0.75), (3.0, 1.0)]
        alone = {pair: opened.search("cat dog", 30, k1=pair[0], b=pair[1]) for pair in settings}
        mixed: list[bool] = []

        def search(pair: tuple[float, float]) -> None:
            from zsr_tui.retrieval.java import detach_thread

            same = all(opened.search("cat dog", 30, k1=pair[0], b=pair[1]) == alone[pair] for _ in range(40))
            mixed.append(same)
            detach_thread()

        threads = [threading.Thread(target=search, args=(pair,)) for pair in settings * 2]
        pause = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(DEADLINE)
        finally:
            sys.setswitchinterval(pause)

        assert mixed == [True] * 8
        assert len({tuple(doc.score for doc in found) for found in alone.values()}) == len(settings)

    def test_ties_go_by_document_id_ascending_and_the_cut_keeps_the_right_ones(self, tmp_path: Path) -> None:
        opened = build(tmp_path, [Doc(doc_id, "", "same words") for doc_id in ("b", "10", "é", "a", "9")])

        assert ids(opened, "same") == ["10", "9", "a", "b", "é"]
        assert ids(opened, "same", 2) == ["10", "9"]

    @pytest.mark.parametrize("tied", [3, 40, 60, 300])
    def test_the_cut_keeps_the_right_ones_however_many_are_tied_there(self, tied: int, tmp_path: Path) -> None:
        best = [Doc(f"best{number}", "", "same same word") for number in range(5)]
        opened = build(tmp_path, [*best, *(Doc(f"{number:03}", "", "same other word") for number in range(tied)[::-1])])

        wanted = [f"best{number}" for number in range(5)] + [f"{number:03}" for number in range(tied)]
        for k in (4, 5, 6, tied, tied + 5, tied + 6):
            assert ids(opened, "same", k) == wanted[:k]

    @pytest.mark.parametrize(
        ("k1", "b"), [(-0.1, 0.4), (0.9, 1.1), (0.9, -0.1), (float("nan"), 0.4), (0.9, float("nan"))]
    )
    def test_settings_out_of_range_are_refused(self, k1: float, b: float, index: Bm25Index) -> None:
        with pytest.raises(Problem, match="k1 >= 0 and b from 0 to 1"):
            index.search("berlin", 10, k1=k1, b=b)

    def test_more_results_than_documents_and_fewer_than_one(self, index: Bm25Index) -> None:
        assert len(index.search("berlin vitamin", 2**31 - 1, **DEFAULTS)) == 2
        with pytest.raises(Problem, match="at least one"):
            index.search("berlin", 0, **DEFAULTS)

    def test_a_closed_index_says_so(self, tmp_path: Path) -> None:
        opened = build(tmp_path, DOCS)
        opened.close()

        with pytest.raises(Problem, match="closed"):
            opened.search("berlin", 10, **DEFAULTS)


def test_words_and_their_stems_are_lucenes_in_every_script() -> None:
    start_jvm()
    from jnius import autoclass

    analyzer = autoclass("io.anserini.analysis.DefaultEnglishAnalyzer").newDefaultInstance()
    for text, _ in WORDS.values():
        found = autoclass("io.anserini.analysis.AnalyzerUtils").analyze(analyzer, text).toArray()
        assert Terms.of(text).stems == set(found)


def test_a_text_scores_as_the_document_that_has_it(tmp_path: Path) -> None:
    long = Doc("long", "Long", " ".join(f"word{n} vitamin" for n in range(120)))  # of a length that Lucene rounds
    index = build(tmp_path, [*DOCS, long])
    for query in ("vitamin", "vitamin vitamin homocysteine", "people in Berlin"):
        for doc in (*DOCS, long):
            found = {each.doc_id: each.score for each in index.search(query, 100, k1=1.2, b=0.75)}
            assert index.score(query, doc.content, k1=1.2, b=0.75) == pytest.approx(found.get(doc.id, 0.0), abs=1e-5)
    assert index.score("vitamin", "vitamin vitamin", **DEFAULTS) > index.score("vitamin", "vitamin", **DEFAULTS)
    assert index.score("nowhere", "nowhere", **DEFAULTS) == 0.0


def test_a_language_has_its_own_analyser_and_the_explanation_the_same(tmp_path: Path) -> None:
    docs = [Doc("a", "", "Die Häuser der Stadt"), Doc("b", "", "Ein Garten"), Doc("c", "", "東京の公園")]
    texts = {"de": "Haus", "zh": "東京", "none": "Häuser"}
    found = {}
    for language, query in texts.items():
        build_bm25(MemoryCorpus(docs), tmp_path / language, ignore_progress, CancelToken(), language=language)
        index = Bm25Index(tmp_path / language, language)
        found[language] = [each.doc_id for each in index.search(query, 3, k1=0.9, b=0.4)]
        told = bm25.explain(index, query, docs[2 if language == "zh" else 0])
        [part] = told.parts
        assert told.score == pytest.approx(index.search(query, 1, k1=0.9, b=0.4)[0].score, rel=1e-5)
        assert [told.text[slice(*span)] for span in part.spans] == ["東京" if language == "zh" else "Häuser"]
    assert found == {"de": ["a"], "zh": ["c"], "none": ["a"]}
    assert not build(tmp_path / "en", docs).search("Haus", 3, k1=0.9, b=0.4)


@pytest.mark.parametrize(
    ("language", "query", "text", "marked"),
    [
        pytest.param(
            "de", "Haus der großen Stadt", "🏛 der Häuser: grosse Städte", ["Häuser", "grosse", "Städte"], id="German"
        ),
        pytest.param("zh", "机器学习", "用机器来学习, 机器学习", ["机器", "学习", "机器", "学", "习"], id="Chinese"),
        pytest.param("ja", "機械学習", "学習は機械の一部です", ["学習", "機械"], id="Japanese"),
        pytest.param("th", "น้ำตาล เลือด", "🏛 ระดับน้ำตาลในเลือดสูง", ["น้ำตาล", "เลือด"], id="Thai, which this Java may lack"),
    ],
)
def test_terms_are_marked_as_the_analyser_of_the_language_has_them(
    language: str, query: str, text: str, marked: list[str]
) -> None:
    of_corpus, of_system = terms(f"miracl/{language}", query), terms("demo", query, [f"bm25(language={language})"])
    head = head_of(Doc("1", text, text), of_corpus)
    assert [head.title[start:end] for start, end in head.title_terms] == marked
    assert [head.passage[start:end] for start, end, _ in head.matches] == marked
    assert of_system.find(text) == of_corpus.find(text) == terms_in((), f"miracl/{language}", query).find(text)
    assert terms("demo", query, ["bm25"]).find(text) == Terms.of(query).find(text) != of_corpus.find(text)


def test_what_else_is_made_of_a_query_goes_by_the_same_analyser() -> None:
    shorter, stay = segments.without_words("die Häuser der Stadt", "de")
    assert shorter == {"Häuser": "die  der Stadt", "Stadt": "die Häuser der"}
    assert stay == "What is no term of the analyser (de) stays: die, der."
    assert segments.without_words("ของ ดี", "none") == ({"ของ": "ดี", "ดี": "ของ"}, "")
    assert seen.beyond("Haus und Stadt", "Die Stadt. Viele Häuser", 11, "de") == ("Häuser",)
    assert worded("Die Häuser", "de") == [("häuser", "haus")]
    assert worded("the houses", "en") == [("houses", "hous")]
