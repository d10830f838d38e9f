"""Batches of similar size are laid out alike, with room to spare, which changes nothing of their rows."""

import numpy as np
import pytest
import torch

from zsr_tui.scoring.devices import cpu
from zsr_tui.scoring.networks.batch import Batch, Packer, Tokens, lengths_of
from zsr_tui.scoring.networks.runner import Runner, rounded
from zsr_tui.scoring.scorer import Prepared

INPUTS = [Tokens((np.array([5, 6, 7], np.uint16), np.array([9], np.int32)), second=3), Tokens((np.arange(300),))]


@pytest.fixture
def roomy():
    lengths = lengths_of(INPUTS)
    layout = rounded(int(lengths.sum()), len(INPUTS), int(lengths.max()))
    there = torch.full((layout.size,), -1, dtype=torch.int32)
    Packer(cpu()).pack_into(there, layout, INPUTS, lengths)
    return Batch(there, layout, lengths)


@pytest.mark.parametrize("tokens", [1, 127, 128, 129, 4000, 4001, 16383, 16384, 16385, 60000])
def test_a_layout_has_room_and_wastes_little(tokens):
    layout = rounded(tokens, 3, 100)
    assert tokens <= layout.tokens <= max(tokens + 127, tokens * (1.07 if tokens > 8192 else 1.25))


def test_batches_of_similar_size_share_a_layout():
    assert len({rounded(tokens, 42, 500) for tokens in range(15873, 16385)}) == 1
    assert rounded(16384, 47, 512) == (16384, 48, 512)


def test_what_is_to_spare_is_empty(roomy):
    assert (roomy.tokens, roomy.inputs, roomy.longest) == (384, 8, 512)
    assert roomy.ids[:4].tolist() == [5, 6, 7, 9]
    assert roomy.ids[304:].tolist() == [0] * 80
    assert roomy.offsets.tolist() == [0, 4, *[304] * 7]


def test_tokens_know_their_places_and_no_place_is_outside(roomy):
    plain = Packer(cpu()).pack(INPUTS)
    for name in ("owners", "positions", "types"):
        assert torch.equal(getattr(roomy, name)[:304], getattr(plain, name))
    assert roomy.owners.max() < roomy.inputs
    assert roomy.positions.max() < roomy.longest
    assert roomy.first[:2].tolist() == plain.first.tolist()
    assert roomy.first.max() < roomy.tokens
    assert roomy.last[:2].tolist() == plain.last.tolist()


def test_sums_of_inputs_leave_out_what_is_to_spare(roomy):
    states = torch.full((384, 2), float("nan"))
    states[:304] = 1.0
    assert roomy.sums(states)[:2].tolist() == [[4.0, 4.0], [300.0, 300.0]]


def test_rows_are_those_of_the_network_and_what_is_made_of_them():
    runner = Runner(cpu(), lambda batch: batch.sums(batch.ids[:, None])[:, 0])
    batch = [Prepared(sum(map(len, each.pieces)), False, each) for each in INPUTS]
    assert runner.start(batch).rows().tolist() == [27.0, 44850.0]
    assert runner.start(batch, torch.neg).rows().tolist() == [-27.0, -44850.0]


def test_a_batch_may_run_in_a_record_with_more_room_of_its_own_stream_but_not_with_much_more():
    runner, wanted = Runner(cpu(), lambda batch: batch.ids), rounded(4000, 9, 500)
    layouts = [rounded(4000, 9, 200), rounded(3500, 9, 500), rounded(4600, 20, 500), rounded(5100, 10, 500)]
    runner._graphs.update({(1, each): None for each in [*layouts, rounded(9000, 10, 500)]})
    runner._graphs[2, wanted] = None
    assert runner._roomy((1, wanted)) == (1, layouts[2])
    assert runner._roomy((3, wanted)) is None
    assert runner._roomy((1, rounded(1000, 9, 500))) is None
