"""Compiled kernels that an edit or an upgrade has made stale, found without importing numba.

numba compares compiled code with its own source file only, but what a kernel calls is compiled into
it: after a change of another file it would go on with the old one.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

# Constants of the units are compiled in everywhere.
_SHARED: Final = ("units.py",)
_IMPORT: Final = re.compile(r"^from analysis\.kernels\.(\w+) import", re.MULTILINE)


def forget_stale_code(folder: Path) -> None:
    """Delete compiled kernels that are older than a source they are made of.

    `folder` holds the kernels' sources, and compiled ones in ``__pycache__``. Those that an edit
    elsewhere does not concern are kept, and dated anew so that the next start need not look again.
    """
    sources = {one.stem: _changed_ns(one) for one in folder.glob("*.py")}
    shared_ns = max((_changed_ns(folder.parent / name) for name in _SHARED), default=0)
    newest_ns = max(*sources.values(), shared_ns)
    old = [one for one in (folder / "__pycache__").glob("*.nb[ic]") if _changed_ns(one) < newest_ns]
    if not old:
        return
    uses = {name: _IMPORT.findall((folder / f"{name}.py").read_text("utf-8")) for name in sources}
    for compiled in old:
        module = compiled.name.partition(".")[0]
        made_of = (sources.get(name, newest_ns) for name in _closure(module, uses))
        try:
            if _changed_ns(compiled) < max(*made_of, shared_ns):
                compiled.unlink()
            else:
                os.utime(compiled)
        except OSError:  # another process was quicker, or the folder is read-only
            continue


def _changed_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:  # gone meanwhile
        return 0


def _closure(module: str, uses: dict[str, list[str]]) -> Iterator[str]:
    """Yield a module and all that it uses, however far away, once each."""
    seen: set[str] = set()
    waiting: Iterable[str] = [module]
    while waiting:
        fresh = set(waiting) - seen
        yield from fresh
        seen |= fresh
        waiting = [other for one in fresh for other in uses.get(one, [])]
        if not fresh:
            return
