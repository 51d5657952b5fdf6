"""The exception tree.

AnalysisError
├── InputError (ValueError)             what was given cannot be used
│   ├── InvalidNetworkError
│   ├── InvalidFacilitiesError
│   ├── InvalidDemandError
│   ├── InvalidCirclesError
│   ├── InvalidElevationError           an elevation raster that cannot be used
│   ├── ManyProblemsError               a document with a list of all that is wrong
│   │   ├── InvalidStandardError
│   │   └── InvalidScenarioError
│   ├── InvalidParameterError           an option or argument out of its range
│   └── CRSError                        no, unknown or unusable coordinate reference system
├── NotOnNetworkError                   a point that no walkable street is near to
├── NoResultError                       nothing of that kind in the study
└── SourceError
    ├── SourceUnavailableError          time-out, no network, missing file
    └── SourceDataError (ValueError)    unreadable, truncated, hostile or of another format

Each carries a :class:`~analysis.messages.Message`, so the same error reads in zh and in en. The
service maps classes to status codes and exit codes in one table (``service.errors``).
"""

from analysis.messages import Joined, Language, Message, message


class AnalysisError(Exception):
    """Base of every error that the analysis raises on purpose.

    Parameters
    ----------
    reason
        What is wrong, as a phrase.
    remedy
        What to do about it, as a phrase; None where nothing can be said.
    source
        The file, layer or option at fault; None where there is none.
    row
        The row, feature or line in `source`, counted as a person counts it; None where unknown.
    value
        The offending value as given, cut to 120 characters; None where there is none.
    """

    def __init__(
        self,
        reason: Message,
        *,
        remedy: Message | None = None,
        source: str | None = None,
        row: int | str | None = None,
        value: object = None,
    ) -> None:
        super().__init__(reason.key)
        self.reason = reason
        self.remedy = remedy
        self.source = source
        self.row = row
        self.value = None if value is None else _cut(str(value))

    def text(self, language: Language = "en") -> str:
        """Return place, reason, value and remedy as one paragraph in `language`."""
        parts = [self._place(language), self.reason.text(language)]
        if self.value is not None:
            parts.append(message("error.value", value=self.value).text(language))
        if self.remedy is not None:
            parts.append(message("error.remedy", remedy=self.remedy).text(language))
        return ("" if language == "zh" else " ").join(part for part in parts if part)

    def _place(self, language: Language) -> str:
        if self.source is None:
            return ""
        if self.row is None:
            return message("error.place", source=self.source).text(language)
        key = "error.place_cell" if isinstance(self.row, str) else "error.place_row"
        return message(key, source=self.source, row=self.row).text(language)

    def __str__(self) -> str:
        """Return the English text, for logs and tracebacks."""
        return self.text("en")


class InputError(AnalysisError, ValueError):
    """What was given cannot be used."""


class InvalidNetworkError(InputError):
    """A walking network breaks one of its invariants."""


class InvalidFacilitiesError(InputError):
    """Facilities that cannot be used."""


class InvalidDemandError(InputError):
    """Demand points or population that cannot be used."""


class InvalidCirclesError(InputError):
    """Circle polygons that cannot be used."""


class InvalidElevationError(InputError):
    """An elevation raster that cannot be used."""


class ManyProblemsError(InputError):
    """A document that cannot be used; `problems` lists all that is wrong with it."""

    def __init__(
        self,
        reason: Message,
        *,
        problems: tuple[Message, ...] = (),
        remedy: Message | None = None,
        source: str | None = None,
        row: int | str | None = None,
        value: object = None,
    ) -> None:
        super().__init__(reason, remedy=remedy, source=source, row=row, value=value)
        self.problems = problems

    def text(self, language: Language = "en") -> str:
        """Return the paragraph followed by one line for each problem, 50 of them at most."""
        lines = [super().text(language)]
        lines += [f"  - {problem.text(language)}" for problem in self.problems[:MAX_PROBLEMS]]
        more = len(self.problems) - MAX_PROBLEMS
        if more > 0:
            lines.append(f"  - {message('standard.more', count=more).text(language)}")
        return "\n".join(lines)


class InvalidStandardError(ManyProblemsError):
    """A service standard that breaks its schema."""


class InvalidScenarioError(ManyProblemsError):
    """A scenario that cannot be applied to its study."""


class InvalidParameterError(InputError):
    """An option or argument is out of its range."""


class CRSError(InputError):
    """A coordinate reference system is missing, unknown or unusable."""


class NotOnNetworkError(AnalysisError):
    """A point is farther from every walkable street than the snap limit."""


class NoResultError(AnalysisError):
    """Nothing of that kind is in the study."""


class SourceError(AnalysisError):
    """Something outside could not be read."""


class SourceUnavailableError(SourceError):
    """A file, host or service could not be reached."""


class SourceDataError(SourceError, ValueError):
    """A file is unreadable, truncated, hostile or of another format than it says."""


def one_of(values: tuple[str, ...]) -> Joined:
    """Return `values` as a list for a phrase such as "must be one of {allowed}"."""
    return Joined(values)


_MAX_VALUE_CHARS = 120
MAX_PROBLEMS = 50


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_VALUE_CHARS else text[: _MAX_VALUE_CHARS - 1] + "…"
