"""``living-circle warm``: compile everything now, so that nobody waits later."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import time

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import AsJson, Lang, Quiet


def warm(*, quiet: Quiet = False, as_json: AsJson = False, lang: Lang = None) -> None:
    """Compile the search kernels now, once for an installation. / 预先编译计算内核."""
    from analysis.kernels.compiling import cache_folder, compiler
    from service.warming import STAGES, warm_up

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    start = time.perf_counter()
    with speaker.progress(STAGES) as told:
        warm_up(on_progress=told)
    took_s = time.perf_counter() - start
    speaker.say(message("cli.warm", seconds=took_s, folder=cache_folder()))
    speaker.result({"seconds": round(took_s, 3), "folder": cache_folder(), "compiler": compiler()})
