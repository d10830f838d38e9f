"""The benchmark of 8-bit products runs through on a processor, where torch has them too, and tells what they cost."""

import re
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "fp8.py"


def test_fp8_moves_scores_further_than_bf16():
    done = subprocess.run([sys.executable, str(BENCHMARK), "--small"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    far = dict(re.findall(r"(bf16|fp8) against fp32: .* largest difference (\S+)", done.stdout))
    assert 0 < float(far["bf16"]) < float(far["fp8"]) < 0.1, done.stdout
    assert done.stdout.count("times as fast as bf16") == 6
