"""zsr-tui search: what own judgments add to what it prints."""

from __future__ import annotations

from tests.ui.fake.engine import BM25, DATASET, DENSE, FakeEngine
from zsr_tui.api.requests import SearchRequest
from zsr_tui.commands.search import _as_text, collect, with_own


async def test_own_judgments_stand_beside_the_datasets_and_so_do_the_measures_with_them() -> None:
    engine = FakeEngine()
    request = SearchRequest(id="r", dataset=DATASET, systems=(BM25, DENSE), qid="42")
    ids: dict[int, tuple[str, ...]] = {}
    found = await collect(engine, request, 3, ids)
    plain = _as_text(found)
    await with_own(engine, found, ids, request.depth)
    assert _as_text(found) == plain  # nobody has judged
    first, second = ids[0][:2]
    engine.kept.put("42", first, 2)
    engine.kept.put("42", second, 0)
    await with_own(engine, found, ids, request.depth)
    text = _as_text(found)
    assert "with 2 judgments of your own: nDCG@10 0.6331" in text
    assert "nDCG@10 0.6131" in text
    assert [row["own"] for row in found["systems"][0]["rows"]] == [2, 0, None]
    assert "■2 " in text
    assert "□  " in text
    for row in found["systems"][0]["rows"]:
        passage = f"{'Nothing here. ' * 30}Blood levels rise. {'Nothing here. ' * 9}"
        row |= {"title": "", "passage": passage, "matches": ((420, 425, 0), (426, 432, 1))}
    lines = _as_text(found).splitlines()
    assert sum("Blood levels rise." in line and len(line) < 150 for line in lines) == 3  # of documents without a title
