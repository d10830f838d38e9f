"""Agreement as text, and the price of a model that judges."""

from __future__ import annotations

import pytest

from zsr_tui.api.agreement import Between
from zsr_tui.client.price import Price
from zsr_tui.commands.agreement import between_text
from zsr_tui.commands.merge import read_grades
from zsr_tui.domain import Problem


def between(kappa: float | None, matrix: tuple[tuple[int, ...], ...]) -> str:
    return between_text(
        Between(
            first="anna",
            second="tiny",
            shared=sum(map(sum, matrix)),
            same=sum(matrix[place][place] for place in range(len(matrix))),
            kappa=kappa,
            weighted=kappa,
            relevant=kappa,
            grades=tuple(range(len(matrix))),
            matrix=matrix,
        )
    )


def test_kappa_stands_with_its_matrix_and_with_what_it_is_worth() -> None:
    assert between(0.5, ((30, 10), (10, 30))).splitlines() == [
        "anna and tiny: 80 documents judged by both, 60 alike",
        "Cohen's kappa 0.50 by grade, 0.50 by distance (quadratic), 0.50 relevant or not",
        "anna ↓ tiny →   0   1",
        "            0  30  10",
        "            1  10  30",
    ]
    assert "Of fewer than 30 documents kappa says next to nothing." in between(0.5, ((3, 1), (1, 3)))
    assert "anna gave each of them the grade 1: kappa is 0 then" in between(0.0, ((0, 0), (20, 20)))
    assert "tiny gave each of them the grade 0: kappa is 0 then" in between(0.0, ((20, 0), (20, 0)))
    assert "kappa is not defined where both always give the same grade" in between(None, ((40,),))


def test_a_price_is_of_a_million_tokens_read_and_written() -> None:
    price = Price.of(" 0.15/0.6  USD ")
    assert price is not None
    assert price.cost(2_000_000, 1_000_000) == "0.9000 USD"
    assert Price.of("") is None
    for wrong in ("cheap", "1", "1/2/3", "-1/2"):
        with pytest.raises(Problem, match=r"judging\.price is .*as in 0\.15 / 0\.60 USD"):
            Price.of(wrong)


def test_grades_of_another_scale() -> None:
    assert read_grades("4=3, -2=0") == {4: 3, -2: 0}
    assert read_grades("") == {}
    for wrong in ("4", "4=x", "4=2,4=1", "4=2,"):
        with pytest.raises(Problem, match="write --grades as in 4=3,-2=0"):
            read_grades(wrong)
