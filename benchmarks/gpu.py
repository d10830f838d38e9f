"""What the scoring module makes of a GPU, against what people use today, shape by shape, in one run.

    python benchmarks/gpu.py [--small] [--only NAME]... [--reranker FOLDER --lists FILE [--queries 40]] [--seconds 3]
        [--json FILE]

Needs torch, transformers, sentence-transformers and what `zsr_tui.scoring` imports; no pyserini, faiss, textual, Java.

For each shape of `shapes.py` (random weights) and each way: pairs or texts a second, and the share of the device's
peak, that of a product of two matrices of 8192 x 8192 in the same precision (2048 on a processor). The usual ways
(`usual_ways.py`) run in fp32 at their defaults and in bf16 at batches of 32, 128 and 256. Of ours: one caller who asks
query after query, eight callers at once and the ratio to the best usual way in half precision, the share of the time in
which the device computes (torch's profiler), the first ten of 100, all of 100 and all of 1,000 candidates (medians),
and how far scores are from fp32's. Warm-ups, in which batch sizes are found and kernels are made, are not counted.
`beside` measures reranks of 100 while another model evaluates in the background, once a second of that
records nothing new.

--reranker is a real cross-encoder of MiniLM-L12's shape, --lists its input: a gzipped JSON object of `queries`, `docs`
(id to text), `lists` (query to document ids) and `qrels`. --small runs everything with tiny shapes, on any processor.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import os
import statistics
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from gpu_compared import against, closeness, exactness, whole
from gpu_inputs import Bench, Lists, folder_of, lists_of, model_of, operations_of
from shapes import SHAPES, Shape
from transformers.utils import logging

from zsr_tui.scoring import ScoreCache, ScoringService, devices
from zsr_tui.scoring.networks import attention, fused, runner
from zsr_tui.scoring.queue.budget import Budget

CALLERS = 8
RERANKS = 200  # beside an evaluation
STEADY_S = 1.0  # that many callers take at least: the first batch's way in and the last one's way out are not the rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    names = [*(shape.name for shape in SHAPES), "beside"]
    parser.add_argument("--only", action="append", choices=names)
    parser.add_argument("--reranker", type=Path)
    parser.add_argument("--lists", type=Path)
    parser.add_argument("--queries", type=int, default=40, help="of --lists")
    parser.add_argument("--seconds", type=float, default=3.0, help="that a way may take, about")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--profile", action="store_true", help="name the kernels that take the most time")
    parser.add_argument("--skip-usual", action="store_true")
    asked = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as place:
        os.environ["ZSR_TUI_HOME"] = str(Path(place) / "home")  # models are added to its models.toml
        bench = Bench(asked, Path(place), devices.for_torch()[0].name)
        hardware = devices.for_torch()[0].hardware or "processor"
        print(f"{bench.device} ({hardware}), torch {torch.__version__}, {bench.half}, attention by ", end="")
        print(f"{attention.route(bench.device, bench.half)}; peak {bench.peak(bench.half) / 1e12:.1f} TFLOP/s")
        works = {shape.name: functools.partial(measure, bench, shape) for shape in SHAPES}
        failed = []
        works["beside"] = functools.partial(beside, bench)
        for name in asked.only or works:
            try:
                works[name]()
            except Exception:  # noqa: BLE001 - the others are still worth their time on a lent card
                failed.append(name)
                traceback.print_exc()
            if asked.json:
                asked.json.write_text(json.dumps(bench.found, indent=1))
        if failed:
            sys.exit(f"failed: {', '.join(failed)}")


def measure(bench: Bench, shape: Shape) -> None:
    began = time.perf_counter()
    folder = folder_of(bench, shape)
    count = 24 if bench.asked.small else shape.pairs
    lists = lists_of(bench, shape, count)
    inputs = [(query, text) for query, each in lists for text in each]
    tokens, done = operations_of(folder, shape, lists)
    print(
        f"\n{shape.name} ({shape.published}): {len(inputs)} inputs of {tokens:.0f} tokens, "
        f"{done / len(inputs) / 1e9:.1f} GFLOP each, made in {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    bench.half = own_half(folder)
    usual, expected = (0.0, None) if bench.asked.skip_usual else against(bench, shape, folder, inputs, done)
    exact = ours(bench, shape, folder, lists, done, "fp32", usual)
    if expected is not None:
        exactness(bench, shape, expected, exact[whole(inputs)])
    half = ours(bench, shape, folder, lists, done, bench.half, usual)
    closeness(bench, shape, lists, exact, half)


def own_half(folder: Path) -> str:
    """The precision that the module takes by itself; bf16 on a processor that takes fp32."""
    service = ScoringService(ScoreCache(limit=0))
    chosen = service.precision(model_of(folder))
    service.close()
    return "bf16" if chosen == "fp32" else chosen


def ours(
    bench: Bench, shape: Shape, folder: Path, lists: Lists, done: float, precision: str, usual: float
) -> np.ndarray:
    """All scores, or vectors, of one pass; prints what was measured."""
    os.environ["ZSR_TUI_PRECISION"] = precision
    service = ScoringService(ScoreCache(limit=0))
    began = time.perf_counter()
    encoder = service.encoder(model_of(folder)) if shape.kind == "bi-encoder" else None
    count = sum(len(each) for _, each in lists)

    def one_caller() -> np.ndarray:
        if encoder:
            return encoder.encode_documents(lists[0][1])
        return np.concatenate([scored(service, folder, query, each) for query, each in lists])

    def many_callers(rounds: int = 1) -> None:
        if encoder:
            encoder.encode_documents(lists[0][1])
            return
        with ThreadPoolExecutor(CALLERS) as callers:
            list(callers.map(lambda each: scored(service, folder, *each, interactive=False), [*lists] * rounds))

    result = one_caller()
    first = time.perf_counter() - began
    exact_only = precision == "fp32"
    if not exact_only:
        fused.settled(60)
        until = time.perf_counter() + 3 * bench.asked.seconds
        budget = Budget.of(service.fingerprint(model_of(folder)), devices.for_torch()[0])
        while time.perf_counter() < until and not budget.settled and not bench.asked.small:
            many_callers()
            budget = Budget.of(service.fingerprint(model_of(folder)), devices.for_torch()[0])
    line = f"  zsr-tui {precision}: first pass {first:.1f} s"
    alone = exact_only or encoder is not None
    rounds = 1 if alone or bench.asked.small else math.ceil(STEADY_S / timed(many_callers))
    steady = functools.partial(many_callers, rounds)
    for name, way, times in (("one caller", one_caller, 1), (f"{CALLERS} callers", steady, rounds)):
        if alone and name != "one caller":
            continue
        seconds = statistics.median(timed(way) / times for _ in range(1 if exact_only or bench.asked.small else 3))
        share = done / seconds / bench.peak(precision)
        line += f"; {name} {count / seconds:,.0f} a second, {share:.0%} of the peak"
        line += f", {count / seconds / usual:.2f} x usual" if usual and not exact_only else ""
        bench.note(shape.name, f"zsr-tui {precision}, {name}", rate=count / seconds, share=share)
    print(line, flush=True)
    if not exact_only:
        print(f"    batches of {budget.tokens:,} tokens{'' if budget.settled else ', not settled'}", end="")
        if bench.device.startswith("cuda"):
            busy(bench, shape, steady)
        print()
        if not encoder:
            waits(bench, shape, service, folder, lists)
    service.close()
    del os.environ["ZSR_TUI_PRECISION"]
    return result


def scored(service: ScoringService, folder: Path, query: str, each: Sequence[str], **how: Any) -> np.ndarray:
    rows = np.full(len(each), np.nan)
    for batch in service.score(model_of(folder), query, each, **how):
        rows[list(batch.indices)] = batch.scores
    return rows


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def busy(bench: Bench, shape: Shape, work: Callable[[], None]) -> None:
    """The share of the time in which a kernel runs, and with --profile which."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        took = timed(work)
        torch.cuda.synchronize()
    kernels = [event for event in seen.key_averages() if event.self_device_time_total]
    total = sum(event.self_device_time_total for event in kernels) / 1e6
    print(f", busy {total / took:.0%}", end="")
    bench.note(shape.name, "busy", share=total / took)
    if bench.asked.profile:
        for event in sorted(kernels, key=lambda event: -event.self_device_time_total)[:8]:
            share = event.self_device_time_total / 1e6 / total
            print(f"\n      {share:4.0%} {event.count:6} x {event.key[:70]}", end="")


