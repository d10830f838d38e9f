"""Batches of similar size are laid out alike, with room to spare, which changes nothing of their rows; what a network
does for a layout is recorded while nobody waits for it."""

from contextlib import nullcontext
from weakref import WeakSet

import numpy as np
import pytest
import torch

from tests.waiting import meanwhile
from zsr_tui.scoring.devices import Device, cpu
from zsr_tui.scoring.networks import runner as runners
from zsr_tui.scoring.networks.batch import Batch, Packer, Tokens, lengths_of
from zsr_tui.scoring.networks.runner import Runner, due, rounded
from zsr_tui.scoring.queue import batching
from zsr_tui.scoring.scorer import Prepared

ELSEWHERE = Device("cuda:9", budget_bytes=100, tokens=4)  # where no worker of another test records what is due
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


class Stream:
    def __init__(self, priority):
        self.cuda_stream, self.priority = id(self), priority


class Record:
    """In place of a CUDA graph."""

    def __init__(self, layout):
        self.flat = torch.zeros(layout.size, dtype=torch.int32)

    def run(self, inputs):
        return torch.full((inputs,), 7.0)


@pytest.fixture
def recording(monkeypatch):
    """A runner that records as on a GPU; `stream` is the one that batches are started on, `recorded` what was."""
    monkeypatch.setattr(runners, "_runners", WeakSet())
    runner = Runner(cpu(), lambda batch: batch.sums(batch.ids[:, None])[:, 0])
    runner._records, runner.recorded, runner.stream = True, [], Stream(0)
    runner.device = ELSEWHERE.name
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: runner.stream)
    monkeypatch.setattr(torch.cuda, "default_stream", lambda device: None)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())

    def record(stream, layout, lengths):
        runner.recorded.append((stream, layout.tokens, lengths.tolist()))
        return Record(layout)

    monkeypatch.setattr(runner, "_recorded", record)
    return runner


def scored(runner):
    return runner.start([Prepared(len(INPUTS[1].pieces[0]), False, INPUTS[1])]).rows().tolist()


def test_a_layout_that_comes_again_in_the_background_is_recorded_at_once(recording):
    assert [scored(recording) for _ in range(4)] == [[44850.0], [44850.0], [7.0], [7.0]]
    assert recording.recorded == [(recording.stream, 384, [300])]


def test_a_batch_that_somebody_waits_for_is_not_held_up_by_being_recorded(recording):
    recording.stream = urgent = Stream(-1)
    assert [scored(recording) for _ in range(4)] == [[44850.0]] * 4
    assert (recording.recorded, due(recording.device)) == ([], recording)
    recording.stream = Stream(0)  # whatever runs by then, it is recorded for the stream that it came on
    recording.record_due()
    assert (recording.recorded, due(recording.device)) == ([(urgent, 384, [300])], None)
    assert scored(recording) == [44850.0]
    recording.stream = urgent
    assert scored(recording) == [7.0]


@pytest.mark.parametrize("error", ["an operation is not permitted when a stream is capturing", "CUDA out of memory"])
def test_what_cannot_be_recorded_is_not_tried_for_ever(recording, monkeypatch, error):
    def refuse(*_):
        raise RuntimeError(error)

    monkeypatch.setattr(recording, "_recorded", refuse)
    recording.stream = Stream(-1)
    for _ in range(3):
        scored(recording)
    freed = []
    monkeypatch.setattr(batching, "free_cached_memory", lambda: freed.append(True))
    assert batching.is_due(ELSEWHERE)
    batching.record_due(ELSEWHERE)
    assert not batching.is_due(ELSEWHERE)
    assert freed == [True] * ("memory" in error)
    assert scored(recording) == [44850.0]


def test_what_is_due_goes_with_the_records(recording):
    recording.stream = Stream(-1)
    for _ in range(3):
        scored(recording)
    recording.forget()
    assert due(recording.device) is None


def test_what_another_device_makes_room_for_is_not_recorded(recording, monkeypatch):
    """Which may come between the look and the record."""
    recording.stream = Stream(-1)
    for _ in range(3):
        scored(recording)
    look = runners.due

    def between(device):
        found = look(device)
        runners.forget_graphs()
        return found

    monkeypatch.setattr(runners, "due", between)
    batching.record_due(ELSEWHERE)
    batching.record_due(ELSEWHERE)  # nothing is
    assert recording.recorded == []


def test_a_device_that_is_lost_while_a_record_leaves_is_found_by_the_next_batch(recording, monkeypatch):
    """And not by the thread that looks for something to record, which would end with it."""

    def wait(_):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(runners, "GRAPHS", 1)
    monkeypatch.setattr(Record, "wait", wait, raising=False)
    recording.stream = Stream(-1)
    recording._graphs[recording.stream.cuda_stream, rounded(9000, 10, 500)] = Record(rounded(9000, 10, 500))
    for _ in range(3):
        scored(recording)
    batching.record_due(ELSEWHERE)
    assert (len(recording.recorded), due(recording.device)) == (1, None)


