"""What is printed fits a terminal, and is whole everywhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from zsr_tui.api.requests import CorpusView
from zsr_tui.commands import listing
from zsr_tui.commands import table as printed
from zsr_tui.commands.table import table, wrapped
from zsr_tui.domain import CorpusInfo, CorpusState, Doc

HEADER = ["model", "family", "size", "licence"]
ROWS = [
    ["org/a-model-with-a-long-name", "cross-encoder", "33.4M", "a licence that has a lot to say"],
    ["表" * 8, "bi-encoder", "7B", "MIT"],
]


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch):
    def of(width: int | None) -> None:
        monkeypatch.setattr(printed, "room", lambda: width)

    return of


def test_a_file_has_every_text_whole(columns) -> None:
    columns(None)
    lines = table(HEADER, ROWS, right={2}, shorten={3: 0}).splitlines()
    assert lines[1] == "org/a-model-with-a-long-name  cross-encoder  33.4M  a licence that has a lot to say"
    assert wrapped("a sentence " * 20) == "a sentence " * 20


@pytest.mark.parametrize(
    ("width", "shorten", "first", "tables"),
    [
        pytest.param(70, {3: 0}, "org/a-model-with-a-long-name  cross-encoder  33.4M  a licence that ha…", 1, id="cut"),
        pytest.param(57, {3: 0}, "org/a-model-with-a-long-name  cross-encoder  33.4M", 1, id="too little of it"),
        pytest.param(52, {3: 0}, "org/a-model-with-a-long-name  cross-encoder  33.4M", 1, id="left out"),
        pytest.param(46, {3: 0, 0: 20}, "org/a-model…-a-long-name  cross-encoder  33.4M", 1, id="then the next"),
        pytest.param(70, {}, "org/a-model-with-a-long-name  cross-encoder  33.4M", 2, id="below"),
    ],
)
def test_a_narrow_terminal_loses_what_can_be_spared_and_then_has_tables_below(
    columns, width: int, shorten: dict[int, int], first: str, tables: int
) -> None:
    columns(width)
    text = table(HEADER, ROWS, right={2}, shorten=shorten)
    assert text.splitlines()[1] == first
    assert max(map(cell_len, text.splitlines())) <= width
    blocks = text.split("\n\n")
    assert len(blocks) == tables
    assert all(block.startswith("model ") for block in blocks)
    assert tables == 1 or blocks[1].splitlines()[1] == "org/a-model-with-a-long-name  a licence that has a lot to say"


def test_prose_is_broken_between_words(columns) -> None:
    columns(40)
    lines = wrapped("a sentence with words and a-long-one that is not broken", 2).splitlines()
    assert lines == ["a sentence with words and a-long-one", "  that is not broken"]


def test_the_width_is_that_of_the_terminal_that_is_printed_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with open(follower, "w") as terminal, (tmp_path / "file").open("w") as file:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert printed.room() == 80
        monkeypatch.setattr(sys, "stdout", file)
        assert printed.room() is None
    os.close(leader)


def test_a_corpus_of_files_says_how_its_guess_is_changed_and_what_was_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = CorpusInfo("/a.csv", "a.csv", "local", about="id ← no · text ← body (guessed: id, text)")
    view = CorpusView(info=own, first=(Doc("1", "", "Tea"),))
    monkeypatch.setattr(listing, "with_engine", lambda _: view)
    assert listing.corpus("/a.csv", as_json=False) == 0
    unread = capsys.readouterr().out
    assert "not read yet" in unread
    assert "FILE(id=COLUMN, title=COLUMN, text=COLUMN)" in unread
    assert "only its beginning was looked at" in unread
    view = CorpusView(info=replace(own, docs=5, queries=0, state=CorpusState(downloaded=True)))
    assert listing.corpus("/a.csv", as_json=False) == 0
    read = capsys.readouterr().out
    assert "5 documents, 0 queries, read" in read
    assert "only its beginning" not in read
