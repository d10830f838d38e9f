"""What the tests of servers send, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.scoring import ScoringService

from .conftest import Server
from .endpoint_server import relevance

QUERY = "how many people live in berlin"
TEXTS = [
    "berlin has many people",
    "people",
    "how many live in new york",
    "nothing of the kind at all in here",
    "",
    "how many people live in berlin",
    "berlin \ud800 alone",
    "museums in berlin",
    "live",
    "many many many words",
    "in",
    "people live in berlin",
]
SENT = [text.replace("\ud800", "?") or " " for text in TEXTS]  # what can be sent
LOGITS = [relevance(QUERY, text) for text in SENT]
MANY = [f"berlin {'people ' * (number % 7)}{number}" for number in range(16 * 32)]
MANY_LOGITS = [relevance(QUERY, text) for text in MANY]


def pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(QUERY, text) for text in texts]


def scores(service: ScoringService, url: str, texts: list[str] = TEXTS) -> list[float]:
    return [score for batch in service.score(url, QUERY, texts) for score in batch.scores]


def at_once(server: Server, url: str) -> list[int]:
    return [request["at_once"] for request in server.posted(url)]
