"""Facilities: sites chosen for every service, with names, sizes and what records them."""

# Shares drawn by chance describe the place and are read best where they are used.
# ruff: noqa: PLR2004

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.gaps import COVERAGE_GAPS
from analysis.sources.sample_district.layout import CIRCLE_IDS, NEW_TOWN, OLD_TOWN, Fabric
from analysis.sources.sample_district.names import SHOP_STEMS, STREET_STEMS, NameBook
from analysis.sources.sample_district.plots import Plot
from analysis.sources.sample_district.population import Population, share_out
from analysis.sources.sample_district.ramps import with_steps
from analysis.sources.sample_district.services import (
    AMPLE_SUPPLY,
    PLANTED_TOO_SMALL,
    SERVICES,
    STANDS_IN,
    Service,
)
from analysis.sources.sample_district.services import Ground as Terms
from analysis.sources.sample_district.siting import Core, Ground, choose_sites

STATION_SAFE_M = 450.0
# Supply over the norm, so that rounding and sharing over borders leave nobody short.
FULL_SUPPLY = 1.1
NINE_YEAR_SCHOOL = "云岚九年一贯制学校"
# Corners of parks are for ball courts, those of civic squares for courts and gardens.
OPEN_FABRICS = frozenset({Fabric.PARK, Fabric.CIVIC})
NOT_IN: dict[str, frozenset[Fabric]] = {
    "multi_sport_ground": frozenset(),
    "park_green_space": frozenset({Fabric.PARK}),
}
HOSTILE_NAMES = ("<script>alert(1)</script>", "{{7*7}}${1}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A candidate: its plan point, the plot if it is one, and the kind of way it stands on."""

    point: Point
    plot: Plot | None
    on_street: bool
    circle: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Facility:
    """One facility; ``also`` names further elements it counts for.

    ``steps_only`` tells that wheelchairs cannot enter it.
    """

    element: str
    name: str
    site: int
    point: Point
    plot: Plot | None
    circle: int
    status: str = "open"
    size: int = 0
    measure: str = ""
    in_osm: bool = True
    in_table: bool = False
    also: tuple[str, ...] = ()
    note: str = ""
    steps_only: bool = False


@dataclass(kw_only=True, slots=True)
class _Book:
    """State of one round of siting."""

    used_plots: set[int] = field(default_factory=set)
    covered: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def place_facilities(
    ground: Ground,
    sites: tuple[Site, ...],
    cores: dict[str, tuple[Core, ...]],
    population: Population,
    *,
    parks: NDArray[np.bool_],
    stairs_only: Point | None,
    names: NameBook,
    rng: np.random.Generator,
) -> tuple[Facility, ...]:
    """Choose sites for every service and describe the facilities on them.

    ``parks`` tells which buildings the big parks cover already. Order of the result: the order of
    ``SERVICES``, then of choice.
    """
    book = _Book(covered={"park_green_space": parks})
    facilities: list[Facility] = []
    for service in SERVICES:
        chosen = choose_sites(
            ground,
            threshold_m=service.threshold_m,
            allowed=_allowed(sites, service, book),
            cores=cores.get(service.element, ()),
            already=book.covered.get(STANDS_IN.get(service.element, service.element)),
        )
        book.covered[service.element] = chosen.covered
        if service.element == "community_health_center":
            # It stands in for the station only at the station's own, shorter threshold.
            nearest_m = ground.reach_m[chosen.sites].min(axis=0)
            book.covered[service.element] = np.asarray(nearest_m <= STATION_SAFE_M, dtype=np.bool_)
        sizes = _sizes(ground, population, service, sites, chosen.sites)
        for number, (site, size) in enumerate(zip(chosen.sites, sizes, strict=True)):
            facilities.append(
                _facility(service, sites[site], site, size, number, names=names, rng=rng)
            )
            if sites[site].plot is not None:
                book.used_plots.add(site)
        if service.element == "primary_school":
            _make_nine_year(facilities)
    facilities += _extra_school(sites, book, names)
    facilities = with_steps(ground, facilities, stairs_only)
    return (*facilities, *_hill_station(stairs_only), *_decoys(names))


def _allowed(sites: tuple[Site, ...], service: Service, book: _Book) -> NDArray[np.bool_]:
    on_plot = np.array([site.plot is not None for site in sites], dtype=np.bool_)
    if service.ground == Terms.PLOT:
        closed = NOT_IN.get(service.element, OPEN_FABRICS)
        on_plot = np.array(
            [site.plot is not None and site.plot.cell.fabric not in closed for site in sites]
        )
        free = np.ones(len(sites), dtype=np.bool_)
        free[sorted(book.used_plots)] = False
        return np.asarray(on_plot & free, dtype=np.bool_)
    if service.ground == Terms.STREET:
        on_street = np.array([site.on_street for site in sites], dtype=np.bool_)
        return np.asarray(~on_plot & on_street, dtype=np.bool_)
    return np.asarray(~on_plot, dtype=np.bool_)


def _sizes(
    ground: Ground,
    population: Population,
    service: Service,
    sites: tuple[Site, ...],
    chosen: list[int],
) -> list[int]:
    """Size the facilities of each circle for its own demand, by the load nearest to each."""
    if not chosen or not service.measure:
        return [0] * len(chosen)
    basis = {
        "people": population.people,
        "older": population.groups[:, -1],
        "households": population.households,
        "ebikes": population.ebikes,
        "cars": population.cars,
    }[service.basis].astype(np.float64)
    nearest = ground.reach_m[chosen].argmin(axis=0)
    load = np.bincount(nearest, weights=basis, minlength=len(chosen))
    circles = np.array([sites[k].circle for k in chosen])
    low, high = service.bounds
    sizes = np.zeros(len(chosen), dtype=np.int64)
    for circle in range(len(CIRCLE_IDS)):
        mine = circles == circle
        if mine.any():
            short = PLANTED_TOO_SMALL.get((circle, service.element))
            norm = basis[ground.circles == circle].sum() * service.per_resident
            full = AMPLE_SUPPLY.get((circle, service.element), FULL_SUPPLY)
            parts = share_out(round(norm * (short or full)), load[mine] + 1.0)
            # Where too little is planted, a lower bound would lift it back to the norm.
            sizes[mine] = np.clip(parts, 1 if short else low, high)
    return [int(size) for size in sizes]


def _facility(
    service: Service,
    site: Site,
    index: int,
    size: int,
    number: int,
    *,
    names: NameBook,
    rng: np.random.Generator,
) -> Facility:
    stems = SHOP_STEMS if service.element in {"convenience_store", "pharmacy"} else STREET_STEMS
    name = names.pick(stems, int(rng.integers(0, len(stems))), service.ending)
    if service.element == "convenience_store" and number < len(HOSTILE_NAMES):
        name = HOSTILE_NAMES[number]
    chance = float(rng.random())
    both_ways = service.element in {"community_health_center", "cultural_activity_center"}
    in_table = not service.in_osm or both_ways or (bool(service.measure) and chance < 0.12)
    return Facility(
        element=service.element,
        name=name,
        site=index,
        point=site.point,
        plot=site.plot,
        circle=site.circle,
        size=size,
        measure=service.measure,
        in_osm=service.in_osm or chance < 0.16,
        in_table=in_table and service.element not in {"multi_sport_ground", "public_parking"},
    )


def _make_nine_year(facilities: list[Facility]) -> None:
    for k, facility in enumerate(facilities):
        if facility.circle == NEW_TOWN:
            facilities[k] = replace(
                facility,
                name=NINE_YEAR_SCHOOL,
                also=("junior_middle_school",),
                note="九年一贯制，小学部与初中部共用校园",
            )
            return


def _extra_school(sites: tuple[Site, ...], book: _Book, names: NameBook) -> list[Facility]:
    """Add one school whose name does not say whether it is junior or senior."""
    for k, site in enumerate(sites):
        if site.plot is not None and k not in book.used_plots and site.circle == OLD_TOWN:
            book.used_plots.add(k)
            return [
                Facility(
                    element="junior_middle_school",
                    name=names.unique("云岚区第一中学", ""),
                    site=k,
                    point=site.point,
                    plot=site.plot,
                    circle=site.circle,
                    size=1500,
                    measure="capacity",
                    note="校名未说明学段，可能仅为高中",
                )
            ]
    return []


def _hill_station(point: Point | None) -> list[Facility]:
    """Add the day-care station that only stairs lead to: a good service in a poor place."""
    if point is None:
        return []
    return [
        Facility(
            element="elderly_day_care_station",
            name="坡顶社区养老服务站",
            site=-1,
            point=point,
            plot=None,
            circle=OLD_TOWN,
            size=320,
            measure="building_m2",
            in_osm=False,
            in_table=True,
            note="四面只有台阶，轮椅无法到达",
            steps_only=True,
        )
    ]


def _decoys(names: NameBook) -> list[Facility]:
    """Put into every planted gap a facility that must not count: being built, or closed."""
    services = {service.element: service for service in SERVICES}
    return [
        Facility(
            element=gap.element,
            name=names.unique("新建" if k % 2 == 0 else "原", services[gap.element].ending),
            site=-1,
            point=gap.centre,
            plot=None,
            circle=gap.circle,
            status="construction" if k % 2 == 0 else "closed",
            size=services[gap.element].bounds[1] // 2,
            measure=services[gap.element].measure,
            in_osm=False,
            in_table=True,
            note="在建，未开放" if k % 2 == 0 else "已停用",
        )
        for k, gap in enumerate(COVERAGE_GAPS)
    ]