class Randomness:
    """In place of a GPU's generator of random numbers; a record takes the `state` that it has."""

    def __init__(self, state=None):
        self.state = state or object()

    def graphsafe_get_state(self):
        return Randomness(self.state)

    def graphsafe_set_state(self, other):
        self.state = other.state


class Graph:
    """In place of a CUDA graph: as torch does it, it records into memory that is new or that a graph lives in."""

    begun, pools, broken, default = [], WeakSet(), False, Randomness()

    def capture_begin(self, pool, capture_error_mode):
        if pool.used and not any(each.pool is pool for each in self.pools):
            raise RuntimeError("it->second->use_count > 0 INTERNAL ASSERT FAILED")
        self.pool, pool.used = pool, True
        self.pools.add(self)
        self.begun.append(self.default.state)
        if self.broken:
            raise RuntimeError("an operation is not permitted when a stream is capturing")

    def capture_end(self):
        pass

    def replay(self):
        pass


class Event:
    def record(self):
        pass

    def synchronize(self):
        pass


class Pool:
    used = False


@pytest.fixture
def gpu(recording, monkeypatch):
    """The same runner, which makes its records of made-up graphs."""
    monkeypatch.setattr(recording, "_recorded", Runner._recorded.__get__(recording))
    for name, value in {
        "CUDAGraph": Graph,
        "Event": Event,
        "graph_pool_handle": Pool,
        "memory_reserved": lambda device: 0,
        "default_generators": {None: Graph.default},  # of a processor, which has no number
    }.items():
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(runners, "_nobodys", lambda device: Randomness())
    monkeypatch.setattr(runners, "_recording", lambda device, priority: None)
    monkeypatch.setattr(Graph, "begun", [])
    monkeypatch.setattr(Graph, "pools", WeakSet())
    return recording


def recorded(runner, *lengths):
    """Whether it is, for a batch of such lengths that comes often."""
    inputs = [Prepared(length, False, Tokens((np.arange(length),))) for length in lengths]
    before = len(Graph.begun)
    for _ in range(3):
        runner.start(inputs).rows()
    return len(Graph.begun) > before


def test_what_the_background_records_leaves_the_records_of_whom_waits_at_a_screen(gpu, monkeypatch):
    monkeypatch.setattr(runners, "GRAPHS", 2)
    screen, background = Stream(-1), Stream(0)
    gpu.stream = screen
    recorded(gpu, 50)
    gpu.record_due()
    gpu.stream = background
    assert all(recorded(gpu, *[100] * count) for count in (4, 16, 64))
    assert [key[0] for key in gpu._graphs] == [screen.cuda_stream, *[background.cuda_stream] * 2]
    assert gpu._records


def test_it_records_again_after_all_of_its_records_went(gpu):
    assert recorded(gpu, 50)
    gpu.forget()
    assert recorded(gpu, 50)
    assert gpu._records


def test_a_record_that_fails_for_want_of_memory_leaves_none_of_its_memory_in_use(gpu, monkeypatch):
    compute, full = gpu._compute, [True]

    def short(batch):
        if Graph.begun and full:
            raise RuntimeError("CUDA out of memory")
        return compute(batch)

    monkeypatch.setattr(gpu, "_compute", short)
    gpu.stream = Stream(-1)
    recorded(gpu, 50)
    with pytest.raises(RuntimeError, match="memory"):
        gpu.record_due()
    full.clear()
    recorded(gpu, 50)
    gpu.record_due()
    assert len(gpu._graphs) == 1


@pytest.mark.parametrize("broken", [False, True])
def test_the_random_numbers_of_the_process_are_no_part_of_a_record(gpu, monkeypatch, broken):
    monkeypatch.setattr(Graph, "broken", broken)
    state = Graph.default.state
    recorded(gpu, 50)
    assert Graph.begun
    assert state not in Graph.begun
    assert Graph.default.state is state


def test_networks_are_looked_through_while_another_device_loads_one(monkeypatch):
    class Slowly(WeakSet):
        def __iter__(self):
            for each in super().__iter__():
                yield each
                if not threads:
                    threads.append(meanwhile(lambda: loaded.append(Runner(cpu(), torch.neg))))

    loaded, threads = [], []
    kept = [Runner(cpu(), torch.neg) for _ in range(3)]
    monkeypatch.setattr(runners, "_runners", Slowly(kept))
    assert due("cuda:9") is None
    threads[0].join()
    assert len(list(runners._runners)) == 4
