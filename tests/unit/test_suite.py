"""The suite itself: what pytest-xdist's workers collect must not depend on when or under which hash seed they do it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def collected(hash_seed: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_two_collections_in_different_seconds_and_hash_seeds_find_the_same_tests() -> None:
    first, second = collected("0"), collected("1")  # each takes seconds
    assert len(first) > 2000
    assert first == second
