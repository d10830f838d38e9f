"""Options that several commands share."""

from __future__ import annotations

import os
from typing import Any

import pytest

from zsr_tui.commands import evaluate, index, parser, search
from zsr_tui.domain import relevant_from

DEMO = ["--dataset", "demo", "--system", "bm25"]
EXPLAIN = ["explain", "--dataset", "demo", "--qid", "q-cooking-1", "--doc", "cooking-03"]


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


def test_the_application_is_opened_with_what_search_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = parser.cli.commands
    search_only, open_only = {"queries", "as_json"}, {"session", "finding"}
    assert {each.name for each in commands["open"].params} - open_only == {
        each.name for each in commands["search"].params
    } - search_only
    opened: list[dict[str, Any]] = []
    monkeypatch.setattr(parser, "open_application", lambda **given: opened.append(given))
    assert parser.run(["open", *DEMO, "--qid", "7", "--k", "50", "--keep-self"]) == 0
    (given,) = opened
    del given["settings"]
    wanted = {"dataset": "demo", "systems": ("bm25",), "query": None, "qid": "7", "depth": 50, "keep_self": True}
    assert given == wanted | {"session": None, "finding": None}
    assert parser.run(["open", "--query", "x", "--qid", "7"]) == 2
    assert parser.run(["open", "--session", "last"]) == 0
    assert opened[-1]["session"] == "last"
    assert parser.run(["open", "--session", "last", "--dataset", "demo"]) == 2
    assert parser.run(["open", "--session", "last", "--qid", "7"]) == 2
    assert parser.run(["open", "found.json"]) == 0
    assert str(opened[-1]["finding"]) == "found.json"
    assert parser.run(["open", "found.json", "--session", "last"]) == 2
    assert parser.run(["open", "found.json", "--system", "bm25"]) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param([*EXPLAIN, "--system", ""], "--system is empty", id="an empty system to explain"),
        pytest.param(["search", *DEMO, "--query", "x", "--system", " "], "--system is empty", id="one of a search"),
        pytest.param(["evaluate", *DEMO, "--system", ""], "--system is empty", id="one of an evaluation"),
        pytest.param(["evaluate", *DEMO, "--reranker", ""], "--reranker is empty", id="an empty reranker"),
        pytest.param(["open", "--system", ""], "--system is empty", id="one of the application"),
        pytest.param([*EXPLAIN, "--system", "bm25", "--against-system", ""], "--against-system is", id="the other"),
        pytest.param([*EXPLAIN, "--system", "bm25", "--doc", "b"], "--doc is given 2 times", id="two documents"),
        pytest.param([*EXPLAIN, "--system", "a", "--system", "b"], "--system is given 2 times", id="two systems"),
        pytest.param(["search", *DEMO, "--dataset", "x", "--query", "x"], "--dataset is given 2", id="two datasets"),
    ],
)
def test_what_is_empty_or_given_twice_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parser.run(arguments) == 2
    assert sentence in capsys.readouterr().err


def test_the_help_of_every_command_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], *([name] for name in parser.cli.commands)):
        assert parser.run([*arguments, "--help"]) == 0
        printed = capsys.readouterr().out
        assert max(map(len, printed.splitlines())) <= 80
        assert "..." not in printed.partition("Commands:")[2], "the first sentence of a command is short enough"


def test_the_grade_that_counts_as_relevant_is_that_of_the_engine_that_is_started(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_RELEVANT_FROM", "")
    ran: list[int] = []
    monkeypatch.setattr(search, "run", lambda *_, **__: ran.append(relevant_from()) or 0)
    command = ["search", "--dataset", "demo", "--system", "bm25", "--query", "x"]
    assert parser.run([*command, "--relevant-from", "2"]) == 0
    assert ran == [2]
    assert parser.run([*command, "--relevant-from", "0"]) == 2
    monkeypatch.setenv("ZSR_TUI_RELEVANT_FROM", "many")
    assert parser.run(command) == 2
    assert "ZSR_TUI_RELEVANT_FROM is 'many': write a whole number from 1 on." in capsys.readouterr().err
    monkeypatch.setenv("ZSR_TUI_ENGINE", "http://gpu:1")
    assert parser.run([*command, "--relevant-from", "2"]) == 2
    assert "chosen where the engine is started" in " ".join(capsys.readouterr().err.split())
