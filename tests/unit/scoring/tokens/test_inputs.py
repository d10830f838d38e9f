"""Joined inputs against the tokenizer's own, token for token, over texts that nobody would choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from zsr_tui.domain import Problem
from zsr_tui.scoring.scorer import Prepared, Tokens
from zsr_tui.scoring.tokens import calling, inputs
from zsr_tui.scoring.tokens.template import kept

from . import made


@pytest.fixture(scope="module")
def tokenizer_of() -> Callable[[str], Any]:
    kept: dict[str, Any] = {}

    def tokenizer(family: str) -> Any:
        if family not in kept:
            kept[family] = made.FAMILIES[family]()
        return kept[family]

    return tokenizer


def own(
    tokenizer: Any, texts: list[str], pairs: list[str] | None, longest: int
) -> Iterator[tuple[list[int], int, bool]]:
    encoded = tokenizer(texts, pairs, truncation="longest_first", max_length=longest, padding=False)
    types = encoded.get("token_type_ids", [[]] * len(texts))
    for ids, kinds, encoding in zip(encoded["input_ids"], types, encoded.encodings, strict=True):
        yield ids, kinds.index(1) if 1 in kinds else 0, bool(encoding.overflowing)


def assert_same(found: list[Prepared], expected: Iterator[tuple[list[int], int, bool]]) -> None:
    for each, (ids, second, cut) in zip(found, expected, strict=True):
        assert np.concatenate(each.payload.pieces).tolist() == ids
        assert (each.tokens, each.cut, each.payload.second) == (len(ids), cut, second)


@pytest.mark.parametrize("prefix", ["", "query: ", "Represent this:", " "], ids=["none", "word", "no space", "space"])
@pytest.mark.parametrize("family", made.FAMILIES)
def test_one_text_with_a_prompt_that_merges_with_it(
    tokenizer_of: Callable[[str], Any], family: str, prefix: str
) -> None:
    tokenizer = tokenizer_of(family)
    prompted = [prefix + text for text in made.HOSTILE]
    for longest in (14, 5000):
        singles = inputs.Singles(tokenizer, longest, prefix)  # the second time the ids are known
        assert singles.joined
        assert_same(singles.prepare(made.HOSTILE), own(tokenizer, prompted, None, longest))


@pytest.mark.parametrize("family", made.FAMILIES)
def test_pairs(tokenizer_of: Callable[[str], Any], family: str) -> None:
    tokenizer = tokenizer_of(family)
    # of two long texts a tokenizer keeps every piece with every piece: what it makes of shorter ones is the same
    texts = [text[:150] for text in made.HOSTILE]
    for longest in (32, 33):
        pairs = inputs.Pairs(tokenizer, longest)
        assert pairs.joined
        for query in ("vitamin B12", "", " ", "[SEP] </s>", "words of a query " * 3, made.LONG[:150]):
            assert_same(pairs.prepare(query, texts), own(tokenizer, [query] * len(texts), texts, longest))


def test_a_tokenizer_that_cuts_each_text_before_it_cuts_both(
    tokenizer_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As tokenizers before 0.23.3: of two texts that fill a room of their own the second gets the odd token."""
    tokenizer, whole = tokenizer_of("bert"), calling.inputs

    def clipped(given: Any, texts: list[str], pairs: list[str] | None, longest: int) -> list[Prepared]:
        if pairs is None:
            return whole(given, texts, pairs, longest)
        found = whole(given, texts, pairs, 1 << 30)
        sides = []
        for each in found:
            ids, second = each.payload.pieces[0], each.payload.second
            first, rest = ids[1 : second - 1], ids[second:-1]
            one, other = kept(min(len(first), longest), min(len(rest), longest), longest - 3)
            cut = one + other < len(first) + len(rest)
            pieces = (np.concatenate((ids[:1], first[:one], ids[second - 1 : second], rest[:other], ids[-1:])),)
            sides.append(Prepared(one + other + 3, cut, Tokens(pieces, one + 2)))
        return sides

    monkeypatch.setattr(calling, "inputs", clipped)
    pairs = inputs.Pairs(tokenizer, 16)
    assert pairs.joined
    for first, second in ((17, 16), (17, 15), (40, 40), (5, 40), (16, 20)):
        (found,), (expected,) = (
            each("a " * first, ["b " * second])
            for each in (pairs.prepare, lambda query, texts: clipped(tokenizer, [query], texts, 16))
        )
        assert np.concatenate(found.payload.pieces).tolist() == expected.payload.pieces[0].tolist()
        assert (found.tokens, found.cut, found.payload.second) == (16, True, expected.payload.second)


def test_two_endless_texts(tokenizer_of: Callable[[str], Any]) -> None:
    (found,) = inputs.Pairs(tokenizer_of("bert"), 31).prepare(made.LONG, [made.LONG + "."])
    assert (found.tokens, found.cut, found.payload.second) == (31, True, 16)


@pytest.mark.parametrize("room", [0, 1, 2, 7, 8])
def test_the_longer_text_is_cut_first(tokenizer_of: Callable[[str], Any], room: int) -> None:
    tokenizer = tokenizer_of("bert")
    for first in range(12):
        for second in range(12):
            encoded = tokenizer(["a " * first], ["b " * second], truncation="longest_first", max_length=room + 3)
            types = encoded.encodings[0].sequence_ids
            assert kept(first, second, room) == (types.count(0), types.count(1))


