"""Mixed-integer linear programmes, solved by HiGHS: the exact side of siting.

HiGHS (Huangfu and Hall 2018, Math. Prog. Comp. 10:119–142) runs on one thread and without random
restarts, so that the same programme gives the same answer unless time runs out.
"""

import importlib
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from analysis.errors import AnalysisError
from analysis.messages import message
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

Ended = Literal["optimal", "infeasible", "stopped"]
NAME: Final = "HiGHS"
MOST_ENTRIES: Final = 300_000  # beyond that not even the relaxation is solved within a minute
_PRESOLVED: Final = 20_000  # entries a second: presolve takes so long, and never looks at the clock


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Constraints as CSR: ``lower ≤ value @ x[index] ≤ upper`` for each row."""

    first: IdArray
    index: IntArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """Minimise or maximise ``cost @ x`` with ``0 ≤ x ≤ upper``; `whole` are 0, 1, 2, …."""

    cost: FloatArray
    upper: FloatArray
    whole: BoolArray
    rows: Rows
    maximise: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """The best `x` found (None if none), what nothing can beat, and why it ended."""

    ended: Ended
    x: FloatArray | None
    bound: float
    nodes: int


def rows_of(*parts: Rows) -> Rows:
    """Return constraints one after another."""
    sizes = np.concatenate([np.diff(one.first) for one in parts])
    first = np.zeros(len(sizes) + 1, dtype=np.int64)
    first[1:] = np.cumsum(sizes)
    return Rows(
        first=first,
        index=np.concatenate([one.index for one in parts]).astype(np.int32),
        value=np.concatenate([one.value for one in parts]),
        lower=np.concatenate([one.lower for one in parts]),
        upper=np.concatenate([one.upper for one in parts]),
    )


def rows_from(
    row: IdArray | IntArray,
    index: IntArray,
    value: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> Rows:
    """Return constraints from entries (row, index, value) in any order."""
    order = np.lexsort((index, row))
    first = np.zeros(len(lower) + 1, dtype=np.int64)
    first[1:] = np.cumsum(np.bincount(row, minlength=len(lower)))
    return Rows(first=first, index=index[order], value=value[order], lower=lower, upper=upper)


def one_row(index: IntArray, value: FloatArray, lower: float, upper: float) -> Rows:
    """Return a single constraint."""
    return Rows(
        first=np.array([0, len(index)], dtype=np.int64),
        index=index,
        value=value,
        lower=np.array([lower]),
        upper=np.array([upper]),
    )


def solve(
    programme: Programme,
    *,
    start: FloatArray | None,
    time_limit_s: float,
    max_gap: float,
    enough: float | None = None,
) -> Solved:
    """Solve a programme, beginning at the feasible point `start` where one is known.

    It ends at a gap of `max_gap`, when time is up, or once the objective reaches `enough`. What
    cannot be finished is not begun: with more than `MOST_ENTRIES` entries, or no time left, the
    answer is `start`, without a bound. Raises :class:`AnalysisError` where HiGHS fails.
    """
    entries = len(programme.rows.index)
    if entries > MOST_ENTRIES or time_limit_s <= 0:
        none = np.inf if programme.maximise else -np.inf
        return Solved(ended="stopped", x=start, bound=none, nodes=0)
    highspy: Any = importlib.import_module("highspy")  # takes longer than most answers

    solver: Any = highspy.Highs()
    options: dict[str, object] = {
        "output_flag": False,
        "threads": 1,
        "time_limit": time_limit_s,
        "mip_rel_gap": max_gap,
        "presolve": "choose" if entries <= _PRESOLVED * time_limit_s else "off",
    }
    if enough is not None:
        options["objective_target"] = enough
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(highspy, programme))
    if start is not None:
        point = highspy.HighsSolution()
        point.col_value = start.tolist()
        solver.setSolution(point)
    solver.run()
    return _read(highspy, solver, programme)


def _model(highspy: Any, programme: Programme) -> Any:
    lp, rows, n = highspy.HighsLp(), programme.rows, len(programme.cost)
    lp.num_col_, lp.num_row_ = n, len(rows.lower)
    lp.sense_ = highspy.ObjSense.kMaximize if programme.maximise else highspy.ObjSense.kMinimize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = programme.cost, np.zeros(n), programme.upper
    lp.row_lower_, lp.row_upper_ = rows.lower, rows.upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.first, rows.index
    lp.a_matrix_.value_ = rows.value
    if programme.whole.any():
        whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole if one else part for one in programme.whole.tolist()]
    return lp


def _read(highspy: Any, solver: Any, programme: Programme) -> Solved:
    status, kinds, info = solver.getModelStatus(), highspy.HighsModelStatus, solver.getInfo()
    none = np.inf if programme.maximise else -np.inf
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Solved(ended="infeasible", x=None, bound=none, nodes=0)
    stopped = (kinds.kTimeLimit, kinds.kObjectiveTarget, kinds.kObjectiveBound, kinds.kInterrupt)
    if status != kinds.kOptimal and status not in stopped:
        raise AnalysisError(message("siting.solver"), value=solver.modelStatusToString(status))
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if feasible else None
    whole = bool(programme.whole.any())
    proved = info.mip_dual_bound if whole else info.objective_function_value
    if not whole and status != kinds.kOptimal:
        proved = none
    return Solved(
        ended="optimal" if status == kinds.kOptimal else "stopped",
        x=x,
        bound=float(proved),
        nodes=max(int(info.mip_node_count), 0),
    )
