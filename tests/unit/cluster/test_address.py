"""What names a cluster, and who may name which."""

from __future__ import annotations

import pytest

from zsr_tui import caller
from zsr_tui.caller import Bounds, Caller, NotPermitted
from zsr_tui.cluster import address
from zsr_tui.cluster.link import GROUP, groups
from zsr_tui.domain import Problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ray://head:10002", "ray://head:10002"),
        ("ray://head", "ray://head:10001"),
        (" ray://10.0.0.7/ ", "ray://10.0.0.7:10001"),
        ("ray://[::1]:7", "ray://[::1]:7"),
    ],
)
def test_an_address_is_read_with_its_port(written: str, meant: str) -> None:
    assert address.parse(written) == meant


@pytest.mark.parametrize(
    "written",
    ["head:10001", "http://head:10001", "ray://", "ray://head:many", "ray://head/folder", "ray://me@head", "auto"],
)
def test_what_names_no_cluster_is_refused_with_how_one_is_written(written: str) -> None:
    with pytest.raises(Problem, match=r"write ray://host:10001") as refused:
        address.parse(written)
    assert refused.value.exit_code == 2


def test_whoever_shares_an_engine_names_the_clusters_that_its_operator_allows() -> None:
    def asked() -> str:
        caller.become(Caller("anna", bounds=Bounds(clusters=frozenset({"ray://head:10001"}))))
        with pytest.raises(NotPermitted, match="--allow-cluster"):
            address.parse("ray://head:10002")
        return address.parse("ray://head")

    assert caller.carried(asked)() == "ray://head:10001"


@pytest.mark.parametrize("cores", [1, 7, 8, 9, 64, 100])
def test_cores_are_in_even_groups_and_none_is_left(cores: int) -> None:
    sizes = groups(cores)
    assert sum(sizes) == cores
    assert max(sizes) <= GROUP
    assert max(sizes) - min(sizes) <= 1
