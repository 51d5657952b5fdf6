"""One loud line where the engine that needs a database did not run."""

import os

import pytest

PGROUTING_URL = "LIVING_CIRCLE_PGROUTING_URL"
_LEFT_OUT = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def pgrouting() -> str:
    """Return the address of a PostgreSQL database that the tests may fill and empty."""
    return os.environ[PGROUTING_URL]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests on pgRouting where no database was given."""
    if os.environ.get(PGROUTING_URL):
        return
    needing = [item for item in items if "pgrouting" in getattr(item, "fixturenames", ())]
    config.stash[_LEFT_OUT] = len(needing)
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that pgRouting was not asked."""
    left_out = terminalreporter.config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(
            f"NOT RUN: {left_out} tests on pgRouting (set {PGROUTING_URL} to a database with "
            "postgis and pgrouting, and install osm2pgrouting)",
            red=True,
            bold=True,
        )
