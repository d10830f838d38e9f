"""What a model's files leave unsaid: who says it in their place, what is guessed, and where no guess can be right.

What the user wrote in models.toml goes before the model's own files, and these before the catalogue, also where an own
entry is `like` a model of it. What nobody says is taken as sentence-transformers takes it, and told to the user.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from zsr_tui.scoring.models import checkpoint, declared, entries, towers
from zsr_tui.scoring.models.asked import Asked
from zsr_tui.scoring.models.entries import Entry, Recipe

_E5 = re.compile(r"(?<![a-z0-9])m?e5(?![a-z0-9])")  # in a name: intfloat's, and what is made of them
_RERANKER_T5 = re.compile(r"mono-?(pt)?t5|duo-?t5|ptt5.*msmarco")
_INFERENCE_FREE = re.compile(r"(sparse|splade).*-doc")
_RELEVANT = re.compile(r"(is[-_ ]?)?relevant|yes|true", re.IGNORECASE)  # a label's whole name
_UNNAMED = re.compile(r"LABEL_\d+")  # transformers' names of labels that have none
RANKT5_TOKEN = "<extra_id_10>"  # of Zhuang et al. 2023, RankT5, arXiv 2210.10634: section 3.2
_UNPROMPTED = ("StaticEmbedding", "WordEmbeddings", "BoW")  # first modules that are not trained with prompts
_ENCODERS = (  # model types of classifiers that were made to read a pair, beside BERT and what is named after it
    "big_bird", "canine", "data2vec-text", "electra", "ernie", "esm", "fnet", "funnel", "gte", "jina_embeddings_v3",
    "layoutlm", "layoutlmv2", "layoutlmv3", "lilt", "longformer", "luke", "markuplm", "mpnet", "mra", "new",
    "nystromformer", "perceiver", "reformer", "roformer", "tapas", "xlm", "xlnet", "xmod", "yoso",
    "bart", "bigbird_pegasus", "led", "mbart", "mt5", "mvp", "plbart", "t5", "t5gemma", "t5gemma2", "umt5",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settled:
    """`recipe`: what is to be done beyond what the files say. `guessed`: what nobody says, in a few words each.
    `why_not`: one sentence on what cannot be right, "" for a model that runs."""

    recipe: Recipe
    guessed: tuple[str, ...] = ()
    why_not: str = ""


def settle(asked: Asked) -> Settled:
    """Reads the small files of the model's folder alone."""
    settled, kin = _settled(asked), asked.kin()
    said = asked.entry is not None and not settled.guessed and not settled.why_not
    if kin and kin.why_not and not said:
        otherwise = f"If it is run otherwise, write an entry that says how in {entries.own_place()}."
        why_not = f"It seems to be a copy of {kin.name}, and that cannot be run: {kin.why_not} {otherwise}"
        return Settled(asked.recipe, why_not=why_not)
    return settled


def _settled(asked: Asked) -> Settled:
    match asked.family:
        case "bi-encoder":
            return _encoder(asked)
        case "monot5" | "duot5":
            return _t5(asked)
        case "rankt5":
            told = asked.known or asked.recipe.score_token
            return Settled(asked.recipe, () if told else (f"scores by {RANKT5_TOKEN}",))
        case "sparse":
            return _sparse(asked)
        case "late-interaction":
            return _late_interaction(asked)
        case "causal-lm":
            asks = asked.known or asked.modules or asked.recipe.yes
            return Settled(asked.recipe, () if asks else ("answers yes and no",))
        case "cross-encoder":
            return _cross_encoder(asked)
    return Settled(asked.recipe)


def is_model2vec(folder: Path) -> bool:
    """Whether it is a table of token vectors as the package model2vec saves it, without sentence-transformers files."""
    config = checkpoint.read_json(folder / "config.json")
    return config.get("model_type") == "model2vec" and not checkpoint.modules(folder)


