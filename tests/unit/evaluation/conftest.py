from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stored evaluations of one test are not those of another."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
