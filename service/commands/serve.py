"""``living-circle serve``: the web service over saved studies."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.errors import SourceUnavailableError
from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import Lang, Quiet


def serve(
    studies: Annotated[
        Path | None, typer.Option(help="Folder of saved studies. / 研究结果文件夹")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. / 监听地址")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on. / 端口")
    ] = None,
    *,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """Serve saved studies as REST API, GeoJSON and maps. / 启动网络服务."""
    import uvicorn

    from service.app import create_app
    from service.library import StudyLibrary
    from service.settings import Settings

    given: dict[str, Any] = {"studies_folder": studies, "host": host, "port": port,
                             "language": None if lang is None else lang.value}  # fmt: skip
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    folder = settings.studies_folder
    if not folder.is_dir():
        raise SourceUnavailableError(
            message("cli.serve.no_folder"),
            remedy=message("cli.serve.no_folder.remedy"),
            source=str(folder),
        )
    speaker = Speaker(lang, quiet=quiet)
    found = len(StudyLibrary(folder).folders())
    address = f"http://{_in_url(settings.host)}:{settings.port}/"
    speaker.say(message("cli.serve.listening", count=found, folder=str(folder), address=address))
    uvicorn.run(
        partial(create_app, settings),
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level="warning" if quiet else "info",
    )


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
