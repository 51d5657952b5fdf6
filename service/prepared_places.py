"""PreparedPlaces: what isochrones of a study need beyond its files, kept for the next reader."""

from collections import OrderedDict
from threading import Lock

from analysis.isochrones.isochrone import PreparedPlace, prepare_place
from analysis.sources.store.studies import StoredStudy
from analysis.walking import WalkProfile
from analysis.walks.walk_costs import Measure


class PreparedPlaces:
    """Places by study, walker and measure, prepared when asked for, the least lately used dropped.

    Parameters
    ----------
    keep
        How many stay, > 0; each takes about as much memory as its network.
    """

    def __init__(self, *, keep: int = 8) -> None:
        self._keep = keep
        self._places: OrderedDict[tuple[str, WalkProfile, Measure], PreparedPlace] = OrderedDict()
        self._lock = Lock()

    def open(self, study: StoredStudy, profile: WalkProfile, measure: Measure) -> PreparedPlace:
        """Return the place of `study` for `profile`, made anew where the study was read anew."""
        key = (study.id, profile, measure)
        with self._lock:
            place = self._places.get(key)
            if place is None or place.graph.network is not study.network:
                place = prepare_place(
                    study.network, study.barriers, profile, study.rules, measure=measure
                )
                self._places[key] = place
            self._places.move_to_end(key)
            while len(self._places) > self._keep:
                self._places.popitem(last=False)
            return place
