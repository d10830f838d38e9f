"""A folder such as somebody else may have sent: every name in it that a program might look for leaves a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

# settings that Java, log4j, matplotlib, Perl, pip, nltk, dotenv and others look for where they are started
SETTINGS = (
    ".hotspotrc", "log4j2.xml", "log4j2.properties", "logging.properties", "matplotlibrc", ".netrc", "setup.cfg",
    "pyproject.toml", ".env", "pyvenv.cfg",
)  # fmt: skip
PROGRAMS = ("perl", "java", "rsvg-convert", "git", "gcc", "ldconfig", "uname", "sh")


def hostile_folder(parent: Path, modules: Iterable[str]) -> tuple[Path, Callable[[], list[str]]]:
    """The folder, and what tells which of its modules and programs have been run."""
    folder, traces = parent / "from somebody else", parent / "traces"
    folder.mkdir()
    traces.mkdir()
    for name in modules:
        (folder / f"{name}.py").write_text(f"open({str(traces / name)!r}, 'w')\n")
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\n: >'{traces / name}'\n")
        (folder / name).chmod(0o755)
    for name in SETTINGS:
        (folder / name).write_text("-version\n")
    return folder, lambda: sorted(trace.name for trace in traces.iterdir())