def waits(bench: Bench, shape: Shape, service: ScoringService, folder: Path, lists: Lists) -> None:
    """What somebody at a screen waits for."""
    every = [text for _, each in lists for text in each]
    rounds = 2 if bench.asked.small else 12
    firsts, hundreds = [], []
    for place in range(rounds):
        query = lists[place % len(lists)][0]
        first, whole = rerank(service, folder, query, every[place * 7 : place * 7 + 100])
        firsts.append(first)
        hundreds.append(whole)
    line = f"    first ten of 100 after {median_ms(firsts)}, all after {median_ms(hundreds)}"
    if len(every) >= 1000:
        thousands = [rerank(service, folder, lists[each][0], every[:1000])[1] for each in range(3)]
        line += f", all of 1,000 after {median_ms(thousands)}"
        bench.note(shape.name, "1,000", ms=1000 * statistics.median(thousands))
    print(line, flush=True)
    bench.note(shape.name, "100", ms=1000 * statistics.median(hundreds), first_ms=1000 * statistics.median(firsts))


def rerank(service: ScoringService, folder: Path, query: str, each: Sequence[str]) -> tuple[float, float]:
    """Seconds to the first ten, and to all."""
    began, here, first = time.perf_counter(), set[int](), 0.0
    for batch in service.score(model_of(folder), query, each, owner="screen"):
        here |= set(batch.indices)
        if not first and set(range(min(10, len(each)))) <= here:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began


