"""Pieces of a line, and the cells that they take."""

from __future__ import annotations

import pytest
from rich.cells import split_graphemes

from zsr_tui.ui.parts.pieces import cell_offsets


@pytest.mark.parametrize("block", range(0x20, 0x3100, 0x100), ids="characters from U+{:04X}".format)
def test_what_is_quickly_measured_takes_the_cells_that_the_terminal_library_says(block: int) -> None:
    for code in range(block, block + 0x100):
        text = f"a{chr(code)}b"
        spans, cells = split_graphemes(text)
        if code == 0x7F:  # made visible before it is painted
            continue
        offsets = cell_offsets(text)
        assert offsets[-1] == cells, hex(code)
        assert len({*offsets}) == len([size for _, _, size in spans if size]) + 1, hex(code)
