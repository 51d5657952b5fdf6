"""AgreementCertificate: how far a foreign engine agrees with a study, fit to stand in a report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, isfinite
from typing import Final

import numpy as np

from analysis.certainty.residuals import (
    LARGE_M,
    Cause,
    Measurements,
    RuleSet,
    agree,
    apart_m,
    causes,
)
from analysis.messages import Message, Name, message
from analysis.units import FloatArray

THRESHOLDS_M: Final = (300.0, 500.0, 1000.0)  # the walks that standards name
PEER_THRESHOLDS_M: Final = (400.0, 800.0, 1200.0)  # for comparison with published figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A foreign engine: its name and version, and whether it was given the edges of plazas."""

    name: str
    version: str
    plazas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far one set of figures agrees with theirs.

    `share` of walks within 15 m or 1 %; `median_m`, `p90_m`, `p99_m` of the absolute difference
    (inf where that many have no walk); `same_class` by threshold in metres: the share of walks on
    which both say the same of "no longer than"; `large` walks differ by more than 60 m.
    """

    share: float
    median_m: float
    p90_m: float
    p99_m: float
    same_class: Mapping[float, float]
    large: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """One walk on which the engines differ: from a home to a facility, both by their ids.

    `from_lonlat`, `to_lonlat`: the two places on streets, degrees. Metres are inf where there is no
    walk.
    """

    point_id: str
    facility_id: str
    from_lonlat: tuple[float, float]
    to_lonlat: tuple[float, float]
    ours_m: float
    theirs_m: float
    harmonised_m: float
    moved_m: float
    cause: Cause
    rules: RuleSet

    @property
    def gap_m(self) -> float:
        """Return their metres less ours."""
        return self.theirs_m - self.ours_m


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementCertificate:
    """A study re-measured by an engine that nobody here wrote.

    Attributes
    ----------
    title, study_digest, extract, extract_sha256, walker
        What was re-measured, from which extract, and for whom.
    engine, seed, asked
        By whom; which sample was drawn, and how many walks were asked for.
    walks, reported
        Walks re-measured, and how many of them the study itself reports.
    raw, harmonised
        Agreement as the two engines are, and once ours walks the streets that theirs does.
    by_cause
        Number of walks by cause.
    by_rule
        Number of walks outside the tolerance by access rule on which the engines differ; a walk may
        meet several.
    rule_notes
        What the rules of our table say, by their ids.
    residuals
        All walks outside the tolerance, largest difference first.
    own_gap_m
        Largest difference between the study's figures and ours when asked again.
    """

    title: str
    study_digest: str
    extract: str
    extract_sha256: str
    walker: str
    engine: Engine
    seed: int
    asked: int
    walks: int
    reported: int
    raw: Agreement
    harmonised: Agreement
    by_cause: Mapping[Cause, int]
    by_rule: Mapping[str, int]
    rule_notes: Mapping[str, Name]
    residuals: tuple[Residual, ...]
    own_gap_m: float

    @property
    def large(self) -> tuple[Residual, ...]:
        """Return the residuals of more than 60 m."""
        return tuple(one for one in self.residuals if abs(one.gap_m) > LARGE_M)

    @property
    def statement(self) -> Message:
        """Return the certificate in one sentence."""
        if self.walks == 0:
            return message("certainty.nothing")
        outside = len(self.residuals)
        unexplained = self.by_cause[Cause.UNEXPLAINED]
        if outside == 0:
            rest = message("certainty.rest.none")
        elif unexplained:
            rest = message("certainty.rest.some", count=outside, unexplained=unexplained)
        else:
            rest = message("certainty.rest.explained", count=outside)
        return message(
            "certainty.statement",
            walks=self.walks,
            engine=self.engine.name,
            version=self.engine.version,
            share=agreement_share(self.raw.share),
            harmonised=agreement_share(self.harmonised.share),
            rest=rest,
        )


def agreement(ours_m: FloatArray, theirs_m: FloatArray) -> Agreement:
    """Return how far figures of ours (float64 [k], inf: no walk) agree with theirs."""
    gap_m = apart_m(ours_m, theirs_m)
    if len(gap_m) == 0:
        nothing = float("nan")
        return Agreement(
            share=nothing, median_m=nothing, p90_m=nothing, p99_m=nothing, same_class={}, large=0
        )
    # Of two neighbours the larger: interpolating towards "no walk" would make inf of both.
    median_m, p90_m, p99_m = np.quantile(gap_m, [0.5, 0.9, 0.99], method="higher").tolist()
    return Agreement(
        share=float(agree(ours_m, theirs_m).mean()),
        median_m=median_m,
        p90_m=p90_m,
        p99_m=p99_m,
        same_class={
            limit_m: float(((ours_m <= limit_m) == (theirs_m <= limit_m)).mean())
            for limit_m in (*THRESHOLDS_M, *PEER_THRESHOLDS_M)
        },
        large=int((gap_m > LARGE_M).sum()),
    )


def residuals_of(
    found: Measurements,
    *,
    point_id: tuple[str, ...],
    facility_id: tuple[str, ...],
    from_lonlat: FloatArray,
    to_lonlat: FloatArray,
) -> tuple[tuple[Residual, ...], Mapping[Cause, int]]:
    """Return the walks outside the tolerance, largest first, and the count of each cause.

    `point_id`, `facility_id` [k] and `from_lonlat`, `to_lonlat` float64 [k, 2] like `found`.
    """
    cause = causes(found)
    outside = [row for row, one in enumerate(cause) if one not in (Cause.SAME, Cause.TIE)]
    gap_m = apart_m(found.ours_m, found.theirs_m)
    residuals = tuple(
        Residual(
            point_id=point_id[row],
            facility_id=facility_id[row],
            from_lonlat=_place(from_lonlat, row),
            to_lonlat=_place(to_lonlat, row),
            ours_m=float(found.ours_m[row]),
            theirs_m=float(found.theirs_m[row]),
            harmonised_m=float(found.harmonised_m[row]),
            moved_m=float(found.moved_m[row]),
            cause=cause[row],
            rules=found.rules[row],
        )
        for row in sorted(outside, key=lambda i: (-gap_m[i], point_id[i], facility_id[i]))
    )
    counts = Counter(cause)
    return residuals, {one: counts[one] for one in Cause}


def rule_counts(residuals: tuple[Residual, ...]) -> Mapping[str, int]:
    """Return the number of walks by access rule, most first, ``+`` for what only they walk."""
    counts = Counter(
        name
        for one in residuals
        for name in (
            *(f"-{rule}" for rule in one.rules.ours_only),
            *(f"+{rule}" for rule in one.rules.theirs_only),
        )
    )
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _place(lonlat: FloatArray, row: int) -> tuple[float, float]:
    return float(lonlat[row, 0]), float(lonlat[row, 1])


def agreement_share(share: float) -> str:
    """Return a share as every page of a certificate prints it: hundredths of a per cent.

    Never rounded up: 100.00% means all of them. A dash where nothing was measured.
    """
    if not isfinite(share):
        return "–"
    return f"{floor(round(share * 1e4, 6)) / 1e4:.2%}"
