"""The second opinion's own arithmetic: causes, routes, samples and certificates, by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.certainty import sampling
from analysis.certainty.certificate import (
    AgreementCertificate,
    Engine,
    agreement,
    residuals_of,
    rule_counts,
)
from analysis.certainty.residuals import (
    Cause,
    Measurements,
    RuleSet,
    agree,
    causes,
    differing_rules,
    follows_other_streets,
)
from analysis.certainty.routes import Route, Router
from analysis.certainty.sampling import (
    FARTHEST_M,
    NEAREST,
    OTHER,
    SampledWalks,
    StudyWalks,
    places_on,
    sample_walks,
)
from analysis.certainty.streets import (
    NO_STRETCH,
    Openness,
    Positions,
    Streets,
    between_nodes,
    spots_of_ways,
)
from analysis.documents.certificate import certificate_document, certificate_text
from analysis.documents.plain import leaves
from analysis.messages import LANGUAGES, Name
from analysis.testing.studies import small_study
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

INF = np.inf


def measured(**columns) -> Measurements:
    """Return measurements of which only some columns matter."""
    k = len(next(iter(columns.values())))
    ours = np.asarray(columns.get("ours_m", [100.0] * k), dtype=float)
    theirs = np.asarray(columns.get("theirs_m", ours), dtype=float)
    return Measurements(
        ours_m=ours,
        redrawn_m=np.asarray(columns.get("redrawn_m", ours), dtype=float),
        theirs_m=theirs,
        harmonised_m=np.asarray(columns.get("harmonised_m", theirs), dtype=float),
        moved_m=np.asarray(columns.get("moved_m", [0.0] * k), dtype=float),
        tied=np.asarray(columns.get("tied", [False] * k)),
        rules=tuple(columns.get("rules", [RuleSet()] * k)),
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [(100, 115, True), (100, 115.1, False), (100, 85, True), (100, 84.9, False),
     (1500, 1515, True), (1500, 1515.1, False), (2000, 2020, True), (2000, 2020.1, False),
     (2000, 1980, True), (INF, INF, True), (INF, 100, False), (100, INF, False), (0, 15, True)],
)  # fmt: skip
def test_the_tolerance_is_15_m_or_one_per_cent_of_ours(ours, theirs, same):
    assert agree(np.array([ours], float), np.array([theirs], float)).tolist() == [same]


def test_every_difference_gets_the_cause_that_its_figures_prove():
    rule = RuleSet(ours_only=("path.open/area",))
    found = measured(
        #        same  tie   rule   snap  both  neither  ends  unreached  unexplained  ourselves
        ours_m=[100, 100, 100, 100, 100, 100, 100, 100, 100, 100],
        theirs_m=[110, 110, 300, 120, 300, 130, 300, INF, 300, 100],
        harmonised_m=[110, 110, 301, 120, 300, 130, 300, INF, 200, 100],
        moved_m=[0, 0, 0, 8, 8, 0, 0.1, 0, 9, 0],
        tied=[False, True, True, True, True, False, True, True, True, False],
        redrawn_m=[100, 100, 100, 100, 100, 100, 100, 100.1, 100, 101],
        rules=[rule, rule, rule, rule, rule, rule, RuleSet(), rule, rule, RuleSet()],
    )
    assert causes(found) == (
        Cause.SAME,
        Cause.TIE,
        Cause.ACCESS_RULE,  # their figure comes out once ours walks their streets
        Cause.SNAP,  # moved by 8 m, differs by no more than that and the tolerance
        Cause.ACCESS_RULE,  # moved by 8 m, but that makes no 200 m
        Cause.ACCESS_RULE,
        Cause.SNAP,  # all streets open to both: only the ends can differ
        Cause.ACCESS_RULE,  # no walk by their rules, and none for us by their rules either
        Cause.UNEXPLAINED,  # their rules make 200 m of it, not 300
        Cause.UNEXPLAINED,  # they agree, but our kernels and this drawing do not
    )


# A street of four nodes, 0-1-2-3, 100 m each, and a detour 1-4-3 of 150 m each; node 2 may refuse.
#   way 10: 0-1, way 11: 1-2, way 12: 2-3, way 13: 1-4, 4-3
XY = np.array([[0, 0], [100, 0], [200, 0], [300, 0], [200, 100]], float)


def streets(**changed) -> Streets:
    made = Streets(
        node_id=np.arange(50, 55),
        node_xy_m=XY.copy(),
        tail=np.array([0, 1, 2, 1, 4], np.int32),
        head=np.array([1, 2, 3, 4, 3], np.int32),
        length_m=np.array([100.0, 100.0, 100.0, 150.0, 150.0]),
        way_id=np.array([10, 11, 12, 13, 13]),
        rule=np.array([0, 0, 1, 0, 0], np.int32),
        node_rule=np.full(5, -1, np.int32),
        rules=("path.open", "access.refused", "node.locked"),
    )
    return replace(made, **changed)


def openness(*, closed=(), one_way=(), refuses=()) -> Openness:
    forward, backward = np.ones(5, bool), np.ones(5, bool)
    refusing = np.zeros(5, bool)
    forward[list(closed)] = False
    backward[[*closed, *one_way]] = False
    refusing[list(refuses)] = True
    return Openness(forward=forward, backward=backward, refuses=refusing)


def at(*places) -> Positions:
    return Positions(
        stretch=np.array([stretch for stretch, _ in places], np.int32),
        offset_m=np.array([offset for _, offset in places], float),
    )


def route(open_: Openness, start, end, limit_m=1e4) -> Route:
    return Router(streets(), open_).between(at(start), at(end), np.array([limit_m]))[0]


def test_routes_are_shortest_and_name_their_stretches():
    assert route(openness(), (0, 40), (2, 70)) == Route(60 + 100 + 70, (0, 1, 2))
    assert route(openness(), (2, 70), (0, 40)) == Route(70 + 100 + 60, (2, 1, 0))
    assert route(openness(), (1, 20), (1, 90)) == Route(70, (1,))
    assert route(openness(), (1, 90), (1, 20)) == Route(70, (1,))
    assert route(openness(), (3, 150), (4, 0)).length_m == 0  # the same node from two stretches


def test_closed_stretches_are_walked_around_and_limits_end_a_walk():
    assert route(openness(closed=[1]), (0, 40), (2, 70)) == Route(60 + 300 + 30, (0, 3, 4, 2))
    assert route(openness(closed=[1]), (0, 40), (2, 70), limit_m=389).length_m == INF
    assert route(openness(closed=[1]), (0, 40), (2, 70), limit_m=390).length_m == 390
    assert route(openness(closed=[1, 3]), (0, 40), (2, 70)).length_m == INF
    nowhere = Router(streets(), openness()).between(
        at((NO_STRETCH, 0)), at((2, 70)), np.array([1e4])
    )
    assert nowhere == [Route(INF, ())]


def test_one_way_stretches_hold_for_through_walks_and_for_both_ends():
    assert route(openness(one_way=[1]), (0, 40), (2, 70)).length_m == 230
    assert route(openness(one_way=[1]), (2, 70), (0, 40)).length_m == 30 + 300 + 60
    # Backwards along the one-way stretch itself: on to its end, and round again.
    assert route(openness(one_way=[1]), (1, 90), (1, 20)).length_m == 10 + 100 + 300 + 20
    assert route(openness(one_way=[1]), (1, 20), (1, 90)).length_m == 70


def test_a_node_that_refuses_may_be_arrived_at_but_not_passed():
    refusing = openness(refuses=[2])
    assert route(refusing, (0, 40), (1, 100)).length_m == 160
    assert route(refusing, (0, 40), (2, 70)).length_m == 60 + 300 + 30
    assert route(refusing, (2, 0), (1, 100)).length_m == 100 + 300 + 100  # its two sides
    assert route(refusing, (1, 100), (2, 0)).length_m == 100 + 300 + 100


def test_of_parallel_stretches_the_shortest_is_walked_and_zero_length_is_no_hole():
    twice = streets(
        tail=np.array([0, 1, 2, 1, 2], np.int32),
        head=np.array([1, 2, 3, 2, 3], np.int32),
        length_m=np.array([100.0, 100.0, 0.0, 80.0, 50.0]),
    )
    found = Router(twice, openness()).between(at((0, 100)), at((4, 50)), np.array([1e3]))
    assert found[0].length_m == pytest.approx(80, abs=1e-6)
    assert found[0].stretches[1:-1] == (3, 2)


def test_positions_are_found_by_the_ends_of_their_stretch_from_either_side():
    ends = np.array([[XY[1], XY[2]], [XY[2], XY[1]], [XY[0], XY[3]], [XY[2], XY[3]]])
    offset_m = np.array([30.0, 30.0, 5.0, 250.0])
    found = between_nodes(streets(), np.ones(5, bool), ends, offset_m)
    assert found.stretch.tolist() == [1, 1, NO_STRETCH, 2]
    assert found.offset_m[[0, 1, 3]].tolist() == [30, 70, 100]
    closed = between_nodes(streets(), np.arange(5) != 1, ends, offset_m)
    assert closed.stretch.tolist() == [NO_STRETCH, NO_STRETCH, NO_STRETCH, 2]


def test_spots_stand_on_the_named_ways_only_nearest_first():
    points = np.array([[199.9, 0.1], [199.9, 0.1], [50.0, 9.0]])
    ways = [frozenset({11, 12}), frozenset({12}), frozenset({10})]
    found = spots_of_ways(streets(), np.ones(5, bool), points, ways, 0.3)
    assert [found.stretch[list(found.rows(i))].tolist() for i in range(3)] == [[1, 2], [2], []]
    assert found.nearest().stretch.tolist() == [1, 2, NO_STRETCH]
    assert found.nearest().offset_m.tolist() == pytest.approx([99.9, 0.0, 0.0])
    assert found.picked([1, 2]).stretch.tolist() == [2, 2]


def test_rules_are_named_where_only_one_side_walks():
    ours, theirs = openness(closed=[2], refuses=[1]), openness(closed=[1], one_way=[3])
    named = replace(streets(), node_rule=np.array([-1, 2, -1, -1, -1], np.int32))
    straight, around = Route(300, (0, 1, 2)), Route(400, (0, 3, 4))
    assert differing_rules(named, ours, theirs, straight, around) == RuleSet(
        ours_only=("path.open",), theirs_only=("node.locked",), where=("node/51", "way/11")
    )
    assert differing_rules(named, ours, theirs, around, straight) == RuleSet(
        ours_only=("path.open/direction",),
        theirs_only=("access.refused", "node.locked"),
        where=("node/51", "way/12", "way/13"),
    )
    assert differing_rules(named, theirs, ours, around, around) == RuleSet(
        ours_only=("node.locked",),
        theirs_only=("path.open/direction",),
        where=("node/51", "way/13"),
    )
    unnamed = differing_rules(streets(), theirs, ours, around, around)
    assert unnamed.ours_only == ("node.theirs",)
    assert not differing_rules(named, ours, ours, straight, around)


def test_other_streets_are_those_beyond_the_tolerance_and_between_the_ends():
    one, other = Route(300, (0, 1, 2)), Route(400, (0, 3, 4, 2))
    assert follows_other_streets(streets(), one, other)
    assert not follows_other_streets(streets(), one, one)
    assert not follows_other_streets(streets(), one, Route(300, (0, 1, 4)))  # ends differ only
    short = replace(streets(), length_m=np.array([100.0, 5.0, 100.0, 5.0, 4.0]))
    assert not follows_other_streets(short, one, other)


def test_agreement_counts_missing_walks_as_disagreement():
    ours = np.array([100.0, 290.0, 295.0, 700.0, 900.0])
    theirs = np.array([105.0, 310.0, 299.0, 700.0, INF])
    found = agreement(ours, theirs)
    assert found.share == 3 / 5  # 290 against 310 and the missing walk lie outside
    assert (found.median_m, found.p90_m, found.p99_m) == (5.0, INF, INF)
    assert found.same_class == {
        300.0: 4 / 5, 500.0: 1.0, 1000.0: 4 / 5, 400.0: 1.0, 800.0: 1.0, 1200.0: 4 / 5,
    }  # fmt: skip
    assert found.large == 1


# The sample, on the small study: homes on y = 500 at x = 100, 300, 400, 700, 900, market at 200,
# school at 300, blocks of 100 m; nobody's clinic.
@pytest.fixture(scope="module")
def walks() -> StudyWalks:
    study = small_study()
    inputs = study.inputs
    return StudyWalks(
        graph=walk_graph(inputs.network, walk_costs(inputs.network, study.profile, "metres")),
        points=study.points,
        entrances=study.entrances,
        point_xy_m=inputs.demand.xy_m,
        entrance_xy_m=inputs.facilities.entrance_xy_m,
        entrance_first=inputs.facilities.entrance_first,
        nearest=study.reach.nearest,
        walk_m=study.reach.walk_m,
    )


def rows(found: SampledWalks) -> set[tuple[int, int]]:
    return set(zip(found.point.tolist(), found.facility.tolist(), strict=True))


def test_the_sample_holds_each_pair_once_and_measures_it_exactly(walks):
    found = sample_walks(walks, 1000, seed=5)
    assert len(rows(found)) == len(found)
    assert rows(found) == {(p, f) for p in range(6) for f in range(2)}  # all there are
    assert found.own_gap_m() == 0.0
    assert set(found.kind.tolist()) == {NEAREST, OTHER}
    assert (found.walk_m <= FARTHEST_M).all()
    # Facility rows: 0 market at x = 200, 1 school at x = 300; homes at 100, 300, 400, 700, 900.
    metres = {
        (p, f): w
        for p, f, w in zip(found.point.tolist(), found.facility.tolist(),
                           (found.walk_m + found.legs_m).tolist(), strict=True)
    }  # fmt: skip
    for p, x in enumerate((100, 300, 400, 700, 900)):
        assert metres[p, 0] == abs(x - 200)
        assert metres[p, 1] == abs(x - 300)


def test_no_walk_of_the_sample_is_longer_than_it_may_be(walks, monkeypatch):
    monkeypatch.setattr(sampling, "FARTHEST_M", 250.0)
    found = sample_walks(walks, 1000, seed=5)
    assert found.walk_m.max() <= 250
    # Homes at 100, 300, 400 are within 250 m of market (200) and school (300), 700 and 900 are not.
    assert {one for one in rows(found) if one[0] < 5} == {
        (p, f) for p in range(3) for f in range(2)
    }


def test_the_same_seed_draws_the_same_walks_and_another_others(walks):
    one, again, other = (sample_walks(walks, 4, seed) for seed in (1, 1, 2))
    assert len(one) == 4
    for name in SampledWalks.__slots__:
        assert np.array_equal(getattr(one, name), getattr(again, name), equal_nan=True)
    assert rows(one) != rows(other)
    assert (one.kind == NEAREST).sum() == 3  # seven in ten


def test_a_sample_of_nothing_is_empty(walks):
    alone = replace(walks, nearest=np.full_like(walks.nearest, -1), walk_m=walks.walk_m + INF)
    nobody = replace(
        alone,
        points=replace(
            walks.points,
            point_first=np.zeros_like(walks.points.point_first),
            **{name: getattr(walks.points, name)[:0] for name in ("arc", "offset_m", "access_m")},
        ),
    )
    assert len(sample_walks(nobody, 10, seed=0)) == 0


def test_positions_on_arcs_are_found_in_the_drawing(walks):
    network = walks.graph.network
    arc = np.array([0, 0, 0], np.int32)
    length = float(network.arc_length_m[0])
    found = places_on(network, arc, np.array([0.0, length / 4, length]))
    line = network.arc_xy_m[network.arc_first[0] : network.arc_first[1]]
    assert found.piece_m.tolist() == [line.tolist()] * 3
    assert found.along_m.tolist() == [0.0, length / 4, length]
    assert found.xy_m.tolist() == [
        line[0].tolist(), (line[0] + (line[1] - line[0]) / 4).tolist(), line[1].tolist(),
    ]  # fmt: skip


def certificate(found: Measurements, **changed) -> AgreementCertificate:
    k = len(found.ours_m)
    residuals, by_cause = residuals_of(
        found,
        point_id=tuple(f"home/{i}" for i in range(k)),
        facility_id=tuple(f"shop/{i}" for i in range(k)),
        from_lonlat=np.zeros((k, 2)),
        to_lonlat=np.ones((k, 2)),
    )
    made = AgreementCertificate(
        title="小城", study_digest="d" * 64, extract="city.osm.pbf", extract_sha256="e" * 64,
        walker="adult", engine=Engine(name="Valhalla", version="3.5.1", plazas=True), seed=7,
        asked=10, walks=k, reported=k,
        raw=agreement(found.ours_m, found.theirs_m),
        harmonised=agreement(found.harmonised_m, found.theirs_m),
        by_cause=by_cause, by_rule=rule_counts(residuals),
        rule_notes={"path.open": Name("步道", "Footways")},
        residuals=residuals, own_gap_m=0.0,
    )  # fmt: skip
    return replace(made, **changed)


def test_the_certificate_says_how_many_and_why():
    rule = RuleSet(ours_only=("path.open/area",), theirs_only=("node.theirs",))
    found = measured(
        ours_m=[100, 100, 500, 100], theirs_m=[100, 300, 430, INF],
        harmonised_m=[100, 300, 500, INF], rules=[RuleSet(), rule, RuleSet(), rule],
    )  # fmt: skip
    made = certificate(found)
    assert [one.point_id for one in made.residuals] == ["home/3", "home/1", "home/2"]
    assert [one.cause for one in made.residuals] == [
        Cause.ACCESS_RULE, Cause.ACCESS_RULE, Cause.UNEXPLAINED,
    ]  # fmt: skip
    assert [one.point_id for one in made.large] == ["home/3", "home/1", "home/2"]
    assert made.by_rule == {"+node.theirs": 2, "-path.open/area": 2}
    assert made.by_cause[Cause.SAME] == 1
    told = made.statement.text("en")
    assert told.startswith("Of 4 walks re-measured by Valhalla 3.5.1, 25.00% agree")
    assert "75.00% once both walk the same streets" in told
    assert told.endswith("Of the 3 outside the tolerance, 1 has no known cause.")


@pytest.mark.parametrize(
    ("found", "ending"),
    [(measured(ours_m=[100.0]), "No walk lies outside the tolerance."),
     (measured(ours_m=[100.0], theirs_m=[200.0]), "outside the tolerance are known.")],
)  # fmt: skip
def test_the_statement_ends_as_the_figures_do(found, ending):
    assert certificate(found).statement.text("en").endswith(ending)


def test_the_documents_are_plain_and_speak_both_languages():
    rule = RuleSet(ours_only=("path.open/area", "path.open/direction"))
    found = measured(ours_m=[100, 100], theirs_m=[INF, 300], rules=[rule, rule])
    made = certificate(found)
    document = certificate_document(made)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["residuals"][0]["theirs_m"] is None
    assert document["raw"]["p99_m"] is None
    assert set(document["raw"]["same_class_share"]) == {"300", "500", "1000", "400", "800", "1200"}
    assert document["rules"]["-path.open/area"] == {
        "walks": 2, "zh": "步道、广场等面状区域的边缘", "en": "Footways, the edge of a plaza or other area",
    }  # fmt: skip
    assert all(one is None or isinstance(one, (str, int, float, bool)) for one in leaves(document))
    for language, words in (("en", "walks that differ by more than 60 m (2)"),
                            ("zh", "差异超过 60 米的路线（2 条）")):  # fmt: skip
        page = certificate_text(made, language)
        assert words in page
        assert "{" not in page
        assert "| 0.00% |" in page or "0.00%" in page
    assert LANGUAGES == ("zh", "en")


def test_a_certificate_of_nothing_says_so():
    none = measured(ours_m=np.empty(0))
    made = certificate(none)
    assert made.statement.key == "certainty.nothing"
    document = certificate_document(made)
    assert document["raw"]["share_within_tolerance"] is None
    assert "–" in certificate_text(made, "en")
