"""Conflicts with what others judged, as they were decided, in a kept file: the same one is not asked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zsr_tui.api.judging import Judgment
from zsr_tui.judging.keeping.file import KeptFile
from zsr_tui.judging.keeping.rows import clean, insert, now, query_key

Pair = tuple[str, str]  # the query's key, and the document


class Decided:
    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def keep(self, settled: Iterable[tuple[Sequence[Judgment], int]], who: str) -> None:
        """Of each conflict its judgments and the grade that counts: what the others gave is known from now on."""
        with self._file.writing() as connection:
            for judged, grade in settled:
                for each in judged:
                    row = {
                        "query": query_key(each), "query_id": clean(each.query_id),
                        "query_text": clean(each.query_text), "doc_id": clean(each.doc_id), "judge": clean(each.who),
                        "given": each.grade, "grade": grade, "who": clean(who), "at": now(),
                    }  # fmt: skip
                    connection.execute(
                        "UPDATE decisions SET gone = 1 WHERE gone = 0 AND query = :query AND doc_id = :doc_id "
                        "AND judge = :judge AND given = :given",
                        row,
                    )
                    if each.grade != grade:
                        insert(connection, "decisions", row)

    def settle(self, own: Mapping[Pair, int], given: Iterable[Judgment]) -> dict[Pair, int]:
        """The grades of those documents that others judge otherwise than `own`, as they did when it was decided that
        the own grade counts."""
        known = {
            (row["query"], row["doc_id"], row["judge"], row["given"]): row["grade"]
            for row in self._file.rows("SELECT * FROM decisions WHERE gone = 0")
        }
        same = dict[Pair, bool]()
        for each in given:
            query, doc_id = query_key(each), each.doc_id
            mine = own.get((query, doc_id))
            if mine is not None and mine != each.grade:
                decided = known.get((query, clean(doc_id), clean(each.who), each.grade)) == mine
                same[query, doc_id] = same.get((query, doc_id), True) and decided
        return {pair: own[pair] for pair, decided in same.items() if decided}
