"""Files that the user names to be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zsr_tui.client import targets
from zsr_tui.domain import Problem


def test_what_is_there_and_no_file_is_never_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link.html"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    for place in (pipe, link):
        with pytest.raises(Problem, match=rf"^{place} is a device or a pipe, and no file: name a file\.$"):
            targets.check_target(place, replace=True)
        with pytest.raises(Problem, match="and no file"):
            targets.write(place, b"a report")
    assert pipe.is_fifo()
    assert link.is_symlink()
