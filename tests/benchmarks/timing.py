"""Timing for the benchmarks: engines in turn in one process, medians, and tables that say no.

A busy machine slows whatever runs at that moment, so the engines run in turn (A B C A B C …): a
ratio of medians from one run is to be trusted, an absolute time only on a quiet machine.
"""

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Timing:
    """Seconds of each run, and what the last run gave.

    Of different queries that ran several times, `least` holds the quickest run of each.
    """

    seconds: tuple[float, ...]
    result: Any = None
    least: tuple[float, ...] = ()

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)

    @property
    def min_s(self) -> float:
        return statistics.median(self.least) if self.least else min(self.seconds)

    @property
    def p95_s(self) -> float:
        return float(np.percentile(self.seconds, 95))

    def times(self, factor: float) -> "Timing":
        """Scale a sample up to the whole."""
        return Timing(tuple(second * factor for second in self.seconds), self.result)


def interleaved(
    jobs: Mapping[str, Callable[[], object]],
    rounds: int | Mapping[str, int] = 5,
    warm: Sequence[str] | None = None,
) -> dict[str, Timing]:
    """Run `jobs` in turn, A B C A B C …; one with fewer `rounds` sits out the last ones.

    The jobs named in `warm` (all, if None) run once beforehand, unmeasured: compiled code is loaded
    and memory is paged in.
    """
    asked = {name: rounds if isinstance(rounds, int) else rounds[name] for name in jobs}
    for name in jobs if warm is None else warm:
        jobs[name]()
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    results: dict[str, object] = {}
    for turn in range(max(asked.values())):
        for name, job in jobs.items():
            if turn < asked[name]:
                results.pop(name, None)
                with _no_garbage():
                    start = time.perf_counter()
                    results[name] = job()
                    seconds[name].append(time.perf_counter() - start)
    return {name: Timing(tuple(seconds[name]), results[name]) for name in jobs}


def by_query(
    jobs: Mapping[str, Callable[[int], object]], n_queries: int, passes: int = 3, block: int = 20
) -> dict[str, Timing]:
    """Ask every engine the same queries, `block` by one, then the same by the next, in turn.

    Query *i* is ``job(i)``; all are asked `passes` times. Three run beforehand, unmeasured.
    """
    seconds = {name: np.zeros((passes, n_queries)) for name in jobs}
    for job in jobs.values():
        for query in range(min(3, n_queries)):
            job(query)
    with _no_garbage():
        for turn in range(passes):
            for start in range(0, n_queries, block):
                for name, job in jobs.items():
                    for query in range(start, min(start + block, n_queries)):
                        began = time.perf_counter()
                        job(query)
                        seconds[name][turn, query] = time.perf_counter() - began
    return {
        name: Timing(tuple(found.ravel().tolist()), None, tuple(found.min(axis=0).tolist()))
        for name, found in seconds.items()
    }


@contextmanager
def _no_garbage() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True)
class Line:
    """One line of a table: what was done, how long we and they took, and the bar."""

    work: str
    ours: str
    theirs: str
    ratio: str
    bar: str
    reached: str


def faster(work: str, ours: Timing, theirs: Timing, bar: float | None = None) -> Line:
    """Return a line on how many times our median goes into theirs; at least `bar` is asked."""
    ratio = theirs.median_s / ours.median_s
    return Line(
        work,
        timed(ours),
        timed(theirs),
        f"{ratio:.1f} × ({theirs.min_s / ours.min_s:.1f} by minima)",
        "—" if bar is None else f"≥ {bar:g} ×",
        "—" if bar is None else _said(ratio >= bar),
    )


def within(work: str, value: float, bar: float | None, unit: str, note: str = "—") -> Line:
    """Return a line on a figure of ours that must not exceed `bar`."""
    return Line(
        work,
        f"{value:.4g} {unit}",
        note,
        "—",
        "—" if bar is None else f"≤ {bar:g} {unit}",
        "—" if bar is None else _said(value <= bar),
    )


def at_least(work: str, value: float, bar: float | None, unit: str = "×", note: str = "—") -> Line:
    """Return a line on a figure of ours that must not fall below `bar`."""
    return Line(
        work,
        "—",
        note,
        f"{value:.4g} {unit}",
        "—" if bar is None else f"≥ {bar:g} {unit}",
        "—" if bar is None else _said(value >= bar),
    )


def fact(work: str, value: str) -> Line:
    """Return a line that only reports."""
    return Line(work, value, "—", "—", "—", "—")


def show(title: str, lines: Sequence[Line], notes: Sequence[str] = ()) -> None:
    """Print a table for docs/benchmarks.md."""
    rows = [("work", "ours", "theirs", "ratio", "must reach", "reached")]
    rows += [(x.work, x.ours, x.theirs, x.ratio, x.bar, x.reached) for x in lines]
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    rows.insert(1, tuple("-" * width for width in widths))
    text = [f"\n\n## {title}", machine(), ""]
    text += [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    sys.stdout.write("\n".join([*text, *(f"* {note}" for note in notes), ""]))
    sys.stdout.flush()


def _said(holds: bool) -> str:
    return "yes" if holds else "**no**"


def timed(timing: Timing) -> str:
    """Return the median and the minimum with their unit."""
    median, least = timing.median_s, timing.min_s
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if median * factor >= 1.0 or unit == "µs":
            return f"{median * factor:.3g} {unit} (min {least * factor:.3g})"
    raise AssertionError


def machine() -> str:
    """Return one line on what the figures were measured with."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = " ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy"))
    load = os.getloadavg()[0]
    return (
        f"{cpu()}, {os.cpu_count()} cores, {memory_gb:.0f} GB; {platform.system()}, "
        f"Python {platform.python_version()}, {versions}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {load:.1f}"
    )


def cpu() -> str:
    """Return the processor's name, its family and its caches where the system tells them."""
    told = {}
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for row in info.read_text("utf-8").splitlines():
            key, _, value = row.partition(":")
            told.setdefault(key.strip(), value.strip())
    caches = []
    for level in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index[2-9]")):
        caches.append(
            f"L{(level / 'level').read_text().strip()} {(level / 'size').read_text().strip()}"
        )
    name = told.get("model name", platform.processor() or platform.machine())
    family = f" family {told['cpu family']} model {told['model']}" if "cpu family" in told else ""
    return f"{name}{family}" + (f" ({', '.join(caches)})" if caches else "")


def peak_mb() -> float:
    """Return the largest memory this process has held, MB (its own, not what its parent held)."""
    status = Path("/proc/self/status")
    if status.is_file():
        for row in status.read_text("utf-8").splitlines():
            if row.startswith("VmHWM:"):
                return int(row.split()[1]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def in_fresh_process(code: str) -> list[float]:
    """Run `code` in a new interpreter and return the numbers it prints on its last line."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, check=True, capture_output=True, text=True
    )
    return [float(one) for one in done.stdout.split("\n")[-2].split()]
