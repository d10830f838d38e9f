"""What columns are called, for guessing which is which; by letters only, so that `doc_id` and `DocID` are one."""

from __future__ import annotations

import re

ID = (
    "id", "docid", "docno", "documentid", "document_id", "passageid", "pid", "corpusid", "identifier", "uid", "uuid",
    "paperid", "articleid", "pmid", "url", "key",
)  # fmt: skip
QUERY_ID = ("id", "qid", "queryid", "topicid", "topic", "questionid")
TITLE = ("title", "headline", "heading", "name", "subject")
TEXT = (
    "text", "contents", "content", "body", "passage", "document", "doc", "segment", "chunk", "abstract", "article",
    "fulltext", "description", "paragraph", "sentence", "summary", "plot",
)  # fmt: skip
NUMBERS = ("id", "no", "nr", "number", "key", "code")  # what the name of a column of ids ends with: ticket_no
HEADS = ("title", "headline", "heading", "subject")  # what that of a column of titles begins or ends with: subject_line
QUERY_TEXT = ("text", "query", "question", "title", "topic")


def plain(name: str) -> str:
    return re.sub(r"[\W\d_]", "", name.lower())


def words(name: str) -> list[str]:
    """Those that a name is made of: `subject_line` and `subjectLine` are two."""
    return [word.lower() for word in re.findall(r"[^\W\d_]+?(?=[A-Z][a-z]|[\W\d_]|$)", name)]


def known(name: str) -> bool:
    return plain(name) in (*ID, *QUERY_ID, *TITLE, *TEXT, *QUERY_TEXT)
