"""How many rows show a term of the query in their snippet, of those whose document has one in its text.

    .venv/bin/python benchmarks/snippets.py [--dataset beir/scifact/test] [--width 120] [--lists 3] [--queries 50]

The rows of the documents that are judged for each query, as the engine sends their heads and the screen cuts them; also
how many would if a row showed the beginning of the text. Needs no engine and no model (goal >= 90 %).
"""

from __future__ import annotations

import argparse

from zsr_tui import corpora
from zsr_tui.api.events import Row
from zsr_tui.engine.sending import head_of
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.text import Terms, one_line
from zsr_tui.ui.compare.ranking.row import Columns, row_lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="demo")
    parser.add_argument("--width", type=int, default=120, help="columns of the terminal")
    parser.add_argument("--lists", type=int, default=3, help="side by side")
    parser.add_argument("--queries", type=int, default=50)
    options = parser.parse_args()
    corpora.download(options.dataset, ignore_progress, CancelToken())
    corpus = corpora.open_corpus(options.dataset)
    width = options.width // options.lists - 1
    having = showing = beginning = 0
    for query in corpus.queries()[: options.queries]:
        terms, judged = Terms.of(query.text), corpus.judgments(query.id)
        for doc_id, doc in corpus.docs(list(judged)).items():
            text = one_line(doc.text)
            if not (spans := terms.spans(text)):
                continue
            row = Row(doc_id=doc_id, score=1.0, grade=judged[doc_id])
            columns = Columns.of([row], moves=True)
            _, line = row_lines(row, 9, head_of(doc, terms), columns, width)
            having += 1
            showing += any(role == "term" for _, role in line)
            beginning += spans[0][1] < width - columns.rank - 2
    print(
        f"{options.dataset}, {options.lists} lists at {options.width} columns: {having} rows have a term in their text"
    )
    print(f"{showing / having:.1%} show one; {beginning / having:.1%} would in the beginning of the text")


if __name__ == "__main__":
    main()
