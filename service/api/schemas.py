"""The shapes of the answers, for the API's description."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Health(BaseModel):
    """Whether the service is up."""

    status: Literal["ok"] = "ok"
    version: Annotated[str, Field(examples=["0.1.0"])]
    studies: Annotated[int, Field(examples=[2])]


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
