"""What the published JSON Schema says of a standard."""

from collections.abc import Iterator
from typing import Final

from analysis.sources.json_schema import PackagedSchema
from analysis.sources.json_schema import schema_problems as problems_by_schema
from analysis.standard.problem import Problem

_SCHEMA: Final = PackagedSchema("analysis.standards", "standard.schema.json")


def schema_problems(document: object) -> Iterator[Problem]:
    """Yield all that the schema finds wrong with the plain `document`."""
    yield from problems_by_schema(document, _SCHEMA)
