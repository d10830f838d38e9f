"""Would products in 8-bit floating point pay? What they gain in speed, and what they cost in the order of scores.

    python benchmarks/fp8.py [--small] [--reranker FOLDER --lists FILE [--queries 40]]

Needs what `gpu.py` needs. Rounded to fp8 (e4m3) are the weights of all layers, with a scale for each row of a weight,
and what they are multiplied with, with a scale for each token, found when it comes: the finest scales that torch's
scaled products take. Everything else is fp32.

First the products of two published shapes in bf16 and in fp8, with and without finding the scales. Then Kendall's tau
against fp32 of bf16's scores and of fp8's: of Qwen3-Reranker-4B's shape with random weights, and, with --reranker and
--lists (as `gpu.py` takes them), of a real cross-encoder. --small runs tiny shapes on any processor.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from gpu_inputs import Bench, lists_of
from scipy.stats import kendalltau
from shapes import SHAPES
from torch import nn
from torch.nn.functional import ScalingType, linear, scaled_mm

LARGEST = torch.finfo(torch.float8_e4m3fn).max
# Of one layer, (in, out): queries, keys and values; behind attention; up; down.
LAYERS = {
    "Qwen3-Reranker-4B": ((2560, 6144), (4096, 2560), (2560, 19456), (9728, 2560)),
    "bge-reranker-large": ((1024, 3072), (1024, 1024), (1024, 4096), (4096, 1024)),
}
TOKENS, DECODER_INPUTS, DECODER_TOKENS = 16_384, 256, 375
ROUNDS = 20
Linear = Callable[[torch.Tensor], torch.Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--reranker", type=Path)
    parser.add_argument("--lists", type=Path)
    parser.add_argument("--queries", type=int, default=40, help="of --lists")
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    hardware = torch.cuda.get_device_name() if device == "cuda" else "processor"
    print(f"{device} ({hardware}), torch {torch.__version__}")
    with torch.inference_mode():
        for name, sides in LAYERS.items():
            products(name, [(64, 128)] if asked.small else sides, 256 if asked.small else TOKENS, device)
        decoder(asked.small, device)
        if asked.reranker and asked.lists:
            reranker(asked, device)


def scaled(states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """In fp8, and the scale of each row."""
    scale = states.abs().amax(-1, keepdim=True).float().clamp(min=1e-12) / LARGEST
    return (states.float() / scale).to(torch.float8_e4m3fn), scale


def multiplied(
    states: torch.Tensor, scale: torch.Tensor, weight: torch.Tensor, weight_scale: torch.Tensor
) -> torch.Tensor:
    """Both of fp8, with the scales of their rows: in bf16, of shape (tokens, out)."""
    by_row = ScalingType.RowWise
    return scaled_mm(states, weight.T, scale, by_row, weight_scale.T, by_row, output_dtype=torch.bfloat16)


def products(name: str, sides: Sequence[tuple[int, int]], tokens: int, device: str) -> None:
    """Seconds of a layer's products."""
    finding = torch.compile(scaled) if device == "cuda" else scaled
    took: dict[str, list[float]] = {"bf16": [], "fp8, scales known": [], "fp8": []}
    for inner, outer in sides:
        states = torch.randn(tokens, inner, device=device, dtype=torch.bfloat16)
        weight = torch.randn(outer, inner, device=device, dtype=torch.bfloat16)
        small, weight_scale = scaled(weight)
        known, scale = scaled(states)
        ways: dict[str, Callable[[], Any]] = {
            "bf16": lambda states=states, weight=weight: linear(states, weight),
            "fp8, scales known": lambda given=(known, scale, small, weight_scale): multiplied(*given),
            "fp8": lambda states=states, given=(small, weight_scale): multiplied(*finding(states), *given),
        }
        for way, run in ways.items():
            took[way].append(seconds(run, device))
    operations = sum(2 * tokens * inner * outer for inner, outer in sides)
    for way, each in took.items():
        line = f"  {way:18}{1000 * sum(each):9.3f} ms, {operations / sum(each) / 1e12:7.1f} TFLOP/s"
        print(f"{name}, a layer's products with {tokens:,} tokens\n{line}" if way == "bf16" else line, end="")
        print(f", {sum(took['bf16']) / sum(each):.2f} times as fast as bf16; by product", end="")
        print("", ", ".join(f"{one / other:.2f}" for one, other in zip(took["bf16"], each, strict=True)), flush=True)


