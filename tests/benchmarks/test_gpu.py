"""The GPU benchmark runs through on a processor, with tiny shapes and the real service."""

import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
SHAPES = (
    "minilm-l6", "minilm-l12", "bert-base", "xlmr-large", "modernbert", "t5-base", "t5-3b", "qwen3-0.6b", "qwen3-4b",
    "encode-minilm-l6", "encode-bert-base",
)  # fmt: skip


def test_every_shape_is_measured_and_half_precision_is_close(tmp_path):
    found = tmp_path / "figures.json"
    command = [sys.executable, str(BENCHMARK), "--small", "--skip-usual", "--json", str(found)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(found.read_text())
    for name in SHAPES:
        assert figures[name]["zsr-tui bf16, one caller"]["rate"] > 0
        close = figures[name]["closeness"]
        assert close.get("cosine", 1) > 0.999, name
        assert close.get("difference", 0) < 0.05, name
    assert figures["beside"]["wait"]["p99_ms"] >= figures["beside"]["wait"]["p50_ms"] > 0
