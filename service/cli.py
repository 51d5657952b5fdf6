"""``living-circle``: the command line.

Exit codes: 0 done, 1 a fault of ours (a log holds the traceback), 2 input that cannot be used.
"""

import atexit
import gc
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from typer.exceptions import TyperException

import analysis
import service
from analysis.errors import AnalysisError, InvalidParameterError
from analysis.messages import Language, message
from service.commands import analyse as analyse_command
from service.commands import candidates as candidates_command
from service.commands import circles as circles_command
from service.commands import demo as demo_command
from service.commands import inspect as inspect_command
from service.commands import isochrone as isochrone_command
from service.commands import network as network_command
from service.commands import plan as plan_command
from service.commands import sample_district as district_command
from service.commands import scenario as scenario_command
from service.commands import serve as serve_command
from service.commands import standard as standard_command
from service.commands import verify as verify_command
from service.commands import warm as warm_command
from service.commands.console import language_or_default, printable
from service.commands.misuse import misuse
from service.errors import EXIT_BUG, EXIT_DONE, EXIT_INPUT, EXIT_INTERRUPTED, outcome, problem
from service.validation import refusal

if TYPE_CHECKING:
    from pydantic import ValidationError


def build_app() -> typer.Typer:
    """Return the command line application."""
    app = typer.Typer(
        name="living-circle",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="15-minute living circles on real walking networks. / 15分钟生活圈步行评价",
    )
    app.callback()(_root)
    app.command("analyse")(analyse_command.analyse)
    app.command("candidates")(candidates_command.candidates)
    app.command("circles")(circles_command.circles)
    app.command("demo")(demo_command.demo)
    app.command("serve")(serve_command.serve)
    app.command("isochrone")(isochrone_command.isochrone)
    app.command("network")(network_command.network)
    app.command("inspect")(inspect_command.inspect)
    app.command("plan")(plan_command.plan)
    app.command("sample-district")(district_command.sample_district)
    app.command("scenario")(scenario_command.scenario)
    app.command("verify")(verify_command.verify)
    app.command("warm")(warm_command.warm)
    app.add_typer(standard_command.app, name="standard")
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # What is still there when the process ends need not be searched for cycles.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        _forgiving(stream)
    language = language_or_default(_asked_language(given))
    try:
        _check_packages()
        code = build_app()(args=given, prog_name="living-circle", standalone_mode=False)
    except AnalysisError as error:
        return _refused(error, language, as_json="--json" in given)
    except TyperException as error:
        return _misused(error, language)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write(message("cli.interrupted").text(language) + "\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; closing stdout now must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_DONE
    except Exception as error:  # noqa: BLE001 - the last resort
        wrong = _setting_error(error)
        as_json = "--json" in given
        return (
            _bug(error, language) if wrong is None else _refused(wrong, language, as_json=as_json)
        )
    return code if isinstance(code, int) else EXIT_DONE


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"living-circle {analysis.__version__}\n")
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version. / 显示版本"
        ),
    ] = False,
) -> None:
    del version  # its callback has answered


def _check_packages() -> None:
    """Stop where another package called ``analysis`` or ``service`` shadows ours."""
    ours, other = (Path(one.__file__ or "").resolve().parent for one in (service, analysis))
    if ours.parent != other.parent:
        raise InvalidParameterError(
            message("cli.shadowed", service=str(ours), analysis=str(other)),
            remedy=message("cli.shadowed.remedy"),
        )


def _refused(error: AnalysisError, language: Language, *, as_json: bool) -> int:
    sys.stderr.write(printable(error.text(language)) + "\n")
    code = outcome(type(error)).exit_code
    if as_json:
        body = {"error": problem(error, language=language, instance="")}
        sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=1) + "\n")
    return code


def _misused(error: TyperException, language: Language) -> int:
    """Say what is wrong with the options."""
    told = getattr(error, "format_message", None)
    detail = str(told() if callable(told) else error)
    if detail.strip():
        sys.stderr.write(printable(misuse(detail).text(language)) + "\n")
    sys.stderr.write(printable(message("cli.usage.help").text(language)) + "\n")
    return EXIT_INPUT


def _setting_error(error: Exception) -> InvalidParameterError | None:
    """Return a wrong environment variable or option value as an error of ours."""
    if type(error).__module__.split(".")[0] != "pydantic_core":
        return None
    invalid: ValidationError = error  # type: ignore[assignment]
    wrong = refusal(invalid.errors()[0])
    variable = f"LIVING_CIRCLE_{(wrong.source or '').upper()}"
    return InvalidParameterError(
        message("cli.setting", detail=wrong.reason),
        remedy=message("cli.setting.remedy", name=variable, detail=wrong.remedy),
        source=wrong.source,
        value=wrong.value,
    )


def _bug(error: Exception, language: Language) -> int:
    handle, name = tempfile.mkstemp(prefix="living-circle-error-", suffix=".log", text=True)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as log:
        log.write("".join(traceback.format_exception(error)))
    told = message("cli.bug", kind=type(error).__name__, log=name).text(language)
    sys.stderr.write(printable(told) + "\n")
    return EXIT_BUG


def _asked_language(arguments: Sequence[str]) -> str | None:
    for place, one in enumerate(arguments):
        if one == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
        if one.startswith("--lang="):
            return one.removeprefix("--lang=")
    return None


def _forgiving(stream: TextIO) -> None:
    """Let a terminal without Chinese show a mark instead of stopping the run."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
