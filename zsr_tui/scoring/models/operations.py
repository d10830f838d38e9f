"""Floating-point operations of a transformer's forward pass, counted from the shapes in its config.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BERT = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "mpnet")
_LLAMA = ("llama", "mistral", "qwen2", "qwen3", "gemma")
_T5 = ("t5", "mt5")
_NAMES = ("hidden_size", "num_hidden_layers", "intermediate_size")


@dataclass(frozen=True, slots=True)
class Shapes:
    """Of the layers that every input token goes through: an encoder's, or a causal language model's.

    `attention` is heads times their width, `keys` the same for the heads of keys and values; `products` of a
    feed-forward block: 2, or 3 where it is gated. `every_token` are the weights of what follows the layers at every
    token, as the projection to the vocabulary of a learned sparse model.
    """

    layers: int
    hidden: int
    attention: int
    keys: int
    feed_forward: int
    products: int = 2
    causal: bool = False
    every_token: int = 0
    window: int = 0  # tokens that a token of a local layer sees, itself included; 0 where there are no such layers
    local: int = 0  # how many of the layers are local

    def operations(self, tokens: int) -> float:
        """Of one input of so many real tokens, padding not counted; a multiplication and an addition are two:

            layers * 2n * (2*h*a + 2*h*k + p*h*f) + (layers - local) * 4*n*n*a + local * 4*n*min(n, w)*a + 2n*e

        with n tokens, w window, h hidden, a attention, k keys, p products, f feed_forward, e every_token. A causal
        model's products of attention (4*n*n*a) count half. What happens once an input is left out (a pooler, one step
        of a decoder): less than 1 % of inputs of a hundred tokens.
        """
        n, h = tokens, self.hidden
        linear = 2 * h * self.attention + 2 * h * self.keys + self.products * h * self.feed_forward
        seen = (self.layers - self.local) * n + self.local * min(n, self.window)
        pairs = 4 * n * seen * self.attention * (0.5 if self.causal else 1.0)
        return self.layers * 2 * n * linear + pairs + 2 * n * self.every_token


def shapes(config: Mapping[str, Any], family: str) -> Shapes | None:
    """Of a model's config.json; None for an architecture that is not counted here."""
    kind = config.get("model_type")
    if kind in _BERT or kind == "distilbert":
        names = ("dim", "n_layers", "hidden_dim") if kind == "distilbert" else _NAMES
        hidden, layers, feed_forward = (int(config[name]) for name in names)
        vocabulary = hidden * hidden + hidden * int(config["vocab_size"]) if family == "sparse" else 0
        return Shapes(layers, hidden, hidden, hidden, feed_forward, every_token=vocabulary)
    if kind in _T5:
        heads = int(config["num_heads"]) * int(config["d_kv"])
        products = 3 if str(config.get("feed_forward_proj", "relu")).startswith("gated") else 2
        return Shapes(int(config["num_layers"]), int(config["d_model"]), heads, heads, int(config["d_ff"]), products)
    if kind == "modernbert":
        hidden, layers, feed_forward = (int(config[name]) for name in _NAMES)
        kinds = config.get("layer_types") or [
            "full_attention" if layer % int(config.get("global_attn_every_n_layers", 3)) == 0 else "sliding_attention"
            for layer in range(layers)
        ]
        local = sum(each != "full_attention" for each in kinds)
        window = int(config.get("local_attention", 128)) + 1
        return Shapes(layers, hidden, hidden, hidden, feed_forward, products=3, window=window, local=local)
    if kind in _LLAMA:
        hidden, layers, feed_forward = (int(config[name]) for name in _NAMES)
        heads = int(config["num_attention_heads"])
        width = int(config.get("head_dim") or hidden // heads)
        keys = int(config.get("num_key_value_heads") or heads) * width
        return Shapes(layers, hidden, heads * width, keys, feed_forward, products=3, causal=True)
    return None
