"""Files of queries for zsr-tui search --queries."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from zsr_tui.commands.query_file import STDIN, FileQuery, read_queries
from zsr_tui.domain import Problem

TWO = [FileQuery("q1", "green tea"), FileQuery("2", 'say "ah"')]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('q1\tgreen tea\n\n2\t say "ah" \n', id="columns"),
        pytest.param('\ufeffq1\tgreen tea\r\n2\tsay "ah"', id="columns as Windows writes them"),
        pytest.param(
            '{"_id": "q1", "text": "green tea", "metadata": {}}\n{"_id": 2, "text": "say \\"ah\\""}\n', id="BEIR's JSON"
        ),
    ],
)
def test_queries_are_read_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (tmp_path / "q").write_text(content, newline="")
    assert read_queries(tmp_path / "q") == TWO
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content.encode())))
    assert read_queries(STDIN) == TWO


def test_a_text_may_have_tabs(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("q1\tgreen\ttea\n")
    assert read_queries(tmp_path / "q") == [FileQuery("q1", "green\ttea")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("q1 x\n\nq2\ty\n", "line 1 has no tab", id="no tab"),
        pytest.param("\tx\n", "line 1 has no id", id="no id"),
        pytest.param("q1\t \n", "line 1 has no text", id="no text"),
        pytest.param("q 1\tx\n", "line 1 has white space in its id 'q 1'", id="white space in an id"),
        pytest.param("a\tx\nb\ty\na\tz\n", "line 3 has the id 'a' of line 1 again", id="an id twice"),
        pytest.param(f"a\t{'x' * 10_001}\n", "line 1 has 10,001 characters and the limit is 10,000", id="too long"),
        pytest.param('{"_id": "1", "text": "x"}\n{oops\n', "line 2 is not valid JSON", id="no JSON"),
        pytest.param('{"_id": "1", "query": "x"}\n', "line 1 lacks an _id or a text", id="other fields"),
        pytest.param('{"_id": true, "text": "x"}\n', "line 1 lacks an _id or a text", id="an id that is none"),
        pytest.param("\n \n", "holds no queries", id="empty"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "q").write_text(content)
    with pytest.raises(Problem) as failure:
        read_queries(tmp_path / "q")
    assert says in failure.value.message
    assert failure.value.message.startswith(str(tmp_path / "q"))
    assert failure.value.exit_code == 2
    assert "\n" not in failure.value.message


def test_many_bad_lines_are_one_sentence_with_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("x\n" * 200)
    with pytest.raises(Problem) as failure:
        read_queries(tmp_path / "q")
    message = failure.value.message
    assert "line 5 has no tab" in message
    assert "so have 195 other lines: 6, 7, 8," in message
    assert message.endswith("25 ...; nothing was searched.")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"q1\tx\nq2\t\xff\n", "line 2 is not UTF-8"), (None, "there is no file of queries")],
    ids=["bytes", "no file"],
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "q").write_bytes(content)
    with pytest.raises(Problem, match=says):
        read_queries(tmp_path / "q")
