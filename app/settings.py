"""What a deployment sets, all of it from the environment (`REDRESS_…`) or the command line."""

import json
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
MAIL_SCHEMES: Final = ("smtp", "smtp+starttls", "smtps")


def _address(text: str, *schemes: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
        raise ValueError("not an address of this kind")
    return text


def _mail_address(text: str) -> str:
    return _address(text, *MAIL_SCHEMES)


def _web_address(text: str) -> str:
    return _address(text, "http", "https")


def _lookup_address(text: str) -> str:
    if not any(placeholder in text for placeholder in ("{customer_no}", "{phone}")):
        raise ValueError("neither {customer_no} nor {phone} is in it")
    return _web_address(text)


def _json_object(text: str) -> str:
    if not isinstance(json.loads(text), dict):
        raise ValueError("not a JSON object")
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_web_address(text))
    if text != f"{parts.scheme}://{parts.netloc}" or parts.username is not None:
        raise ValueError("not the origin of a page, such as https://desk.example.com")
    return text


def _codes(given: Any) -> Any:
    return [code for part in given.split(",") if (code := part.strip())] if isinstance(given, str) else given


def _issuer_address(text: str) -> str:
    """Keys that come without TLS come from anybody; this machine is trusted."""
    parts = urlsplit(_web_address(text))
    if parts.query or parts.fragment or not (parts.scheme == "https" or parts.hostname in LOOPBACK):
        raise ValueError("not an address that keys are fetched from safely")
    return text


def _rate(text: str) -> str:
    if len(parse_many(text)) != 1 or parse_many(text)[0].amount < 1:
        raise ValueError("not one limit")
    return text


Rate = Annotated[str, AfterValidator(_rate)]


class Settings(BaseSettings):
    """`database_url`: PostgreSQL 15 or later; without it the embedded database under `data` is used.

    `trusted_proxies` are the networks whose `X-Forwarded-For` is believed, `cors_origins` those whose pages may call
    the API from a browser. `master_key` is 32 bytes in base64.
    `admin_key` is the administrator's key at the first start. `language` is that of answers to whoever asks for none by
    `Accept-Language`. What is sent to people goes by `smtp_…`, `sms_…`, `notify_…` and `webhooks`, and
    `customer_lookup_…` is the customer system that complainants are looked up in; docs/operating.md says what each
    means.
    """

    model_config = SettingsConfigDict(env_prefix="REDRESS_", hide_input_in_errors=True)

    # Secrets, and a password perhaps: no representation shows them.
    database_url: str | None = Field(default=None, repr=False)
    data: Path = Path(".redress")
    master_key: str | None = Field(default=None, repr=False)
    admin_key: str | None = Field(default=None, repr=False)
    sandbox: bool = False
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_codes)] = ()
    cors_origins: Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_codes)] = ()
    pool_size: int = 16
    storage_seconds: float = Field(default=3.0, gt=0, le=60)
    ready_seconds: float = Field(default=1.0, gt=0, le=60)
    waiting_requests: int = Field(default=1000, ge=1)
    rate_person: Rate = "20000/10 seconds"
    rate_machine: Rate = "20000/10 seconds"
    oidc_issuer: Annotated[str, AfterValidator(_issuer_address)] | None = None
    oidc_audience: str | None = None
    oidc_rules: FilePath | None = None
    oidc_keys_seconds: float = Field(default=3600.0, ge=60)
    import_megabytes: int = Field(default=200, ge=1, le=10_000)
    log_level: str = "info"
    clock_bound: float = Field(default=5.0, ge=1, le=60)  # seconds
    clock_settles: float = Field(default=3600.0, ge=60)  # seconds
    language: Literal["zh", "en"] = "zh"
    smtp_url: Annotated[str, AfterValidator(_mail_address)] | None = Field(default=None, repr=False)
    smtp_from: str = Field(default="redress@localhost", pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    sms_url: Annotated[str, AfterValidator(_web_address)] | None = Field(default=None, repr=False)
    sms_headers: dict[str, str] = Field(default_factory=dict, repr=False)
    sms_body: Annotated[str, AfterValidator(_json_object)] = Field(
        default='{"to": "{phone}", "text": "{text}"}', repr=False
    )
    sms_form: bool = False
    sms_success: str | None = None
    webhooks: bool = True
    webhooks_to_private_networks: bool = False
    customer_lookup_url: Annotated[str, AfterValidator(_lookup_address)] | None = Field(default=None, repr=False)
    customer_lookup_headers: dict[str, str] = Field(default_factory=dict, repr=False)
    notify_language: Literal["zh", "en"] = "zh"
    notify_receipt: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_codes)] = ()
    notify_from_sandbox: bool = False
    notify_attempts: int = Field(default=8, ge=1, le=50)
    notify_pause: float = Field(default=30.0, gt=0, le=3600)  # seconds

    @model_validator(mode="after")
    def _issuer_is_whole(self) -> Self:
        told = (self.oidc_issuer, self.oidc_audience, self.oidc_rules)
        if any(told) and not all(told):
            raise ValueError("REDRESS_OIDC_ISSUER, REDRESS_OIDC_AUDIENCE, REDRESS_OIDC_RULES: all three or none")
        return self
