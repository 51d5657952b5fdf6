"""Compiled shortest-path kernels: the only place that imports numba.

Every kernel takes plain arrays, allocates what it needs, releases the interpreter lock and gives
the same answer whatever the order of its input. Compiled code is cached beside the sources.
"""

from pathlib import Path

from analysis.kernels.stale import forget_stale_code

forget_stale_code(Path(__file__).parent)
