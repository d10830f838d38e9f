"""Ten documents in every format, and a place of its own for what is made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from zsr_tui.corpora import download, normalise, open_corpus
from zsr_tui.domain import Corpus, Doc
from zsr_tui.progress import CancelToken, ignore_progress

TEN = [Doc(f"d{n}", f"Title {n}", f"Rye number {n}, and a comma.", (("year", f"190{n}"),)) for n in range(10)]
ROWS = [{"docno": doc.id, "headline": doc.title, "body": doc.text, **dict(doc.metadata)} for doc in TEN]

Read = Callable[[str], Corpus]


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))


def read(ref: str) -> Corpus:
    """As a preparation and a search after it have it."""
    id = normalise(ref)
    download(id, ignore_progress, CancelToken())
    return open_corpus(id)


def csv(path: Path) -> str:
    lines = [f'{row["docno"]},{row["headline"]},"{row["body"]}",{row["year"]}' for row in ROWS]
    path.joinpath("ten.csv").write_text("\n".join(["docno,headline,body,year", *lines]))
    return str(path / "ten.csv")


def tsv(path: Path) -> str:
    lines = ["\t".join(row.values()) for row in ROWS]
    path.joinpath("ten.tsv").write_text("\n".join(["docno\theadline\tbody\tyear", *lines]))
    return str(path / "ten.tsv")


def json_lines(path: Path) -> str:
    path.joinpath("ten.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    return str(path / "ten.jsonl")


def parquet(path: Path) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([row | {"picture": b"\0"} for row in ROWS]), path / "ten.parquet")
    return str(path / "ten.parquet")


def arrow(path: Path) -> str:
    import pyarrow as pa

    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_stream(str(path / "ten.arrow"), table.schema) as file:
        file.write_table(table)
    return str(path / "ten.arrow")


def shards(path: Path) -> str:
    folder = path / "shards"
    folder.mkdir()
    for number, rows in enumerate((ROWS[:4], ROWS[4:])):
        (folder / f"part-{number}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for hidden in (".part-9.jsonl", "_temporary.jsonl"):  # what Spark and editors leave
        (folder / hidden).write_text("{}")
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "rye"}')
    return str(folder)
