"""Small tokenizers of every kind that the families meet, trained on a few sentences; and texts that nobody would
choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from zsr_tui.scoring.tokens.probes import PROBES

LONG = "the cold water of the blood, a b c. " * 3000  # about 100,000 characters
HOSTILE = (
    *PROBES,
    LONG[:4000],
    "z" * 4000,
    "\ufffd half a pair",
    "\u0301",
    "  \u0301x",
    " \n\t",
    "\x00",
    "[SEP]",
    "a[SEP]b [CLS]",
    "<s>",
    "a</s>b </s> c",
    " <mask> ",
    "<|im_end|>",
    "<|im_end|>\n",
    "|>",
    "im_end|> x",
    "\n\nblank lines first",
    "...dots",
    "'s apostrophe",
    "-1.5e-7",
    "#hash ##ash",
    "e\u0301\u0302\u0303\u0327",
    "क्षत्रिय",
    "🏳️‍🌈 flag",
    "line\r\nline\rline\u2028line",
    "tab\tand  two   three    spaces ",
    "\u00ad soft\u00adhyphen",
    "𝕬𝖇𝖈 ①②③",
)
_TRAINED_ON = [*PROBES, *("vitamin B12 lowers homocysteine in the cold water of the blood " * 2 for _ in range(20))]
_BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_FAIRSEQ = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
_CHAT = ["<pad>", "<|im_start|>", "<|im_end|>", "<|endoftext|>"]


def bert(*, lower: bool = True, length: int = 64) -> Any:
    core = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer(lowercase=lower)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.train_from_iterator(
        _TRAINED_ON, trainers.WordPieceTrainer(vocab_size=400, special_tokens=_BERT, show_progress=False)
    )
    core.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return _fast(core, length, ["input_ids", "token_type_ids", "attention_mask"], _BERT)


def roberta(*, spaced: bool = False, length: int = 64) -> Any:
    core = _byte_level(_FAIRSEQ, spaced=spaced)
    core.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=spaced)
    return _fast(core, length, ["input_ids", "attention_mask"], _FAIRSEQ)


def xlm_roberta(length: int = 64) -> Any:
    core = _unigram(_FAIRSEQ, "<unk>", "always")
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return _fast(core, length, ["input_ids", "attention_mask"], _FAIRSEQ)


def t5(length: int = 64) -> Any:
    core = _unigram(["<pad>", "</s>", "<unk>", "<extra_id_0>"], "<unk>", "always")
    core.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return _fast(core, length, ["input_ids", "attention_mask"], ["<pad>", "</s>", "<unk>"])


def llama(length: int = 64) -> Any:
    """A prefix space before the first word only, and a token at the beginning alone."""
    core = _unigram(["<pad>", "<s>", "<unk>", "</s>"], "<unk>", "first")
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    return _fast(core, length, ["input_ids", "attention_mask"], ["<pad>", "<s>", "<unk>", "</s>"])


def qwen(length: int = 64) -> Any:
    core = _byte_level(_CHAT, spaced=False)
    core.normalizer = normalizers.NFC()
    core.post_processor = processors.ByteLevel(trim_offsets=False)
    return _fast(core, length, ["input_ids", "attention_mask"], _CHAT)


FAMILIES: dict[str, Callable[..., Any]] = {
    "bert": bert,
    "cased bert": lambda length=64: bert(lower=False, length=length),
    "roberta": roberta,
    "roberta with a prefix space": lambda length=64: roberta(spaced=True, length=length),
    "xlm-roberta": xlm_roberta,
    "t5": t5,
    "llama": llama,
    "qwen": qwen,
}


def _byte_level(special: list[str], *, spaced: bool) -> Tokenizer:
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=spaced)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(
        _TRAINED_ON,
        trainers.BpeTrainer(vocab_size=420, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    return core


def _unigram(special: list[str], unknown: str, spaces: str) -> Tokenizer:
    core = Tokenizer(models.Unigram())
    core.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\t", " ")])
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=spaces)
    core.train_from_iterator(
        _TRAINED_ON,
        trainers.UnigramTrainer(vocab_size=300, special_tokens=special, unk_token=unknown, show_progress=False),
    )
    return core


def _fast(core: Tokenizer, length: int, names: list[str], special: list[str]) -> Any:
    made = PreTrainedTokenizerFast(
        tokenizer_object=core,
        model_max_length=length,
        model_input_names=names,
        pad_token=next(each for each in special if "pad" in each.lower()),
    )
    made.add_special_tokens({"additional_special_tokens": special})
    return made
