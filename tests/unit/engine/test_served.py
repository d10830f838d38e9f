"""What is told of another engine's lists counts the documents that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from zsr_tui.domain import Doc
from zsr_tui.engine.elsewhere import Elsewhere
from zsr_tui.engine.served import ServedLists
from zsr_tui.pipeline import Served
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.records import Found, Hit


class Textless:
    """An index with ids alone."""

    model = ""

    def search(self, queries: Sequence[Any], depth: int, _cancel: CancelToken) -> list[Found]:
        return [Found([Hit(str(number), 1.0) for number in range(depth)]) for _ in queries]

    def documents(self, hits: Sequence[Hit], _cancel: CancelToken) -> list[Doc]:
        return [Doc(hit.doc_id, "", "") for hit in hits]


def test_the_document_beyond_those_that_are_shown_is_not_counted_among_those_without_a_text() -> None:
    library: Any = SimpleNamespace(engines=SimpleNamespace(open=lambda _: Textless()))
    corpus: Any = SimpleNamespace(corpus=SimpleNamespace(docs=lambda _: {}), elsewhere=Elsewhere())
    lists = ServedLists(library, corpus, Served("es", "products"), CancelToken(), "me")
    [ranking] = lists.search(["tea"], 101, interactive=True)
    assert len(ranking) == 101  # one more is asked for: a query may meet itself
    assert (lists.told.documents, lists.told.lacking, lists.told.textless) == (100, 100, 100)
