"""The process that runs Valhalla; started by `valhalla`, never imported for its work.

Valhalla is foreign C++ that writes to the terminal, keeps its settings to itself and may end its
process. In a process of its own none of that reaches ours, and its work ends when its time is up.

The process reads ``job.json`` in the folder named by its argument and leaves either
``answers.json`` or ``failure.json`` there.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from analysis.sources.second_engine.questions import (
    SAME_PLACE_M,
    Answers,
    Failure,
    Job,
    Place,
    Walk,
    WalkedWay,
)

_BUILDER: Final = "valhalla_build_tiles"
_BATCH: Final = 50  # places in one request: the engine's own default limit
_SNAP_M: Final = 200.0
# Nodes that a street must lead to: any street first, else one that leads somewhere (its default).
_REACHES: Final = (0, 50)
_PRECISION: Final = 1e6  # of the engine's drawings: steps in a degree
_METRES_PER_KM: Final = 1000.0
_MAX_DETAIL_CHARS: Final = 300
# `shortest` alone leaves the penalties at stairs and lifts in force; the rest is for good measure.
_METRES_ONLY: Final[dict[str, object]] = {
    "shortest": True,
    "max_hiking_difficulty": 6,
    "step_penalty": 0,
    "elevator_penalty": 0,
    "gate_cost": 0,
    "gate_penalty": 0,
    "country_crossing_cost": 0,
    "country_crossing_penalty": 0,
    "destination_only_penalty": 0,
    "private_access_penalty": 0,
    "maneuver_penalty": 0,
    "service_penalty": 0,
    "service_factor": 1,
    "walkway_factor": 1,
    "sidewalk_factor": 1,
    "alley_factor": 1,
    "driveway_factor": 1,
    # Ferries are counted in seconds even so, and a crossing is no walk.
    "exclude_ferries": True,
    "use_ferry": 0,
}


class StepError(Exception):
    """A step of the work that failed, with the engine's own words."""

    def __init__(self, step: str, detail: str) -> None:
        super().__init__(step)
        self.failure = Failure(step=step, detail=detail.strip()[-_MAX_DETAIL_CHARS:])


def run(folder: Path) -> None:
    """Do the job in `folder`."""
    job: Job = orjson.loads((folder / "job.json").read_bytes())
    try:
        settings = _settings(folder)
        _build_tiles(job["extract"], settings, folder)
        answers = _ask(job, settings)
    except StepError as failed:
        _leave(folder, "failure.json", failed.failure)
    else:
        _leave(folder, "answers.json", answers)


def _settings(folder: Path) -> Path:
    import valhalla  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415

    tiles = folder / "tiles"
    tiles.mkdir()
    chosen = valhalla.get_config(tile_extract="", tile_dir=str(tiles), verbose=False)
    for part in ("loki", "meili", "mjolnir", "odin", "thor"):
        chosen.get(part, {})["logging"] = {"type": ""}
    # Paths of a server that may stand on some machines; nothing but the extract may count.
    for name in ("traffic_extract", "admin", "landmarks", "timezone", "transit_dir",
                 "transit_feeds_dir"):  # fmt: skip
        chosen["mjolnir"][name] = ""
    chosen["mjolnir"]["concurrency"] = 1  # the order of edges depends on the threads
    chosen["service_limits"]["allow_hard_exclusions"] = True
    path = folder / "valhalla.json"
    path.write_text(json.dumps(chosen), "utf-8")
    return path


