"""The fused steps as Triton kernels, for CUDA: each reads its input once and writes its result once.

They give what the functions of `steps` and `rms` give, to within rounding: sums, norms and activations in fp32. Written
by hand and not by torch.compile, since what that makes must not be called in one thread while it works in another.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl

from zsr_tui.scoring.networks.fused import SQUARE

_TILE = 2048  # numbers that a program works on at once


@triton.jit(do_not_specialize=["rows"])
def _norm_kernel(
    product, product_bias, before, weight, bias, total_out, normed_out, rows, width, eps,
    has_product_bias: tl.constexpr, has_before: tl.constexpr, has_bias: tl.constexpr, mean_square: tl.constexpr,
    keeps_total: tl.constexpr, tile_rows: tl.constexpr, tile_width: tl.constexpr,
):  # fmt: skip
    row = (tl.program_id(0) * tile_rows + tl.arange(0, tile_rows)).to(tl.int64)[:, None]
    column = tl.arange(0, tile_width)[None, :]
    inside = (row < rows) & (column < width)
    here = row * width + column
    total = tl.load(product + here, inside, 0.0).to(tl.float32)
    if has_product_bias:
        total += tl.load(product_bias + column, column < width, 0.0)
    if has_before:
        total += tl.load(before + here, inside, 0.0).to(tl.float32)
    scale = tl.load(weight + column, column < width, 0.0)
    if mean_square:
        centred = total
    else:
        centred = tl.where(inside, total - tl.sum(total, 1)[:, None] / width, 0.0)
    variance = tl.sum(centred * centred, 1)[:, None] / width
    normed = centred * tl.rsqrt(variance + eps) * scale
    if has_bias:
        normed += tl.load(bias + column, column < width, 0.0)
    tl.store(total_out + here, total if keeps_total else normed, inside)
    tl.store(normed_out + here, normed.to(normed_out.dtype.element_ty), inside)


@triton.jit
def _activate(states, activation: tl.constexpr):
    if activation == "relu":
        return tl.maximum(states, 0.0)
    elif activation == "silu":
        return states * tl.sigmoid(states)
    elif activation == "gelu_tanh":
        # tanh(x) = 2 sigmoid(2x) - 1
        inner = 0.7978845608028654 * (states + 0.044715 * states * states * states)
        return states * tl.sigmoid(2 * inner)
    else:
        return 0.5 * states * (1 + tl.erf(states * 0.7071067811865476))


@triton.jit(do_not_specialize=["rows"])
def _activation_kernel(
    product, bias, out, rows, width, given_width,
    has_bias: tl.constexpr, is_gated: tl.constexpr, activation: tl.constexpr,
    tile_rows: tl.constexpr, tile_width: tl.constexpr,
):  # fmt: skip
    row = (tl.program_id(0) * tile_rows + tl.arange(0, tile_rows)).to(tl.int64)[:, None]
    column = (tl.program_id(1) * tile_width + tl.arange(0, tile_width))[None, :]
    inside = (row < rows) & (column < width)
    first = tl.load(product + row * given_width + column, inside, 0.0).to(tl.float32)
    if has_bias:
        first += tl.load(bias + column, column < width, 0.0)
    found = _activate(first, activation)
    if is_gated:
        second = tl.load(product + row * given_width + width + column, inside, 0.0).to(tl.float32)
        if has_bias:
            second += tl.load(bias + width + column, column < width, 0.0)
        found *= second
    tl.store(out + row * width + column, found.to(out.dtype.element_ty), inside)


@triton.jit
def _turn_kernel(
    projected, cosine, sine, bias, query_norm, key_norm, query_out, key_out, row_width, heads, key_heads, width, half,
    eps, has_bias: tl.constexpr, has_norms: tl.constexpr, tile_heads: tl.constexpr, tile_half: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    head = tl.arange(0, tile_heads)[:, None]
    place = tl.arange(0, tile_half)[None, :]
    inside = (head < heads + key_heads) & (place < half)
    here = row * row_width + head * width + place
    first = tl.load(projected + here, inside, 0.0).to(tl.float32)
    second = tl.load(projected + here + half, inside, 0.0).to(tl.float32)
    asks = inside & (head < heads)
    if has_bias:
        first += tl.load(bias + head * width + place, inside, 0.0)
        second += tl.load(bias + head * width + place + half, inside, 0.0)
    if has_norms:
        scale = tl.rsqrt(tl.sum(first * first + second * second, 1)[:, None] / width + eps)
        here_too = place < half
        weight = tl.load(query_norm + place, here_too, 0.0)
        key_weight = tl.load(key_norm + place, here_too, 0.0)
        first *= scale * tl.where(head < heads, weight, key_weight)
        weight = tl.load(query_norm + place + half, here_too, 0.0)
        key_weight = tl.load(key_norm + place + half, here_too, 0.0)
        second *= scale * tl.where(head < heads, weight, key_weight)
    across = tl.load(cosine + row * half + place, place < half, 0.0)
    up = tl.load(sine + row * half + place, place < half, 0.0)
    turned_first = (first * across - second * up).to(query_out.dtype.element_ty)
    turned_second = (second * across + first * up).to(query_out.dtype.element_ty)
    to_query = query_out + (row * heads + head) * width + place
    tl.store(to_query, turned_first, asks)
    tl.store(to_query + half, turned_second, asks)
    is_asked = inside & (head >= heads)
    to_key = key_out + (row * key_heads + head - heads) * width + place
    tl.store(to_key, turned_first, is_asked)
    tl.store(to_key + half, turned_second, is_asked)


@triton.jit
def _attend_step(
    asked, key, value, key_row, value_row, column, place, length, scale, bias, found, largest, total,
    is_last: tl.constexpr, has_bias: tl.constexpr,
):  # fmt: skip
    inside = column < length
    here = place[:, None] + column[None, :].to(tl.int64) * key_row
    seen = tl.load(key + here, inside[None, :], 0.0) if is_last else tl.load(key + here)
    scores = tl.dot(asked, seen) * scale
    if has_bias:
        scores += tl.load(bias).to(tl.float32) * 1.4426950408889634
    if is_last:
        scores = tl.where(inside[None, :], scores, float("-inf"))
    now = tl.maximum(largest, tl.max(scores, 1))
    shares = tl.exp2(scores - now[:, None])
    less = tl.exp2(largest - now)
    here = column[:, None].to(tl.int64) * value_row + place[None, :]
    given = tl.load(value + here, inside[:, None], 0.0) if is_last else tl.load(value + here)
    found = tl.dot(shares.to(given.dtype), given, found * less[:, None])
    return found, now, total * less + tl.sum(shares, 1)


@triton.jit(do_not_specialize=["blocks", "edge"])
def _attention_kernel(
    query, key, value, offsets, squares, out, query_row, key_row, value_row, scale, blocks, heads, edge,
    has_bias: tl.constexpr, width: tl.constexpr, square: tl.constexpr,
):  # fmt: skip
    program = tl.program_id(0)
    head = (program // blocks) % heads
    which = program // (blocks * heads)
    start = tl.load(offsets + which)
    length = tl.load(offsets + which + 1) - start
    block = program % blocks
    if block * square < length:
        begin = start.to(tl.int64)
        own = tl.arange(0, square)
        row = block * square + own
        place = tl.arange(0, width).to(tl.int64)
        there = (row < length)[:, None]
        here = (begin + row)[:, None] * query_row + head * width + place[None, :]
        asked = tl.load(query + here, there, 0.0)
        keys = key + begin * key_row + head * width
        values = value + begin * value_row + head * width
        bias = squares + head * (2 * edge + 1) * square * square + own[:, None] * square + own[None, :]
        found = tl.zeros((square, width), tl.float32)
        largest = tl.full((square,), float("-inf"), tl.float32)
        total = tl.zeros((square,), tl.float32)
        whole = length // square
        for at in range(0, whole):
            behind = tl.minimum(tl.maximum(at - block, -edge), edge) + edge
            found, largest, total = _attend_step(
                asked, keys, values, key_row, value_row, at * square + own, place, length, scale,
                bias + behind * (square * square), found, largest, total, False, has_bias,
            )  # fmt: skip
        if whole * square < length:
            behind = tl.minimum(tl.maximum(whole - block, -edge), edge) + edge
            found, largest, total = _attend_step(
                asked, keys, values, key_row, value_row, whole * square + own, place, length, scale,
                bias + behind * (square * square), found, largest, total, True, has_bias,
            )  # fmt: skip
        found /= total[:, None]
        here = ((begin + row)[:, None] * heads + head) * width + place[None, :]
        tl.store(out + here, found.to(out.dtype.element_ty), there)


def norm(
    product: torch.Tensor,
    product_bias: torch.Tensor | None,
    before: torch.Tensor | None,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    eps: float,
    dtype: torch.dtype,
    *,
    mean_square: bool,
    keeps_total: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The sum of product, its bias and what was before, normed by the mean square (else by mean and variance): what is
    kept in fp32, the sum or its norm, and the norm in `dtype`."""
    rows, width = product.shape
    kept = torch.empty(product.shape, dtype=torch.float32, device=product.device)
    normed = torch.empty(product.shape, dtype=dtype, device=product.device)
    tile_width = triton.next_power_of_2(width)
    tile_rows = max(1, _TILE // tile_width)
    _norm_kernel[(triton.cdiv(rows, tile_rows),)](
        product.contiguous(), product_bias, None if before is None else before.contiguous(), weight, bias, kept, normed,
        rows, width, eps, product_bias is not None, before is not None, bias is not None, mean_square, keeps_total,
        tile_rows, tile_width, num_warps=8 if tile_width > _TILE else 4,
    )  # fmt: skip
    return kept, normed


def activation(
    product: torch.Tensor, bias: torch.Tensor | None, name: str, dtype: torch.dtype, *, is_gated: bool
) -> Any:
    """Of product and bias in `dtype`; of their first half, times the second half, where it is gated."""
    rows, given_width = product.shape
    width = given_width // 2 if is_gated else given_width
    out = torch.empty((rows, width), dtype=dtype, device=product.device)
    tile_width = min(1024, triton.next_power_of_2(width))
    tile_rows = _TILE // tile_width
    _activation_kernel[(triton.cdiv(rows, tile_rows), triton.cdiv(width, tile_width))](
        product.contiguous(), bias, out, rows, width, given_width, bias is not None, is_gated, name,
        tile_rows, tile_width,
    )  # fmt: skip
    return out


def turn(
    projected: torch.Tensor,
    cosine: torch.Tensor,
    sine: torch.Tensor,
    heads: int,
    key_heads: int,
    bias: torch.Tensor | None = None,
    query_norm: torch.Tensor | None = None,
    key_norm: torch.Tensor | None = None,
    eps: float = 0.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Queries and keys turned by their angles, (tokens, heads, width) and (tokens, key_heads, width), of what holds
    queries, keys and values side by side: with a bias, and normed by the mean square of a head, where those are
    given."""
    rows, half = cosine.shape
    width = 2 * half
    query = torch.empty((rows, heads, width), dtype=projected.dtype, device=projected.device)
    key = torch.empty((rows, key_heads, width), dtype=projected.dtype, device=projected.device)
    _turn_kernel[(rows,)](
        projected.contiguous(), cosine.contiguous(), sine.contiguous(), bias, query_norm, key_norm, query, key,
        projected.shape[1], heads, key_heads, width, half, eps, bias is not None, query_norm is not None,
        triton.next_power_of_2(heads + key_heads), triton.next_power_of_2(half),
    )  # fmt: skip
    return query, key


def attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    offsets: torch.Tensor,
    squares: torch.Tensor | None,
    scale: float,
    *,
    sizes: tuple[int],
) -> torch.Tensor:
    """Each token seeing its own sequence: `query`, `key` and `value` in half precision and of shape (tokens, heads,
    width), a head's numbers side by side, `offsets` of shape (inputs + 1, 1), `squares` those of `biased.Distances`,
    `sizes` the longest input."""
    (longest,), (tokens, heads, width) = sizes, query.shape
    out = torch.empty((tokens, heads, width), dtype=query.dtype, device=query.device)
    blocks = triton.cdiv(longest, SQUARE)
    _attention_kernel[(blocks * heads * (len(offsets) - 1),)](
        query, key, value, offsets, query if squares is None else squares, out,
        query.stride(0), key.stride(0), value.stride(0), scale * 1.4426950408889634, blocks, heads,
        0 if squares is None else squares.shape[1] // 2, squares is not None, width, SQUARE,
        num_warps=4, num_stages=3,
    )  # fmt: skip
    return out
