"""What is lacking is brought by a command that works: for an extra that there is, into this program's environment."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from zsr_tui import caller, extras

ROOT = Path(__file__).resolve().parents[2]


def test_every_extra_that_is_named_is_one_of_the_project() -> None:
    known = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
    named: dict[str, set[str]] = {}
    for path in [*ROOT.glob("zsr_tui/**/*.py"), *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]:
        text = path.read_text("utf-8")
        for found in re.findall(r"(?:zsr-tui|['\"]\.)\[([a-z,]+)\]", text):
            named.setdefault(found, set()).add(path.name)
        for alone in re.findall(r"\bthe extra `?([a-z]+)\b", text):
            named.setdefault(alone, set()).add(path.name)
    assert {"embedded", "web", "pdf", "ray", "qdrant", "embedded,web"} <= named.keys()
    assert {name: places for name, places in named.items() if not set(name.split(",")) <= known} == {}


def test_the_command_is_of_this_environment_whatever_pip_a_shell_finds() -> None:
    assert extras.get("zsr-tui[pdf]", "x") == f"{shlex.join([sys.executable])} -m pip install 'zsr-tui[pdf]' x"


def test_a_space_in_the_interpreter_s_path_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my envs/bin/python")
    assert extras.get("pyarrow") == "'/my envs/bin/python' -m pip install pyarrow"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", r"C:\my envs\python.exe")
    assert extras.get("zsr-tui[pdf]") == r'"C:\my envs\python.exe" -m pip install zsr-tui[pdf]'


def test_whoever_asks_the_engine_of_others_is_told_no_place_of_its_machine() -> None:
    def asked() -> str:
        caller.become(caller.Caller("anna", bounds=caller.Bounds()))
        return extras.get("zsr-tui[pdf]")

    assert caller.carried(asked)() == "pip install 'zsr-tui[pdf]'"
