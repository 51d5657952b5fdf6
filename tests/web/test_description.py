"""The OpenAPI document: sound in itself, and true of the service, example by example."""

import copy
from urllib.parse import quote

import jsonschema
import pytest

from service.app import create_app
from service.errors import MEDIA_TYPE
from service.settings import Settings

DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
# What each operation can answer: no parameter but unknown ones, a study or not, an ETag or not.
STATUSES = {
    "getIndex": {200, 422, 500},
    "getHealth": {200, 422, 500},
    "listStandards": {200, 422, 500},
    "getStandard": {200, 304, 404, 422, 500},
    "listStudies": {200, 422, 500},
    **dict.fromkeys(
        ("getStudy", "getAssessment", "getGaps", "getIsochrones", "getMap"),
        {200, 304, 404, 422, 500, 503},
    ),
    **dict.fromkeys(("postScenario", "getScenario"), {200, 404, 422, 500, 503}),
}
MEDIA = {"getIndex": "text/html", "getMap": "text/html", "getGaps": "application/geo+json",
         "getIsochrones": "application/geo+json"}  # fmt: skip


def validator(schema) -> jsonschema.Draft202012Validator:
    """Return a validator of a schema that refers to the document's components."""
    return jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def address(path, parameters, chosen) -> str:
    """Return the address of an example: path parameters and the `chosen` query parameters."""
    query = []
    for one in parameters:
        value = one["schema"]["examples"][0]
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", quote(str(value), safe=""))
        elif one["name"] in chosen:
            query.append(f"{one['name']}={quote(str(value))}")
    return path + ("?" + "&".join(query) if query else "")


def request(client, name, asked):
    """Ask for an example; a scenario is asked about before it is asked for again."""
    operation = OPERATIONS["postScenario"][2]
    body = operation["requestBody"]["content"]["application/json"]["example"]
    if name == "postScenario":
        return client.post(asked, json=body)
    if name == "getScenario":
        client.post(asked.rpartition("/")[0] + "?parts=reach", json=body)
    return client.get(asked)


def test_every_route_is_described_once() -> None:
    assert set(OPERATIONS) == set(STATUSES)
    posting = {name for name, (_, method, _) in OPERATIONS.items() if method != "get"}
    assert posting == {"postScenario"}
    assert OPERATIONS["postScenario"][1] == "post"
    assert DOCUMENT["openapi"].startswith("3.1")
    assert DOCUMENT["info"]["title"].isascii()
    assert "HEAD" in DOCUMENT["info"]["description"]


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    found = set(references(DOCUMENT))
    assert "#/components/schemas/Problem" in found
    schemas = DOCUMENT["components"]["schemas"]
    for one in found:
        assert one.removeprefix("#/components/schemas/") in schemas, one
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    used = {one.removeprefix("#/components/schemas/") for one in found}
    assert not set(schemas) - used, "schemas that nothing uses"


@pytest.mark.parametrize("name", STATUSES)
def test_parameters_are_declared_with_examples_that_fit(name) -> None:
    path, _, operation = OPERATIONS[name]
    parameters = operation.get("parameters", [])
    names = [one["name"] for one in parameters]
    assert len(names) == len(set(names))
    in_path = {one["name"] for one in parameters if one["in"] == "path"}
    assert in_path == {part.strip("{}") for part in path.split("/") if part.startswith("{")}
    assert operation["summary"] and operation["description"] and operation["tags"]
    for one in parameters:
        validator(one["schema"]).validate(one["schema"]["examples"][0])
        assert one["required"] is (one["in"] == "path" or one["name"] in ("lon", "lat"))


@pytest.mark.parametrize("name", STATUSES)
def test_answers_are_those_that_can_occur_in_one_media_type_each(name) -> None:
    answers = OPERATIONS[name][2]["responses"]
    assert {int(code) for code in answers} == STATUSES[name]
    for code, answer in answers.items():
        assert answer["description"]
        if code == "304":
            assert "content" not in answer
            continue
        expected = MEDIA.get(name, "application/json") if code == "200" else MEDIA_TYPE
        assert list(answer["content"]) == [expected], (name, code)
        told = answer["content"][expected]
        validator(told["schema"]).validate(told["example"])
        if code != "200":
            assert told["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert told["example"]["status"] == int(code)
    assert ("ETag" in answers["200"].get("headers", {})) is (304 in STATUSES[name])


@pytest.mark.parametrize("name", STATUSES)
def test_every_example_request_is_answered(district_client, name) -> None:
    path, _, operation = OPERATIONS[name]
    parameters = operation.get("parameters", [])
    query = [one for one in parameters if one["in"] == "query"]
    needed = {one["name"] for one in query if one["required"]}
    optional = [one["name"] for one in query if not one["required"]]
    content = operation["responses"]["200"]["content"]
    together = set(optional) - {"metres"}  # minutes or metres, never both
    for chosen in (set(), *({one} for one in optional), together):
        asked = address(path, parameters, needed | chosen)
        answer = request(district_client, name, asked)
        assert answer.status_code == 200, (asked, answer.text[:300])
        (media_type,) = content
        assert answer.headers["content-type"].split(";")[0] == media_type
        if media_type != "text/html":
            validator(content[media_type]["schema"]).validate(answer.json())
        if "304" in operation["responses"]:
            again = district_client.get(asked, headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304


@pytest.mark.parametrize("name", sorted(set(STATUSES) - {"getIndex", "getMap"}))
def test_example_answers_have_the_fields_of_real_ones(district_client, name) -> None:
    path, _, operation = OPERATIONS[name]
    parameters = operation.get("parameters", [])
    needed = {one["name"] for one in parameters if one["required"]}
    real = request(district_client, name, address(path, parameters, needed)).json()
    ((_, content),) = operation["responses"]["200"]["content"].items()

    def compare(example, found) -> None:
        if isinstance(example, dict):
            assert set(example) <= set(found), set(example) - set(found)
            for key, value in example.items():
                compare(value, found[key])
        elif isinstance(example, list) and example and not isinstance(example[0], float):
            compare(example[0], found[0])

    example = copy.deepcopy(content["example"])
    for feature in example.get("features", []) if isinstance(example, dict) else []:
        feature.pop("geometry")  # a box stands for the real one
    compare(example if isinstance(example, dict) else list(example), real)


def test_the_example_place_is_on_a_street(district_client) -> None:
    path, _, operation = OPERATIONS["getIsochrones"]
    answer = district_client.get(address(path, operation["parameters"], {"lon", "lat"}))
    features = answer.json()["features"]
    assert [one["properties"]["minutes"] for one in features] == [15.0, 10.0, 5.0]
    for one in features:
        assert one["properties"]["access_m"] < 2.0
        assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")
        assert one["properties"]["edge_of_data"] is False


def test_example_refusals_are_what_the_service_says(district_client) -> None:
    for code, asked in ((404, "/api/v1/studies/nowhere"), (422, "?language=en")):
        path = "/api/v1/studies/sample-district"
        example = OPERATIONS["getStudy"][2]["responses"][str(code)]["content"][MEDIA_TYPE][
            "example"
        ]
        real = district_client.get(
            asked if asked.startswith("/") else path + asked, headers={"accept-language": "en"}
        ).json()
        assert {**real, "instance": path} == example
