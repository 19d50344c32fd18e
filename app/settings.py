"""What a deployment sets, all of it from the environment (`REDRESS_…`) or the command line."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`database_url`: PostgreSQL 15 or later; without it the embedded database under `data` is used.

    `master_key` is 32 bytes in base64. `admin_key` is the administrator's key at the first start.
    """

    model_config = SettingsConfigDict(env_prefix="REDRESS_")

    database_url: str | None = None
    data: Path = Path(".redress")
    master_key: str | None = None
    admin_key: str | None = None
    sandbox: bool = False
    pool_size: int = 16
    log_level: str = "info"
