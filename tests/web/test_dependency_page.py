"""``docs/dependencies.md`` names what ``pyproject.toml`` asks for: all of it, with its range."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
RUN_TIME = "At run time"


def asked_for() -> dict[str, dict[str, str]]:
    """Return the version range of each dependency by the heading that it belongs under."""
    groups = {RUN_TIME: PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
    found: dict[str, dict[str, str]] = {}
    for group, lines in groups.items():
        for line in lines:
            name, versions = re.fullmatch(
                r"([\w.-]+)(?:\[\w+\])?\s*([^;]*?)\s*(?:;.*)?", line
            ).groups()
            found.setdefault(group, {})[name] = versions or "any"
    return found


def rows(page: str) -> dict[str, dict[str, list[str]]]:
    """Return the cells behind each package's name by heading."""
    found: dict[str, dict[str, list[str]]] = {}
    heading = ""
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("#").strip().strip("`")
        elif line.startswith("| `"):
            name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            found.setdefault(heading, {})[name.strip("`")] = cells
    return found


def test_every_dependency_has_its_row_and_every_row_its_dependency() -> None:
    told = {
        group: {name: cells[0] for name, cells in group_rows.items()}
        for group, group_rows in rows(PAGE).items()
    }
    assert told == asked_for()


def test_every_row_tells_what_for_and_under_which_licence() -> None:
    for group_rows in rows(PAGE).values():
        for name, cells in group_rows.items():
            assert len(cells) == 3, name
            assert all(cells), name


def test_the_product_itself_depends_on_nothing_under_gpl() -> None:
    for group in (RUN_TIME, "verify", "demo"):
        for name, (_, _, licence) in rows(PAGE)[group].items():
            assert not re.search(r"\bA?GPL\b", licence), name
    oracles = rows(PAGE)["oracle"]
    assert "AGPL" in oracles["pandana"][2]
    assert "GPL" in oracles["igraph"][2]
    assert {"pandana", "igraph"}.isdisjoint(asked_for()[RUN_TIME])
