"""What an endpoint's URL names: `https://host[:port]/path#model`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from zsr_tui.domain import Problem
from zsr_tui.servers.server import is_this_machine

PATHS = {  # the paths that are spoken, the longer before what they end with -> the interface
    "/v1/rerank": "rerank",
    "/v2/rerank": "rerank-v2",
    "/v1/score": "score",
    "/v1/embeddings": "embeddings",
    "/v1/chat/completions": "chat",
    "/chat/completions": "chat",
    "/rerank": "",  # TEI's, or that of vLLM and Infinity: the server has to say
    "/score": "score",
    "/embeddings": "embeddings",
}
SPOKEN = "/rerank, /v1/rerank, /v2/rerank, /score, /v1/embeddings and /v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Address:
    """`base` is the URL before the spoken `path` (one of PATHS, or "" where none is written); `model` the name after #,
    "" without one."""

    base: str
    path: str
    model: str

    @property
    def host(self) -> str:
        """With the port, where one is written."""
        return urlsplit(self.base).netloc

    @property
    def url(self) -> str:
        return self.base + self.path

    @property
    def on_this_machine(self) -> bool:
        return is_this_machine(self.base)


def parse(text: str) -> Address:
    """Raises `Problem` for a URL that names no endpoint. Nothing is looked up."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _unreadable(error) from None
    if not host or any(character.isspace() or not character.isprintable() for character in text):
        raise _unreadable(ValueError("it names no host"))
    if parts.username is not None or parts.password is not None or parts.query:
        raise Problem(
            f"the URL of an endpoint on {host} must hold neither a password nor a '?': a key belongs into an "
            "environment variable (ZSR_TUI_KEY_<HOST>), and a model's name after '#'.",
            usage=True,
        )
    written = parts.path.rstrip("/")
    path = next((path for path in PATHS if written.endswith(path)), "")
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None else f"{shown}:{port}"
    base = f"{parts.scheme.lower()}://{netloc}{written.removesuffix(path)}"
    return Address(base, path, unquote(parts.fragment).strip())


def _unreadable(error: ValueError) -> Problem:
    return Problem(
        f"the URL of an endpoint cannot be read ({error}): write it as http://host:8080/rerank or "
        "https://host/v1/rerank#model.",
        usage=True,
    )
