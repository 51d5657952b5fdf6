"""The documents keep up with the code: commands, options, settings, routes, errors, ADR numbers."""

import re
from pathlib import Path

import typer.main

import analysis.errors
from service.app import create_app
from service.cli import build_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = README + "".join(p.read_text("utf-8") for p in sorted((ROOT / "docs").rglob("*.md")))


def test_every_command_and_option_of_analyse_is_in_the_readme() -> None:
    command = typer.main.get_command(build_app())
    for name in command.commands:
        assert re.search(rf"\b{name}\b", README), name
    options = [o for p in command.commands["analyse"].params for o in p.opts if o.startswith("--")]
    assert len(options) >= 12
    assert not [o for o in options if o not in README]


def test_every_setting_is_in_the_readme() -> None:
    for field in Settings.model_fields:
        assert f"LIVING_CIRCLE_{field.upper()}" in README, field


def test_every_route_is_in_the_docs() -> None:
    routes = [path for path in create_app(Settings()).openapi()["paths"] if path.startswith("/api")]
    assert len(routes) >= 7
    assert not [path for path in routes if path.replace("{study_id}", "{id}") not in DOCS]


def test_the_error_tree_at_the_top_of_the_file_is_the_real_one() -> None:
    drawn = set(re.findall(r"\b(\w+Error)\b", analysis.errors.__doc__ or "")) | {"AnalysisError"}
    real = {
        name
        for name, one in vars(analysis.errors).items()
        if isinstance(one, type) and issubclass(one, analysis.errors.AnalysisError)
    }
    assert drawn - {"ValueError"} == real


def test_decision_records_are_numbered_without_gaps() -> None:
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_module_of_analysis_stands_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        inside = path.relative_to(ROOT / "analysis").parts
        if path.stem.startswith("__") or inside[0] in ("sources", "testing"):
            continue
        for name in (*inside[:-1], path.stem):
            assert re.search(rf"`[^`]*\b{name}\b", page), path
