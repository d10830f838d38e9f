"""What is said of judgments that were written to a file."""

from __future__ import annotations

from zsr_tui.api.merging import Exported
from zsr_tui.numerals import counted

SOURCES = {"own": "own", "model": "of models", "dataset": "of the dataset"}


def said_of(made: Exported) -> list[str]:
    """What was written and what was not, in sentences without their full stop."""
    total = sum(made.counts.values())
    sources = ", ".join(f"{count:,} {SOURCES[source]}" for source, count in sorted(made.counts.items()))
    said = [f"wrote {counted(total, 'judgment')}{f' ({sources})' if sources else ''}"]
    if made.left_out:
        what = f"{counted(made.left_out, 'judgment')} of typed queries left out"
        said.append(f"{what}: such a query has no id; .csv and .jsonl keep them")
    return said
