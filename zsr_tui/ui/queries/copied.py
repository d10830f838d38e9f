"""What can be copied on the screen of an evaluation's queries: the query, or the document that is under the cursor."""

from __future__ import annotations

from functools import partial

from zsr_tui.api.questions import ReadDocument
from zsr_tui.client.protocol import EngineApi
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.queries.documents.pane import DocumentPaths
from zsr_tui.ui.queries.listing import Listing
from zsr_tui.ui.queries.views import QueryViews


def under_cursor(engine: EngineApi, listing: Listing, views: QueryViews, paths: DocumentPaths) -> Copyable | None:
    row, path, point = listing.row, paths.path, views.documents.point
    if row is None:
        return None

    async def text(doc_id: str) -> str:
        assert row is not None
        return (await engine.call(ReadDocument(dataset=row.dataset, doc_id=doc_id, query=row.text))).doc.text

    if paths.has_focus and path is not None:
        return choice.document(path.fate.doc_id, path.fate.title, partial(text, path.fate.doc_id))
    if views.documents.has_focus and point is not None:
        return choice.document(point.doc_id, "", partial(text, point.doc_id))
    return choice.query(row.qid, row.text)
