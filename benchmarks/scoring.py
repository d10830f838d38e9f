"""The scoring module against what people use today, on the same pairs, in one run.

    .venv/bin/python benchmarks/scoring.py [--dataset beir/scifact/test] [--reranker FOLDER] [--pairs 200] [--repeats 5]

* cross-encoder: `CrossEncoder.predict` at its defaults; `ScoringService.score` at fp32 and at the device's precision,
  query after query, without the cache
* bi-encoder: `SentenceTransformer.encode` at its defaults; `Encoder.encode_documents` at fp32 and at the device's
* the first ten rows of a rerank of 100, and the same rerank once more from the cache

sentence-transformers runs in a process of its own and in fp32, as most checkpoints are stored and loaded: it would
load one that is stored in fp16 as such, which is ten times slower on a processor. The contenders run in turn (A B C A
B C ...), after a warm-up in which batch sizes are found. A ratio is the median of the ratios of the rounds, by the
clock and by processor time. Scores are compared with those of sentence-transformers at fp32, raw logits. The peak is
that of a product of two 2048 x 2048 matrices, measured in every round at the same precision. Floating-point
operations are those of the real tokens, n of each input, padding not counted: layers * (2n * (4 * h * h + 2 * h * f)
+ 4 * n * n * h) for BERT, h hidden, f feed-forward; see zsr_tui/scoring/models/operations.py.

Without --reranker the cross-encoder is one of MiniLM-L-12's shape with random weights. A short run: --pairs 30
--repeats 1. OMP_NUM_THREADS sets the threads of all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import candidates
import numpy as np
import torch
from candidates import Ranked
from transformers import AutoTokenizer
from transformers.utils import logging
from usual import Timed, Usual

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.measuring.peak import matrix_product_peak
from zsr_tui.scoring.models import catalogue, checkpoint, operations, weights
from zsr_tui.scoring.queue.budget import Budget
from zsr_tui.scoring.queue.memory import keep_freed_memory
from zsr_tui.scoring.service import Encoder, ScoringService

WARM_UPS = 6
FIRST, RERANKED = 10, 100
Run = Callable[[], Timed]


@dataclass
class Contender:
    name: str
    precision: str
    run: Run
    budget: Callable[[], Budget] | None = None  # of the batches that it makes
    result: np.ndarray = field(default_factory=lambda: np.empty(0))
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    def warm_up(self) -> None:
        for _ in range(WARM_UPS):
            self.result, _, _ = self.run()
            if self.budget is None or self.budget().settled:
                return

    def time(self, device: str) -> None:
        _, clock, processor = self.run()
        self.clock.append(clock)
        self.processor.append(processor)
        self.peaks.append(matrix_product_peak(device, self.precision))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="demo")
    parser.add_argument("--reranker", help="the folder or name of a cross-encoder")
    parser.add_argument("--encoder", default=catalogue.DEFAULT_ENCODER, help="the folder or name of a bi-encoder")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--skip", action="append", default=[], choices=["cross-encoder", "bi-encoder", "interactive"])
    asked = parser.parse_args()
    keep_freed_memory()  # as the engine does
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with tempfile.TemporaryDirectory() as place:
            measure(asked, Path(place))
    except Problem as problem:
        sys.exit(problem.message)


def measure(asked: argparse.Namespace, place: Path) -> None:
    lists = candidates.of(asked.dataset, max(asked.pairs, RERANKED), RERANKED)
    first, lists = max(lists, key=lambda each: len(each.ids)), shortened(lists, asked.pairs)
    print(
        f"{torch.get_num_threads()} threads, device {devices.for_torch()[0].name}, precision "
        f"{devices.torch_precision()}; {asked.dataset}: {sum(len(each.ids) for each in lists)} pairs of "
        f"{len(lists)} queries, {asked.repeats} rounds"
    )
    reranker = asked.reranker or str(candidates.random_reranker(place / "MiniLM-L-12-random"))
    if not asked.reranker:
        print("the cross-encoder has MiniLM-L-12's shape and random weights: its scores mean nothing, its speed does")
    if "cross-encoder" not in asked.skip:
        cross_encoder(reranker, lists, asked.repeats)
    if "bi-encoder" not in asked.skip:
        bi_encoder(asked.encoder, lists, asked.repeats)
    if "interactive" not in asked.skip:
        first_rows(reranker, first, asked.repeats)
        warm_repeat(reranker, first, place / "scores.sqlite3")


def shortened(lists: Sequence[Ranked], pairs: int) -> list[Ranked]:
    """The first `pairs` pairs."""
    found: list[Ranked] = []
    for each in lists:
        left = pairs - sum(len(other.ids) for other in found)
        if left > 0:
            found.append(Ranked(each.qid, each.query, each.ids[:left], each.texts[:left], each.judgments))
    return found


def precisions() -> list[str]:
    return list(dict.fromkeys(["fp32", devices.torch_precision()]))


def folder_of(model: str) -> Path:
    return weights.resolve(model, precision="fp32").path


@contextmanager
def precision_of(precision: str) -> Iterator[None]:
    """ZSR_TUI_PRECISION for as long as a model's files are resolved, which is when it is read."""
    os.environ["ZSR_TUI_PRECISION"] = precision
    try:
        yield
    finally:
        del os.environ["ZSR_TUI_PRECISION"]


