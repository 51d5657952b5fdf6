"""Notices: what was dropped, repaired, inferred or could not be told, and why.

Nothing is lost silently: a reader that skips, mends or guesses adds a notice, and the study carries
all of them to `study.json`, the terminal and the map.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analysis.messages import Message

Severity = Literal["info", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that was dropped, repaired, inferred or left open.

    Attributes
    ----------
    code
        Stable slug, such as ``network.island_refused``.
    text
        What happened and why, as a phrase.
    subjects
        Source ids of what it happened to, sorted; all of them, never a sample.
    severity
        ``warning`` where numbers may be affected, ``info`` otherwise.
    """

    code: str
    text: Message
    subjects: tuple[str, ...] = ()
    severity: Severity = "info"

    @property
    def count(self) -> int:
        """Return how many things it happened to."""
        return len(self.subjects)


def notice(
    code: str, text: Message, subjects: Iterable[str] = (), severity: Severity = "info"
) -> Notice:
    """Build a notice with its subjects sorted."""
    return Notice(code=code, text=text, subjects=tuple(sorted(subjects)), severity=severity)
