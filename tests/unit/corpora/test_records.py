"""A line of a corpus, whichever way it is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zsr_tui.corpora import records
from zsr_tui.domain import Doc, Problem

PATH = Path("corpus.jsonl")
LINES = {
    "plain": '{"_id": "a", "title": "t", "text": "x"}',
    "a key twice": '{"_id": "a", "text": "x", "text": "y"}',
    "no title": '{"_id": "a", "title": null, "text": "x"}',
    "a number for an id": '{"_id": 7, "text": "x"}',
    "white space in the id": '{"_id": "a b", "text": "x"}',
    "an escaped key": '{"_id": "a", "te\\u0078t": "x", "\\u006detadata": {"url": "u"}}',
    "a pair of surrogates": '{"_id": "a", "text": "\\ud83d\\ude00"}',
    "half a pair": '{"_id": "a\\ud800", "text": "x"}',
    "half a pair in the text": '{"_id": "a", "text": "x\\ud800"}',
    "metadata": '{"_id": "a", "text": "x", "metadata": {"year": 1999, "of": ["b", "c"], "none": null}}',
    "metadata twice": '{"_id": "a", "text": "x", "metadata": {"b": 1}, "metadata": {}}',
    "a large number": '{"_id": "a", "text": "x", "metadata": {"n": 123456789012345678901234567890}}',
    "not a number": '{"_id": "a", "text": "x", "metadata": {"n": NaN}, "score": Infinity}',
    "metadata that is a text": '{"_id": "a", "text": "x", "metadata": "b"}',
    "other fields": '{"_id": "a", "text": "x", "more": {"b": [1, 2.5, true]}}',
    "a mark of byte order": '\ufeff{"_id": "a", "text": "x"}',
    "not ASCII": '{"_id": "é", "title": "ü", "text": "日本"}',
    "a control character": '{"_id": "a", "text": "\x01"}',
    "no text": '{"_id": "a", "title": "t"}',
    "a text that is a number": '{"_id": "a", "text": 5}',
    "more behind it": '{"_id": "a", "text": "x"} x',
    "a list": '["a"]',
    "a number of 5,000 digits": f'{{"_id": "a", "text": "x", "metadata": {{"n": {"9" * 5000}}}}}',
    "deep metadata": '{"_id": "a", "text": "x", "metadata": {"n": ' + "[" * 800 + '"in"' + "]" * 800 + "}}",
    "deep": '{"_id": "a", "text": "x", "more": ' + "[" * 5000 + "]" * 5000 + "}",
}


def slowly(line: bytes) -> Doc | str:
    try:
        return records._document(records.parse(line, PATH, 3), PATH, 3)
    except Problem as problem:
        return problem.message


def quickly(line: bytes) -> Doc | str:
    try:
        return records.document(line, PATH, 3)
    except Problem as problem:
        return problem.message


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_is_read_as_the_json_module_reads_it(line: str) -> None:
    assert quickly(line.encode()) == slowly(line.encode())


def test_bytes_that_are_no_text_are_refused_wherever_they_stand() -> None:
    line = b'{"_id": "a", "text": "x", "more": "\xff"}'
    assert quickly(line) == slowly(line) == f"{PATH}, line 3: not UTF-8 text (byte 36 of the line)."


def test_what_is_usual_never_reaches_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(records, "parse")
    line = json.dumps({"_id": "a", "title": "é", "text": "x", "metadata": {"url": "u", "of": ["b", "c"]}}).encode()
    assert records.document(line, PATH, 1) == Doc("a", "é", "x", (("url", "u"), ("of", "b, c")))


@pytest.mark.parametrize("more", ["", ', "metadata": {}'], ids=["without metadata", "with empty metadata"])
def test_what_is_usual_is_read_once(more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(records, "json")
    assert records.document(f'{{"_id": "a", "text": "x"{more}}}'.encode(), PATH, 1) == Doc("a", "", "x")
