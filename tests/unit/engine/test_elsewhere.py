"""Documents that another engine has found are kept, each caller's own, and no more of them than there is room for."""

from __future__ import annotations

import pytest

from zsr_tui import caller
from zsr_tui.domain import Doc
from zsr_tui.engine.elsewhere import Elsewhere


def test_what_somebodys_engine_says_nobody_else_reads() -> None:
    kept = Elsewhere()
    kept.keep([Doc("d", "mine", "text")])
    caller.become(caller.Caller("anna"))
    try:
        assert kept.docs(["d"]) == {}
        kept.keep([Doc("d", "anna's", "text")])
        assert kept.docs(["d", "e"])["d"].title == "anna's"
    finally:
        caller.become(caller.OWN)
    assert kept.docs(["d"])["d"].title == "mine"


@pytest.mark.parametrize("bounds", [{"most": 3}, {"characters": 30}], ids=["documents", "characters"])
def test_those_that_were_not_asked_for_longest_leave_first(bounds: dict[str, int]) -> None:
    kept = Elsewhere(**bounds)
    for number in range(3):
        kept.keep([Doc(str(number), "", "0123456789")])
    kept.keep([Doc("0", "", "9876543210")])  # once more, and not twice as much
    kept.docs(["1"])
    kept.keep([Doc("3", "", "0123456789")])
    assert set(kept.docs(map(str, range(4)))) == {"0", "1", "3"}
