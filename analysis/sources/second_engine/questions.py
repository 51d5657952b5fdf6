"""What is asked of a second engine, and what it answers; plain values that cross to its process."""

from typing import Final, TypedDict

# Where a street cannot be told from one beside it; OpenStreetMap is seldom drawn more exactly.
SAME_PLACE_M: Final = 1.0

Place = tuple[float, float]
"""Longitude and latitude, degrees."""


class Job(TypedDict):
    """What to do.

    `extract` is a path; `walker` is the engine's own name of who walks; `from_` and `to` are the
    ends of the walks; `stretches` are places in the middle of stretches of street, `nodes` the
    places of nodes that may stop people.
    """

    extract: str
    walker: str
    from_: list[Place]
    to: list[Place]
    stretches: list[Place]
    nodes: list[Place]


class Walk(TypedDict):
    """One walk as the engine finds it; `length_m` is None where it finds none.

    `line` is its drawing; `from_ways`, `to_ways` the streets that the two ends were put on (all
    that are equally near), `from_snap_m`, `to_snap_m` how far away those lie.
    """

    length_m: float | None
    line: list[Place]
    from_ways: list[int]
    to_ways: list[int]
    from_snap_m: float | None
    to_snap_m: float | None


class WalkedWay(TypedDict):
    """A street that the engine lets people walk at a place: its way and the compass directions."""

    way_id: int
    headings: list[float]


class Answers(TypedDict):
    """What the engine says: walks like ``from_``, streets like ``stretches``.

    `nodes`: whether people may pass, None where the engine knows no node there.
    """

    engine: str
    version: str
    walks: list[Walk]
    stretches: list[list[WalkedWay]]
    nodes: list[bool | None]


class Failure(TypedDict):
    """Why there are no answers: which step, and the engine's own last words."""

    step: str
    detail: str
