"""Shared fixtures: where the shared test data lies, and one loud line where it does not."""

import os
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent


def shared_folder() -> Path | None:
    """Return the folder of shared test data, or None."""
    given = os.environ.get("LIVING_CIRCLE_TEST_DATA")
    folder = Path(given) if given else _HERE.parent.parent / "shared" / "data"
    return folder if (folder / "README.md").is_file() else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of shared test data."""
    folder = shared_folder()
    assert folder is not None, "deselected where absent, see pytest_collection_modifyitems"
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that need the shared data where it is absent."""
    if shared_folder() is not None:
        return
    needing = [item for item in items if item.get_closest_marker("shared_data")]
    config.stash[_LEFT_OUT] = len(needing)
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if not item.get_closest_marker("shared_data")]


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that tests on real cities did not run."""
    left_out = terminalreporter.config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(
            f"NOT RUN: {left_out} tests on shared real-city data "
            "(set LIVING_CIRCLE_TEST_DATA to its folder)",
            red=True,
            bold=True,
        )
