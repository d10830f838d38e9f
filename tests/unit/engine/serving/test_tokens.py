"""The file of names and tokens."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.engine.serving.tokens import Tokens

ANNA, BEN = "anna-0123456789abcdef", "ben-0123456789abcdefg"


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    new = path / "new"
    new.write_text(text)
    new.chmod(mode)
    return new.rename(path / "tokens")


def test_a_token_has_one_name_and_a_changed_file_counts_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = written(tmp_path, f"# who may ask\n\nanna {ANNA}\n  ben\t{BEN}\n")
    tokens = Tokens(path)
    assert [tokens.name_of(each) for each in (ANNA, BEN, "", ANNA[:-1], f"{ANNA} ", "é", "\udcff")] == [
        "anna", "ben", "", "", "", "", "",
    ]  # fmt: skip
    written(tmp_path, f"ben {BEN}\n")
    assert [tokens.name_of(ANNA), tokens.name_of(BEN)] == ["", "ben"]
    written(tmp_path, "ben\n")
    assert tokens.name_of(BEN) == "ben"
    path.unlink()
    assert tokens.name_of(BEN) == "ben"
    said = caplog.text
    assert "line 1: write a name" in said
    assert ANNA not in said + repr(vars(tokens))
    assert BEN not in said + repr(vars(tokens))


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (f"anna {ANNA}", 0o640, "others can read .*: take that away with chmod 600"),
        (f"anna {ANNA} x", 0o600, "line 1: write a name .* and a token"),
        (f"../anna {ANNA}", 0o600, "line 1: write a name"),
        ("# nobody\nanna short", 0o600, "line 2: a token has at least 20"),
        (f"anna {ANNA}\nanna {BEN}", 0o600, "line 2: each name and each token stands in the file once"),
        (f"anna {ANNA}\nAnna {BEN}", 0o600, "line 2: each name .* stands in the file once, whatever the name's case"),
        (f"anna {ANNA}\nben {ANNA}", 0o600, "line 2: each name and each token stands in the file once"),
        ("# nobody yet\n", 0o600, "names nobody"),
    ],
    ids=[
        "others read it",
        "three words",
        "a path for a name",
        "short",
        "a name twice",
        "the same folder on Windows",
        "a token twice",
        "nobody",
    ],
)
def test_what_is_wrong_in_it_is_one_sentence_without_a_token(text: str, mode: int, why: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=why) as raised:
        Tokens(written(tmp_path, text, mode))
    assert ANNA not in raised.value.message
    assert raised.value.usage


def test_a_file_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"anna \xff\xfe")
    (tmp_path / "bytes").chmod(0o600)
    for name, why in {"none": "cannot be read: No such", "pipe": "a named pipe", "bytes": "not UTF-8"}.items():
        with pytest.raises(Problem, match=why):
            Tokens(tmp_path / name)
