"""A hint to the processor: this row will be wanted soon.

A search hops through memory, and most of its time goes by waiting for it. A place is known to be
needed when it begins to wait and is looked at some buckets later: asking for its half-edges in
between hides the wait. Nothing depends on the hint but speed.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending
from numba.core import cgutils, types

_TO_READ, _KEEP_CLOSE, _DATA = 0, 3, 1  # as the instruction llvm.prefetch wants them
_tools: Any = cgutils  # both come without useful types
_numba: Any = extending


def _ask(_: Any, rows: Any, row: Any) -> tuple[Any, Callable[..., Any]]:  # noqa: ARG001
    """Ask for ``rows[row]`` of an array; the names are those of the arguments in kernels."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        stride = builder.extract_value(array.strides, 0)
        byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        at = _tools.pointer_add(builder, array.data, builder.mul(args[1], stride), byte)
        hint = _tools.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag]),
            "llvm.prefetch.p0",
        )
        builder.call(hint, [at, flag(_TO_READ), flag(_KEEP_CLOSE), flag(_DATA)])
        return context.get_dummy_value()

    return types.void(rows, types.intp), generate


prefetch: Callable[[Any, Any], None] = _numba.intrinsic(_ask)
