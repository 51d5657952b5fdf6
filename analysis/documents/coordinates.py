"""What was declared and found about the coordinates of each file, as plain JSON."""

from collections.abc import Iterable

from analysis.coordinates.check import CoordinateCheck
from analysis.coordinates.fit import ReadingFit
from analysis.documents.plain import number, texts


def coordinates_document(check: CoordinateCheck) -> dict[str, object]:
    """Return a check as JSON values.

    ``declared`` is how the coordinates were read (``wgs84`` where nobody declared anything),
    ``likely`` what they look like (equal to it unless ``verdict`` is ``other``), ``option`` what
    would declare that.
    """
    found = check.verdict
    return {
        "declared": found.declared.text,
        "verdict": found.verdict,
        "likely": found.likely.text,
        "option": check.option if found.verdict == "other" else None,
        "points": found.points,
        "shift_m": number(check.shift_m),
        "before": None if check.before is None else _fit(check.before),
        "fits": [_fit(one) for one in found.fits],
        **texts(check.text()),
    }


def of_file(checks: Iterable[CoordinateCheck], role: str, name: str) -> dict[str, object] | None:
    """Return the check of one file; None where its coordinates were not checked."""
    found = next((one for one in checks if (one.role, one.source) == (role, name)), None)
    return None if found is None else coordinates_document(found)


def _fit(fit: ReadingFit) -> dict[str, object]:
    return {
        "reading": fit.reading.text,
        "inside_share": number(fit.inside_share),
        "building_share": number(fit.building_share),
        "street_share": number(fit.street_share),
        "street_median_m": number(fit.street_median_m),
        "shift_m": number(fit.shift_m),
        "better_t": number(fit.better_t),
        "peak_t": number(fit.peak_t),
    }
