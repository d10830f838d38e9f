"""What people have their documents in, one module for each: tables (CSV, TSV), JSON lines, Parquet and Arrow, datasets
of the Hugging Face hub, folders of texts. Nothing that a file holds is run.

    reader_of(path) -> Reader | None     by its name; None for what none of them reads
    reader.rows(source, options, seen)   its rows one after the other, whatever the size of the file

A row is a mapping of column names to values, as the file has them; `zsr_tui.corpora.mapping` makes documents of rows.
"""

from __future__ import annotations

from zsr_tui.corpora.formats.rows import BadRow, Options, Reader, Row, reader_of

__all__ = ["BadRow", "Options", "Reader", "Row", "reader_of"]
