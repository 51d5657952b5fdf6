"""The map page: folium's skeleton, packaged scripts and the study's data put side by side.

folium and branca render every string they are given as a template, so they are given numbers only:
a centre and a zoom. All text of a study travels as JSON beside the skeleton, is read by the page's
own script and put on the screen as text, never as markup.
"""

import html
import re
from typing import Any, Final

import folium

from analysis.errors import SourceDataError
from analysis.messages import Language, message
from analysis.study import Study
from service.maps.assets import links_text, script_text, static_text
from service.maps.encoding import json_text
from service.maps.payload import study_centre, study_payload

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
    lon, lat = study_centre(study)
    skeleton = _skeleton(lon, lat)
    title = message("map.page").text(language)
    data = json_text(study_payload(study, language))
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
