"""Years: what a scenario with dates comes to, day by day on which something changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.scenario.evaluation import ScenarioResult, WhatIf
from analysis.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioDay:
    """All that holds on one day (ISO date; empty for what holds from the start), judged."""

    day: str
    result: ScenarioResult


def over_the_years(session: WhatIf, scenario: Scenario) -> Iterator[ScenarioDay]:
    """Yield the scenario as it stands on each day on which something changes, in order.

    The first is the baseline where nothing holds from the start.
    """
    days = scenario.days
    for day in days if days[:1] == ("",) else ("", *days):
        yield ScenarioDay(day=day, result=session.evaluate(scenario.on(day)))
