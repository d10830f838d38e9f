"""monoT5: pairs per second against the usual ways, on the same pairs, in one run.

    .venv/bin/python benchmarks/monot5.py [--model FOLDER] [--pairs 64] [--tokens 374] [--threads N] [--only-fp32]

* generate: `generate(max_new_tokens=1, output_scores=True)`, batches of 8 as the pairs come
* full logits: one forward pass of the decoder with all logits (pygaggle's way), batches of 8 as the pairs come
* zsr-tui: two rows of the output projection, batches of similar length by token budget

The usual ways run in a process of their own: what the engine sets for its memory is not there. All read the same 512
tokens at most. Without a folder the model has the shape of t5-small and random weights: its
scores mean nothing, its speed is that of the real one. Each way runs three times, turn by turn; the median counts.
Ratios are given by the clock and by processor time; on a machine that others use, the latter with one thread is the one
to read. Scores of pairs that fit into 512 tokens are compared with the full logits at fp32: of a longer one the usual
ways cut off the end of the prompt, zsr-tui the end of the document.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, T5Config, T5ForConditionalGeneration, T5Tokenizer
from transformers.utils import logging

from zsr_tui.scoring import devices
from zsr_tui.scoring.families import monot5
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.memory import keep_freed_memory
from zsr_tui.scoring.scorer import Prepared

USUAL_BATCH = 8  # pygaggle's default
ROUNDS = 3
T5_SMALL = {
    "vocab_size": 32128, "d_model": 512, "d_kv": 64, "num_heads": 8, "d_ff": 2048, "num_layers": 6,
    "decoder_start_token_id": 0,
}  # fmt: skip
Run = Callable[[], np.ndarray]
Timed = tuple[np.ndarray, float, float]  # scores, seconds by the clock, seconds of the processors
_usual: dict[str, Run] = {}  # in the process of the usual ways


def random_checkpoint(folder: Path) -> Path:
    """The shape of t5-small; words of 5 letters are tokens."""
    torch.manual_seed(0)
    chance = random.Random(0)
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -20.0)]
    pieces += [(f"▁{word}", -5.0) for word in ("true", "false", "Query:", "Document:", "Relevant:")]
    words = {"".join(chance.choices("abcdefghijklmnop", k=5)) for _ in range(20_000)}
    pieces += [(f"▁{word}", -9.0) for word in sorted(words)]
    T5Tokenizer(vocab=pieces, extra_ids=0, additional_special_tokens=[], model_max_length=512).save_pretrained(folder)
    T5ForConditionalGeneration(T5Config(**T5_SMALL)).save_pretrained(folder)
    return folder


def random_pairs(folder: Path, count: int, tokens: int) -> tuple[str, list[str]]:
    """A query, and texts whose lengths vary about `tokens` as abstracts' do (a quarter of it is the deviation)."""
    vocabulary = AutoTokenizer.from_pretrained(folder).get_vocab()
    words = sorted(piece[1:] for piece in vocabulary if piece.startswith("▁") and piece[1:].isalpha())
    chance = random.Random(1)
    lengths = [max(8, round(chance.gauss(tokens - 20, tokens / 4))) for _ in range(count)]
    return " ".join(chance.choices(words, k=12)), [" ".join(chance.choices(words, k=length)) for length in lengths]


def usual(folder: Path, precision: str, query: str, texts: list[str]) -> dict[str, Run]:
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    model: Any = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=dtype).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    pair = tokenizer.convert_tokens_to_ids(["▁true", "▁false"])
    prompts = [f"Query: {query} Document: {text} Relevant:" for text in texts]

    def run(logits_of: Callable[[Any], torch.Tensor]) -> np.ndarray:
        found = []
        with torch.inference_mode():
            for start in range(0, len(prompts), USUAL_BATCH):
                batch = prompts[start : start + USUAL_BATCH]
                inputs = tokenizer(batch, padding=True, truncation=True, max_length=512, return_tensors="pt")
                found.append(logits_of(inputs)[:, pair].float().log_softmax(dim=-1)[:, 0])
        return torch.cat(found).numpy()

    def generated(inputs: Any) -> torch.Tensor:
        answer = model.generate(
            **inputs, max_new_tokens=1, do_sample=False, output_scores=True, return_dict_in_generate=True
        )
        scores: torch.Tensor = answer.scores[0]
        return scores

    def full(inputs: Any) -> torch.Tensor:
        start = torch.full((len(inputs["input_ids"]), 1), model.config.decoder_start_token_id)
        logits: torch.Tensor = model(**inputs, decoder_input_ids=start).logits[:, -1]
        return logits

    return {f"generate {precision}": lambda: run(generated), f"full logits {precision}": lambda: run(full)}


