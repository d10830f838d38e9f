"""How special tokens stand around one text or two, learnt from the tokenizer itself; and how
much of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

from zsr_tui.scoring.scorer import Prepared, Tokens

_TEXTS = ("a a a", "b b")  # stand for the texts


class Template(NamedTuple):
    """Special tokens before the first text, between both and at the end, int32. `typed`: the tokens from the second
    text on are of type 1. `clips`: each text of two is cut at the length of the whole before both are cut together, as
    before tokenizers 0.23.3, which tells in who of two long ones gets an odd token."""

    head: np.ndarray
    middle: np.ndarray
    tail: np.ndarray
    typed: bool = False
    clips: bool = False

    @property
    def special(self) -> int:
        """How many tokens it adds."""
        return len(self.head) + len(self.middle) + len(self.tail)


def learnt(core: Tokenizer, *, pair: bool, types: bool) -> Template | None:
    """What `core` puts around texts, and the types of the tokens if they are asked for; None where that is no template
    of the kind. `inputs` tries it out before it is used."""
    blank = Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="a"))  # cuts and pads nothing
    blank.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if core.post_processor is not None:
        blank.post_processor = core.post_processor
    encoding = blank.encode(_TEXTS[0], _TEXTS[1] if pair else None, add_special_tokens=True)
    sides = [-1 if side is None else side for side in encoding.sequence_ids]
    if 0 not in sides or pair is not (1 in sides):
        return None
    start, end = sides.index(0), len(sides) - sides[::-1].index(0)
    second = sides.index(1) if pair else end
    last = len(sides) - sides[::-1].index(1) if pair else end
    inner = [0] * (end - start) + [-1] * (second - end) + [1] * (last - second)
    if sides != [-1] * start + inner + [-1] * (len(sides) - last):
        return None
    ids = np.array(encoding.ids, np.int32)
    typed = types and any(encoding.type_ids)
    if typed and encoding.type_ids != [0] * second + [1] * (len(sides) - second):
        return None
    return Template(ids[:start], ids[end:second], ids[last:], typed)


def kept(first: int, second: int, room: int) -> tuple[int, int]:
    """How many tokens of two texts of these lengths stay within `room`: the longer one is cut first, and where both
    are, the longer one gets the odd token, the second of two that are equally long (tokenizers' `longest_first`)."""
    if first + second <= room:
        return first, second
    short, long = min(first, second), max(first, second)
    long = short if short > room else max(short, room - short)
    if short + long > room:
        short, long = room // 2, room - room // 2
    return (long, short) if first > second else (short, long)


def fitted(
    head: np.ndarray,
    texts: Sequence[np.ndarray],
    tail: np.ndarray,
    limit: int,
    *,
    second: int = 0,
    cut: bool = False,
) -> list[Prepared]:
    """Inputs of which the text is cut where they would be longer than `limit`, never what stands behind it. `second` as
    in `Tokens`; `cut`: something before the text was."""
    head = head[: max(limit - len(tail), 0)]
    around = len(head) + len(tail)
    room = limit - around
    prepared = []
    for ids in texts:
        size = len(ids)
        shortened = size > room
        if shortened:
            ids, size = ids[:room], room
        prepared.append(Prepared(around + size, cut or shortened, Tokens((head, ids, tail), second)))
    return prepared
