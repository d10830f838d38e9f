"""Looks of pooled judging in a kept file, and a file of the version before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.api.judging import Judgment
from zsr_tui.judging.keeping import Judgments, KeptFile, Looks, layout
from zsr_tui.judging.keeping.looks import KeptLook
from zsr_tui.judging.keeping.rows import insert, query_key
from zsr_tui.judging.pooling import Look


def seen(place: int, **fields: object) -> KeptLook:
    look = Look("id 7", f"d{place}", 2, 1.5)
    return KeptLook(**{"place": place, "query_id": "7", "query_text": "a query", "look": look, **fields})  # type: ignore[arg-type]


def test_a_file_without_looks_is_brought_forward_with_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "demo.sqlite3"
    judged = Judgment(query_id="7", query_text="a query", doc_id="d1", grade=2, who="ann")
    texts = dict.fromkeys(("title", "at", "system", "why", "folded"), "")
    row = {"query": query_key(judged), **texts, "source": "own", "before": 0, "who": "ann", "grade": 2, "doc_id": "d1"}
    row |= {"query_id": "7", "query_text": "a query"}
    with monkeypatch.context() as older:
        older.setattr(layout, "VERSIONS", layout.VERSIONS[:1])
        older.setattr(layout, "VERSION", 1)
        file = KeptFile("demo", path)
        with file.writing() as connection:
            insert(connection, "judgments", row)
        assert [row["user_version"] for row in file.rows("PRAGMA user_version")] == [1]
        file.close()
    file = KeptFile("demo", path)
    assert Looks(file).read("s") == []
    Looks(file).add("s", seen(0), "{}")
    assert Judgments(file).grades(judged, "own") == {"d1": 2}
    assert [row["user_version"] for row in file.rows("PRAGMA user_version")] == [layout.VERSION]
    assert Looks(KeptFile("demo", path)).read("s") == [seen(0)]


def test_looks_are_those_of_a_session_in_order_without_what_was_taken_back(tmp_path: Path) -> None:
    looks = Looks(KeptFile("demo", tmp_path / "demo.sqlite3"))
    assert looks.read("s") == []
    again = seen(1, look=Look("id 7", "d0", None, 4.0, again=True))
    for each in (seen(0, revision=12), again, seen(2)):
        looks.add("s", each, '{"seed": 4}')
    looks.add("other", seen(0), "{}")
    looks.drop("s", 2)
    assert looks.read("s") == [seen(0, revision=12), again]
    looks.add("s", seen(2, revision=13), "{}")
    assert looks.read("s")[-1] == seen(2, revision=13)
    assert seen(0).of("beir/x").look.query == "beir/x id 7"
