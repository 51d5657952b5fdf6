"""The shapes of the answers, for the API's description."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analysis.walking import WalkerName


class Health(BaseModel):
    """Whether the service is up, and what it offers."""

    status: Literal["ok"] = "ok"
    version: Annotated[str, Field(examples=["0.1.0"])]
    studies: Annotated[int, Field(examples=[2], description="studies that can be read")]
    damaged: Annotated[int, Field(examples=[0], description="studies that cannot be read")]


class BothLanguages(BaseModel):
    """One text in zh and en."""

    zh: str
    en: str


class StandardSummary(BaseModel):
    """One packaged standard."""

    id: Annotated[str, Field(examples=["living_circle_25"])]
    title: BothLanguages
    statement: BothLanguages
    official: bool
    elements: int
    walked_elements: int
    digest: str


class StudySummary(BaseModel):
    """One saved study in a list."""

    id: Annotated[str, Field(examples=["sample-district"])]
    title: str
    standard_id: str
    data_date: Annotated[str, Field(examples=["2026-01-01"])]
    residents: float | None
    circles: int
    verdicts: dict[str, int]
    edge_of_data: bool
    digest: str
    links: dict[str, str]


class StudyList(BaseModel):
    """All saved studies, and the ids of those that cannot be read."""

    studies: list[StudySummary]
    damaged: list[str]


class AssessmentPage(BaseModel):
    """Flat verdicts: one row for each circle × element; id ``*`` is all circles together."""

    study_id: str
    digest: str
    count: int
    rows: list[dict[str, Any]]


class FeatureCollection(BaseModel):
    """GeoJSON (RFC 7946) in WGS84."""

    model_config = ConfigDict(extra="allow")

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class IsochroneProperties(BaseModel):
    """What one isochrone is, in metres, seconds and minutes."""

    part: Annotated[
        Literal["polygon", "pieces"],
        Field(
            description="what the geometry is: the drawn area, or the reached stretches of street"
        ),
    ]
    minutes: Annotated[
        float | None, Field(description="the time asked for; null where metres were")
    ] = None
    cutoff_s: Annotated[
        float | None, Field(description="the same in seconds; the walk to the street is part of it")
    ] = None
    cutoff_m: Annotated[
        float | None,
        Field(description="the distance asked for, walk to the street included; null for minutes"),
    ] = None
    measure: Annotated[
        Literal["metres", "seconds"],
        Field(
            description="seconds: slopes and steps took their own time where they are known; "
            "metres: distance alone"
        ),
    ]
    origin: Annotated[list[float], Field(description="lon, lat as asked", min_length=2)]
    walker: WalkerName
    speed_m_s: Annotated[float, Field(description="the walker's speed on the level")]
    elevation_known_share: Annotated[
        float | None,
        Field(description="share of the study's streets whose heights are known; null: of none"),
    ] = None
    reached_street_m: Annotated[float, Field(description="length of street within the budget")]
    area_m2: Annotated[float, Field(description="area of the polygon; 0 where there is none")]
    buffer_m: Annotated[
        float, Field(description="how far the polygon reaches around reached street and access")
    ]
    drawing: Annotated[
        Literal["fast", "exact"], Field(description="for the screen, or for reports")
    ]
    cell_m: Annotated[float, Field(description="side of the cells of the grid drawn on")]
    agreement_jaccard: Annotated[
        float | None,
        Field(
            description="places both in the polygon and within buffer_m of reached street, as a "
            "share of those in either; measured on a sample, null where there is no polygon"
        ),
    ]
    agreement_area_error_share: Annotated[
        float | None, Field(description="area that the polygon has too much, below 0 too little")
    ]
    agreement_n_sample: Annotated[int, Field(description="places in the sample")]
    holes_filled: Annotated[int, Field(description="holes filled because it was asked")]
    holes_filled_m2: Annotated[float, Field(description="the area that added")]
    access_m: Annotated[
        float,
        Field(
            description="the shortest straight leg from the origin to a street; it is part of the "
            "budget, and the polygon holds it, so that it holds its own origin"
        ),
    ]
    edge_of_data: Annotated[
        bool, Field(description="the data may end within the budget: a lower bound")
    ]
    note: Annotated[
        BothLanguages | None,
        Field(
            description="why the geometry is null: the access leg alone exceeds the budget; null "
            "where there is a geometry"
        ),
    ] = None


class IsochroneFeature(BaseModel):
    """One isochrone; its geometry is null where not even the nearest street is reached."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: IsochroneProperties


class IsochroneCollection(BaseModel):
    """Isochrones as GeoJSON (RFC 7946) in WGS84, the largest first; pieces after polygons."""

    type: Literal["FeatureCollection"]
    attribution: str
    notes: Annotated[
        list[BothLanguages],
        Field(description="what to know of the times: where slopes are not in them"),
    ]
    features: list[IsochroneFeature]


class StandardDocument(BaseModel):
    """A standard: every element with threshold, targets, sources and confidence."""

    model_config = ConfigDict(extra="allow")

    id: str
    title: BothLanguages
    statement: BothLanguages
    official: bool
    digest: str


class StudyDocument(BaseModel):
    """A study's document: inputs, parameters, counts, notices, what each circle lacks."""

    model_config = ConfigDict(extra="allow")

    id: str
    links: dict[str, str]
    title: str
    digest: str


class ScenarioDocument(BaseModel):
    """What a scenario changes: who gains and who loses, verdicts and gaps, circle by circle."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(description="follows from what the scenario says, and from no more")]
    study_id: str
    links: dict[str, str]
    parts: Literal["reach", "all"]
    headline: BothLanguages
    circles: list[dict[str, Any]]
    points: Annotated[
        dict[str, Any], Field(description="homes that gain or lose an element, GeoJSON points")
    ]


class Problem(BaseModel):
    """What went wrong (RFC 9457), in the reader's language and in both."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(examples=["urn:living-circle:problem:not-on-network"])]
    title: Annotated[str, Field(examples=["Not on the walking network"])]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[str, Field(examples=["There is no walkable street within 200 m."])]
    details: BothLanguages
    source: str | None
    row: int | str | None
    value: str | None
    remedy: str | None
    remedies: BothLanguages | None
    instance: str
