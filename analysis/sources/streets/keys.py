"""The tag keys without which no object of an extract is a street, a barrier or a gate."""

from collections.abc import Iterable

from analysis.sources.osm.complete_area import COAST_KEY
from analysis.sources.osm.object_lines import TagKeys
from analysis.sources.streets.access import AccessRules, Condition


def street_keys(rules: AccessRules) -> TagKeys:
    """Return the keys of the objects that network, barriers and the data's edge are made of."""
    compounds = rules.compounds
    drawn = _first_keys(
        (
            *rules.scope,
            *(line.condition for line in rules.lines),
            *compounds.residential,
            compounds.walled,
        )
    )
    return TagKeys(
        nodes=_first_keys(
            (
                *(rule.condition for rule in (*rules.nodes, *rules.passages)),
                *rules.signals.signal,
                *rules.signals.no_signal,
                *rules.gates,
                *rules.ring_gates,
                *rules.crossings,
            )
        ),
        ways=drawn | {COAST_KEY},
        relations=drawn,
    )


def _first_keys(conditions: Iterable[Condition]) -> frozenset[str]:
    """Return one key of each condition: it holds only for what carries all of its keys."""
    return frozenset(condition.when[0][0] for condition in conditions)
