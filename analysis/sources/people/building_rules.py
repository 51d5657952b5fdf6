"""BuildingRules: what makes a building a home, and what its floor area stands for (data)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Literal

import yaml

from analysis.sources.files.columns import plain

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_FEET: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:'|ft|feet)")
_FOOT_M: Final = 0.3048


Place = Literal["land", "street"]  # what makes an unstated building a home: where it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingRules:
    """The rules of ``building_rules.yaml``.

    Attributes
    ----------
    levels
        Storeys to assume by building value, for homes and for values that say nothing.
    residential, unspecified
        Building values that are homes, and those that say nothing about their use.
    home_tags, not_in_use, residential_land, home_streets, other_land
        Tags, any of whose values decides.
    home_street_m
        How far from a residential street a building of unstated use may stand, metres.
    service_keys
        Keys of services.
    min_footprint_m2, nested_share, storey_height_m, max_levels
        Limits and the height of a storey.
    m2_per_person, persons_per_household, home_share, mixed_home_share
        What floor area stands for; the shares are 0…1.
    """

    levels: Mapping[str, float]
    residential: frozenset[str]
    unspecified: frozenset[str]
    home_tags: Mapping[str, tuple[str, ...]]
    not_in_use: Mapping[str, tuple[str, ...]]
    residential_land: Mapping[str, tuple[str, ...]]
    home_streets: Mapping[str, tuple[str, ...]]
    other_land: Mapping[str, tuple[str, ...]]
    service_keys: tuple[str, ...]
    home_street_m: float
    min_footprint_m2: float
    nested_share: float
    storey_height_m: float
    max_levels: float
    m2_per_person: float
    persons_per_household: float
    home_share: float
    mixed_home_share: float

    def rule_of(self, tags: Mapping[str, str], *, place: Place | None) -> str | None:
        """Return the rule by which a building is a home, None where it is none.

        The rule is its building value, followed by ``+land`` or ``+street`` where only the
        residential land or street it stands on says so, by ``+tag`` where another tag does, and by
        ``+mixed`` where it also holds a service.
        """
        value = tags.get("building", "")
        if has_any(tags, self.not_in_use):
            return None
        service = any(key in tags for key in self.service_keys)
        rule: str | None = None
        if value in self.residential:
            rule = value
        elif value in self.unspecified and has_any(tags, self.home_tags):
            rule = f"{value}+tag"
        elif value in self.unspecified and place is not None and not service:
            rule = f"{value}+{place}"
        return f"{rule}+mixed" if rule is not None and service else rule

    def stated_levels(self, tags: Mapping[str, str]) -> float | None:
        """Return storeys from ``building:levels``, else from ``height``; None where unreadable.

        Several numbers (``6;7``, ``1-3``) count with their mean, ``6+1`` as seven.
        """
        levels = plain(tags.get("building:levels", ""))
        numbers = [float(one) for one in _NUMBER.findall(levels)]
        if numbers and not levels.startswith("-"):
            mean = sum(numbers) / (1 if "+" in levels else len(numbers))
            if 0 < mean <= self.max_levels:
                return mean
        height_m = _height_m(tags.get("height", ""))
        if height_m is None or height_m > self.max_levels * self.storey_height_m:
            return None
        return float(max(1, round(height_m / self.storey_height_m)))


def has_any(tags: Mapping[str, str], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether `tags` hold one of the wanted values under any of the wanted keys."""
    return any(tags.get(key) in values for key, values in wanted.items())


@lru_cache(maxsize=1)
def building_rules() -> BuildingRules:
    """Return the packaged rules."""
    text = (
        resources.files("analysis.sources.people")
        .joinpath("building_rules.yaml")
        .read_text("utf-8")
    )
    data: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    homes, others = data["residential"], data["unspecified"]
    return BuildingRules(
        levels={value: float(rule["levels"]) for value, rule in {**homes, **others}.items()},
        residential=frozenset(homes),
        unspecified=frozenset(others),
        home_tags=_alternatives(data["home_tags"]),
        not_in_use=_alternatives(data["not_in_use"]),
        residential_land=_alternatives(data["residential_land"]),
        home_streets=_alternatives(data["home_streets"]),
        other_land=_alternatives(data["other_land"]),
        service_keys=tuple(data["service_keys"]),
        **{name: float(rule["value"]) for name, rule in data["numbers"].items()},
    )


def _alternatives(data: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in data.items()}


def _height_m(text: str) -> float | None:
    cleaned = plain(text)
    feet = _FEET.match(cleaned)
    if feet:
        return float(feet.group(1)) * _FOOT_M
    found = _NUMBER.match(cleaned)
    return float(found.group(0)) if found and float(found.group(0)) > 0 else None
