"""What a process of our own needs that runs a foreign library apart from us."""

import os
from importlib import resources


def module_environment() -> dict[str, str]:
    """Return this process's environment with the analysis package on the path."""
    with resources.as_file(resources.files("analysis")) as package:
        paths = [str(package.parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