def seconds(run: Callable[[], Any], device: str) -> float:
    """Of one call: the median of rounds of five, which a GPU is asked for at once."""
    found = []
    for _ in range(ROUNDS + 3):
        _wait(device)
        began = time.perf_counter()
        for _ in range(5):
            run()
        _wait(device)
        found.append((time.perf_counter() - began) / 5)
    return statistics.median(found[3:])


def rounding(layer: nn.Linear, precision: str) -> Linear:
    """The layer with both sides of its product rounded."""
    bias = layer.bias
    if precision == "bf16":
        rounded = layer.weight.to(torch.bfloat16)
        found: Linear = lambda states: linear(states.to(torch.bfloat16), rounded)  # noqa: E731
    else:
        small, scale = scaled(layer.weight)
        found = lambda states: multiplied(*scaled(states.flatten(0, -2)), small, scale).unflatten(0, states.shape[:-1])  # noqa: E731
    return lambda states: found(states).float() + (0.0 if bias is None else bias)


def compare(name: str, layers: nn.Module, score: Callable[[], torch.Tensor]) -> None:
    exact = score().cpu().numpy()
    linears = [each for each in layers.modules() if isinstance(each, nn.Linear)]
    for precision in ("bf16", "fp8"):
        for each in linears:
            each.forward = rounding(each, precision)
        rounded = score().cpu().numpy()
        for each in linears:
            del each.forward
        tau = float(kendalltau(exact, rounded).statistic)
        print(f"{name}, {precision} against fp32: {len(exact)} scores, tau {tau:.4f}, ", end="")
        print(f"largest difference {abs(exact - rounded).max():.1e} of a deviation of {exact.std():.1e}", flush=True)


def decoder(small: bool, device: str) -> None:
    (shape,) = (each for each in SHAPES if each.name == "qwen3-4b")
    torch.manual_seed(0)
    with torch.device(device):
        model = shape.make(small).float().eval()
        inputs = torch.randint(0, 20_000, (16 if small else DECODER_INPUTS, 32 if small else DECODER_TOKENS))

    def score() -> torch.Tensor:
        last = torch.cat([model.model(ids).last_hidden_state[:, -1] for ids in inputs.split(16)])
        yes, no = model.lm_head.weight[:2]
        return last @ (yes - no)

    compare(f"{shape.published}'s shape", model.model.layers, score)


def reranker(asked: argparse.Namespace, device: str) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    (shape,) = (each for each in SHAPES if each.name == "minilm-l12")
    pairs = [(query, text) for query, each in lists_of(Bench(asked, Path()), shape, 1000) for text in each]
    pairs = pairs[: None if device == "cuda" else 200]
    tokenizer: Any = AutoTokenizer.from_pretrained(asked.reranker)
    model: Any = AutoModelForSequenceClassification.from_pretrained(asked.reranker, dtype=torch.float32)
    model = model.to(device).eval()

    def score() -> torch.Tensor:
        found = []
        for start in range(0, len(pairs), 20):
            queries, texts = map(list, zip(*pairs[start : start + 20], strict=True))
            options = {"padding": True, "truncation": "longest_first", "max_length": 512, "return_tensors": "pt"}
            found.append(model(**tokenizer(queries, texts, **options).to(device)).logits[:, 0])
        return torch.cat(found)

    compare(asked.reranker.name, model.base_model.encoder, score)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
