"""The suite itself: what pytest-xdist's workers collect depends on neither time nor hash seed, and every case has a
name that can be read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# An escape or control character, the repr of an object or of bytes, and what `tests/conftest.py` says of the others.
NO_WORDS = re.compile(r"\\|[^ -~]|<.*>|\b0x[0-9a-f]|\bb['\"]|no id is written")


def collected(hash_seed: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_two_collections_in_different_seconds_and_hash_seeds_find_the_same_tests_named_in_words(
    request: pytest.FixtureRequest,
) -> None:
    first, second = [item.nodeid for item in request.session.items], collected("1")
    if len(first) != len(second):  # these alone were asked for
        first = collected("0")
    assert first == second
    cases = {name: name.partition("[")[2].removesuffix("]") for name in first if name.endswith("]")}
    assert [name for name, case in cases.items() if not case.strip() or len(case) > 60 or NO_WORDS.search(case)] == []
