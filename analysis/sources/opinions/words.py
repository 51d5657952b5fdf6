"""Which elements the words of an opinion name."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final, cast

import yaml
from rapidfuzz.distance import Indel

from analysis.sources.files.columns import plain
from analysis.standard.profile import ServiceStandard

_USED = "\x00"
_NEAR: Final = 0.6  # of the letters of both, in order: one of three may be another


class ElementWords:
    """The words of a standard's elements: their ids and names, and those of ``words.yaml``."""

    def __init__(self, standard: ServiceStandard) -> None:
        """Gather the words, the longest first; a word of two elements belongs to both."""
        found: dict[str, set[str]] = {}
        for element in standard.elements:
            names = (element.id, element.name.zh, element.name.en, *_words().get(element.id, ()))
            for name in names:
                for word in {plain(name), plain(name).split("(")[0].strip()} - {""}:
                    found.setdefault(word, set()).add(element.id)
        self._words = sorted(found.items(), key=lambda one: (-len(one[0]), one[0]))

    def named(self, text: str) -> tuple[str, ...]:
        """Return the elements that `text` names, sorted; the longest words count first."""
        rest, elements = plain(text), set()
        for word, meant in self._words:
            if word in rest:
                elements |= meant
                rest = rest.replace(word, _USED)
        return tuple(sorted(elements))

    def near(self, text: str) -> tuple[str, ...]:
        """Return the elements that `text` may mean, sorted: those that it names, else the likest.

        At least 60 % of the letters of both agree in order; empty where no word is that near.
        """
        said = plain(text)
        if not said or (named := self.named(said)):
            return named if said else ()
        scored = [(Indel.normalized_similarity(said, word), meant) for word, meant in self._words]
        best = max((share for share, _ in scored), default=0.0)
        if best < _NEAR:
            return ()
        return tuple(sorted(set().union(*(meant for share, meant in scored if share == best))))


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Sequence[str]]:
    text = resources.files("analysis.sources.opinions").joinpath("words.yaml").read_text("utf-8")
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    return cast("Mapping[str, Sequence[str]]", document["words"])
