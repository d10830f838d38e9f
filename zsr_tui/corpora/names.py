"""What a user may write for a corpus, and the one id that it stands for."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from zsr_tui import caller, machine
from zsr_tui.corpora.catalogue import FORUMS, SUITE, catalogue
from zsr_tui.corpora.elsewhere import room_of
from zsr_tui.corpora.formats.rows import HUB, PACKED, reader_of
from zsr_tui.corpora.groups import groups
from zsr_tui.corpora.imported import check
from zsr_tui.corpora.irds import explained, ir_datasets
from zsr_tui.corpora.layout import CORPUS, Layout, find_layout
from zsr_tui.corpora.reference import BESIDE, Reference, parsed
from zsr_tui.domain import Problem

DEMO = "demo"
_SUGGESTIONS = 3


def normalise(ref: str) -> str:
    """The canonical id.

    Takes `demo`, ids of ir_datasets, names of BEIR datasets (`scifact` is the split that BEIR evaluates), paths of
    folders and zip archives in BEIR layout, with `:split` where it is not the default, and of what the formats read,
    datasets of the hub (`hf:organisation/name`), the documents of a prebuilt index (`prebuilt:name`), and settings in
    brackets behind any of these but the last (`zsr_tui.corpora.reference`). A relative path counts from the working
    directory of this process. Raises `Problem`
    with the nearest names.
    """
    own = parsed(ref)
    if (room := room_of(own.base)) is not None and not own.settings:
        room.check(own.base)
        return own.base
    _check_reach(own)
    if not own.base:
        raise Problem("the name of the corpus is empty: try demo or beir/scifact/test.", usage=True)
    if not own.settings and not own.base.startswith(HUB) and not imported(own.base):
        return _normalised(own.base)
    chunking = own.chunking
    whole = _normalised_whole(own.whole)
    if members_of(whole.base):
        raise Problem(
            f"{whole.base} is several corpora: cut one of them, such as {members_of(whole.base)[0]}.", usage=True
        )
    return str(replace(whole, settings={**whole.settings, **own.of_chunks}) if chunking else whole)


def _check_reach(own: Reference) -> None:
    """Before anything is looked at. Raises `NotPermitted` for what whoever asks may not read on this machine."""
    base = own.base.removeprefix(HUB)
    paths = [base] if machine.begins_as_path(base) else []
    for each in (*paths, *(own.one(name) for name in BESIDE if own.one(name))):
        caller.check_path(local_path(each)[0], each)


def imported(base: str) -> bool:
    """Whether it is read by one of the formats: of paths those that are there and are not in BEIR layout."""
    path, split = local_path(base)
    if base.startswith(HUB):
        return True
    if split or not _is_path(base) or not path.exists():
        return False
    if path.is_dir():
        in_layout = any((path / name).is_file() for name in (CORPUS, f"{CORPUS}{PACKED}"))
        return not in_layout and reader_of(str(path)) is not None
    return reader_of(str(path)) is not None


def _normalised_whole(own: Reference) -> Reference:
    """Of documents that are not cut."""
    if not imported(own.base):
        if own.settings:
            name = next(iter(own.settings))
            raise Problem(
                f"{own.base} takes no {name}: only files that are not in BEIR layout do; any corpus takes size and by.",
                usage=True,
            )
        return Reference(_normalised(own.base))
    hub, place = (HUB, own.base.removeprefix(HUB)) if own.base.startswith(HUB) else ("", own.base)
    base = own.base if hub and not machine.begins_as_path(place) else f"{hub}{local_path(place)[0]}"
    beside = {name: (str(local_path(own.one(name))[0]),) for name in BESIDE if own.one(name)}
    whole = Reference(base, {**own.settings, **beside})
    check(whole)
    return whole


def _is_path(ref: str) -> bool:
    """Whether it stands for what lies on the disk, and for no name of the catalogue."""
    if machine.begins_as_path(ref):
        return True
    return caller.current().bounds is None and not _is_name(ref.lower()) and Path(ref).exists()


def _is_name(lower: str) -> bool:
    known = catalogue()
    sets = (known.entries, known.licensed, known.names, groups())
    return lower in (DEMO, FORUMS) or any(lower in each for each in sets)


def _normalised(ref: str) -> str:
    if not machine.begins_as_path(ref):
        known = catalogue()
        lower = ref.lower()
        if lower in (DEMO, FORUMS) or lower in known.entries or lower in known.licensed:
            return lower
        if lower in known.names:
            return known.names[lower]
        if lower in groups():
            return lower
        if caller.current().bounds or (not Path(ref).exists() and not local_path(ref)[0].exists()):
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
    if whole.exists() or not colon or "/" in split or os.sep in split:
        return whole, ""
    return Path(head).expanduser().resolve(), split


def is_local(id: str) -> bool:
    """Whether it is a folder or archive in BEIR layout; `id` is canonical, and has no settings."""
    return os.path.isabs(id)


def members_of(id: str) -> tuple[str, ...]:
    """The datasets that this one averages over; none for all but CQADupStack as a whole."""
    return catalogue().forums if id == FORUMS else ()


def whole_of(id: str) -> str:
    """The dataset whose documents are cut into these chunks; `id` itself, where they are not cut."""
    return str(parsed(id).whole) if id.endswith(")") else id


def collection_of(id: str) -> str:
    """Whose documents a dataset has. Indexes belong to collections. Reads nothing from the disk but, for a local
    corpus, whether its path exists; `id` is canonical, and its own where nobody knows it any more."""
    own = parsed(id)
    if own.settings or own.base.startswith(HUB):
        whole = own.whole.documents
        base = whole.base if whole.settings or own.base.startswith(HUB) else collection_of(whole.base)
        return str(Reference(base, {**whole.settings, **own.of_chunks}))
    known = catalogue()
    if room_of(id) is not None:
        return id
    if id in known.entries:
        return known.entries[id].collection
    if id in groups():
        return groups()[id].collection
    if id in known.licensed or id in (DEMO, FORUMS):
        return id
    if is_local(id):
        return str(local_path(id)[0])
    try:
        return ir_datasets().docs_parent_id(id)
    except KeyError:  # an evaluation outlives what it was made of
        return id


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
