"""Judgments that are written to the standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from zsr_tui.api.merging import Exported
from zsr_tui.commands.judge import STDOUT, Export
from zsr_tui.edge import Printed


def test_a_pipe_gets_the_file_as_it_is_and_a_terminal_nothing_that_it_would_obey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = Export(STDOUT, "beir", "own", spreadsheet=False, force=False)
    made = Exported(text="query-id\tcorpus-id\tscore\nq\x1b\td\u00e9\t1\n", counts={"own": 1})
    written = tmp_path / "written"
    for terminal, expected in ((False, made.text), (True, "query-id corpus-id score\nq\u241b d\u00e9 1\n")):
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with monkeypatch.context() as patch:
            printed = Printed(sys.__stdout__, descriptor)
            patch.setattr(Printed, "isatty", lambda _, terminal=terminal: terminal)
            patch.setattr(sys, "stdout", printed)
            to.write(made)
            printed.flush()
        os.close(descriptor)
        assert written.read_text("utf-8") == expected
