from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.commands.subset import Subset, parse
from zsr_tui.domain import Problem


def test_every_way_to_name_a_subset(tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    ids.write_bytes(b"\xef\xbb\xbfq2\r\n\r\nq1\r\nq2\r\n")
    assert parse("") == Subset()
    assert parse("50") == parse("first:50") == Subset(first=50)
    assert parse(str(ids)) == parse(f"ids:{ids}") == Subset(qids=("q2", "q1"))
    assert parse("vitamin D") == parse("text: vitamin D") == Subset(text="vitamin D")
    assert parse("x" * 5000) == Subset(text="x" * 5000)  # no file has such a name
    assert parse("text:50") == Subset(text="50")
    assert parse("effect: of") == Subset(text="effect: of")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("first:none", "whole number"),
        ("first:0", "whole number"),
        ("ids:nowhere.txt", "cannot be read"),
        ("text:", "text"),
    ],
)
def test_what_is_no_subset_is_refused(words: str, said: str) -> None:
    with pytest.raises(Problem, match=said) as failure:
        parse(words)
    assert failure.value.exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n\n", id="blank lines"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
    ],
)
def test_a_file_without_ids_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ids"
    path.write_bytes(content)
    with pytest.raises(Problem, match="query id"):
        parse(str(path))
