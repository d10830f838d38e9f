"""Which devices there are, and in which precision they compute."""

from __future__ import annotations

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device


def test_a_device_that_is_not_here_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_DEVICES", "cuda:7")
    devices.for_torch.cache_clear()
    try:
        with pytest.raises(Problem, match=r"ZSR_TUI_DEVICES names cuda:7, .* it has .*cpu"):
            devices.for_torch()
    finally:
        devices.for_torch.cache_clear()


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_the_user_may_choose_the_precision(monkeypatch: pytest.MonkeyPatch, precision: str) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", precision)
    assert devices.torch_precision() == precision


@pytest.mark.parametrize(
    ("capability", "usual", "bounded"),
    [((9, 0), "bf16", "fp16"), ((7, 5), "fp16", "fp16"), ((6, 1), "fp32", "fp32")],
    ids=["hopper", "turing", "pascal"],
)
def test_a_gpu_computes_in_what_it_has_and_what_stays_bounded_in_the_more_exact(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], usual: str, bounded: str
) -> None:
    monkeypatch.delenv("ZSR_TUI_PRECISION", raising=False)
    monkeypatch.setattr(devices, "_linux_processor", lambda: None)
    monkeypatch.setattr(devices, "for_torch", lambda: (Device("cuda:0", 1, 1),))
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda name: capability)
    devices._own_precision.cache_clear()
    try:
        assert (devices.torch_precision(), devices.torch_precision(bounded=True)) == (usual, bounded)
    finally:
        devices._own_precision.cache_clear()


def test_an_unknown_precision_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "int4")
    with pytest.raises(Problem, match="ZSR_TUI_PRECISION is 'int4': write fp32, bf16 or fp16"):
        devices.torch_precision()
