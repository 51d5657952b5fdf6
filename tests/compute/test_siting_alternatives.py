"""Other plans of shortest walks, and other joint plans."""

import numpy as np
import pytest

from analysis.errors import InvalidParameterError
from analysis.siting.alternatives import alternatives, joint_alternatives
from analysis.siting.cover_table import CoverTable
from analysis.siting.joint import joint_plan
from analysis.siting.p_median import p_median
from tests.oracles.test_joint_oracles import case
from tests.random_sites import table_of


def homes(seed: int) -> CoverTable:
    rng = np.random.default_rng(seed)
    points, sites = rng.random((120, 2)) * 2000, rng.random((25, 2)) * 2000
    walk_m = np.linalg.norm(points[:, None] - sites[None], axis=2)
    return table_of(walk_m, np.rint(rng.lognormal(2, 1, 120)) + 1)


@pytest.mark.parametrize("min_difference", [0.3, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_other_medians_differ_and_state_their_loss(seed: int, min_difference: float) -> None:
    table = homes(seed)
    first = p_median(table, 6)
    found = alternatives(table, first, 3, min_difference=min_difference)
    assert len(found.plans) == 3
    plans = [first, *found.plans]
    for at, one in enumerate(plans):
        assert first.bound <= one.objective
        walked = float((table.nearest_m(one.sites) * table.people).sum())
        assert one.objective == pytest.approx(walked)
        for other in plans[:at]:
            assert len(set(one.sites) - set(other.sites)) >= min_difference * 6 - 1e-9
        assert set(found.no_regret.tolist()) <= set(one.sites.tolist())
    assert found.loss.tolist() == [one.objective - first.objective for one in found.plans]
    assert (np.diff(found.loss) >= 0).all()
    assert found.loss[0] >= 0  # the first one is proved to be the best


@pytest.mark.parametrize("seed", range(6))
def test_other_joint_plans_differ_in_their_decisions(seed: int) -> None:
    tables, sites, budget = case(seed, n=30, k=8, e=3)
    first = joint_plan(tables, sites, budget)
    found = joint_alternatives(tables, sites, budget, first, 3)
    plans = [first, *found.plans]
    decisions = [set(zip(one.site.tolist(), one.element.tolist(), strict=True)) for one in plans]
    assert len(found.plans) > 0
    for at, one in enumerate(decisions):
        assert plans[at].cost.sum() <= budget
        assert {tuple(pair) for pair in found.no_regret.tolist()} <= one
        for other in decisions[:at]:
            assert len(one & other) <= 0.7 * max(len(one), len(other)) + 1e-9
    assert (found.loss >= -1e-6).all()
    assert (np.diff(found.loss) >= 0).all()


def test_refusals() -> None:
    tables, sites, budget = case(1)
    first = joint_plan(tables, sites, budget)
    with pytest.raises(InvalidParameterError):
        joint_alternatives(tables, sites, budget, first, min_difference=0.0)
