"""How far judges agree, as text."""

from __future__ import annotations

from zsr_tui import numerals
from zsr_tui.api.agreement import FEW, Between
from zsr_tui.commands.table import table, wrapped
from zsr_tui.numerals import counted
from zsr_tui.text import flat


def between_text(found: Between) -> str:
    """Kappa and the confusion matrix of two."""
    first, second = flat(found.first), flat(found.second)
    lines = [
        wrapped(f"{first} and {second}: {counted(found.shared, 'document')} judged by both, {found.same:,} alike"),
    ]
    if found.kappa is None:
        lines.append(wrapped("Cohen's kappa is not defined where both always give the same grade."))
    else:
        lines.append(wrapped(f"Cohen's kappa {_kappa(found)}"))
    for name, counts in ((first, found.matrix), (second, tuple(zip(*found.matrix, strict=True)))):
        given = [grade for grade, row in zip(found.grades, counts, strict=True) if any(row)]
        if found.kappa is not None and len(given) == 1:
            lines.append(
                wrapped(f"{name} gave each of them the grade {given[0]}: kappa is 0 then, whatever the other gave.")
            )
    if found.kappa is not None and found.shared < FEW:
        lines.append(wrapped(f"Of fewer than {FEW} documents kappa says next to nothing."))
    header = [f"{first} ↓ {second} →", *map(str, found.grades)]
    rows = [[str(grade), *map(str, counts)] for grade, counts in zip(found.grades, found.matrix, strict=True)]
    lines.append(table(header, rows, right=set(range(len(header)))))
    return "\n".join(lines)


def _kappa(found: Between) -> str:
    return (
        f"{numerals.value(found.kappa, 2)} by grade, {numerals.value(found.weighted, 2)} by distance (quadratic), "
        f"{numerals.value(found.relevant, 2)} relevant or not"
    )
