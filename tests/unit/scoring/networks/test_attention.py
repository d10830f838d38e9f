"""Attention over a flat batch: every way gives what one sequence alone gives."""

import pytest
import torch

from zsr_tui.scoring.devices import cpu
from zsr_tui.scoring.networks import attention
from zsr_tui.scoring.networks.batch import Batch, Packer, Tokens

LENGTHS = (7, 1, 23, 2)
HEADS, WIDTH, SCALE = 4, 8, 0.25


@pytest.fixture
def batch():
    torch.manual_seed(5)
    return Packer(cpu()).pack([Tokens((torch.arange(length).numpy(),)) for length in LENGTHS])


def states(batch: Batch, heads: int = HEADS) -> torch.Tensor:
    return torch.randn(batch.tokens, heads, WIDTH)


def by_hand(query, key, value, causal=False, window=None) -> torch.Tensor:
    """Each sequence alone, each head alone, each token alone."""
    found, start = torch.zeros_like(query), 0
    for length in LENGTHS:
        for head in range(query.shape[1]):
            other = head * key.shape[1] // query.shape[1]
            for place in range(length):
                near = [
                    each
                    for each in range(length)
                    if (not causal or each <= place) and (window is None or abs(each - place) <= window)
                ]
                keys, values = (part[start:][near, other] for part in (key, value))
                weights = (keys @ query[start + place, head] * SCALE).softmax(0)
                found[start + place, head] = weights @ values
        start += length
    return found


@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
@pytest.mark.parametrize("window", [None, 3], ids=["whole", "window"])
@pytest.mark.parametrize("heads", [HEADS, 2], ids=["own keys", "grouped"])
def test_a_token_sees_its_own_sequence_and_nothing_else(batch, causal, window, heads):
    query, key, value = states(batch), states(batch, heads), states(batch, heads)
    found = attention.attend(query, key, value, batch, scale=SCALE, causal=causal, window=window)
    assert torch.allclose(found, by_hand(query, key, value, causal, window), atol=1e-6)


@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
@pytest.mark.parametrize("window", [None, 3], ids=["whole", "window"])
@pytest.mark.parametrize("heads", [HEADS, 2], ids=["own keys", "grouped"])
def test_padding_where_there_is_no_kernel_gives_the_same(batch, causal, window, heads):
    query, key, value = states(batch), states(batch, heads), states(batch, heads)
    found = attention._padded(query, key, value, batch, SCALE, causal, window)
    assert torch.allclose(found, by_hand(query, key, value, causal, window), atol=1e-6)


@pytest.mark.parametrize(
    ("names", "causal", "window", "said"),
    [
        ({"scale", "window_size", "enable_gqa"}, True, None, {"window_size": (-1, 0), "enable_gqa": True}),
        ({"scale", "window_size"}, False, 64, {"window_size": (64, 64)}),
        ({"scale", "is_causal"}, True, None, {"is_causal": True}),
        ({"scale", "is_causal"}, False, None, {}),
    ],
    ids=["causal as a window", "a window", "an older torch, causal", "an older torch"],
)
def test_each_version_of_the_kernel_is_asked_in_its_own_words(batch, monkeypatch, names, causal, window, said):
    asked = {}

    def kernel(query, key, value, starts, ends, most, longest, **options):
        asked.update(options, starts=starts.tolist(), longest=longest)
        return query

    monkeypatch.setattr(attention, "_varlen", lambda: (kernel, frozenset(names)))
    attention._by_varlen(states(batch), states(batch, 2), states(batch, 2), batch, SCALE, causal, window)
    assert asked == {"scale": SCALE, "starts": [0, 7, 8, 31, 33], "longest": 23, **said}
