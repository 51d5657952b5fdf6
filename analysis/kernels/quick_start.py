"""Loading numba without scipy, for processes that live for one answer.

When it first compiles or loads anything, numba imports ``scipy.linalg`` to see whether matrix
products could be compiled. No kernel multiplies matrices, and the import takes as long as a dozen
isochrones. Code of others in the same process could not compile ``np.dot`` afterwards, so only
commands of our own ask for this.
"""

from typing import NoReturn


def skip_scipy() -> None:
    """Keep numba from importing scipy's linear algebra; without effect where it has already.

    Where another numba is built otherwise nothing happens: it is then slower, not wrong.
    """
    try:
        from numba.np import linalg  # noqa: PLC0415 - only where asked

        ensure_blas = linalg.ensure_blas
    except (ImportError, AttributeError):
        return
    linalg.ensure_blas = _no_blas
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415 - asks for it while it is loaded
    finally:
        linalg.ensure_blas = ensure_blas


def _no_blas() -> NoReturn:
    raise ImportError
