"""How the inputs of a batch lie, and that a pinned buffer is not written to while its copy is on the way."""

import numpy as np
import pytest
import torch

from zsr_tui.scoring.devices import cpu
from zsr_tui.scoring.networks.batch import Packer, Tokens, start

PROMPT, END = np.array([101, 7], np.uint16), np.array([102], np.int32)


@pytest.fixture
def batch():
    pair = Tokens((PROMPT, np.array([60000, 5], np.uint16), END), second=2)
    single = Tokens((PROMPT,))
    long = Tokens((PROMPT, np.arange(4, dtype=np.int64), END), second=4)
    return Packer(cpu()).pack([pair, single, long])


def test_inputs_lie_behind_one_another_whatever_their_pieces_are(batch):
    assert batch.ids.tolist() == [101, 7, 60000, 5, 102, 101, 7, 101, 7, 0, 1, 2, 3, 102]
    assert batch.offsets.tolist() == [0, 5, 7, 14]
    assert (batch.inputs, batch.tokens, batch.longest) == (3, 14, 7)


def test_each_token_knows_its_place_its_input_and_its_type(batch):
    assert batch.positions.tolist() == [0, 1, 2, 3, 4, 0, 1, 0, 1, 2, 3, 4, 5, 6]
    assert batch.owners.tolist() == [0] * 5 + [1] * 2 + [2] * 7
    assert batch.types.tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert (batch.first.tolist(), batch.last.tolist()) == ([0, 5, 7], [4, 6, 13])


def test_padding_can_be_put_back_and_sums_are_by_input(batch):
    states = torch.arange(14.0)[:, None]
    padded = batch.padded(states, fill=-1.0)[..., 0]
    assert padded.tolist() == [[0, 1, 2, 3, 4, -1, -1], [5, 6, -1, -1, -1, -1, -1], [7, 8, 9, 10, 11, 12, 13]]
    assert torch.equal(padded >= 0, batch.seen())
    assert batch.sums(states)[:, 0].tolist() == [10, 11, 70]


def test_a_processor_gives_its_rows_at_once():
    running = start(cpu(), lambda: torch.ones(3, dtype=torch.bfloat16))
    assert running.rows().tolist() == [1, 1, 1]
    assert running.rows().dtype == np.float32
    assert running.seconds is None
