"""What a user may write for a corpus, and the one id that it stands for."""

from __future__ import annotations

from pathlib import Path

from zsr_tui.corpora.catalogue import FORUMS, SUITE, catalogue
from zsr_tui.corpora.irds import explained, ir_datasets
from zsr_tui.corpora.layout import Layout, find_layout
from zsr_tui.domain import Problem

DEMO = "demo"
_SUGGESTIONS = 3


def normalise(ref: str) -> str:
    """The canonical id.

    Takes `demo`, ids of ir_datasets, names of BEIR datasets (`scifact` is the split that BEIR evaluates), and paths of
    folders and zip archives in BEIR layout, with `:split` where it is not the default. A relative path counts from the
    working directory of this process. Raises `Problem` with the nearest names.
    """
    ref = ref.strip()
    if not ref:
        raise Problem("the name of the corpus is empty: try demo or beir/scifact/test.", usage=True)
    if not ref.startswith(("/", "./", "../", "~")) and ref not in (".", ".."):
        known = catalogue()
        lower = ref.lower()
        if lower in (DEMO, FORUMS) or lower in known.entries or lower in known.licensed:
            return lower
        if lower in known.names:
            return known.names[lower]
        if not Path(ref).exists() and not local_path(ref)[0].exists():
            return _in_ir_datasets(ref)
    layout, split = layout_of(ref)
    return layout.dataset_id(split)


def layout_of(ref: str) -> tuple[Layout, str]:
    """And the split. Raises `Problem` where `ref` is not the path of a corpus in BEIR layout."""
    path, split = local_path(ref)
    layout = find_layout(path)
    return layout, layout.choose(split)


def local_path(ref: str) -> tuple[Path, str]:
    """The absolute path, and the split that was asked for, else ""."""
    whole = Path(ref).expanduser().resolve()
    head, colon, split = ref.rpartition(":")
    if whole.exists() or not colon or "/" in split:
        return whole, ""
    return Path(head).expanduser().resolve(), split


def is_local(id: str) -> bool:
    """For canonical ids."""
    return id.startswith("/")


def members_of(id: str) -> tuple[str, ...]:
    """The datasets that this one averages over; none for all but CQADupStack as a whole."""
    return catalogue().forums if id == FORUMS else ()


def collection_of(id: str) -> str:
    """Whose documents a dataset has. Indexes belong to collections. Reads nothing from the disk but, for a local
    corpus, whether its path exists; `id` is canonical."""
    known = catalogue()
    if id in known.entries:
        return known.entries[id].collection
    if id in known.licensed or id in (DEMO, FORUMS):
        return id
    if is_local(id):
        return str(local_path(id)[0])
    return ir_datasets().docs_parent_id(id)


def _in_ir_datasets(ref: str) -> str:
    load = ir_datasets().load
    try:
        dataset = load(ref)
    except KeyError:
        if f"{SUITE}/{ref.lower()}" in catalogue().entries:
            return f"{SUITE}/{ref.lower()}"
        raise _unknown(ref) from None
    except Exception as error:  # CLIRMatrix downloads its list of datasets when one is named
        raise explained(ref, error) from error
    if not dataset.has_docs():
        raise Problem(f"{ref} has no documents in ir_datasets{_below(ref)}.", usage=True)
    return ref


def _below(ref: str) -> str:
    found = [id for id in _with_documents() if id.startswith(f"{ref}/")][:_SUGGESTIONS]
    return f": choose one that has, such as {', '.join(found)}" if found else ""


def _with_documents() -> list[str]:
    registry = ir_datasets().registry
    return [id for id in registry if registry[id].has_docs()]


def _unknown(ref: str) -> Problem:
    from rapidfuzz import fuzz, process

    known = catalogue()
    # the names that are written most come first: of equal matches the first is kept
    choices = dict.fromkeys([DEMO, FORUMS, *known.entries, *known.licensed, *_with_documents()])
    spellings = {choice: choice for choice in choices} | known.names
    near = process.extract(ref.lower(), spellings.keys(), scorer=fuzz.ratio, limit=8, score_cutoff=55)
    ids = list(dict.fromkeys(spellings[name] for name, _, _ in near))[:_SUGGESTIONS]
    hint = f"did you mean {' or '.join(ids)}?" if ids else "zsr-tui corpora lists what there is."
    return Problem(f"there is no corpus {ref!r}, and no file or folder of that name: {hint}", usage=True)
