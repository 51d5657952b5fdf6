"""Real cities re-measured by a foreign engine, and the log of what differs.

``docs/verification/residuals.csv`` lists every walk that differs by more than 60 m, with its cause.
``LIVING_CIRCLE_WRITE_LOG=1`` makes the slow tests write it anew.
"""

import csv
import os
import re
from math import isfinite
from pathlib import Path

from analysis.certainty.certificate import AgreementCertificate
from analysis.certainty.residuals import LARGE_M, Cause
from analysis.certainty.sampling import StudyWalks
from analysis.sources.second_engine.opinion import Ask, StudyToCheck, second_opinion
from analysis.study import Study
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph
from tests.real_cities import real_study

SEED = 1
PAIRS = 2200
CITIES = {
    "monaco": ("monaco_2023.osm.pbf", {"boundary": "monaco_boundary.geojson"}),
    "las_palmas": (
        "las_palmas_2023.osm.pbf",
        {"circles": "las_palmas_school_districts_epsg5635.geojson"},
    ),
    "tsinghua": ("beijing_tsinghua_2017.osm.pbf", {}),
}
DOCS = Path(__file__).resolve().parents[2] / "docs"
LOG = DOCS / "verification" / "residuals.csv"
COLUMNS = (
    "engine", "city", "home", "facility", "from_lon", "from_lat", "to_lon", "to_lat", "ours_m",
    "theirs_m", "on_the_same_streets_m", "ends_moved_m", "cause", "only_we_walk", "only_they_walk",
    "where",
)  # fmt: skip


def made_study(study: Study, digest: str) -> StudyToCheck:
    """Return a study that was just made; `digest` is its document's."""
    inputs = study.inputs
    return StudyToCheck(
        title=inputs.title,
        digest=digest,
        crs=inputs.crs,
        profile=study.profile,
        walks=StudyWalks(
            graph=walk_graph(inputs.network, walk_costs(inputs.network, study.profile, "metres")),
            points=study.points,
            entrances=study.entrances,
            point_xy_m=inputs.demand.xy_m,
            entrance_xy_m=inputs.facilities.entrance_xy_m,
            entrance_first=inputs.facilities.entrance_first,
            nearest=study.reach.nearest,
            walk_m=study.reach.walk_m,
        ),
        point_id=inputs.demand.point_id,
        facility_id=inputs.facilities.source_id,
    )


def city_opinion(
    shared_data: Path,
    name: str,
    pairs: int = PAIRS,
    *,
    seed: int = SEED,
    plazas: bool = False,
    ask: Ask | None = None,
) -> AgreementCertificate:
    """Make the study of a shared city and have it re-measured."""
    file, layers = CITIES[name]
    source = shared_data / file
    study = real_study(source, **{role: shared_data / layer for role, layer in layers.items()})
    return second_opinion(
        made_study(study, ""), source, sha256="", pairs=pairs, seed=seed, plazas=plazas, ask=ask
    )


def assert_agreed(found: AgreementCertificate, raw_share: float = 0.9) -> None:
    """Check the bar: what must hold of any engine in any city."""
    assert found.own_gap_m <= 0.001  # the study's own figures, asked for again
    assert found.raw.share >= raw_share
    assert found.harmonised.share >= 0.98
    for limit_m in (300.0, 500.0, 1000.0):
        assert found.raw.same_class[limit_m] >= 0.99, limit_m
        assert found.harmonised.same_class[limit_m] >= 0.99, limit_m
    assert found.by_cause[Cause.UNEXPLAINED] == 0
    assert all(one.rules or one.cause == Cause.SNAP for one in found.large)
    assert len(found.large) == sum(abs(one.gap_m) > LARGE_M for one in found.residuals)


def assert_logged(found: AgreementCertificate, name: str) -> None:
    """Check that the page explains every rule on which a walk differs by more than 60 m.

    Writes the log of this engine and city first where that is asked for.
    """
    if os.environ.get("LIVING_CIRCLE_WRITE_LOG"):
        _write(found, name)
    explained = set(
        re.findall(r"`([+-][a-z_]+\.[a-z_/]+)`", (DOCS / "verification.md").read_text())
    )
    met = {
        mark + rule
        for one in found.large
        for mark, rules in (("-", one.rules.ours_only), ("+", one.rules.theirs_only))
        for rule in rules
    }
    assert met <= explained


def _write(found: AgreementCertificate, name: str) -> None:
    engine = found.engine.name + (" with plazas" if found.engine.plazas else "")
    kept: list[dict[str, str]] = []
    if LOG.exists():
        with LOG.open(newline="") as file:
            kept = [
                row
                for row in csv.DictReader(file)
                if (row["engine"], row["city"]) != (engine, name)
            ]
    for one in found.large:
        figures = (*one.from_lonlat, *one.to_lonlat)
        kept.append(
            dict(
                zip(
                    COLUMNS,
                    (engine, name, one.point_id, one.facility_id, *(f"{v:.6f}" for v in figures),
                     *(_metres(v) for v in (one.ours_m, one.theirs_m, one.harmonised_m, one.moved_m)),
                     one.cause.value, " ".join(one.rules.ours_only), " ".join(one.rules.theirs_only),
                     " ".join(one.rules.where)),
                    strict=True,
                )
            )
        )  # fmt: skip
    kept.sort(key=lambda row: (row["engine"], row["city"]))  # stable: largest first within
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def _metres(value: float) -> str:
    return f"{value:.1f}" if isfinite(value) else "no walk"