# --- encoders ---------------------------------------------------------------------------------------------------------


def _encoder(asked: Asked) -> Settled:
    """Each step gives the recipe's fields, and the guess that it makes."""
    if towers.is_tower(asked.config) and (
        lone := towers.why_not(asked.config, paired=_paired(asked), place=entries.own_place())
    ):
        return Settled(asked.recipe, why_not=lone)
    if asked.entry is not None and asked.entry.like and not (asked.recipe.pooling and asked.recipe.similarity):
        if problem := _lacks(asked):
            return Settled(asked.recipe, why_not=problem)
        asked = replace(asked, recipe=_filled(asked))
    kin = asked.kin()
    e5 = _e5(asked, kin)
    steps = {
        "pooling": _pooling(asked, kin), "prompts": _prompts(asked, e5 or kin), "similarity": _similarity(asked, kin),
    }  # fmt: skip
    changes = {name: value for changed, _, _ in steps.values() for name, value in changed.items()}
    recipe = replace(asked.recipe, **changes)  # type: ignore[arg-type]  # each is a text
    clashes = {name: clash for name, (_, _, clash) in steps.items() if clash}
    if e5 and "prompts" in clashes:
        return Settled(recipe, why_not=_copy_of(e5, clashes["prompts"], "By its name it is an E5"))
    if kin and "pooling" in clashes and kin.recipe.pooling is None:
        return Settled(recipe, why_not=_without_files(kin))
    if kin and clashes:
        return Settled(recipe, why_not=_copy_of(kin, " and ".join(clashes.values())))
    return Settled(recipe, tuple(guess for _, guess, _ in steps.values() if guess))


def _paired(asked: Asked) -> bool:
    return asked.entry is not None and asked.entry.queries is not None


def _lacks(asked: Asked) -> str:
    """Of a model like one whose entry leaves its pooling to its own files: why these cannot be asked, where they have
    to be."""
    own = declared.prompts(asked.folder)
    if asked.modules and declared.similarity(asked.folder) and any(own.values()):
        return ""
    assert asked.entry is not None
    model = asked.entry.like
    if asked.like is None:
        return (
            f"It is like {model}, whose own files say how it is run, and they are not on this machine: use {model} "
            f"once, or write pooling, similarity and prompts in {entries.own_place()}."
        )
    modules = [name.rpartition(".")[2] for name in checkpoint.module_types(asked.like)]
    lost = [name for name in modules[1:] if name not in ("Pooling", "Normalize")]
    return f"It is like {model}, and has no {lost[0]} of its own as that has." if lost and not asked.modules else ""


def _filled(asked: Asked) -> Recipe:
    """With what the files of the model that it is like say."""
    if asked.like is None:
        return asked.recipe
    recipe, prompts, modes = asked.recipe, declared.prompts(asked.like), declared.pooling(asked.like)
    return replace(
        recipe,
        pooling=recipe.pooling or (modes[0] if len(modes) == 1 else None),
        similarity=recipe.similarity or declared.similarity(asked.like) or "cosine",
        query_prompt=prompts["query"] if recipe.query_prompt is None else recipe.query_prompt,
        document_prompt=prompts["document"] if recipe.document_prompt is None else recipe.document_prompt,
    )


_Step = tuple[dict[str, str | None], str, str]  # changes of the recipe, the guess in words, what its kin has otherwise


def _pooling(asked: Asked, kin: Entry | None) -> _Step:
    if asked.said("pooling"):
        return {}, "", ""
    runs_modules = asked.modules and asked.files.kind == "transformers"
    if runs_modules or declared.pooling(asked.folder) or is_model2vec(asked.folder):
        return {"pooling": None}, "", ""
    if asked.recipe.pooling or asked.files.kind != "transformers":  # an ONNX file's is never guessed
        return {}, "", ""
    causal = checkpoint.architecture_of(asked.folder).endswith("ForCausalLM") and asked.config.get("is_causal", True)
    pooling = "lasttoken" if causal else "mean"
    other = kin is not None and kin.recipe.pooling != pooling
    return {"pooling": pooling}, f"{pooling} pooling", "pooling" if other else ""