def budget_of(service: ScoringService, model: str, precision: str) -> Budget:
    with precision_of(precision):
        return Budget.of(service.fingerprint(model), devices.for_torch()[0])


def cross_encoder(model: str, lists: Sequence[Ranked], repeats: int) -> None:
    reference = Usual("CrossEncoder", str(folder_of(model)))
    pairs = [(each.query, text) for each in lists for text in each.texts]
    contenders = [Contender("CrossEncoder.predict", "fp32", lambda: reference.run(pairs))]
    services = []
    for precision in precisions():
        service = ScoringService(ScoreCache(limit=0))
        services.append(service)

        def run(service: ScoringService = service, precision: str = precision) -> Timed:
            with precision_of(precision):
                return timed(lambda: np.concatenate([scored(service, model, each) for each in lists]))

        def found(service: ScoringService = service, precision: str = precision) -> Budget:
            return budget_of(service, model, precision)

        contenders.append(Contender(f"zsr-tui {precision}", precision, run, found))
    exact = reference.logits(pairs)
    lengths = lengths_of(model, [query for query, _ in pairs], [text for _, text in pairs])
    compare("cross-encoder", "pairs", contenders, folder_of(model), lengths, repeats)
    print(f"  nDCG@10 of CrossEncoder at fp32: {ndcg(lists, exact):.4f}")
    for contender in contenders[1:]:
        inside = [tau(contender.result[part], exact[part]) for part in parts(lists)]
        print(
            f"  {contender.name} against fp32 scores: Kendall tau {tau(contender.result, exact):.4f}, by list "
            f"{np.mean(inside):.4f} (lowest {min(inside):.4f}); largest difference "
            f"{np.abs(contender.result - exact).max():.1e}; nDCG@10 "
            f"{ndcg(lists, contender.result) - ndcg(lists, exact):+.4f}"
        )
    for closing in (reference, *services):
        closing.close()


def timed(work: Callable[[], np.ndarray]) -> Timed:
    began, used = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - began, time.process_time() - used


def lengths_of(model: str, texts: list[str], pairs: list[str] | None = None) -> list[int]:
    """Numbers of tokens, cut where the model cuts."""
    tokenizer = AutoTokenizer.from_pretrained(folder_of(model), local_files_only=True)
    longest = catalogue.describe(model).max_length or tokenizer.model_max_length
    return [*map(len, tokenizer(texts, pairs, truncation="longest_first", max_length=longest)["input_ids"])]


def scored(service: ScoringService, model: str, ranked: Ranked) -> np.ndarray:
    scores = np.full(len(ranked.texts), np.nan)
    for batch in service.score(model, ranked.query, ranked.texts):
        scores[list(batch.indices)] = batch.scores
    return scores


def bi_encoder(model: str, lists: Sequence[Ranked], repeats: int) -> None:
    reference = Usual("SentenceTransformer", str(folder_of(model)))
    texts = [text for each in lists for text in each.texts]
    contenders = [Contender("SentenceTransformer.encode", "fp32", lambda: reference.run(texts))]
    services = []
    for precision in precisions():
        service = ScoringService(ScoreCache(limit=0))
        services.append(service)
        with precision_of(precision):
            encoder = service.encoder(model)

        def run(encoder: Encoder = encoder) -> Timed:
            return timed(lambda: encoder.encode_documents(texts))

        def found(service: ScoringService = service, precision: str = precision) -> Budget:
            return budget_of(service, model, precision)

        contenders.append(Contender(f"zsr-tui {precision}", precision, run, found))
    compare("bi-encoder", "texts", contenders, folder_of(model), lengths_of(model, texts), repeats)
    exact = contenders[0].result
    for contender in contenders[1:]:
        lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(contender.result, axis=1)
        cosine = (exact * contender.result).sum(axis=1) / lengths
        print(
            f"  {contender.name} against {contenders[0].name}: largest difference of a number "
            f"{np.abs(contender.result - exact).max():.1e}, lowest cosine {cosine.min():.6f}"
        )
    for closing in (reference, *services):
        closing.close()


