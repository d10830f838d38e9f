"""What a document shows against what was printed: words to the letter, numbers as near as the document says.

White space counts as one space. Masked by rule are times and rates, sizes, dates, absolute paths up to their last
name, and bars. Whole numbers are compared as they are, others within the tolerance.
"""

from __future__ import annotations

import re

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MASKS = [
    (re.compile(r"(\d[\d.,]* m?s ·)[^│]*(?=│|$)"), "TIME "),  # a list's head, which is cut behind its time
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( ?UTC|Z)?"), "TIME"),
    (re.compile(rf"\d{{4}}-\d\d-\d\d|\b\d{{1,2}} ({_MONTHS}) 20\d\d"), "DATE"),
    (re.compile(r"\d[\d,.]*( \w+)?/s\b"), "RATE"),
    (re.compile(r"\d[\d,.]* ?(ms|µs|s|min|h)\b(?!\w)"), "TIME"),
    (re.compile(r"\b\d+:\d\d left"), "TIME left"),
    (re.compile(r"\d[\d,.]* ?(B|KB|kB|MB|GB|TB|KiB|MiB|GiB)\b"), "SIZE"),
    (re.compile(r"(?<![\w./])(?:~|/)(?:[\w.+-]*/)+"), "FOLDER/"),
    (re.compile(r"▕[^▏]*▏"), "BAR"),
    (re.compile(r"\bcpu .*(?= · idle)"), "ENGINE"),  # what else it holds
    (re.compile(r"(?<=[ …])[▁▂▃▄▅▆▇█](?=│|$)"), ""),  # of a scroll bar
]  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.@-])[+−-]?\d[\d,]*(?:\.\d+)?(?![\w@-])|(?<![\w])\.\d+")
LEFT_OUT = "..."  # a line of a sample in whose place any number of lines may stand


def differences(shown: str, printed: str, *, within: float = 0.0, columns: tuple[str, ...] = ()) -> str:
    """What differs first, as two lines; nothing where it is the same. `columns` are headings of columns of numbers
    that are not compared."""
    expected, actual = _lines(shown, columns), _lines(printed, columns)
    place = 0
    anywhere = False
    for number, line in enumerate(expected):
        if line == LEFT_OUT:
            anywhere = True
            continue
        found = next(
            (at for at in range(place, len(actual)) if same(line, actual[at], within)) if anywhere
            else (at for at in range(place, place + 1) if at < len(actual) and same(line, actual[at], within)),
            None,
        )  # fmt: skip
        if found is None:
            there = actual[place] if place < len(actual) else "(nothing more)"
            return f"  the document: {expected[number]}\n  the program:  {there}"
        place, anywhere = found + 1, False
    if place < len(actual) and not anywhere:
        return f"  the document: (nothing more)\n  the program:  {actual[place]}"
    return ""


def same(shown: str, printed: str, within: float) -> bool:
    if _NUMBER.sub("#", shown) != _NUMBER.sub("#", printed):
        return False
    pairs = zip(_NUMBER.findall(shown), _NUMBER.findall(printed), strict=True)
    return all(
        one == other or ("." in one and abs(_value(one) - _value(other)) <= within + 1e-12) for one, other in pairs
    )


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))


def _lines(text: str, columns: tuple[str, ...]) -> list[str]:
    """Without empty lines and what is masked."""
    lines = _without_columns(text.splitlines(), columns)
    for rule, name in _MASKS:
        lines = [rule.sub(name, line) for line in lines]
    return [" ".join(line.split()) for line in lines if line.strip(" │")]


def _without_columns(lines: list[str], columns: tuple[str, ...]) -> list[str]:
    """A cell stands under its heading where their last characters do: what is counted is aligned to the right."""
    found, ends = [], []  # type: list[str], list[int]
    for line in lines:
        headed = [
            heading.end() for name in columns for heading in re.finditer(rf"(?<!\S){re.escape(name)}(?!\S)", line)
        ]
        ends = headed if headed or not line.strip() else ends
        if not headed:
            for cell in reversed(list(re.finditer(r"\S+", line))):
                if cell.end() in ends:
                    line = f"{line[: cell.start()]}CELL{line[cell.end() :]}"
        found.append(line)
    return found