def _prompts(asked: Asked, kin: Entry | None) -> _Step:
    """An empty prompt of the files says nothing where its kin has one, or they have others: sentence-transformers
    writes it by itself."""
    own, others = declared.prompts(asked.folder), declared.other_prompts(asked.folder)
    changes: dict[str, str | None] = {
        f"{role}_prompt": None for role, text in own.items() if text and not asked.said(f"{role}_prompt")
    }
    unprompted = (asked.modules and asked.modules[0] in _UNPROMPTED) or is_model2vec(asked.folder)
    if asked.known or asked.recipe.query_brackets or unprompted:
        return changes, "", ""
    given, wanted = _prompts_of(asked.recipe), _prompts_of(kin.recipe if kin else Recipe())
    silent = [
        role
        for role, text in own.items()
        if given[role] is None and not text and (text is None or wanted[role] or others)
    ]
    lacking = [text for role, text in wanted.items() if text and role in silent]
    if not lacking and (any(wanted.values()) or len(silent) < len(own)):
        return changes, "", ""
    some = any(own.values()) or any(given.values())
    what = f"prompt for {'queries' if 'query' in silent else 'documents'}" if some else "prompts"
    texts = " and ".join(json.dumps(text, ensure_ascii=False) for text in lacking)
    needed = lacking and (wanted["document"] or _is_e5(asked))
    named = f" (its files name others: {', '.join(others[:3])}{' ...' * (len(others) > 3)})" if others else ""
    return changes, f"no {what}{named}", f"{what} ({texts})" if needed else ""


def _prompts_of(recipe: Recipe) -> dict[str, str | None]:
    return {"query": recipe.query_prompt, "document": recipe.document_prompt}


def _is_e5(asked: Asked) -> bool:
    return any(map(_E5.search, asked.names))


def _e5(asked: Asked, kin: Entry | None) -> Entry | None:
    """The E5 whose prompts one has that is named so; None for another model, and where its `kin` has prompts."""
    if not _is_e5(asked) or (kin and kin.recipe.query_prompt):
        return None
    instructed = any("instruct" in name for name in asked.names)
    return entries.all_entries()["intfloat/multilingual-e5-large-instruct" if instructed else "intfloat/e5-base-v2"]


def _similarity(asked: Asked, kin: Entry | None) -> _Step:
    if asked.said("similarity"):
        return {}, "", ""
    if declared.similarity(asked.folder):
        return {"similarity": None}, "", ""
    if asked.recipe.similarity:
        return {}, "", ""
    return {"similarity": "cosine"}, "cosine", "similarity" if kin and kin.recipe.similarity == "dot" else ""


def _copy_of(kin: Entry, what: str, who: str = "") -> str:
    who = who or f"It seems to be a copy of {kin.name}"
    return (
        f'{who}, whose {what} its files do not say: write an entry with like = "{kin.name}" in {entries.own_place()}.'
    )


def _without_files(kin: Entry) -> str:
    """Of a copy of a model that its own files alone say how to run."""
    return (
        f"It seems to be a copy of {kin.name}, without the files that say how it is run: copy modules.json, "
        f"config_sentence_transformers.json and the folders that modules.json names from {kin.name} into it."
    )


# --- rerankers --------------------------------------------------------------------------------------------------------