def compare(
    what: str, unit: str, contenders: Sequence[Contender], folder: Path, tokens: Sequence[int], repeats: int
) -> None:
    """Times the contenders in turn and prints their speeds; ratios are to the first."""
    device = devices.for_torch()[0].name
    for contender in contenders:
        contender.warm_up()
    for _ in range(repeats):
        for contender in contenders:
            contender.time(device)
    shapes = operations.shapes(checkpoint.read_json(folder / "config.json"), what)
    done = sum(map(shapes.operations, tokens)) if shapes else None
    print(f"\n{what}: {len(tokens)} {unit} of {np.mean(tokens):.0f} tokens on average", end="")
    print(f", {done / len(tokens) / 1e9:.2f} GFLOP each" if done else "")
    first = contenders[0]
    for contender in contenders:
        line = f"  {contender.name:27} {len(tokens) / statistics.median(contender.clock):8.2f} {unit}/s"
        if contender is not first:
            line += f"   ratio {middle(first.clock, contender.clock):.2f}"
            line += f" (by processor time {middle(first.processor, contender.processor):.2f})"
        if done:
            reached = [done / seconds for seconds in contender.clock]
            peak = f"the peak at {contender.precision}, {statistics.median(contender.peaks) / 1e9:,.0f} GFLOP/s"
            line += f"   {middle(reached, contender.peaks):.0%} of {peak}"
        if contender.budget:
            budget = contender.budget()
            line += f"   batches of {budget.tokens:,} tokens{'' if budget.settled else ', not settled'}"
        print(line)


def middle(above: Sequence[float], below: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def first_rows(model: str, ranked: Ranked, repeats: int) -> None:
    service = ScoringService(ScoreCache(limit=0))
    shares, wholes = [], []
    scored(service, model, ranked)  # loads the model
    for _ in range(repeats):
        began, here, first = time.perf_counter(), set[int](), 0.0
        for batch in service.score(model, ranked.query, ranked.texts):
            here |= set(batch.indices)
            if not first and set(range(FIRST)) <= here:
                first = time.perf_counter() - began
        wholes.append(time.perf_counter() - began)
        shares.append(first / wholes[-1])
    service.close()
    print(
        f"\nfirst {FIRST} of {len(ranked.texts)} reranked: after {statistics.median(shares):.0%} of "
        f"{statistics.median(wholes):.2f} s"
    )


def warm_repeat(model: str, ranked: Ranked, file: Path) -> None:
    service = ScoringService(ScoreCache(file, limit=10**9))
    scored(service, model, ranked)
    service.close()
    again = ScoringService(ScoreCache(file, limit=10**9))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        scored(again, model, ranked)
        times.append((time.perf_counter() - began) * 1000)
    loaded = "no model loaded" if not again.status() else "A MODEL WAS LOADED"
    again.close()
    print(
        f"the same {len(ranked.texts)} from the cache, {loaded}: {times[0]:.0f} ms in a new service, then "
        f"{statistics.median(times[1:]):.0f} ms"
    )


def parts(lists: Sequence[Ranked]) -> list[slice]:
    """Where each list lies in the scores of all."""
    ends = np.cumsum([len(each.ids) for each in lists]).tolist()
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False) if end - start > 1]


def tau(one: np.ndarray, other: np.ndarray) -> float:
    from scipy.stats import kendalltau

    return float(kendalltau(one, other).statistic)


def ndcg(lists: Sequence[Ranked], scores: np.ndarray) -> float:
    import ir_measures

    places = np.cumsum([0, *(len(each.ids) for each in lists)]).tolist()
    run = {
        each.qid: dict(zip(each.ids, scores[start : start + len(each.ids)].tolist(), strict=True))
        for each, start in zip(lists, places, strict=False)
    }
    qrels = {each.qid: dict(each.judgments) for each in lists}
    measure = ir_measures.nDCG @ 10
    return float(ir_measures.calc_aggregate([measure], qrels, run)[measure])


if __name__ == "__main__":
    main()
