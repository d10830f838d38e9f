"""Which fields of an engine's documents are their title, their text and what else is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zsr_tui.domain import Doc
from zsr_tui.retrieval.engines.named import Engine

TITLE, TEXTS = "title", ("text", "contents", "body", "content")  # where nothing is said


def sources(engine: Engine) -> list[str]:
    """The fields that are asked for."""
    return list(dict.fromkeys((engine.title or TITLE, *(engine.text or TEXTS), *engine.metadata)))


def of_source(engine: Engine, doc_id: str, source: Mapping[str, Any]) -> Doc:
    """All texts that are named, or the first of the usual ones."""
    texts = [text for name in engine.text or TEXTS if (text := _text(value_at(source, name)))]
    shown = ((name, _text(value_at(source, name))) for name in engine.metadata)
    return Doc(
        doc_id,
        _text(value_at(source, engine.title or TITLE)),
        "\n".join(texts if engine.text else texts[:1]),
        tuple((name, value) for name, value in shown if value),
    )


def value_at(source: Any, name: str) -> Any:
    """Of a field, whose name may lead into objects by dots; of a list that holds one value, that one."""
    found = None
    if isinstance(source, dict):
        if name in source:
            found = source[name]
        else:
            above, _, rest = name.partition(".")
            found = value_at(source.get(above), rest) if rest else None
    return found[0] if isinstance(found, list) and len(found) == 1 else found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    if isinstance(value, bool) or value is None or isinstance(value, dict):
        return "" if value is None or isinstance(value, dict) else str(value).lower()
    return str(value)
