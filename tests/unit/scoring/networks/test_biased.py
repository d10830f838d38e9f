"""Attention with a bias by distance: every way gives what one sequence alone gives."""

import pytest
import torch

from zsr_tui.scoring.devices import cpu
from zsr_tui.scoring.networks import biased
from zsr_tui.scoring.networks.batch import Packer, Tokens

LENGTHS = (7, 1, 150, 2, 131)
HEADS, WIDTH, REACH, SCALE = 3, 16, 5, 0.5


@pytest.fixture
def batch():
    torch.manual_seed(5)
    return Packer(cpu()).pack([Tokens((torch.arange(length).numpy(),)) for length in LENGTHS])


@pytest.fixture
def bias(batch):
    return biased.Bias(biased.Distances(torch.randn(HEADS, 2 * REACH + 1), torch.float32), batch, torch.float32)


@pytest.fixture
def states(batch):
    return torch.randn(batch.tokens, 3, HEADS, WIDTH).unbind(1)


@pytest.fixture
def expected(bias, states):
    """Each sequence alone, the bias looked up for each two tokens."""
    parts = []
    for query, key, value in zip(*(each.split(LENGTHS) for each in states), strict=True):
        places = range(len(query))
        added = bias.distances.table[:, [[max(-REACH, min(REACH, j - i)) + REACH for j in places] for i in places]]
        weights = (torch.einsum("ihd,jhd->hij", query, key) * SCALE + added).softmax(-1)
        parts.append(torch.einsum("hij,jhd->ihd", weights, value))
    return torch.cat(parts)


def test_one_sequence_after_the_other(batch, bias, states, expected):
    assert torch.allclose(biased.attend_with_bias(*states, batch, bias, scale=SCALE), expected, atol=1e-5)


def test_padded_rows(bias, states, expected):
    assert torch.allclose(biased.by_rows(*states, bias, SCALE), expected, atol=1e-5)


@pytest.mark.parametrize("reach", [1, 5, 64, 128])
def test_squares_are_the_same_bias_and_the_last_are_those_of_all_behind(reach):
    distances = biased.Distances(torch.randn(HEADS, 2 * reach + 1), torch.float32)
    size, edge = biased.SQUARE, distances.squares.shape[1] // 2
    places = torch.arange(size)
    for behind in range(-edge - 2, edge + 3):
        expected = distances.between(places, places + behind * size)
        kept = min(edge, max(-edge, behind)) + edge
        assert torch.equal(distances.squares[:, kept], expected)
