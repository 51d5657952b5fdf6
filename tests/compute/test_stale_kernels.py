"""Compiled kernels are thrown away where a source they are made of is newer, and only there."""

import os
from pathlib import Path

import pytest

from analysis.kernels.stale import forget_stale_code

OLD, NEW = 1_000_000_000, 2_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return kernels: `walk` uses `wave`, which uses `base`; `grid` uses nothing. All compiled."""
    kernels = tmp_path / "kernels"
    cache = kernels / "__pycache__"
    cache.mkdir(parents=True)
    (tmp_path / "units.py").write_text("", "utf-8")
    os.utime(tmp_path / "units.py", (OLD, OLD))
    uses = {"walk": "wave", "wave": "base", "base": "", "grid": ""}
    for name, other in uses.items():
        text = f"from analysis.kernels.{other} import (\n    x,\n)\n" if other else ""
        source = kernels / f"{name}.py"
        source.write_text(text, "utf-8")
        os.utime(source, (OLD, OLD))
        for end in ("nbi", "1.nbc"):
            (cache / f"{name}.run-7.py311.{end}").touch()
            os.utime(cache / f"{name}.run-7.py311.{end}", (OLD + 1, OLD + 1))
    return kernels


def left(folder: Path) -> set[str]:
    return {one.name.partition(".")[0] for one in (folder / "__pycache__").iterdir()}


def test_nothing_is_thrown_away_where_nothing_changed(folder: Path) -> None:
    forget_stale_code(folder)
    assert left(folder) == {"walk", "wave", "base", "grid"}


@pytest.mark.parametrize(
    ("changed", "kept"),
    [("base", {"grid"}), ("wave", {"base", "grid"}), ("grid", {"walk", "wave", "base"})],
)
def test_all_that_is_made_of_a_changed_source_goes(
    folder: Path, changed: str, kept: set[str]
) -> None:
    os.utime(folder / f"{changed}.py", (NEW, NEW))
    forget_stale_code(folder)
    assert left(folder) == kept
    before = {one: one.stat().st_mtime for one in (folder / "__pycache__").iterdir()}
    assert all(when > OLD + 1 for when in before.values())


def test_units_are_compiled_into_everything(folder: Path) -> None:
    os.utime(folder.parent / "units.py", (NEW, NEW))
    forget_stale_code(folder)
    assert left(folder) == set()


def test_compiled_code_without_a_source_goes(folder: Path) -> None:
    (folder / "grid.py").unlink()
    os.utime(folder / "walk.py", (NEW, NEW))
    forget_stale_code(folder)
    assert left(folder) == {"wave", "base"}
