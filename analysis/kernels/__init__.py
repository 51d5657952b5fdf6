"""Compiled shortest-path kernels: the only place that imports numba.

Every kernel takes plain arrays, allocates what it needs, releases the interpreter lock and gives
the same answer whatever the order of its input. Compiled code is cached beside the sources.
"""

from pathlib import Path


def _forget_stale_code(folder: Path) -> None:
    """Delete compiled kernels that are older than any kernel's source.

    numba compares compiled code with its own source file only, but a kernel of another file may be
    compiled into it: after an edit or an upgrade it would go on with the old one.
    """
    newest = max(one.stat().st_mtime_ns for one in folder.glob("*.py"))
    for compiled in (folder / "__pycache__").glob("*.nb[ic]"):
        try:
            if compiled.stat().st_mtime_ns < newest:
                compiled.unlink()
        except OSError:  # another process was quicker, or the folder is read-only
            continue


_forget_stale_code(Path(__file__).parent)
