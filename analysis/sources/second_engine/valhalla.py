"""Valhalla, asked in a process of its own about walks and streets of an extract."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from analysis.errors import SourceError, SourceUnavailableError
from analysis.messages import message
from analysis.sources.processes import module_environment
from analysis.sources.second_engine.extract import pbf_of
from analysis.sources.second_engine.questions import Answers, Failure, Job, Place
from analysis.walking import WalkerName

TIMEOUT_S: Final = 1800.0
_MODULE: Final = "valhalla"
_PROCESS: Final = "analysis.sources.second_engine.valhalla_process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What to ask: walks from each place of `starts` to that of `ends`, streets and nodes."""

    starts: Sequence[Place]
    ends: Sequence[Place]
    stretches: Sequence[Place]
    nodes: Sequence[Place]


def check_installed() -> None:
    """Raise :class:`SourceUnavailableError` where Valhalla is not installed."""
    if find_spec(_MODULE) is None:
        raise SourceUnavailableError(
            message("verify.missing"), remedy=message("verify.missing.remedy")
        )


def ask_valhalla(
    extract: Path,
    questions: Questions,
    *,
    walker: WalkerName,
    plazas: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Answers:
    """Build Valhalla's own network from `extract` and ask it; the same questions, same answers.

    Parameters
    ----------
    extract
        ``.osm.pbf`` or ``.osm``.
    questions
        What to ask.
    walker
        A wheelchair is asked for as such, everybody else as a person on foot.
    plazas
        Give it the edges of plazas too (:func:`~analysis.sources.second_engine.extract.pbf_of`).
    timeout_s
        Limit for the whole work, in seconds.

    Raises
    ------
    SourceUnavailableError
        Valhalla is not installed, or did not answer in time.
    SourceDataError
        `extract` is of another format or damaged.
    SourceError
        Valhalla refused the extract or crashed.
    """
    check_installed()
    with TemporaryDirectory(prefix="living-circle-", ignore_cleanup_errors=True) as folder_name:
        folder = Path(folder_name)
        job = Job(
            extract=str(pbf_of(extract.absolute(), folder, plazas=plazas)),
            walker="wheelchair" if walker == "wheelchair" else "foot",
            from_=list(questions.starts),
            to=list(questions.ends),
            stretches=list(questions.stretches),
            nodes=list(questions.nodes),
        )
        (folder / "job.json").write_bytes(orjson.dumps(job))
        code, said = _run(folder, timeout_s)
        answers, failed = folder / "answers.json", folder / "failure.json"
        if answers.exists():
            found: Answers = orjson.loads(answers.read_bytes())
            return found
        if failed.exists():
            failure: Failure = orjson.loads(failed.read_bytes())
            raise SourceError(
                message("verify.step", step=message(f"verify.step.{failure['step']}")),
                remedy=message("verify.step.remedy"),
                source=str(extract),
                value=failure["detail"],
            )
    raise SourceError(
        message("verify.crashed", code=code),
        remedy=message("verify.step.remedy"),
        source=str(extract),
        value=said or None,
    )


def _run(folder: Path, timeout_s: float) -> tuple[int, str]:
    """Run the process and return its exit code and last words; end it and its children in time."""
    with subprocess.Popen(  # noqa: S603 - our own module, no shell, no user text
        [sys.executable, "-P", "-m", _PROCESS, str(folder)],
        env=module_environment(),
        cwd=folder,  # Valhalla leaves notes where it runs
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _, said = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise SourceUnavailableError(
                message("verify.timeout", timeout_s=timeout_s),
                remedy=message("verify.timeout.remedy"),
            ) from None
        finally:
            _end(process)
    return process.returncode, said.decode("utf-8", "replace").strip().rpartition("\n")[2]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process with the tile builder that it may have started."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)  # its own session, so its own group
    else:
        process.kill()
