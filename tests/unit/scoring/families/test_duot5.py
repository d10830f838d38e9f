"""duoT5 against transformers' own forward pass, and its sum over pairs against a sum done by hand."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import reranking
from zsr_tui.scoring.families import duot5
from zsr_tui.scoring.models import catalogue

from ..tiny_t5 import CPU, checkpoint, reference, resolved, text_of

QUERY = "vitamin of the blood"
TEXTS = ["cold water", "", "the blood is cold", "acid\n and sleep", "health"]


@pytest.fixture(scope="module", params=["tied", "untied", "mt5"])
def any_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("duot5") / request.param, request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("duot5") / "tied")


def prompt(first: str, second: str, query: str = QUERY) -> str:
    return f"Query: {query} Document0: {first} Document1: {second} Relevant:"


def test_probabilities_are_those_of_the_full_forward_pass(any_folder: Path) -> None:
    model = duot5.DuoT5(resolved(any_folder, family="duot5"), CPU)
    pairs = reranking.all_pairs(len(TEXTS))
    probabilities = model.run(model.prepare_pairs(QUERY, TEXTS, pairs))
    assert probabilities.dtype == np.float32
    expected = reference(any_folder, [prompt(TEXTS[i], TEXTS[j]) for i, j in pairs])
    np.testing.assert_allclose(np.log(probabilities), expected, atol=1e-4)
    assert np.ptp(probabilities) > 0.001


def test_a_few_pairs_and_an_empty_query(folder: Path) -> None:
    model = duot5.DuoT5(resolved(folder, family="duot5"), CPU)
    pairs = [(4, 0), (2, 4)]
    probabilities = model.run(model.prepare_pairs("", TEXTS, pairs))
    expected = reference(folder, [prompt(TEXTS[i], TEXTS[j], "") for i, j in pairs])
    np.testing.assert_allclose(np.log(probabilities), expected, atol=1e-4)


def test_a_probability_does_not_depend_on_its_batch(folder: Path) -> None:
    model = duot5.DuoT5(resolved(folder, family="duot5"), CPU)
    inputs = model.prepare_pairs(QUERY, TEXTS, reranking.all_pairs(len(TEXTS)))
    np.testing.assert_allclose(model.run(inputs), [model.run([each])[0] for each in inputs], atol=1e-6)


def test_both_documents_share_the_room(folder: Path) -> None:
    model = duot5.DuoT5(resolved(folder, family="duot5"), CPU)
    texts = ["blood " * 20_000, "z" * 100_000, "health"]
    pairs = reranking.all_pairs(3)
    prepared = dict(zip(pairs, model.prepare_pairs(QUERY, texts, pairs), strict=True))
    for pair, each in prepared.items():
        shown = text_of(folder, each.payload)
        assert (each.tokens, each.cut) == (64, True)
        assert shown.startswith(f"Query: {QUERY} Document0: {texts[pair[0]][:3]}")
        assert f" Document1: {texts[pair[1]][:3]}" in shown
        assert shown.endswith(" Relevant:</s>")
    long_first = text_of(folder, prepared[0, 2].payload)
    assert " Document1: health Relevant:" in long_first  # the short one is whole, the long one takes the rest
    assert long_first.count("blood") > text_of(folder, prepared[0, 1].payload).count("blood")


@pytest.mark.parametrize(
    ("room", "lengths", "shares"),
    [
        pytest.param(10, (3, 4), (3, 4), id="both fit"),
        pytest.param(10, (8, 2), (8, 2), id="exactly full"),
        pytest.param(10, (9, 9), (5, 5), id="both too long"),
        pytest.param(11, (9, 9), (5, 6), id="odd room"),
        pytest.param(10, (9, 3), (7, 3), id="first takes more"),
        pytest.param(10, (3, 9), (3, 7), id="second takes more"),
        pytest.param(10, (0, 90), (0, 10), id="one is empty"),
        pytest.param(0, (3, 4), (0, 0), id="no room"),
    ],
)
def test_what_one_document_leaves_over_the_other_takes(
    room: int, lengths: tuple[int, int], shares: tuple[int, int]
) -> None:
    assert duot5.share(room, *lengths) == shares


def test_the_sum_is_symmetric_over_both_orders() -> None:
    n, chance = 7, random.Random(1)
    table = {pair: chance.random() for pair in reranking.all_pairs(n)}
    scores = reranking.aggregate(list(table), list(table.values()), n)
    for i in range(n):
        expected = math.fsum(table[i, j] + 1 - table[j, i] for j in range(n) if j != i)
        assert scores[i] == pytest.approx(expected, abs=1e-12)
    assert all(0 <= score <= 2 * (n - 1) for score in scores)


def test_a_clear_winner_is_first_and_a_clear_loser_last() -> None:
    pairs = reranking.all_pairs(3)
    strength = [1, 2, 0]
    probabilities = np.array([float(strength[i] > strength[j]) for i, j in pairs], dtype=np.float32)
    assert reranking.aggregate(pairs, probabilities, 3) == [2.0, 4.0, 0.0]


def test_one_candidate_and_none() -> None:
    assert reranking.aggregate([], [], 1) == [0.0]
    assert reranking.aggregate([], [], 0) == []
    assert reranking.all_pairs(1) == []


def test_the_order_of_the_pairs_is_of_no_importance() -> None:
    pairs = reranking.all_pairs(5)
    chance = random.Random(2)
    probabilities = [chance.random() for _ in pairs]
    shuffled = list(zip(pairs, probabilities, strict=True))
    chance.shuffle(shuffled)
    first = reranking.aggregate(pairs, probabilities, 5)
    second = reranking.aggregate([pair for pair, _ in shuffled], [p for _, p in shuffled], 5)
    assert first == pytest.approx(second, abs=1e-12)


def test_more_than_a_hundred_candidates_are_refused_with_what_to_write() -> None:
    reranking.check_candidates("castorini/duot5-base-msmarco", 100)
    with pytest.raises(Problem, match=r"101 candidates are 10,100 pairs: cut the list to at most 100 first") as caught:
        reranking.check_candidates("castorini/duot5-base-msmarco", 101)
    assert "% 50 >> castorini/duot5-base-msmarco" in caught.value.message
    assert caught.value.usage


def test_a_folder_is_told_to_be_duot5_by_its_name(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "my-duot5-base"
    copy.symlink_to(folder)
    other = tmp_path / "DuoT5-mine"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert catalogue.describe(str(other)).family == "duot5"
    assert catalogue.describe(str(folder)).family == "monot5"
    assert catalogue.describe("castorini/duot5-base-msmarco-10k").family == "duot5"
