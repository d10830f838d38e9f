"""Answers that are none yet: an engine that has too much to do, or is being stopped, says when to ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zsr_tui.api.requests import ProblemView
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    import httpx

WAITS = 30  # times that a request is sent again
LONGEST_WAIT_S = 5.0
STOPPING = 503


def is_busy(response: httpx.Response) -> bool:
    """Whether the engine says when to ask again."""
    return response.status_code in (429, STOPPING) and "retry-after" in response.headers


def seconds(response: httpx.Response) -> float:
    said = response.headers["retry-after"]
    return min(LONGEST_WAIT_S, float(said)) if said.isascii() and said.isdecimal() else LONGEST_WAIT_S


def problem_of(body: bytes) -> Problem:
    try:
        return json_decoder(ProblemView).decode(body).problem
    except msgspec.DecodeError:
        return Problem("the engine gave an answer that cannot be read; it may be of another version.")
