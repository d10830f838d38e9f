from __future__ import annotations

import pytest

from zsr_tui.domain import Doc
from zsr_tui.retrieval.prebuilt.texts import _doc


@pytest.mark.parametrize(
    ("stored", "doc"),
    [
        ('{"id": "d", "title": "T", "text": "x", "contents": "T x"}', Doc("d", "T", "x")),
        ('{"contents": "c", "body": "b"}', Doc("d", "", "c")),
        ('{"passage": "p"}', Doc("d", "", "p")),
        ('{"title": 3, "text": ["x"]}', Doc("d", "", "")),
        ('{"id": "d"}', Doc("d", "", "")),
        ("[1]", Doc("d", "", "[1]")),
        ("words, and no JSON", Doc("d", "", "words, and no JSON")),
    ],
    ids=["whole", "contents", "passage", "of other types", "without a text", "a list", "plain"],
)
def test_a_stored_document_is_read_as_anserini_writes_it(stored: str, doc: Doc) -> None:
    assert _doc("d", stored) == doc
