"""What the figures of `gpu.py` are compared by: the ways that people use today, and the scores of fp32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import usual_ways
from gpu_inputs import Bench, Lists, depth_of
from shapes import Shape

EXACT = 256  # inputs that are scored by the usual way in fp32, to hold ours against
UNCUT = 480  # words of one, at most: monoT5's usual way cuts off the end of its prompt, ours cuts the document


def against(
    bench: Bench, shape: Shape, folder: Path, inputs: Sequence[tuple[str, str]], done: float
) -> tuple[float, np.ndarray]:
    """The usual ways: inputs a second of the best in half precision, and what fp32 gives for the inputs at `whole`."""
    best, exact = 0.0, np.empty(0)
    for precision, sizes in {"fp32": (32,), bench.half: (32, 128, 256)}.items():
        run = usual_ways.of(shape.kind, folder, bench.device, precision)
        for size in sizes[:1] if bench.asked.small else sizes:
            rate = usual_ways.rate(run, inputs, size, bench.device, bench.asked.seconds)
            share = rate * done / len(inputs) / bench.peak(precision)
            print(f"  usual {precision} batch {size:3}: {rate:9,.0f} a second   {share:4.0%} of the peak", flush=True)
            bench.note(shape.name, f"usual {precision} {size}", rate=rate, share=share)
            best = max(best, rate) if precision == bench.half else best
        if precision == "fp32":
            exact = np.asarray(run([inputs[place] for place in whole(inputs)], 32))
        del run
        usual_ways.free(bench.device)
    return best, exact


def whole(inputs: Sequence[tuple[str, str]]) -> list[int]:
    """Places of the first inputs that are short enough for no way to cut them."""
    return [place for place, pair in enumerate(inputs) if len(" ".join(pair).split()) <= UNCUT][:EXACT]


def exactness(bench: Bench, shape: Shape, usual: np.ndarray, ours: np.ndarray) -> None:
    """How far our fp32 is from the usual way's, beside the standard deviation of those."""
    far = float(np.abs(usual - ours).max())
    print(f"    fp32 against the usual way's: largest difference {far:.1e} of {usual.std():.1e}")
    bench.note(shape.name, "exactness", difference=far)


def closeness(bench: Bench, shape: Shape, lists: Lists, exact: np.ndarray, half: np.ndarray) -> None:
    from scipy.stats import kendalltau

    if shape.kind == "bi-encoder":
        lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(half, axis=1)
        lowest = float(((exact * half).sum(axis=1) / lengths).min())
        print(f"    {bench.half} against fp32: lowest cosine {lowest:.6f}")
        bench.note(shape.name, "closeness", cosine=lowest)
        return
    tau = float(kendalltau(exact, half).statistic)
    line = f"    {bench.half} against fp32: tau {tau:.5f}, largest difference {np.abs(exact - half).max():.1e}"
    line += f" of scores whose standard deviation is {exact.std():.1e}"
    if shape.name == "minilm-l12" and bench.asked.lists:
        line += f", nDCG@10 {ndcg(bench, half):.4f} against {ndcg(bench, exact):.4f} ({len(lists)} queries)"
    print(line, flush=True)
    bench.note(shape.name, "closeness", tau=tau, difference=float(np.abs(exact - half).max()))


def ndcg(bench: Bench, scores: np.ndarray) -> float:
    """nDCG@10 of the lists that were read, the gains linear, as trec_eval has them; relevant documents that are in no
    list count as missed."""
    from sklearn.metrics import ndcg_score

    known = bench.known()
    found, left = [], list(scores)
    for qid, ids in known["lists"].items():
        if not left:
            break
        judged = known["qrels"].get(qid, {})
        listed = ids[: depth_of(bench)]
        missed = [grade for doc, grade in judged.items() if doc not in set(listed)]
        grades = [judged.get(doc, 0) for doc in listed] + missed
        values = [float(score) for score in left[: len(listed)]]
        left = left[len(listed) :]
        found.append(ndcg_score([grades], [values + [min(values) - 1.0] * len(missed)], k=10) if any(grades) else 0.0)
    return float(np.mean(found))
