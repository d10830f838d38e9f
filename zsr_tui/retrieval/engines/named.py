"""The engines that a person has named, in `engines.toml` of the configuration folder:

[products]
kind = "es"                          # es, opensearch, pyserini, anserini or qdrant
address = "https://search.lan:9200"  # of the server; qdrant: or the folder of a local one
index = "products"                   # qdrant: the collection
id = "sku"                           # the field with the id that the corpus and its judgments have
title = "name"                       # shown where the corpus lacks the document
text = ["description", "features"]   # and read by rerankers then
metadata = ["brand"]                 # shown beside it
template = "bool.json"               # of the folder `templates` beside this file; es and opensearch
headers = { Authorization = "ES_KEY" }   # the environment variables that hold what is sent
model = "BAAI/bge-base-en-v1.5"      # qdrant: encodes the queries
vector = "text"                      # qdrant: which of a point's vectors
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from zsr_tui import paths
from zsr_tui.domain import Problem
from zsr_tui.pipeline import SERVED, Served
from zsr_tui.servers import keys
from zsr_tui.servers.server import is_this_machine
from zsr_tui.settings.file import TomlFile, Unusable, nearest

Takes = Literal["text", "texts", "headers"]
_EXAMPLE = {"es": "products", "opensearch": "products", "qdrant": "notes"}
_PORT = {"qdrant": 6333, "anserini": 8080, "pyserini": 8081}


@dataclass(frozen=True, slots=True)
class Engine:
    """`base` is the server's URL, without a slash at its end; "" for a local Qdrant, whose `folder` it is then.
    `headers` are names with the environment variables of their values. "" where nothing is said."""

    kind: str
    name: str
    base: str
    index: str
    folder: Path | None = None
    id: str = ""
    title: str = ""
    text: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    template: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    model: str = ""
    vector: str = ""
    named: bool = False  # in engines.toml

    @property
    def host(self) -> str:
        """With the port, where one is written."""
        return urlsplit(self.base).netloc

    @property
    def on_this_machine(self) -> bool:
        return self.folder is not None or is_this_machine(self.base)

    @property
    def path(self) -> str:
        """The index as a part of a path."""
        return quote(self.index, safe=",*-_.")

    @property
    def step(self) -> Served:
        """Of a named one."""
        return Served(self.kind, self.name)

    @property
    def about(self) -> str:
        return f"{self.index} at {self.host or self.folder}"

    def secrets(self) -> dict[str, str]:
        """Headers with their values, which nothing keeps. Raises `Problem` for what is not set, or must not be sent."""
        found = {header: self._value(header, variable) for header, variable in self.headers}
        key = keys.key_of(self) if self.base else ""
        return found or ({"Authorization": f"Bearer {key}"} if key else {})

    def _value(self, header: str, variable: str) -> str:
        value = os.environ.get(variable, "").strip()
        if not value:
            raise Problem(
                f"{self.name} sends {header} with what {variable} holds, which is not set: set it and restart.",
                usage=True,
            )
        if not (value.isascii() and value.isprintable()):
            raise Problem(f"{variable} has characters that no HTTP header can hold: set it again.", usage=True)
        if not self.base.startswith("https:") and not self.on_this_machine:
            raise Problem(
                f"what {variable} holds would travel to {self.host} unencrypted: write https:// in "
                f"{paths.engines_file()}, or reach the engine through a tunnel to localhost.",
                usage=True,
            )
        return value


# What may be written of an engine, in the order of the documentation.
_TAKES: dict[str, Takes] = {
    "kind": "text", "address": "text", "index": "text", "id": "text", "title": "text", "text": "texts",
    "metadata": "texts", "template": "text", "headers": "headers", "model": "text", "vector": "text",
}  # fmt: skip
_SAYS: dict[Takes, str] = {
    "text": "a text in quotes",
    "texts": 'a text in quotes, or a list of them, as in ["body", "notes"]',
    "headers": 'a table of names and environment variables, as in { Authorization = "ES_KEY" }',
}


def all_named() -> dict[str, Engine]:
    """By name. Raises `Problem` for a file that cannot be used."""
    path = paths.engines_file()
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from error
    return dict(_read(path, state.st_mtime_ns, state.st_size))


def find(step: Served) -> Engine:
    """What the step asks: by its name, or by the address that is written out. Raises `Problem`."""
    engine = _of_address(step) if "://" in step.engine else _of_name(step)
    said = {name: getattr(step, name) for name in SERVED[step.kind] if getattr(step, name)}
    return Engine(**{each.name: getattr(engine, each.name) for each in fields(Engine)} | said)


def _of_name(step: Served) -> Engine:
    known = all_named()
    engine = known.get(step.engine)
    if engine is None:
        if step.kind == "qdrant" and any(mark in step.engine for mark in "/\\~"):
            raise Problem(
                f"a folder of Qdrant needs a name: write a table into {paths.engines_file()}, with kind "
                f'"qdrant", {step.engine} as its address, index (the collection) and model, and then qdrant(name).',
                usage=True,
            )
        example = f"{step.kind}(http://host:{_PORT.get(step.kind, 9200)}/{_EXAMPLE.get(step.kind, 'index')})"
        guess = nearest(step.engine, known)
        hint = guess if guess != "." else f": name one there, or write its address, as in {example}."
        raise Problem(f"{paths.engines_file()} has no engine {step.engine!r}{hint}", usage=True)
    if engine.kind != step.kind:
        raise Problem(
            f"{step.engine} is of the kind {engine.kind} in {paths.engines_file()}: write {engine.step} in place of "
            f"{step}.",
            usage=True,
        )
    return engine


def _of_address(step: Served) -> Engine:
    base, path = _address(step.engine, f"the address in {step.kind}(...)")
    above, _, index = path.rpartition("/")
    if not index:
        raise Problem(
            f"the address in {step.kind}(...) names no index: write it behind the server, as in "
            f"{step.kind}({base}/{_EXAMPLE.get(step.kind, 'index')}).",
            usage=True,
        )
    return Engine(step.kind, step.engine, base + above, unquote(index))


def _address(written: str, what: str) -> tuple[str, str]:
    """The server's URL, and the path behind it. Raises `Problem`, which repeats no password."""
    try:
        parts = urlsplit(written.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise Problem(f"{what} cannot be read ({error}): write it as http://host:9200.", usage=True) from None
    if parts.scheme.lower() not in ("http", "https") or not host or any(map(str.isspace, written)):
        raise Problem(f"{what} is no URL of a server: write it as http://host:9200.", usage=True)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise Problem(
            f"{what} must hold neither a password nor '?' or '#': a key belongs into an environment variable "
            f"({keys.variables(Engine('', '', f'http://{host}', ''))[-1]}, or one that headers of "
            f"{paths.engines_file()} name).",
            usage=True,
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme.lower()}://{shown}{f':{port}' if port is not None else ''}", parts.path.rstrip("/")


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> Mapping[str, Engine]:
    """`changed` and `size` are the file's, so that it is read again when it is another."""
    try:
        file = TomlFile(path)
    except Unusable as error:
        raise Problem(str(error), usage=True) from error
    return {name: _engine(file, name, table) for name, table in file.tables.items()}


def _engine(file: TomlFile, name: str, table: Any) -> Engine:
    def wrong(what: str, *key: str) -> Problem:
        return Problem(f"{file.at((name, *key))}: {what}", usage=True)

    if not isinstance(table, dict):
        raise wrong(f"{name} must be a table with an engine, as in [products] with its kind and address below.")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _TAKES:
            raise wrong(f"there is no {key} of an engine{nearest(key, _TAKES)}", key)
        if not _fits(_TAKES[key], value):
            raise wrong(f"{key} takes {_SAYS[_TAKES[key]]}.", key)
        values[key] = value
    kind = values.get("kind", "")
    if kind not in SERVED:
        guess = nearest(kind, SERVED) if kind else "."
        raise wrong(f"kind must be one of {', '.join(SERVED)}{guess}", *(["kind"] if kind else []))
    for key in ("template", "model", "vector"):
        if key in values and key not in SERVED[kind]:
            raise wrong(f"{kind} takes no {key}.", key)
    for key in ("address", "index"):
        if key not in values:
            raise wrong(f"{name} needs {key}.")
    base, folder = "", None
    if kind == "qdrant" and "://" not in values["address"]:
        folder = file.path.parent / Path(values["address"]).expanduser()
    else:
        base, path = _address(values["address"], f"{file.at((name, 'address'))}: address")
        base += path
    texts, shown = (_texts(values.get(key, ())) for key in ("text", "metadata"))
    others = {key: values[key] for key in ("index", "id", "title", "template", "model", "vector") if key in values}
    headers = tuple(values.get("headers", {}).items())
    return Engine(kind, name, base, folder=folder, headers=headers, text=texts, metadata=shown, named=True, **others)


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _fits(takes: Takes, value: Any) -> bool:
    match takes:
        case "text":
            return _text(value)
        case "texts":
            return _text(value) or (isinstance(value, list) and bool(value) and all(map(_text, value)))
        case "headers":
            return isinstance(value, dict) and all(
                _header(name) and isinstance(variable, str) and variable.isidentifier()
                for name, variable in value.items()
            )


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _header(name: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum()
