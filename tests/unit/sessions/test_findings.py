"""A finding as a file: private, whole, and refused in a sentence where it is not."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from zsr_tui.domain import Problem
from zsr_tui.explanation import Explanation, Part
from zsr_tui.sessions import findings
from zsr_tui.sessions.findings import Finding, FoundList, FoundRow, Head

ROW = FoundRow(doc_id="d1", score=1.5, grade=2, reference=1)
FINDING = Finding(
    program="0.1.0",
    made="2026-11-27T00:15:00Z",
    dataset="demo",
    query="Sugar, cooked to 118 °C?",
    qid="q1",
    judged=True,
    lists=(FoundList(system="bm25", rows=(ROW,), total=1, measures={"nDCG@10": 1.0}),),
    heads={"d1": Head(title="Syrup", passage="of sugar", matches=((3, 8, 0),))},
    explanations=(
        Explanation(
            family="bm25", method="m", unit="BM25", system="bm25", doc_id="d1", text="sugar",
            parts=(Part(text="sugar", share=1.5, spans=((0, 5),)),),
        ),
    ),
)  # fmt: skip


def changed(**fields: Any) -> bytes:
    """The finding's file with other values, at paths with dots."""
    data = json.loads(findings.encoded(FINDING))
    for path, value in fields.items():
        *above, last = path.split("__")
        at = data
        for name in above:
            at = at[int(name) if name.isdigit() else name]
        at[last] = value
    return json.dumps(data).encode()


def test_a_finding_is_written_to_a_file_of_its_own_and_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "findings"
    first, second = findings.write(FINDING, folder), findings.write(FINDING, folder)
    assert first != second
    assert first.name.endswith("-sugar-cooked-to-118-c.json")
    assert findings.read(first) == findings.read(second) == FINDING
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_on_a_full_disk_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("zsr_tui.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        findings.write(FINDING, tmp_path / "findings")
    assert list((tmp_path / "findings").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"", "no whole finding", id="nothing"),
        pytest.param(b"\xff\x00", "no whole finding", id="bytes"),
        pytest.param(b"[]", "no whole finding", id="a list"),
        pytest.param(b"{}", "is no finding", id="something else"),
        pytest.param(changed(zsr_tui_finding=2), "later zsr-tui, in version 2", id="later version"),
        pytest.param(changed(zsr_tui_finding=10**300), "in version 1000000", id="huge version"),
        pytest.param(changed(zsr_tui_finding="1"), "no whole finding", id="version of a wrong type"),
        pytest.param(b'{"zsr_tui_session": 1}\n{"kind": "asked"}\n', "is a session log", id="session log"),
        pytest.param(b'{"zsr_tui": "judgments"}\n{}\n', "is a file of judgments: zsr-tui judge", id="judgments"),
        pytest.param(changed(dataset=7), "no whole finding", id="wrong type"),
        pytest.param(changed(reference=1), "no whole finding", id="a list that is not there"),
        pytest.param(changed(lists=[{"system": "bm25"}] * 6), "no whole finding", id="six lists"),
        pytest.param(changed(lists__0__total=-1), "no whole finding", id="below nothing"),
        pytest.param(changed(lists__0__rows__0__grade=10**30), "no whole finding", id="huge grade"),
        pytest.param(changed(heads__d1__matches=[[3, 80, 0]]), "no whole finding", id="a match outside"),
        pytest.param(changed(heads__d1__title_terms=[[4, 1]]), "no whole finding", id="a term that ends early"),
        pytest.param(changed(explanations__0__parts__0__spans=[[-1, 2]]), "no whole finding", id="a span outside"),
        pytest.param(changed(explanations__0__done=10**40), "no whole finding", id="huge count"),
        pytest.param(changed(explanations__0__input={"tokens": [{"text": "a", "of": "x"}]}), "no whole", id="a token"),
        pytest.param(changed(made="yesterday"), "no whole finding", id="no time"),
        pytest.param(changed()[:-1] + b', "x": ' + b"[" * 100_000, "no whole finding", id="deep nesting"),
        pytest.param(changed().replace(b"1.5", b"1e999"), "no whole finding", id="huge score"),
    ],
)
def test_what_is_no_whole_finding_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    file = tmp_path / "found.json"
    file.write_bytes(data)
    with pytest.raises(Problem, match=sentence) as raised:
        findings.read(file)
    assert raised.value.exit_code == 2
    assert "\n" not in raised.value.message


def test_one_that_was_cut_anywhere_is_refused(tmp_path: Path) -> None:
    file, whole = tmp_path / "found.json", changed()
    for end in range(0, len(whole), 17):
        file.write_bytes(whole[:end])
        with pytest.raises(Problem):
            findings.read(file)


def test_what_is_only_shown_has_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    hostile, seen = "\x1b]0;x\x07\n", "␛]0;x␇ "
    file = tmp_path / "found.json"
    file.write_bytes(
        changed(
            program=hostile,
            lists__0__label=hostile,
            lists__0__measures={hostile: 1.0},
            heads__d1__title=hostile,
            explanations__0__method=hostile,
            explanations__0__notes=[hostile],
            dataset=hostile,
        )
    )
    found = findings.read(file)
    shown = (found.lists[0].label, *(found.lists[0].measures or {}), found.heads["d1"].title, found.program)
    assert {*shown, found.explanations[0].method, *found.explanations[0].notes} == {seen}
    assert found.dataset == hostile  # which is asked with


@pytest.mark.parametrize("kind", ["missing", "folder", "large"])
def test_what_cannot_be_read_is_said(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "found.json"
    if kind == "folder":
        file.mkdir()
    elif kind == "large":
        with file.open("wb") as large:
            large.truncate(findings.LARGEST + 1)
    with pytest.raises(Problem, match="cannot be read"):
        findings.read(file)
