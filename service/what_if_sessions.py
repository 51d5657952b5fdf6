"""WhatIfSessions: studies kept ready for scenarios, and the answers that were given."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Literal

from analysis.documents.scenario import difference_document, reach_document
from analysis.errors import NoResultError
from analysis.messages import Message, message
from analysis.scenario.difference import difference
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.scenario import Scenario
from analysis.scenario.years import over_the_years
from analysis.sources.scenarios.reading import OpenedScenario
from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import StoredStudy
from analysis.study import Study, StudyInputs, analyse

Parts = Literal["reach", "all"]
_ANSWERS: Final = 64  # scenarios of one study whose answers are kept


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A scenario that was asked about, and what was answered by how much of it was asked."""

    scenario: Scenario
    warnings: tuple[Message, ...]
    answers: dict[tuple[Parts, bool], Mapping[str, Any]] = field(default_factory=dict)


class WhatIfSession:
    """One study ready for scenarios; one thread at a time works them out."""

    def __init__(self, study: Study) -> None:
        self._study, self._what_if = study, WhatIf(study)
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._lock = Lock()

    @property
    def inputs(self) -> StudyInputs:
        """Return what scenarios are checked against."""
        return self._study.inputs

    def answer(
        self, opened: OpenedScenario, parts: Parts, *, days: bool, on: str | None = None
    ) -> Mapping[str, Any]:
        """Return what a sound scenario changes; on a day, what holds on it.

        Raises :class:`~analysis.errors.InvalidScenarioError` where anything forbids it.
        """
        scenario = opened.sound("scenario")
        scenario = scenario if on is None else scenario.on(on)
        warnings = tuple(one.told for one in opened.problems)
        with self._lock:
            held = self._asked.get(scenario.scenario_id)
            if held is None or (held.scenario.title, held.warnings) != (scenario.title, warnings):
                held = self._asked[scenario.scenario_id] = _Asked(scenario, warnings)
            while len(self._asked) > _ANSWERS:
                self._asked.popitem(last=False)
            return self._answer(held, parts, days=days)

    def again(self, scenario_id: str, parts: Parts, *, days: bool) -> Mapping[str, Any]:
        """Return what a scenario changes that was asked about before.

        Raises :class:`NoResultError` where none of the last ones has this id.
        """
        with self._lock:
            held = self._asked.get(scenario_id)
            if held is None:
                raise NoResultError(
                    message("api.unknown_scenario"),
                    remedy=message("api.unknown_scenario.remedy"),
                    source="scenario_id",
                    value=scenario_id,
                )
            return self._answer(held, parts, days=days)

    def _answer(self, held: _Asked, parts: Parts, *, days: bool) -> Mapping[str, Any]:
        self._asked.move_to_end(held.scenario.scenario_id)
        key = (parts, days)
        if key not in held.answers:
            held.answers[key] = self._made(held, parts, days=days)
        return held.answers[key]

    def _made(self, held: _Asked, parts: Parts, *, days: bool) -> Mapping[str, Any]:
        if parts == "reach":
            return reach_document(self._study, self._what_if.reach(held.scenario), held.warnings)
        result = self._what_if.evaluate(held.scenario)
        return difference_document(
            self._study,
            result,
            difference(self._study, result),
            held.warnings,
            over_the_years(self._what_if, held.scenario) if days else (),
        )


@dataclass(slots=True, eq=False)
class _Place:
    """Where a session will be: whoever comes first opens it, the others wait for it alone."""

    stored: StoredStudy
    lock: Lock = field(default_factory=Lock)
    session: WhatIfSession | None = None


class WhatIfSessions:
    """Sessions by study, opened when asked for; the least lately used goes first.

    Opening judges the study once more from the inputs that it holds, which takes as long as judging
    it did.

    Parameters
    ----------
    keep
        How many stay, > 0; each holds a whole study.
    """

    def __init__(self, *, keep: int = 2) -> None:
        self._keep = keep
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._lock = Lock()

    def open(
        self, stored: StoredStudy, judged: Callable[[StoredStudy], Study] | None = None
    ) -> WhatIfSession:
        """Return the session of a study, made anew where the study was read anew.

        `judged` makes the study; raises :class:`~analysis.errors.SourceDataError` where the saved
        inputs are damaged.
        """
        with self._lock:
            place = self._places.get(stored.id)
            if place is None or place.stored is not stored:
                place = self._places[stored.id] = _Place(stored)
            self._places.move_to_end(stored.id)
            while len(self._places) > self._keep:
                self._places.popitem(last=False)
        with place.lock:
            if place.session is None:
                place.session = WhatIfSession((judged or judged_again)(stored))
            return place.session


def judged_again(stored: StoredStudy) -> Study:
    """Return a saved study, judged once more from its inputs."""
    saved = open_inputs(stored.folder)
    return analyse(saved.inputs, saved.parameters)
