from __future__ import annotations

from pathlib import Path

import pytest

from .settling import settles

__all__ = ["settles"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test starts as on a machine that has never seen the program."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TMUX", raising=False)  # it would be told of what is copied
    return tmp_path
