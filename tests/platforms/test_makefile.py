"""`make run` on this system and on the others, as far as it can be read from what it would run; README and package ask
for the same Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize(("system", "folder", "python"), [("", "bin", "python3"), ("Windows_NT", "Scripts", "python")],
                         ids=["Unix", "Windows"])  # fmt: skip
def test_it_installs_the_exact_versions_where_the_system_has_its_programs(
    system: str, folder: str, python: str
) -> None:
    call = ["make", "--dry-run", "--always-make", "run", f"OS={system}", "VENV=here"]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # and not within another
    lines = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True, env=alone).stdout.splitlines()
    assert lines[0].startswith(f"{python} -c ")
    assert f"{python} -m venv here" in lines[1]
    install = f"here/{folder}/python -m pip install --quiet --constraint constraints.txt --editable"
    assert [line for line in lines if "pip install" in line] == [f'{install} ".[embedded,web]"']
    assert lines[-1] == f"here/{folder}/zsr-tui open --dataset demo"


def test_the_commands_for_a_machine_without_make_are_its_own() -> None:
    typed = README.replace("\\", "/").replace(".venv/Scripts", "$(BIN)").replace("python -m venv", "$(PYTHON) -m venv")
    for words in (
        "$(BIN)/python -m pip install --constraint constraints.txt --editable",
        '".[embedded,web]"',
        "$(BIN)/zsr-tui open --dataset demo",
        "$(PYTHON) -m venv",
    ):
        assert words in typed
        assert words in MAKEFILE.replace(" --quiet", "")


def test_all_that_name_the_oldest_python_name_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    doctor = (ROOT / "zsr_tui" / "commands" / "doctor.py").read_text("utf-8")
    wheels = (ROOT / "tests" / "platforms" / "wheels.py").read_text("utf-8")
    assert f"Both need Python {oldest} or newer" in README
    assert set(re.findall(r"\| (3[\d.]+) to 3", README)) == {oldest}
    assert f"needs Python {oldest} or newer" in doctor
    assert f"needs Python {oldest} or newer" in MAKEFILE
    assert f"({oldest.replace('.', ', ')})" in doctor
    assert f"({oldest.replace('.', ', ')})" in MAKEFILE
    assert f"--python-version {oldest}.0 " in wheels
    newest = [each.rpartition(" ")[2] for each in project["classifiers"] if "Python :: 3." in each][-1]
    assert set(re.findall(r" to (3\.\d+) \|", README)) == {newest}
