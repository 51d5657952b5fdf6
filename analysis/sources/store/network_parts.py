"""What a saved network holds: all that isochrones and searches need, and where it is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from analysis.crs import MetricCRS
from analysis.errors import InvalidParameterError, one_of
from analysis.linking.linkable import LinkRules
from analysis.messages import message
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.walking import WalkProfile

if TYPE_CHECKING:  # slow to import, and to open a network no extract is read
    from analysis.sources.network_inputs import NetworkInputs
    from analysis.standard.profile import ServiceStandard


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOrigin:
    """Where a saved network comes from: a file, its sha256, and the date of its data.

    `data_date` is an ISO date, empty where unknown.
    """

    file_name: str
    sha256: str
    data_date: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkParts:
    """What is saved: everything that isochrones and searches need.

    `standard` is the id of the standard that describes the `walkers` (by name), `profile` the
    walker taken where nobody names one; `data_area` is where the data is complete, metres.
    """

    network: WalkNetwork
    barriers: Barriers
    crs: MetricCRS
    data_area: shapely.Geometry
    standard: str
    profile: WalkProfile
    walkers: Mapping[str, WalkProfile]
    rules: LinkRules

    def walker(self, name: str | None) -> WalkProfile:
        """Return the walker called `name`; None for the one taken where nobody names one.

        Raises :class:`InvalidParameterError` where the standard says nothing of this walker.
        """
        if name is None:
            return self.profile
        if name not in self.walkers:
            allowed = one_of(tuple(self.walkers))
            raise InvalidParameterError(
                message("walkers.no_speed", standard=self.standard, allowed=allowed),
                remedy=message("walkers.no_speed.remedy"),
                source="--walker",
                value=name,
            )
        return self.walkers[name]


def parts_of(inputs: "NetworkInputs", standard: "ServiceStandard") -> NetworkParts:
    """Return the parts of a network just read, walked and linked to as `standard` says."""
    return NetworkParts(
        network=inputs.network,
        barriers=inputs.barriers,
        crs=inputs.crs,
        data_area=inputs.data_area,
        standard=standard.id,
        profile=standard.profile("adult"),
        walkers={one.name: one for one in standard.profiles},
        rules=LinkRules(snap_limit_m=standard.snap_limit_m.value),
    )
