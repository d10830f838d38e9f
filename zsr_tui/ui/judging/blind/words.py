"""What the screen of blind comparisons says."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.api.blind import DuelView
from zsr_tui.numerals import counted, p_value, value
from zsr_tui.text import one_line
from zsr_tui.ui.judging.blind.duels import Duel, Work
from zsr_tui.ui.parts.pieces import Piece, crop, joined, progress_bar, shorten_notation

HOW = "Win rate: wins and half of the ties, with its 95 % interval (Wilson's).", "p: exact sign test without the ties."
EMPTY = "This list is being made."
WIDE, NAMES, NUMBERS = 110, 84, 56  # cells: of one line for a pair, of the systems at most, of the numbers
Chosen = tuple[Duel, str, int]  # what was preferred of a duel ("left", "right" or "tie"), and its number in the file


def progress(preferred: int, passed: int, alike: int, number: int, count: int | None) -> list[Piece]:
    said: list[Piece] = [(f"{preferred:,} preferred", "strong")]
    if passed:
        said.append((f"{passed:,} passed over", "muted"))
    if alike:
        said.append((f"{alike:,} not shown, both lists the same", "muted"))
    if count is not None and number < count:
        said.append((f"query {number + 1:,} of {count:,}", "muted"))
    return joined(said)


def looking(work: Work | None) -> str:
    """While there are no lists: how far both together are."""
    said = "looking for the next two lists …"
    if work is None:
        return said
    done, total = work.scored
    ready = " one of them is there" if work.ready else ""
    return f"{said}{ready}{f' {done:,}/{total:,} {progress_bar(done, total, 12)}' if total else ''}"


def pairs(count: int, key: str) -> list[Piece]:
    """Where several are mixed, that one can be chosen."""
    return [(f" · {count:,} pairs in turn: {key} chooses", "reference")] if count > 1 else []


def result_lines(
    session: Sequence[DuelView], every: Sequence[DuelView], chosen: Sequence[Chosen], seed: int, width: int
) -> list[list[Piece]]:
    """Who won, here and in all that is kept, and which system stood where."""
    lines = [[("This session", "strong")], *_table(session, width)]
    if [each.first for each in every] and list(every) != list(session):
        lines += [[], [("Everything that is kept of this dataset", "strong")], *_table(every, width)]
    lines += [
        [],
        *([(said, "muted")] for said in HOW),
        [(f"Seed of the order and the sides: {seed}.", "muted")],
    ]
    if chosen:
        lines += [[], [("What you preferred, by query", "strong")], *(_one(duel, choice) for duel, choice, _ in chosen)]
    return [crop(line, width) for line in lines]


def _table(found: Sequence[DuelView], width: int) -> list[list[Piece]]:
    """A line for each pair; two where they would be too long."""
    if not found:
        return [[("Nothing was preferred yet.", "muted")]]
    wide = width >= WIDE
    name = min(NAMES, width - NUMBERS) if wide else 2
    columns = f"{'wins':>5}  {'ties':>5}  {'losses':>6}  {'win rate':>8}  {'from':>5} {'to':>5}  {'p':>8}"
    lines: list[list[Piece]] = [[(f"{'':<{name}}{columns}", "muted")]]
    for each in found:
        half = ((name if wide else width) - len(" over ") - 1) // 2
        first, second = (shorten_notation(one_line(system), half) for system in (each.first, each.second))
        pair = f"{first} over {second}"
        counts = f"{each.wins:>5,}  {each.ties:>5,}  {each.losses:>6,}  "
        rates = f"{value(each.rate, 3):>8}  {value(each.low, 3):>5} {value(each.high, 3):>5}  {p_value(each.p):>8}"
        numbers = [(counts, "score"), (rates, "up" if each.low > 0.5 else "score")]
        if wide:
            lines.append([(f"{pair:<{name}}", "text"), *numbers])
        else:
            lines += [[(pair, "text")], [(" " * name, "plain"), *numbers]]
    unsure = [each for each in found if each.low <= 0.5]
    if unsure:
        lines.append(
            [(f"Where the interval holds 0.5, nobody has won yet: {counted(len(unsure), 'pair')} here.", "muted")]
        )
    return lines


def _one(duel: Duel, choice: str) -> list[Piece]:
    left, right = (shorten_notation(one_line(system), 40) for system in (duel.left, duel.right))
    said = {"left": f"{left} over {right}", "right": f"{right} over {left}", "tie": f"{left} and {right} alike"}[choice]
    return [(f"{said}  ", "text"), (one_line(duel.query_text), "muted")]
