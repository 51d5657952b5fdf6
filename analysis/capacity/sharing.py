"""Sharing: how many residents beyond the circles draw on facilities that serve those inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from analysis.capacity.loads import Load
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.demand import Demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Residents beyond all circles.

    Attributes
    ----------
    residents
        All of them where the study reads streets and facilities.
    estimated
        Whether any of them are estimated.
    sharing
        Those who have a facility in reach that serves somebody inside.
    by_element
        The same of each element whose facilities are shared by people, by element id.
    unlinked
        Those whom no street links, so that they draw on nothing, by their point id.
    """

    residents: float
    estimated: bool
    sharing: float
    by_element: Mapping[str, float]
    unlinked: Mapping[str, float]

    @classmethod
    def of(cls, loads: Mapping[str, Load], beyond: Demand, links: Linkage) -> Self:
        """Count the residents `beyond`, linked by `links`, who draw on `loads`."""
        shares = np.zeros(len(beyond), dtype=bool)
        for load in loads.values():
            shares[load.co_users.point] = True
        lost = np.flatnonzero(~links.linked)
        return cls(
            residents=float(beyond.people.sum()),
            estimated=bool(beyond.people_estimated.any()),
            sharing=float(beyond.people[shares].sum()),
            by_element={
                name: float(beyond.people[load.co_users.point].sum())
                for name, load in loads.items()
                if load.is_shared
            },
            unlinked={beyond.point_id[one]: float(beyond.people[one]) for one in lost.tolist()},
        )

    def notices(self) -> tuple[Notice, ...]:
        """Say who shares capacity and is judged nowhere, and who could not be linked."""
        told = []
        if self.sharing > 0:
            text = message("co_users.shared", people=self.sharing, of=self.residents)
            told.append(notice("co_users.shared", text))
        if self.unlinked:
            people = sum(self.unlinked.values())
            text = message("co_users.unlinked", count=len(self.unlinked), people=people)
            told.append(notice("co_users.unlinked", text, self.unlinked))
        return tuple(told)
