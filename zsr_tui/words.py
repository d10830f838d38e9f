"""Words as Lucene's StandardTokenizer finds them, which the BM25 index is made with: the rules of Unicode's text
segmentation (UAX 29), with every Chinese character, hiragana and emoji alone, and runs of katakana, Thai, Lao, Khmer
and Burmese whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby

_HAN = (
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3006\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096\u309d-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_KATAKANA = "\u3031-\u3035\u309b\u309c\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff9f"
_TOGETHER = (  # scripts without spaces, whose words need a dictionary (LB=Complex_Context)
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17d3"
    "\u17d7\u17dc\u17dd\u1950-\u1974\u1980-\u19ca\u1a20-\u1aad\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaac2\uaadb-\uaadf"
)
_LETTERS = (  # ALetter, and no letters to Python
    "\u02c2-\u02c5\u02d2-\u02d7\u02de\u02df\u02ed\u02ef-\u02ff\u055b\u055c\u055e\u05f3\u24b6-\u24e9\ua720\ua721\ua789\ua78a\uab5b"
    "\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"
)
_PICTURES = (  # Extended_Pictographic
    "\xa9\xae\u203c\u2049\u2122\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf\u23e9-\u23f3\u23f8-\u23fa\u25aa\u25ab\u25b6"
    "\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744"
    "\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f16f\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f1ad-\U0001f1e5\U0001f200-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f23c-\U0001f23f\U0001f249-\U0001f53d"
    "\U0001f546-\U0001f64f\U0001f680-\U0001f6ff\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff\U0001f80c-\U0001f80f\U0001f848-\U0001f84f"
    "\U0001f85a-\U0001f85f\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001fbef"
    "\U0001fbfa-\U0001fffd"
)
_TONES = range(0x1F3FB, 0x1F400)  # of skin: written with an emoji
_FLAGS = "\U0001f1e6-\U0001f1ff"  # two make one
_HEBREW = "\u05d0-\u05ea\u05ef-\u05f2\ufb1d-\ufb4f"
_JOINING = "_\u202f\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f"  # ExtendNumLet
_BOTH = ".'\u2018\u2019\u2024\ufe52\uff07\uff0e"  # MidNumLet and Single_Quote: between letters or digits
_IN_LETTERS = _BOTH + ":\xb7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a"  # and MidLetter
_IN_DIGITS = _BOTH + ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"  # and MidNum
_WITH_MARKS = (  # Unicode's blocks but for those of characters without any
    range(0x80, 0x3400), range(0xA000, 0xAC00), range(0xF900, 0x12000), range(0x16A00, 0x17000),
    range(0x1BC00, 0x1F200), range(0xE0000, 0xE0080), range(0xE0100, 0xE01F0),
)  # fmt: skip
_NO_WIDTH = 0x200B
_POSSESSIVE = re.compile("['\u2019\uff07]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """`word` finds one; the others are what it is made of. `before` is where a word of letters and digits may begin."""

    word: str
    before: str
    letters: str
    katakana: str
    together: str
    pictures: str
    extended: str


@cache
def _patterns() -> _Patterns:
    marks, numbers = _classes()
    extended = f"[{marks}]*"
    other = f"[{_HAN}{_KATAKANA}{_TOGETHER}{numbers}]"
    letter, digit = rf"(?!{other})(?:[^\W\d_]|[{_LETTERS}])", r"\d"
    hebrew = rf"[{_HEBREW}]{extended}(?:'|\"(?=[{_HEBREW}]))"
    letters = (
        rf"(?:{hebrew}|{letter}{extended}(?:[{_IN_LETTERS}]{extended}(?={letter}))?"
        rf"|{digit}{extended}(?:[{_IN_DIGITS}]{extended}(?={digit}))?|[{_JOINING}]{extended})+"
    )
    katakana = rf"(?:[{_KATAKANA}]{extended})+"
    together = rf"[{_TOGETHER}][{_TOGETHER}{marks}]*"
    flag = rf"(?:(?<![{_FLAGS}])|(?<=[{_FLAGS}]{{2}}))[{_FLAGS}]{{2}}{extended}"
    pictures = rf"(?:[{_PICTURES}](?:[{marks}]|(?<=\u200d)[{_PICTURES}])*|{flag}|[#*]\ufe0f?\u20e3)"
    word = rf"[{_HAN}]{extended}|{katakana}|{together}|{letters}|{pictures}"
    inside = (
        rf"(?<![\w{marks}{_LETTERS}])(?<![^\W\d_][{_IN_LETTERS}])(?<![{marks}{_LETTERS}][{_IN_LETTERS}])"
        rf"(?<!\d[{_IN_DIGITS}])"
    )
    before = rf"(?:{inside}|(?<=[{_HAN}{_KATAKANA}{_TOGETHER}])|(?<=[{_PICTURES}][{marks}]))"
    return _Patterns(word, before, letters, katakana, together, pictures, extended)


def _classes() -> tuple[str, str]:
    """What is written with a letter and is none (marks and invisible characters, but for the space without a width,
    which parts words), and what is a number and no digit,
    each as the inside of a class of a regular expression. Takes 10 ms, once."""
    marks, numbers = [], []
    for code in chain.from_iterable(_WITH_MARKS):
        category = unicodedata.category(chr(code))
        if category in ("Mn", "Mc", "Me", "Cf") and code != _NO_WIDTH:
            marks.append(code)
        elif category == "No":
            numbers.append(code)
    return _ranges([*marks, *_TONES]), _ranges(numbers)


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
        rf"|(?<![{_KATAKANA}]){made.katakana}|(?<![{_TOGETHER}]){made.together}"
        rf"|(?<!\u200d){made.pictures}",
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
