"""Joint plans with capacities against a plain formulation of our own for scipy's HiGHS."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.siting import joint, joint_room
from analysis.siting.answer import Effort
from analysis.siting.cover_table import CoverTable
from analysis.siting.joint import JointSites, joint_plan
from tests.random_sites import matrix_of, table_of


def case(
    seed: int, n: int = 10, k: int = 4, e: int = 2
) -> tuple[list[CoverTable], JointSites, float]:
    """Return homes, sites, elements, what they hold, and the budget."""
    rng = np.random.default_rng(seed)
    people = rng.integers(1, 40, (e, n)).astype(float)
    tables = [
        table_of(np.where(rng.random((n, k)) < 0.5, 100.0, np.inf), people[x]) for x in range(e)
    ]
    apart = np.triu(rng.random((e, e)) < 0.3, 1)
    sites = JointSites(
        floor_m2=rng.choice([50.0, 120.0, 200.0], k), need_m2=rng.choice([40.0, 60.0, 100.0], e),
        cost=rng.integers(1, 9, (k, e)).astype(float), allowed=rng.random((k, e)) < 0.9,
        compatible=~(apart | apart.T), weight=rng.choice([0.5, 1.0, 2.0], e),
        capacity=rng.choice([0.0, 15.5, 40.0, 90.0, np.inf], (k, e)),
    )  # fmt: skip
    return tables, sites, float(rng.integers(3, 30))


def plain(
    tables: list[CoverTable], sites: JointSites, budget: float, *, whole: bool = True
) -> float:
    """Return the most weighted people served: x is (site, element), then people moved."""
    k, e = sites.cost.shape
    n = tables[0].n_demand
    near = np.stack([np.isfinite(matrix_of(one)) & ~one.covered[:, None] for one in tables])
    people = np.stack([one.people for one in tables])
    size = k * e + e * n * k
    rows, low, high = [], [], []

    def row(opened: np.ndarray, moved: np.ndarray, least: float, most: float) -> None:
        rows.append(np.r_[opened.ravel(), moved.ravel()])
        low.append(least)
        high.append(most)

    def zero() -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((k, e)), np.zeros((e, n, k))

    for x in range(e):
        for i in range(n):
            opened, moved = zero()
            moved[x, i] = 1
            row(opened, moved, 0, people[x, i])
        for j in range(k):
            for i in range(n):
                opened, moved = zero()
                moved[x, i, j], opened[j, x] = 1, -people[x, i] * near[x, i, j]
                row(opened, moved, -np.inf, 0)
            if np.isfinite(sites.capacity[j, x]):
                opened, moved = zero()
                moved[x, :, j], opened[j, x] = 1, -sites.capacity[j, x]
                row(opened, moved, -np.inf, 0)
    for j in range(k):
        opened, moved = zero()
        opened[j] = sites.need_m2
        row(opened, moved, 0, sites.floor_m2[j])
        for x in range(e):
            for y in range(x):
                if not sites.compatible[x, y]:
                    opened, moved = zero()
                    opened[j, [x, y]] = 1
                    row(opened, moved, 0, 1)
    _, moved = zero()
    row(sites.cost, moved, 0, budget)
    upper = np.r_[sites.allowed.ravel().astype(float), np.full(e * n * k, np.inf)]
    worth = np.broadcast_to(sites.weight[:, None, None], (e, n, k))
    found = milp(
        -np.r_[np.zeros(k * e), worth.ravel()],
        integrality=(np.arange(size) < k * e) * whole,
        bounds=Bounds(0, upper), constraints=LinearConstraint(np.array(rows), low, high),
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return -found.fun


@pytest.mark.parametrize("seed", range(80))
def test_a_plain_formulation_finds_the_same(seed: int) -> None:
    tables, sites, budget = case(seed)
    most = plain(tables, sites, budget)
    found = joint_plan(tables, sites, budget)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(most, rel=1e-6, abs=1e-6)
    assert (found.people * sites.weight[found.element]).sum() == pytest.approx(found.objective)
    assert found.cost.sum() <= budget
    for site in range(len(sites.floor_m2)):
        inside = found.element[found.site == site]
        assert sites.need_m2[inside].sum() <= sites.floor_m2[site]
        assert sites.compatible[np.ix_(inside, inside)].all()
    rough = joint_plan(tables, sites, budget, effort=Effort(max_gap=0.2))
    assert rough.objective <= most * (1 + 1e-6) + 1e-6 <= rough.bound * (1 + 2e-6) + 2e-6
    assert rough.gap <= 0.2


@pytest.mark.parametrize("seed", range(30))
def test_prices_bound_the_relaxation_itself(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A bound below what is reached would be raised to it in an answer: look at the prices.
    tables, sites, budget = case(seed, n=20, k=5, e=3)
    seen: list[float] = []

    def looked(*arguments: object, **_: object) -> object:
        seen.append(arguments[1])
        return found(*arguments, **_)

    found = joint_room._found
    monkeypatch.setattr(joint_room, "_found", looked)
    monkeypatch.setattr(joint_room, "MOST_PAIRS", -1)  # no help from HiGHS
    monkeypatch.setattr(joint_room, "_LEAST_MOVES", 1)
    monkeypatch.setattr(joint_room, "_MOVES_EACH", 1)
    joint_plan(tables, sites, budget)
    relaxed = plain(tables, sites, budget, whole=False)
    most = plain(tables, sites, budget)
    for bound in seen:
        assert most * (1 - 1e-9) - 1e-9 <= bound
        assert bound <= relaxed * 1.1 + 1e-6 or bound == pytest.approx(most)


def test_what_a_site_holds_limits_whom_it_serves() -> None:
    near = np.array([[100.0, np.inf], [100.0, 100.0], [np.inf, 100.0]])
    tables = [table_of(near, np.array([30.0, 30.0, 5.0]))]
    sites = JointSites(
        floor_m2=np.full(2, np.inf), need_m2=np.array([100.0]), cost=np.ones((2, 1)),
        allowed=np.ones((2, 1), bool), compatible=np.ones((1, 1), bool), weight=np.ones(1),
        capacity=np.array([[40.0], [30.0]]),
    )  # fmt: skip
    one, both = joint_plan(tables, sites, 1.0), joint_plan(tables, sites, 2.0)
    assert (one.site.tolist(), one.people.tolist()) == ([0], [40.0])
    # 40 at the first; of the second row 25 more beside the 5 of the third at the other.
    assert (both.site.tolist(), both.people.tolist()) == ([0, 1], [40.0, 25.0])
    assert both.status == "optimal"


def test_the_same_question_has_the_same_answer() -> None:
    tables, sites, budget = case(7, n=60, k=12, e=4)
    one, other = (joint_plan(tables, sites, budget) for _ in range(2))
    assert one.objective == other.objective
    assert one.site.tolist() == other.site.tolist()
    assert one.bound == other.bound


def test_unlimited_room_is_no_limit() -> None:
    tables, sites, budget = case(3)
    unlimited = joint.JointSites(
        floor_m2=sites.floor_m2.copy(), need_m2=sites.need_m2.copy(), cost=sites.cost.copy(),
        allowed=sites.allowed.copy(), compatible=sites.compatible.copy(),
        weight=sites.weight.copy(), capacity=np.full(sites.cost.shape, 1e9),
    )  # fmt: skip
    without = joint.JointSites(
        floor_m2=sites.floor_m2.copy(), need_m2=sites.need_m2.copy(), cost=sites.cost.copy(),
        allowed=sites.allowed.copy(), compatible=sites.compatible.copy(),
        weight=sites.weight.copy(),
    )  # fmt: skip
    one, other = joint_plan(tables, unlimited, budget), joint_plan(tables, without, budget)
    assert one.objective == pytest.approx(other.objective)
