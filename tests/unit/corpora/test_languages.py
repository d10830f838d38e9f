"""The language of a corpus, as far as its id says."""

from __future__ import annotations

import pytest

from zsr_tui.corpora.languages import language_for, language_of
from zsr_tui.pipeline import ENGLISH, PLAIN


@pytest.mark.parametrize(
    ("collection", "language"),
    [
        pytest.param("miracl/de", "de", id="MIRACL"),
        pytest.param("mr-tydi/sw", PLAIN, id="one without an analyser"),
        pytest.param("mmarco/v2/dt", "nl", id="another code"),
        pytest.param("neuclir/1/zh/hc4-filtered", "zh", id="a part"),
        pytest.param("neuclir/1/multi", "", id="several"),
        pytest.param("wikiclir/en-simple", "en", id="simple English"),
        pytest.param("beir/scifact", "", id="English"),
        pytest.param("/data/miracl/de", "", id="a folder"),
    ],
)
def test_it_is_guessed_from_the_id(collection: str, language: str) -> None:
    assert language_of(collection) == language
    assert language_for(collection) == (language or ENGLISH)
    assert language_for(collection, "fr") == "fr"
