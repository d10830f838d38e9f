"""A Ray cluster of three nodes on this machine, one of which is killed while it encodes: the index and the figures are
those of this machine, to the bit."""

from __future__ import annotations

import ipaddress
import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.ray_nodes import Node, RayNodes, ray_nodes
from tests.unit.scoring import tiny
from tests.waiting import wait_for
from zsr_tui.api.events import EvaluateFinished, Event, JobProgress
from zsr_tui.api.requests import EvaluateRequest, PrepareRequest
from zsr_tui.cluster.messages import Asked
from zsr_tui.cluster.pool import Pool
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.evaluation import store
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.scoring.queue.jobs import Job

pytest.importorskip("ray", reason="the extra ray is not installed")
pytest.importorskip("grpc", reason="the extra ray is not installed")

DOCUMENTS, QUERIES = 400, 12
MEASURES = ("nDCG@10", "AP")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayNodes]:
    """It was started in a folder whose modules would end a worker. What Ray itself imports is not among them: its own
    client server is a `python -m`, which searches the folder where it is started."""
    folder = tmp_path_factory.mktemp("current")
    for name in ("zsr_tui", "torch", "transformers"):
        (folder / f"{name}.py").write_text("raise SystemExit('the current folder was imported')")
    with ray_nodes(3, folder, tmp_path_factory.mktemp("workers")) as found:
        yield found


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents and queries of the words that a tiny model knows."""
    folder, rnd = tmp_path_factory.mktemp("letters"), random.Random(3)

    def text(most: int) -> str:
        return " ".join(rnd.choices("abcdefgh", k=rnd.randint(most // 2, most)))

    docs = [{"_id": f"d{number}", "title": "", "text": text(28)} for number in range(DOCUMENTS)]
    assert len({doc["text"] for doc in docs}) == DOCUMENTS  # equal ones would tie, in the order of their rows
    queries = [{"_id": f"q{number}", "text": text(8)} for number in range(QUERIES)]
    for name, rows in (("corpus", docs), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels").mkdir()
    judged = [f"q{number}\td{rnd.randrange(DOCUMENTS)}\t1\n" for number in range(QUERIES) for _ in range(20)]
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(dict.fromkeys(judged)))
    return folder


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    models = tmp_path_factory.mktemp("models")
    dense = f"dense({tiny.bert(models / 'encoder')})"
    return dense, f"{dense} % 20 >> {tiny.reranker(models / 'reranker')}"


class Run:
    """An engine with indexes of its own; what it makes of the dataset, here or on a cluster."""

    def __init__(self, folder: Path, dataset: Path, systems: tuple[str, str], on: str) -> None:
        self.library, self.dataset, self.systems, self.on = Library(), str(dataset), systems, on
        self.library._store = IndexStore(folder)
        self.folder, self.said = folder, dict[str, None]()

    @property
    def pool(self) -> Pool:
        return self.library._clusters._pools[self.on]

    def watch(self, event: Event) -> None:
        if isinstance(event, JobProgress):
            self.said.update(dict.fromkeys(event.progress.said))

    def prepare(self) -> None:
        request = PrepareRequest(id="p", dataset=self.dataset, systems=self.systems, on=self.on)
        prepare(self.library, request, self.watch, CancelToken())

    def vectors(self) -> dict[str, bytes]:
        [ids] = self.folder.glob("*/dense/*/*/ids.jsonl")
        names = [json.loads(line) for line in ids.read_text().splitlines()]
        data = b"".join(path.read_bytes() for path in sorted(ids.parent.glob("*.f32")))
        size = len(data) // len(names)
        found = {name: data[place * size : (place + 1) * size] for place, name in enumerate(names)}
        assert len(found) == len(names)  # none is there twice
        return found

    def evaluate(self) -> tuple[str, list[dict[str, Any]]]:
        finished = list[EvaluateFinished]()

        def watch(event: Event) -> None:
            if isinstance(event, EvaluateFinished):
                finished.append(event)

        request = EvaluateRequest(
            id="e", dataset=self.dataset, systems=self.systems, measures=MEASURES, resume=False, on=self.on
        )
        evaluate(self.library, request, watch, CancelToken())
        stored = store.find(finished[0].evaluation)
        lists = [
            (ranked.doc_ids, ranked.scores.tolist())
            for number in range(QUERIES)
            for ranked in stored.final_lists(number)
        ]
        return json.dumps(lists), [dict(result.means) for result in finished[0].results]


def test_a_killed_node_changes_neither_a_vector_nor_a_figure(
    cluster: RayNodes, dataset: Path, systems: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Run(tmp_path / "here", dataset, systems, "")
    here.prepare()
    again = Run(here.folder, dataset, systems, "ray://127.0.0.1:9")
    again.prepare()
    assert not again.library._clusters._pools  # a cluster that has nothing to do is not asked
    there = Run(tmp_path / "there", dataset, systems, cluster.address)
    with there.library.scoring_on(cluster.address):  # its workers stay until the end
        wait_for(lambda: there.pool.up == 3 or there.pool.over, "three workers")
        assert there.pool.over is None
        victim = cluster.nodes[-1]
        there.pool._places = sorted(there.pool._places, key=lambda place: victim.name not in place.node)
        place = there.pool._places[0]  # the first that is given something
        submit = there.pool.submit

        def freezing(job: Job, asked: Callable[[int], Asked]) -> None:
            if job.work.count and not frozen.is_set():
                victim.freeze()  # the documents that it is given from now on it has when it is killed
                frozen.set()
            submit(job, asked)

        frozen = threading.Event()
        monkeypatch.setattr(there.pool, "submit", freezing)
        preparing = threading.Thread(target=there.prepare)
        preparing.start()
        wait_for(frozen.is_set, "documents for the nodes")
        wait_for(lambda: any(call.place is place and call.requests for call in [*there.pool._calls.values()]))
        victim.kill()
        preparing.join()
        assert there.vectors() == here.vectors()
        assert any(
            "was lost: what it had is done again" in sentence and victim.name in sentence for sentence in there.said
        )
        assert there.evaluate() == here.evaluate()
        assert elsewhere(cluster.nodes) == []
    pool = there.pool
    with pytest.raises(Cancelled), there.library.scoring_on(cluster.address):
        raise Cancelled
    pool.join()
    wait_for(lambda: not any(node.workers() for node in cluster.nodes), "workers that are freed")


def elsewhere(nodes: tuple[Node, ...]) -> list[str]:
    """Where Ray listens for others than this machine; a raylet listens itself."""
    raylets = {node.raylet for node in nodes}
    listening = [each for each in psutil.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    places = [each.laddr.ip.removeprefix("::ffff:") for each in listening if each.pid in raylets]
    assert places
    return [place for place in places if not ipaddress.ip_address(place).is_loopback]
