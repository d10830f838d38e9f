"""What two threads make of a type that both are the first to read. In a process of its own: msgspec itself crashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from zsr_tui.decoding import converted, json_decoder, msgpack_decoder

# The first thread stands still while it finds out what is in `Whole`: `Slow` is looked up by its hash there.
BOTH_FIRST = """
import threading
from dataclasses import dataclass

import msgspec

from zsr_tui.decoding import converted, json_decoder, msgpack_decoder

began, answered = threading.Event(), threading.Event()


class Halting(type):
    def __hash__(cls):
        if threading.current_thread().name == "first" and not began.is_set():
            began.set()
            answered.wait(0.5)  # the second has to wait for this one
        return super().__hash__()


class Slow(metaclass=Halting):
    pass


{kind}
    name: str
    slow: Slow | None = None
    after: str = ""


def read():
    found.append({read})
    answered.set()


found = []
first, second = (threading.Thread(target=read, name=name) for name in ("first", "second"))
first.start()
assert began.wait(300)
second.start()
first.join()
second.join()
assert [each.after for each in found] == ["b", "b"], found
"""


@pytest.mark.parametrize(
    "kind", ["@dataclass\nclass Whole:", "class Whole(msgspec.Struct):"], ids=["dataclass", "Struct"]
)
@pytest.mark.parametrize(
    "read",
    [
        'json_decoder(Whole).decode(b\'{"name": "a", "after": "b"}\')',
        'msgpack_decoder(Whole).decode(msgspec.msgpack.encode({"name": "a", "after": "b"}))',
        'converted({"name": "a", "after": "b"}, Whole)',
    ],
    ids=["json", "msgpack", "converted"],
)
def test_two_threads_may_be_the_first_to_read_a_type(kind: str, read: str, tmp_path: Path) -> None:
    ran = tmp_path / "both_first.py"  # msgspec looks names up in a module
    ran.write_text(BOTH_FIRST.replace("{kind}", kind).replace("{read}", read))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-P", ran], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (done.returncode, done.stderr)


def test_what_does_not_fit_is_refused_as_msgspec_does() -> None:
    for read in (
        lambda: json_decoder(tuple[int, ...]).decode(b'["1"]'),
        lambda: msgpack_decoder(list[int]).decode(msgspec.msgpack.encode(["1"])),
        lambda: converted(["1"], list[int]),
    ):
        with pytest.raises(msgspec.ValidationError, match="Expected `int`, got `str`"):
            read()
    assert json_decoder(int | None).decode(b"null") is None
    assert json_decoder(list[int]) is json_decoder(list[int])


def test_a_text_that_is_no_utf_8_is_refused_like_all_else_that_cannot_be_read() -> None:
    for read in (
        lambda: json_decoder(list[str]).decode(b'["\xe1"]'),
        lambda: msgpack_decoder(list[str]).decode(b"\x91\xa1\xe1"),
    ):
        with pytest.raises(msgspec.DecodeError, match="utf-8"):
            read()