def _build_tiles(extract: str, settings: Path, folder: Path) -> None:
    built = subprocess.run(  # noqa: S603 - the engine's own program, no shell
        [str(_builder(folder)), "-c", str(settings), extract],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if built.returncode != 0 or not any((folder / "tiles").rglob("*.gph")):
        said = (built.stdout + built.stderr).decode("utf-8", "replace")
        raise StepError("tiles", said or f"exit code {built.returncode}")


def _builder(folder: Path) -> Path:
    """Return the tile builder, copied where the installed one lacks its run bit."""
    import valhalla  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415

    shipped = Path(valhalla.__file__).parent / "bin" / _BUILDER
    if os.name == "nt":
        shipped = shipped.with_suffix(".exe")
    if not shipped.is_file():
        found = shutil.which(_BUILDER)
        if found is None:
            raise StepError("builder", _BUILDER)
        return Path(found)
    if os.access(shipped, os.X_OK):
        return shipped
    copy = folder / shipped.name
    shutil.copy(shipped, copy)
    copy.chmod(copy.stat().st_mode | stat.S_IXUSR)
    return copy


def _ask(job: Job, settings: Path) -> Answers:
    import valhalla  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415

    engine = _Engine(valhalla.Actor(str(settings)), job["walker"])
    return Answers(
        engine="Valhalla",
        version=str(valhalla.__version__),
        walks=engine.walks(job["from_"], job["to"]),
        stretches=engine.streets(job["stretches"]),
        nodes=engine.nodes(job["nodes"]),
    )


class _Engine:
    """Asks Valhalla for distances on foot: nothing but metres counts."""

    def __init__(self, actor: Any, walker: str) -> None:
        self._actor = actor
        self._mask = "wheelchair" if walker == "wheelchair" else "pedestrian"
        self._costing: dict[str, object] = {
            "costing": "pedestrian",
            "costing_options": {"pedestrian": {"type": walker, **_METRES_ONLY}},
        }

    def walks(self, starts: Sequence[Place], ends: Sequence[Place]) -> list[Walk]:
        """Return the shortest walk from each start to its end."""
        trips = [self._trip(start, end) for start, end in zip(starts, ends, strict=True)]
        reach = [trip[1] for trip in trips]
        from_ = self._snaps(starts, reach)
        to = self._snaps(ends, reach)
        return [
            Walk(
                length_m=trip["summary"]["length"] * _METRES_PER_KM if trip else None,
                line=list(_decoded(trip["legs"][0]["shape"])) if trip else [],
                from_ways=start[0],
                to_ways=end[0],
                from_snap_m=start[1],
                to_snap_m=end[1],
            )
            for (trip, _), start, end in zip(trips, from_, to, strict=True)
        ]

    def streets(self, places: Sequence[Place]) -> list[list[WalkedWay]]:
        """Return the streets that may be walked at each place."""
        found = []
        locations = [
            _location(one, radius_m=SAME_PLACE_M, cutoff_m=2 * SAME_PLACE_M) for one in places
        ]
        for one in self._located(locations):
            headings: dict[int, list[float]] = {}
            for edge in one.get("edges") or []:
                # What is asked to be left out of a route is found all the same.
                is_ferry = edge["edge"]["classification"]["use"] == "ferry"
                if float(edge["distance"]) <= SAME_PLACE_M and not is_ferry:
                    way = int(edge["edge_info"]["way_id"])
                    headings.setdefault(way, []).append(float(edge["heading"]))
            found.append(
                [WalkedWay(way_id=way, headings=headings[way]) for way in sorted(headings)]
            )
        return found

    def nodes(self, places: Sequence[Place]) -> list[bool | None]:
        """Return whether people may pass the node at each place."""
        found: list[bool | None] = []
        locations = [
            _location(one, radius_m=0.0, cutoff_m=SAME_PLACE_M, to_node_m=SAME_PLACE_M)
            for one in places
        ]
        for one in self._located(locations):
            known = [bool(node["access"][self._mask]) for node in one.get("nodes") or []]
            found.append(all(known) if known else None)
        return found

    def _trip(self, start: Place, end: Place) -> tuple[dict[str, Any] | None, int]:
        """Return a trip and the reach with which it was found; None where there is no walk."""
        for reach in _REACHES:
            locations = [
                _location(one, radius_m=0.0, cutoff_m=_SNAP_M, reach=reach) for one in (start, end)
            ]
            asked = {"locations": locations, "directions_type": "none", **self._costing}
            try:
                trip: dict[str, Any] = self._actor.route(asked)["trip"]
            except RuntimeError:
                continue  # no street or no way: an answer like any other
            return trip, reach
        return None, _REACHES[0]

    def _snaps(
        self, places: Sequence[Place], reach: Sequence[int]
    ) -> list[tuple[list[int], float | None]]:
        """Return the streets that each place is put on, and how far away they lie."""
        found = []
        locations = [
            _location(place, radius_m=0.0, cutoff_m=_SNAP_M, reach=least)
            for place, least in zip(places, reach, strict=True)
        ]
        for one in self._located(locations):
            edges = one.get("edges") or []
            ways = sorted({int(edge["edge_info"]["way_id"]) for edge in edges})
            apart = min((float(edge["distance"]) for edge in edges), default=None)
            found.append((ways, apart))
        return found

    def _located(self, locations: Sequence[dict[str, float]]) -> Iterator[dict[str, Any]]:
        for first in range(0, len(locations), _BATCH):
            batch = locations[first : first + _BATCH]
            try:
                yield from self._actor.locate(
                    {"locations": batch, "verbose": True, **self._costing}
                )
            except RuntimeError as error:
                raise StepError("locate", str(error)) from error


def _location(
    place: Place, *, radius_m: float, cutoff_m: float, to_node_m: float = 0.0, reach: int = 0
) -> dict[str, float]:
    """Return a place as the engine is asked for it; nothing is moved to a junction unasked."""
    return {
        "lon": place[0],
        "lat": place[1],
        "radius": radius_m,
        "search_cutoff": cutoff_m,
        "node_snap_tolerance": to_node_m,
        "minimum_reachability": reach,
        "rank_candidates": False,
    }


def _decoded(text: str) -> Iterator[Place]:
    """Yield the places of an encoded polyline."""
    values, shift, part = [], 0, 0
    for char in text.encode("ascii"):
        part |= ((char - 63) & 0x1F) << shift
        shift += 5
        if char - 63 < 0x20:  # noqa: PLR2004 - the last group of a number
            values.append(~(part >> 1) if part & 1 else part >> 1)
            shift = part = 0
    lat = lon = 0
    for at in range(0, len(values) - 1, 2):
        lat, lon = lat + values[at], lon + values[at + 1]
        yield lon / _PRECISION, lat / _PRECISION


def _leave(folder: Path, name: str, value: Answers | Failure) -> None:
    """Write an answer whole or not at all."""
    part = folder / f"{name}.part"
    part.write_bytes(orjson.dumps(value))
    part.replace(folder / name)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
