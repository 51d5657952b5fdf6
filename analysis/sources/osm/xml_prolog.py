"""What stands in an OSM XML file before its first object, and that it is harmless.

Entities can only be declared in a DOCTYPE, and a DOCTYPE can only stand before the root element,
so reading as far as the first object settles it without reading the file twice.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.parsers import expat

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.osm.sniff import not_osm
from analysis.sources.osm.unpacked import damaged

_CHUNK_BYTES: Final = 2**16
_OBJECTS: Final = frozenset({"node", "way", "relation"})


class _EnoughSeenError(Exception):
    """Stops the parser at the first object."""


def read_prolog(path: Path, source: str) -> str:
    """Check the head of an XML file and return its data date.

    Returns
    -------
    str
        The time stamp in an Overpass ``<meta osm_base="…"/>``; empty where there is none.

    Raises
    ------
    SourceDataError
        A DOCTYPE or entity declaration, another root than ``<osm>``, or XML that is not well
        formed before the first object.
    """
    prolog = _Prolog(source)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = prolog.refuse_declaration
    parser.EntityDeclHandler = prolog.refuse_declaration
    parser.StartElementHandler = prolog.start_element
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except _EnoughSeenError:
        pass
    except expat.ExpatError as error:
        raise damaged(str(error), source) from error
    return prolog.osm_base


class _Prolog:
    """The expat handlers and what they saw."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.osm_base = ""
        self.root = ""

    def refuse_declaration(self, *_declared: object) -> None:
        raise SourceDataError(
            message("source.doctype"), remedy=message("source.doctype.remedy"), source=self.source
        )

    def start_element(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self.root:
            self.root = name
            if name == "osmChange":
                raise not_osm(message("source.looks.change"), self.source, "source.change.remedy")
            if name != "osm":
                raise not_osm(message("source.looks.xml", root=name[:40]), self.source)
        elif name == "meta":
            self.osm_base = attributes.get("osm_base", "")
        elif name in _OBJECTS:
            raise _EnoughSeenError
