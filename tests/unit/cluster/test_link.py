"""What is asked of Ray for the workers: with a Ray that a test plays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from zsr_tui.cluster import link
from zsr_tui.cluster.link import Link, Share


class Ray:
    """`asked` has the options of each worker, `made` what its shell was made with."""

    exceptions = SimpleNamespace(RayError=type("RayError", (Exception,), {}))
    cloudpickle = SimpleNamespace(register_pickle_by_value=lambda module: None)

    def __init__(self, *resources: dict[str, float]) -> None:
        self._nodes = [
            {"NodeID": f"n{place}", "Alive": bool(each), "Resources": each} for place, each in enumerate(resources)
        ]
        self.asked: list[dict[str, Any]] = []
        self.made: list[tuple[int, int]] = []

    def init(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(__enter__=lambda: None)

    def nodes(self) -> list[dict[str, Any]]:
        return self._nodes

    def remote(self, shell: type) -> Any:
        def options(**asked: Any) -> Any:
            self.asked.append(asked)
            return SimpleNamespace(remote=lambda *made: self.made.append(made))

        return SimpleNamespace(options=options)


@pytest.mark.parametrize(
    ("resources", "shares"),
    [
        pytest.param(
            ({"CPU": 12.0}, {"CPU": 8.0}, {}),
            [Share(6, 0, "n0"), Share(6, 0, "n0"), Share(8, 0, "n1")],
            id="no GPUs, and a node that is gone",
        ),
        pytest.param(
            ({"CPU": 64.0}, {"CPU": 16.0, "GPU": 2.0}, {"GPU": 1.0}),
            [Share(8, 1, "n1"), Share(8, 1, "n1"), Share(0, 1, "n2")],
            id="GPUs, one of them without cores of its own",
        ),
    ],
)
def test_a_worker_takes_its_part_of_a_node_and_is_asked_for_there(
    monkeypatch: pytest.MonkeyPatch, resources: tuple[dict[str, float], ...], shares: list[Share]
) -> None:
    ray = Ray(*resources)
    monkeypatch.setattr(link, "_imported", lambda: ray)
    monkeypatch.setattr(
        link,
        "import_module",
        lambda name: SimpleNamespace(NodeAffinitySchedulingStrategy=lambda node, soft: (node, soft)),
    )
    one = Link("ray://head:1")
    assert one.shares() == shares
    for share in shares:
        one.start(share)
    assert ray.made == [(share.cores, share.gpus) for share in shares]
    assert [(each["num_cpus"], each["num_gpus"], each["scheduling_strategy"]) for each in ray.asked] == [
        (share.cores, share.gpus, (share.node, True)) for share in shares
    ]
