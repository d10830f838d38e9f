"""Attention with a bias by distance: every way gives what one sequence alone gives."""

from functools import partial

import pytest
import torch

from zsr_tui.scoring.devices import cpu
from zsr_tui.scoring.networks import biased, fused
from zsr_tui.scoring.networks.batch import Packer, Tokens

LENGTHS = (7, 1, 150, 2, 131)
HEADS, WIDTH, REACH, SCALE = 3, 16, 5, 0.5


@pytest.fixture
def batch():
    torch.manual_seed(5)
    return Packer(cpu()).pack([Tokens((torch.arange(length).numpy(),)) for length in LENGTHS])


@pytest.fixture
def bias(batch):
    return biased.Bias(torch.randn(HEADS, 2 * REACH + 1), batch, torch.float32)


@pytest.fixture
def states(batch):
    return torch.randn(batch.tokens, 3, HEADS, WIDTH).unbind(1)


@pytest.fixture
def expected(bias, states):
    """Each sequence alone, the bias looked up for each two tokens."""
    parts = []
    for query, key, value in zip(*(each.split(LENGTHS) for each in states), strict=True):
        places = range(len(query))
        added = bias.table[:, [[max(-REACH, min(REACH, j - i)) + REACH for j in places] for i in places]]
        weights = (torch.einsum("ihd,jhd->hij", query, key) * SCALE + added).softmax(-1)
        parts.append(torch.einsum("hij,jhd->ihd", weights, value))
    return torch.cat(parts)


def test_one_sequence_after_the_other(batch, bias, states, expected):
    assert torch.allclose(biased.attend_with_bias(*states, batch, bias, scale=SCALE), expected, atol=1e-5)


def test_padded_rows(bias, states, expected):
    assert torch.allclose(biased.by_rows(*states, bias, SCALE), expected, atol=1e-5)


def flex_attention(query, key, value, score_mod, block_mask, scale):
    """torch's, which takes seconds to import what it compiles with: all scores, in the squares that are listed."""
    places, head = torch.arange(query.shape[2]), torch.arange(HEADS)[:, None, None]
    asking, asked = places[:, None], places
    scores = score_mod(query @ key.transpose(2, 3) * scale, 0, head, asking, asked)
    square = torch.zeros(block_mask.kv_indices.shape[2:], dtype=torch.bool)
    for row, (count, columns) in enumerate(
        zip(block_mask.kv_num_blocks[0, 0], block_mask.kv_indices[0, 0], strict=True)
    ):
        square[row, columns[:count].long()] = True
    seen = square[asking // 128, asked // 128] & block_mask.mask_mod(0, head, asking, asked)
    return scores.masked_fill(~seen, -torch.inf).softmax(-1) @ value


def test_the_mask_the_blocks_and_the_bias_of_flex_attention(monkeypatch, bias, states, expected):
    monkeypatch.setattr(biased, "flex_attention", flex_attention)
    given = (each.transpose(0, 1)[None] for each in states)
    found = biased.by_flex(*given, bias.table, *bias.blocks, reach=REACH, scale=SCALE)
    assert torch.allclose(found[0].transpose(0, 1), expected, atol=1e-5)


def test_blocks_are_those_whose_sequences_meet(batch, bias):
    squares = batch.owners[:, None] == batch.owners
    padding = -batch.tokens % 128
    squares = torch.nn.functional.pad(squares, (0, padding, 0, padding)).unflatten(1, (-1, 128)).unflatten(0, (-1, 128))
    meet = squares.any(3).any(1)
    for row, (count, columns) in enumerate(zip(bias.blocks.counts, bias.blocks.columns, strict=True)):
        assert sorted(columns[:count].tolist()) == meet[row].nonzero().flatten().tolist()
        assert sorted(columns.tolist()) == list(range(len(meet)))


def test_a_kernel_is_made_once_and_rows_are_padded_until_it_is_there(monkeypatch, bias, states):
    asked, kept = [], {}
    monkeypatch.setattr(biased, "_kernels", kept)
    monkeypatch.setattr(fused, "later", asked.append)
    given = (*(each.transpose(0, 1)[None] for each in states), bias.table, *bias.blocks)
    assert biased._flex_kernel(given, SCALE) is biased._flex_kernel(given, SCALE) is None
    (make,) = asked
    assert isinstance(make, partial)
    kept[make.args[0]] = "made"
    assert biased._flex_kernel(given, SCALE) == "made"
    assert biased._flex_kernel(given, 1.0) is None


@pytest.mark.parametrize(("setting", "way"), [("flex", "flex"), ("padded", "padded"), (None, "padded")])
def test_the_way_is_a_setting(monkeypatch, setting, way):
    monkeypatch.delenv("ZSR_TUI_ATTENTION", raising=False)
    if setting:
        monkeypatch.setenv("ZSR_TUI_ATTENTION", setting)
    assert biased.wanted() == way
