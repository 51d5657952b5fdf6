"""The API's description: only what can occur, refusals as problem+json, with examples."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI

from analysis.errors import AnalysisError, InvalidParameterError, NoResultError, SourceDataError
from analysis.messages import message
from service.api.answers import JSON
from service.api.examples import STUDY_ID
from service.api.schemas import Problem
from service.errors import MEDIA_TYPE, http_problem, problem

_REFUSED: Final = 400
_REFERENCE: Final = "#/components/schemas/"
_WORDS: Final[Mapping[int, str]] = {
    304: "Not modified: If-None-Match names this answer, or is *",
    404: "There is no such study, standard, circle, element, scenario or map",
    422: "A parameter is unknown, repeated, missing or out of its range, or a scenario unsound",
    500: "A fault of ours",
    503: "The study's files are damaged; it answers again once they are restored",
}
DESCRIPTION: Final = (
    "Nothing that is saved is changed: POST asks what a scenario would change. HEAD answers as "
    "GET does, without the body; OPTIONS lists the methods. Parameters "
    "that a route does not know are refused. Every refusal is application/problem+json with texts "
    "in zh and en. Map data: © OpenStreetMap contributors (ODbL 1.0)."
)


class DescribedAPI(FastAPI):
    """FastAPI whose description tells refusals as they are."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self.openapi_schema is None:
            _complete(super().openapi())
        return super().openapi()


def answers(
    *codes: int, example: object, media_type: str = JSON
) -> dict[int | str, dict[str, Any]]:
    """Return a route's ``responses``: 200 with its example, and the other statuses it can give."""
    told: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {"example": example}}}}
    return told | {code: {"description": _WORDS[code]} for code in codes}


def _complete(document: dict[str, Any]) -> None:
    """Give every refusal its body and every answer with an ETag its header."""
    schema = Problem.model_json_schema(ref_template=f"{_REFERENCE}{{model}}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({**schema.pop("$defs", {}), "Problem": schema})
    header = {
        "ETag": {"description": "Send it back as If-None-Match", "schema": {"type": "string"}}
    }
    for operation in _operations(document):
        told = operation["responses"]
        for code in (one for one in told if int(one) >= _REFUSED):
            body = {"schema": {"$ref": f"{_REFERENCE}Problem"}, "example": _example(int(code))}
            told[code]["content"] = {MEDIA_TYPE: body}
        if "304" in told:
            told["200"]["headers"] = told["304"]["headers"] = header


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _example(code: int) -> dict[str, object]:
    """Return a body as the service gives it."""
    path, error = f"/api/v1/studies/{STUDY_ID}", _example_errors().get(code)
    if error is None:
        return http_problem(code, language="en", instance=path)
    return problem(error, language="en", instance=path)


def _example_errors() -> Mapping[int, AnalysisError]:
    return {
        404: NoResultError(
            message("api.unknown_study"),
            remedy=message("api.unknown_study.remedy"),
            source="study_id",
            value="nowhere",
        ),
        422: InvalidParameterError(
            message("api.parameter.unknown", name="language"),
            remedy=message("api.parameter.unknown.remedy", known="lang"),
            source="language",
            value="en",
        ),
        503: SourceDataError(
            message("store.damaged"), remedy=message("store.damaged.remedy"), source="network.npz"
        ),
    }
