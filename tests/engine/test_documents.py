"""Whoever types what the documents show gets what they show."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

pytest.importorskip("fcntl", reason="the reader sits at a pseudo-terminal, and asks an engine at a Unix socket")

from tests.documents.blocks import RUN, Block, blocks
from tests.documents.running import Reader, compared, reading, run, shown_by
from tests.waiting import DEADLINE
from zsr_tui import paths
from zsr_tui.engine.library import Library


@pytest.fixture(scope="module")
def reader(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(tmp_path_factory.mktemp("documents"), paths.indexes_dir()) as found:
        yield found


@pytest.mark.timeout(20 * DEADLINE)
def test_every_block_does_and_prints_what_the_document_shows(reader: Reader) -> None:
    """One test, because what one block makes the next may use: in the order of the documents. ZSR_TUI_DOCUMENTS names
    those that alone are meant while somebody writes them."""
    documents = os.environ.get("ZSR_TUI_DOCUMENTS", "").split() or RUN
    found = [block for document in documents for block in blocks(document) if is_run(block)]
    found.sort(key=lambda block: "last" in block.settings())
    wrong = [f"{block.place}:\n{said}" for block in found if (said := run(block, reader))]
    assert not wrong, "\n\n".join(wrong)
    for block in found:
        if printed := reader.seen.get(block.place):
            shown = shown_by(block)
            assert not compared(block, shown, printed)
            assert compared(block, changed_by_hand(shown), printed), f"{block.place} may say what it likes"


def is_run(block: Block) -> bool:
    """What takes minutes is run where ZSR_TUI_FIGURES is set."""
    long = "minutes" in block.settings() and not os.environ.get("ZSR_TUI_FIGURES")
    return not long and not {"not run", "file"} & block.marks.keys()


def changed_by_hand(shown: str) -> str:
    """Another figure, or where there is none another word."""
    figure = re.compile(r"(?<= )\d\.\d{3,4}\b")
    return figure.sub("9.9999", shown, 1) if figure.search(shown) else f"{shown.rstrip()} otherwise"
