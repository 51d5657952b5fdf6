"""ElementWalks: whose walks judge which element, and what each walker measures, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from analysis.linking.known_links import KnownLinks, known_links
from analysis.linking.link_notices import barred_notices
from analysis.linking.linkable import LinkableArcs
from analysis.linking.linkage import Linkage, joined_links
from analysis.linking.linker import Linker
from analysis.notices import Notice
from analysis.places.demand import Demand
from analysis.places.facilities import Facilities
from analysis.reach.element_routes import ElementRoutes, measure_routes
from analysis.reach.serving import Criterion
from analysis.reach.study_walks import StudyWalks
from analysis.reach.table import Reach, measure_reach
from analysis.standard.profile import ServiceStandard
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray
from analysis.walking import WalkerName, WalkProfile
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.walk_costs import Measure, walk_costs
from analysis.walks.walk_graph import walk_graph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkerWalks:
    """One walker's walks in the measure of the criterion, and `beside` the network in the other."""

    walks: StudyWalks
    beside: Hierarchy

    @property
    def metres(self) -> Hierarchy:
        """Return the network in metres."""
        return self.walks.hierarchy if self.walks.criterion == "metres" else self.beside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElementWalks:
    """The walks of a study: `own` are its walker's, `others` those of single elements' walkers.

    Every walked element is judged by exactly one of them.
    """

    own: WalkerWalks
    others: tuple[WalkerWalks, ...] = ()

    @property
    def parts(self) -> tuple[WalkerWalks, ...]:
        """Return all of them, the study's own first; it may judge no element at all."""
        return (self.own, *self.others)


class Hierarchies:
    """The hierarchies of one network by walker and measure, each made when first asked for.

    In metres walkers to whom the same arcs are closed share one.
    """

    def __init__(self, network: WalkNetwork) -> None:
        self.network = network
        self._made: dict[tuple[Measure, object], Hierarchy] = {}

    def of(self, profile: WalkProfile, measure: Measure) -> Hierarchy:
        """Return the network as `profile` walks it."""
        key = (measure, int(profile.barred) if measure == "metres" else profile)
        if key not in self._made:
            graph = walk_graph(self.network, walk_costs(self.network, profile, measure))
            self._made[key] = hierarchy_of(graph)
        return self._made[key]


class WalkersOfPlace:
    """The walks of one place by walker, each made when first asked for.

    Walkers to whom the same arcs are closed share how points are linked and the network in metres,
    for neither depends on anything else of them. `hierarchies` are those of the linker's
    network, where some are at hand.
    """

    def __init__(
        self,
        *,
        linker: Linker,
        standard: ServiceStandard,
        demand: Demand,
        beyond: Demand,
        facilities: Facilities,
        criterion: Criterion,
        hierarchies: Hierarchies | None = None,
    ) -> None:
        self._linker, self._standard, self._criterion = linker, standard, criterion
        self._places = (demand.xy_m, beyond.xy_m, facilities.entrance_xy_m)
        self._linked: dict[int, tuple[Linkage, Linkage, Linkage]] = {}
        self._hierarchies = hierarchies or Hierarchies(linker.network)

    def linkable(self, profile: WalkProfile) -> LinkableArcs:
        """Return the arcs that points may be linked to."""
        return self._linker.linkable(profile)

    def walks(self, name: WalkerName, judges: frozenset[str] | None = None) -> WalkerWalks:
        """Return the walks of the walker called `name`, for the elements `judges` (None: all).

        Raises :class:`~analysis.errors.InvalidParameterError` where the standard does not state the
        walker's speed.
        """
        profile = self._standard.profile(name)
        points, beyond, entrances = self._links(profile)
        metres, seconds = (
            self._hierarchies.of(profile, "metres"),
            self._hierarchies.of(profile, "seconds"),
        )
        by_metres = self._criterion == "metres"
        return WalkerWalks(
            walks=StudyWalks(
                hierarchy=metres if by_metres else seconds,
                barriers=self._linker.barriers,
                profile=profile,
                criterion=self._criterion,
                rules=self._linker.rules,
                points=points,
                beyond=beyond,
                entrances=entrances,
                judges=judges,
                uncut=self._linker.uncut,
            ),
            beside=seconds if by_metres else metres,
        )

    def by_element(self, name: WalkerName, *, by_group: bool) -> ElementWalks:
        """Return the walks of a study whose walker is `name`.

        `by_group`: elements that name a walker of their own are judged by that one.
        """
        wanted: dict[WalkerName, set[str]] = {}
        for element in self._standard.walked if by_group else ():
            wanted.setdefault(element.walker or name, set()).add(element.id)
        if set(wanted) <= {name}:
            return ElementWalks(own=self.walks(name))
        return ElementWalks(
            own=self.walks(name, frozenset(wanted.pop(name, ()))),
            others=tuple(self.walks(other, frozenset(wanted[other])) for other in sorted(wanted)),
        )

    def known(self) -> dict[int, KnownLinks]:
        """Return all points that are linked, by what is closed to the walker."""
        xy_m = np.concatenate(self._places)
        return {
            barred: known_links(xy_m, joined_links(links)) for barred, links in self._linked.items()
        }

    def _links(self, profile: WalkProfile) -> tuple[Linkage, Linkage, Linkage]:
        barred = int(profile.barred)
        if barred not in self._linked:
            points, beyond, entrances = (self._linker.link(one, profile) for one in self._places)
            self._linked[barred] = points, beyond, entrances
        return self._linked[barred]


