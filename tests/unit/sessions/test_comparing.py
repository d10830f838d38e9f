"""What a list found then and finds now."""

from __future__ import annotations

import pytest

from zsr_tui.sessions.comparing import difference
from zsr_tui.sessions.records import Answer, Listed


def answer(
    *ids: str, scores: tuple[float, ...] = (), precision: str = "fp32", problem: str = "", **measures: float | None
) -> Answer:
    rows = tuple(
        Listed(doc_id=doc_id, score=score) for doc_id, score in zip(ids, scores or range(len(ids), 0, -1), strict=True)
    )
    return Answer(system="bm25", rows=rows, measures=measures or None, precision=precision, problem=problem, whole=True)


@pytest.mark.parametrize(
    ("then", "now", "sentences"),
    [
        pytest.param(answer("a", "b", nDCG=0.5), answer("a", "b", nDCG=0.50004), [], id="the same to four digits"),
        pytest.param(
            answer("a", "b", nDCG=0.5), answer("b", "a", nDCG=0.25),
            ["nDCG 0.5000 → 0.2500", "first 10: a 1→2, b 2→1", "2 of 2 rows differ", "scores differ by up to 1"],
            id="two changed places",
        ),
        pytest.param(
            answer("a", "b", scores=(3, 2)), answer("a", "c", scores=(3, 2)),
            ["first 10: b gone (was 2), c new at 2", "1 of 2 rows differ"], id="another document",
        ),
        pytest.param(
            answer(*"abcdefghijkl", scores=(1.0,) * 12), answer(*"abcdefghijlk", scores=(1.0,) * 12),
            ["2 of 12 rows differ"], id="below the first ten",
        ),
        pytest.param(
            answer(*"abcdefgh", scores=(1.0,) * 8), answer(*"hgfedcba", scores=(1.0,) * 8),
            ["first 10: a 1→8, h 8→1, b 2→7, g 7→2, c 3→6, f 6→3 and 2 more", "8 of 8 rows differ"], id="many",
        ),
        pytest.param(
            answer("a", scores=(7.5,)), answer("a", scores=(7.6,), precision="bf16"),
            ["scores differ by up to 0.1", "computed in fp32 then, in bf16 now"], id="scores alone",
        ),
        pytest.param(answer("a", scores=(7.5,)), answer("a", scores=(7.50001,)), [], id="last digits"),
        pytest.param(answer("a", precision="fp32"), answer("a", precision="bf16"), [], id="precision alone"),
        pytest.param(answer("a", AP=1.0), answer("a"), ["AP 1.0000 → none"], id="a measure that is gone"),
        pytest.param(answer("a", AP=None), answer("a", AP=None), [], id="a measure without a value"),
        pytest.param(answer("a"), answer(problem="It is gone."), ["failed: It is gone."], id="fails now"),
        pytest.param(answer(problem="x"), answer("a"), ["failed then, and does not now"], id="failed then"),
        pytest.param(answer(problem="x"), answer(problem="x"), [], id="fails as then"),
    ],
)  # fmt: skip
def test_differences_in_words(then: Answer, now: Answer, sentences: list[str]) -> None:
    found = difference(then, now)
    assert found.sentences == sentences
    assert found.same == (not sentences)


def test_only_the_rows_that_were_kept_are_compared() -> None:
    assert difference(answer("a", "b", scores=(3, 2)), answer("a", "b", "c", scores=(3, 2, 1)), most=2).same
