"""DPR's encoders (Karpukhin et al. 2020, arXiv 2004.04906): one BERT for queries, another for documents, which
transformers keeps under names of its own. Each is run as the BERT that it is: its `pooler_output` is the first token's
last state (DPRQuestionEncoder and DPRContextEncoder of transformers, where `projection_dim` is 0)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zsr_tui.scoring.models import checkpoint, overlay

# names in its weights -> those of a BERT; for transformers' from_pretrained
NAMES = {r"^(ctx_encoder|question_encoder)\.bert_model\.": ""}
_MARK = "dpr_tower"  # in config.json of the folder that is run


def as_bert(folder: Path) -> Path | None:
    """The folder that is run, of one of DPR's encoders; None for any other folder, and for one that is not whole."""
    config = checkpoint.read_json(folder / "config.json")
    if config.get("model_type") != "dpr":
        return None
    files = checkpoint.select_in(folder)
    if files is None or files.kind != "transformers":
        return None
    bert = {**config, "model_type": "bert", "architectures": ["BertModel"], _MARK: True}
    links: dict[str, Path | bytes] = {name: folder / name for name in files.all}
    return overlay.folder({**links, "config.json": json.dumps(bert).encode()})


def is_tower(config: dict[str, Any]) -> bool:
    """By the config.json of a folder that is run."""
    return config.get(_MARK) is True


def why_not(config: dict[str, Any], *, paired: bool, place: Path) -> str:
    """One sentence on a tower that is not `paired` with another, or is none that a BERT is; `place` is the user's
    models.toml. "" for one that runs."""
    if config.get("projection_dim"):
        return "It projects the vectors of its BERT (projection_dim), as no encoder of DPR that is published does."
    if paired:
        return ""
    return (
        "It is one of two encoders, for queries or for documents alone (DPR): write an entry whose weights are the "
        f"documents' encoder and whose query_weights are the queries' in {place}, or take one of the catalogue."
    )