def prepare(folder: Path, precisions: Sequence[str], query: str, texts: list[str], threads: int) -> None:
    """The usual ways, in the process that this is called in."""
    quiet(threads)
    for precision in precisions:
        _usual.update(usual(folder, precision, query, texts))


def run_usual(name: str) -> Timed:
    return timed(_usual[name])


def timed(run: Run) -> Timed:
    began, used = time.perf_counter(), time.process_time()
    found = run()
    return found, time.perf_counter() - began, time.process_time() - used


def quiet(threads: int) -> None:
    torch.set_num_threads(threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def in_batches(inputs: Sequence[Prepared], tokens: int) -> list[list[int]]:
    """Positions, longest first, so that a batch has at most `tokens`."""
    batches: list[list[int]] = []
    for position in sorted(range(len(inputs)), key=lambda index: -inputs[index].tokens):
        if batches and inputs[batches[-1][0]].tokens * (len(batches[-1]) + 1) <= tokens:
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches


def ours(folder: Path, precision: str, query: str, texts: list[str]) -> Run:
    device = devices.Device("cpu", 10**11, devices.CPU_TOKENS)
    info = catalogue.describe(str(folder))
    model = monot5.MonoT5(
        ResolvedModel(
            folder, (), "", "transformers", precision, info, catalogue.recipe_of(str(folder)), fingerprint=""
        ),
        device,
    )

    def run() -> np.ndarray:
        prepared = model.prepare(query, texts)
        scores = np.zeros(len(texts), dtype=np.float32)
        for batch in in_batches(prepared, device.tokens):
            scores[batch] = model.run([prepared[index] for index in batch])
        return scores

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="the folder of a monoT5 model")
    parser.add_argument("--pairs", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=374, help="of a pair on average")
    parser.add_argument("--only-fp32", action="store_true", help="for processors without bf16, which take minutes")
    parser.add_argument("--threads", type=int, default=devices.cores())
    arguments = parser.parse_args()
    quiet(arguments.threads)
    keep_freed_memory()  # as the engine does
    precisions = ("fp32",) if arguments.only_fp32 else ("fp32", "bf16")
    with tempfile.TemporaryDirectory() as place:
        folder = (arguments.model or random_checkpoint(Path(place))).absolute()
        query, texts = random_pairs(folder, arguments.pairs, arguments.tokens)
        given = (folder, precisions, query, texts, arguments.threads)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), prepare, given) as other:
            ways: dict[str, Callable[[], Timed]] = {}
            for precision in precisions:
                for name in (f"generate {precision}", f"full logits {precision}"):
                    ways[name] = lambda name=name: other.submit(run_usual, name).result()
                ways[f"zsr-tui {precision}"] = partial(timed, ours(folder, precision, query, texts))
            report(ways, whole(folder, query, texts))


def whole(folder: Path, query: str, texts: list[str]) -> np.ndarray:
    """Which pairs fit."""
    prompts = [f"Query: {query} Document: {text} Relevant:" for text in texts]
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    return np.array([len(ids) <= 512 for ids in tokenizer(prompts)["input_ids"]])


def report(ways: dict[str, Callable[[], Timed]], fits: np.ndarray) -> None:
    pairs = len(fits)
    scores = {name: run()[0] for name, run in ways.items()}  # the first time is not counted
    clock: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            _, by_clock, by_work = run()
            clock[name].append(by_clock)
            processor[name].append(by_work)
    seconds = {name: statistics.median(each) for name, each in clock.items()}
    work = {name: statistics.median(each) for name, each in processor.items()}
    exact, usual_ways = scores["full logits fp32"], ("generate fp32", "full logits fp32")
    print(f"{torch.get_num_threads()} threads, {pairs} pairs; ratios to the faster of the two usual ways at fp32")
    for name in ways:
        by_clock, by_work = (min(each[way] for way in usual_ways) / each[name] for each in (seconds, work))
        print(
            f"{name:18} {pairs / seconds[name]:7.2f} pairs/s   ratio {by_clock:5.2f}   by processor time "
            f"{by_work:5.2f}   largest difference {np.abs(scores[name] - exact)[fits].max():.1e}"
        )


if __name__ == "__main__":
    main()
