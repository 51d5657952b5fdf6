"""Settings of the service, from the environment (prefix ``LIVING_CIRCLE_``)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator chooses; made by whoever starts the service, never at import.

    Attributes
    ----------
    studies_folder
        Folder whose subfolders are saved studies, or one saved study.
    language
        Language where a reader asks for none.
    host, port
        Where to listen.
    cache_folder
        Where downloads by place name are kept; None for the reader's own choice.
    online_timeout_s
        Seconds to wait for a download by place name.
    frame_ancestors
        Who may embed the maps, as in the Content-Security-Policy.
    open_studies
        How many studies are kept open at once.
    """

    model_config = SettingsConfigDict(env_prefix="LIVING_CIRCLE_", frozen=True)

    studies_folder: Path = Path("demo-output")
    language: Literal["zh", "en"] = "zh"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    cache_folder: Path | None = None
    online_timeout_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 180.0
    frame_ancestors: Annotated[str, Field(pattern=r"^[A-Za-z0-9:/.*' \-]{1,500}$")] = "*"
    open_studies: Annotated[int, Field(ge=1, le=64)] = 4