class TestATokenizerIsCalledForTheWhole:
    def check(self, tokenizer: Any, query: str = "vitamin B12") -> None:
        singles, pairs = inputs.Singles(tokenizer, 24, "to: "), inputs.Pairs(tokenizer, 24)
        assert not singles.joined
        assert not pairs.joined
        texts = [text[:150] for text in made.HOSTILE]
        assert_same(singles.prepare(texts), own(tokenizer, ["to: " + text for text in texts], None, 24))
        assert_same(pairs.prepare(query, texts), own(tokenizer, [query] * len(texts), texts, 24))

    def test_where_it_cuts_off_the_beginning(self) -> None:
        tokenizer = made.bert()
        tokenizer.truncation_side = "left"
        self.check(tokenizer)

    def test_where_its_class_changes_what_its_core_gives(self) -> None:
        class Changed(type(made.bert())):  # type: ignore[misc]
            def __call__(self, *texts: Any, **options: Any) -> Any:
                encoded = super().__call__(*texts, **options)
                for ids in encoded["input_ids"]:
                    ids[-1:] = [4] * len(ids[-1:])
                return encoded

        tokenizer = made.bert()
        tokenizer.__class__ = Changed
        self.check(tokenizer)

    def test_where_the_second_text_stands_first(self) -> None:
        tokenizer = made.xlm_roberta()
        tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
            single="$A $A", pair="<s> $B </s> $A", special_tokens=[("<s>", 0), ("</s>", 2)]
        )
        self.check(tokenizer)

    def test_where_a_part_of_it_is_code(self) -> None:
        class Shout:
            def normalize(self, text: Any) -> None:
                text.uppercase()

        tokenizer = made.bert()
        tokenizer._tokenizer.normalizer = normalizers.Normalizer.custom(Shout())
        self.check(tokenizer)

    def test_where_its_added_tokens_have_ids_that_no_file_gives_them(self) -> None:
        tokenizer = made.bert()
        tokenizer.add_tokens(["B12xyz"])
        core = tokenizer._tokenizer
        words = [word for word, _ in sorted(core.get_vocab(False).items(), key=lambda each: each[1])]
        core.model = models.WordPiece({word: place for place, word in enumerate([*words, "more"])}, unk_token="[UNK]")
        self.check(tokenizer, "vitamin B12xyz")

    def test_two_endless_texts(self) -> None:
        tokenizer = made.bert()
        tokenizer.truncation_side = "left"
        (found,) = inputs.Pairs(tokenizer, 31).prepare(made.LONG, [made.LONG])
        assert (found.tokens, found.cut) == (31, True)


def test_the_core_of_a_tokenizer_alone(tokenizer_of: Callable[[str], Any]) -> None:
    """As models in ONNX files have it, set up by its file to cut and to pad."""
    core = Tokenizer.from_str(tokenizer_of("bert")._tokenizer.to_str())
    core.enable_padding(length=50)
    core.enable_truncation(7)
    texts = [text[:150] for text in made.HOSTILE]
    pairs = inputs.Pairs(core, 24)
    assert pairs.joined
    assert_same(pairs.prepare("vitamin", texts), own(tokenizer_of("bert"), ["vitamin"] * len(texts), texts, 24))
    singles = inputs.Singles(core, 24, "x ")
    assert_same(singles.prepare(texts), own(tokenizer_of("bert"), ["x " + text for text in texts], None, 24))


@pytest.mark.parametrize("whole", [False, True], ids=["joined", "whole"])
def test_a_pattern_that_takes_too_many_steps_is_told(*, whole: bool) -> None:
    """The library ends it with an error that is no Exception."""
    tokenizer = made.bert()
    tokenizer.truncation_side = "left" if whole else "right"
    tokenizer._tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("(x+x+)+y"), "isolated")
    pairs = inputs.Pairs(tokenizer, 64)
    assert pairs.joined is not whole
    with pytest.raises(Problem, match="the model's tokenizer gives up on a text"):
        pairs.prepare("vitamin", ["x" * 60])


def test_brackets_are_never_cut_off(tokenizer_of: Callable[[str], Any]) -> None:
    tokenizer = tokenizer_of("qwen")
    singles = inputs.Singles(tokenizer, 20, "to ", ("[", "]"))
    (left, right) = (tokenizer(each, add_special_tokens=False)["input_ids"] for each in "[]")
    for text, each in zip(made.HOSTILE, singles.prepare(made.HOSTILE), strict=True):
        ids = tokenizer("to " + text, add_special_tokens=False)["input_ids"]
        room = 20 - len(left) - len(right)
        assert np.concatenate(each.payload.pieces).tolist() == [*left, *ids[:room], *right]
        assert each.cut == (len(ids) > room)


def test_types_that_no_network_here_reads_are_refused() -> None:
    tokenizer = made.bert()
    tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
        single="$A:0 [CLS]:2", pair="$A:0 [SEP]:0 $B:1 [CLS]:2", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    with pytest.raises(Problem, match="types that are not those of BERT"):
        inputs.Pairs(tokenizer, 24)


def test_inputs_of_one_query_share_its_array(tokenizer_of: Callable[[str], Any]) -> None:
    first, second = inputs.Pairs(tokenizer_of("bert"), 64).prepare("vitamin", ["blood", "cold"])
    assert first.payload.pieces[0] is second.payload.pieces[0]
    assert first.payload.pieces[2] is second.payload.pieces[2]
