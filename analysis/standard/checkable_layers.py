"""CheckableLayers: every map layer and parcel column that a siting rule may name, in one place.

What is not listed here no machine looks at: the checks refuse it when a standard is opened. A layer
of objects is a set of map features, described by OSM tags; a rule asks how far the nearest one is.
``element:<id>`` stands for the facilities of another element, open or not. A layer of the ground
has a number at every place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

LayerKind = Literal["objects", "ground"]
ColumnKind = Literal["number", "text"]
Tags = Mapping[str, tuple[str, ...]]
ELEMENT_LAYER: Final = "element:"
ANY_VALUE: Final = "*"
DISTANCE_OPS: Final = ("within_m", "beyond_m")
NUMBER_OPS: Final = ("le", "ge", "between", "eq")
WORD_OPS: Final = ("in", "not_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckableLayer:
    """One map layer.

    Attributes
    ----------
    kind
        ``objects``: map features, measured by straight distance from the site's outline to the
        nearest one, 0 inside a polygon. ``ground``: a number at the site.
    unit
        Of what is compared: ``m``, or ``grade`` for a slope (rise over run).
    osm
        A feature belongs to it that has one of the values for one of the keys; ``*`` is any value.
    excluding
        A feature with any of these does not belong to it.
    """

    id: str
    kind: LayerKind = "objects"
    unit: str = "m"
    osm: Tags = field(default_factory=dict)
    excluding: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckableColumn:
    """One column of a parcel, stated by the planner or worked out from its outline.

    `words` are all that a text may be; empty where it is free, and then a rule's word fits where it
    stands anywhere in the cell.
    """

    id: str
    kind: ColumnKind
    unit: str = ""
    words: tuple[str, ...] = ()


_NOT_SEEN: Final[Tags] = {
    "tunnel": ("yes", "building_passage", "culvert"), "location": ("underground",),
}  # fmt: skip
_HOMES: Final = (
    "apartments", "residential", "house", "detached", "semidetached_house", "terrace", "dormitory",
)  # fmt: skip
CHECKABLE_LAYERS: Final[tuple[CheckableLayer, ...]] = (
    CheckableLayer(
        id="water",
        osm={"natural": ("water",), "waterway": ("riverbank", "dock"),
             "landuse": ("reservoir", "basin")},
    ),
    CheckableLayer(
        id="waterway", osm={"waterway": ("river", "stream", "canal")}, excluding=_NOT_SEEN
    ),
    CheckableLayer(
        id="flood_area", osm={"hazard": ("flooding", "flood"), "flood_prone": ("yes",)}
    ),
    CheckableLayer(
        id="geological_hazard",
        osm={"hazard": ("landslide", "rock_slide", "rockfall", "falling_rocks", "erosion"),
             "natural": ("cliff", "scree", "sinkhole", "landslide"),
             "geological": ("landslide",)},
    ),
    CheckableLayer(
        id="protected_area",
        osm={"boundary": ("protected_area", "national_park"), "leisure": ("nature_reserve",)},
    ),
    CheckableLayer(
        id="railway",
        osm={"railway": ("rail", "light_rail", "subway", "narrow_gauge", "monorail")},
        excluding={**_NOT_SEEN, "service": ("yard", "spur", "siding")},
    ),
    CheckableLayer(
        id="motorway",
        osm={"highway": ("motorway", "motorway_link", "trunk", "trunk_link")},
        excluding=_NOT_SEEN,
    ),
    CheckableLayer(
        id="arterial_road",
        osm={"highway": ("motorway", "trunk", "primary", "motorway_link", "trunk_link",
                         "primary_link")},
        excluding=_NOT_SEEN,
    ),
    CheckableLayer(
        id="motor_road",
        osm={"highway": ("trunk", "primary", "secondary", "tertiary", "unclassified",
                         "residential", "living_street", "trunk_link", "primary_link",
                         "secondary_link", "tertiary_link")},
        excluding=_NOT_SEEN,
    ),
    CheckableLayer(id="traffic_signal", osm={"highway": ("traffic_signals",)}),
    CheckableLayer(id="crossing", osm={"highway": ("crossing",)}),
    CheckableLayer(id="fuel_station", osm={"amenity": ("fuel",)}),
    CheckableLayer(id="power_line", osm={"power": ("line",)}, excluding=_NOT_SEEN),
    CheckableLayer(id="substation", osm={"power": ("substation", "plant")}),
    CheckableLayer(
        id="industrial_land",
        osm={"landuse": ("industrial", "quarry"), "man_made": ("works",)},
    ),
    CheckableLayer(
        id="waste_site",
        osm={"landuse": ("landfill",), "amenity": ("waste_transfer_station",),
             "man_made": ("wastewater_plant",)},
    ),
    CheckableLayer(
        id="cemetery",
        osm={"landuse": ("cemetery",), "amenity": ("grave_yard", "crematorium", "mortuary")},
    ),
    CheckableLayer(
        id="entertainment",
        osm={"amenity": ("nightclub", "bar", "pub", "karaoke_box", "casino", "stripclub"),
             "leisure": ("adult_gaming_centre", "amusement_arcade")},
    ),
    CheckableLayer(id="dwelling", osm={"building": _HOMES}),
    CheckableLayer(
        id="green_space",
        osm={"leisure": ("park", "garden", "nature_reserve"),
             "landuse": ("grass", "forest", "village_green", "recreation_ground"),
             "natural": ("wood",)},
    ),
    CheckableLayer(id="slope", kind="ground", unit="grade"),
    CheckableLayer(id="elevation", kind="ground", unit="m"),
)  # fmt: skip
CHECKABLE_COLUMNS: Final[tuple[CheckableColumn, ...]] = (
    CheckableColumn(id="area_m2", kind="number", unit="m2"),
    CheckableColumn(id="floor_area_m2", kind="number", unit="m2"),
    CheckableColumn(id="width_m", kind="number", unit="m"),
    CheckableColumn(id="floor", kind="number", unit="floor"),
    CheckableColumn(
        id="kind",
        kind="text",
        words=("corner", "idle", "demolished", "ground_floor", "school_yard", "other", "unknown"),
    ),
    CheckableColumn(id="land_use", kind="text"),
    CheckableColumn(id="tenure", kind="text"),
    CheckableColumn(id="exclusion", kind="text"),
)
LAYERS: Final[Mapping[str, CheckableLayer]] = {one.id: one for one in CHECKABLE_LAYERS}
COLUMNS: Final[Mapping[str, CheckableColumn]] = {one.id: one for one in CHECKABLE_COLUMNS}


def ops_of_layer(name: str) -> tuple[str, ...]:
    """Return the comparisons that fit a layer; empty for a layer that does not exist."""
    if name.startswith(ELEMENT_LAYER):
        return DISTANCE_OPS
    layer = LAYERS.get(name)
    if layer is None:
        return ()
    return DISTANCE_OPS if layer.kind == "objects" else NUMBER_OPS


def ops_of_column(name: str) -> tuple[str, ...]:
    """Return the comparisons that fit a column; empty for a column that does not exist."""
    column = COLUMNS.get(name)
    if column is None:
        return ()
    return NUMBER_OPS if column.kind == "number" else WORD_OPS


def unit_of(layer: str, column: str) -> str:
    """Return the unit of what a rule compares; empty for texts and for rules left as text."""
    if column:
        return COLUMNS[column].unit if column in COLUMNS else ""
    return "m" if layer.startswith(ELEMENT_LAYER) else LAYERS[layer].unit if layer in LAYERS else ""
