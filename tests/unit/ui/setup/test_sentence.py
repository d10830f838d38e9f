"""How a sentence with an address is put on lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zsr_tui.ui.setup.preparing.sentence import lines_of

URL = "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets/scifact.zip"


def test_an_address_that_fits_stays_whole_and_a_longer_one_is_broken_behind_a_slash() -> None:
    text = f"put a copy of {URL} at /home/me/.ir_datasets/beir/scifact.zip, or use a folder."
    assert URL in lines_of(text, 80)
    lines = lines_of(text, 60)
    assert lines[:3] == [
        "put a copy of",
        "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/",
        "datasets/scifact.zip at",
    ]


def test_a_word_without_a_slash_is_broken_where_the_line_ends() -> None:
    assert lines_of("an " + "x" * 50, 20) == ["an", "x" * 20, "x" * 20, "x" * 10]
    assert lines_of("https://" + "x" * 30, 20)[0] == "https://" + "x" * 12  # not behind the scheme


@given(st.text(alphabet="ab/ ", max_size=200), st.integers(1, 40))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = lines_of(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
