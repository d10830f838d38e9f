from __future__ import annotations

import sqlite3
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.cache import ScoreCache

MB = 1_000_000


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ScoreCache]:
    cache = ScoreCache(tmp_path / "deep" / "scores.sqlite3", MB)
    yield cache
    cache.close()


def again(cache: ScoreCache) -> ScoreCache:
    """As another process finds it."""
    return ScoreCache(cache.path, cache.limit)


def test_scores_are_found_again_by_content(cache: ScoreCache) -> None:
    cache.add_scores("model", "query", ["one", "two"], [1.5, -2.25], [False, True])
    found = again(cache).scores("model", "query", ["two", "new", "one", "two"])
    assert found == {0: (-2.25, True), 2: (1.5, False), 3: (-2.25, True)}


@pytest.mark.parametrize(("model", "query"), [("other model", "query"), ("model", "other query"), ("modelq", "uery")])
def test_another_model_or_query_finds_nothing(cache: ScoreCache, model: str, query: str) -> None:
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert cache.scores(model, query, ["one"]) == {}


def test_vectors_are_found_again_exactly(cache: ScoreCache) -> None:
    vectors = np.random.default_rng(1).normal(size=(2, 384)).astype(np.float32)
    cache.add_vectors("model", ["a", "b"], vectors)
    found = again(cache).vectors("model", ["b", "c", "a"])
    assert found.keys() == {0, 2}
    assert (found[0] == vectors[1]).all()
    assert (found[2] == vectors[0]).all()


def test_text_of_any_kind_is_a_key(cache: ScoreCache) -> None:
    texts = ["", "\x00", "日本語 🙂", "\ud800 lone surrogate", "x" * 100_000]
    cache.add_scores("model", "", texts, [float(place) for place in range(5)], [False] * 5)
    assert {place: score for place, (score, _) in cache.scores("model", "", texts).items()} == dict(enumerate(range(5)))


def test_thousands_of_texts_are_asked_for_at_once(cache: ScoreCache) -> None:
    texts = [f"text {number}" for number in range(3000)]
    cache.add_scores("model", "query", texts, list(map(float, range(3000))), [False] * 3000)
    assert len(cache.scores("model", "query", texts)) == 3000


def test_the_size_is_bounded_and_the_oldest_leave(cache: ScoreCache) -> None:
    for block in range(60):
        texts = [f"{block} {number}" for number in range(1000)]
        cache.add_scores("model", "query", texts, [1.0] * 1000, [False] * 1000)
    assert cache.path.stat().st_size <= 1.5 * MB
    assert cache.scores("model", "query", ["0 0"]) == {}
    assert cache.scores("model", "query", ["59 999"]) == {0: (1.0, False)}


def test_past_its_limit_it_keeps_the_newest_up_to_four_fifths_of_it(cache: ScoreCache) -> None:
    texts = [f"text {number}" for number in range(1500)]
    cache.add_scores("model", "query", texts[:900], [1.0] * 900, [False] * 900)
    assert len(cache.scores("model", "query", texts)) == 900
    cache.add_vectors("model", texts, np.zeros((1500, 384), np.float32))  # more than twice the limit
    assert 0.7 * MB <= cache.size <= 0.85 * MB
    scores, vectors = sorted(cache.scores("model", "query", texts)), sorted(cache.vectors("model", texts))
    assert scores == [*range(900 - len(scores), 900)]
    assert vectors == [*range(1500 - len(vectors), 1500)]
    assert len(scores) / 900 == pytest.approx(len(vectors) / 1500, abs=0.01)
    assert len(vectors) > 300


def test_clearing_forgets_everything_and_goes_on(cache: ScoreCache) -> None:
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    facts = cache.facts()
    assert (facts.scores, facts.vectors, facts.limit) == (1, 0, MB)
    other = again(cache)
    assert other.scores("model", "query", ["one"])  # has it open
    cache.clear()
    assert cache.facts().scores == 0
    assert other.scores("model", "query", ["one"]) == {}
    other.add_scores("model", "query", ["two"], [2.0], [False])
    assert cache.scores("model", "query", ["two"]) == {0: (2.0, False)}


@pytest.mark.parametrize("older", [False, True], ids=["a new file", "one of an older version"])
def test_what_was_asked_is_the_users_alone(tmp_path: Path, older: bool) -> None:
    path = tmp_path / "scores.sqlite3"
    if older:
        sqlite3.connect(path).close()
        path.chmod(0o644)
    cache = ScoreCache(path, 1_000_000)
    cache.add_scores("model", "query", ["text"], [1.0], [False])
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 3  # with the log of what is to be written
    cache.close()


def test_a_damaged_file_is_put_aside(cache: ScoreCache) -> None:
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(b"this is no database" * 1000)
    assert cache.scores("model", "query", ["one"]) == {}
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert again(cache).scores("model", "query", ["one"]) == {0: (1.0, False)}
    assert cache.path.with_suffix(".damaged").exists()


def test_a_flipped_sign_makes_a_score_unknown_until_it_is_computed_again(cache: ScoreCache) -> None:
    cache.add_scores("model", "query", ["one", "two"], [-8.625, 1.0], [False, False])
    cache.close()
    whole = cache.path.read_bytes()
    assert whole.count(struct.pack(">d", -8.625)) == 1
    cache.path.write_bytes(whole.replace(struct.pack(">d", -8.625), struct.pack(">d", 8.625)))
    found = again(cache)
    assert found.scores("model", "query", ["one", "two"]) == {1: (1.0, False)}
    found.add_scores("model", "query", ["one"], [-8.625], [False])
    assert again(cache).scores("model", "query", ["one", "two"]) == {0: (-8.625, False), 1: (1.0, False)}


