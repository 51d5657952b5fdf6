"""The map page: folium's skeleton, packaged scripts and the study's data put side by side.

folium and branca render every string they are given as a template, so they are given numbers only:
a centre and a zoom. All text of a study travels as JSON beside the skeleton, is read by the page's
own script and put on the screen as text, never as markup.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium

from analysis.documents.scenario import difference_document
from analysis.documents.scenario_tables import point_rows
from analysis.documents.tables import Row
from analysis.errors import SourceDataError
from analysis.messages import Language, message
from analysis.plan.plan import Plan
from analysis.study import Study
from service.maps.assets import links_text, script_text, static_text
from service.maps.encoding import json_text
from service.maps.payload import study_centre, study_grid, study_payload
from service.maps.plan import works_json
from service.maps.scenario import scenario_json

_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
)
_HTML_LANGUAGE: Final = {"zh": "zh-CN", "en": "en"}
_ZOOM: Final = 13  # until the page fits the circles


def study_map(study: Study, *, language: Language = "zh") -> str:
    """Return the map of `study` as one HTML document that loads nothing.

    The page opens in `language` and can be switched to the other. The same study gives the same
    text. Raises :class:`~analysis.errors.SourceError` where the packaged Leaflet is missing or is
    not the one that was looked at.
    """
    return _page(study, study_payload(study, language), language)


def scenario_map(
    study: Study,
    document: Mapping[str, Any],
    points: Sequence[Row],
    *,
    language: Language = "zh",
) -> str:
    """Return the map of `study` with what a scenario changes drawn over it.

    `document` and `points` are those of
    :func:`~analysis.documents.scenario.difference_document` and
    :func:`~analysis.documents.scenario_tables.point_rows`.
    """
    payload = study_payload(study, language)
    payload["scenario"] = scenario_json(study, document, points, study_grid(study))
    return _page(study, payload, language)


def plan_map(study: Study, plan: Plan, *, language: Language = "zh") -> str:
    """Return the map of `study` with the works of `plan` and who gains by them drawn over it."""
    proof = plan.proof
    document = difference_document(study, proof.result, proof.difference)
    points = point_rows(study, proof.result.of, proof.difference.reach)
    payload = study_payload(study, language)
    grid = study_grid(study)
    changes, works = scenario_json(study, document, points, grid), works_json(study, plan, grid)
    payload["scenario"] = {**changes, **works, "rows": [*works["rows"], *changes["rows"]]}
    return _page(study, payload, language)


def _page(study: Study, payload: Mapping[str, Any], language: Language) -> str:
    lon, lat = study_centre(study)
    skeleton = _skeleton(lon, lat)
    title = message("map.page").text(language)
    data = json_text(payload)
    frame, marker = static_text("frame.html"), "<!-- map -->"
    before, after = frame.split(marker)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{_HTML_LANGUAGE[language]}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{skeleton['styles']}</style>",
            skeleton["header"],
            f"<style>{static_text('map.css')}</style>",
            "</head>",
            "<body>",
            f"<noscript>{html.escape(message('map.noscript').text(language))}</noscript>",
            before + skeleton["html"] + after,
            f'<script type="application/json" id="study">{data}</script>',
            _script(skeleton["scripts"]),
            _script(skeleton["script"]),
            _script(script_text()),
            "</body>",
            "</html>",
            "",
        ]
    )


def _skeleton(lon: float, lat: float) -> dict[str, str]:
    """Return folium's parts of the page: a map without tiles; nothing but numbers goes in."""
    figure = folium.Figure()
    drawn: Any = folium.Map(
        location=[round(lat, 6), round(lon, 6)],
        zoom_start=_ZOOM,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        attribution_control=False,
    )
    figure.add_child(drawn)
    drawn._id = "study"  # noqa: SLF001 - folium's own name is random
    scripts = links_text(name for name, _ in drawn.default_js)
    styles = links_text(name for name, _ in drawn.default_css)
    # Shadowed on this one map: the class-level lists belong to every map of the process.
    drawn.default_js, drawn.default_css = [], []
    drawn.render()
    header = re.sub(r'<meta name="viewport".*?/>', "", figure.header.render(), flags=re.DOTALL)
    parts = {"header": header, "html": figure.html.render(), "script": figure.script.render()}
    if any("//" in part or "src=" in part for part in parts.values()):
        raise SourceDataError(
            message("map.asset.loads"), remedy=message("map.asset.remedy"), source="folium"
        )
    return parts | {"scripts": scripts, "styles": styles}


def _script(text: str) -> str:
    return f"<script>{text}</script>"
