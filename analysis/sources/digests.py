"""sha256 of files."""

import hashlib
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            sha.update(block)
    return sha.hexdigest()
