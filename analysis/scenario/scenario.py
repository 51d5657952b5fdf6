"""Scenario: modifications in order, with an id that follows from what they say."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import isfinite

from analysis.scenario.modifications import AnyModification, kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Modifications, applied one after another to an untouched baseline."""

    title: str
    modifications: tuple[AnyModification, ...]

    @property
    def scenario_id(self) -> str:
        """Return what names the scenario: 16 hex digits of the SHA-256 of its modifications.

        Its title does not count, nor how the file was laid out.
        """
        plain = [{"kind": kind_of(one), **asdict(one)} for one in self.modifications]
        text = json.dumps(_without_gaps(plain), sort_keys=True, ensure_ascii=False)
        return sha256(text.encode()).hexdigest()[:16]

    @property
    def days(self) -> tuple[str, ...]:
        """Return the days on which something changes, ascending; empty for what always holds."""
        return tuple(sorted({one.since for one in self.modifications}))

    def on(self, day: str) -> "Scenario":
        """Return what holds on `day` (ISO date)."""
        held = tuple(one for one in self.modifications if one.since <= day)
        return Scenario(title=self.title, modifications=held)


def _without_gaps(value: object) -> object:
    """Return `value` with numbers that are none as None, which JSON can write."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _without_gaps(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_gaps(one) for one in value]
    return value
