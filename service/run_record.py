"""What goes to ``run.json``: when, where and with which versions a study was made."""

import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from time import perf_counter
from typing import Final

from analysis import __version__

_PACKAGES: Final = (
    "fastapi", "folium", "geopandas", "numba", "numpy", "osmium", "pyarrow", "pyogrio", "pyproj",
    "scipy", "shapely", "xlsxwriter",
)  # fmt: skip

Listener = Callable[[str, float], None]


class RunRecord:
    """Notes the seconds of each stage while a run goes on."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._started = datetime.now(UTC)
        self._clock = perf_counter()
        self._stage = ""
        self._seconds: dict[str, float] = {}

    def note(self, stage: str) -> None:
        """Close the stage under way and begin `stage`."""
        now = perf_counter()
        if self._stage:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._clock
        self._stage, self._clock = stage, now

    def listener(self, onward: Listener) -> Listener:
        """Return a progress listener that notes stages and passes everything on."""

        def listen(stage: str, share: float) -> None:
            if stage != self._stage:
                self.note(stage)
            onward(stage, share)

        return listen

    def values(self) -> Mapping[str, object]:
        """Return times, machine and versions as JSON values."""
        self.note("")
        return {
            "command": self._command,
            "started": self._started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": {stage: round(spent, 3) for stage, spent in self._seconds.items()},
            "machine": {
                "system": platform.platform(),
                "processor": platform.machine(),
                "python": platform.python_version(),
            },
            "versions": {"living-circle": __version__, **_versions()},
        }


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
