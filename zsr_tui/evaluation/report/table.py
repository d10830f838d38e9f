"""A table as data, and its renderings as Markdown and LaTeX. HTML is in `page/parts.html`."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from zsr_tui.text import one_line

UP, DOWN = "▲", "▼"  # significantly better, worse than the baseline


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    number: bool = True  # right-aligned
    about: str = ""  # what the column holds, where the name does not say it


@dataclass(frozen=True, slots=True)
class Cell:
    """`best` of its column is set in bold; `mark` is UP, DOWN or nothing; `order` is what a sort goes by."""

    text: str
    best: bool = False
    mark: str = ""
    order: float | None = None

    @property
    def key(self) -> str:
        """What a program sorts by; "" where there is no number."""
        return "" if self.order is None or not math.isfinite(self.order) else f"{self.order:.10g}"


@dataclass(frozen=True, slots=True)
class Table:
    """`notes` explain what stands in it, one sentence each."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def markdown(table: Table, *, heading: bool = True) -> str:
    """A pipe table, under a heading or without; the best of a column in bold."""
    rows = [
        [_markdown_cell(cell) for cell in row]
        for row in ((*(Cell(column.name) for column in table.columns),), *table.rows)
    ]
    widths = [max(3, *(len(row[index]) for row in rows)) for index in range(len(table.columns))]
    rule = [
        "-" * (width - 1) + ":" if column.number else "-" * width
        for column, width in zip(table.columns, widths, strict=True)
    ]
    lines = [rows[0], rule, *rows[1:]]
    padded = [
        "| "
        + " | ".join(
            cell.rjust(width) if column.number else cell.ljust(width)
            for cell, column, width in zip(line, table.columns, widths, strict=True)
        )
        + " |"
        for line in lines
    ]
    notes = [f"\n{escape_markdown(note)}" for note in table.notes]
    title = [f"## {escape_markdown(table.title)}\n"] if heading else []
    return "\n".join([*title, *padded, *notes]) + "\n"


def _markdown_cell(cell: Cell) -> str:
    text = escape_markdown(cell.text)
    return f"**{text}**{cell.mark}" if cell.best and text else f"{text}{cell.mark}"


def escape_markdown(text: str) -> str:
    """Text that a Markdown reader shows as it is, on one line."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|~$#])", r"\\\1", one_line(text)).replace("&", "&amp;")
    return re.sub(r"^([-+]|\d+[.)])(?=\s)", r"\\\1", escaped)


_LONG = 40  # characters from which a column of text is set as paragraphs
_HEAD = 16  # characters from which the name of a column takes several lines


def latex(table: Table, label: str) -> str:
    """A `table` environment for booktabs and graphicx, made smaller where it is wider than the text. Significance is
    an arrow in superscript."""
    columns = "".join(_latex_column(table, place) for place in range(len(table.columns)))
    head = " & ".join(map(_latex_head, table.columns))
    body = [" & ".join(_latex_cell(cell) for cell in row) + r" \\" for row in table.rows]
    notes = " ".join(escape_latex(note) for note in table.notes)
    caption = f"{escape_latex(table.title)}. {notes}".strip()
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}}}",
            rf"\label{{tab:{label}}}",
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            rf"{head} \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
            "",
        ]
    )


def _latex_column(table: Table, place: int) -> str:
    if table.columns[place].number:
        return "r"
    longest = max((len(row[place].text) for row in table.rows), default=0)
    return "p{18em}" if place and longest > _LONG else "l"


def _latex_head(column: Column) -> str:
    name = escape_latex(column.name)
    if not column.number or len(column.name) <= _HEAD:
        return name
    return rf"\parbox[b]{{7em}}{{\raggedleft {name.replace('/', chr(92) + 'slash{}')}}}"


_ARROWS = {UP: r"$^{\uparrow}$", DOWN: r"$^{\downarrow}$", "": ""}


def _latex_cell(cell: Cell) -> str:
    text = escape_latex(cell.text)
    return (rf"\textbf{{{text}}}" if cell.best and text else text) + _ARROWS[cell.mark]


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "[": "{[}",  # a bracket after \\ would be its optional argument
    "]": "{]}",
    "−": "$-$",
    "–": "--",
    "Δ": r"$\Delta$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "●": r"$\bullet$",
    "○": r"$\circ$",
    "·": r"$\cdot$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    UP: r"$\uparrow$",
    DOWN: r"$\downarrow$",
    "±": r"$\pm$",
    "≈": r"$\approx$",
    "’": "'",
    "‘": "`",
    "“": "``",
    "”": "''",
    "—": "---",
    "`": r"\textasciigrave{}",
}
_ACCENTED = range(0xA1, 0x17F)  # Latin letters, of which pdfLaTeX's default fonts lack these:
_LACKED = frozenset("«»ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲų")


def escape_latex(text: str) -> str:
    """Text for LaTeX, on one line, as it is written: two hyphens do not become a dash. What pdfLaTeX's default fonts
    do not have becomes its plain letter, or a question mark."""
    shown = one_line(text)
    return "".join(
        ("{}" if before == character and character in "-'" else "") + _latex_character(character)
        for before, character in zip(f" {shown}", shown, strict=False)
    )


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character.isascii() or (ord(character) in _ACCENTED and character not in _LACKED):
        return character
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain.isascii() and plain.isalnum() else "?"
