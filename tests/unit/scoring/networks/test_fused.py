"""Kernels are made in the background, and no more once a GPU was lost."""

import pytest

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.networks import fused
from zsr_tui.scoring.queue import batching


def test_no_kernel_is_made_after_a_gpu_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "_ended", False)
    monkeypatch.setattr(batching, "_lost", [])
    made: list[str] = []
    fused._later(lambda: made.append("before"))
    assert fused.settled(60)
    batching.note_lost(Device("cuda:0", 1, 1))
    fused._later(lambda: made.append("after"))
    assert fused.settled(60)
    assert made == ["before"]
