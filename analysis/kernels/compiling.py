"""When and what numba compiles: kernels are cached, but the first run of an install has no cache.

numba keeps compiled code beside the sources, or in the user's cache folder where an install is
read-only, or in ``NUMBA_CACHE_DIR``.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, Final

import numba
from numba.core import event
from numba.core.dispatcher import Dispatcher

_PACKAGE: Final = "analysis.kernels"
_COMPILING: Final = "numba:compile"


def kernels() -> Mapping[str, Dispatcher]:
    """Return all kernels by ``module.function``; loads their modules, compiles nothing."""
    package = importlib.import_module(_PACKAGE)
    found: dict[str, Dispatcher] = {}
    for one in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{_PACKAGE}.{one.name}")
        for name, value in vars(module).items():
            if isinstance(value, Dispatcher) and value.__module__ == module.__name__:
                found[f"{one.name}.{name}"] = value
    return found


def compiled(kernel: Dispatcher) -> tuple[Any, ...]:
    """Return the argument types for which `kernel` is compiled or was loaded."""
    return tuple(kernel.signatures)


def cache_folder() -> str:
    """Return where compiled kernels are kept."""
    return str(next(iter(kernels().values())).stats.cache_path)


class CompileListener(event.Listener):
    """Calls `tell` once, when the first kernel is about to be compiled rather than loaded."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell

    def on_start(self, event: event.Event) -> None:  # noqa: ARG002 - which kernel is all one
        """Call `tell` the first time."""
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()

    def on_end(self, event: event.Event) -> None:
        """Do nothing."""


def tell_compiling(tell: Callable[[], None]) -> CompileListener:
    """Let `tell` be called when this process first compiles a kernel; returns the listener."""
    listener = CompileListener(tell)
    event.register(_COMPILING, listener)  # type: ignore[no-untyped-call]
    return listener


def stop_telling(listener: CompileListener) -> None:
    """Forget a listener of :func:`tell_compiling`."""
    event.unregister(_COMPILING, listener)  # type: ignore[no-untyped-call]


def compiler() -> str:
    """Return the compiler's name and version."""
    return f"numba {numba.__version__}"
