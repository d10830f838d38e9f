"""Models with the shapes of published ones and random weights: the scores mean nothing, the speed is the real one's.

Tokenizers read words of a made-up vocabulary, one token each, with the special tokens and the template of the family.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

WORDS = 20_000
CHAT = (
    "<start>system\nAnswer yes or no.<end>\n<start>user\n"
    '<Query>: {{ messages | selectattr("role", "eq", "query") | map(attribute="content") | first }}\n'
    '<Document>: {{ messages | selectattr("role", "eq", "document") | map(attribute="content") | first }}'
    r'{{ "<end>\n<start>assistant\n" }}'
)


@dataclass(frozen=True, slots=True)
class Shape:
    """`kind` is "cross-encoder", "bi-encoder", "monot5" or "causal-lm"; `published` whose shape it is; `pairs` as many
    as a measurement takes by default."""

    name: str
    published: str
    kind: str
    pairs: int
    make: Callable[[bool], Any]  # the model, tiny or not
    template: str = "bert"

    def saved(self, folder: Path, device: str, dtype: torch.dtype, *, tiny: bool) -> Path:
        torch.manual_seed(0)
        before = torch.get_default_dtype()
        torch.set_default_dtype(dtype)
        try:
            with torch.device(device):
                model = self.make(tiny)
        finally:
            torch.set_default_dtype(before)
        model.config.dtype = dtype
        model.save_pretrained(folder)
        tokenizer(self.template).save_pretrained(folder)
        if self.kind == "bi-encoder":
            _pooled(folder, model.config.hidden_size)
        return folder


def words() -> list[str]:
    """Words of five letters; the same ones always."""
    chance = random.Random(0)
    found = dict.fromkeys("".join(chance.choices("abcdefghijklmnop", k=5)) for _ in range(WORDS * 2))
    return list(found)[:WORDS]


def texts(count: int, tokens: int, seed: int = 1) -> list[str]:
    """Of as many tokens on average as abstracts have, and as different: a quarter of it is the deviation."""
    chance, known = random.Random(seed), words()
    lengths = [max(8, round(chance.gauss(tokens, tokens / 4))) for _ in range(count)]
    return [" ".join(chance.choices(known, k=length)) for length in lengths]


def tokenizer(template: str) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, T5Tokenizer

    if template == "t5":
        pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -20.0)]
        pieces += [(f"▁{word}", -5.0) for word in ("true", "false", "Query:", "Document:", "Relevant:")]
        pieces += [(f"▁{word}", -9.0) for word in words()]
        return T5Tokenizer(vocab=pieces, extra_ids=0, additional_special_tokens=[], model_max_length=512)
    takes_types, template = template == "bert", template.removeprefix("distil")
    special = {"bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "roberta": ["<s>", "<pad>", "</s>", "<unk>"]}.get(
        template, ["<pad>", "<unk>", "<start>", "<end>"]
    )
    known = {word: place for place, word in enumerate([*special, "yes", "no", *words()])}
    unknown = next(word for word in special if "unk" in word.lower())
    inner = Tokenizer(models.WordLevel(known, unk_token=unknown))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    names: dict[str, Any] = {"pad_token": next(word for word in special if "pad" in word.lower()), "unk_token": unknown}
    if template == "bert":
        inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        names |= {"cls_token": "[CLS]", "sep_token": "[SEP]"}
        names["model_input_names"] = ["input_ids", *["token_type_ids"] * takes_types, "attention_mask"]
    elif template == "roberta":
        inner.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
        names |= {"cls_token": "<s>", "sep_token": "</s>", "bos_token": "<s>", "eos_token": "</s>"}
    else:
        names["additional_special_tokens"] = ["<start>", "<end>"]
    made = PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=512, **names)
    if template == "chat":
        made.chat_template = CHAT
    return made


def _pooled(folder: Path, width: int) -> None:
    """What sentence-transformers reads: mean pooling and vectors of length 1."""
    root = "sentence_transformers"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{root}.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{root}.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{root}.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 512}')
    (folder / "config_sentence_transformers.json").write_text('{"similarity_fn_name": "cosine"}')
    for name in ("1_Pooling", "2_Normalize"):
        (folder / name).mkdir(exist_ok=True)
    settings = {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(settings))
    (folder / "2_Normalize" / "config.json").write_text("{}")


def _bert(encoder: bool = False, **shape: int) -> Callable[[bool], Any]:
    def make(tiny: bool) -> Any:
        from transformers import BertConfig, BertForSequenceClassification, BertModel

        small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
        config = BertConfig(**(small if tiny else shape), num_labels=1)
        return BertModel(config, add_pooling_layer=False) if encoder else BertForSequenceClassification(config)

    return make


def _xlm_roberta(tiny: bool) -> Any:
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    size = (32, 2, 2, 64) if tiny else (1024, 24, 16, 4096)
    hidden, layers, heads, feed_forward = size
    return XLMRobertaForSequenceClassification(
        XLMRobertaConfig(
            vocab_size=WORDS + 100 if tiny else 250_002, hidden_size=hidden, num_hidden_layers=layers,
            num_attention_heads=heads, intermediate_size=feed_forward, max_position_embeddings=514, type_vocab_size=1,
            num_labels=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        )
    )  # fmt: skip


def _distilbert(tiny: bool) -> Any:
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    small = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
    return DistilBertForSequenceClassification(DistilBertConfig(**(small if tiny else {}), num_labels=1))


def _mpnet(tiny: bool) -> Any:
    from transformers import MPNetConfig, MPNetModel

    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = MPNetConfig(
        **(small if tiny else {}), max_position_embeddings=514, bos_token_id=0, pad_token_id=1, eos_token_id=2
    )
    return MPNetModel(config, add_pooling_layer=False)


def _modernbert(tiny: bool) -> Any:
    from transformers import ModernBertConfig, ModernBertForSequenceClassification

    small = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48}
    config = ModernBertConfig(
        **(small if tiny else {}), num_labels=1, pad_token_id=0, bos_token_id=None, eos_token_id=None,
        cls_token_id=2, sep_token_id=3,
    )  # fmt: skip
    return ModernBertForSequenceClassification(config)


def _t5(**shape: int) -> Callable[[bool], Any]:
    def make(tiny: bool) -> Any:
        from transformers import T5Config, T5ForConditionalGeneration

        small = {"d_model": 32, "d_kv": 8, "num_heads": 4, "d_ff": 64, "num_layers": 2}
        return T5ForConditionalGeneration(
            T5Config(vocab_size=32128, decoder_start_token_id=0, **(small if tiny else shape))
        )

    return make


def _qwen3(**shape: int) -> Callable[[bool], Any]:
    def make(tiny: bool) -> Any:
        from transformers import Qwen3Config, Qwen3ForCausalLM

        small = {
            "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
            "intermediate_size": 64, "head_dim": 8,
        }  # fmt: skip
        return Qwen3ForCausalLM(
            Qwen3Config(
                **(small if tiny else shape), vocab_size=WORDS + 100 if tiny else 151_669, tie_word_embeddings=True,
                max_position_embeddings=8192, bos_token_id=None, eos_token_id=None, pad_token_id=0,
            )
        )  # fmt: skip

    return make


_L6 = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
_QWEN = {"num_key_value_heads": 8, "head_dim": 128}
SHAPES = (
    Shape("minilm-l6", "ms-marco-MiniLM-L6-v2", "cross-encoder", 3000, _bert(**_L6)),
    Shape("minilm-l12", "ms-marco-MiniLM-L12-v2", "cross-encoder", 3000, _bert(**{**_L6, "num_hidden_layers": 12})),
    Shape("bert-base", "BERT base", "cross-encoder", 1500, _bert()),
    Shape("xlmr-large", "bge-reranker-large", "cross-encoder", 800, _xlm_roberta, "roberta"),
    Shape("distilbert", "DistilBERT base", "cross-encoder", 1500, _distilbert, "distilbert"),
    Shape("modernbert", "ModernBERT-base", "cross-encoder", 1500, _modernbert),
    Shape(
        "t5-base", "monot5-base", "monot5", 1000,
        _t5(d_model=768, d_kv=64, num_heads=12, d_ff=3072, num_layers=12), "t5",
    ),
    Shape(
        "t5-3b", "monot5-3B", "monot5", 256,
        _t5(d_model=1024, d_kv=128, num_heads=32, d_ff=16384, num_layers=24), "t5",
    ),
    Shape(
        "qwen3-0.6b", "Qwen3-Reranker-0.6B", "causal-lm", 600,
        _qwen3(**_QWEN, hidden_size=1024, num_hidden_layers=28, num_attention_heads=16, intermediate_size=3072), "chat",
    ),
    Shape(
        "qwen3-4b", "Qwen3-Reranker-4B", "causal-lm", 200,
        _qwen3(**_QWEN, hidden_size=2560, num_hidden_layers=36, num_attention_heads=32, intermediate_size=9728), "chat",
    ),
    Shape("encode-minilm-l6", "all-MiniLM-L6-v2", "bi-encoder", 5183, _bert(encoder=True, **_L6)),
    Shape("encode-bert-base", "bge-base-en-v1.5", "bi-encoder", 5183, _bert(encoder=True)),
    Shape("encode-mpnet", "all-mpnet-base-v2", "bi-encoder", 5183, _mpnet, "roberta"),
)  # fmt: skip
