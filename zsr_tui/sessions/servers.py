"""Systems that a server runs: a file of somebody else's may name one that would get the documents of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from zsr_tui import pipeline
from zsr_tui.domain import Problem


def host_of(notation: str) -> str:
    """Where a system would send documents; "" for one that runs here, and for what is no system."""
    try:
        models = pipeline.models(pipeline.parse(notation))
    except Problem:
        return ""
    return next((host(model) for model in models if pipeline.is_url(model)), "")


def hosts_of(notations: Iterable[str]) -> list[str]:
    """Of all of them, each once."""
    return list(dict.fromkeys(filter(None, map(host_of, notations))))


def host(address: str) -> str:
    try:
        return urlsplit(address).netloc.rpartition("@")[2] or address
    except ValueError:
        return address
