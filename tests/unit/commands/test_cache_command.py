"""zsr-tui cache, as a user runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.commands import parser
from zsr_tui.edge import guarded
from zsr_tui.scoring.cache import ScoreCache


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScoreCache:
    """An empty home with the cache switched on; the cache as the engine would use it."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setenv("ZSR_TUI_CACHE_MB", "5")
    return ScoreCache()


def fill(cache: ScoreCache) -> None:
    cache.add_scores("model", "query", ["one", "two", "three"], [1.0, 2.0, 3.0], [False] * 3)
    cache.add_vectors("model", ["query"], np.ones((1, 4), np.float32))
    cache.close()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["zsr-tui", "cache", *arguments])
    for stream in ("stdin", "stdout", "stderr"):  # the program takes its own
        monkeypatch.setattr(sys, stream, getattr(sys, stream))
    return guarded(parser.run)


def shown(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert run(monkeypatch, *arguments, "--json") == 0
    answer: dict[str, object] = json.loads(capfd.readouterr().out)
    return answer


def test_it_counts_what_the_engine_has_stored(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(cache)
    answer = shown(monkeypatch, capfd)
    assert (answer["scores"], answer["vectors"]) == (3, 1)
    assert (answer["limit_bytes"], answer["on"]) == (5_000_000, True)
    size = cache.path.stat().st_size
    assert size <= int(str(answer["bytes"])) < size + 100_000  # the open file has a log beside it


def test_the_table_names_the_file_and_the_limit(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(cache)
    assert run(monkeypatch) == 0
    lines = dict(line.split("  ", 1) for line in capfd.readouterr().out.splitlines() if "  " in line)
    assert lines["file"].strip() == str(cache.path)
    assert lines["size"].strip().endswith("at most 5.0 MB")
    assert lines["scores"].strip() == "3"


def test_without_a_file_it_is_empty_and_none_is_made(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = shown(monkeypatch, capfd, "--clear")
    assert (answer["scores"], answer["vectors"], answer["bytes"]) == (0, 0, 0)
    assert not cache.path.exists()


def test_clearing_forgets_everything_and_says_how_much(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(cache)
    assert run(monkeypatch, "--clear") == 0
    assert "cleared 3 scores and 1 query vector," in capfd.readouterr().err
    assert shown(monkeypatch, capfd)["scores"] == 0
    assert ScoreCache().scores("model", "query", ["one"]) == {}


def test_an_engine_that_is_open_goes_on_after_it_was_cleared(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    cache.add_scores("model", "query", ["one"], [1.0], [False])
    assert run(monkeypatch, "--clear") == 0
    cache.add_scores("model", "query", ["two"], [2.0], [False])
    capfd.readouterr()
    assert shown(monkeypatch, capfd)["scores"] == 1
    assert not cache.trouble
    cache.close()


def test_switched_off_it_says_so_in_one_sentence(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(cache)
    monkeypatch.setenv("ZSR_TUI_CACHE_MB", "0")
    assert run(monkeypatch) == 0
    said = capfd.readouterr()
    assert "off" in said.out
    assert said.err.strip().splitlines() == [
        "zsr-tui: the cache is off (ZSR_TUI_CACHE_MB=0): nothing is read from it or written to it."
    ]
    assert shown(monkeypatch, capfd)["on"] is False


def test_a_damaged_file_is_put_aside_and_said_once(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(b"no database at all " * 100)
    assert run(monkeypatch) == 0
    said = capfd.readouterr()
    (sentence,) = said.err.strip().splitlines()
    assert sentence.startswith(f"zsr-tui: {cache.path} is damaged")
    assert cache.path.with_suffix(".damaged").name in sentence
    assert shown(monkeypatch, capfd)["scores"] == 0


def test_a_file_that_cannot_be_read_is_one_sentence_and_exit_code_1(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(cache)
    with cache.path.open("r+b") as file:  # the beginning is sound, the tables are not
        file.seek(4096)
        file.write(b"\xff" * (cache.path.stat().st_size - 4096))
    for arguments in ([], ["--clear"]):
        assert run(monkeypatch, *arguments) == 1
        (sentence,) = capfd.readouterr().err.strip().splitlines()
        assert str(cache.path) in sentence
        assert "delete the file" in sentence


def test_a_limit_that_is_no_number_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_CACHE_MB", "much")
    assert run(monkeypatch) == 2
    assert "whole number of megabytes" in capfd.readouterr().err


@pytest.mark.parametrize("engine", ["", "https://gpu-box:8765"], ids=["none", "one that others share"])
def test_an_engine_that_is_named_is_said_not_to_be_asked(
    engine: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_ENGINE", engine)
    assert run(monkeypatch, "--json") == 0
    said = capfd.readouterr().err
    assert said == (f"zsr-tui: this is about this machine: the engine at {engine} is not asked.\n" if engine else "")
