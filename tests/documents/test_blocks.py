"""What the documents' blocks are, without running them: each has a kind, each command line is understood, each file of
settings is taken as it is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import click
import pytest

from zsr_tui import settings
from zsr_tui.retrieval.engines import named
from zsr_tui.scoring.models import entries
from zsr_tui.ui.keys.app import KeyTable
from zsr_tui.ui.themes import own

from .blocks import ROOT, RUN, Block, blocks
from .compare import differences
from .running import READER
from .shell import command_lines, parse

EVERY = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
KNOWN = re.compile(r"exit \d+|within [\d.]+|stderr|last|minutes|without \S+|also .+")


def test_every_block_says_what_it_is_and_settings_are_ones_that_there_are() -> None:
    for document in RUN:
        for block in blocks(document):
            assert all(map(KNOWN.fullmatch, block.settings())), f"{block.place}: unknown in its comment: {block.marks}"
            known = block.language in ("", "python") or {"not run", "file"} & block.marks.keys()
            assert known, f"{block.place}: write <!-- not run: REASON --> or <!-- file: NAME --> above it"
            assert block.marks.get("not run", "reason"), f"{block.place}: say why it is not run"


@pytest.mark.parametrize("document", EVERY)
def test_every_command_line_is_one_that_the_program_takes(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of blocks that are not run."""
    monkeypatch.chdir(READER)
    for block in blocks(document):
        said = "\n".join(block.marks.get(kind, "") for kind in ("prints", "screen"))
        for words in [*command_lines(block.text), *command_lines(said)]:
            try:
                parse(words)
            except click.ClickException as error:
                pytest.fail(
                    f"{block.place}: zsr-tui {' '.join(words)}\n{error.format_message()}\nWrite the block as the "
                    "program takes it; files that it names lie in tests/documents/reader."
                )


@pytest.mark.parametrize("document", EVERY)
def test_benchmarks_that_are_named_are_there_with_their_options(document: str) -> None:
    for block in blocks(document):
        for script, rest in re.findall(r"\b(benchmarks/\w+\.py)(.*)", block.text):
            source = (ROOT / script).read_text("utf-8")
            missing = [option for option in re.findall(r"--[\w-]+", rest) if f'"{option}"' not in source]
            assert not missing, f"{block.place}: {script} has no {missing}"


def test_files_of_settings_are_taken_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for document in RUN:
        for number, block in enumerate(blocks(document)):
            if name := block.marks.get("file"):
                seen.add(name.split("/")[0])
                place = tmp_path / f"{Path(document).stem}-{number}"
                monkeypatch.setenv("ZSR_TUI_HOME", str(place))
                (place / "config" / name).parent.mkdir(parents=True)
                (place / "config" / name).write_text(block.text, "utf-8")
                taken(block, name)
    assert seen == {"config.toml", "models.toml", "engines.toml", "bool.json", "themes"}


def taken(block: Block, name: str) -> None:
    """Raises the `Problem` that a user would be told."""
    if name == "config.toml":
        found = settings.load()
        for each in (found, *map(settings.load, found.profiles)):
            each.check()
            assert KeyTable(each.tables.get("keys"), str).complaints == [], block.place
    elif name == "models.toml":
        written = set(re.findall(r'^name = "(.*)"', block.text, re.MULTILINE))
        assert written <= {entry.name for entry in entries.all_entries().values() if entry.own}
    elif name == "engines.toml":
        assert named.all_named().keys() == tomllib.loads(block.text).keys()
    elif name == "bool.json":  # a query of Elasticsearch
        assert json.loads(block.text)["query"]
    else:
        assert own.read(Path(name).stem).name == Path(name).stem


SHOWN = """\
demo: 50 queries
system      nDCG@10  ms/query
bm25         0.5435      16.4
2 documents, 3 left, in /home/anna/x.csv (145 kB)"""
PRINTED = """\
demo: 50 queries
system      nDCG@10  ms/query
bm25         0.5436       1.4
2 documents, 3 left, in /tmp/x.csv (9 MB)"""


def compared(shown: str) -> str:
    return differences(shown, PRINTED, within=0.002, columns=("ms/query",))


def test_what_may_differ_between_machines_is_no_difference() -> None:
    assert compared(SHOWN) == ""
    assert compared(SHOWN.replace(" 16.4", "999.9")) == ""
    assert compared("demo: 50 queries\n...") == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [("0.5435", "0.5535"), ("50 queries", "51 queries"), ("system", "systems"), ("x.csv", "y.csv"), ("2 doc", "3 doc")],
    ids=["a figure", "a count", "a word", "a name of a file", "a number in a sentence"],
)
def test_a_sample_that_is_changed_by_hand_differs(before: str, after: str) -> None:
    assert before in SHOWN
    assert after.split()[0] in compared(SHOWN.replace(before, after))


def test_a_line_more_or_less_differs() -> None:
    lines = SHOWN.splitlines()
    assert "nothing more" in compared("\n".join(lines[:-1]))
    assert "nothing more" in compared(f"{SHOWN}\nand more")
    assert compared("\n".join(lines[:1] + lines[2:])) != ""


def test_comments_belong_to_the_block_below_them() -> None:
    text = "<!-- run: exit 1; within 0.1 -->\n\n    $ a\n\nText.\n\n    $ b\n\n<!-- not run: why -->\n\n```python\nx\n"
    first, second, third = blocks("README.md", text)
    assert (first.settings(), second.marks, third.marks) == (["exit 1", "within 0.1"], {}, {"not run": "why"})
    assert (first.line, second.line, third.line) == (3, 7, 12)
