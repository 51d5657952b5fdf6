"""What could not be linked to the walking network, or only by inference: every refusal listed."""

import numpy as np

from analysis.linking.linkable import LinkableArcs, LinkRules, island_nearest
from analysis.linking.linkage import Link, Linkage
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.demand import Demand
from analysis.places.facilities import Facilities
from analysis.streets.network import WalkNetwork
from analysis.units import IntArray
from analysis.walking import WalkerName

_TOLD = (Link.INFERRED_GATE, Link.NO_STREET, Link.ISLAND, Link.SHUT_IN, Link.BARRED)


def link_notices(
    *,
    network: WalkNetwork,
    demand: Demand,
    facilities: Facilities,
    linkable: LinkableArcs,
    points: Linkage,
    entrances: Linkage,
    rules: LinkRules,
) -> tuple[Notice, ...]:
    """List islands of streets, and homes and facilities without a proper link, by reason."""
    told = [_islands(network, linkable, rules)]
    for link in _TOLD:
        told.append(_homes(link, demand, points, rules))
        told.append(_facilities(link, facilities, entrances, rules))
    told.append(_beside_island(demand, linkable, rules))
    return tuple(one for one in told if one.count)


def barred_notices(
    *,
    demand: Demand,
    facilities: Facilities,
    points: Linkage,
    entrances: Linkage,
    walker: WalkerName,
) -> tuple[Notice, ...]:
    """List homes and facilities at whose streets `walker`, who judges some elements, is barred."""
    homes = np.flatnonzero((points.how == Link.BARRED) & demand.is_building)
    barred = np.flatnonzero(_best_link(facilities, entrances) == Link.BARRED)
    names = {facilities.source_id[row] for row in barred}
    called = message(f"cli.walker.{walker}")
    told = (
        ("linkage.homes.barred_to", len(homes), (demand.point_id[row] for row in homes)),
        ("linkage.facilities.barred_to", len(names), names),
    )
    people = float(demand.people[homes].sum())
    return tuple(
        notice(code, message(code, count=n, people=people, walker=called), subjects, "warning")
        for code, n, subjects in told
        if n
    )


def _homes(link: Link, demand: Demand, points: Linkage, rules: LinkRules) -> Notice:
    homes = np.flatnonzero((points.how == link) & demand.is_building)
    code = f"linkage.homes.{link.name.lower()}"
    people = float(demand.people[homes].sum())
    text = message(code, count=len(homes), people=people, limit_m=rules.snap_limit_m)
    return notice(code, text, (demand.point_id[row] for row in homes), "warning")


def _facilities(link: Link, facilities: Facilities, entrances: Linkage, rules: LinkRules) -> Notice:
    """List facilities all of whose entrances fare no better than `link`."""
    best = _best_link(facilities, entrances)
    names = {facilities.source_id[row] for row in np.flatnonzero(best == link)}
    code = f"linkage.facilities.{link.name.lower()}"
    text = message(code, count=len(names), limit_m=rules.snap_limit_m)
    return notice(code, text, names, "warning")


def _best_link(facilities: Facilities, entrances: Linkage) -> IntArray:
    best = np.full(len(facilities), max(Link), dtype=np.int32)
    facility = np.repeat(np.arange(len(facilities)), np.diff(facilities.entrance_first))
    np.minimum.at(best, facility, entrances.how.astype(np.int32))
    return best


def _beside_island(demand: Demand, linkable: LinkableArcs, rules: LinkRules) -> Notice:
    beside = island_nearest(demand.xy_m, linkable, rules.near_m)
    beside = beside[demand.is_building[beside]]
    text = message("linkage.beside_island", count=len(beside))
    return notice("linkage.beside_island", text, (demand.point_id[row] for row in beside))


def _islands(network: WalkNetwork, linkable: LinkableArcs, rules: LinkRules) -> Notice:
    refused = linkable.refused
    ways = {f"osm:way/{way}" for way in network.arc_way_id[refused].tolist()}
    text = message(
        "network.islands_refused",
        ways=len(ways),  # what the notice counts and lists
        components=len(np.unique(network.arc_component[refused])),
        length_km=float(network.arc_length_m[refused].sum()) / 1000.0,
        share=rules.min_component_share,
    )
    return notice("network.islands_refused", text, ways, "warning")
