"""T5 checkpoints of two small layers with random weights, and what transformers itself makes of a prompt on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import ModelInfo
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.weights import ResolvedModel

if TYPE_CHECKING:
    from zsr_tui.scoring.networks.batch import Tokens

CPU = Device("cpu", 10**10, 2048)
WORDS = (
    "Query Document Document0 Document1 Relevant Pergunta Documento Relevante true false yes no Sim Não sim não "
    "vitamin blood water cold sleep health of the is in and acid"
).split()
_SHAPE = {
    "d_model": 32, "d_kv": 12, "num_heads": 3, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 2,
    "relative_attention_num_buckets": 8, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1,
}  # fmt: skip


def vocabulary(leave_out: Sequence[str] = ()) -> list[tuple[str, float]]:
    """Unigram pieces: words whole, and single characters for everything else."""
    characters = [chr(code) for code in range(33, 127)] + list("ãéõü")
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [(f"▁{word}", -4.0) for word in WORDS if f"▁{word}" not in leave_out]
    return pieces + [(character, -8.0) for character in characters]


def checkpoint(
    folder: Path, kind: str = "tied", *, leave_out: Sequence[str] = (), longest: int = 64, extra: int = 4
) -> Path:
    """`kind`: "tied" (T5's first version), "untied" (T5 1.1: gated, an output projection of its own), "mt5"."""
    import torch
    from transformers import MT5Config, MT5ForConditionalGeneration, T5Config, T5ForConditionalGeneration, T5Tokenizer

    torch.manual_seed(7)
    tokenizer = T5Tokenizer(vocab=vocabulary(leave_out), extra_ids=extra, model_max_length=longest)
    size = len(tokenizer)
    model: Any
    if kind == "tied":
        model = T5ForConditionalGeneration(T5Config(vocab_size=size, **_SHAPE))
    else:
        gated = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
        if kind == "mt5":
            model = MT5ForConditionalGeneration(MT5Config(vocab_size=size, **gated, **_SHAPE))
        else:
            model = T5ForConditionalGeneration(T5Config(vocab_size=size, **gated, **_SHAPE))
        model.config.tie_word_embeddings = False
        model.lm_head.weight = torch.nn.Parameter(0.2 * torch.randn(size, _SHAPE["d_model"]))
    with torch.no_grad():  # norms are ones at first, which would hide one that is left out
        for name, parameter in model.named_parameters():
            if name.endswith("layer_norm.weight"):
                parameter.uniform_(0.5, 1.5)
            if "relative_attention_bias" in name:
                parameter.normal_(0, 1)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def resolved(folder: Path, recipe: Recipe | None = None, *, family: str = "monot5", precision: str = "fp32") -> Any:
    info = ModelInfo(name=folder.name, label=folder.name, family=family)
    return ResolvedModel(
        folder, ("model.safetensors",), "", "transformers", precision, info, recipe or Recipe(), fingerprint="x"
    )


def logits(folder: Path, prompts: Sequence[str], tokens: Sequence[str]) -> Any:
    """Of the tokens after one decoder step, (prompts, tokens): transformers' own forward pass for each prompt alone, no
    batch, no padding; cut as the tokenizer cuts it."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    model = AutoModelForSeq2SeqLM.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer.convert_tokens_to_ids(token) for token in tokens]
    found = []
    for prompt in prompts:
        inputs = tokenizer(prompt, truncation=True, return_tensors="pt")
        start = torch.tensor([[model.config.decoder_start_token_id]])
        with torch.inference_mode():
            found.append(model(**inputs, decoder_input_ids=start).logits[0, -1, ids])
    return torch.stack(found)


def reference(folder: Path, prompts: Sequence[str], pair: tuple[str, str] = ("▁true", "▁false")) -> list[float]:
    """log P(true) of each prompt."""
    return [float(each) for each in logits(folder, prompts, pair).log_softmax(dim=-1)[:, 0]]


def ids_of(payload: Tokens) -> list[int]:
    return [int(token) for piece in payload.pieces for token in piece]


def text_of(folder: Path, payload: Tokens) -> str:
    from transformers import AutoTokenizer

    return str(AutoTokenizer.from_pretrained(folder).decode(ids_of(payload)))


def edit_config(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
