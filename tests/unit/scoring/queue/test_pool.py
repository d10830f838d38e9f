"""How models are loaded where several devices do it at once."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import meanwhile
from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue import pool

from ..made_up import Lengths, resolved


def test_models_of_transformers_are_loaded_one_after_the_other_whatever_the_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which changes torch for all threads while it makes one."""
    made: list[str] = []

    def make(model: ResolvedModel, device: Device) -> Any:
        made.append(f"{device.name} begins")
        if device.name == "cuda:0":
            others.append(meanwhile(lambda: load("cuda:1")))
        made.append(f"{device.name} ends")
        return Lengths()

    def load(device: str) -> None:
        pool._load(replace(resolved("a"), kind="transformers"), Device(device, budget_bytes=100, tokens=4))

    others: list[threading.Thread] = []
    monkeypatch.setattr(pool.families, "loader", lambda family, kind: make)
    load("cuda:0")
    others[0].join()
    assert made == ["cuda:0 begins", "cuda:0 ends", "cuda:1 begins", "cuda:1 ends"]


def test_a_tokenizer_that_makes_a_text_ever_longer_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    (tmp_path / "0_Transformer").mkdir()
    (tmp_path / "0_Transformer" / "tokenizer.json").write_text(
        json.dumps({"normalizer": {"type": "Sequence", "normalizers": [step] * 60}})
    )
    monkeypatch.setattr(pool.families, "loader", lambda family, kind: lambda *_: pytest.fail("it is made"))
    with pytest.raises(Problem, match="can make a text more than 1,000 times as long"):
        pool._load(replace(resolved("a"), path=tmp_path), Device("cpu", budget_bytes=100, tokens=4))


def test_a_panic_while_a_model_is_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(model: ResolvedModel, device: Device) -> Any:
        raise BaseException("it stopped")

    monkeypatch.setattr(pool.families, "loader", lambda family, kind: make)
    with pytest.raises(Problem, match="a cannot be loaded: it stopped"):
        pool._load(resolved("a"), Device("cpu", budget_bytes=100, tokens=4))
