"""What is known before of how fast a cluster's workers are together, and which of them nothing is known of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.unit.scoring.made_up import resolved
from zsr_tui import paths
from zsr_tui.cluster.messages import About
from zsr_tui.cluster.rates import together
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.speeds import Speed, Together

MODEL = resolved("model")
ON_CARD = Speed("model", "cuda", 12_000.0, "2026-11-01", "H100", 64)
ON_CORES = Speed("model", "cpu", 800.0, "2026-11-02", "", 16)
WITH_CARD = About("a", {}, cores=16, card="H100", speeds=[ON_CORES, ON_CARD])
WITHOUT = About("b", {}, cores=4, speeds=[ON_CORES])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))


def test_workers_sum_up_each_with_its_card_or_its_part_of_the_cores() -> None:
    assert together([WITH_CARD] * 2, MODEL) == Together(
        24_000.0, "zsr-tui bench, workers: 2 of 12,000 tokens/s (there, 2026-11-01)"
    )
    both = together([WITH_CARD, WITHOUT], MODEL)
    assert both.tokens_per_second == 12_200.0
    assert both.said.endswith("1 of 200 tokens/s (there, 2026-11-02, 4 of 16 cores)")
    more = together(
        [msgspec.structs.replace(WITHOUT, cores=32)], MODEL
    )  # than were measured: nobody knows what they add
    assert more.tokens_per_second == 800.0
    onnx = together([WITH_CARD], replace(MODEL, kind="onnx"))  # runs beside the card
    assert onnx.tokens_per_second == 800.0


def test_of_a_worker_without_a_figure_nothing_is_known_and_it_is_named() -> None:
    bare, old = About("c", {}, cores=4), About("d", {}, cores=4, speeds=[replace(ON_CORES, cores=0)])
    another = About("e", {}, cores=8, card="A100", speeds=[ON_CORES, replace(ON_CARD, fingerprint="other")])
    assert together([WITH_CARD, bare, bare, old, another], MODEL) == Together(
        unknown=("the processor of c", "the processor of d", "A100 of e")
    )
    many = together([About(str(number), {}) for number in range(7)], MODEL)
    assert many.unknown == ("the processor of 0", "the processor of 1", "the processor of 2", "4 more")
    assert together([], MODEL) == Together()


def test_a_card_of_the_same_name_that_was_measured_at_home_stands_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "for_torch", lambda: (Device("cuda:0", 1, 1, "A100"), Device("cuda:1", 1, 1, "A100")))
    speeds.remember("model", "cuda:0 + cuda:1", 14_000.0)
    day = speeds.here()[0].when
    bare = About("e", {}, cores=8, card="A100")
    assert together([bare], MODEL) == Together(
        7_000.0, f"zsr-tui bench, workers: 1 of 7,000 tokens/s (here on A100, {day})"
    )
    assert together([msgspec.structs.replace(bare, card="H100")], MODEL).unknown == ("H100 of e",)
    assert together([msgspec.structs.replace(bare, card="")], MODEL).unknown == ("the processor of e",)


def test_what_others_have_measured_into_the_same_folder_and_what_was_edited_is_not_this_machines() -> None:
    speeds.remember("model", "cpu", 500.0)
    [mine] = speeds.here()
    assert (mine.fingerprint, mine.device, mine.card, mine.cores) == ("model", "cpu", "", devices.cores())
    place = paths.cache_dir() / "speeds.json"
    kept = json.loads(place.read_text())
    other = {"tokens_per_second": 900.0, "card": "A100", "cores": 4}
    kept["model another node cuda"] = {**other, "when": "2026-01-01"}
    kept["model a third cuda"] = {**other, "when": "2026-02-02"}
    kept |= {
        "model": 3,
        "model x cpu": [],
        "model y cpu": {**other, "when": "soon"},
        "model z cpu": {**other, "cores": {}},
    }
    place.write_text(json.dumps(kept))
    assert speeds.here() == [mine]
    newest = speeds.of_card("model", "A100")
    assert newest is not None
    assert newest.when == "2026-02-02"
    assert [each.tokens_per_second for each in speeds.here("A100")] == [500.0, 900.0, 900.0]
    assert speeds.known("model", "cuda:0") is speeds.of_card("model", "") is None
