"""The text that a model is fed for a document, and the query that its candidates are retrieved with.

The *paper-exact* recipes of the catalogue follow the notebook BEIR.ipynb of Rosa et al. 2022
(github.com/guilhermemr04/scaling-zero-shot-retrieval). What is known of it, and how:

* read in the notebook, and in its sister for CQADupStack, which pools all twelve forums: documents are indexed as
  `{"id": id, "contents": title + " " + text}` by Anserini's JsonCollection with -storeRaw; candidates are
  `searcher.search(query[0:1024], k=1000)`; the reranker gets the whole query; tokens ▁false and ▁true;
* read in castorini/pygaggle: `hits_to_texts` feeds the stored raw text, and T5BatchTokenizer cuts the whole prompt,
  with its end token, at 512 tokens, so that a long document loses "Relevant:";
* run: JsonCollection of Anserini 1.7.1 (Jackson 2.20) gives as raw text what `anserini_json` writes, for documents of
  all characters of Unicode;
* not run: the notebook itself with its versions of 2022. The figures of the paper have not been reproduced with this.

DPR reads a title and a text with its tokenizer's [SEP] between them, all tokens of one type (facebookresearch/DPR,
dpr/models/hf_models.py, BertTensorizer, and dpr/models/biencoder.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui.domain import Doc, Problem

if TYPE_CHECKING:
    from zsr_tui.scoring.models.catalogue import Recipe

_ESCAPES = {code: f"\\u{code:04X}" for code in range(0x20)} | {
    ord(character): f"\\{name}" for character, name in zip('\b\t\n\f\r"\\', 'btnfr"\\', strict=True)
}


def text_of(recipe: Recipe, doc: Doc) -> str:
    """What a model of this recipe reads for a document: `title + " " + text`, stripped, unless the recipe has a
    format of its own."""
    match recipe.document_format:
        case None:
            return doc.content
        case "anserini-json":
            return anserini_json(doc)
        case "title-sep":
            return f"{doc.title.strip()} [SEP] {doc.text.strip()}" if doc.title.strip() else doc.text.strip()
    raise Problem(f"the catalogue names an unknown document format {recipe.document_format!r}.")


def retrieval_query(recipe: Recipe, query: str) -> str:
    """The query that candidates are retrieved with; the reranker itself is given the whole one."""
    return query if recipe.query_characters is None else query[: recipe.query_characters]


def anserini_json(doc: Doc) -> str:
    """A document as Anserini's JsonCollection stores it: pretty-printed by Jackson, title and text not stripped."""
    contents = f"{doc.title} {doc.text}"
    return f'{{\n  "id" : {_jackson(doc.id)},\n  "contents" : {_jackson(contents)}\n}}'


def _jackson(text: str) -> str:
    """A JSON string as Jackson writes it: quotes, backslashes and control characters escaped, nothing else."""
    return f'"{text.translate(_ESCAPES)}"'
