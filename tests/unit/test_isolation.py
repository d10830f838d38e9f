"""A folder full of files of others is only where the user stands: none of them is run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.hostile import hostile_folder
from tests.waiting import DEADLINE
from zsr_tui import isolation
from zsr_tui.client.process import ENGINE

ROOT = Path(isolation.__file__).parents[1]
COMMAND = (sys.executable, "-m", "zsr_tui")


@pytest.fixture(autouse=True)
def environment_as_before() -> Iterator[None]:
    """What these tests take off the environment, or put into it, is nothing for the programs that others start."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def as_python_is_started_usually(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "")


@pytest.mark.parametrize("command", [COMMAND, ENGINE], ids=["the command", "the engine"])
def test_no_module_of_the_current_folder_is_run(command: Sequence[str], tmp_path: Path) -> None:
    # what Python's `-m` itself needs is imported before it finds a program
    its_own = subprocess.run([sys.executable, "-c", "import runpy, sys; print(*sys.modules)"], capture_output=True)
    known = {name for name in (*sys.stdlib_module_names, *packages_distributions()) if name.isidentifier()}
    folder, run = hostile_folder(tmp_path, known - {"zsr_tui", *its_own.stdout.decode().split()})
    done = subprocess.run([*command, "--help"], cwd=folder, capture_output=True, env=_environment(), timeout=DEADLINE)
    assert (done.returncode, run()) == (0, [])


def test_a_program_of_the_same_name_in_the_current_folder_is_not_the_engine(tmp_path: Path) -> None:
    folder, run = hostile_folder(tmp_path, {"zsr_tui"})
    subprocess.run(
        [*ENGINE, "--help"], cwd=folder, check=True, capture_output=True, env=_environment(), timeout=DEADLINE
    )
    assert run() == []


def test_children_are_given_no_folder_that_is_named_relative_to_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absolute = str(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    for name in isolation.SEARCHED:
        monkeypatch.setenv(name, os.pathsep.join(["", "/usr/lib", ".", "bin"]))
    monkeypatch.setenv("PERLLIB", ".")
    isolation.leave_current_folder()
    assert {os.environ.get(name) for name in isolation.SEARCHED} == {"/usr/lib", None}
    assert "PERLLIB" not in os.environ
    assert not {"", absolute, str(tmp_path / "bin")} & set(sys.path)


def test_a_checkout_that_is_not_installed_finds_itself_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(sys, "path", [str(ROOT), "/elsewhere"])
    isolation.leave_current_folder()
    assert sys.path == ["/elsewhere", str(ROOT)]
    assert os.environ["PYTHONPATH"] == str(ROOT)  # an engine is this program too


def test_a_folder_that_the_user_put_on_the_path_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    isolation.leave_current_folder()
    assert str(tmp_path) in sys.path


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
