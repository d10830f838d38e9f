"""What counts after a key takes own judgments in or leaves them out."""

from __future__ import annotations

import pytest

from zsr_tui.api.judging import AnySource
from zsr_tui.ui.parts.judging.state import toggled


@pytest.mark.parametrize(
    "sources",
    [("own", "dataset"), ("own", "model", "dataset"), ("model", "own", "dataset"), ("own",), ("own", "model")],
    ids=" ".join,
)
def test_twice_is_what_it_was(sources: tuple[AnySource, ...]) -> None:
    assert toggled(toggled(sources), sources) == sources


def test_what_was_chosen_since_stays() -> None:
    assert toggled(("model",), ("own", "dataset")) == ("own", "model")
    assert toggled(("dataset",)) == ("own", "dataset")
    assert toggled(("own",)) == ("dataset",)
