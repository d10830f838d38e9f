"""Real Lucene: building an index, going on with one that was interrupted, and where it is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zsr_tui.domain import Doc, Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
from zsr_tui.retrieval.problems import DamagedIndex, NotBuilt
from zsr_tui.retrieval.store import IndexStore

from ..unit.retrieval.made_up import MemoryCorpus, building, numbered
from .lucene import DEFAULTS, MADE_UP, Interrupted, build, ids


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
            assert pieces.search(query, 50, **DEFAULTS) == whole.search(query, 50, **DEFAULTS)

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

    def test_documents_are_indexed_by_the_analyser_of_their_language(self, tmp_path: Path) -> None:
        docs = [Doc("a", "", "zwei Häuser am See"), Doc("b", "", "ein Boot")]
        store, corpus = IndexStore(tmp_path), MemoryCorpus(docs, "miracl/de")
        store.build_bm25(corpus, ignore_progress, CancelToken())
        assert ids(store.open_bm25(corpus), "Haus") == ["a"]
        with pytest.raises(NotBuilt, match="There is no BM25 index of miracl/de yet"):
            store.open_bm25(corpus, "en")

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
        command = [sys.executable, str(MADE_UP), "bm25", str(tmp_path), "1000", "500"]
        second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        waiting = second.stdout.readline()
        outputs = [
            process.communicate(text, timeout=600)[0].split() for process, text in ((first, "\n"), (second, None))
        ]

        assert [first.returncode, second.returncode] == [0, 0]
        assert [outputs[0][-1], outputs[1]] == ["built", ["built"]]
        assert (waiting, "1000" in outputs[0]) == ("0\n", True)