def median_ms(seconds: Sequence[float]) -> str:
    return f"{1000 * statistics.median(seconds):.1f} ms"


def beside(bench: Bench) -> None:
    """Reranks of 100 by MiniLM-L12's shape while monoT5-base's evaluates, and what the evaluation keeps."""
    by_name = {shape.name: shape for shape in SHAPES}
    quick, slow = folder_of(bench, by_name["minilm-l12"]), folder_of(bench, by_name["t5-base"])
    quick_lists, slow_lists = (lists_of(bench, by_name[each], 1000) for each in ("minilm-l12", "t5-base"))
    if bench.asked.small:
        quick_lists, slow_lists = quick_lists[:2], slow_lists[:2]
    service = ScoringService(ScoreCache(limit=0))
    stop, done = threading.Event(), [0]

    def evaluate(offset: int) -> None:
        place = offset
        while not stop.is_set():
            query, each = slow_lists[place % len(slow_lists)]
            for batch in service.score(model_of(slow), query, each, interactive=False, owner="evaluation"):
                done[0] += len(batch.indices)
                if stop.is_set():
                    return
            place += 1

    for query, each in (*quick_lists, *slow_lists[:2]):  # loads both, and finds kernels and batches
        scored(service, quick if (query, each) in quick_lists else slow, query, each)
    fused.settled(60)
    threads = [threading.Thread(target=evaluate, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    span = 0.5 if bench.asked.small else bench.asked.seconds

    def rate() -> float:
        before, began = done[0], time.perf_counter()
        stop.wait(span)
        while done[0] == before and all(thread.is_alive() for thread in threads):  # the machine has much else to do
            stop.wait(span)
        return (done[0] - before) / (time.perf_counter() - began)

    recorded = -1
    while recorded != (recorded := sum(len(each._graphs) for each in runner._runners)):  # until nothing is new
        stop.wait(max(span, STEADY_S))
    alone = rate()
    waited_s, before, began = [], done[0], time.perf_counter()
    for place in range(4 if bench.asked.small else RERANKS):
        query, each = quick_lists[place % len(quick_lists)]
        waited_s.append(rerank(service, quick, query, each)[1])
        stop.wait(0.03)
    meanwhile = (done[0] - before) / (time.perf_counter() - began)
    stop.set()
    for thread in threads:
        thread.join()
    service.close()
    late = sorted(waited_s)[max(0, math.ceil(0.99 * len(waited_s)) - 1)]
    print(
        f"\nreranks of {len(quick_lists[0][1])} beside a background evaluation: p50 {median_ms(waited_s)}, p99 "
        f"{1000 * late:.1f} ms; the background does {meanwhile:,.0f} a second, {meanwhile / max(alone, 1e-9):.0%} of "
        f"{alone:,.0f} alone"
    )
    bench.note("beside", "wait", p50_ms=1000 * statistics.median(waited_s), p99_ms=1000 * late, kept=meanwhile / alone)


if __name__ == "__main__":
    main()
