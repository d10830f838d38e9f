"""Whose inputs are in the next batch, and in which order."""

from __future__ import annotations

import itertools
import random

import pytest

from zsr_tui.scoring.queue.jobs import Job, Taken
from zsr_tui.scoring.queue.work import PairScoring, Scoring

from ..made_up import Lengths, resolved
from .bench import Bench, Gated


def test_a_batch_is_filled_up_with_inputs_of_its_own_model_and_kind_of_work_alone(bench: Bench) -> None:
    bench.tokenise_at_once()
    busy = bench.score("busy", 1)
    bench.began.wait()
    jobs = [
        bench.ask(Scoring("query", ["one"])),
        bench.ask(Scoring("query", ["elsewhere"]), "gated other"),
        bench.ask(PairScoring("query", ["pair", "pair"], [(0, 1)])),
        bench.ask(Scoring("query", ["two"])),
    ]
    bench.go()
    for job in (busy, *jobs):
        list(job.results())
    assert bench.ran == ["busy", "one two", "elsewhere", "pair"]


@pytest.mark.parametrize(
    ("packed", "batches"),
    [
        (False, ["busy", "one two", "three", "five six", "four"]),
        (True, ["busy", "one three", "two five", "four", "six"]),
    ],
    ids=["padded", "packed"],
)
def test_a_batch_is_filled_up_as_far_as_there_is_room_and_no_longer_than_its_longest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, packed: bool, batches: list[str]
) -> None:
    """Four tokens fit. Padded, each input takes as many as the first; packed, as many as it has."""
    monkeypatch.setattr(Gated, "packed", packed, raising=False)
    bench.tokenise_at_once()
    busy = bench.score("busy", 1)
    bench.began.wait()
    texts = ["one x x", "two x", "three", "five x", "four x x x", "six x"]
    if not packed:
        texts[0] = "one x"
    jobs = [bench.ask(Scoring("query", [text])) for text in texts]
    bench.go()
    for job in (busy, *jobs):
        list(job.results())
    assert bench.ran == batches


def test_a_new_owner_starts_level_with_those_that_wait_and_one_that_returns_has_saved_nothing_up(bench: Bench) -> None:
    bench.tokenise_at_once()
    jobs = [bench.score("early", 1, owner="guest")]
    bench.step()
    list(jobs[0].results())
    jobs.append(bench.score("host", 8, owner="host"))
    for _ in range(3):
        bench.step()
    bench.settle()  # the fourth is on the device
    jobs += [bench.score("guest", 3, owner="guest"), bench.score("new", 3, owner="new")]
    for _ in range(8):
        bench.step()
    bench.go()
    for job in jobs[1:]:
        list(job.results())
    assert bench.ran[:5] == ["early", "host", "host", "host", "host"]
    shared = bench.ran[5:11]
    assert {name: shared.count(name) for name in shared} == {"host": 2, "guest": 2, "new": 2}


def test_an_owner_who_had_much_waits_for_those_who_had_less_whatever_it_asks_for_next(bench: Bench) -> None:
    bench.tokenise_at_once()
    jobs = [bench.score("much", 4, owner="much")]
    bench.settle()
    jobs.append(bench.score("little", 3, owner="little", interactive=False))
    for _ in range(3):
        bench.step()
    bench.settle()  # the fourth is on the device
    jobs += [bench.score(name, 2, owner=owner, interactive=False) for name, owner in (("more", "much"), ("new", "new"))]
    bench.go()
    for job in jobs:
        list(job.results())
    assert bench.ran == ["much"] * 4 + ["little", "new"] * 2 + ["little", "more", "more"]


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "in reverse"])
def test_work_that_is_given_back_goes_before_what_is_still_to_come_the_longest_first(reverse: bool) -> None:
    texts = ["word " * (1 + 3 * number % 10) for number in range(30)]
    job, scorer = Job(resolved(), Scoring("query", texts)), Lengths()
    job.begin(scorer)

    def tokenise() -> None:
        chunk = job.claim(1)
        assert chunk is not None
        job.tokenised(chunk, job.work.prepare(scorer, chunk))

    taken: list[Taken] = []
    for tokens in (1000, 1000, 20):  # of the last chunk a part
        tokenise()
        taken += job.take(tokens)
    for each in sorted(taken, key=lambda each: each.chunk.positions.start, reverse=reverse):
        job.give_back(each)
    again = [job.take(1000)[0] for _ in range(3)]
    assert [each.chunk.positions for each in again] == [range(10), range(10, 20), range(20, 30)]
    assert [[one.tokens for one in each.inputs] for each in again] == [[*range(10, 0, -1)]] * 3


@pytest.mark.parametrize("owner", ["greedy", "modest"], ids=["of the same caller", "of another caller"])
def test_a_small_request_beside_twenty_large_ones_waits_for_two_batches_at_most(bench: Bench, owner: str) -> None:
    bench.tokenise_at_once()
    chance = random.Random(5)  # no two batches take the same time
    bench.worker._clock = itertools.accumulate(chance.uniform(0.9, 1.1) for _ in itertools.count()).__next__
    large = [bench.score(f"large{number}", 4, owner="greedy") for number in range(20)]
    for _ in range(30):
        bench.step()
    bench.settle()  # the next is on the device
    before = len(bench.ran) + 1
    small = bench.score("small", 1, owner=owner)
    bench.go()
    for job in (*large, small):
        list(job.results())
    assert bench.ran.index("small") - before <= 2


def test_a_long_request_has_a_quarter_of_the_batches_beside_ever_new_short_ones_of_the_same_caller(
    bench: Bench,
) -> None:
    bench.tokenise_at_once()
    jobs = [bench.score("long", 4)]
    for number in range(16):
        bench.settle()  # one is on the device, and never is there nobody who has had less
        jobs += [bench.score(f"short{number}", 1), bench.score(f"other{number}", 1)]
        bench.step()
    bench.go()
    for job in jobs:
        list(job.results())
    assert [place for place, name in enumerate(bench.ran) if name == "long"] == [0, 3, 7, 11]