def reach_by_element(
    walks: ElementWalks,
    *,
    standard: ServiceStandard,
    demand: Demand,
    facilities: Facilities,
    edge_m: FloatArray,
) -> Reach:
    """Measure the reach table, each element by the walks that judge it, in the standard's order."""
    return merged_reach(
        [
            measure_reach(
                standard=standard, demand=demand, facilities=facilities, walks=one.walks,
                beside=one.beside, edge_m=edge_m,
            )
            for one in _judging(walks)
        ],
        tuple(one.id for one in standard.walked),
    )  # fmt: skip


def merged_reach(parts: Sequence[Reach], element_ids: tuple[str, ...]) -> Reach:
    """Return the columns of `parts` as one table, in the order of `element_ids`.

    `parts` are of the same points and criterion; every element of these stands in exactly one.
    """
    first = parts[0]
    if len(parts) == 1 and first.element_ids == element_ids:
        return first
    held = [one for part in parts for one in part.element_ids]
    order = np.array([held.index(one) for one in element_ids], dtype=np.int64)
    columns: dict[str, Any] = {
        one.name: np.ascontiguousarray(
            np.concatenate([getattr(part, one.name) for part in parts], axis=-1)[..., order]
        )
        for one in fields(Reach)
        if one.name not in ("criterion", "element_ids", "edge_m")
    }
    return replace(first, element_ids=element_ids, **columns)


def reach_columns(reach: Reach, wanted: frozenset[str]) -> Reach:
    """Return the columns of some elements, in their order."""
    kept = tuple(one for one in reach.element_ids if one in wanted)
    return merged_reach([reach], kept)


def routes_by_element(
    walks: ElementWalks,
    *,
    standard: ServiceStandard,
    facilities: Facilities,
    counting: BoolArray,
) -> ElementRoutes:
    """Measure what walks meet on the way, each element by the walks that judge it."""
    parts = [
        measure_routes(
            standard=standard, facilities=facilities, counting=counting, walks=one.walks,
            metres=one.metres,
        )
        for one in _judging(walks)
    ]  # fmt: skip
    return ElementRoutes(
        approach={name: one for part in parts for name, one in part.approach.items()},
        near={asked: one for part in parts for asked, one in part.near.items()},
    )


def other_notices(
    walks: ElementWalks, demand: Demand, facilities: Facilities
) -> tuple[Notice, ...]:
    """List who is shut out by streets that are open to the study's walker, but not to others."""
    told: tuple[Notice, ...] = ()
    for one in (other.walks for other in walks.others):
        if one.profile.barred & ~walks.own.walks.profile.barred:
            told += barred_notices(
                demand=demand, facilities=facilities, points=one.points,
                entrances=one.entrances, walker=one.profile.name,
            )  # fmt: skip
    return told


def _judging(walks: ElementWalks) -> tuple[WalkerWalks, ...]:
    """Return the walks that judge some element; those of a standard without any as they are."""
    return tuple(one for one in walks.parts if one.walks.judges != frozenset()) or (walks.own,)
