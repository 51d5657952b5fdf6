"""Streets of a scenario: paths joined, streets cut, closed ones, and links moved onto pieces."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import link_points
from analysis.scenario.edited_streets import edit_streets
from analysis.scenario.modifications import AddPath
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork, build_network
from analysis.streets.terrain import Terrain
from analysis.testing.cities import plain_standard
from analysis.walking import ArcFlag, Crossing

# Two parallel streets of 100 m, 100 m apart, joined at the left; nodes 1…4.
#   1 ──── 2     (0,100) – (100,100)
#   3 ──── 4     (0,0) – (100,0)


def ladder() -> WalkNetwork:
    return build_network(
        crs="EPSG:32649",
        node_id=np.array([1, 2, 3, 4]),
        node_xy_m=np.array([[0, 100], [100, 100], [0, 0], [100, 0]], dtype=float),
        arc_tail=np.array([0, 2, 0], dtype=np.int32),
        arc_head=np.array([1, 3, 2], dtype=np.int32),
        arc_way_id=np.array([10, 20, 30]),
    )


def closed(network: WalkNetwork, *arcs: int) -> np.ndarray:
    chosen = np.zeros(network.n_arcs, dtype=bool)
    chosen[list(arcs)] = True
    return chosen


def path(*line: tuple[float, float], kind: str = "path", name: str = "P") -> AddPath:
    return AddPath(id=name, line_m=tuple(line), kind=kind)  # type: ignore[arg-type]


def test_a_path_between_streets_cuts_both() -> None:
    before = ladder()
    edited = edit_streets(before, no_barriers(), closed(before), [path((60, 100), (60, 0))])
    after = edited.network
    assert (after.n_nodes, after.n_arcs) == (6, 6)  # two joints; two remainders and the path
    assert after.arc_length_m.tolist() == [60, 60, 100, 100, 40, 40]
    assert after.node_xy_m[4:].tolist() == [[60, 100], [60, 0]]
    assert after.arc_way_id.tolist() == [10, 20, 30, -1, 10, 20]
    assert after.n_components == 1
    lines = [after.arc_xy_m[a:b].tolist() for a, b in pairwise(after.arc_first)]
    assert lines[0] == [[0, 100], [60, 100]]
    assert lines[4] == [[60, 100], [100, 100]]
    assert edited.paths[0].ends_joined == (True, True)
    after.check()


def test_the_baseline_is_untouched() -> None:
    before = ladder()
    lengths, n = before.arc_length_m.copy(), before.n_nodes
    edit_streets(before, no_barriers(), closed(before, 1), [path((60, 100), (60, 0))])
    assert before.n_nodes == n
    assert np.array_equal(before.arc_length_m, lengths)
    assert not before.arc_flags.any()


def test_no_edits_change_nothing() -> None:
    before = ladder()
    after = edit_streets(before, no_barriers(), closed(before), []).network
    for name in ("node_id", "arc_tail", "arc_head", "arc_length_m", "arc_xy_m", "arc_component"):
        assert np.array_equal(getattr(after, name), getattr(before, name)), name


def test_an_end_near_a_street_is_led_onto_it_and_one_far_off_ends_there() -> None:
    before = ladder()
    edited = edit_streets(before, no_barriers(), closed(before), [path((60, 92), (60, 50))])
    after = edited.network
    assert edited.paths[0].ends_joined == (True, False)
    assert after.arc_length_m[3] == 50  # 8 m to the street, 42 m drawn
    assert after.node_xy_m[4:].tolist() == [[60, 100], [60, 50]]


def test_an_end_at_a_junction_takes_the_junction() -> None:
    before = ladder()
    after = edit_streets(
        before, no_barriers(), closed(before), [path((100, 99.8), (100, 0))]
    ).network
    assert (after.n_nodes, after.n_arcs) == (4, 4)
    assert (after.arc_tail[3], after.arc_head[3]) == (1, 3)


def test_a_path_meets_what_it_crosses_and_a_footbridge_does_not() -> None:
    before = ladder()
    walk = edit_streets(before, no_barriers(), closed(before), [path((60, 140), (60, -40))]).network
    assert (walk.n_nodes, walk.n_arcs) == (8, 8)  # two free ends, two crossings
    assert walk.n_components == 1
    bridge = edit_streets(
        before, no_barriers(), closed(before), [path((60, 140), (60, -40), kind="footbridge")]
    )
    assert (bridge.network.n_nodes, bridge.network.n_arcs) == (6, 4)
    assert bridge.network.n_components == 2
    assert bridge.network.arc_flags[3] == ArcFlag.BRIDGE | ArcFlag.UNLINKABLE


def test_a_crossing_has_a_signal_where_it_meets_streets() -> None:
    before = ladder()
    after = edit_streets(
        before, no_barriers(), closed(before), [path((60, 105), (60, 95), kind="crossing")]
    )
    told = after.network.crossing == Crossing.SIGNAL
    assert after.network.node_xy_m[told].tolist() == [[60, 100]]


def test_stairs_are_stairs() -> None:
    before = ladder()
    after = edit_streets(
        before, no_barriers(), closed(before), [path((60, 100), (60, 0), kind="stairs")]
    ).network
    assert after.arc_flags[3] == ArcFlag.STEPS
    assert after.class_names[after.arc_class[3]] == "steps"


def test_later_paths_meet_earlier_ones() -> None:
    before = ladder()
    after = edit_streets(
        before,
        no_barriers(),
        closed(before),
        [path((60, 100), (60, 0)), path((60, 50), (90, 50), name="Q")],
    ).network
    assert after.n_components == 1
    assert after.n_nodes == 8
    assert after.arc_length_m[3] == 50
    assert after.arc_length_m.sum() == 100 * 4 + 30


def test_a_closed_street_stays_and_leads_nowhere() -> None:
    before = ladder()
    edited = edit_streets(before, no_barriers(), closed(before, 2), [])
    flags = ArcFlag.NO_FORWARD | ArcFlag.NO_BACKWARD | ArcFlag.UNLINKABLE
    assert edited.network.arc_flags.tolist() == [0, 0, flags]
    assert edited.uncut.before.arc_flags.tolist() == [0, 0, flags]


def test_terrain_goes_on_over_the_pieces() -> None:
    before = ladder()
    hilly = replace(
        before,
        terrain=Terrain(
            run_first=np.array([0, 2, 3, 4], dtype=np.int32),
            run_m=np.array([50.0, 50.0, 100.0, 100.0]),
            grade=np.array([0.1, -0.1, 0.05, 0.0]),
            known_m=300.0,
        ),
    )
    terrain = edit_streets(
        hilly, no_barriers(), closed(hilly), [path((60, 100), (60, 0))]
    ).network.terrain
    assert terrain is not None
    runs = [
        (terrain.run_m[a:b].tolist(), terrain.grade[a:b].tolist())
        for a, b in pairwise(terrain.run_first)
    ]
    assert runs == [
        ([50, 10], [0.1, -0.1]),
        ([60], [0.05]),
        ([100], [0.0]),
        ([100], [0.0]),  # nobody has measured the new path
        ([40], [-0.1]),
        ([40], [0.05]),
    ]


def test_links_move_onto_the_pieces() -> None:
    before = ladder()
    edited = edit_streets(before, no_barriers(), closed(before), [path((60, 100), (60, 0))])
    rules, adult = LinkRules(), plain_standard().profile("adult")
    spots = np.array([[30.0, 110.0], [80.0, 110.0], [60.0, -10.0]])
    links = link_points(
        spots,
        edited.uncut.before,
        linkable_arcs(edited.uncut.before, adult, rules),
        no_barriers(),
        rules,
    )
    moved = edited.uncut.on_pieces(links)
    at = {
        (point, int(arc)): float(offset)
        for point in range(3)
        for arc, offset in zip(
            moved.arc[moved.point_first[point] : moved.point_first[point + 1]],
            moved.offset_m[moved.point_first[point] : moved.point_first[point + 1]],
        )
    }
    assert at[0, 0] == 30
    assert at[1, 4] == 20  # on the second piece
    assert at[2, 5] == 0  # the joint itself
    assert np.array_equal(moved.access_m, links.access_m)


@pytest.mark.parametrize("seed", range(20))
def test_pieces_add_up_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = ladder()
    x = rng.uniform(1, 99, 5)
    edited = edit_streets(
        before,
        no_barriers(),
        closed(before),
        [path((one, 100), (one, 0), name=str(i)) for i, one in enumerate(x)],
    )
    total = np.bincount(
        np.repeat(np.arange(edited.uncut.whole.n_arcs), np.diff(edited.uncut.piece_first)),
        weights=edited.network.arc_length_m[edited.uncut.piece_arc],
    )
    assert np.array_equal(total, edited.uncut.whole.arc_length_m)
