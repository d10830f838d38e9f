"""The command that repeats an evaluation says what another machine might do otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.evaluation.made_up import SYSTEMS
from zsr_tui.domain import RELEVANT_FROM
from zsr_tui.engine.evaluation.plan import repeating

EVALUATE = "zsr-tui evaluate --dataset demo --system bm25"
IN_TWO = "  # models ran in bf16 and fp16, which devices like these choose without --precision"


@pytest.mark.parametrize(
    ("command", "precisions", "least", "repeated"),
    [
        (EVALUATE, ("", ""), "", EVALUATE),
        (EVALUATE, ("fp32 + int8", "fp32"), "", f"{EVALUATE} --precision fp32"),
        (EVALUATE, ("fp16", "bf16"), "", f"{EVALUATE}{IN_TWO}"),
        (f"{EVALUATE}{IN_TWO}", ("fp16", "bf16"), "", f"{EVALUATE}{IN_TWO}"),
        (f"{EVALUATE} --precision fp16", ("fp16", "fp32"), "", f"{EVALUATE} --precision fp16"),
        (EVALUATE, ("bf16",), "2", f"{EVALUATE} --relevant-from 2 --precision bf16"),
        (f"{EVALUATE} --relevant-from 2", (), "2", f"{EVALUATE} --relevant-from 2"),
    ],
    ids=["no model", "one", "several", "said before", "given", "relevant from", "relevant from, given"],
)
def test_it_names_the_precision_and_the_grade_that_counts_as_relevant(
    command: str, precisions: tuple[str, ...], least: str, repeated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RELEVANT_FROM, least)
    assert repeating(command, [replace(SYSTEMS[1], precision=each) for each in precisions]) == repeated
