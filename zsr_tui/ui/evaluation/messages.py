"""What the evaluation screens tell the application."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from zsr_tui.api.requests import EvaluateRequest


@dataclass
class EvaluationAsked(Message):
    """The user wants it evaluated: prepare what is missing, then follow it."""

    request: EvaluateRequest
