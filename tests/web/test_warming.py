"""Nobody waits for a compiler: warming up covers real runs, and a first run says what it does."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import analysis
from analysis.kernels.compiling import compiled, kernels, stop_telling, tell_compiling
from service.cli import main
from service.commands.console import Speaker
from service.warming import STAGES, warm_up

ROOT = Path(analysis.__file__).resolve().parent.parent


def run(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
        encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


def entry_points() -> set[str]:
    """Return the kernels that modules outside ``analysis.kernels`` call."""
    found = set()
    known = kernels()
    for path in [*(ROOT / "analysis").rglob("*.py"), *(ROOT / "service").rglob("*.py")]:
        if path.parent == ROOT / "analysis" / "kernels":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "analysis.kernels."
            ):
                module = (node.module or "").rpartition(".")[2]
                found |= {f"{module}.{one.name}" for one in node.names}
    return found & set(known)


def test_warming_up_runs_every_kernel_that_is_called_from_outside() -> None:
    told = []
    warm_up(on_progress=lambda stage, _share: told.append(stage))
    assert told == list(STAGES)
    known = kernels()
    assert len(entry_points()) > 20
    assert [one for one in sorted(entry_points()) if not compiled(known[one])] == []


REAL_RUN = """
import sys
from pathlib import Path
from analysis.kernels.compiling import tell_compiling
from service.cli import main
from service.warming import warm_up

warm_up()
compiled = []
tell_compiling(lambda: compiled.append(1))
extract, folder = sys.argv[1], Path(sys.argv[2])
asked = [
    ["analyse", extract, "--out", str(folder / "metres")],
    ["analyse", extract, "--out", str(folder / "minutes"), "--criterion", "minutes",
     "--walker", "wheelchair"],
    ["network", extract, "--out", str(folder / "net")],
]
for command in asked:
    assert main([*command, "-q"]) == 0
for source in (extract, str(folder / "net"), str(folder / "metres")):
    for options in ([], ["--drawing", "fast", "--metres", "800", "--pieces"]):
        where = ["--at", sys.argv[3], "--out", str(folder / "o.geojson")]
        assert main(["isochrone", source, *where, *options, "-q"]) == 0
print("compiled", len(compiled))
"""


def real_run(extract: Path, folder: Path, at: str) -> str:
    told = subprocess.run(
        [sys.executable, "-c", REAL_RUN, str(extract), str(folder), at], capture_output=True,
        text=True, check=False, cwd=ROOT, encoding="utf-8",
    )  # fmt: skip
    return told.stdout.strip() or told.stderr


@pytest.mark.shared_data
def test_after_warming_up_a_real_run_compiles_nothing(shared_data: Path, tmp_path: Path) -> None:
    extract = shared_data / "beijing_tsinghua_2017.osm.pbf"
    assert real_run(extract, tmp_path, "116.3265,40.0035") == "compiled 0"


def test_the_listener_is_told_once_and_only_of_compiling() -> None:
    told: list[str] = []
    listener = tell_compiling(lambda: told.append("compiling"))
    try:
        one = numba.njit(lambda x: x + 1)
        other = numba.njit(lambda x: x + 2)
        assert told == []
        assert one(1) == 2
        assert told == ["compiling"]
        assert other(1.0) == 3.0
        assert told == ["compiling"], "once is enough"
    finally:
        stop_telling(listener)
    numba.njit(lambda x: x - 1)(np.float32(1))
    assert told == ["compiling"]


@pytest.mark.parametrize(("language", "word"), [("zh", "编译"), ("en", "compiling")])
def test_a_command_says_that_it_compiles(capsys, language, word) -> None:
    speaker = Speaker(language)
    with speaker.progress(("one",)):
        numba.njit(lambda x: x * 2)(3)
    told = capsys.readouterr()
    assert told.err.count(word) == 1
    assert told.out == ""
    with speaker.progress(("one",)):
        pass
    with Speaker(language, quiet=True).progress(("one",)):
        numba.njit(lambda x: x * 3)(3)
    assert capsys.readouterr().err == ""


def test_the_command_tells_where_it_keeps_them(capsys) -> None:
    assert main(["warm", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["folder"]).is_dir()
    assert told["compiler"].startswith("numba ")
    for language in ("zh", "en"):
        assert main(["warm", "--lang", language]) == 0
        assert told["folder"] in capsys.readouterr().out


@pytest.mark.slow
def test_a_fresh_install_says_so_once_and_then_never(tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first = run("from service.cli import main; main(['warm', '--lang', 'en'])", **cache)
    assert first.stderr.count("First run") == 1
    assert str(tmp_path) in first.stdout
    again = run("from service.cli import main; main(['warm', '--lang', 'en'])", **cache)
    assert again.stderr == ""
