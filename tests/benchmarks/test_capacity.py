"""Capacity shared on a whole city's worth of homes: three regimes, HiGHS beside, Las Palmas."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from analysis.capacity.assignment import Assignment, assign
from analysis.capacity.floating_catchment import floating_catchment
from analysis.capacity.within_reach import Serving, WithinReach, within_reach
from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import link_points
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.walks.hierarchy import hierarchy_of
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph
from tests.benchmarks.timing import (
    Line,
    fact,
    faster,
    in_fresh_process,
    interleaved,
    peak_mb,
    show,
    timed,
    within,
)
from tests.decays import THIRDS

pytestmark = pytest.mark.slow
EXTRACT, DISTRICTS = "las_palmas_2023.osm.pbf", "las_palmas_school_districts_epsg5635.geojson"
REGIMES = {"ample": 3.0, "tight": 1.0, "scarce": 0.3}  # capacity over demand
LIMIT_M = 1000.0


class Town:
    """Homes in clusters, schools among them and anywhere; so many in reach of most homes."""

    def __init__(self, n_homes: int, n_schools: int, in_reach: int) -> None:
        rng = np.random.default_rng(0)
        centre = rng.random((max(3, n_homes // 1500), 2))
        homes = centre[rng.integers(0, len(centre), n_homes)] + rng.normal(0, 0.05, (n_homes, 2))
        homes = np.where(rng.random((n_homes, 1)) < 0.4, rng.random((n_homes, 2)), homes)
        among = homes[rng.integers(0, n_homes, n_schools // 3)]
        schools = np.concatenate([rng.random((n_schools - len(among), 2)), among])
        metres, school = cKDTree(schools).query(homes, k=in_reach)
        metres *= LIMIT_M / np.quantile(metres[:, -1], 0.8)
        by_school = np.argsort(school, axis=1)
        school = np.take_along_axis(school, by_school, axis=1)
        metres = np.take_along_axis(metres, by_school, axis=1)
        near = metres <= LIMIT_M
        self.pairs = WithinReach(
            facility=np.arange(n_schools, dtype=np.int32),
            limit=np.full(n_schools, LIMIT_M),
            first=np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64),
            position=school[near].astype(np.int32),
            cost=metres[near],
        )
        self.demand = rng.gamma(1.5, 3.0, n_homes).round(2)

    def capacity(self, ratio: float) -> np.ndarray:
        """Return the same number of places for every school."""
        n = len(self.pairs.facility)
        return np.full(n, np.floor(self.demand.sum() * ratio / n))

    def assigned(self, ratio: float) -> Assignment:
        return assign(self.pairs, self.demand, self.capacity(ratio))

    def in_highs(self, ratio: float) -> tuple[float, float]:
        """Return (served, metres) as a linear programme of HiGHS."""
        pairs, q = self.pairs, np.arange(len(self.pairs.cost))
        n_points, n = pairs.n_points, len(pairs.facility)
        rows = np.concatenate([pairs.point, n_points + pairs.position])
        limits = csr_array(
            (np.ones(2 * len(q)), (rows, np.concatenate([q, q]))), shape=(n_points + n, len(q))
        )
        room = np.concatenate([self.demand, self.capacity(ratio)])
        without = (n + 2) * LIMIT_M
        found = linprog(pairs.cost - without, A_ub=limits, b_ub=room, method="highs")
        return float(found.x.sum()), float(pairs.cost @ found.x)


def regimes(town: Town) -> dict[str, Callable[[], Assignment]]:
    return {name: lambda ratio=ratio: town.assigned(ratio) for name, ratio in REGIMES.items()}


def test_three_regimes() -> None:
    lines: list[Line] = []
    for n_homes, n_schools, in_reach, bars in (
        (20_000, 500, 20, {"ample": 0.2, "tight": 4.0, "scarce": 1.0}),
        (20_000, 20, 5, {"ample": 0.2, "tight": 0.5, "scarce": 0.5}),
    ):
        town = Town(n_homes, n_schools, in_reach)
        took = interleaved(regimes(town), 3)
        for name, timing in took.items():
            served = timing.result.served.sum() / town.demand.sum()
            lines.append(
                within(
                    f"{n_homes:,} homes, {n_schools} schools, {in_reach} in reach, {name}",
                    timing.median_s, bars[name], "s", f"{served:.1%} served",
                )
            )  # fmt: skip
    after = in_fresh_process(
        "from tests.benchmarks.test_capacity import Town; "
        "from tests.benchmarks.timing import peak_mb; "
        "town = Town(20_000, 500, 20); before = peak_mb(); town.assigned(1.0); "
        "print(before, peak_mb())"
    )
    lines.append(fact("memory of tight, before and after", f"{after[0]:.0f}, {after[1]:.0f} MB"))
    show("Capacity-limited assignment, one thread", lines, ["every school has as many places"])


def test_beside_highs() -> None:
    town, lines = Town(2_000, 50, 8), []
    for name, ratio in REGIMES.items():
        took = interleaved(
            {
                "ours": lambda ratio=ratio: town.assigned(ratio),
                "highs": lambda ratio=ratio: town.in_highs(ratio),
            },
            {"ours": 7, "highs": 3},
        )
        found, (served, metres) = took["ours"].result, took["highs"].result
        assert found.served.sum() == pytest.approx(served, rel=1e-6)
        assert found.total_cost == pytest.approx(metres, rel=1e-5)
        lines.append(faster(f"{name}, beside scipy linprog (HiGHS)", took["ours"], took["highs"]))
    show("Assignment of 2,000 homes to 50 schools, 8 in reach", lines, ["the same optimum"])


class LasPalmas:
    """All walked elements of the standard, each with as many places as asked for."""

    def __init__(self, data: Path) -> None:
        inputs = read_inputs(InputRequest(source=data / EXTRACT, circles=data / DISTRICTS))
        profile = inputs.standard.profile("adult")
        rules = LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value)
        linkable = linkable_arcs(inputs.network, profile, rules)
        self.points, self.entrances = (
            link_points(xy_m, inputs.network, linkable, inputs.barriers, rules)
            for xy_m in (inputs.demand.xy_m, inputs.facilities.entrance_xy_m)
        )
        self.entrance_first, self.people = inputs.facilities.entrance_first, inputs.demand.people
        self.graph = walk_graph(inputs.network, walk_costs(inputs.network, profile, "metres"))
        self.hierarchy = hierarchy_of(self.graph)
        self.asked = []
        for element in inputs.standard.walked:
            rows = inputs.facilities.of_element(element.id)
            limit = np.full(len(rows), element.threshold_m, dtype=np.float64)
            self.asked.append(Serving(facility=rows, limit=limit))

    def pairs(self) -> tuple[WithinReach, ...]:
        return within_reach(
            self.graph, self.points, self.entrances,
            entrance_first=self.entrance_first, asked=self.asked, hierarchy=self.hierarchy,
        )  # fmt: skip


@pytest.mark.shared_data
def test_las_palmas(shared_data: Path) -> None:
    city = LasPalmas(shared_data)
    before = peak_mb()
    found = [one for one in city.pairs() if len(one.facility)]
    more = peak_mb() - before

    def assigned(ratio: float) -> None:
        for one in found:
            n = len(one.facility)
            assign(one, city.people, np.full(n, np.floor(city.people.sum() * ratio / n)))

    def shared() -> None:
        for one in found:
            floating_catchment(one, city.people, np.ones(len(one.facility)), THIRDS)

    jobs: dict[str, Callable[[], object]] = {"pairs": city.pairs, "2SFCA": shared}
    jobs |= {name: lambda ratio=ratio: assigned(ratio) for name, ratio in REGIMES.items()}
    took = interleaved(jobs, 3)
    pairs = sum(len(one.cost) for one in found)
    show(
        f"Capacity in Las Palmas: {len(city.people):,} homes, {len(found)} elements, one thread",
        [
            within("pairs within reach of all elements", took["pairs"].median_s, 1.0, "s"),
            fact("pairs, and the memory they took", f"{pairs:,}, {more:.0f} MB"),
            fact("E2SFCA of all elements", timed(took["2SFCA"])),
            *(fact(f"assignment of all elements, {name}", timed(took[name])) for name in REGIMES),
        ],
        ["the same number of places at every facility of an element: harder than real capacities"],
    )