def test_no_flipped_bit_is_believed(cache: ScoreCache) -> None:
    rng, texts = np.random.default_rng(1), [f"text {number}" for number in range(40)]
    scores = {place: (float(score), place % 2 == 0) for place, score in enumerate(rng.normal(size=40))}
    vectors = rng.normal(size=(40, 32)).astype(np.float32)
    cache.add_scores("model", "query", texts, *zip(*scores.values(), strict=True))
    cache.add_vectors("model", texts, vectors)
    cache.close()
    whole, lost = cache.path.read_bytes(), 0
    for bit in rng.integers(0, 8 * len(whole), 150).tolist():
        harmed = bytearray(whole)
        harmed[bit // 8] ^= 1 << bit % 8
        cache.path.write_bytes(harmed)
        found = again(cache)
        left, vectors_left = found.scores("model", "query", texts), found.vectors("model", texts)
        found.close()
        lost += len(left) + len(vectors_left) < 80
        assert left.items() <= scores.items(), bit
        assert all((vector == vectors[place]).all() for place, vector in vectors_left.items()), bit
    assert lost > 20


@pytest.mark.parametrize("score", [0.0, -0.0, 3.0, 1e300, np.float32(0.1)], ids=["0", "-0", "3", "huge", "of numpy"])
def test_a_score_of_any_kind_is_found_again(cache: ScoreCache, score: float) -> None:
    cache.add_scores("model", "query", ["one"], [score], [False])
    assert again(cache).scores("model", "query", ["one"]) == {0: (score, False)}


def test_a_file_of_an_older_version_makes_room_for_a_new_one(cache: ScoreCache) -> None:
    cache.path.parent.mkdir(parents=True)
    with sqlite3.connect(cache.path) as old:
        old.execute("CREATE TABLE scores (key BLOB PRIMARY KEY, score REAL NOT NULL, cut INTEGER NOT NULL) STRICT")
        old.execute("PRAGMA user_version=1")
    old.close()
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert again(cache).scores("model", "query", ["one"]) == {0: (1.0, False)}
    assert not cache.trouble
    assert not cache.path.with_suffix(".damaged").exists()


def test_a_file_of_another_version_is_put_aside(cache: ScoreCache) -> None:
    cache.path.parent.mkdir(parents=True)
    with sqlite3.connect(cache.path) as old:
        old.execute("PRAGMA user_version=99")
    old.close()
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert again(cache).scores("model", "query", ["one"]) == {0: (1.0, False)}


def test_a_full_disk_costs_no_score(cache: ScoreCache, caplog: pytest.LogCaptureFixture) -> None:
    """SQLite's own page limit raises what a full disk raises."""
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    connection = cache._connection
    assert connection is not None
    connection.execute("PRAGMA max_page_count=8")
    texts = [f"{number}" for number in range(5000)]
    cache.add_scores("model", "query", texts, [1.0] * 5000, [False] * 5000)
    assert "scores are not kept" in cache.trouble
    assert "full" in caplog.text
    assert cache.scores("model", "query", ["one"]) == {0: (1.0, False)}


def test_a_place_that_cannot_be_written_costs_no_score(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ScoreCache(tmp_path / "file" / "scores.sqlite3", MB)
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert "scores are not kept" in cache.trouble
    assert cache.scores("model", "query", ["one"]) == {}


def test_it_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_CACHE_MB", "0")
    cache = ScoreCache(tmp_path / "scores.sqlite3")
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert not cache.path.exists()
    monkeypatch.setenv("ZSR_TUI_CACHE_MB", "much")
    with pytest.raises(Problem, match="'much': write a whole number"):
        ScoreCache(tmp_path / "scores.sqlite3")


_WRITE_FOR_EVER = """
import itertools, sys
from pathlib import Path
from zsr_tui.scoring import cache
cache._BUSY_S = 300.0
cache = cache.ScoreCache(Path(sys.argv[1]), 10**9)
for block in itertools.count():
    texts = [f"{sys.argv[2]} {block} {number}" for number in range(50)]
    cache.add_scores("model", "query", texts, [float(block)] * 50, [False] * 50)
"""


def test_several_processes_write_and_a_kill_at_any_moment_loses_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zsr_tui.scoring.cache._BUSY_S", 300.0)
    path = tmp_path / "scores.sqlite3"
    reader = ScoreCache(path, 1000 * MB)
    for round_ in range(2):
        writers = [
            subprocess.Popen([sys.executable, "-c", _WRITE_FOR_EVER, str(path), f"{round_}-{number}"])
            for number in range(2)
        ]
        for writer, number in zip(writers, range(2), strict=True):
            while len(reader.scores("model", "query", [f"{round_}-{number} {block} 0" for block in range(20)])) < 20:
                assert writer.poll() is None
        for writer in writers:
            writer.kill()
            writer.wait()
    assert reader.trouble == ""
    assert reader.scores("model", "query", ["0-1 19 49"]) == {0: (19.0, False)}
    for block in range(20):  # blocks are whole
        assert len(reader.scores("model", "query", [f"1-0 {block} {number}" for number in range(50)])) == 50
    connection = reader._connection
    assert connection is not None
    assert connection.execute("PRAGMA integrity_check").fetchone() == (b"ok",)
    reader.close()
