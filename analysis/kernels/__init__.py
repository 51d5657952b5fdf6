"""Compiled shortest-path kernels: the only place that imports numba.

Every kernel takes plain arrays, allocates what it needs, releases the interpreter lock and gives
the same answer whatever the order of its input. Compiled code is cached beside the sources.
"""
