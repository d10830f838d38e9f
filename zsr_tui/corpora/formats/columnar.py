"""Parquet and Arrow, through pyarrow, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zsr_tui import outside
from zsr_tui.corpora.formats.rows import Options, Row, Seen, ending
from zsr_tui.corpora.problems import told
from zsr_tui.domain import Problem

KIND = "Parquet or Arrow files"
_ROWS = 256  # that are in memory at once


def rows(source: str, options: Options, seen: Seen) -> Iterator[Row]:
    """Columns that hold bytes, as pictures do, are left out."""
    import pyarrow as pa

    path = Path(source)
    with told(path, f"reading {path.name}"), outside.opened(path) as file:
        try:
            number = 0
            for batch in _batches(path, file):
                kept = [name for name, kind in zip(batch.schema.names, batch.schema.types, strict=True) if _text(kind)]
                for fields in batch.select(kept).to_pylist():
                    number += 1
                    yield Row(f"{path}, row {number}", fields)
                seen(file.tell())
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise Problem(
                f"{path} cannot be read as {ending(path)[1:]}: {_line(error)}; fetch it again.", detail=repr(error)
            ) from error


def _batches(path: Path, file: Any) -> Iterator[Any]:
    import pyarrow as pa

    if ending(path) == ".parquet":
        import pyarrow.parquet as pq

        table = pq.ParquetFile(file)
        most = outside.most_unpacked(path.stat().st_size)
        groups = (table.metadata.row_group(group).total_byte_size for group in range(table.metadata.num_row_groups))
        if any(size > most for size in groups):
            raise outside.bomb(path)
        yield from table.iter_batches(batch_size=_ROWS)
        return
    try:
        stream = pa.ipc.open_stream(file)
    except pa.ArrowInvalid:
        file.seek(0)
        whole = pa.ipc.open_file(file)
        stream = (whole.get_batch(place) for place in range(whole.num_record_batches))
    for batch in stream:
        for start in range(0, batch.num_rows, _ROWS):
            yield batch.slice(start, _ROWS)


def _text(kind: Any) -> bool:
    import pyarrow.types as types

    return not (types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
