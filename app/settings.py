"""What a deployment sets, all of it from the environment (`REDRESS_…`) or the command line."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`database_url`: PostgreSQL 15 or later; without it the embedded database under `data` is used.

    `master_key` is 32 bytes in base64. `admin_key` is the administrator's key at the first start.
    """

    model_config = SettingsConfigDict(env_prefix="REDRESS_", hide_input_in_errors=True)

    # Secrets, and a password perhaps: no representation shows them.
    database_url: str | None = Field(default=None, repr=False)
    data: Path = Path(".redress")
    master_key: str | None = Field(default=None, repr=False)
    admin_key: str | None = Field(default=None, repr=False)
    sandbox: bool = False
    pool_size: int = 16
    log_level: str = "info"
