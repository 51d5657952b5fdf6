"""CoordinateCheck: what was declared about a file's coordinates, and how well it fits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.coordinates.datum import is_shifted_area
from analysis.coordinates.fit import (
    CoordinateVerdict,
    ReadingFit,
    judge_coordinates,
)
from analysis.coordinates.reading import AS_WRITTEN, OPTION, CoordinateReading, StatedCoordinates
from analysis.coordinates.surroundings import Surroundings
from analysis.messages import Message, message
from analysis.notices import Notice, notice
from analysis.units import FloatArray

LOOKS_OTHER: Final = "coordinates.looks_other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinateCheck:
    """One file's coordinates held against streets and buildings.

    Attributes
    ----------
    role, source
        What the file was given as, and its name without its folder.
    verdict
        How its coordinates were read (``verdict.declared``) and what the fit says of that.
    before
        The fit of the same numbers unshifted, where a shift was declared; else None.
    shift_m
        Median metres that the declared shift moved its points by; 0 where none was declared.
    unmoved
        How many points a declared shift does not apply to, since they are not in mainland China.
    """

    role: str
    source: str
    verdict: CoordinateVerdict
    before: ReadingFit | None
    shift_m: float
    unmoved: int

    @property
    def option(self) -> str:
        """Return the option that declares what the coordinates look like."""
        return f"{OPTION} {self.source}={self.verdict.likely.text}"

    @property
    def applied(self) -> ReadingFit:
        """Return the fit of the coordinates as they were read."""
        return self.verdict.fits[0]

    def text(self) -> Message:
        """Return the finding in words."""
        found = self.verdict
        likely = found.fit(found.likely)
        if found.verdict != "other" or likely is None:
            key = "coordinates.fits" if found.verdict == "fits" else "coordinates.untold"
            return message(
                key, source=self.source, declared=found.declared.text, count=found.points,
                fit=fit_text(self.applied),
            )  # fmt: skip
        return message(
            LOOKS_OTHER,
            source=self.source,
            likely=likely.reading.text,
            declared=found.declared.text,
            deciding=deciding_text(likely, self.applied),
            likely_fit=fit_text(likely),
            declared_fit=fit_text(self.applied),
            count=found.points,
            option=self.option,
        )

    def notices(self) -> tuple[Notice, ...]:
        """Return the warning of another likely reading, and what a declaration did."""
        told: list[Notice] = []
        declared = self.verdict.declared
        if self.verdict.verdict == "other":
            told.append(notice(LOOKS_OTHER, self.text(), (self.source,), "warning"))
        if declared != AS_WRITTEN:
            text = message(
                "coordinates.applied", source=self.source, declared=declared.text,
                count=self.verdict.points, after=fit_text(self.applied), shift=self._shift_text(),
            )  # fmt: skip
            told.append(notice("coordinates.applied", text, (self.source,)))
        if self.unmoved:
            text = message(
                "coordinates.not_shifted",
                source=self.source, declared=declared.text, count=self.unmoved,
            )  # fmt: skip
            told.append(notice("coordinates.not_shifted", text, (self.source,), "warning"))
        return tuple(told)

    def _shift_text(self) -> Message | str:
        if self.before is None:
            return ""
        return message("coordinates.shift", shift_m=self.shift_m, before=fit_text(self.before))


def fit_text(fit: ReadingFit) -> Message:
    """Return the figures of a fit in words."""
    if np.isnan(fit.street_median_m):
        return message("coordinates.fit_nowhere")
    key = "coordinates.fit_without" if np.isnan(fit.building_share) else "coordinates.fit"
    return message(
        key, building=fit.building_share, street_m=fit.street_median_m, inside=fit.inside_share
    )


def deciding_text(likely: ReadingFit, declared: ReadingFit) -> Message:
    """Return the one figure that speaks most for `likely` against `declared`, in words.

    The study area where it holds next to none of the points as declared; else buildings or
    streets, whichever moved the score more (streets count half: :mod:`analysis.coordinates.fit`).
    """
    building = likely.building_share - declared.building_share
    street = (likely.street_share - declared.street_share) / 2.0
    if np.isnan(declared.street_median_m) or np.isnan(street):
        name = "inside"
    else:
        name = "street" if np.isnan(building) or building < street else "building"
    return message(
        f"coordinates.by_{name}",
        likely=likely.reading.text,
        declared=declared.reading.text,
        good=getattr(likely, f"{name}_share"),
        bad=getattr(declared, f"{name}_share"),
    )


def check_coordinates(
    files: Iterable[StatedCoordinates], around: Surroundings
) -> tuple[CoordinateCheck, ...]:
    """Hold each file's coordinates against what surrounds them; files without any are left out."""
    return tuple(_check(one, around) for one in files if np.isfinite(one.pairs).all(axis=1).any())


def _check(one: StatedCoordinates, around: Surroundings) -> CoordinateCheck:
    verdict = judge_coordinates(one.pairs, one.declared, around, outlines=one.outlines)
    shifted = not one.declared.is_code and one.declared.system != "wgs84"
    if not shifted:
        return CoordinateCheck(
            role=one.role, source=one.source, verdict=verdict, before=None, shift_m=0.0, unmoved=0
        )
    plain = CoordinateReading("wgs84", one.declared.swapped)
    after, before = one.declared.lonlat(one.pairs), plain.lonlat(one.pairs)
    stated = np.isfinite(after).all(axis=1)
    return CoordinateCheck(
        role=one.role,
        source=one.source,
        verdict=verdict,
        before=judge_coordinates(one.pairs, plain, around, outlines=one.outlines).fits[0],
        shift_m=_median_m(after[stated], before[stated], around),
        unmoved=int((~is_shifted_area(after[stated])).sum()),
    )


def _median_m(one: FloatArray, other: FloatArray, around: Surroundings) -> float:
    apart = around.crs.project(one) - around.crs.project(other)
    return float(np.median(np.hypot(apart[:, 0], apart[:, 1])))
