"""Words in every script, as the BM25 index has them (tests/engine/test_lucene.py asks Lucene itself)."""

from __future__ import annotations

import pytest

from zsr_tui.text import Terms
from zsr_tui.words import words

WORDS = {
    "possessives and other apostrophes": ("Bell's don't L'Hôpital James' rock'n'roll ‘quoted’ o’clock’s", [
        "bell", "don't", "l'hôpital", "james", "rock'n'roll", "quoted", "o’clock",
    ]),
    "numbers and abbreviations": ("3.14 1,000 U.S. a,b 10:30 a:b x2 2x x² ½", [
        "3.14", "1,000", "u.s", "a", "b", "10", "30", "a:b", "x2", "2x", "x",
    ]),
    "what joins": ("foo_bar e-mail www.example.com/a C++ _ __x", [
        "foo_bar", "e", "mail", "www.example.com", "a", "c", "__x",
    ]),
    "Devanagari": ("दिल्ली में बारिश", ["दिल्ली", "में", "बारिश"]),
    "Hebrew": ("מָלוֹן צה\"ל ג' \"שלום\"", ["מָלוֹן", "צה\"ל", "ג'", "שלום"]),
    "Arabic": ("العَرَبِيَّة كتاب\u200cها", ["العَرَبِيَّة", "كتاب\u200cها"]),
    "Thai beside Latin": ("abcกรุงเทพ วันนี้", ["abc", "กรุงเทพ", "วันนี้"]),
    "Japanese": ("検索エンジンengineのテスト佐々木", "検 索 エンジン engine の テスト 佐 々 木".split()),
    "Korean": ("한국어 문장", ["한국어", "문장"]),
    "decomposed": ("nai\u0308ve cafe\u0301", ["nai\u0308ve", "cafe\u0301"]),
    "capitals": ("İstanbul STRASSE ΑΒΓ", ["istanbul", "strasse", "αβγ"]),
    "spaces without a width": ("the\u200bhidden\u200btreasure a\u200cb", ["the", "hidden", "treasure", "a\u200cb"]),
    "Hebrew with a geresh": ("צ\u05f3רצ\u05f3יל ג\u05f3 \u05f3ד", ["צ\u05f3רצ\u05f3יל", "ג\u05f3", "\u05f3ד"]),
    "emoji": ("😀 face😀😀x", ["😀", "face", "😀", "😀", "x"]),
    "emoji of several characters": ("👍🏽 👨\u200d👩\u200d👧 ❤\ufe0flove 🇩🇪🇫🇷 #\ufe0f\u20e3", [
        "👍🏽", "👨\u200d👩\u200d👧", "❤\ufe0f", "love", "🇩🇪", "🇫🇷", "#\ufe0f\u20e3",
    ]),
    "signs": ("2024 © ™x a®b ★ ✓ → € 🇩", ["2024", "©", "™", "x", "a", "®", "b", "★"]),
    "letters in circles and radicals": ("Ⓜ ⓐb ⺀⼀", ["ⓜ", "ⓐb", "⺀", "⼀"]),
    "nothing": ("— … “” _ ' \u0301", []),
}  # fmt: skip


@pytest.mark.parametrize("script", WORDS)
def test_words_of_a_script(script: str) -> None:
    text, expected = WORDS[script]
    assert words(text) == expected


MARKED = {
    "a possessive is the word": ("Bell theorem", "Bell's theorem; bells, Bellows", ["Bell's", "theorem", "bells"]),
    "an apostrophe inside is no boundary": ("hôpital", "L'Hôpital, hôpital", ["hôpital"]),
    "nor is a point in a number": ("14", "3.14 and 14", ["14"]),
    "a mark is no boundary": ("ve", "nai\u0308ve ve", ["ve"]),
    "a word behind another script": ("engine", "検索engine", ["engine"]),
    "no part of a run": ("エン", "エンジン エン", ["エン"]),
    "no word of the same first letter": ("दिल्ली", "दूध दिल्ली", ["दिल्ली"]),
    "an emoji": ("😀 love", "So 😀, 😀😀 ❤\ufe0flove", ["😀", "😀", "😀", "love"]),
    "no emoji of another skin": ("👍 x", "👍🏽 👍", ["👍"]),
    "a flag behind another": ("🇫🇷", "🇩🇪🇫🇷 🇪🇫", ["🇫🇷"]),
    "a sign": ("©", "Acme© 2024", ["©"]),
    "behind a space without a width": ("treasure", "the\u200bhidden\u200btreasure", ["treasure"]),
    "a geresh is a letter": ("רצ\u05f3יל", "צ\u05f3רצ\u05f3יל רצ\u05f3יל", ["רצ\u05f3יל"]),
    "short words are not stemmed": ("i", "is I", ["I"]),
}


@pytest.mark.parametrize("case", MARKED)
def test_what_is_marked_is_what_the_index_finds(case: str) -> None:
    query, text, marked = MARKED[case]
    assert [text[start:end] for start, end in Terms.of(query).spans(text)] == marked


def test_every_word_of_a_text_is_found_where_it_stands() -> None:
    for text, _ in WORDS.values():
        found = Terms.of(text).find(text)
        assert [text[start:end] for start, end, _ in found if not text[start:end].strip()] == []
        assert {stem for _, _, stem in found} == Terms.of(text).stems
