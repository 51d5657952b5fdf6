"""Rows of lanes as the processor's vectors: a whole row lowered by a few instructions.

Left to itself the compiler unrolls such short loops into single cells or doubts whether two rows of
an array overlap; spelled out, a sweep takes a third of the time. Wider vectors than a processor has
are cut into pieces by the compiler, so that this runs anywhere.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending
from numba.core import cgutils, types

from analysis.units import KeyArray

LANES: Final = 16  # a row of uint64 is two cache lines

_CELL_BYTES: Final = 8
_LINE_BYTES: Final = 64
_ROW: Final = ir.VectorType(ir.IntType(64), LANES)
_tools: Any = cgutils  # both come without useful types
_numba: Any = extending


def empty_rows(n: int) -> KeyArray:
    """Return an array uint64 [n, LANES] that is not filled; each row begins with a cache line."""
    raw = np.empty(n * LANES + _LINE_BYTES // _CELL_BYTES, dtype=np.uint64)
    begin = (-raw.ctypes.data % _LINE_BYTES) // _CELL_BYTES
    rows: KeyArray = raw[begin : begin + n * LANES].reshape(n, LANES)
    return rows


def _at(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> Any:
    """Return the pointer to a row of a contiguous array [n, LANES]."""
    data = context.make_array(kind)(context, builder, array).data
    cell = builder.gep(data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(cell, _ROW.as_pointer())


def _raised(builder: Any, row: Any, key: Any) -> Any:
    """Return the row at a pointer with `key` added to every lane."""
    only, first = ir.Constant(_ROW, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    keys = builder.shuffle_vector(builder.insert_element(only, key, first), only, everywhere)
    return builder.add(builder.load(row, align=_CELL_BYTES), keys)


def _least(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.icmp_unsigned("<", one, other), one, other)


def _copy(_: Any, rows: Any, row: Any, source: Any, at: Any) -> tuple[Any, Callable[..., Any]]:  # noqa: ARG001
    """``rows[row] = source[at]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        goal = _at(context, builder, signature.args[0], args[0], args[1])
        value = _at(context, builder, signature.args[2], args[2], args[3])
        builder.store(builder.load(value, align=_CELL_BYTES), goal, align=_CELL_BYTES)
        return context.get_dummy_value()

    return types.void(rows, types.intp, source, types.intp), generate


def _push(
    _: Any, rows: Any, row: Any, source: Any, at: Any, key: Any  # noqa: ARG001
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """``rows[row] = minimum(rows[row], source[at] + key)``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        goal = _at(context, builder, signature.args[0], args[0], args[1])
        value = _at(context, builder, signature.args[2], args[2], args[3])
        old = builder.load(goal, align=_CELL_BYTES)
        builder.store(
            _least(builder, _raised(builder, value, args[4]), old), goal, align=_CELL_BYTES
        )
        return context.get_dummy_value()

    return types.void(rows, types.intp, source, types.intp, types.uint64), generate


def _pull(
    _: Any, rows: Any, row: Any, others: Any, keys: Any, begin: Any, end: Any  # noqa: ARG001
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """``rows[row] = minimum(rows[row], rows[others[p]] + keys[p])`` for p from `begin` to `end`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind, (array, row, _, _, begin, end) = signature.args[0], args
        others = context.make_array(signature.args[2])(context, builder, args[2]).data
        keys = context.make_array(signature.args[3])(context, builder, args[3]).data
        goal = _at(context, builder, kind, array, row)
        least = _tools.alloca_once(builder, _ROW)  # ends up in registers
        builder.store(builder.load(goal, align=_CELL_BYTES), least)
        step = ir.Constant(begin.type, 1)
        with _tools.for_range_slice(builder, begin, end, step) as (p, _count):
            other = builder.sext(builder.load(builder.gep(others, [p])), row.type)
            value = _at(context, builder, kind, array, other)
            raised = _raised(builder, value, builder.load(builder.gep(keys, [p])))
            builder.store(_least(builder, raised, builder.load(least)), least)
        builder.store(builder.load(least), goal, align=_CELL_BYTES)
        return context.get_dummy_value()

    return types.void(rows, types.intp, others, keys, types.intp, types.intp), generate


copy_row: Callable[[Any, int, Any, int], None] = _numba.intrinsic(_copy)
push_row: Callable[[Any, int, Any, int, Any], None] = _numba.intrinsic(_push)
pull_row: Callable[[Any, int, Any, Any, int, int], None] = _numba.intrinsic(_pull)
