"""Texts are tokenised once, whoever asks for them."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import normalizers

from zsr_tui.scoring.tokens import store as stores
from zsr_tui.scoring.tokens.backend import Backend
from zsr_tui.scoring.tokens.memory import Memory
from zsr_tui.scoring.tokens.store import TokenStore

from . import made


class Counted:
    """A tokenizer of letters; `asked` are the texts of each call."""

    def __init__(self, size: int = 100) -> None:
        self.asked: list[list[str]] = []
        self.backend = Backend(self.encode, None, size, "letters")

    def encode(self, texts: list[str]) -> list[list[int]]:
        self.asked.append(texts)
        return [[ord(letter) % 100 for letter in text] for text in texts]


def listed(found: Sequence[np.ndarray]) -> list[list[int]]:
    return [ids.tolist() for ids in found]


def test_a_text_is_tokenised_once_and_all_that_are_missing_in_one_call() -> None:
    letters = Counted()
    store = TokenStore(letters.backend, memory=Memory())
    first = store.ids(["ab", "", "c", "ab"])
    assert listed(first) == [[97, 98], [], [99], [97, 98]]
    assert listed(store.ids(["c", "d", "ab"])) == [[99], [0], [97, 98]]
    assert letters.asked == [["ab", "", "c"], ["d"]]
    assert store.ids([]) == []


def test_a_prefix_is_tokenised_with_the_text_and_kept_apart() -> None:
    letters, memory = Counted(), Memory()
    plain, prompted = TokenStore(letters.backend, memory=memory), TokenStore(letters.backend, "x", memory)
    assert listed(plain.ids(["a"])) == [[97]]
    assert listed(prompted.ids(["a"])) == [[20, 97]]
    assert listed(TokenStore(letters.backend, "x", memory).ids(["a"])) == [[20, 97]]
    assert letters.asked == [["a"], ["xa"]]
    assert plain.fingerprint != prompted.fingerprint


@pytest.mark.parametrize(("size", "kind"), [(1 << 16, "uint16"), ((1 << 16) + 1, "int32")])
def test_ids_are_as_narrow_as_the_vocabulary_allows(size: int, kind: str) -> None:
    (ids,) = TokenStore(Counted(size).backend, memory=Memory()).ids(["abc"])
    assert ids.dtype == kind
    assert ids.base is None, "it keeps the ids of other texts alive"


def test_memory_is_bounded_and_what_was_not_used_leaves_first() -> None:
    letters, memory = Counted(), Memory(limit=3 * 400)
    store = TokenStore(letters.backend, memory=memory)
    for text in ("a" * 40, "b" * 40, "c" * 40, "a" * 40, "d" * 40, "a" * 40, "b" * 40):
        store.ids([text])
    assert [text[0] for (text,) in letters.asked] == ["a", "b", "c", "d", "b"]
    assert 0 < memory.bytes <= 3 * 400
    assert len(store.ids(["z" * 10_000])[0]) == 10_000  # too large to be kept
    assert memory.bytes <= 3 * 400


def test_ids_of_a_corpus_come_before_all_others() -> None:
    class Corpus:
        def find(self, digests: Sequence[bytes]) -> list[Any]:
            return [np.array([7]) if each == known else None for each in digests]

    letters, corpus = Counted(), Corpus()
    store = TokenStore(letters.backend, memory=Memory())
    known = stores.digest("ab")
    store.ids(["c"])
    stores.attach(store.fingerprint, corpus)
    try:
        assert listed(store.ids(["c", "ab", "d"])) == [[99], [7], [0]]
        assert listed(TokenStore(letters.backend, "x", Memory()).ids(["ab"])) == [[20, 97, 98]]
    finally:
        stores.detach(corpus)
    assert listed(store.ids(["ab"])) == [[97, 98]]


def test_the_corpus_that_had_the_last_texts_is_asked_first() -> None:
    asked: list[str] = []

    class Corpus:
        def __init__(self, name: str) -> None:
            self.name = name

        def find(self, digests: Sequence[bytes]) -> list[Any]:
            asked.append(self.name)
            return [np.array([7]) if each == stores.digest(self.name) else None for each in digests]

    corpora, store = [Corpus("one"), Corpus("two")], TokenStore(Counted().backend, memory=Memory())
    for corpus in corpora:
        stores.attach(store.fingerprint, corpus)
    try:
        for text in ("one", "one", "two"):
            store.ids([text])
    finally:
        for corpus in corpora:
            stores.detach(corpus)
    assert asked == ["two", "one", "one", "one", "two"]


def test_ids_of_a_tokenizer_that_is_code_are_nobody_elses() -> None:
    memory = Memory()
    first, second = (
        TokenStore(Backend(lambda texts, number=number: [[number]] * len(texts), None, 9), memory=memory)
        for number in (1, 2)
    )
    assert listed([*first.ids(["a"]), *second.ids(["a"]), *first.ids(["a"])]) == [[1], [2], [1]]
    assert first.fingerprint == ""


def test_models_with_one_vocabulary_share_their_ids() -> None:
    """What a tokenizer puts around texts, and where it cuts, is no part of them."""
    one = made.bert()
    other, cased = copy.deepcopy(one), copy.deepcopy(one)
    other.model_max_length = 512
    other._tokenizer.post_processor = None
    other._tokenizer.enable_truncation(3)
    cased._tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    marks = [stores.store(each).fingerprint for each in (one, other, cased)]
    assert marks[0] == marks[1] != marks[2]
    assert stores.store(one).backend is stores.store(other).backend
    one.add_tokens(["vitamin"])
    assert stores.store(one).fingerprint != marks[0]


def test_a_fingerprint_is_the_same_in_another_process(tmp_path: Path) -> None:
    tokenizers = {name: make() for name, make in made.FAMILIES.items()}
    for name, each in tokenizers.items():
        each._tokenizer.save(str(tmp_path / f"{name}.json"))
    asked = (
        "import json, pathlib, sys; from tokenizers import Tokenizer; from zsr_tui.scoring.tokens.store import store; "
        "print(json.dumps({path.stem: store(Tokenizer.from_file(str(path))).fingerprint"
        " for path in pathlib.Path(sys.argv[1]).iterdir()}), 'torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", asked, str(tmp_path)], capture_output=True, text=True, check=True)
    marks, _, torch = said.stdout.rpartition(" ")
    assert json.loads(marks) == {name: stores.store(each).fingerprint for name, each in tokenizers.items()}
    assert torch.strip() == "False", "models in ONNX files start without torch"


def test_threads_that_ask_for_the_same_texts_get_the_same_ids() -> None:
    tokenizer = made.bert()
    texts = [f"vitamin {number} in the cold water" for number in range(40)]
    expected = tokenizer(texts, add_special_tokens=False)["input_ids"]
    store = TokenStore(stores.store(tokenizer).backend, memory=Memory(limit=4000))
    found: list[bool] = []

    def ask(shift: int) -> None:
        for turn in range(20):
            places = [(shift + turn + place) % 40 for place in range(10)]
            found.append(listed(store.ids([texts[place] for place in places])) == [expected[place] for place in places])

    threads = [threading.Thread(target=ask, args=(7 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80
