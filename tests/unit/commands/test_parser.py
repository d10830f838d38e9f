"""Options that several commands share."""

from __future__ import annotations

import os
from typing import Any

import pytest

from zsr_tui.commands import evaluate, index, parser, search

DEMO = ["--dataset", "demo", "--system", "bm25"]


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(search, ["search", *DEMO, "--query", "bread"]), (evaluate, ["evaluate", *DEMO]), (index, ["index", *DEMO])],
    ids=["search", "evaluate", "index"],
)
def test_a_precision_is_that_of_the_engine_that_is_started(
    command: Any, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    seen: list[str] = []
    monkeypatch.setattr(command, "run", lambda *_, **__: seen.append(os.environ["ZSR_TUI_PRECISION"]))
    parser.run(arguments)
    parser.run([*arguments, "--precision", "fp16"])
    assert seen == ["fp32", "fp16"]
    assert parser.run([*arguments, "--precision", "fp8"]) == 2
