"""The comparison as Markdown."""

from __future__ import annotations

import pytest

from zsr_tui.sessions.findings import Finding, FoundList, FoundRow
from zsr_tui.ui.compare.markdown import comparison


@pytest.mark.parametrize(
    ("searched", "state", "said"),
    [
        (None, "", "1. dense"),
        ((2125, 5183), "", "1. dense (provisional: searched 2,125 of 5,183 documents)"),
        (None, "stopped", "1. dense (provisional: stopped)"),
    ],
    ids=["whole", "of a part", "stopped"],
)
def test_a_list_that_is_not_the_last_word_says_so(searched: tuple[int, int] | None, state: str, said: str) -> None:
    row = FoundRow(doc_id="d", score=1.0)
    found = FoundList(system="dense(m)", label="dense", rows=(row,), total=1, searched=searched, state=state)
    assert said in comparison(Finding(dataset="demo", query="q", lists=(found,))).splitlines()