def _t5(asked: Asked) -> Settled:
    place, recipe, kin = entries.own_place(), asked.recipe, asked.kin()
    if asked.entry is None and any("rankt5" in name for name in asked.names):
        return Settled(
            recipe,
            why_not=f"It is made of a RankT5, which scores by a token of its own ({RANKT5_TOKEN}) and not by true and "
            f'false: if it was trained as that was, write an entry with family = "rankt5" in {place}.',
        )
    if asked.entry is None and not any(map(_RERANKER_T5.search, asked.names)):
        return Settled(
            recipe,
            why_not="It is a T5, and nothing says that it was trained to rerank as monoT5: if it was, write an entry "
            f'with family = "monot5" in {place}, and with true_token and false_token if it answers other words.',
        )
    if asked.known:
        return Settled(recipe)
    if kin and (kin.recipe.true_token, kin.recipe.prompt_words) != (recipe.true_token, recipe.prompt_words):
        return Settled(recipe, why_not=_copy_of(kin, "prompt and answers"))
    if recipe.true_token:
        answers = f"answers {recipe.true_token.strip('▁')} and {(recipe.false_token or '').strip('▁')}"
        return Settled(recipe, () if asked.said("true_token") else (answers,))
    if asked.config.get("model_type") in ("mt5", "umt5"):
        return Settled(
            recipe,
            why_not="It answers with words that its files do not say, and multilingual T5s were trained with several: "
            f"write an entry with true_token and false_token in {place}.",
        )
    return Settled(recipe, ("answers true and false",))


def _cross_encoder(asked: Asked) -> Settled:
    plain = not asked.known and not asked.modules and _is_decoder(str(asked.config.get("model_type") or ""))
    guessed = ("no prompt around query and document",) if plain else ()
    said = asked.known or asked.recipe.relevant_label is not None or asked.files.kind != "transformers"
    if asked.modules and not checkpoint.architecture_of(asked.folder).endswith("ForSequenceClassification"):
        said = True  # its labels are those of a module behind the transformer, which loading looks at
    if said or len(labels := checkpoint.labels(asked.folder)) == 1:
        return Settled(asked.recipe, guessed)
    named = [place for place, name in enumerate(labels) if _RELEVANT.fullmatch(name)]
    if not named and len(labels) == 2 and all(map(_UNNAMED.fullmatch, labels)):
        return Settled(replace(asked.recipe, relevant_label=1), (*guessed, "label 1 says relevant"))
    if len(named) == 1:
        return Settled(replace(asked.recipe, relevant_label=named[0]), guessed)
    return Settled(
        asked.recipe,
        why_not=f"It is a classifier with {len(labels)} labels ({', '.join(labels[:3])}{' ...' * (len(labels) > 3)}), "
        "and a reranker gives one score: if one of them says relevant, write an entry with its number, from 0, as "
        f"relevant_label in {entries.own_place()}.",
    )


def _is_decoder(model_type: str) -> bool:
    """Of a classifier: decoders are more, and more are made, than encoders."""
    named_bert = "bert" in model_type and not model_type.endswith("-decoder")
    return bool(model_type) and not named_bert and model_type not in _ENCODERS


def _sparse(asked: Asked) -> Settled:
    like = asked.entry.like.lower() if asked.entry else ""
    if not asked.modules and any(map(_INFERENCE_FREE.search, (*asked.names, like))):
        return Settled(
            asked.recipe,
            why_not="Its queries are looked up in a table of weights, which its files do not hold: it needs the "
            "modules of sentence-transformers (modules.json).",
        )
    if asked.known or asked.modules:
        return Settled(asked.recipe)
    return Settled(asked.recipe, ("SPLADE's max pooling", "no prompts"))


def _late_interaction(asked: Asked) -> Settled:
    if asked.modules:
        return Settled(asked.recipe)
    if checkpoint.architecture_of(asked.folder) != "HF_ColBERT":
        return Settled(
            asked.recipe,
            why_not="Its files hold no projection of its token vectors: late interaction needs the modules of "
            "sentence-transformers or PyLate (modules.json), or a checkpoint of ColBERT.",
        )
    told = asked.known or checkpoint.read_json(asked.folder / "artifact.metadata")
    return Settled(asked.recipe, () if told else ("ColBERT's markers and lengths",))
