from __future__ import annotations

import pytest

from zsr_tui.ui.setup.fuzzy import score


@pytest.mark.parametrize("typed", ["sci fact", "scfct", "SCIFACT", "fact sci", "beir/scifact"])
def test_what_is_found(typed: str) -> None:
    assert score(typed, "beir/scifact/test SciFact (claims) sci fact") > 0


@pytest.mark.parametrize("typed", ["scifactx", "tcafics", "fact zebra"])
def test_what_is_not(typed: str) -> None:
    assert score(typed, "beir/scifact/test SciFact") == 0


def test_the_order_of_the_found() -> None:
    texts = ["fiqa", "fiqa-2018", "a-fiqator", "xfiqa", "f-i-q-a", "f and i and q and a"]
    scores = [score("fiqa", text) for text in texts]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[2] > scores[3] > scores[4] > scores[5] > 0


def test_many_equal_letters_take_no_time() -> None:
    assert score("e" * 40, "e " * 5000) > 0
    assert score("e" * 40 + "x", "e " * 5000) == 0
