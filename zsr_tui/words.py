"""Words as Lucene's StandardTokenizer finds them, which the BM25 index is made with: the rules of Unicode's text
segmentation (UAX 29), with every Chinese character and hiragana alone, and runs of katakana, Thai, Lao, Khmer and
Burmese whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby

_HAN = (
    "\u3006\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096\u309d-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_KATAKANA = "\u3031-\u3035\u309b\u309c\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff9f"
_TOGETHER = (  # scripts without spaces, whose words need a dictionary (LB=Complex_Context)
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17d3"
    "\u17d7\u17dc\u17dd\u1950-\u1974\u1980-\u19ca\u1a20-\u1aad\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaac2\uaadb-\uaadf"
)
_HEBREW = "\u05d0-\u05ea\u05ef-\u05f2\ufb1d-\ufb4f"
_JOINING = "_\u202f\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f"  # ExtendNumLet
_BOTH = ".'\u2018\u2019\u2024\ufe52\uff07\uff0e"  # MidNumLet and Single_Quote: between letters or digits
_IN_LETTERS = _BOTH + ":\xb7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a"  # and MidLetter
_IN_DIGITS = _BOTH + ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"  # and MidNum
_WITH_MARKS = (  # Unicode's blocks but for those of characters without any
    range(0x80, 0x3400), range(0xA000, 0xAC00), range(0xF900, 0x12000), range(0x16A00, 0x17000),
    range(0x1BC00, 0x1F200), range(0xE0100, 0xE01F0),
)  # fmt: skip
_POSSESSIVE = re.compile("['\u2019\uff07]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """`word` finds one; the others are what it is made of. `before` is where a word of letters and digits may begin."""

    word: str
    before: str
    letters: str
    katakana: str
    together: str
    extended: str


@cache
def _patterns() -> _Patterns:
    marks, numbers = _classes()
    extended = f"[{marks}]*"
    other = f"[{_HAN}{_KATAKANA}{_TOGETHER}{numbers}]"
    letter, digit = rf"(?!{other})[^\W\d_]", r"\d"
    hebrew = rf"[{_HEBREW}]{extended}(?:'|\"(?=[{_HEBREW}]))"
    letters = (
        rf"(?:{hebrew}|{letter}{extended}(?:[{_IN_LETTERS}]{extended}(?={letter}))?"
        rf"|{digit}{extended}(?:[{_IN_DIGITS}]{extended}(?={digit}))?|[{_JOINING}]{extended})+"
    )
    katakana = rf"(?:[{_KATAKANA}]{extended})+"
    together = rf"[{_TOGETHER}][{_TOGETHER}{marks}]*"
    word = rf"[{_HAN}]{extended}|{katakana}|{together}|{letters}"
    inside = rf"(?<![\w{marks}])(?<![^\W\d_][{_IN_LETTERS}])(?<![{marks}][{_IN_LETTERS}])(?<!\d[{_IN_DIGITS}])"
    before = rf"(?:{inside}|(?<=[{_HAN}{_KATAKANA}{_TOGETHER}]))"
    return _Patterns(word, before, letters, katakana, together, extended)


def _classes() -> tuple[str, str]:
    """What is written with a letter and is none (marks and invisible characters), and what is a number and no digit,
    each as the inside of a class of a regular expression. Takes 10 ms, once."""
    marks, numbers = [], []
    for code in chain.from_iterable(_WITH_MARKS):
        category = unicodedata.category(chr(code))
        if category in ("Mn", "Mc", "Me", "Cf"):
            marks.append(code)
        elif category == "No":
            numbers.append(code)
    return _ranges(marks), _ranges(numbers)


def _ranges(codes: list[int]) -> str:
    runs = groupby(enumerate(codes), lambda pair: pair[1] - pair[0])
    of_runs = ([code for _, code in run] for _, run in runs)
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in of_runs)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(_patterns().word)


def words(text: str) -> list[str]:
    """In order, in small letters, without a possessive 's."""
    found = (match.group() for match in _word().finditer(text))
    return [plain(word) for word in found if word.strip(_JOINING)]


def plain(word: str) -> str:
    """As the index holds it before it is stemmed."""
    return _POSSESSIVE.sub(
        "", word.replace("\u0130", "i").lower()
    )  # as Java does it: Python makes two characters of it


@cache
def _whole() -> re.Pattern[str]:
    """A word from where it begins, in letters of either size."""
    made = _patterns()
    return re.compile(
        rf"{made.before}{made.letters}|[{_HAN}]{made.extended}"
        rf"|(?<![{_KATAKANA}]){made.katakana}|(?<![{_TOGETHER}]){made.together}",
        re.IGNORECASE,
    )


class Beginning:
    """Finds the words that begin with some characters, in letters of either size. What a word is takes a tenth of a
    second to compile, so that it is one pattern for all of these."""

    def __init__(self, beginnings: Iterable[str]) -> None:
        self._first = re.compile("|".join(map(re.escape, sorted(beginnings))), re.IGNORECASE)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        whole, place = _whole(), 0
        while begins := self._first.search(text, place):
            place = begins.start() + 1
            if word := whole.match(text, begins.start()):
                place = max(place, word.end())
                yield word
